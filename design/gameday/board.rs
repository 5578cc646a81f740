//! The board: the figures of each part of a running system, once a virtual second, with the machines that it sees.
//!
//! It reads the meters of a run, and now and then a [`Frame`] as a screen does: no more than can be seen from outside.

use ddlab_labs::workbench::frame::{Frame, NodeState, NodeView, Statistic};
use ddlab_labs::workbench::meter::{Counter, Gauge, Meters, MetricKind, MetricSpec, Ratio};
use ddlab_labs::workbench::session::Session;
use ddlab_text::Unit;
use std::rc::Rc;

/// Seconds that a figure of this moment is the mean of.
const NOW: usize = 10;
/// The seconds that tell what is usual.
pub(super) const CALM: std::ops::Range<usize> = 10..90;

/// Machines that do not answer. Not a metric: it is read off the machines.
pub const MACHINES_DOWN: &str = "machines_down";
/// How many times as much the busiest machine has to do as the others have in the mean, up to [`IMBALANCE_MAX`].
pub const IMBALANCE: &str = "imbalance";
const IMBALANCE_MAX: f64 = 100.0;

/// A figure of a part, second by second.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Without the name of its part: `error_ratio`.
    pub name: String,
    pub help: &'static str,
    pub unit: Unit,
    meter: Meter,
    /// One for each second; NaN where there is nothing to read.
    values: Vec<f64>,
    /// The totals at each second: of a counter the first, of a ratio its part and its whole.
    totals: Vec<[f64; 2]>,
}

/// What it is read from.
#[derive(Debug, Clone)]
enum Meter {
    /// Read as a rate.
    Counter(Rc<Counter>),
    /// Of ten seconds.
    Ratio(Rc<Ratio>),
    Gauge(Rc<Gauge>),
    /// Its p99 over ten seconds, which a frame brings.
    Percentile,
    /// Read off the machines, which a frame brings.
    Machines,
}

impl Figure {
    fn new(name: &str, help: &'static str, unit: Unit, meter: Meter) -> Self {
        Self {
            name: name.to_owned(),
            help,
            unit,
            meter,
            values: Vec::new(),
            totals: Vec::new(),
        }
    }

    fn of(name: &str, metric: &'static MetricSpec, meters: &Meters) -> Self {
        let meter = match metric.kind {
            MetricKind::Counter => Meter::Counter(meters.get(metric.name)),
            MetricKind::Ratio => Meter::Ratio(meters.get(metric.name)),
            MetricKind::Gauge => Meter::Gauge(meters.get(metric.name)),
            MetricKind::Histogram => Meter::Percentile,
        };
        Self::new(name, metric.help, metric.unit, meter)
    }

    /// Takes in a second.
    fn tick(&mut self) {
        let value = match &self.meter {
            Meter::Counter(counter) => {
                let total = counter.total() as f64;
                let before = self.totals.last().map_or(total, |totals| totals[0]);
                self.totals.push([total, 0.0]);
                total - before
            }
            Meter::Ratio(ratio) => {
                let [part, whole] = [&ratio.part, &ratio.whole].map(|count| count.total() as f64);
                self.totals.push([part, whole]);
                let from = self.totals.len().saturating_sub(NOW + 1);
                let before = self.totals[from];
                (part - before[0]) / (whole - before[1])
            }
            Meter::Gauge(gauge) => gauge.level(),
            Meter::Percentile | Meter::Machines => self.values.last().copied().unwrap_or(f64::NAN),
        };
        self.values.push(value);
    }

    /// What a frame brings stands for this second, and for those up to the next frame.
    fn set(&mut self, value: Option<f64>) {
        if let Some(last) = self.values.last_mut() {
            *last = value.unwrap_or(f64::NAN);
        }
    }

    /// Over the last ten seconds.
    pub fn now(&self) -> Option<f64> {
        let seconds = match self.meter {
            Meter::Counter(_) | Meter::Gauge(_) => NOW,
            Meter::Ratio(_) | Meter::Percentile | Meter::Machines => 1,
        };
        mean(&self.values[self.values.len().saturating_sub(seconds)..])
    }

