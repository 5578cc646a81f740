//! A run: a lab on its own thread, its virtual time turned by `wall time x speed`.

use super::frame::Frame;
use super::knob::KnobValue;
use crate::engine::SimTime;
use std::sync::Arc;

/// What one can ask of a running lab.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Play,
    Pause,
    /// To the next event, then quiet; pauses first.
    Step,
    /// Virtual seconds per second, 0.001 to 1000.
    Speed(f64),
    Set {
        knob: String,
        value: KnobValue,
    },
    Act {
        action: String,
        argument: Option<String>,
    },
    /// Back (or on) to a moment, by replay.
    Seek(SimTime),
    /// From the start, with the same seed and the knobs as they are.
    Reset,
}

/// A lab that runs. Dropping it stops and joins its thread.
#[derive(Debug)]
pub struct RunHandle {}

impl RunHandle {
    /// Starts a lab on its own thread; `on_frame` is called when there is a newer frame.
    pub fn start(
        _lab: &'static dyn super::lab::Lab,
        _seed: u64,
        _knobs: Vec<(String, KnobValue)>,
        _on_frame: Box<dyn Fn() + Send>,
    ) -> Self {
        unimplemented!()
    }

    /// The newest frame; cheap.
    pub fn frame(&self) -> Arc<Frame> {
        unimplemented!()
    }
    pub fn send(&self, _command: Command) {
        unimplemented!()
    }
}
