//! A sidecar: a shipper that sends what the machine logs to a log store, and a proxy that must show a certificate, as in
//! the lab of the sidecar.

mod pod;

use super::{Beside, Helper};
use crate::format::require::{Figure, own};
use crate::system::meters::part_metrics;
use crate::system::work::Mishap;
use crate::system::world::Base;
use ddlab_labs::knobs;
use ddlab_labs::sidecar::logger::OnFull;
use ddlab_labs::sidecar::pattern::SaveOn;
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::meter::MetricSpec;
use ddlab_labs::workbench::prelude::*;
use ddlab_text::Unit;
use pod::Sidecars;

knobs! {
    pub struct Knobs;
    pub enum Turned { }

    "sidecar" {
        /// lines that the machine writes for each request
        log_lines_per_request: usize = count(3, 0, 100).essential();
        /// size of a line
        line_bytes: usize = count(200, 1, 10_000);
        /// size of a file of the log, in MB
        rotate_mb: usize = count(8, 1, 1_000);
        /// size of all files together, in MB
        volume_mb: usize = count(64, 1, 10_000).essential();
        /// what is done with a line for which there is no room
        on_full: OnFull = choice().essential();
        /// lines in a batch, at most
        ship_batch: usize = count(500, 1, 100_000);
        /// how often the shipper looks for lines
        ship_every: Duration = duration("1s", "10ms", "10m");
        /// when the shipper saves how far it is
        checkpoint: SaveOn = choice();
        /// attempts for a batch before it is given up
        ship_attempts: Option<usize> = count(2, 1, 1_000).starting_at("off");
        /// lines a second that the log store takes from a machine
        sink_rps: f64 = quantity("rps", 5_000.0, 1.0, 1_000_000.0);
        /// how long the log store takes for a batch beside that
        sink_latency: Distribution = distribution("const:20ms");
        /// requests pass through a proxy, which shows a certificate
        proxy: bool = switch(true);
        /// what a request costs the proxy
        proxy_cpu: Duration = duration("0.2ms", "0ms", "1s");
        /// what the proxy may use, in thousandths of a core
        sidecar_cpu_limit: Option<usize> = count(100, 1, 1_000).starting_at("off");
    }
}

part_metrics! {
    struct SidecarMeters {
        /// age of the oldest line that is not shipped
        log_lag_s: Gauge in Seconds, chart 0;
        /// the most that is in use of the volume of a machine
        volume_used_mb: Gauge in Megabytes;
        /// lines that the machines wrote
        lines_written_total: Counter in Count;
        /// lines that the log store has, each counted once
        lines_shipped_total: Counter in Count;
        /// lines that the log store will never have
        lines_lost_total: Counter in Count;
        /// requests that wait for room in the log
        log_waiting: Gauge in Count;
        /// requests refused for a certificate that has run out
        cert_refused_total: Counter in Count;
    }
}

const FIGURES: [Figure; 3] = [
    own(
        "lines_lost",
        "lines_lost_total",
        Statistic::Value,
        Unit::Count,
        "lines that the log store will never have",
    ),
    own(
        "log_lag",
        "log_lag_s",
        Statistic::Max,
        Unit::Seconds,
        "age of the oldest line that was not shipped, at most",
    ),
    own(
        "refused_for_cert",
        "cert_refused_total",
        Statistic::Value,
        Unit::Count,
        "requests refused for a certificate that had run out",
    ),
];

const MISHAPS: [Mishap; 2] = [
    Mishap {
        word: "cert_expires",
        help: "its certificate runs out: nobody can call it",
        ends: Some("cert_renewed"),
    },
    Mishap {
        word: "log_store_down",
        help: "the log store takes none of its lines",
        ends: Some("log_store_up"),
    },
];

#[derive(Debug)]
pub struct Sidecar;

impl Helper for Sidecar {
    fn word(&self) -> &'static str {
        "sidecar"
    }

    fn help(&self) -> &'static str {
        "a shipper of what each machine logs, and a proxy with a certificate before it"
    }

    knob_table!();

    fn figures(&self) -> &'static [Figure] {
        &FIGURES
    }

    fn metrics(&self, component: &str, chart: u8) -> Vec<MetricSpec> {
        SidecarMeters::specs(component, chart)
    }

    fn mishaps(&self) -> &'static [Mishap] {
        &MISHAPS
    }

    fn start(&self, base: &Base, component: &str, own: &Rc<Settings>) -> Rc<dyn Beside> {
        Rc::new(Sidecars::new(base, component, own))
    }
}
