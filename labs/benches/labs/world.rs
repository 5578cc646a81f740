//! The world that is run in three ways: a root asks twenty leaves of three slots each and waits for all.

use ddlab_labs::engine::{Distribution, SimTime};
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::session::Session;
use std::process::Command;
use std::time::Duration;

pub const FAN_OUT: usize = 20;
pub const SLOTS: usize = 3;
const SERVICE: Duration = Duration::from_millis(8);

#[derive(Clone)]
pub struct World {
    /// Requests a second, at random moments.
    pub rps: f64,
    pub service: Distribution,
    /// Nanoseconds that a message takes.
    pub way: u64,
    /// Virtual time.
    pub span: SimTime,
}

#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// Arrivals; and of each call its arrival at the leaf, the end of its service, and its arrival at the root.
    pub events: u64,
    pub mean_ms: f64,
}

impl World {
    /// Leaves are busy for 53 % of the time.
    pub fn of(span: SimTime) -> Self {
        Self {
            rps: 200.0,
            service: Distribution::exponential(SERVICE),
            way: 250_000,
            span,
        }
    }

    /// In the lab, with all its meters, traces and checks.
    pub fn in_the_lab(&self) -> Measured {
        let lab = ddlab_labs::find("scatter-gather").expect("it is in the registry");
        let mut plan = RunPlan::new(lab, 1);
        plan.warmup = SimTime::ZERO;
        for setting in [
            format!("arrival_rps={}", self.rps),
            format!("fan_out={FAN_OUT}"),
            format!("slots={SLOTS}"),
            format!("service={}", self.service),
            format!("network=const:{}us", self.way / 1_000),
            "replicas=1".to_owned(),
            "query_share=0".to_owned(),
            "root_cost=0s".to_owned(),
            "deadline=off".to_owned(),
        ] {
            plan.knobs.set_text(&setting).expect("a knob of the lab");
        }
        let mut session = Session::start(plan);
        session.advance(self.span, u64::MAX);
        let frame = session.frame();
        let latency = frame.metric("latency_ms").expect("a metric of the lab");
        let mean = latency.value.get(Statistic::Mean);
        let answered = latency.value.get(Statistic::Count).unwrap_or(0.0) as u64;
        Measured {
            events: answered * (1 + 3 * FAN_OUT as u64),
            mean_ms: mean.unwrap_or(0.0),
        }
    }

    /// In `SimPy`: events a second and the mean latency; none where python3 or simpy is not there.
    pub fn in_simpy(&self) -> Option<(f64, f64)> {
        let seconds = |span: Duration| span.as_secs_f64().to_string();
        let output = Command::new("python3")
            .args(["-c", include_str!("world.py")])
            .args([self.rps.to_string(), seconds(SERVICE)])
            .args([seconds(Duration::from_nanos(self.way)), FAN_OUT.to_string()])
            .args([SLOTS.to_string(), self.span.as_secs_f64().to_string()])
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let mut figures = text.split_whitespace().map(str::parse);
        Some((figures.next()?.ok()?, figures.next()?.ok()?))
    }
}
