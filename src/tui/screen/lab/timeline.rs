//! Going through the run: by steps, by the mouse, on the line of time; and what follows from a frame that
//! shows another moment than the one before.

use super::LabScreen;
use crate::tui::effect::Effect;
use crate::tui::widget::timeline;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::run::Command;
use ratatui::layout::Rect;

/// How far one step goes, in seconds of the learner's own time.
const STEP_S: f64 = 3.0;

impl LabScreen {
    /// The line of time comes after the last knob.
    pub(super) fn on_timeline(&self) -> bool {
        self.focus == self.spec.knobs.len()
    }

    /// The furthest moment that the run has come to.
    pub(super) fn horizon(&self) -> SimTime {
        self.frame
            .as_ref()
            .map_or(SimTime(0), |frame| frame.horizon.max(frame.now))
    }

    /// The moment that is looked at, or on its way to.
    fn moment(&self) -> Option<SimTime> {
        let frame = self.frame.as_ref()?;
        let now = frame.seeking.map_or(frame.now, |seeking| seeking.to);
        Some(self.sought.unwrap_or(now))
    }

    /// A step back or on: on the line of time the width of a cell of it, else a few seconds of the learner's time.
    pub(super) fn seek_step(&mut self, by: i32, area: Rect) -> Vec<Effect> {
        let Some(from) = self.moment() else {
            return Vec::new();
        };
        let step = if self.on_timeline() {
            let line = self.layout(area).timeline;
            timeline::cell(line, self.horizon().as_secs_f64())
        } else {
            STEP_S * self.speed.value()
        };
        let wanted = from.as_secs_f64() + f64::from(by) * step;
        let mut effects = if self.on_timeline() {
            self.stand_still()
        } else {
            Vec::new()
        };
        effects.extend(self.seek_to(SimTime::from_secs_f64(wanted.max(0.0))));
        effects
    }

    /// To a moment that the run has come to; what has not happened yet can't be gone to.
    pub(super) fn seek_to(&mut self, wanted: SimTime) -> Vec<Effect> {
        if self.frame.is_none() {
            return Vec::new();
        }
        let wanted = wanted.min(self.horizon());
        self.sought = (!self.playing).then_some(wanted);
        self.tell(Command::Seek(wanted))
    }

    /// Goes along the line of time with the mouse; meanwhile and after it the run stands.
    pub(super) fn drag_to(&mut self, x: u16, line: Rect) -> Vec<Effect> {
        let x = x.clamp(line.left(), line.right().saturating_sub(1));
        let horizon = self.horizon().as_secs_f64();
        let Some(wanted) = timeline::moment(line, horizon, x) else {
            return Vec::new();
        };
        let mut effects = self.stand_still();
        effects.extend(self.seek_to(SimTime::from_secs_f64(wanted)));
        effects
    }

    fn stand_still(&mut self) -> Vec<Effect> {
        if self.playing {
            self.play(false)
        } else {
            Vec::new()
        }
    }

    /// Takes over what a frame tells of the run: the knobs that its script or the other side of a
    /// comparison has at another value, and that the moment which was asked for is there.
    pub(super) fn follow(&mut self, frame: &Frame) {
        let answered = match frame.seeking {
            Some(seeking) => Some(seeking.to) == self.sought,
            None => Some(frame.now) == self.sought,
        };
        if answered {
            self.sought = None;
        }
        let before = self.frame.as_ref();
        if before.is_none() {
            self.turned.clear();
            self.sought = None;
        }
        if before.is_none() && self.saved.is_some() {
            self.seed = frame.seed;
            self.values.clone_from(&frame.knobs);
        }
        let was_settled = before.is_some_and(|frame| settled(frame));
        if settled(frame) && !was_settled {
            // The run stands at its end of itself.
            self.playing = false;
        }
        if self.saved.is_some() && frame.saved.is_none() {
            // Something else was done than the saved run had.
            self.saved = None;
        }
        let known = before.map_or(&[][..], |before| &before.knobs);
        for (n, value) in frame.knobs.iter().enumerate() {
            if known.get(n) == Some(value) {
                continue;
            }
            // What was turned here comes back as it was turned; the screen may be further already.
            if let Some(at) = self
                .turned
                .iter()
                .position(|turned| *turned == (n, value.clone()))
            {
                self.turned.remove(at);
            } else if before.is_some()
                && let Some(own) = self.values.get_mut(n)
            {
                own.clone_from(value);
            }
        }
    }
}

/// Whether it is known that a saved run was the same or not.
fn settled(frame: &Frame) -> bool {
    frame
        .saved
        .as_ref()
        .is_some_and(|saved| saved.found.is_some())
}
