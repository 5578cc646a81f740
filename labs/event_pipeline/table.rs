//! The lab's table: its knobs, actions, metrics, requests and invariants.

use super::group::Rebalance;
use super::settings::{Delivery, KeyBy, SinkBy, WhenFull, Windowing};
use crate::workbench::prelude::*;

lab_spec! {
    id: "event-pipeline",
    title: "Event pipeline",
    chapter: 9,
    promise: "see a slow stage reach the source, a watermark trade completeness for age, and what a crash does to the sums",
    scene: SceneKind::Network,
    metrics: PipelineMeters::specs(),
}

knobs! {
    pub struct Knobs;
    pub enum Turned { Load, Popularity, Buffers }

    "load" {
        /// bids that happen, a second
        arrival_rps: f64 = quantity("rps", 1_000.0, 0.1, 20_000.0).essential() => Load;
        /// at random moments, or evenly spaced
        arrivals: Arrivals = choice();
        /// from the moment at which a bid happens until it is in the log
        event_delay: Distribution = distribution("exp:1s");
        /// Zipf's exponent: how much more popular lots are bid on; 0 is not at all
        skew: f64 = quantity("", 0.9, 0.0, 2.0).in_steps_of(0.1) => Popularity;
        /// bids of shills: campaigns of twelve by one account on the lots of one seller
        fraud_share: f64 = share(0.02, 0.01);
    }
    "log" {
        /// lanes of the log and of each buffer, each in its order
        partitions: usize = count(8, 1, 64).restarts();
        /// what decides the partition of a bid
        key: KeyBy = choice().essential().restarts();
        /// a partition that has been silent for so long holds up no window
        idle_after: Option<Duration> = duration("5s", "100ms", "10m").or("off");
    }
    "stages" {
        /// workers of each stage at its start
        workers: usize = count(2, 1, 64).restarts();
        /// how long a worker of any stage but enrich and sink takes for a bid
        stage_service: Distribution = distribution("exp:0.5ms");
        /// how long a worker of enrich looks up a bid
        enrich_service: Distribution = distribution("exp:2ms").essential();
        /// bids that enrich finds in its cache, in a tenth of that time
        cached_ratio: f64 = share(0.0, 0.05);
        /// bids that the filter lets pass
        pass_ratio: f64 = share(0.4, 0.05);
        /// events that a buffer between two stages has room for
        buffer: usize = count(1_000, 1, 1_000_000).essential() => Buffers;
        /// what is done when it is full
        overflow: WhenFull = choice().essential() => Buffers;
        /// the copier waits for the fraud stage as well
        fraud_waits: bool = switch(false);
        /// how lanes are dealt out when a worker joins
        rebalance: Rebalance = choice();
        /// how long lanes stand still that change their reader
        rebalance_pause: Duration = duration("3s", "0ms", "10m");
    }
    "windows" {
        /// how bids find their windows
        windows: Windowing = choice().restarts();
        /// size of a window, or the pause that ends a session
        window: Duration = duration("10s", "1s", "10m").restarts();
        /// from one sliding window to the next
        slide: Duration = duration("5s", "1s", "10m").restarts();
        /// how far the watermark runs behind the newest bid
        watermark_delay: Duration = duration("2s", "0ms", "10m").essential();
        /// how long a window that has been told is kept for bids that come late
        allowed_lateness: Duration = duration("0s", "0ms", "10m").restarts();
    }
    "delivery" {
        /// what a crash does to the counts
        delivery: Delivery = choice().essential();
        /// from one checkpoint to the next
        checkpoint_every: Duration = duration("10s", "100ms", "10m");
        /// complete checkpoints that a replay may go back to, with what the log has had since the oldest
        checkpoints_kept: usize = count(6, 1, 20);
        /// what the store does with a result
        sink: SinkBy = choice();
        /// results that are written together, or those of a second
        sink_batch: usize = count(1_000, 1, 100_000);
        /// how long the store takes for an insert, of any size
        insert: Distribution = distribution("const:20ms");
    }
    "joiner" {
        /// how long after a bid the hold on its deposit may happen to be joined with it; off joins nothing
        join_within: Option<Duration> = duration("10s", "100ms", "10m").starting_at("off").restarts();
        /// from a bid that the filter lets pass until the payment provider holds its deposit
        hold_after: Distribution = distribution("exp:5s");
    }
    "fraud" {
        /// bids of an account on one seller's lots within ten seconds that raise an alarm
        fraud_bids: usize = count(8, 2, 50);
    }
}

