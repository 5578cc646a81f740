//! The lab's table: its knobs, actions, metrics, requests and invariants.

use super::cancellation::Cancel;
use super::policy::{FaultsHit, PolicyName, Quantile};
use crate::workbench::knob::Or;
use crate::workbench::prelude::*;

lab_spec! {
    id: "scatter-gather",
    title: "Scatter/gather",
    chapter: 7,
    promise: "see why the slowest leaf rules, and what hedging, deadlines and quorums buy",
    scene: SceneKind::Network,
    metrics: RootMeters::specs(),
}

/// Root and leaves can't be more in number than a frame and a page can carry.
pub const FAN_OUT_MAX: u32 = 2_000;
pub const REPLICAS_MAX: u32 = 5;

knobs! {
    pub struct Knobs;
    pub enum Turned { Rate, RetryBudget, Network, Slots, Slowness, Straggler, Policy, Deadline }

    "load" {
        /// requests that arrive at the root, a second
        arrival_rps: f64 = quantity("rps", 50.0, 0.1, 100_000.0).essential() => Rate;
        /// at random moments, or evenly spaced
        arrivals: Arrivals = choice();
    }
    "clients" {
        /// a client gives up after this
        client_timeout: Option<Duration> = duration("500ms", "1ms", "1m").starting_at("off");
        /// times that a client asks in all: again when it gave up, was shed, or had no answer
        attempts: usize = count(1, 1, 10);
        /// all clients together ask again at most this often, as a share of the first requests
        retry_budget: Option<f64> = share(0.1, 0.05).starting_at("off") => RetryBudget;
    }
    "cluster" {
        /// leaves that each request asks
        fan_out: usize = count(20, 1, FAN_OUT_MAX).restarts().essential();
        /// machines that hold the same leaf
        replicas: usize = count(2, 1, REPLICAS_MAX).restarts();
        /// how long a leaf works on one search
        service: Distribution = distribution("lognormal:8ms,0.4");
        /// searches whose length is the query's own, the same on every replica; of the rest it is the machine's
        query_share: f64 = share(0.1, 0.1);
        /// a search that is cancelled at work: it stops when it looks up, at once, or works on to its end
        cancel: Cancel = choice();
        /// the root's only core works so long on each answer: sends, reads, merges
        root_cost: Duration = duration("50us", "0s", "100ms");
        /// answers that may wait for the root's core: with more it sheds requests, as it could not read theirs in time
        root_queue: Option<usize> = count(10_000, 1, 1_000_000).or("inf");
        /// how long a message takes, one way
        network: Distribution = distribution("const:0.25ms") => Network;
        /// searches that a replica works on at a time; the rest wait in its queue
        slots: Option<usize> = count(8, 1, 1_000).or("inf") => Slots;
    }
    "faults" {
        /// the leaf that is slow
        straggler: Option<usize> = count(1, 1, FAN_OUT_MAX).starting_at("none").essential() => Straggler;
        /// how many times as long a slow leaf works
        straggler_factor: f64 = quantity("x", 20.0, 1.0, 1_000.0).essential() => Slowness;
        /// one replica of the leaf, or all of them (slow together: correlated)
        faults_hit: FaultsHit = choice() => Slowness;
    }
    "policy" {
        /// what the root does about leaves that are slow
        policy: PolicyName = choice().essential() => Policy;
        /// after this the root answers with what it has, whatever the policy
        deadline: Option<Duration> = duration("1s", "1ms", "1m").or("off").essential() => Deadline;
        /// the share of the leaves that suffices, whatever the policy: 1 is all
        quorum: f64 = share(1.0, 0.01) => Policy;
        /// hedge: ask a second replica after this time, or this quantile of late
        hedge_after: Or<Duration, Quantile> =
            duration("20ms", "100us", "1m").or_one_of(Quantile::P95).essential() => Policy;
        /// hedge: at most this share of extra calls; well above the share that is late on an ordinary day
        hedge_budget: f64 = share(0.1, 0.01) => Policy;
        /// redundant: replicas that are asked at once
        copies: usize = count(2, 1, REPLICAS_MAX) => Policy;
        /// the root asks no replica that failed until it answers a probe, and asks another instead
        health: bool = switch(true);
        /// a request that takes longer counts as slow (see slow_ratio)
        slow_over: Duration = duration("200ms", "1ms", "1m");
    }
}

pub static ROOT: Role = Role::new("root", "roots", Rank::Head).that_asks();
pub static LEAF: Role = Role::new("leaf", "leaves", Rank::Member);

actions! {
    pub enum Act {
        /// the leaf works straggler_factor times as long
        'S' Slow(u32) = on(&LEAF);
        /// the leaf works at its usual speed again
        'R' Recover(u32) = on(&LEAF);
        /// the leaf's process dies, with all that it was working on
        'K' Crash(u32) = on(&LEAF);
        /// the leaf's process starts again
        'U' Restart(u32) = on(&LEAF);
        /// nothing passes between root and leaf, and nobody is told
        'X' Cut(u32) = on(&LEAF);
        /// messages between root and leaf pass again
        'M' Heal(u32) = on(&LEAF);
        /// so many more requests a second, for five seconds
        'B' Burst(f64) = number("rps", 500, 100_000);
    }
}

metrics! {
    pub struct RootMeters {
        /// from a request's arrival to its answer, of all that were answered
        latency_ms: Histogram in Milliseconds, chart 1;
        /// until a leaf answered the root, by whichever replica; not those that were given up
        leaf_latency_ms: Histogram in Milliseconds, chart 3;
        /// leaves that answered, of leaves asked
        completeness_ratio: Ratio in Share, chart 4;
        /// searches begun beyond one a leaf, of leaves asked
        extra_load_ratio: Ratio in Share, chart 2;
        /// requests that took longer than slow_over, of all that were answered
        slow_ratio: Ratio in Share;
        /// requests that arrived: answered, given up, in progress or shed
        requests_total: Counter in Count;
        /// answers of all leaves
        complete_total: Counter in Count;
        /// answers of some leaves
        partial_total: Counter in Count;
        /// requests that no leaf answered
        failed_total: Counter in Count;
        /// requests that their clients gave up on
        abandoned_total: Counter in Count;
        /// requests made again by clients that had no answer
        client_retries_total: Counter in Count;
        /// requests turned away: too many in progress
        shed_total: Counter in Count;
        /// second copies sent by the policy hedge
        hedges_total: Counter in Count;
        /// second copies that the budget did not allow
        hedges_refused_total: Counter in Count;
        /// second copies whose answer came first
        hedges_won_total: Counter in Count;
        /// calls made again, to another replica, because one failed
        retries_total: Counter in Count;
        /// calls dropped by the root before their answer
        cancelled_total: Counter in Count;
        /// slots in use, of all slots (with slots inf: searches in progress per replica)
        leaf_utilization: Gauge in Share, chart 5;
        /// requests between arrival and answer
        in_progress: Gauge in Count;
    }
}

endpoints! {
    pub enum Asked {
        /// search all leaves; says which leaves are missing from the answer, if any
        Search(String) = get("/search").query("q", true).example("/search?q=oak+chair");
    }
}

invariants! {
    pub struct Invariants {
        complete_is_true: "a complete answer equals that of one index over all documents";
        partial_names_missing: "a partial answer says which leaves are missing";
        hedges_in_budget: "hedges stay within the budget";
    }
}
