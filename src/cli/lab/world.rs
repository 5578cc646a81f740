//! What is run, as the command line says it: the same words for every subcommand that runs a lab.

use super::harmless;
use crate::designs;
use crate::tui::effect::Place;
use clap::Args;
use ddlab_labs::engine::SimTime;
use ddlab_labs::engine::time::{SpanError, parse_span};
use ddlab_labs::workbench::plan::RunPlan;
use eyre::Result;

/// A lab, its world, and what is done to it.
#[derive(Debug, Args)]
pub(super) struct World {
    /// The lab, as `ddlab lab list` names it
    pub(super) lab: String,
    /// Chooses the world: the same seed, knobs and interventions give the same run
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Set a knob; may be given more than once
    #[arg(long, value_name = "KNOB=VALUE")]
    set: Vec<String>,
    /// Do an action or turn a knob at a moment (`20s:slow=3`); may be given more than once
    #[arg(long, value_name = "TIME:ACTION[=ARG]")]
    at: Vec<String>,
}

impl World {
    /// A run of it, as long as runs are that nobody says a length of.
    ///
    /// # Errors
    /// Which name or value is wrong, and what would do.
    pub fn plan(&self) -> Result<RunPlan> {
        let mut plan = designs::endless(&self.lab, self.seed).map_err(harmless)?;
        apply(&mut plan, &self.set, &self.at)?;
        Ok(plan)
    }

    /// The screen of the lab with it, at the start of the run.
    ///
    /// # Errors
    /// As [`World::plan`].
    pub fn place(&self) -> Result<Place> {
        self.plan()?;
        let (lab, seed, set) = (self.lab.clone(), self.seed, self.set.clone());
        Ok(if self.at.is_empty() {
            Place::Lab { lab, set, seed }
        } else {
            Place::Run {
                lab,
                seed,
                set,
                script: self.at.clone(),
                at_ns: 0,
            }
        })
    }
}

/// A world that is measured for some time and then ends.
#[derive(Debug, Args)]
pub(super) struct Measured {
    #[command(flatten)]
    world: World,
    /// The whole virtual time of a run
    #[arg(long = "for", default_value = "60s", value_name = "TIME", value_parser = span)]
    length: SimTime,
    /// The part at its start that metrics leave out
    #[arg(long, default_value = "5s", value_name = "TIME", value_parser = span)]
    warmup: SimTime,
}

impl Measured {
    /// # Errors
    /// As [`World::plan`].
    pub fn plan(&self) -> Result<RunPlan> {
        let World { lab, seed, set, at } = &self.world;
        let mut plan = designs::plan(lab, *seed, self.length).map_err(harmless)?;
        apply(&mut plan, set, at)?;
        (plan.length, plan.warmup) = (self.length, self.warmup);
        Ok(plan)
    }
}

/// Sets knobs, and writes what is done into the script.
///
/// # Errors
/// Which name or value is wrong, and what would do.
pub(in crate::cli) fn apply(plan: &mut RunPlan, set: &[String], at: &[String]) -> Result<()> {
    for setting in set {
        plan.knobs.set_text(setting).map_err(harmless)?;
    }
    for intervention in at {
        plan.script_text(intervention).map_err(harmless)?;
    }
    Ok(())
}

/// Reads a span of virtual time.
pub(in crate::cli) fn span(text: &str) -> Result<SimTime, SpanError> {
    parse_span(text).map(SimTime::from)
}
