//! From the file's form to a challenge: every name is looked up, every order of things is held.

use super::form::{ChallengeForm, ParForm, TrapForm, TurnForm};
use super::{Challenge, Medal, Par, Trap, Turn};
use crate::engine::SimTime;
use crate::workbench::claim::form::{Scalar, SettingsForm, StatementForm, apply};
use crate::workbench::claim::measure::{self, find, unknown};
use crate::workbench::claim::{Fault, Measure, MeasuredRun, Statement};
use crate::workbench::knob::{KnobSettings, KnobValue};
use crate::workbench::lab::Lab;
use crate::workbench::plan::RunPlan;
use serde_yaml::Spanned;

/// How fast the lab is shown at the start.
const SPEED: f64 = 2.0;

impl Challenge {
    pub(crate) fn read(form: ChallengeForm, lab: &'static dyn Lab) -> Result<Self, Fault> {
        let plan = plan(&form, lab)?;
        let measures = Measure::read_all(&form.measures, &[""], lab.spec())?;
        let statements = |forms: &[StatementForm]| {
            let read = |form: &StatementForm| Statement::read(form, &measures);
            forms.iter().map(read).collect::<Result<Vec<_>, _>>()
        };
        let turn = form.turn.iter().map(|turn| read_turn(turn, &plan.knobs));
        let mut challenge = Self {
            turn: turn.collect::<Result<_, _>>()?,
            slo: statements(&form.slo)?,
            bronze: statements(&form.medals.bronze)?,
            silver: statements(&form.medals.silver)?,
            gold: statements(&form.medals.gold)?,
            run: MeasuredRun {
                id: String::new(),
                begins: SimTime(0),
                speed: SPEED,
                breaks: Vec::new(),
                plan,
            },
            par: Par {
                knobs: KnobSettings::defaults(&lab.spec().knobs),
                medal: Medal::Gold,
                why: form.par.why.trim().to_owned(),
            },
            traps: Vec::new(),
            id: form.id.value.clone(),
            title: form.title,
            summary: form.summary,
            minutes: form.minutes,
            brief: form.brief.trim().to_owned(),
            seed: form.seed,
            hints: form.hints,
            measures,
        };
        challenge.par = challenge.read_par(&form.par)?;
        let traps = form.traps.iter().map(|trap| challenge.read_trap(trap));
        challenge.traps = traps.collect::<Result<_, _>>()?;
        let empty = [
            (challenge.slo.is_empty(), "slo"),
            (challenge.traps.is_empty(), "traps"),
            (challenge.hints.is_empty(), "hints"),
            (challenge.turn.is_empty(), "turn"),
        ];
        match empty.iter().find(|(empty, _)| *empty) {
            Some((_, name)) => {
                let what = format!("a challenge needs `{name}`");
                Err(Fault::new(form.id.referenced, what))
            }
            None => Ok(challenge),
        }
    }

    fn read_par(&self, form: &ParForm) -> Result<Par, Fault> {
        let medal = match &form.medal {
            None => Medal::Gold,
            Some(name) => Medal::parse(&name.value)
                .ok_or_else(|| unknown("medal", name, &Medal::ALL.map(Medal::name)))?,
        };
        Ok(Par {
            knobs: self.settings(&form.set)?,
            medal,
            why: form.why.trim().to_owned(),
        })
    }

    fn read_trap(&self, form: &TrapForm) -> Result<Trap, Fault> {
        let fails = find(&self.measures, &form.fails)?.name.clone();
        if !self.slo.iter().any(|statement| statement.of == fails) {
            let what = format!("the SLO has no statement about `{fails}`");
            return Err(Fault::new(form.fails.referenced, what));
        }
        Ok(Trap {
            name: form.name.value.clone(),
            knobs: self.settings(&form.set)?,
            fails,
            why: form.why.trim().to_owned(),
        })
    }

    /// Settings of a learner: only what may be turned.
    fn settings(&self, form: &SettingsForm) -> Result<KnobSettings, Fault> {
        let mut knobs = self.run.plan.knobs.clone();
        apply(form, &mut knobs)?;
        for (name, value) in form {
            let fault =
                |error: &dyn std::error::Error| Fault::new(value.referenced, error.to_string());
            let spec = knobs.spec(name).map_err(|error| fault(&error))?;
            self.allows(spec, knobs.value(name))
                .map_err(|error| fault(&error))?;
        }
        Ok(knobs)
    }
}

fn plan(form: &ChallengeForm, lab: &'static dyn Lab) -> Result<RunPlan, Fault> {
    let mut plan = RunPlan::new(lab, form.seed);
    apply(&form.set, &mut plan.knobs)?;
    plan.length = measure::span(&form.length)?;
    plan.warmup = match &form.warmup {
        Some(warmup) => measure::span(warmup)?,
        None => SimTime(0),
    };
    if plan.warmup >= plan.length {
        let what = "the warm-up is as long as the run; make it shorter";
        return Err(Fault::new(form.length.referenced, what));
    }
    for text in &form.script {
        let compact = text.value.replacen(": ", ":", 1);
        plan.script_text(&compact)
            .map_err(|error| Fault::new(text.referenced, error.to_string()))?;
    }
    Ok(plan)
}

fn read_turn(form: &TurnForm, knobs: &KnobSettings) -> Result<Turn, Fault> {
    let knob = knobs
        .spec(&form.knob.value)
        .map_err(|error| Fault::new(form.knob.referenced, error.to_string()))?;
    let read = |text: &Spanned<Scalar>| -> Result<KnobValue, Fault> {
        knob.parse(&text.value.0)
            .map_err(|error| Fault::new(text.referenced, error.to_string()))
    };
    Ok(Turn {
        knob,
        only: form.only.iter().map(&read).collect::<Result<_, _>>()?,
        at_least: form.at_least.as_ref().map(&read).transpose()?,
        at_most: form.at_most.as_ref().map(&read).transpose()?,
    })
}
