//! The lab's table: its knobs, actions, metrics, requests and invariants.

use super::settings::{Client, OnStop, StopAt};
use super::store::Backend;
use crate::workbench::prelude::*;

lab_spec! {
    id: "election",
    title: "Ownership election",
    chapter: 12,
    promise: "see why a flawless lock still lets two owners write, and what a fencing token does about it",
    scene: SceneKind::Timeline,
    metrics: ElectionMeters::specs(),
}

/// More candidates only wait: eight followers show all there is to see.
pub const CANDIDATES_MAX: u32 = 9;

knobs! {
    pub struct Knobs;
    pub enum Turned { Network, Keepalive, ClockRate, Faults }

    "lease" {
        /// processes that compete for the lease
        candidates: usize = count(3, 1, CANDIDATES_MAX).restarts();
        /// the store of the lease: who decides expiry, and what the token is
        backend: Backend = choice().restarts().essential();
        /// how long a grant lasts without a renewal; zookeeper grants 4 to 40 s, etcd no less than 2 s
        lease: Duration = duration("15s", "100ms", "1h").essential();
        /// an owner that could not renew for so long stops; counts as two thirds of the lease at most
        renew_deadline: Duration = duration("10s", "50ms", "1h");
        /// from one renewal to the next; a fifth of the deadline at most; those who wait ask after 1 to 2.2
        /// times as long
        retry_period: Duration = duration("2s", "10ms", "1h");
        /// sql_lock: the server ends a session that was silent for so long
        keepalive: Option<Duration> = duration("30s", "1s", "3h").starting_at("off") => Keepalive;
        /// k8s_lease: the owner keeps it as Kubernetes' library does, or by the stricter rule of the pattern
        client: Client = choice().restarts();
        /// etcd: candidates queue by revision, as in its own recipe, and don't race for one key
        in_line: bool = switch(false).restarts();
        /// zookeeper: the owner stops when it is disconnected, or only when it hears that its session has expired
        stop_at: StopAt = choice();
        /// what an owner does that is told to stop: it finishes its job and releases the lease, the other way round, or
        /// it leaves the lease to run out
        on_stop: OnStop = choice();
        /// the storage refuses a token lower than the highest it has seen
        fencing: bool = switch(true).essential();
    }
    "work" {
        /// a job is due so often, owned or not
        job_every: Duration = duration("1s", "10ms", "1h");
        /// from what the owner reads to what it writes
        job_takes: Distribution = distribution("exp:200ms");
        /// the work and the renewals share one thread: while a job is decided, nothing is renewed
        work_blocks: bool = switch(false);
        /// how long a message takes, one way
        network: Distribution = distribution("lognormal:1ms,0.3") => Network;
    }
    "faults" {
        /// how fast the clock of candidate 1 runs
        clock_rate: f64 = quantity("x", 1.0, 0.01, 100.0).essential() => ClockRate;
        /// how often the world of the owner stops
        pause_every: Option<Distribution> = recurrence("const:40s").starting_at("off").essential() => Faults;
        /// how long it stands still then
        pause_for: Distribution = distribution("const:26s").essential();
        /// how often the owner's machine dies
        crash_every: Option<Distribution> = recurrence("const:2m").starting_at("off").essential() => Faults;
        /// how long it stays down then
        crash_for: Distribution = distribution("const:30s");
        /// how often the lease store stands still
        store_stall_every: Option<Distribution> = recurrence("exp:20s").starting_at("off") => Faults;
        /// how long it does
        store_stall_for: Distribution = distribution("exp:2s");
    }
}

pub static STORE: Role = Role::new("store", "stores", Rank::Tail);
pub static STORAGE: Role = Role::new("storage", "storages", Rank::Tail);
pub static CANDIDATE: Role = Role::new("candidate", "candidates", Rank::Member);

actions! {
    pub enum Act {
        /// the candidate's process stands still for so long; its clock runs on
        'P' Pause(NodeFor) = on_for(&CANDIDATE, "26s");
        /// the candidate's machine stands still for so long, and its clock with it
        'S' Suspend(NodeFor) = on_for(&CANDIDATE, "26s");
        /// the candidate's process dies; its machine closes its connections
        'K' Crash(u32) = on(&CANDIDATE);
        /// the candidate's machine dies without a word
        'O' PowerLoss(u32) = on(&CANDIDATE);
        /// the candidate's process is told to stop, and does so as on_stop says
        'L' Release(u32) = on(&CANDIDATE);
        /// every candidate is replaced by a new process, one after the other
        'V' Deploy;
        /// it starts again, with empty memory
        'U' Restart(u32) = on(&CANDIDATE);
        /// nothing passes between it and the lease store
        'X' Cut(u32) = on(&CANDIDATE);
        /// nothing passes between it and the storage
        'I' CutStorage(u32) = on(&CANDIDATE);
        /// messages pass again, to both
        'M' Heal(u32) = on(&CANDIDATE);
        /// the lease store dies
        'D' CrashStore;
        /// it is back, with what it has not forgotten
        'R' RestartStore;
        /// the wall clock of the lease store is set forward by so many seconds
        'T' StepClock(f64) = number("s", 20, 3_600);
        /// the candidate's clock runs so many times as fast
        'C' Skew(NodeBy) = on_by(&CANDIDATE, "2");
    }
}

metrics! {
    pub struct ElectionMeters {
        /// candidates that believe to be the owner
        believers: Gauge in Count, chart 1;
        /// time with two believers or more
        split_brain_ms_total: Counter in Milliseconds, chart 2;
        /// time without any believer
        ownerless_ms_total: Counter in Milliseconds, chart 3;
        /// from when the last owner stopped working (it died, stood still or gave up) to the next ownership
        failover_ms: Histogram in Milliseconds;
        /// ownerships that began
        elections_total: Counter in Count, chart 4;
        /// jobs written, accepted or not
        writes_total: Counter in Count, chart 5;
        /// writes accepted from an owner after a newer one had come to the storage
        dual_writes_total: Counter in Count;
        /// writes refused for their token
        fenced_writes_total: Counter in Count;
        /// jobs not done when two more had fallen due
        jobs_missed_total: Counter in Count;
        /// jobs that were written again after they were done
        jobs_doubled_total: Counter in Count;
        /// renewals refused, unanswered or given up
        renewals_failed_total: Counter in Count;
    }
}

endpoints! {
    pub enum Asked {
        /// who holds the lease by the store's own account, and who believes to own
        Owner = get("/owner").looks();
        /// a candidate (by number; else the first that does not own) asks the store for the lease now
        Acquire(Option<String>) =
            post("/acquire").query("candidate", false).example("/acquire?candidate=2");
    }
}

invariants! {
    pub struct Invariants {
        no_stale_token: "storage accepts no token lower than one it has seen";
        one_holder: "at most one holder in the store";
    }
}
