//! The design bench: a system as a small text file, put together from the patterns of the labs, that runs.
//!
//! - [`format`]: the file: what it may say, and what is wrong with one, with line, column and cure;
//! - [`kind`]: the kinds of component: their parameters, and what each does while it runs;
//! - [`beside`]: what may stand beside the machines of a component of any kind;
//! - [`draw`]: the system as text and as a Mermaid diagram; [`svg`]: as a picture;
//! - [`cost`]: what it costs a month;
//! - [`system`]: the design as it runs, a lab like any other;
//! - [`theory`]: what queueing theory says of it before it runs;
//! - [`verdict`]: what a run says of the requirements;
//! - [`brief`]: interview questions about a design, and what one is worth for them;
//! - [`examples`]: designs to begin from;
//! - [`why`]: what began and what ended in a run, in a few lines;
//! - [`gameday`]: an evening on call for the auction, one design among all;
//! - [`schema`]: the format as a JSON Schema for editors, and as tables for its reference.
//!
//! Nothing here knows a terminal, a file or a wall clock.

/// The table of parameters of a kind or a helper: that of the `Knobs` beside it, made once.
macro_rules! knob_table {
    () => {
        fn knobs(&self) -> &'static [ddlab_labs::workbench::knob::KnobSpec] {
            static SPECS: std::sync::LazyLock<Vec<ddlab_labs::workbench::knob::KnobSpec>> =
                std::sync::LazyLock::new(Knobs::specs);
            &SPECS
        }
    };
}

pub mod beside;
pub mod brief;
pub mod cost;
pub mod draw;
pub mod examples;
pub mod format;
pub mod gameday;
pub mod kind;
pub mod schema;
pub mod svg;
pub mod system;
pub mod theory;
pub mod verdict;
pub mod why;

pub use format::{Design, Problem, Severity, read};
