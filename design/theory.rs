//! What queueing theory says of a design before it runs: load, use and mean time of each component.
//!
//! A machine with c slots is an M/G/c queue: its mean wait is that of M/M/c (Erlang C) times (1 + C²)/2, where C² is
//! the squared coefficient of variation of the service time (Allen and Cunneen; exact for c = 1 by
//! Pollaczek and Khinchine). Rates add up along the calls, as in Jackson's network.

use crate::format::{Component, Design, Edge, number};
use ddlab_labs::engine::{Distribution, Source};
use ddlab_labs::workbench::knob::{KnobSettings, KnobValue};
use std::time::Duration;

/// Points of a distribution that its moments are added up from.
const POINTS: u32 = 20_000;
/// From this use on a line of bounded length changes the result.
const NEAR_FULL: f64 = 0.9;

/// What is predicted of a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Requests a second, of all its callers.
    pub rps: f64,
    /// How long a request holds its slot, in ms: its own work, and what it waits for others meanwhile.
    pub held_ms: f64,
    /// Slots in use, from 0; 1 and more is an overload. None where there are no slots.
    pub utilization: Option<f64>,
    /// From the arrival of a request to its answer, in ms. None where there is no steady state.
    pub mean_ms: Option<f64>,
    /// Shares that its kind speaks of beside: the word for each, and its value.
    pub also: Vec<(&'static str, f64)>,
    /// Why it may not hold.
    pub doubts: Vec<&'static str>,
}

/// The first two moments of a time, in ms.
#[derive(Debug, Clone, Copy)]
pub struct Time {
    pub mean: f64,
    /// The squared coefficient of variation.
    pub scv: f64,
}

/// What a kind makes a station of: what comes to the component, how it is set, and how long others take.
#[derive(Debug, Clone, Copy)]
pub struct Load<'a> {
    pub component: &'a Component,
    pub flow: Flow,
    /// The mean time of the calls of a request, in ms; 0 where one of them has no steady state.
    pub others_ms: f64,
}

impl Load<'_> {
    /// The share of the requests that make its calls.
    pub fn share_passed_on(&self) -> f64 {
        self.flow.passed_on / self.flow.rps.max(f64::MIN_POSITIVE)
    }

    /// The value of a parameter that is a number; 0 is off.
    pub fn part(&self, name: &str) -> f64 {
        number(&self.component.settings, name).unwrap_or_default()
    }

    pub fn is_on(&self, name: &str) -> bool {
        *self.component.settings.value(name) == KnobValue::Switch(true)
    }

    /// The time that a parameter says.
    pub fn time(&self, name: &str) -> Time {
        moments(&self.component.settings, name)
    }

    /// The span that a parameter says; nothing where it is off.
    pub fn span(&self, name: &str) -> Duration {
        span(&self.component.settings, name)
    }

    /// Requests a second at each machine, where all have the same.
    pub fn each_machine(&self) -> f64 {
        self.flow.rps / self.component.replicas() as f64
    }
}

/// A component as a queue: its busiest machine.
#[derive(Debug, Clone)]
pub struct Station {
    /// Requests a second.
    pub rps: f64,
    /// None is without a limit: nobody waits.
    pub slots: Option<f64>,
    pub time: Time,
    /// What a request takes beside the slots, in ms.
    pub after_ms: f64,
    /// Shares that its kind speaks of beside: the word for each, and its value.
    pub also: Vec<(&'static str, f64)>,
    /// Why it may not hold.
    pub doubts: Vec<&'static str>,
}

impl Station {
    pub fn of(rps: f64, slots: f64, time: Time) -> Self {
        Self {
            slots: Some(slots),
            ..Self::without_line(rps, time)
        }
    }

    pub fn without_line(rps: f64, time: Time) -> Self {
        Self {
            rps,
            slots: None,
            time,
            after_ms: 0.0,
            also: Vec::new(),
            doubts: Vec::new(),
        }
    }

    /// A request takes so many ms more, and keeps no slot meanwhile.
    #[must_use]
    pub fn then(self, after_ms: f64) -> Self {
        Self { after_ms, ..self }
    }

    /// A share that its kind speaks of beside.
    #[must_use]
    pub fn with(mut self, word: &'static str, share: f64) -> Self {
        self.also.push((word, share));
        self
    }

