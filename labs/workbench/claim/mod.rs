//! Claims: what a text says of a run, as data that a test can hold it to.
//!
//! - [`measure`]: a named measurement of a run (`p99` of `latency_ms` from 10 s to 60 s), or of two of
//!   them (a ratio, a difference);
//! - [`statement`]: a bound on a measurement (`below 200 ms`, `above 10`);
//! - [`text`]: prose with measurements in it: `the p99 was {plain_p99}`;
//! - [`measured_run`]: a stretch of a run, and how its measurements are taken;
//! - here: what is wrong in a file of claims, and where.

pub mod form;
pub mod measure;
pub mod measured_run;
pub mod statement;
pub mod text;

pub use measure::{Measure, Readings};
pub use measured_run::{MeasuredRun, Measurement};
pub use statement::Statement;
pub use text::Text;

use serde_yaml::Location;

/// What is wrong in a file of experiments and challenges, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct Fault {
    pub line: u64,
    pub column: u64,
    pub what: String,
}

impl Fault {
    pub(crate) fn new(place: Location, what: impl Into<String>) -> Self {
        Self {
            line: place.line(),
            column: place.column(),
            what: what.into(),
        }
    }
}
