//! The lab's table: its knobs, actions, metrics, requests and invariants.

use super::logger::OnFull;
use super::pattern::SaveOn;
use super::settings::{Mode, Proxy, Reload};
use crate::workbench::prelude::*;

lab_spec! {
    id: "sidecar",
    title: "Sidecar",
    chapter: 2,
    promise: "see when a log store that is away costs lines and when it costs answers, what a heavy helper takes, and who must stop last",
    scene: SceneKind::Network,
    metrics: SidecarMeters::specs(),
}

knobs! {
    pub struct Knobs;
    pub enum Turned { Load }

    "application" {
        /// requests that the pod gets, a second
        arrival_rps: f64 = quantity("rps", 200.0, 0.1, 5_000.0).essential() => Load;
        /// at random moments, or evenly spaced
        arrivals: Arrivals = choice();
        /// how long the application works on a request, without its wait for the processor
        service: Distribution = distribution("lognormal:5ms,0.4");
        /// share of that time in which it computes
        cpu_ratio: f64 = share(0.2, 0.05);
        /// requests that it works on at once
        workers: usize = count(16, 1, 1_000).restarts();
        /// how long a client waits
        timeout: Duration = duration("2s", "10ms", "10m");
    }
    "log" {
        /// where the code lives that ships the lines
        mode: Mode = choice().essential().restarts();
        /// lines that a request writes
        log_lines_per_request: usize = count(3, 0, 100);
        /// bytes of a line
        line_bytes: usize = count(200, 1, 10_000);
        /// the volume that application and shipper share
        volume_mb: usize = count(64, 1, 10_000).essential();
        /// size at which a new file begins
        rotate_mb: usize = count(8, 1, 1_000);
        /// what happens to a line when there is no room
        on_full: OnFull = choice().essential();
        /// lines in a batch
        ship_batch: usize = count(500, 1, 100_000);
        /// how often the shipper looks for lines
        ship_every: Duration = duration("1s", "10ms", "10m");
        /// when the shipper saves how far it is
        checkpoint: SaveOn = choice();
        /// attempts for a batch before it is given up
        ship_attempts: Option<usize> = count(2, 1, 1_000).starting_at("off");
        /// lines a second that the log store takes from this pod
        sink_rps: f64 = quantity("rps", 5_000.0, 1.0, 1_000_000.0);
        /// how long the log store takes for a batch beside that
        sink_latency: Distribution = distribution("const:20ms");
    }
    "proxy" {
        /// whether requests pass through a proxy
        proxy: Proxy = choice().restarts();
        /// what a request costs it
        proxy_cpu: Duration = duration("0.2ms", "0ms", "1s");
        /// how long a certificate is good; it is replaced at half of that
        cert_ttl: Duration = duration("24h", "10s", "1000h");
    }
    "processor" {
        /// what the pod may use in each 100 ms, in thousandths of a core
        cpu_millis: usize = count(1_000, 50, 16_000);
        /// what the application requests of it: its weight against a shipper's 50 where the processor is short
        app_cpu_request: Option<usize> = count(250, 1, 16_000).starting_at("off").essential();
        /// what each sidecar may use in each 100 ms
        sidecar_cpu_limit: Option<usize> = count(100, 1, 16_000).starting_at("off").essential();
    }
    "coming and going" {
        /// sidecars start before the application and stop after it
        native_sidecar: bool = switch(true).essential();
        /// from the word to stop until the kill
        grace: Duration = duration("30s", "0ms", "10m");
    }
    "configuration" {
        /// how the reloader hears of a change
        reload: Reload = choice();
        /// how often it looks (poll)
        poll_every: Duration = duration("60s", "1s", "1h");
    }
    "bill" {
        /// pods that have such sidecars
        pods: usize = count(200, 1, 100_000);
        /// machines that they run on
        machines: usize = count(20, 1, 10_000);
        /// price of a core for a month
        usd_per_core: f64 = quantity("usd", 15.0, 0.1, 1_000.0);
        /// price of a GB of memory for a month
        usd_per_gb: f64 = quantity("usd", 2.0, 0.01, 100.0);
    }
}

