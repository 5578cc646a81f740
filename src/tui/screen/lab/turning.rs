//! Turning knobs: which are shown, a value that is looked at before it is applied, and what takes it back.

use super::guide::Guide;
use super::layout::HIGH_FROM;
use super::{Cx, LabScreen};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::widget::knobs::Grid;
use crate::tui::widget::page;
use ddlab_labs::workbench::knob::{KnobKind, KnobSpec, KnobValue};
use ddlab_labs::workbench::lab::LabSpec;
use ratatui::layout::Rect;
use std::time::Duration;

/// Who turns a knob no further for so long wants this value.
const PAUSE: Duration = Duration::from_millis(600);

/// Rows that knobs take on a high screen, where there are so many.
const UNFOLDED_ROWS: u16 = 5;

/// A value that a knob was turned to and that the run does not have yet.
#[derive(Debug)]
pub(super) struct Preview {
    knob: usize,
    value: KnobValue,
    /// On the clock of [`Cx::uptime`].
    due: Duration,
}

/// The knobs that a lab shows before anything was turned: what is done about faults, the faults, the rest. All of a
/// lab that names none.
pub(super) fn essential_knobs(spec: &LabSpec) -> Vec<usize> {
    let rank = |knob: &KnobSpec| match (&knob.kind, knob.group) {
        (KnobKind::Choice { .. } | KnobKind::Switch, _) => 0,
        (_, "faults") => 1,
        _ => 2,
    };
    let all = || 0..spec.knobs.len();
    let mut essential: Vec<usize> = all().filter(|n| spec.knobs[*n].essential).collect();
    if essential.is_empty() {
        return all().collect();
    }
    essential.sort_by_key(|n| rank(&spec.knobs[*n]));
    essential
}

impl LabScreen {
    /// The knobs of the pane: those that a challenge lets one turn, the essential ones, and whatever is not at
    /// its default or in focus; on a high screen as many of the others as there is room for.
    pub(super) fn shown_knobs(&self, area: Rect) -> Vec<usize> {
        let knobs = &self.spec.knobs;
        let may_turn = |n: &usize| match &self.guide {
            Some(Guide::Trial(trial)) => trial.lets_turn(knobs[*n].name),
            _ => false,
        };
        let at_default = |n: &usize| knobs[*n].default == self.values()[*n];
        let turned = |n: &usize| *n == self.focus || !at_default(n);
        let all = || 0..knobs.len();
        let mut shown = Vec::new();
        let first = all().filter(may_turn).chain(essential_knobs(self.spec));
        for knob in first {
            if !shown.contains(&knob) {
                shown.push(knob);
            }
        }
        let always = shown.len();
        for knob in all().filter(turned) {
            if !shown.contains(&knob) {
                shown.push(knob);
            }
        }
        let (lab, _) = self.split(area);
        let is_trial = matches!(self.guide, Some(Guide::Trial(_)));
        if lab.height >= HIGH_FROM && !is_trial {
            self.unfold(&mut shown, page(lab).width);
            // A knob stays where it is when the focus comes to it.
            shown[always..].sort_unstable();
        }
        shown
    }

    /// Adds the knobs that fit beside these.
    fn unfold(&self, shown: &mut Vec<usize>, width: u16) {
        let (knobs, values) = (&self.spec.knobs, self.previewed());
        for knob in 0..knobs.len() {
            if !shown.contains(&knob) {
                shown.push(knob);
                if Grid::of(knobs, &values, shown, width).rows() > UNFOLDED_ROWS {
                    shown.pop();
                    return;
                }
            }
        }
    }

    /// The knob in focus with the value that the run has.
    pub(super) fn knob(&self) -> Option<(&'static KnobSpec, &KnobValue)> {
        let knobs = self.spec.knobs.get(self.focus);
        knobs.zip(self.values().get(self.focus))
    }

    /// The values of all knobs, in their order, as the pane shows them.
    pub(super) fn previewed(&self) -> Vec<KnobValue> {
        let mut values = self.values().to_vec();
        if let Some(preview) = &self.preview {
            values[preview.knob].clone_from(&preview.value);
        }
        values
    }

    /// The value in focus that waits to be applied.
    pub(super) fn preview(&self) -> Option<&KnobValue> {
        let preview = self.preview.as_ref();
        let preview = preview.filter(|preview| preview.knob == self.focus);
        preview.map(|preview| &preview.value)
    }

    pub(super) fn move_focus(&mut self, by: isize, area: Rect) {
        // After the last knob comes the line of time.
        let mut stops = self.shown_knobs(area);
        stops.push(self.spec.knobs.len());
        let here = stops.iter().position(|stop| *stop == self.focus);
        let wanted = here.unwrap_or(0).cast_signed() + by;
        self.focus = stops[wanted.rem_euclid(stops.len().cast_signed()).cast_unsigned()];
    }

    /// Turns the knob in focus; the run has the value when one pauses.
    pub(super) fn turn(&mut self, turns: i32, cx: &Cx<'_>) -> Vec<Effect> {
        let Some((spec, value)) = self.knob() else {
            return Vec::new();
        };
        let wanted = spec.turned(self.preview().unwrap_or(value), turns);
        if let Some(refusal) = self.refused_in_guide(spec, &wanted) {
            return vec![refusal];
        }
        self.preview = (wanted != *value).then_some(Preview {
            knob: self.focus,
            value: wanted,
            due: cx.uptime + PAUSE,
        });
        vec![Effect::Tick(PAUSE)]
    }

    /// What a key means to a value that waits: another key than one that turns it takes it as it is.
    pub(super) fn settle(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Smaller | Action::Larger | Action::Undo | Action::Back => Vec::new(),
            _ => self.apply(),
        }
    }

    pub(super) fn apply_when_due(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let preview = self.preview.as_ref();
        if preview.is_some_and(|preview| preview.due <= cx.uptime) {
            return self.apply();
        }
        Vec::new()
    }

    /// The run gets the value that waits.
    pub(super) fn apply(&mut self) -> Vec<Effect> {
        let preview = self.preview.take();
        preview.map_or_else(Vec::new, |preview| self.set(preview.knob, preview.value))
    }

    /// Sets a knob; a value of its own kind, checked.
    pub(super) fn set(&mut self, knob: usize, value: KnobValue) -> Vec<Effect> {
        let knobs = self.spec.knobs.get(knob);
        let Some((spec, before)) = knobs.zip(self.values().get(knob)) else {
            return Vec::new();
        };
        if *before == value {
            return Vec::new();
        }
        match self.turn_in_guide(spec, &value) {
            Some(effects) => effects,
            None => self.live.turn(spec, value),
        }
    }

    /// Takes back what waits, or else what was done last.
    pub(super) fn undo(&mut self) -> Vec<Effect> {
        if self.preview.take().is_some() {
            return Vec::new();
        }
        let done = self.frame().and_then(|frame| frame.undoable.clone());
        let Some(done) = done else {
            return vec![Effect::info("nothing was done that can be taken back")];
        };
        let mut effects = self.live.undo();
        effects.push(Effect::info(format!("taken back: {done}")));
        effects
    }

    /// Puts all knobs back to their defaults.
    pub(super) fn set_defaults(&mut self) -> Vec<Effect> {
        self.preview = None;
        if self.live.knobs().turned().next().is_none() {
            return vec![Effect::info("every knob is at its default")];
        }
        let mut effects = self.live.set_defaults();
        let text = "every knob is back at its default; z takes that back";
        effects.push(Effect::info(text));
        effects
    }
}
