//! Going to another moment of a live run.

use super::LiveRun;
use crate::tui::effect::Effect;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::run::Command;

impl LiveRun {
    /// The furthest moment that the run has come to.
    pub fn horizon(&self) -> SimTime {
        self.frame()
            .map_or(SimTime(0), |frame| frame.horizon.max(frame.now))
    }

    /// The moment that is looked at, or on its way to. None before the first frame.
    pub fn moment(&self) -> Option<SimTime> {
        let frame = self.frame()?;
        let now = frame.seeking.map_or(frame.now, |seeking| seeking.to);
        Some(self.sought.unwrap_or(now))
    }

    /// To a moment that the run has come to; what has not happened yet can't be gone to.
    pub fn seek(&mut self, wanted: SimTime) -> Vec<Effect> {
        if self.frame().is_none() {
            return Vec::new();
        }
        let wanted = wanted.min(self.horizon());
        self.sought = (!self.playing).then_some(wanted);
        self.send(Command::Seek(wanted))
    }

    /// The same, and the run stands there.
    pub fn seek_and_pause(&mut self, wanted: SimTime) -> Vec<Effect> {
        let mut effects = if self.playing {
            self.play(false)
        } else {
            Vec::new()
        };
        effects.extend(self.seek(wanted));
        effects
    }

    /// A frame may be the answer to the last seek.
    pub(super) fn arrive(&mut self, frame: &Frame) {
        let at = frame.seeking.map_or(frame.now, |seeking| seeking.to);
        if self.sought == Some(at) {
            self.sought = None;
        }
    }
}