/// The containers of a pod, as actions name them.
pub static CONTAINER: Role = Role::new("container", "containers", Rank::Member)
    .named(&["app", "shipper", "reloader", "proxy"]);
pub static CLIENTS: Role = Role::new("other pods", "other pods", Rank::Head).that_asks();
pub static STORE: Role = Role::new("log store", "log stores", Rank::Tail);

actions! {
    pub enum Act {
        /// the log store takes nothing
        'D' SinkDown;
        /// the log store takes lines again
        'U' SinkUp;
        /// the container's process dies, and is started again
        'K' Crash(u32) = on(&CONTAINER);
        /// the container ends what it has, and is started again
        'R' Restart(u32) = on(&CONTAINER);
        /// a new version of what is in this container
        'V' Upgrade(u32) = on(&CONTAINER);
        /// the container has much more to compute, or as much as before
        'L' Heavy(u32) = on(&CONTAINER);
        /// a new configuration is there
        'C' ConfigChange;
        /// a new configuration is there, and it is wrong
        'B' BadConfig;
        /// the pod is told to stop, and another one takes its place
        'T' Terminate;
    }
}

metrics! {
    pub struct SidecarMeters {
        /// from a request to its answer, of those that were answered
        latency_ms: Histogram in Milliseconds, chart 1;
        /// requests to this pod
        requests_total: Counter in Count;
        /// requests that were answered
        answered_total: Counter in Count;
        /// requests that were answered, of all that ended
        success_ratio: Ratio in Share, chart 2;
        /// requests without an answer, for whatever reason
        errors_total: Counter in Count;
        /// errors: too many requests were in progress
        shed_total: Counter in Count;
        /// requests that came while the pod was not ready, and went to another one
        elsewhere_total: Counter in Count;
        /// share of the pod's processor time that the application used in the last second
        app_cpu_ratio: Gauge in Share;
        /// share of it that the sidecars used
        sidecar_cpu_ratio: Gauge in Share, chart 6;
        /// how often a quota was used up before its 100 ms were over
        throttled_periods_total: Counter in Count;
        /// memory of the containers, and of lines that wait in a process
        pod_memory_mb: Gauge in Megabytes;
        /// age of the oldest line that is not shipped
        log_lag_s: Gauge in Seconds, chart 3;
        /// lines that the application wrote
        lines_written_total: Counter in Count;
        /// lines that the log store has, each counted once
        lines_shipped_total: Counter in Count;
        /// lines that the log store will never have
        lines_lost_total: Counter in Count, chart 5;
        /// lines that the log store has got again
        lines_duplicated_total: Counter in Count;
        /// what is in use of the volume, or of the queue of a library
        volume_used_mb: Gauge in Megabytes, chart 4;
        /// starts of the application's container after the first
        app_restarts_total: Counter in Count;
        /// how long the application has run with another configuration than there is
        config_age_s: Gauge in Seconds;
        /// configurations that the reloader refused to hand on
        config_rejected_total: Counter in Count;
        /// handshakes of the proxy
        handshakes_total: Counter in Count;
        /// requests that came in plain text
        plaintext_total: Counter in Count;
        /// what the shippers and proxies of all pods reserve, for a month
        overhead_usd_month: Gauge in DollarsPerMonth;
    }
}

endpoints! {
    pub enum Asked {
        /// send a request to the pod: how long it took
        Bid = post("/bids");
        /// the containers of the pod, and how far the log is shipped
        Look = get("/pod");
    }
}

invariants! {
    pub struct Invariants {
        lines_add_up: "lines written = shipped + waiting + lost";
        never_slowed: "while there is room for its lines the application waits for no log store";
        nothing_in_plain: "with mTLS nothing travels in plain text";
        clean_stop: "with native sidecars a clean stop loses no line";
        ends_once: "every request to the pod is answered, failed or in progress";
    }
}
