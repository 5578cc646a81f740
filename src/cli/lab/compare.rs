//! `ddlab lab compare`: two runs of one world that differ in a little, side by side.
//!
//! Everything before `--vs` says what both sides are; everything after it, what is different on side B.
//! What follows `--vs` is parsed on its own ([`Difference`]), so that `--set` means the same on both ends.

use super::over_seeds::RatiosOverSeeds;
use super::progress::Progress;
use super::world::Measured;
use super::{compare_json, harmless, print, side_by_side};
use clap::{Args, Parser};
use ddlab_labs::workbench::compare::differing;
use ddlab_labs::workbench::headless::{self, Compared, Report};
use ddlab_labs::workbench::intervention::TimedIntervention;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::sweep::seeds::{SeedsError, parse_seeds};
use eyre::{Result, eyre};
use std::io::Write;
use std::ops::Range;

#[derive(Debug, Args)]
#[command(
    mut_arg("set", |set| set.help("Set a knob on both sides; may be given more than once")),
    mut_arg("at", |at| at.help(
        "Do an action or turn a knob at a moment (`20s:slow=3`) on both sides; may be given more than once"
    ))
)]
pub struct CompareArgs {
    #[command(flatten)]
    both: Measured,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Also tell how B / A spreads over these seeds
    #[arg(long, value_name = "FROM..TO", value_parser = seeds)]
    seeds: Option<SeedRange>,
    /// What is different on side B: everything that follows. A knob set here has this value all along on
    /// side B, whatever --at turns it to on side A
    #[arg(
        long,
        value_name = "--set KNOB=VALUE | --at TIME:ACTION[=ARG]",
        num_args = 1..,
        required = true,
        allow_hyphen_values = true
    )]
    vs: Vec<String>,
}

/// A range of seeds, as one value of the command line.
#[derive(Debug, Clone)]
struct SeedRange(Range<u64>);

fn seeds(text: &str) -> Result<SeedRange, SeedsError> {
    parse_seeds(text).map(SeedRange)
}

/// What follows `--vs`.
#[derive(Debug, Parser)]
#[command(name = "--vs", no_binary_name = true, disable_help_flag = true)]
struct Difference {
    #[arg(long)]
    set: Vec<String>,
    #[arg(long)]
    at: Vec<String>,
    #[arg(long)]
    json: bool,
}

pub fn run(out: &mut impl Write, args: &CompareArgs) -> Result<()> {
    let difference = Difference::try_parse_from(&args.vs).map_err(|error| {
        let said = error.to_string();
        let first = said.lines().next().unwrap_or_default();
        let first = first.trim_start_matches("error: ");
        harmless(format!(
            "what follows --vs is for side B, `--set KNOB=VALUE` or `--at TIME:ACTION=ARG`: {first}"
        ))
    })?;
    let a = args.both.plan()?;
    let b = other_side(&a, &difference)?;
    let mut progress = Progress::of(a.length);
    let mut pair = |seed: Option<u64>| {
        let sides = [&a, &b].map(|side| {
            let mut side = side.clone();
            side.seed = seed.unwrap_or(side.seed);
            side
        });
        let [a, b] = sides;
        headless::compare(a, b, |now| progress.show(now)).map_err(harmless)
    };
    let compared = pair(None)?;
    let mut spreads = None;
    if let Some(SeedRange(seeds)) = &args.seeds {
        let spreads = spreads.insert(RatiosOverSeeds::default());
        for seed in seeds.clone() {
            spreads.add(&pair(Some(seed))?);
        }
    }
    drop(progress);
    if args.json || difference.json {
        print(out, &compare_json::of(&compared, spreads.as_ref()))
    } else {
        side_by_side::compared(out, &compared, spreads.as_ref())
    }
}

fn other_side(a: &RunPlan, difference: &Difference) -> Result<RunPlan> {
    let mut b = a.clone();
    for setting in &difference.set {
        let mut knobs = b.knobs.clone();
        knobs.set_text(setting).map_err(harmless)?;
        let name = setting.split('=').next().unwrap_or_default().trim();
        b = b.but(name, knobs.value(name)).map_err(harmless)?;
    }
    for intervention in &difference.at {
        b.script_text(intervention).map_err(harmless)?;
    }
    if difference.set.is_empty() && difference.at.is_empty() {
        return Err(eyre!(
            "nothing is different on side B; say what, as in `--vs --set policy=hedge`"
        ));
    }
    Ok(b)
}

/// What of the script only this side has.
pub fn alone<'a>(of: &'a Report, other: &Report) -> Vec<&'a TimedIntervention> {
    let theirs = &other.record.plan.script;
    let script = &of.record.plan.script;
    script
        .iter()
        .filter(|done| !theirs.contains(done))
        .collect()
}