    #[must_use]
    pub fn doubted(mut self, doubt: &'static str) -> Self {
        self.doubts.push(doubt);
        self
    }
}

/// Requests a second at each component, in the order of the design, at the ordinary rates of its clients.
pub fn rates(design: &Design) -> Vec<f64> {
    let flows = flows(design, &callees_last(design).0);
    flows.iter().map(|flow| flow.rps).collect()
}

fn flows(design: &Design, order: &[usize]) -> Vec<Flow> {
    let mut flow = vec![Flow::default(); design.components.len()];
    for client in &design.clients {
        let rps = number(&client.settings, "rps").unwrap_or_default();
        client
            .calls
            .iter()
            .for_each(|edge| add(&mut flow, edge, rps));
    }
    for place in order {
        let component = &design.components[*place];
        let rps = component.kind.passes_on(component, flow[*place]);
        flow[*place].passed_on = rps;
        for edge in &component.calls {
            add(&mut flow, edge, rps);
        }
        if let Some(inner) = component.inner {
            flow[inner].rps += flow[*place].rps;
        }
    }
    flow
}

/// A prediction for each component, in the order of the design, at the ordinary rates of its clients.
pub fn predict(design: &Design) -> Vec<Prediction> {
    let (order, round) = callees_last(design);
    let flow = flows(design, &order);
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
pub struct Flow {
    /// Requests a second.
    pub rps: f64,
    /// Those of them that write.
    pub writes: f64,
    /// Those that make its calls.
    pub passed_on: f64,
    pub is_retried: bool,
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
pub(crate) fn callees_last(design: &Design) -> (Vec<usize>, bool) {
    let count = design.components.len();
    let mut callers = vec![0_usize; count];
    for to in design.components.iter().flat_map(feeds) {
        callers[to] += 1;
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
        for to in feeds(&design.components[place]) {
            callers[to] = callers[to].saturating_sub(1);
            if callers[to] == 0 {
                ready.push(to);
            }
        }
    }
}

/// The components that have load from this one.
fn feeds(component: &Component) -> impl Iterator<Item = usize> {
    let called = component.calls.iter().map(|edge| edge.to);
    called.chain(component.inner)
}

fn of(design: &Design, place: usize, flow: Flow, known: &[Option<Prediction>]) -> Prediction {
    let component = &design.components[place];
    let elsewhere = elsewhere(component, known);
    let station = component.kind.station(&Load {
        component,
        flow,
        others_ms: elsewhere.unwrap_or_default(),
    });
    let mut doubts = Vec::new();
    if flow.is_retried {
        doubts.push("retries add to the load when something fails");
    }
    if elsewhere.is_none() {
        doubts.push("what it calls has no steady state");
    }
    doubts.extend(&station.doubts);
    let time = station.time;
    let utilization = station
        .slots
        .map(|slots| station.rps * time.mean / 1e3 / slots);
    match utilization {
        Some(busy) if busy >= 1.0 => {
            doubts.push("there is more to do than it can: its line grows until calls are given up");
        }
        Some(busy) if busy > NEAR_FULL => {
            doubts.push("so near to full, a bounded line and time limits change it");
        }
        _ => {}
    }
    let waits = station
        .slots
        .map_or(Some(0.0), |slots| wait_ms(station.rps, slots, time));
    Prediction {
        rps: flow.rps,
        held_ms: time.mean,
        utilization,
        mean_ms: waits
            .filter(|_| elsewhere.is_some())
            .map(|waits| time.mean + waits + station.after_ms),
        also: station.also,
        doubts,
    }
}

/// The span that a parameter says; nothing where it is off.
pub fn span(settings: &KnobSettings, name: &str) -> Duration {
    match settings.value(name) {
        KnobValue::Duration(nanos) => Duration::from_nanos(*nanos),
        _ => Duration::ZERO,
    }
}

/// The time of either of two kinds of request, which come at these rates.
pub fn mixed(one: f64, a: Time, other: f64, b: Time) -> Time {
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
    let mut settings = component.settings.iter();
    let parallel =
        settings.any(|(knob, value)| knob.name == "calls_in" && value.to_string() == "parallel");
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