    /// In the quiet minutes at the start.
    pub fn usual(&self) -> Option<f64> {
        let end = CALM.end.min(self.values.len());
        mean(self.values.get(CALM.start..end)?)
    }

    /// The mean of these seconds.
    pub fn over(&self, seconds: std::ops::Range<usize>) -> Option<f64> {
        mean(self.values.get(seconds)?)
    }

    /// One value a second; NaN where there was nothing to read.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// `latency p99`, `shed per second`: what its value is.
    pub fn title(&self) -> String {
        let stem = self.unit.stem(&self.name).replace('_', " ");
        match self.meter {
            Meter::Counter(_) => format!("{} per second", stem.trim_end_matches(" total")),
            Meter::Percentile => format!("{stem} p99"),
            Meter::Ratio(_) | Meter::Gauge(_) | Meter::Machines => stem,
        }
    }

    pub fn show(&self, value: f64) -> String {
        self.unit.show(value)
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    let read: Vec<f64> = values
        .iter()
        .copied()
        .filter(|value| !value.is_nan())
        .collect();
    (!read.is_empty()).then(|| read.iter().sum::<f64>() / read.len() as f64)
}

/// A machine as it is seen from outside.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineView {
    /// `bids 2`.
    pub name: String,
    pub is_up: bool,
    /// What it is that the others are not: `primary`; may be empty.
    pub title: String,
    /// Share of it at work, in the last second.
    pub load: f64,
    pub queue: u32,
}

/// A client or a component.
#[derive(Debug, Clone)]
pub struct Part {
    pub name: String,
    pub figures: Vec<Figure>,
    pub machines: Vec<MachineView>,
    /// Machines that are not meant to run: they are no fault.
    spares: Vec<String>,
}

impl Part {
    pub fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.name == name)
    }

    /// Of a figure at this moment.
    pub fn now(&self, figure: &str) -> Option<f64> {
        self.figure(figure)?.now()
    }

    fn figure_mut(&mut self, name: &str) -> Option<&mut Figure> {
        self.figures.iter_mut().find(|figure| figure.name == name)
    }

    /// Takes in its machines.
    fn see(&mut self, nodes: &[NodeView]) {
        let prefix = format!("{} ", self.name);
        let own = |node: &&NodeView| {
            node.number.is_some() && (node.name == self.name || node.name.starts_with(&prefix))
        };
        let machine = |node: &NodeView| MachineView {
            name: node.name.clone(),
            is_up: node.state != NodeState::Down,
            title: match node.state {
                NodeState::Up => node.badge.clone(),
                // In place of it the picture says how slow it is, which nobody on call is told.
                NodeState::Slow => self.title_of(&node.name),
                _ => String::new(),
            },
            load: node.load.min(1.0),
            queue: node.queue,
        };
        self.machines = nodes.iter().filter(own).map(machine).collect();
        let down = self.machines.iter();
        let down = down.filter(|machine| !machine.is_up && !self.is_spare(&machine.name));
        let (down, imbalance) = (down.count() as f64, imbalance(&self.machines));
        for (name, value) in [(MACHINES_DOWN, down), (IMBALANCE, imbalance)] {
            if let Some(figure) = self.figure_mut(name) {
                figure.set(Some(value));
            }
        }
    }

    /// Of one of its machines, as it was seen last.
    fn title_of(&self, machine: &str) -> String {
        let mut machines = self.machines.iter();
        let found = machines.find(|one| one.name == machine);
        found.map_or_else(String::new, |one| one.title.clone())
    }

    /// The share of it at work: of its slots, or of its machines where those have none.
    pub fn busy(&self) -> Option<f64> {
        let slots = self.now("utilization")?;
        let up = self.machines.iter().filter(|machine| machine.is_up);
        let loads: Vec<f64> = up.map(|machine| machine.load).collect();
        let machines = mean(&loads).filter(|_| slots == 0.0);
        Some(machines.unwrap_or(slots))
    }

    pub fn is_spare(&self, machine: &str) -> bool {
        self.spares.iter().any(|spare| spare == machine)
    }
}

