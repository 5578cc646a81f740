//! What queueing theory says of a design before it runs: load, use and mean time of each component.
//!
//! A machine with c slots is an M/G/c queue: its mean wait is that of M/M/c (Erlang C) times (1 + C²)/2, where C² is
//! the squared coefficient of variation of the service time (Allen and Cunneen; exact for c = 1 by
//! Pollaczek and Khinchine). Rates add up along the calls, as in Jackson's network.

use crate::format::{Component, Design, Edge, number};
use crate::kind::Kind;
use ddlab_labs::engine::{Distribution, Source};
use ddlab_labs::workbench::knob::{KnobSettings, KnobValue};

/// Points of a distribution that its moments are added up from.
const POINTS: u32 = 20_000;
/// From this use on a line of bounded length changes the result.
const NEAR_FULL: f64 = 0.9;

/// What is predicted of a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Requests a second, of all its callers.
    pub rps: f64,
    /// Slots in use, from 0; 1 and more is an overload. None where there are no slots.
    pub utilization: Option<f64>,
    /// From the arrival of a request to its answer, in ms. None where there is no steady state.
    pub mean_ms: Option<f64>,
    /// Why it may not hold.
    pub doubts: Vec<&'static str>,
}

/// The first two moments of a time, in ms.
#[derive(Debug, Clone, Copy)]
struct Time {
    mean: f64,
    /// The squared coefficient of variation.
    scv: f64,
}

/// A prediction for each component, in the order of the design, at the ordinary rates of its clients.
pub fn predict(design: &Design) -> Vec<Prediction> {
    let (order, round) = callees_last(design);
    let mut flow = vec![Flow::default(); design.components.len()];
    for client in &design.clients {
        let rps = number(&client.settings, "rps").unwrap_or_default();
        client
            .calls
            .iter()
            .for_each(|edge| add(&mut flow, edge, rps));
    }
    for place in &order {
        let rps = flow[*place].rps;
        for edge in &design.components[*place].calls {
            add(&mut flow, edge, rps);
        }
    }
    let mut predictions: Vec<Option<Prediction>> = vec![None; design.components.len()];
    for place in order.iter().rev() {
        let mut prediction = of(design, *place, flow[*place], &predictions);
        if round {
            prediction.doubts.push("calls go round in a cycle");
        }
        predictions[*place] = Some(prediction);
    }
    predictions.into_iter().flatten().collect()
}

/// What comes to a component.
#[derive(Debug, Clone, Copy, Default)]
struct Flow {
    rps: f64,
    writes: f64,
    is_retried: bool,
}

fn add(flow: &mut [Flow], edge: &Edge, rps: f64) {
    let part = |name| number(&edge.settings, name).unwrap_or_default();
    let calls = rps * part("share");
    let to = &mut flow[edge.to];
    to.rps += calls;
    to.writes += calls * part("write_ratio");
    to.is_retried |= part("retries") > 0.0;
}

/// Components with each after its callers; true when some call each other in a cycle, the last call of which is
/// then left out.
fn callees_last(design: &Design) -> (Vec<usize>, bool) {
    let count = design.components.len();
    let mut callers = vec![0_usize; count];
    for edge in design
        .components
        .iter()
        .flat_map(|component| &component.calls)
    {
        callers[edge.to] += 1;
    }
    let mut ready: Vec<usize> = (0..count).filter(|place| callers[*place] == 0).collect();
    let (mut order, mut taken, mut round) = (Vec::new(), vec![false; count], false);
    loop {
        let Some(place) = ready.pop() else {
            let Some(left) = (0..count).find(|place| !taken[*place]) else {
                return (order, round);
            };
            round = true;
            ready.push(left);
            continue;
        };
        if std::mem::replace(&mut taken[place], true) {
            continue;
        }
        order.push(place);
        for edge in &design.components[place].calls {
            callers[edge.to] = callers[edge.to].saturating_sub(1);
            if callers[edge.to] == 0 {
                ready.push(edge.to);
            }
        }
    }
}

fn of(design: &Design, place: usize, flow: Flow, known: &[Option<Prediction>]) -> Prediction {
    let component = &design.components[place];
    let mut doubts = Vec::new();
    if flow.is_retried {
        doubts.push("retries add to the load when something fails");
    }
    let elsewhere = elsewhere(component, known);
    let others = elsewhere.unwrap_or_default();
    if elsewhere.is_none() {
        doubts.push("what it calls has no steady state");
    }
    let (rps, time, after) = match component.kind {
        Kind::External => {
            let time = moments(&component.settings, "latency");
            let mean_ms = Some(time.mean);
            return Prediction {
                rps: flow.rps,
                utilization: None,
                mean_ms,
                doubts,
            };
        }
        Kind::Service => {
            let own = moments(&component.settings, "work");
            let each = flow.rps / component.replicas() as f64;
            if is_on(&component.settings, "blocking") && others > 0.0 {
                doubts.push("its slots are kept while it waits for others");
                let mean = own.mean + others;
                (each, Time { mean, scv: 1.0 }, 0.0)
            } else {
                (each, own, others)
            }
        }
        Kind::Database => primary(component, flow),
    };
    let slots = number(&component.settings, "slots").unwrap_or(1.0);
    let utilization = rps * time.mean / 1e3 / slots;
    if utilization >= 1.0 {
        doubts.push("there is more to do than it can: its line grows until calls are given up");
    } else if utilization > NEAR_FULL {
        doubts.push("so near to full, a bounded line and time limits change it");
    }
    let waits = wait_ms(rps, slots, time);
    Prediction {
        rps: flow.rps,
        utilization: Some(utilization),
        mean_ms: waits
            .filter(|_| elsewhere.is_some())
            .map(|waits| time.mean + waits + after),
        doubts,
    }
}

