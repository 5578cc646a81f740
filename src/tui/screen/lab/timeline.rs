//! Going through the run: by steps, by the mouse, on the line of time.

use super::LabScreen;
use crate::tui::effect::Effect;
use crate::tui::widget::timeline;
use ddlab_labs::engine::SimTime;
use ratatui::layout::Rect;

/// How far one step goes, in seconds of the learner's own time.
const STEP_S: f64 = 3.0;

impl LabScreen {
    /// The line of time comes after the last knob.
    pub(super) fn on_timeline(&self) -> bool {
        self.focus == self.spec.knobs.len()
    }

    /// A step back or on: on the line of time the width of a cell of it, else a few seconds of the learner's time.
    pub(super) fn seek_step(&mut self, by: i32, area: Rect) -> Vec<Effect> {
        let Some(from) = self.live.moment() else {
            return Vec::new();
        };
        let wanted = |step: f64| {
            let wanted = from.as_secs_f64() + f64::from(by) * step;
            SimTime::from_secs_f64(wanted.max(0.0))
        };
        if self.on_timeline() {
            let line = self.layout(area).timeline;
            let cell = timeline::cell(line, self.live.horizon().as_secs_f64());
            self.live.seek_and_pause(wanted(cell))
        } else {
            self.live.seek(wanted(STEP_S * self.live.speed().value()))
        }
    }

    /// Goes along the line of time with the mouse; meanwhile and after it the run stands.
    pub(super) fn drag_to(&mut self, x: u16, line: Rect) -> Vec<Effect> {
        let x = x.clamp(line.left(), line.right().saturating_sub(1));
        let horizon = self.live.horizon().as_secs_f64();
        let Some(wanted) = timeline::moment(line, horizon, x) else {
            return Vec::new();
        };
        self.live.seek_and_pause(SimTime::from_secs_f64(wanted))
    }
}
