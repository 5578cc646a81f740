//! Values of knobs and arguments of actions: what is taken runs, and never stands still.

use super::hold;
use ddlab_labs::workbench::headless::{self, RunError};
use ddlab_labs::workbench::intervention::Intervention;
use ddlab_labs::workbench::knob::{KnobKind, KnobSpec};
use ddlab_labs::workbench::plan::RunPlan;
use proptest::prelude::*;
use proptest::sample::Index;
use std::ops::ControlFlow;

const TEXTS: &[&str] = &[
    "",
    "0",
    "-0",
    "1",
    "-1",
    "1e308",
    "-1e308",
    "1e-308",
    "nan",
    "inf",
    "0ms",
    "1ns",
    "1000h",
    "584y",
    "99999999999h",
    "const:0ms",
    "exp:0ms",
    "const:1ns",
    "pareto:1ns,0.05",
    "lognormal:1us,10",
    "uniform:0ms..0ms",
    "mix:100%*const:0ms",
    "shift:0ms+const:0ms",
    "off",
    "none",
    "p95",
    "on",
    "100%",
    "1:0ms",
    "1:1000h",
    "1:0.01",
    "1:100",
    "1:1e308",
    "100000",
    "200000",
];

/// Texts that lie at the edges of what a knob takes, beside those that no knob takes.
fn edges(knob: &KnobSpec) -> Vec<String> {
    let mut texts: Vec<String> = TEXTS.iter().map(|&text| text.to_owned()).collect();
    match &knob.kind {
        KnobKind::Number { min, max, .. } => {
            texts.extend([*min, *max, min - 1.0, max + 1.0].map(|n| n.to_string()));
        }
        KnobKind::Duration { min_ns, max_ns, .. } => {
            texts.extend([*min_ns, *max_ns, max_ns + 1].map(|ns| format!("{ns}ns")));
        }
        KnobKind::Choice { options } => texts.extend(options.iter().map(|&word| word.to_owned())),
        KnobKind::Switch | KnobKind::Distribution { .. } => {}
    }
    texts
}

#[test]
fn what_a_knob_or_an_action_takes_never_makes_a_lab_stand_still() {
    let picks = proptest::collection::vec((any::<Index>(), any::<Index>()), 1..8);
    let acts = proptest::collection::vec((any::<Index>(), any::<Index>()), 0..4);
    hold((any::<Index>(), picks, acts), |(lab, picks, acts)| {
        let labs = ddlab_labs::all();
        let lab = labs[lab.index(labs.len())];
        let spec = lab.spec();
        let mut plan = RunPlan::new(lab, 7);
        plan.length = ddlab_labs::engine::SimTime::from_secs(3);
        for (knob, text) in picks {
            let knob = &spec.knobs[knob.index(spec.knobs.len())];
            let edges = edges(knob);
            // What is refused changes nothing.
            let _ =
                plan.knobs
                    .set_text(&format!("{}={}", knob.name, edges[text.index(edges.len())]));
        }
        for (action, text) in acts {
            let action = &spec.actions[action.index(spec.actions.len())];
            let text = TEXTS[text.index(TEXTS.len())];
            if let Ok(what) = Intervention::parse(&format!("{}={text}", action.name), spec) {
                plan.insert(ddlab_labs::engine::SimTime::from_secs(1), what);
            }
        }
        let mut slices = 0;
        let run = headless::run_until_stopped(plan, |_| {
            slices += 1;
            if slices < 40 {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        assert!(!matches!(run, Err(RunError::Stuck { .. })), "{run:?}");
    });
}
