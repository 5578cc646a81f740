//! What is swept, as text: the options of the command line, the head of a result file, the arguments in
//! a manifest. One struct is all three, so that what one of them can say the others can.

use crate::cli::lab::harmless;
use crate::cli::lab::world::apply;
use crate::cli::paper::shell_word;
use crate::designs;
use clap::Args;
use ddlab_labs::engine::time::{format_span, parse_span};
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::sweep::SweepPlan;
use ddlab_labs::workbench::sweep::seeds::parse_seeds;
use eyre::{Result, WrapErr};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A sweep as the options of the command line say it.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The lab, as `ddlab lab list` names it
    pub lab: String,
    /// One run with each of these seeds; the end is not in the range, as in `0..1000`
    #[arg(long, default_value = "0..100", value_name = "FROM..TO")]
    pub seeds: String,
    /// The whole virtual time of each run
    #[arg(long = "for", default_value = "60s", value_name = "TIME")]
    #[serde(rename = "for")]
    pub length: String,
    /// The part at the start of each run that metrics leave out
    #[arg(long, default_value = "5s", value_name = "TIME")]
    pub warmup: String,
    /// Set a knob; may be given more than once
    #[arg(long, value_name = "KNOB=VALUE")]
    pub set: Vec<String>,
    /// Do an action or turn a knob at a moment (`20s:slow=3`); may be given more than once
    #[arg(long, value_name = "TIME:ACTION[=ARG]")]
    pub at: Vec<String>,
    /// Run all seeds with each of these values (`fan_out=10,50`); of several knobs, with each
    /// combination. Between values that have commas in them write `;`
    #[arg(long, value_name = "KNOB=A,B,…")]
    pub vary: Vec<String>,
}

impl Recipe {
    /// The sweep that it describes.
    ///
    /// # Errors
    /// A sentence that says which name or value is wrong, and what would do.
    pub fn plan(&self) -> Result<SweepPlan> {
        let span = |option: &str, text: &str| {
            parse_span(text)
                .map_err(harmless)
                .wrap_err_with(|| format!("can't read {option}"))
        };
        let length = span("--for", &self.length)?.into();
        let mut base = designs::plan(&self.lab, 0, length).map_err(harmless)?;
        base.length = length;
        base.warmup = span("--warmup", &self.warmup)?.into();
        apply(&mut base, &self.set, &self.at)?;
        let seeds = parse_seeds(&self.seeds).map_err(harmless)?;
        SweepPlan::new(base, seeds, &self.vary).map_err(harmless)
    }

    /// The recipe of a sweep, in its one canonical form: equal sweeps have equal texts.
    pub fn of(plan: &SweepPlan) -> Self {
        let seeds = plan.seeds();
        Self {
            seeds: format!("{}..{}", seeds.start, seeds.end),
            vary: plan.vary().iter().map(ToString::to_string).collect(),
            ..Self::of_run(plan.base())
        }
    }

    fn of_run(run: &RunPlan) -> Self {
        let span = |time: ddlab_labs::engine::SimTime| format_span(time.into());
        let set = run.knobs.turned();
        let lab = run.lab.spec().id;
        Self {
            lab: lab.to_owned(),
            seeds: String::new(),
            length: span(run.length),
            warmup: span(run.warmup),
            set: set
                .map(|(knob, value)| format!("{}={value}", knob.name))
                .collect(),
            at: designs::added(lab, &run.script)
                .map(|done| format!("{}:{}", span(done.at), done.what))
                .collect(),
            vary: Vec::new(),
        }
    }

    /// The arguments of `ddlab` that make this sweep.
    pub fn args(&self) -> Vec<String> {
        let mut args = vec![
            designs::room(&self.lab).to_owned(),
            "sweep".to_owned(),
            self.lab.clone(),
        ];
        args.extend(["--seeds".to_owned(), self.seeds.clone()]);
        self.options(&mut args);
        for vary in &self.vary {
            args.extend(["--vary".to_owned(), vary.clone()]);
        }
        args
    }

    fn options(&self, args: &mut Vec<String>) {
        let mut option = |name: &str, value: &str| args.extend([name.to_owned(), value.to_owned()]);
        option("--for", &self.length);
        option("--warmup", &self.warmup);
        self.set.iter().for_each(|set| option("--set", set));
        self.at.iter().for_each(|at| option("--at", at));
    }
}

/// The command that does one run of the sweep alone, ready to be pasted into a shell.
pub(super) fn run_command(plan: &SweepPlan, point: usize, seed: u64) -> String {
    let run = plan.run_plan(point, seed);
    let recipe = Recipe::of_run(&run);
    let mut args = vec![
        designs::room(&recipe.lab).to_owned(),
        "run".to_owned(),
        recipe.lab.clone(),
    ];
    args.extend(["--seed".to_owned(), seed.to_string()]);
    recipe.options(&mut args);
    shell(&args)
}

/// Arguments of `ddlab` as a line for a shell.
pub(super) fn shell(args: &[String]) -> String {
    let words = std::iter::once("ddlab").chain(args.iter().map(String::as_str));
    let words: Vec<_> = words.map(shell_word).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe() -> Recipe {
        Recipe {
            lab: "scatter-gather".into(),
            seeds: "0..=9".into(),
            length: "12000ms".into(),
            warmup: "2s".into(),
            set: vec!["hedge_budget=10%".into(), "service=exp:8ms".into()],
            at: vec!["5s:slow=3".into(), "1s:deadline=80ms".into()],
            vary: vec![
                "policy=wait_all,hedge".into(),
                "network=const:1ms;lognormal:1ms,0.2".into(),
            ],
        }
    }

    #[test]
    fn the_canonical_form_is_of_the_same_sweep_and_its_own_canonical_form() {
        let plan = recipe().plan().unwrap();
        let canonical = Recipe::of(&plan);
        assert_eq!(canonical.seeds, "0..10");
        assert_eq!(canonical.length, "12s");
        // The budget is what it is when nobody has turned it.
        assert_eq!(canonical.set, ["service=exp:8ms"]);
        assert_eq!(canonical.at, ["1s:deadline=80ms", "5s:slow=3"]);
        let again = canonical.plan().unwrap();
        assert_eq!(plan.difference(&again), None);
        assert_eq!(Recipe::of(&again), canonical);
    }

    #[test]
    fn the_command_of_one_run_can_be_pasted() {
        let plan = recipe().plan().unwrap();
        assert_eq!(
            run_command(&plan, 3, 7),
            "ddlab lab run scatter-gather --seed 7 --for 12s --warmup 2s --set service=exp:8ms \
             --set network=lognormal:1ms,0.2 --set policy=hedge --at 1s:deadline=80ms --at 5s:slow=3"
        );
    }
}