pub static SOURCE: Role = Role::new("log", "logs", Rank::Head).that_asks();
pub static STAGE: Role = Role::new("stage", "stages", Rank::Member).named(&STAGES);
pub static JOINER: Role = Role::new("joiner", "joiners", Rank::Member);
pub static PARTITION: Role = Role::new("partition", "partitions", Rank::Member);

/// The stages by their numbers, from 1.
pub const STAGES: [&str; 6] = ["filter", "enrich", "split", "aggregate", "sink", "fraud"];

actions! {
    pub enum Act {
        /// the stage takes ten times as long, or its usual time again
        'S' Slow(u32) = on(&STAGE);
        /// the stage's process dies, and the job with it; it is started again after five seconds
        'K' Crash(u32) = on(&STAGE);
        /// the job is started again at once
        'U' Restart(u32) = on(&STAGE);
        /// the job goes on from where it read the log so long ago, as the checkpoint of then says
        'R' Replay(f64) = number("s", 30, 600);
        /// another worker for the stage
        'A' AddWorker(u32) = on(&STAGE);
        /// so many bids at once
        'B' Burst(f64) = number("bids", 5_000, 500_000);
        /// for ten seconds bids take ten times as long to the log
        'L' LateStorm;
        /// nobody bids on the lots of the partition, or they do again
        'Q' Silence(u32) = on(&PARTITION);
    }
}

metrics! {
    pub struct PipelineMeters {
        /// from the end of a window to its first result in the store
        end_to_end_ms: Histogram in Milliseconds, chart 1;
        /// from the log to the count of a bid
        event_ms: Histogram in Milliseconds, chart 2;
        /// events in all buffers
        stage_depth: Gauge in Count, chart 3;
        /// events before enrich
        enrich_depth: Gauge in Count;
        /// bids in the log that nobody has read
        log_depth: Gauge in Count;
        /// bids counted in the last second
        throughput_rps: Gauge in PerSecond, chart 4;
        /// partitions whose reader waits for room, of all
        source_blocked_ratio: Gauge in Share, chart 5;
        /// from the watermark of the windows to now
        watermark_lag_s: Gauge in Seconds, chart 6;
        /// bids that happened
        bids_total: Counter in Count;
        /// bids counted in a window, replays included
        counted_total: Counter in Count;
        /// events for which there was no room, in a buffer or in the log
        dropped_total: Counter in Count;
        /// bids that the fraud stage was not shown
        skipped_total: Counter in Count;
        /// what buffers have on disk, 500 bytes an event
        spilled_bytes: Gauge in Count;
        /// bids counted after a later one of their lot
        out_of_order_total: Counter in Count;
        /// bids that came after one of their windows was forgotten
        late_dropped_total: Counter in Count;
        /// bids counted wrongly, of all in windows that are done
        window_error_ratio: Ratio in Share;
        /// bids in windows that are done, and missing there
        missing_total: Counter in Count;
        /// bids counted once more
        duplicates_total: Counter in Count;
        /// results written to the store
        rows_total: Counter in Count;
        /// inserts into the store
        inserts_total: Counter in Count;
        /// checkpoints that are complete
        checkpoints_total: Counter in Count;
        /// how long a checkpoint takes from its order
        checkpoint_ms: Histogram in Milliseconds;
        /// bids that were joined with the hold on their deposit, of all that wait for it no more
        joined_ratio: Ratio in Share;
        /// from a bid until it was joined
        join_ms: Histogram in Milliseconds;
        /// bids and holds that wait in the joiner for their partner
        join_depth: Gauge in Count;
        /// holds that happened in time and came after their bid was given up
        join_late_total: Counter in Count;
        /// campaigns of shills that raised an alarm, of all that are over
        fraud_caught_ratio: Ratio in Share;
        /// alarms about shills, of all alarms
        fraud_precision_ratio: Ratio in Share;
        /// alarms about accounts of honest bidders
        fraud_false_total: Counter in Count;
    }
}

endpoints! {
    pub enum Asked {
        /// bid on this lot: when it was counted, and in which window
        Bid(String) = post("/bids").query("auction", true).example("/bids?auction=7");
        /// the newest result of this lot in the store
        Result(String) = get("/results").query("auction", true).example("/results?auction=7").looks();
        /// the stages: whether they are up, and what waits before them
        Look = get("/stages").looks();
    }
}

invariants! {
    pub struct Invariants {
        adds_up: "in each stage in = out + filtered + queued + dropped";
        in_order: "bids of one key are counted in their order";
        joined: "a bid is joined with its own hold, within the interval";
        exact: "with effectively_once and upsert a window lacks only what was late or dropped";
    }
}
