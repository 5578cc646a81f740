//! The lab's table: its knobs, actions, metrics, requests and invariants.

use super::pattern::OnMissing;
use crate::words;
use crate::workbench::prelude::*;

lab_spec! {
    id: "adapter",
    title: "Adapter",
    chapter: 4,
    promise: "see what a renamed field, a restart and a label for everybody do to the numbers that you trust, and what a hole is worth",
    scene: SceneKind::Network,
    metrics: AdapterMeters::specs(),
}

words! { OnMissing: Skip, Fail, Zero }

knobs! {
    pub struct Knobs;
    pub enum Turned { Load }

    "services" {
        /// services, which speak six dialects in turn
        services: usize = count(10, 1, 40).restarts();
        /// requests that each of them gets, a second
        arrival_rps: f64 = quantity("rps", 30.0, 0.1, 5_000.0) => Load;
        /// at random moments, or evenly spaced
        arrivals: Arrivals = choice();
        /// how long a service takes to tell how it is
        target_latency: Distribution = distribution("lognormal:20ms,0.5").essential();
        /// how long a peak of its queue lasts; one comes a minute, at random moments
        peak: Duration = duration("5s", "100ms", "10m");
        /// bidders that a bid comes from, all as often
        label_values: usize = count(1_000, 1, 30_000).essential();
    }
    "adapter" {
        /// adapters beside the services, or a script of the monitor's for each
        adapter: bool = switch(true).essential();
        /// what the adapter does about a field that it can't find
        strict: OnMissing = choice().essential();
        /// how long the adapter gives out what it knows
        cache: Option<Duration> = duration("1m", "1s", "1h").starting_at("off").essential();
        /// values of a label that the adapter takes; the rest is `other`
        label_max: Option<usize> = count(100, 1, 30_000).starting_at("off").essential();
    }
    "monitor" {
        /// how often the monitor asks each adapter
        scrape_every: Duration = duration("15s", "1s", "10m").essential();
        /// what is not in a scrape ends at once, and not after five minutes
        stale_marks: bool = switch(true);
        /// samples in a scrape, beyond which all of it is refused
        sample_limit: Option<usize> = count(1_000, 1, 1_000_000).starting_at("off");
        /// memory that a series takes, in kB: a rule of thumb
        series_kb: f64 = quantity("kB", 4.0, 0.1, 100.0);
        /// price of a thousand series for a month
        usd_per_thousand: f64 = quantity("usd", 20.0, 0.01, 1_000.0);
    }
}

pub static MONITOR: Role = Role::new("monitor", "monitors", Rank::Head).that_asks();
pub static ADAPTERS: Role = Role::new("adapters", "adapters", Rank::Tail);
pub static SERVICE: Role = Role::new("service", "services", Rank::Member);

actions! {
    pub enum Act {
        /// a release of the service names the field of its requests otherwise, or again as before
        'N' RenameField(u32) = on(&SERVICE);
        /// the service's process is started again, and its counters with it
        'C' CounterReset(u32) = on(&SERVICE);
        /// the service's process dies
        'K' Crash(u32) = on(&SERVICE);
        /// the service's process starts
        'U' Restart(u32) = on(&SERVICE);
        /// all adapters die, and are there again after five seconds
        'A' CrashAdapter;
        /// services that speak statsd tell the bidder of each bid
        'E' ExplodeLabels;
    }
}

metrics! {
    pub struct AdapterMeters {
        /// requests a second of all services, as the monitor computes them
        seen_rps: Gauge in PerSecond, chart 1;
        /// requests a second as there are, over the same time
        true_rps: Gauge in PerSecond, chart 2;
        /// how far the rates are from the truth, of the services that have one; the mean
        rate_error_ratio: Gauge in Share, chart 3;
        /// targets whose last scrape found the service up
        up_ratio: Gauge in Share, chart 4;
        /// services whose number on the board is older than two scrapes
        stale_ratio: Gauge in Share;
        /// services that have no number on the board
        holes: Gauge in Count;
        /// fields that were missing or unknown, and lines that made no sense
        parse_errors_total: Counter in Count, chart 5;
        /// from the monitor's question to the page
        scrape_ms: Histogram in Milliseconds;
        /// scrapes
        scrapes_total: Counter in Count;
        /// scrapes without a page that the monitor took
        scrapes_failed_total: Counter in Count;
        /// scrapes refused for their many samples
        refused_total: Counter in Count;
        /// series in the monitor's memory: those with a sample in the last two hours
        series: Gauge in Count, chart 6;
        /// what they take of it
        monitor_memory_mb: Gauge in Megabytes;
        /// what they cost where one pays by the series
        bill_usd_month: Gauge in DollarsPerMonth;
        /// names that a query for the requests of all services has to know
        queries_needed: Gauge in Count;
        /// peaks of a queue that a scrape saw, of all that came
        peaks_seen_ratio: Ratio in Share;
    }
}

endpoints! {
    pub enum Asked {
        /// the page of one service, in the text format of Prometheus
        Scrape(String) = get("/scrape").query("target", true).example("/scrape?target=1");
        /// what is true of each service, and what the monitor's board shows
        Look = get("/services").looks();
    }
}

invariants! {
    pub struct Invariants {
        always_parses: "what an adapter answers is a page that a server takes";
        survives_reset: "no rate counts more than there was, whatever was reset";
        never_yesterday: "a service that is down is down on the page, with no number older than the cache may be";
    }
}
