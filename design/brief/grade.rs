//! What a design is worth in the world of a brief, over seeds: which requirement holds in how many runs, whether it carries
//! the growth, and what each fault that the brief does not say does to it.

use super::fit::Faults;
use super::verify::GROWTH;
use super::{Brief, NeedKind};
use crate::cost::Prices;
use crate::format::require::{Bound, Figure, Of, own};
use crate::format::{Design, Mark, Problem, Requirement};
use crate::system::{self, DesignLab, LOAD};
use crate::verdict::measured;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::headless::Report;
use ddlab_labs::workbench::knob::KnobValue;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_text::Unit;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// The seeds of a grade that asks for no others.
pub const SEEDS: Range<u64> = 1..6;
/// The part at the start of a run that figures leave out.
const WARMUP: SimTime = SimTime::from_secs(5);

/// The least share of the requests that a component answers which they must reach, while nothing is wrong.
const ANSWERED: f64 = 0.75;
const ANSWERS: Figure = own(
    "answers",
    "answered_total",
    Statistic::Value,
    Unit::Share,
    "share of the requests that it answers in time",
);

/// A design that is to be graded.
pub struct Candidate<'a> {
    brief: &'a Brief,
    whole: &'static DesignLab,
    bare: &'static DesignLab,
    /// With the crowds that the brief says.
    crowded: &'static DesignLab,
    hidden: Vec<&'static DesignLab>,
    seeds: Vec<u64>,
}

impl fmt::Debug for Candidate<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "candidate for {}", self.brief.id)
    }
}

/// A requirement over the seeds.
#[derive(Debug, Clone)]
pub struct Row {
    pub requirement: Requirement,
    /// At each seed; none where nothing was measured.
    pub figures: Vec<Option<f64>>,
}

impl Row {
    /// Whether it holds at each seed.
    pub fn at_each(&self) -> impl Iterator<Item = bool> {
        let is_met = |figure: f64| self.requirement.is_met(figure);
        let figures = self.figures.iter();
        figures.map(move |figure| figure.is_some_and(is_met))
    }

    /// Seeds at which it holds.
    pub fn met(&self) -> usize {
        self.at_each().filter(|is_met| *is_met).count()
    }

    pub fn is_met(&self) -> bool {
        self.met() == self.figures.len()
    }

    /// The middle of the figures.
    pub fn median(&self) -> Option<f64> {
        let figures = self.sorted();
        figures.get(figures.len() / 2).copied()
    }

    /// The least and the most of the figures.
    pub fn ends(&self) -> Option<(f64, f64)> {
        let figures = self.sorted();
        figures.first().copied().zip(figures.last().copied())
    }

    fn sorted(&self) -> Vec<f64> {
        let mut figures: Vec<f64> = self.figures.iter().copied().flatten().collect();
        figures.sort_by(f64::total_cmp);
        figures
    }
}

/// What a fault does that the brief does not say.
#[derive(Debug, Clone)]
pub struct Surprise {
    /// `2m: crash=3`, as it was done.
    pub what: String,
    /// The requirements with it alone, at the first seed.
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone)]
pub struct Grade {
    /// With all faults.
    pub rows: Vec<Row>,
    /// With the load of the growth, the crowds that the brief says, and no other fault.
    pub growth: Vec<Row>,
    pub surprises: Vec<Surprise>,
}

impl<'a> Candidate<'a> {
    /// # Errors
    /// What keeps the design out of the world of the brief.
    pub fn new(brief: &'a Brief, design: &Design, seeds: Vec<u64>) -> Result<Self, Vec<Problem>> {
        let lab = |faults| {
            let fitted = brief.fit(design, faults)?;
            system::lab(&fitted)
                .map_err(|error| vec![Problem::error(Mark::START, error.to_string(), "")])
        };
        let hidden = (0..brief.hidden_faults()).map(|nth| lab(Faults::Hidden(nth)));
        Ok(Self {
            brief,
            whole: lab(Faults::All)?,
            bare: lab(Faults::None)?,
            crowded: lab(Faults::Crowds)?,
            hidden: hidden.collect::<Result<_, _>>()?,
            seeds,
        })
    }

