//! The limit of a lab: the greatest load at which it meets an objective, found by bisection over several seeds,
//! and the curve on the way there.
//!
//! - [`objective`]: what is asked; here: the search, and what it came to; `summary`: the same in words.
//!
//! Nothing here runs anything: whoever searches passes a function that does the runs, on as many threads as it
//! has.

mod objective;
mod summary;
#[cfg(test)]
mod tests;

pub use objective::{Objective, ObjectiveError};

use super::frame::Statistic;
use super::headless::{Report, RunError};
use super::knob::{KnobKind, KnobSettings, KnobSpec, KnobValue};
use super::lab::LabSpec;
use super::meter::{MetricKind, MetricSpec};
use super::plan::RunPlan;
use ddlab_text::{Unit, given, suggestion};

/// The knob that says how much a lab has to do, where nobody names another.
const LOAD: &str = "arrival_rps";
/// The limit is known to this: the load above it is at most so many times the one below.
const CLOSE: f64 = 1.04;
/// Doublings and halvings from the load that the search begins at, at most.
const REACH: u32 = 16;
/// Further loads of the curve, as shares of the limit.
const CURVE: [f64; 6] = [0.2, 0.4, 0.6, 0.8, 0.9, 1.1];
/// A resource that is in use to this share has nothing left for a burst.
const SATURATED: f64 = 0.8;
/// With several objectives, the search goes on up to so many times the load at which the first of them is missed: what
/// is met there is not what breaks, and an overload costs more the greater it is.
const BEYOND: f64 = 4.0;
/// Without a bound, the tail may grow to so many times what it is at a tenth of the load.
const TAIL_GROWS: f64 = 5.0;

/// What is searched.
#[derive(Debug, Clone)]
pub struct LimitPlan {
    /// The run at any load; its own seed is of no account.
    pub base: RunPlan,
    pub load: &'static KnobSpec,
    pub seeds: Vec<u64>,
    /// None: the tail stays below [`TAIL_GROWS`] times what it is at a tenth of the load.
    pub objective: Option<Objective>,
    /// No load above so many times the one that the search begins at is tried.
    pub reach: f64,
}

