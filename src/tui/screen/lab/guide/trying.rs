//! The lab under a challenge: only the knobs that it names may be turned, and its script alone breaks things.

use super::Guide;
use crate::tui::effect::Effect;
use crate::tui::screen::lab::LabScreen;
use ddlab_labs::workbench::knob::{KnobSpec, KnobValue};

impl LabScreen {
    /// Begins the challenge, or hands the settings in.
    pub(super) fn hand_in(&mut self) -> Vec<Effect> {
        let Some(Guide::Trial(trial)) = &mut self.guide else {
            return Vec::new();
        };
        if trial.begin() {
            return self.live.play(true);
        }
        match trial.hand_in(self.live.knobs()) {
            Some((job, measuring)) => vec![Effect::Measure(job, measuring)],
            None => Vec::new(),
        }
    }

    /// To the next knob that may be turned here.
    pub(super) fn focus_turnable(&mut self, by: isize) -> Vec<Effect> {
        let Some(Guide::Trial(trial)) = &self.guide else {
            return Vec::new();
        };
        let free: Vec<usize> = (0..self.spec.knobs.len())
            .filter(|at| trial.lets_turn(self.spec.knobs[*at].name))
            .collect();
        let count = free.len().cast_signed();
        if count > 0 {
            let here = free.iter().position(|at| *at == self.focus);
            let wanted = here.map_or(0, |here| here.cast_signed() + by);
            self.focus = free[wanted.rem_euclid(count).cast_unsigned()];
        }
        Vec::new()
    }

    /// A lab in a challenge is broken by its script alone.
    pub(in crate::tui::screen::lab) fn actions_are_given(&self) -> bool {
        matches!(self.guide, Some(Guide::Trial(_)))
    }

    /// Why a challenge does not let a knob have this value.
    pub(in crate::tui::screen::lab) fn refused_in_guide(
        &self,
        knob: &'static KnobSpec,
        value: &KnobValue,
    ) -> Option<Effect> {
        let Some(Guide::Trial(trial)) = &self.guide else {
            return None;
        };
        let refusal = trial.challenge.allows(knob, value).err()?;
        Some(Effect::warning(refusal.to_string()))
    }

    /// What turning a knob comes to in a challenge: a refusal when the challenge gives that knob, or the
    /// challenge from its start when the knob shapes the whole run. None when the run is to follow.
    pub(in crate::tui::screen::lab) fn turn_in_guide(
        &mut self,
        knob: &'static KnobSpec,
        value: &KnobValue,
    ) -> Option<Vec<Effect>> {
        if let Some(refusal) = self.refused_in_guide(knob, value) {
            return Some(vec![refusal]);
        }
        let Some(Guide::Trial(trial)) = &mut self.guide else {
            return None;
        };
        trial.turned();
        if !knob.needs_restart {
            return None;
        }
        let mut plan = trial.plan_with(self.live.knobs());
        plan.knobs.set(knob.name, value.clone()).ok()?;
        Some(self.start_plan(plan, self.live.speed(), true))
    }
}

/// What is said to whoever would break something all the same.
pub(super) fn given() -> Effect {
    let text = "the faults of this challenge are fixed; turn the knobs that you may turn";
    Effect::info(text)
}