/// The knobs that differ at the start, with both values: (name, of A, of B).
pub fn knobs_apart(compared: &Compared) -> Vec<(&'static str, String, String)> {
    let (a, b) = (&compared.a.record.plan, &compared.b.record.plan);
    let names = differing(a, b).into_iter();
    names
        .map(|name| {
            let of = |plan: &RunPlan| plan.knobs.value(name).to_string();
            (name, of(a), of(b))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Holds;
    use serde_json::{Value, json as value};

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: CompareArgs,
    }

    fn said(line: &str) -> Result<String> {
        let words = std::iter::once("compare").chain(line.split_whitespace());
        let Line { args } = Line::try_parse_from(words)?;
        let mut out = Vec::new();
        run(&mut out, &args)?;
        Ok(String::from_utf8(out)?)
    }

    fn parsed(line: &str) -> Value {
        serde_json::from_str(&said(line).unwrap()).unwrap()
    }

    #[test]
    fn both_sides_and_the_ratio_of_each_figure_are_printed_as_json() {
        let run = parsed(
            "scatter-gather --seed 7 --for 6s --warmup 1s --set straggler=3 --at 2s:slow=5 \
             --vs --set policy=hedge --at 3s:crash=2 --json",
        );
        assert_eq!(
            (&run["lab"], &run["seed"]),
            (&value!("scatter-gather"), &value!(7))
        );
        assert_eq!(
            (&run["virtual_seconds"], &run["warmup_seconds"]),
            (&value!(6.0), &value!(1.0))
        );
        for side in ["a", "b"] {
            assert_eq!(run[side]["knobs"]["straggler"], 3);
            assert_eq!(run[side]["digest"].as_str().map(str::len), Some(16));
            assert!(run[side]["metrics"]["latency_ms"]["p99"].is_number());
            assert!(run[side]["invariants"][0]["held"].is_boolean());
        }
        assert_eq!(
            run["difference"],
            value!({
                "knobs": {"policy": {"a": "wait_all", "b": "hedge"}},
                "at": {"a": [], "b": [{"at_s": 3.0, "intervention": "crash=2"}]},
            })
        );
        let ratios = &run["ratios"];
        let (a, b) = (&run["a"]["metrics"], &run["b"]["metrics"]);
        let p99 = |side: &Value| side["latency_ms"]["p99"].as_f64().unwrap();
        assert_eq!(ratios["latency_ms"]["p99"].as_f64(), Some(p99(b) / p99(a)));
        assert!(ratios["requests_total"].is_number());
        assert_eq!(
            ratios["hedges_total"],
            Value::Null,
            "of none there is no multiple"
        );
        assert!(ratios["in_progress"]["mean"].is_number());
    }

    #[test]
    fn as_text_the_columns_stand_side_by_side_with_what_sets_them_apart() {
        let text = said("scatter-gather --for 6s --warmup 1s --vs --set policy=hedge").unwrap();
        text.holds([
            "A  policy=wait_all",
            "B  policy=hedge",
            "B / A",
            "p99.9",
            "A  held",
            "B  held",
        ]);
    }

    #[test]
    fn over_several_seeds_the_ratio_has_a_spread() {
        let line = "scatter-gather --for 4s --warmup 1s --set straggler=3 --seeds 1..5 --vs --set policy=hedge";
        let text = said(line).unwrap();
        assert!(text.contains("B / A over 4 seeds"), "{text}");
        assert!(text.contains(" to "), "{text}");
        let run = parsed(&format!("{line} --json"));
        let p99 = &run["ratios_over_seeds"]["latency_ms"]["p99"];
        assert_eq!(p99["seeds"], 4);
        let of = |figure: &str| p99[figure].as_f64().unwrap();
        assert!(of("lowest") <= of("mean") && of("mean") <= of("highest"));
        assert!(of("highest") < 0.6 && of("within_95") > 0.0, "{p99}");
        assert_eq!(
            run["ratios_over_seeds"]["hedges_total"]["value"]["seeds"],
            0
        );
    }

    #[test]
    fn every_lab_can_be_compared() {
        let run = parsed("election --for 6s --warmup 1s --json --vs --at 6s:pause=1");
        assert_eq!(run["a"]["metrics"], run["b"]["metrics"]);
        let run = parsed("work-queue --for 4s --warmup 1s --vs --set workers=7 --json");
        let default = run["difference"]["knobs"]["workers"]["a"].clone();
        assert_ne!(default, Value::Null);
    }

    #[test]
    fn what_makes_no_sense_after_vs_is_explained() {
        let complaint = |line: &str| said(line).unwrap_err().to_string();
        let text = complaint("scatter-gather --vs --set polcy=hedge");
        text.holds(["did you mean `policy`?"]);
        let text = complaint("scatter-gather --vs --sot policy=hedge");
        text.holds(["what follows --vs is for side B"]);
        let text = complaint("scatter-gather --vs --json");
        text.holds(["nothing is different"]);
        let text = complaint("scatter-gather --for 5s --warmup 1s --vs --at 9s:slow=3");
        text.holds(["on the other side"]);
        complaint("scatter-gather").holds(["--vs"]);
    }
}
