//! The lab under a challenge: only the knobs that it names may be turned, and its script alone breaks things.

use super::Guide;
use crate::tui::effect::{Effect, Notice};
use crate::tui::screen::lab::LabScreen;
use ddlab_labs::workbench::knob::{KnobSpec, KnobValue};

impl LabScreen {
    /// Begins the challenge, or hands the settings in.
    pub(super) fn hand_in(&mut self) -> Vec<Effect> {
        let Some(Guide::Trial(trial)) = &mut self.guide else {
            return Vec::new();
        };
        if trial.begin() {
            return self.play(true);
        }
        match trial.hand_in(&self.values) {
            Some((job, measuring)) => vec![Effect::Measure(job, measuring)],
            None => Vec::new(),
        }
    }

    /// To the next knob that may be turned here.
    pub(super) fn focus_turnable(&mut self, by: isize) -> Vec<Effect> {
        let Some(Guide::Trial(trial)) = &self.guide else {
            return Vec::new();
        };
        let turn = &trial.challenge.turn;
        let may = |knob: &KnobSpec| turn.iter().any(|turn| turn.knob.name == knob.name);
        let free: Vec<usize> = (0..self.spec.knobs.len())
            .filter(|at| may(&self.spec.knobs[*at]))
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

    /// Why the knob may not be turned so; none when it may.
    pub(in crate::tui::screen::lab) fn guide_refuses(
        &self,
        knob: &'static KnobSpec,
        value: &KnobValue,
    ) -> Option<Effect> {
        let Some(Guide::Trial(trial)) = &self.guide else {
            return None;
        };
        let refusal = trial.challenge.allows(knob, value).err()?;
        Some(Effect::Notice(Notice::warning(refusal.to_string())))
    }

    /// A knob that shapes the run starts the challenge's own again; none when the lab knows what to do.
    pub(in crate::tui::screen::lab) fn turned_in_guide(
        &mut self,
        knob: &'static KnobSpec,
    ) -> Option<Vec<Effect>> {
        let Some(Guide::Trial(trial)) = &mut self.guide else {
            return None;
        };
        trial.turned();
        if !knob.needs_restart {
            return None;
        }
        let plan = trial.plan_with(&self.values);
        Some(self.start_plan(plan, self.speed.value(), true))
    }
}

/// What is said to whoever would break something all the same.
pub(super) fn given() -> Effect {
    let text = "what goes wrong here is given: turn the knobs that you may turn";
    Effect::Notice(Notice::info(text))
}