/// What comes to the primary of a database, which has all the writes: the machine that is full first.
fn primary(component: &Component, flow: Flow) -> (f64, Time, f64) {
    let (reads, writes) = (
        moments(&component.settings, "reads"),
        moments(&component.settings, "writes"),
    );
    let machines = component.replicas() as f64;
    let is_apart =
        component.settings.value("reads_from").to_string() == "replicas" && machines > 1.0;
    let of_reads = match component.settings.value("reads_from").to_string().as_str() {
        "primary" => flow.rps - flow.writes,
        _ if is_apart => 0.0,
        _ => (flow.rps - flow.writes) / machines,
    };
    if is_apart
        && flow.writes * writes.mean < (flow.rps - flow.writes) / (machines - 1.0) * reads.mean
    {
        return ((flow.rps - flow.writes) / (machines - 1.0), reads, 0.0);
    }
    (
        of_reads + flow.writes,
        mixed(of_reads, reads, flow.writes, writes),
        0.0,
    )
}

fn mixed(one: f64, a: Time, other: f64, b: Time) -> Time {
    let all = one + other;
    if all <= 0.0 {
        return a;
    }
    let mean = (one * a.mean + other * b.mean) / all;
    let second = |time: Time| (time.scv + 1.0) * time.mean * time.mean;
    let square = (one * second(a) + other * second(b)) / all;
    Time {
        mean,
        scv: square / (mean * mean) - 1.0,
    }
}

/// The mean time of the calls of a request, without the network. None when one of them has no steady state.
fn elsewhere(component: &Component, known: &[Option<Prediction>]) -> Option<f64> {
    let parallel = component.kind == Kind::Service
        && component.settings.value("calls_in").to_string() == "parallel";
    let times = component.calls.iter().map(|edge| {
        let share = number(&edge.settings, "share").unwrap_or_default();
        let callee = known[edge.to]
            .as_ref()
            .map_or(Some(0.0), |callee| callee.mean_ms);
        callee.map(|mean| share * mean)
    });
    let times: Option<Vec<f64>> = times.collect();
    let times = times?;
    Some(if parallel {
        times.into_iter().fold(0.0, f64::max)
    } else {
        times.iter().sum()
    })
}

/// The mean wait at a machine, in ms; none in an overload.
fn wait_ms(rps: f64, slots: f64, time: Time) -> Option<f64> {
    let erlangs = rps * time.mean / 1e3;
    if erlangs >= slots {
        return None;
    }
    let mut blocked = 1.0;
    for k in 1..=slots as u32 {
        blocked = erlangs * blocked / (f64::from(k) + erlangs * blocked);
    }
    let waits = blocked / (1.0 - erlangs / slots * (1.0 - blocked));
    Some(waits * time.mean / (slots - erlangs) * f64::midpoint(1.0, time.scv))
}

fn is_on(settings: &KnobSettings, name: &str) -> bool {
    *settings.value(name) == KnobValue::Switch(true)
}

fn moments(settings: &KnobSettings, name: &str) -> Time {
    let text = settings.value(name).to_string();
    let spans: Distribution = text
        .parse()
        .expect("a parameter that was read is a distribution");
    let points = (0..POINTS).map(|point| spans.sample(&mut Point(point)).as_secs_f64() * 1e3);
    let (sum, square) = points.fold((0.0, 0.0), |(sum, square), ms| (sum + ms, square + ms * ms));
    let (mean, square) = (sum / f64::from(POINTS), square / f64::from(POINTS));
    Time {
        mean,
        scv: if mean > 0.0 {
            square / (mean * mean) - 1.0
        } else {
            0.0
        },
    }
}

/// A source whose only number is the middle of one of [`POINTS`] equal parts.
struct Point(u32);

impl Source for Point {
    fn next_u64(&mut self) -> u64 {
        (self.uniform() * u64::MAX as f64) as u64
    }

    fn uniform(&mut self) -> f64 {
        (f64::from(self.0) + 0.5) / f64::from(POINTS)
    }
}