/// Work at the busiest machine and in line there, in terms of the others.
fn imbalance(machines: &[MachineView]) -> f64 {
    let loads: Vec<f64> = machines
        .iter()
        .filter(|machine| machine.is_up)
        .map(|machine| machine.load + f64::from(machine.queue))
        .collect();
    let most = loads.iter().copied().fold(0.0, f64::max);
    let others = (loads.iter().sum::<f64>() - most) / (loads.len().saturating_sub(1)).max(1) as f64;
    if loads.len() < 2 || most < 0.2 {
        1.0
    } else {
        (most / others.max(0.02)).min(IMBALANCE_MAX)
    }
}

/// All parts of a system, clients first.
#[derive(Debug, Clone)]
pub struct Board {
    pub parts: Vec<Part>,
    /// Of each metric of the lab: the place of its part and of its figure there.
    places: Vec<Option<(usize, usize)>>,
}

impl Board {
    /// Of a run whose metrics begin with the names of its parts; `spares` are machines that stand ready.
    pub fn new(session: &Session, parts: &[String], spares: &[String]) -> Self {
        let mut board = Self {
            parts: parts.iter().map(|name| part(name, spares)).collect(),
            places: Vec::new(),
        };
        let meters = &session.lab().instruments().meters;
        let metrics = session.spec().metrics.iter();
        board.places = metrics.map(|metric| board.place(metric, meters)).collect();
        for part in &mut board.parts {
            part.figures.extend([
                Figure::new(
                    MACHINES_DOWN,
                    "machines that do not answer",
                    Unit::Count,
                    Meter::Machines,
                ),
                Figure::new(
                    IMBALANCE,
                    "load of the busiest machine, in terms of the others; 100 is that or more",
                    Unit::Times,
                    Meter::Machines,
                ),
            ]);
        }
        board
    }

    fn place(&mut self, metric: &'static MetricSpec, meters: &Meters) -> Option<(usize, usize)> {
        let named = |part: &Part| {
            let rest = metric.name.strip_prefix(part.name.as_str())?;
            rest.strip_prefix('_')
        };
        // The longest name: `images` must not take the figures of `images_store`.
        let of = (0..self.parts.len())
            .filter(|place| named(&self.parts[*place]).is_some())
            .max_by_key(|place| self.parts[*place].name.len())?;
        let name = named(&self.parts[of])?;
        let figure = Figure::of(name, metric, meters);
        self.parts[of].figures.push(figure);
        Some((of, self.parts[of].figures.len() - 1))
    }

    /// Takes in a second of the run.
    pub fn tick(&mut self) {
        let parts = self.parts.iter_mut();
        parts
            .flat_map(|part| &mut part.figures)
            .for_each(Figure::tick);
    }

    /// Takes in what only a frame has: percentiles and machines.
    pub fn see(&mut self, frame: &Frame) {
        for (metric, place) in frame.metrics.iter().zip(&self.places) {
            if let Some((part, figure)) = place {
                let figure = &mut self.parts[*part].figures[*figure];
                if matches!(figure.meter, Meter::Percentile) {
                    figure.set(metric.recent.get(Statistic::P99));
                }
            }
        }
        for part in &mut self.parts {
            part.see(&frame.nodes);
        }
    }

    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }

    /// What a counter of a part has grown by in each second.
    pub fn rates(&self, part: &str, counter: &str) -> &[f64] {
        let figure = self.part(part).and_then(|part| part.figure(counter));
        figure.map_or(&[], Figure::values)
    }
}

fn part(name: &str, spares: &[String]) -> Part {
    let prefix = format!("{name} ");
    Part {
        name: name.to_owned(),
        figures: Vec::new(),
        machines: Vec::new(),
        spares: spares
            .iter()
            .filter(|spare| spare.starts_with(&prefix))
            .cloned()
            .collect(),
    }
}
