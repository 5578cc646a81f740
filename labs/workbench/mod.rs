//! What every lab shares.

pub mod frame;
pub mod knob;
pub mod lab;
pub mod run;
pub mod trace;
