//! A function: a platform runs its handler for each call, on an instance that is warm and free or on a new one, as in
//! the lab of functions as a service.

mod platform;

use super::{Calls, Kind};
use crate::format::require::{Figure, own};
use crate::system::meters::part_metrics;
use crate::system::work::{Mishap, Order, Start, Work};
use crate::theory::{Load, Station, Time};
use ddlab_labs::faas::{Invocation, KeepAlivePolicy, WhenFull};
use ddlab_labs::knobs;
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::meter::MetricSpec;
use ddlab_labs::workbench::prelude::*;
use ddlab_text::Unit;
use platform::Platform;

/// With more calls under way than this, on average, an instance is rarely alone, and its gaps are not those of the calls.
const ALONE: f64 = 0.05;
/// Places of instances that theory looks at, at most: with so many a call hardly ever finds none.
const PLACES_MAX: f64 = 10_000.0;

knobs! {
    pub struct Knobs;
    pub enum Turned { }

    "function" {
        /// how long the handler runs, without what it waits for others
        duration: Distribution = distribution("lognormal:120ms,0.5").essential();
        /// share of that time in which it computes: calls in one instance do so one after the other
        cpu_ratio: f64 = share(0.1, 0.01);
        /// calls in which the handler fails at its end
        error_ratio: f64 = share(0.0, 0.01);
        /// one call after the other, or all at once
        calls_in: Order = choice();
        /// somebody waits for each call, or the platform keeps it and tries again
        invocation: Invocation = choice();
        /// how old an event of an asynchronous call may get
        event_age: Duration = duration("6h", "1s", "6h");
        /// from the call to an instance that can run it: place, fetch, initialise
        cold_start: Distribution = distribution("lognormal:600ms,0.5").essential();
        /// how long an instance is kept for the next call
        keep_alive: Duration = duration("10m", "100ms", "12h").essential();
        /// keep_alive for each, or by the gaps between calls as the platform has seen them
        keep_alive_policy: KeepAlivePolicy = choice();
        /// calls that an instance takes at once: 1 on AWS Lambda, 80 on Cloud Run
        instance_concurrency: usize = count(1, 1, 1_000).essential();
        /// of an instance that takes several: the share of its places in use at which one more is started
        target: f64 = share(0.6, 0.05);
        /// instances that are kept ready and paid for
        provisioned: usize = count(0, 0, 1_000).essential();
        /// instances that may be busy at once
        concurrency_limit: usize = count(1_000, 1, 10_000).essential();
        /// instances that may be started in ten seconds
        scale_rate: usize = count(1_000, 1, 10_000);
        /// a call that finds no room is refused at once, or waits
        when_full: WhenFull = choice();
        /// how long such a call waits
        patience: Duration = duration("10s", "10ms", "10m");
        /// a handler that runs longer is ended
        timeout: Duration = duration("15m", "1ms", "15m");
    }
}

part_metrics! {
    struct FunctionMeters {
        /// calls that had to wait for an instance to start, of those that ran
        cold_ratio: Ratio in Share, chart 0;
        /// how long those waited for it
        cold_start_ms: Histogram in Milliseconds;
        /// calls and retries that were refused for want of room, of all
        throttled_ratio: Ratio in Share;
        /// instances that there are, starting, busy or idle
        instances: Gauge in Count;
        /// calls that have an instance, running or waiting for its start
        concurrency: Gauge in Count;
        /// asynchronous calls given up or too old, or lost with the platform
        dropped_total: Counter in Count;
        /// from an asynchronous call until it was done
        event_delay_ms: Histogram in Milliseconds;
    }
}

const DEPLOY: Mishap = Mishap {
    word: "deploy",
    help: "a new version: every instance is cold again",
    ends: None,
};

const FIGURES: [Figure; 3] = [
    own(
        "cold",
        "cold_ratio",
        Statistic::Value,
        Unit::Share,
        "share of the calls that waited for an instance to start",
    ),
    own(
        "throttled",
        "throttled_ratio",
        Statistic::Value,
        Unit::Share,
        "share of the calls that were refused for want of room",
    ),
    own(
        "dropped",
        "dropped_total",
        Statistic::Value,
        Unit::Count,
        "asynchronous calls that never ran to their end",
    ),
];

#[derive(Debug)]
pub struct Function;

impl Kind for Function {
    fn word(&self) -> &'static str {
        "function"
    }

    fn help(&self) -> &'static str {
        "code that a platform runs for each call, on an instance that is there or on a new one"
    }

    knob_table!();

    fn shape(&self) -> (&'static str, &'static str) {
        ("([", "])")
    }

    fn calls(&self) -> Calls {
        Calls::Many
    }

    /// The platform runs it in all zones.
    fn is_foreign(&self) -> bool {
        true
    }

    fn figures(&self) -> &'static [Figure] {
        &FIGURES
    }

    fn metrics(&self, component: &str, chart: u8) -> Vec<MetricSpec> {
        FunctionMeters::specs(component, chart)
    }

    fn mishaps(&self) -> &'static [Mishap] {
        &[DEPLOY]
    }

    /// Its slots are the places of the instances that may be busy. Where calls are so rare that one instance does, a
    /// call is cold when the gap before it was longer than keep-alive.
    fn station(&self, load: &Load<'_>) -> Station {
        let rps = load.flow.rps;
        let warm = load.time("duration").mean + load.others_ms;
        let places = load.part("concurrency_limit") * load.part("instance_concurrency");
        let calls = rps * warm / 1e3;
        let learns = load
            .component
            .settings
            .value("keep_alive_policy")
            .to_string()
            != "fixed";
        if load.part("provisioned") > 0.0 || learns || calls > ALONE {
            let time = Time {
                mean: warm,
                scv: 1.0,
            };
            return Station::of(rps, places.min(PLACES_MAX), time)
                .doubted("the starts of instances are left out");
        }
        let cold = libm::exp(-rps * load.span("keep_alive").as_secs_f64());
        let time = Time {
            mean: warm + cold * load.time("cold_start").mean,
            scv: 1.0,
        };
        Station::of(rps, places.min(PLACES_MAX), time).with("cold", cold)
    }

    fn start(&self, start: &Start<'_>) -> Rc<dyn Work> {
        Rc::new(Platform::new(start))
    }
}