    /// Its lab with all faults of the brief.
    pub fn lab(&self) -> &'static DesignLab {
        self.whole
    }

    /// Its lab without any fault, of which a limit is asked.
    pub fn bare(&self) -> &'static DesignLab {
        self.bare
    }

    /// The run of this seed with all faults.
    pub fn plan(&self, seed: u64) -> RunPlan {
        self.run(self.whole, seed)
    }

    /// With all faults, at each seed.
    pub fn whole(&self) -> Vec<RunPlan> {
        self.seeds.iter().map(|seed| self.plan(*seed)).collect()
    }

    /// With the load of the growth, the crowds that the brief says, and no other fault, at each seed.
    pub fn grown(&self) -> Vec<RunPlan> {
        let grown = |seed: &u64| {
            let mut plan = self.run(self.crowded, *seed);
            let set = plan.knobs.set(LOAD, KnobValue::Number(self.brief.growth));
            debug_assert!(set.is_ok(), "the growth of a brief is a load");
            plan
        };
        self.seeds.iter().map(grown).collect()
    }

    /// With each fault alone that the brief does not say, at the first seed.
    pub fn alone(&self) -> Vec<RunPlan> {
        let first = self.seeds.first().copied().unwrap_or(1);
        let hidden = self.hidden.iter();
        hidden.map(|lab| self.run(lab, first)).collect()
    }

    /// What the rows of the growth stand below.
    pub fn growth_head(&self) -> String {
        let times = ddlab_text::exact(self.brief.growth);
        if self.crowded.design().faults.is_empty() {
            format!("{times} times the load, and no fault")
        } else {
            format!("{times} times the load, in the crowd too, and no other fault")
        }
    }

    /// What may be missing on a bad day is not missing on a good one: for each component that requests must reach, how many
    /// of them it answers in time.
    fn answers(&self, grown: &[Report]) -> Vec<Row> {
        let mut callers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for client in &self.brief.clients {
            let reached = client.needs.iter();
            for need in reached.filter(|need| need.what == NeedKind::Reaches) {
                callers
                    .entry(&need.component)
                    .or_default()
                    .push(&client.name);
            }
        }
        let row = |(component, callers): (&str, Vec<&str>)| Row {
            requirement: Requirement {
                at: Mark::START,
                text: format!(
                    "{component} answers >= {} of {}",
                    ddlab_text::whole_percent(ANSWERED),
                    callers.join(" and ")
                ),
                metric: String::new(),
                figure: ANSWERS,
                bound: Bound::AtLeast,
                value: ANSWERED,
            },
            figures: grown
                .iter()
                .map(|report| self.answered(component, &callers, report))
                .collect(),
        };
        callers.into_iter().map(row).collect()
    }

    /// The share of the requests of these clients that a component answers while somebody waits for it. What a cache has of
    /// it counts.
    fn answered(&self, component: &str, clients: &[&str], report: &Report) -> Option<f64> {
        let value = |part: &str, metric: &str| {
            let value = report.metric(&format!("{part}_{metric}"))?;
            value
                .get(Statistic::Value)
                .filter(|value| value.is_finite())
        };
        let design = self.bare.design();
        let place = design.component(component)?;
        let in_time = |name: &str| {
            let wasted = value(name, "wasted_ratio").unwrap_or_default();
            value(name, "answered_total").unwrap_or_default() * (1.0 - wasted)
        };
        let before = design.components.iter();
        let before = before.filter(|one| one.calls.iter().any(|edge| edge.to == place));
        let kept =
            before.filter_map(|one| Some(in_time(&one.name) * value(&one.name, "hit_ratio")?));
        let answered = in_time(component) + kept.sum::<f64>();
        let asked: Option<f64> = clients
            .iter()
            .map(|client| value(client, "requests_total"))
            .sum();
        asked
            .filter(|asked| *asked > 0.0)
            .map(|asked| answered / asked)
    }

    fn run(&self, lab: &'static DesignLab, seed: u64) -> RunPlan {
        let mut plan = system::plan(lab, seed, self.brief.length);
        plan.warmup = WARMUP;
        plan
    }

    /// What the reports of those three come to; of what was not run, nothing is missed.
    pub fn grade(
        &self,
        whole: &[Report],
        grown: &[Report],
        alone: &[Report],
        prices: &Prices,
    ) -> Grade {
        let surprises = self.hidden.iter().zip(alone).map(|(lab, report)| {
            let script = report.record.plan.script.iter();
            let did = script.map(|done| {
                let what = system::spoken(lab, &done.what);
                format!("{}: {what}", ddlab_text::clock(done.at))
            });
            Surprise {
                what: did.collect::<Vec<_>>().join(", "),
                rows: rows(lab, std::slice::from_ref(report), prices),
            }
        });
        // What a design costs does not depend on what comes to it.
        let measured = |row: &Row| row.requirement.figure.of != Of::Design;
        let growth = rows(self.crowded, grown, prices).into_iter();
        Grade {
            rows: rows(self.whole, whole, prices),
            growth: growth.filter(measured).chain(self.answers(grown)).collect(),
            surprises: surprises.collect(),
        }
    }
}

impl Grade {
    /// All requirements hold at each seed, and under the growth.
    pub fn is_passed(&self) -> bool {
        self.rows.iter().chain(&self.growth).all(Row::is_met)
    }

    /// The subjects of requirements that do not hold at each seed; `growth` where one does not under that.
    pub fn missed(&self) -> Vec<String> {
        let rows = self.rows.iter().filter(|row| !row.is_met());
        let mut missed: Vec<String> = rows.map(|row| row.requirement.subject()).collect();
        if !self.growth.iter().all(Row::is_met) {
            missed.push(GROWTH.to_owned());
        }
        missed
    }

    /// What an interviewer would ask next: first of what was missed, then what is always asked.
    pub fn questions<'b>(&self, brief: &'b Brief) -> Vec<&'b str> {
        let missed = self.missed();
        let of_missed = brief
            .asks
            .iter()
            .filter(|ask| ask.missed.as_ref().is_some_and(|of| missed.contains(of)));
        let always = brief.asks.iter().filter(|ask| ask.missed.is_none());
        of_missed
            .chain(always)
            .map(|ask| ask.question.as_str())
            .collect()
    }
}

fn rows(lab: &DesignLab, reports: &[Report], prices: &Prices) -> Vec<Row> {
    let design = lab.design();
    let row = |requirement: &Requirement| Row {
        figures: reports
            .iter()
            .map(|report| measured(requirement, design, report, prices))
            .collect(),
        requirement: requirement.clone(),
    };
    design.require.iter().map(row).collect()
}
