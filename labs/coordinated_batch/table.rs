//! The lab's table: its knobs, actions, metrics, requests and invariants.

use super::settings::{Checkpoint, Committing, Joining};
use crate::workbench::prelude::*;

lab_spec! {
    id: "coordinated-batch",
    title: "Coordinated batch",
    chapter: 10,
    promise: "see a barrier wait for its slowest task, one seller set the floor of a reduce, and who is paid twice after a crash",
    scene: SceneKind::Timeline,
    metrics: BatchMeters::specs(),
}

knobs! {
    pub struct Knobs;
    pub enum Turned { Nights }

    "night" {
        /// auctions that were sold on a day
        auctions: usize = count(20_000, 10, 200_000);
        /// sellers who may have sold them
        sellers: usize = count(5_000, 1, 100_000);
        /// Zipf's exponent: how much more large sellers sell; 0 is not at all
        seller_skew: f64 = quantity("", 0.9, 0.0, 2.0).in_steps_of(0.1);
        /// auctions whose buyers have not paid
        payment_missing_ratio: f64 = share(0.01, 0.01);
        /// from one night to the next; one that is not over holds up the next
        night_every: Duration = duration("5m", "10s", "24h") => Nights;
    }
    "tasks" {
        /// workers; each does one task at a time, of whichever stage it is
        map_workers: usize = count(10, 1, 200).restarts();
        /// tasks of the map
        map_tasks: usize = count(100, 1, 1_000).restarts();
        /// how long a task of the map takes
        task_service: Distribution = distribution("lognormal:1s,0.2");
        /// how long join and reduce take for a row
        row_service: Duration = duration("500us", "0ms", "1s");
        /// attempts at map, join and reduce that land on a slow disk
        straggler_ratio: f64 = share(0.05, 0.01).essential();
        /// how many times longer these take, and all attempts of a worker that is slow
        straggler_factor: f64 = quantity("", 8.0, 1.0, 100.0);
        /// a task that has run for so many times the median gets a backup, once three quarters are done
        speculative: Option<f64> = quantity("", 1.5, 1.0, 20.0).starting_at("off").essential();
        /// attempts in which the worker dies half-way
        crash_ratio: f64 = share(0.0, 0.01);
        /// a worker that died, and a coordinator, is back after this
        restart_after: Option<Duration> = duration("10s", "100ms", "1h").or("off");
    }
    "shuffle" {
        /// tasks of join (unless it is a broadcast) and reduce
        reducers: usize = count(8, 1, 500).essential().restarts();
        /// how sales find their payments
        join: Joining = choice().essential().restarts();
        /// payments that a worker can keep in memory
        join_memory: usize = count(50_000, 10, 1_000_000);
        /// the join adds up what it has of a seller before it sends it on
        combiner: bool = switch(false);
        /// reducers that each seller's rows are spread over; their sums are merged at the end
        salting: Option<usize> = count(8, 2, 500).starting_at("off").essential().restarts();
    }
    "output" {
        /// how results become visible, and what is remembered of payouts
        commit: Committing = choice().essential();
        /// what of a night survives a crash
        checkpoint: Checkpoint = choice().essential();
        /// how long the shared store takes to write a file, to rename one, or to change the pointer
        store_service: Distribution = distribution("const:50ms");
    }
    "pay" {
        /// how long a call to the bank takes; the money has moved half-way through it
        pay_service: Distribution = distribution("const:50ms");
        /// tasks that the list of payouts is cut into
        pay_tasks: usize = count(20, 1, 500).restarts();
        /// slow tasks of the payment get backups, too
        speculative_payments: bool = switch(false);
    }
}

pub static COORDINATOR: Role = Role::new("coordinator", "coordinators", Rank::Head).that_asks();
pub static WORKER: Role = Role::new("worker", "workers", Rank::Member);
pub static STORE: Role = Role::new("store", "stores", Rank::Tail);
pub static BANK: Role = Role::new("bank", "banks", Rank::Tail);

actions! {
    pub enum Act {
        /// the worker's machine dies, with its disk
        'K' Crash(u32) = on(&WORKER);
        /// the worker starts again, with an empty disk
        'U' Restart(u32) = on(&WORKER);
        /// attempts on the worker take straggler_factor times as long, or their usual time again
        'S' Slow(u32) = on(&WORKER);
        /// the coordinator's process dies
        'C' CrashCoordinator;
        /// the coordinator starts again, and goes on from what the checkpoint has kept
        'R' RestartCoordinator;
        /// the job of this night is started once more
        'A' Rerun;
    }
}

metrics! {
    pub struct BatchMeters {
        /// from the start of a night until its list of payouts is frozen
        frozen_ms: Histogram in Milliseconds, chart 1;
        /// how long that was in the last night
        makespan_s: Gauge in Seconds;
        /// how long the last stage took: map, join, reduce or pay
        stage_s: Gauge in Seconds, chart 2;
        /// how long the map takes
        map_ms: Histogram in Milliseconds;
        /// how long the join takes
        join_ms: Histogram in Milliseconds;
        /// how long the reduce takes
        reduce_ms: Histogram in Milliseconds;
        /// how long the payment takes
        pay_ms: Histogram in Milliseconds;
        /// how long the attempts took that counted, without those of the payment
        task_ms: Histogram in Milliseconds, chart 3;
        /// tasks of the present stage that are done
        stage_done_ratio: Gauge in Share, chart 4;
        /// workers that have a task, of all
        worker_utilization: Gauge in Share, chart 5;
        /// time of attempts that did not count, of all attempts
        wasted_work_ratio: Ratio in Share;
        /// attempts that were started while another one at the same task ran
        backups_total: Counter in Count;
        /// attempts at a task after its first, without backups
        reexecuted_total: Counter in Count;
        /// what travels from the map to the join and from the join to the reduce, 100 bytes a row
        shuffle_mb: Gauge in Megabytes;
        /// rows of the busiest reducer over the mean
        reducer_imbalance_ratio: Gauge in Share;
        /// auctions without a payment
        unmatched_total: Counter in Count;
        /// what sellers are owed for the nights whose list is frozen
        owed_cents: Counter in Count;
        /// what the bank has paid to them
        paid_cents: Counter in Count, chart 6;
        /// what they are owed and buyers have not paid
        unmatched_cents: Counter in Count;
        /// payouts that the bank has made
        paid_total: Counter in Count;
        /// payouts to a seller who had been paid for this night
        double_paid_total: Counter in Count;
        /// payouts that the bank recognised by their key and did not make again
        recognised_total: Counter in Count;
        /// looks of a reader who saw a part of a night
        half_read_total: Counter in Count;
        /// nights that are over
        nights_total: Counter in Count;
        /// nights that were left out, since the one before was not over
        nights_skipped_total: Counter in Count;
    }
}

endpoints! {
    pub enum Asked {
        /// pay this seller by hand, now, what tonight's list says
        Pay(String) = post("/payouts").query("seller", true).example("/payouts?seller=1");
        /// what tonight's list says of this seller, and what the bank has paid
        Seller(String) = get("/sellers").query("seller", true).example("/sellers?seller=1").looks();
        /// the night: its stage, what is owed, what is paid
        Look = get("/night").looks();
    }
}

invariants! {
    pub struct Invariants {
        balances: "paid + unmatched = owed";
        once: "each seller is paid once a night";
        whole: "readers see all of a night or nothing";
    }
}
