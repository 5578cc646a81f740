//! A sweep to do: seeds times the product of the varied knobs, as numbered runs.

use super::seeds::SeedsError;
use crate::engine::time::format_span;
use crate::workbench::headless::{self, RunError};
use crate::workbench::intervention::TimedIntervention;
use crate::workbench::knob::{KnobError, KnobKind, KnobSettings, KnobSpec, KnobValue};
use crate::workbench::plan::RunPlan;
use ddlab_text::given;
use std::fmt;
use std::ops::Range;

/// Combinations of varied knobs, at most: each keeps its distributions in memory.
pub const POINTS_MAX: usize = 1_000;
/// Runs, at most: years of one core, and a slip of the keyboard beyond it.
pub const RUNS_MAX: u64 = 10_000_000;

/// Seeds x the product of the varied knobs.
///
/// Runs are numbered by seed first: whoever does the first tenth of them has met every point.
#[derive(Debug, Clone)]
pub struct SweepPlan {
    base: RunPlan,
    seeds: Range<u64>,
    vary: Vec<Varied>,
}

/// A knob, and the values that it takes in turn.
#[derive(Debug, Clone)]
pub struct Varied {
    pub knob: &'static KnobSpec,
    pub values: Vec<KnobValue>,
}

impl PartialEq for Varied {
    fn eq(&self, other: &Self) -> bool {
        self.knob.name == other.knob.name && self.values == other.values
    }
}

/// Why a sweep can't be done so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    #[error(transparent)]
    Seeds(#[from] SeedsError),
    #[error(transparent)]
    Knob(#[from] KnobError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("`{}` does not vary a knob; write KNOB=VALUE,VALUE,…, as in `{example}`", given(.text))]
    VaryForm { text: String, example: String },
    #[error(
        "{source} (a value with a comma in it: put `;` between the values, as in `{knob}=A;B`)"
    )]
    VaryComma {
        knob: &'static str,
        source: KnobError,
    },
    #[error("`{knob}` is varied twice; give all its values in one --vary")]
    VariedTwice { knob: &'static str },
    #[error("`{knob}` is both set and varied; leave one of the two out")]
    SetAndVaried { knob: &'static str },
    #[error("`{knob}` is varied over `{value}` twice; each value once")]
    SameValue { knob: &'static str, value: String },
    #[error(
        "{points} combinations of varied knobs are too many, at most {POINTS_MAX}; vary fewer values"
    )]
    TooManyPoints { points: u128 },
    #[error(
        "{runs} runs ({seeds} seeds, {points} combinations of knobs) are too many, at most {RUNS_MAX}; \
         take fewer seeds"
    )]
    TooManyRuns { runs: u128, seeds: u64, points: u64 },
}

impl SweepPlan {
    /// The base with each of the seeds (its own is of no account), and with each combination of
    /// `vary`, which are texts `KNOB=a,b,c`.
    pub fn new(
        base: RunPlan,
        seeds: Range<u64>,
        vary: &[impl AsRef<str>],
    ) -> Result<Self, PlanError> {
        if seeds.is_empty() {
            let text = format!("{}..{}", seeds.start, seeds.end);
            return Err(SeedsError::Empty(text).into());
        }
        let mut varied: Vec<Varied> = Vec::new();
        for text in vary {
            let new = Varied::parse(text.as_ref(), &base.knobs)?;
            let knob = new.knob.name;
            if varied.iter().any(|earlier| earlier.knob.name == knob) {
                return Err(PlanError::VariedTwice { knob });
            }
            if *base.knobs.value(knob) != new.knob.default {
                return Err(PlanError::SetAndVaried { knob });
            }
            varied.push(new);
        }
        let points = varied.iter().map(|varied| varied.values.len() as u128);
        let points = points.fold(1u128, u128::saturating_mul);
        if points > POINTS_MAX as u128 {
            return Err(PlanError::TooManyPoints { points });
        }
        let (seed_count, points) = (seeds.end - seeds.start, points as u64);
        let runs = u128::from(seed_count) * u128::from(points);
        if runs > u128::from(RUNS_MAX) {
            return Err(PlanError::TooManyRuns {
                runs,
                seeds: seed_count,
                points,
            });
        }
        headless::check(&base)?;
        Ok(Self {
            base,
            seeds,
            vary: varied,
        })
    }

    /// What all runs have in common.
    pub fn base(&self) -> &RunPlan {
        &self.base
    }

    pub fn seeds(&self) -> Range<u64> {
        self.seeds.clone()
    }

    pub fn vary(&self) -> &[Varied] {
        &self.vary
    }

    /// Combinations of the varied knobs: one when none is.
    pub fn points(&self) -> usize {
        self.vary.iter().map(|varied| varied.values.len()).product()
    }

    /// The varied knobs with the values that they have at a point; the last one varies fastest.
    pub fn point(&self, place: usize) -> Vec<(&'static KnobSpec, &KnobValue)> {
        let mut rest = place;
        let mut values: Vec<_> = self
            .vary
            .iter()
            .rev()
            .map(|varied| {
                let value = &varied.values[rest % varied.values.len()];
                rest /= varied.values.len();
                (varied.knob, value)
            })
            .collect();
        values.reverse();
        values
    }

    /// How many runs there are, numbered from 0.
    pub fn runs(&self) -> u64 {
        (self.seeds.end - self.seeds.start) * self.points() as u64
    }

