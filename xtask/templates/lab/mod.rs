//! The __TITLE__ lab: TODO say what happens in it.
//!
//! A stub: it builds, and the registry does not list it yet. Start with [`pattern`]; then declare the knobs, actions
//! and metrics and the lab around them, as its neighbours do.

pub mod pattern;
#[cfg(test)]
mod reminders;