/// Why there is no limit to search.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    #[error("the lab `{lab}` has no load to raise{suggestion}")]
    NoLoad {
        lab: &'static str,
        suggestion: String,
    },
    #[error("`{0}` is not a number; the load must be one")]
    NotANumber(&'static str),
    #[error(transparent)]
    Objective(#[from] ObjectiveError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("nothing was measured at {knob} = {load}; run it longer, or name a bound")]
    NothingMeasured { knob: &'static str, load: String },
}

/// One load of the curve.
#[derive(Debug, Clone)]
pub struct Point {
    pub load: f64,
    /// The figure that the objective bounds, at each seed.
    pub figures: Vec<Option<f64>>,
    /// How far each resource was in use, mean over the seeds, from 0 to 1.
    pub resources: Vec<(&'static MetricSpec, f64)>,
}

/// What a search came to.
#[derive(Debug, Clone)]
pub struct Limit {
    pub load: &'static KnobSpec,
    pub objective: Objective,
    /// The greatest load at which most seeds meet the objective. None when none does, however small.
    pub limit: Option<f64>,
    /// Above this load most seeds miss it. None when they meet it at the greatest load that was tried.
    pub missed: Option<f64>,
    /// The same for each seed alone: the greatest load of the curve that meets it.
    pub by_seed: Vec<Option<f64>>,
    /// In order of load.
    pub curve: Vec<Point>,
}

impl LimitPlan {
    /// The search of this run's limit; the load is `knob`, or else that of the lab.
    ///
    /// # Errors
    /// When there is no such knob, or it is not a number.
    pub fn new(base: RunPlan, knob: Option<&str>, seeds: Vec<u64>) -> Result<Self, LimitError> {
        Ok(Self {
            load: load_of(base.lab.spec(), knob)?,
            base,
            seeds,
            objective: None,
            reach: f64::INFINITY,
        })
    }

    /// Searches; `run` does the runs of one load, one a seed, and comes to a report of each.
    ///
    /// # Errors
    /// When a run can't be done, or measures nothing.
    pub fn search(
        &self,
        mut run: impl FnMut(Vec<RunPlan>) -> Result<Vec<Report>, RunError>,
    ) -> Result<Limit, LimitError> {
        let objective = match self.objective {
            Some(objective) => objective,
            None => self.usual_objective(&mut run)?,
        };
        let mut found = self.search_all(&[objective], run)?;
        Ok(found.remove(0))
    }

    /// The limit of each of these objectives, in their order; a load is run once for all of them. An objective that is
    /// still met at [`BEYOND`] times the load at which another is missed has a limit of that load, and none that misses.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub fn search_all(
        &self,
        objectives: &[Objective],
        run: impl FnMut(Vec<RunPlan>) -> Result<Vec<Report>, RunError>,
    ) -> Result<Vec<Limit>, LimitError> {
        let (least, most) = self.range()?;
        let start = self.start()?;
        let mut curves = Curves {
            plan: self,
            objectives,
            run,
            loads: Vec::new(),
            points: vec![Vec::new(); objectives.len()],
        };
        let mut top = start;
        for _ in 1..REACH {
            if top >= most || !curves.all_meet(top)? {
                break;
            }
            top = (top * 2.0).min(most);
        }
        let most = match objectives {
            [_] => most,
            _ => (top * BEYOND).min(most),
        };
        let mut found = Vec::new();
        for nth in 0..objectives.len() {
            let mut tried = start;
            let (limit, missed) = bisect(start, least, most, &mut |load| {
                tried = f64::max(tried, load);
                curves.meets(load, nth)
            })?;
            found.push((limit, missed, tried));
        }
        let reference = |found: &(Option<f64>, Option<f64>, f64)| found.0.or(found.1);
        // The curve is that of what breaks first; the others have the loads that are tried anyway.
        let first = found.iter().filter_map(reference).reduce(f64::min);
        for share in CURVE {
            curves.all_meet(round(first.unwrap_or(start) * share).clamp(least, most))?;
        }
        let found = found.into_iter().enumerate();
        let limit = |(nth, (limit, missed, tried))| {
            let highest = f64::max(tried, first.unwrap_or(start) * CURVE[CURVE.len() - 1]);
            curves.limit_of(nth, limit, missed, highest)
        };
        Ok(found.map(limit).collect())
    }

    /// The load that a search begins at.
    fn start(&self) -> Result<f64, LimitError> {
        match self.base.knobs.value(self.load.name) {
            KnobValue::Number(load) => Ok(*load),
            _ => Err(LimitError::NotANumber(self.load.name)),
        }
    }

    /// The run of each seed at a load.
    fn runs(&self, load: f64) -> Vec<RunPlan> {
        let load = match self.load.kind {
            KnobKind::Number { integer: true, .. } => load.round(),
            _ => load,
        };
        let run = |seed: &u64| {
            let mut plan = self.base.clone();
            plan.seed = *seed;
            let set = plan.knobs.set(self.load.name, KnobValue::Number(load));
            debug_assert!(set.is_ok(), "the load is within its range: {set:?}");
            plan
        };
        self.seeds.iter().map(run).collect()
    }

    fn range(&self) -> Result<(f64, f64), LimitError> {
        match self.load.kind {
            KnobKind::Number { min, max, .. } => Ok((min, max.min(self.start()? * self.reach))),
            _ => Err(LimitError::NotANumber(self.load.name)),
        }
    }

    /// The tail at a small load, and room for it to grow.
    fn usual_objective(
        &self,
        run: &mut impl FnMut(Vec<RunPlan>) -> Result<Vec<Report>, RunError>,
    ) -> Result<Objective, LimitError> {
        let load = (self.start()? / 10.0).max(self.range()?.0);
        let spec = self.base.lab.spec();
        let no_latency = || LimitError::Objective(ObjectiveError::NoLatency(spec.id));
        let tail = Objective::tail_below(spec, 0.0).ok_or_else(no_latency)?;
        let reports = run(self.runs(round(load)))?;
        let mut figures: Vec<f64> = reports.iter().filter_map(|r| tail.figure(r)).collect();
        let bound = median(&mut figures).ok_or_else(|| LimitError::NothingMeasured {
            knob: self.load.name,
            load: round(load).to_string(),
        })?;
        Ok(Objective {
            bound: round(bound * TAIL_GROWS),
            ..tail
        })
    }
}

/// The loads that were run, and what they came to for each objective.
struct Curves<'a, R> {
    plan: &'a LimitPlan,
    objectives: &'a [Objective],
    run: R,
    loads: Vec<f64>,
    /// By objective, in the order of `loads`.
    points: Vec<Vec<Point>>,
}

impl<R: FnMut(Vec<RunPlan>) -> Result<Vec<Report>, RunError>> Curves<'_, R> {
    /// The place of a load, which is run if it has not been.
    fn place(&mut self, load: f64) -> Result<usize, LimitError> {
        let known = |one: &f64| one.total_cmp(&load).is_eq();
        if let Some(place) = self.loads.iter().position(known) {
            return Ok(place);
        }
        let reports = (self.run)(self.plan.runs(load))?;
        self.loads.push(load);
        for (points, objective) in self.points.iter_mut().zip(self.objectives) {
            points.push(Point::of(load, objective, &reports));
        }
        Ok(self.loads.len() - 1)
    }

    /// Whether most seeds meet this objective at a load.
    fn meets(&mut self, load: f64, nth: usize) -> Result<bool, LimitError> {
        let place = self.place(load)?;
        let met = self.points[nth][place].met(&self.objectives[nth]);
        Ok(2 * met > self.plan.seeds.len())
    }

    fn all_meet(&mut self, load: f64) -> Result<bool, LimitError> {
        for nth in 0..self.objectives.len() {
            if !self.meets(load, nth)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What was found of an objective, with the loads up to this one.
    fn limit_of(&self, nth: usize, limit: Option<f64>, missed: Option<f64>, highest: f64) -> Limit {
        let objective = self.objectives[nth];
        let points = self.points[nth].iter();
        let mut curve: Vec<Point> = points
            .filter(|point| point.load <= highest)
            .cloned()
            .collect();
        curve.sort_by(|one, other| one.load.total_cmp(&other.load));
        let of_seed = |seed: usize| {
            let met = |point: &&Point| objective.is_met(point.figures[seed]);
            curve.iter().take_while(met).last().map(|point| point.load)
        };
        Limit {
            load: self.plan.load,
            objective,
            limit,
            missed,
            by_seed: (0..self.plan.seeds.len()).map(of_seed).collect(),
            curve,
        }
    }
}

/// The knob that is raised.
fn load_of(spec: &'static LabSpec, knob: Option<&str>) -> Result<&'static KnobSpec, LimitError> {
    let name = knob.unwrap_or(LOAD);
    let no_load = |_| LimitError::NoLoad {
        lab: spec.id,
        suggestion: match knob {
            None => ": it has no knob `arrival_rps`; name another with --load KNOB".to_owned(),
            Some(name) => {
                let names: Vec<&str> = spec.knobs.iter().map(|knob| knob.name).collect();
                format!(" called `{}`; {}", given(name), suggestion(name, &names))
            }
        },
    };
    KnobSettings::defaults(&spec.knobs)
        .spec(name)
        .map_err(no_load)
}

/// The greatest load that meets, and the smallest that misses, as far as they lie within reach.
fn bisect(
    start: f64,
    least: f64,
    most: f64,
    meets: &mut impl FnMut(f64) -> Result<bool, LimitError>,
) -> Result<(Option<f64>, Option<f64>), LimitError> {
    let (mut met, mut missed) = (None, None);
    let mut load = start;
    for _ in 0..REACH {
        if meets(load)? {
            met = Some(load);
        } else {
            missed = Some(load);
        }
        load = match (met, missed) {
            (Some(met), None) if met < most => (met * 2.0).min(most),
            (None, Some(missed)) if missed > least => (missed / 2.0).max(least),
            _ => break,
        };
    }
    while let (Some(low), Some(high)) = (met, missed) {
        let middle = round((low * high).sqrt());
        if high / low <= CLOSE || middle <= low || middle >= high {
            break;
        }
        if meets(middle)? {
            met = Some(middle);
        } else {
            missed = Some(middle);
        }
    }
    Ok((met, missed))
}

/// To three digits that count: a load that a person would write.
fn round(value: f64) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return value;
    }
    let scale = 10f64.powi(value.log10().floor() as i32 - 2);
    let rounded = (value / scale).round() * scale;
    (rounded * 1e9).round() / 1e9
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

impl Point {
    fn of(load: f64, objective: &Objective, reports: &[Report]) -> Self {
        let resource = |spec: &'static MetricSpec| {
            let values: Vec<f64> = reports
                .iter()
                .filter_map(|report| report.metric(spec.name)?.get(Statistic::Mean))
                .collect();
            let count = values.len() as f64;
            (!values.is_empty()).then(|| (spec, values.iter().sum::<f64>() / count))
        };
        let first = reports.first();
        let metrics = first.into_iter().flat_map(|report| &report.metrics);
        Self {
            load,
            figures: reports
                .iter()
                .map(|report| objective.figure(report))
                .collect(),
            resources: metrics
                .map(|(spec, _)| *spec)
                .filter(|spec| is_resource(spec))
                .filter_map(resource)
                .collect(),
        }
    }

    /// How many seeds meet the objective.
    pub fn met(&self, objective: &Objective) -> usize {
        let met = self
            .figures
            .iter()
            .filter(|figure| objective.is_met(**figure));
        met.count()
    }

    /// The least, the median and the greatest figure over the seeds.
    pub fn spread(&self) -> Option<[f64; 3]> {
        let mut figures: Vec<f64> = self.figures.iter().flatten().copied().collect();
        let middle = median(&mut figures)?;
        Some([*figures.first()?, middle, *figures.last()?])
    }
}

/// Whether a metric says how far something is in use.
fn is_resource(spec: &MetricSpec) -> bool {
    spec.kind == MetricKind::Gauge && spec.unit == Unit::Share && spec.name.ends_with("utilization")
}

impl Limit {
    /// The resource that was the first to be in use to four fifths as the load rose, with that load; else the one
    /// that was in use most at the limit.
    pub fn saturates_first(&self) -> Option<Saturation> {
        let saturated = self.curve.iter().find_map(|point| {
            let resources = point.resources.iter();
            let full = resources.filter(|(_, share)| *share >= SATURATED);
            let (metric, share) = full.max_by(|one, other| one.1.total_cmp(&other.1))?;
            Some(Saturation {
                metric,
                load: point.load,
                share: *share,
            })
        });
        saturated.or_else(|| {
            let mut at_limit = self
                .curve
                .iter()
                .filter(|point| Some(point.load) <= self.limit);
            let point = at_limit.next_back()?;
            let resources = point.resources.iter();
            let (metric, share) = resources.max_by(|one, other| one.1.total_cmp(&other.1))?;
            Some(Saturation {
                metric,
                load: point.load,
                share: *share,
            })
        })
    }

    /// The load from which on the figure grows faster than the load: where the curve lies furthest below the
    /// straight line from its start to the limit (Satopää et al., *Finding a "kneedle" in a haystack*, 2011).
    pub fn knee(&self) -> Option<f64> {
        let limit = self.limit?;
        let points: Vec<(f64, f64)> = self
            .curve
            .iter()
            .filter(|point| point.load <= limit)
            .filter_map(|point| Some((point.load, point.spread()?[1])))
            .collect();
        let (first, last) = (*points.first()?, *points.last()?);
        let (width, height) = (last.0 - first.0, last.1 - first.1);
        if points.len() < 3 || width <= 0.0 || height <= 0.0 {
            return None;
        }
        let below = |point: &(f64, f64)| (point.0 - first.0) / width - (point.1 - first.1) / height;
        let knee = points
            .iter()
            .max_by(|one, other| below(one).total_cmp(&below(other)))?;
        (below(knee) > 0.0).then_some(knee.0)
    }
}

/// A resource at a load.
#[derive(Debug, Clone, Copy)]
pub struct Saturation {
    pub metric: &'static MetricSpec,
    pub load: f64,
    /// In use, from 0 to 1.
    pub share: f64,
}

impl Saturation {
    pub fn is_full(&self) -> bool {
        self.share >= SATURATED
    }
}