    /// The point and the seed of a run.
    pub fn run(&self, number: u64) -> (usize, u64) {
        let points = self.points() as u64;
        let seed = self.seeds.start + number / points;
        ((number % points) as usize, seed)
    }

    /// A run of its own, as `ddlab lab run` would do it.
    pub fn run_plan(&self, point: usize, seed: u64) -> RunPlan {
        let mut plan = self.base.clone();
        plan.seed = seed;
        for (knob, value) in self.point(point) {
            plan.knobs
                .set(knob.name, value.clone())
                .expect("values of a varied knob were checked when the sweep was planned");
        }
        plan
    }

    /// How a point is written: `policy=hedge fan_out=20`, or nothing when no knob is varied.
    pub fn point_text(&self, point: usize) -> String {
        let set = self.point(point).into_iter();
        let set: Vec<String> = set
            .map(|(knob, value)| format!("{}={value}", knob.name))
            .collect();
        set.join(" ")
    }

    /// The same sweep over other seeds.
    #[must_use]
    pub fn over(mut self, seeds: Range<u64>) -> Self {
        self.seeds = seeds;
        self
    }

    /// What sets this sweep apart from another, as this one has it and as the other has it; none when
    /// they differ in nothing but the seeds.
    pub fn difference(&self, other: &Self) -> Option<(String, String)> {
        let (ours, theirs) = (&self.base, &other.base);
        let id = |plan: &RunPlan| plan.lab.spec().id;
        let script = |plan: &RunPlan| {
            let at = |done: &TimedIntervention| {
                format!("--at {}:{}", format_span(done.at.into()), done.what)
            };
            plan.script.iter().map(at).collect::<Vec<_>>().join(" ")
        };
        let vary = |plan: &Self| {
            let texts = plan.vary.iter().map(|varied| format!("--vary {varied}"));
            texts.collect::<Vec<_>>().join(" ")
        };
        let pair = |a: String, b: String| (a != b).then_some((a, b));
        let or_no = |what: &str, (a, b): (String, String)| {
            let shown = |text: String| {
                if text.is_empty() {
                    format!("no {what}")
                } else {
                    text
                }
            };
            (shown(a), shown(b))
        };
        if let Some(labs) = pair(id(ours).to_owned(), id(theirs).to_owned()) {
            return Some(labs);
        }
        if let Some(knobs) = knob_difference(&ours.knobs, &theirs.knobs) {
            return Some(knobs);
        }
        let length = |plan: &RunPlan| format!("--for {}", format_span(plan.length.into()));
        let warmup = |plan: &RunPlan| format!("--warmup {}", format_span(plan.warmup.into()));
        pair(length(ours), length(theirs))
            .or_else(|| pair(warmup(ours), warmup(theirs)))
            .or_else(|| Some(or_no("--at", pair(script(ours), script(theirs))?)))
            .or_else(|| Some(or_no("--vary", pair(vary(self), vary(other))?)))
    }
}

fn knob_difference(ours: &KnobSettings, theirs: &KnobSettings) -> Option<(String, String)> {
    let (ours, theirs) = (ours.iter(), theirs.values());
    let mut differ = ours.zip(theirs).filter(|((_, a), b)| a != b);
    let ((knob, a), b) = differ.next()?;
    Some((format!("{}={a}", knob.name), format!("{}={b}", knob.name)))
}

impl Varied {
    fn parse(text: &str, knobs: &KnobSettings) -> Result<Self, PlanError> {
        let Some((name, values)) = text.split_once('=') else {
            let name = text.trim();
            let known = knobs.spec(name).ok();
            let example = known.or_else(|| Some(knobs.iter().next()?.0));
            let example = example.map_or_else(String::new, |knob| {
                format!("{}={},…", knob.name, knob.default)
            });
            let text = text.to_owned();
            return Err(PlanError::VaryForm { text, example });
        };
        let knob = knobs.spec(name.trim())?;
        let comma = if values.contains(';') { ';' } else { ',' };
        // One value alone that has a comma in it is written `A,B;`.
        let values = values.trim_end();
        let list = values.strip_suffix(';').unwrap_or(values);
        let mut parsed: Vec<KnobValue> = Vec::new();
        for value in list.split(comma) {
            let value = knob.parse(value).map_err(|source| match knob.kind {
                KnobKind::Distribution { .. } if comma == ',' && values.contains(',') => {
                    let knob = knob.name;
                    PlanError::VaryComma { knob, source }
                }
                _ => source.into(),
            })?;
            if parsed.contains(&value) {
                return Err(PlanError::SameValue {
                    knob: knob.name,
                    value: value.to_string(),
                });
            }
            parsed.push(value);
        }
        Ok(Self {
            knob,
            values: parsed,
        })
    }
}

/// `KNOB=a,b,c`, or with `;` where a value has a comma in it (one alone: `KNOB=a,1;`); parses back to the
/// same.
impl fmt::Display for Varied {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<String> = self.values.iter().map(ToString::to_string).collect();
        let inner = values.iter().any(|value| value.contains(','));
        let (comma, end) = match (inner, values.len()) {
            (false, _) => (",", ""),
            (true, 1) => (";", ";"),
            (true, _) => (";", ""),
        };
        write!(out, "{}={}{end}", self.knob.name, values.join(comma))
    }
}
