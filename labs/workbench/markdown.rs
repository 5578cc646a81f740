//! The tables of a lab in Markdown, as they stand at the end of its README.

use super::knob::{KnobKind, KnobSpec};
use super::spec::LabSpec;

pub fn tables(spec: &LabSpec) -> String {
    let knobs = spec.knobs.iter().map(|knob| {
        let star = if knob.needs_restart { " *" } else { "" };
        let default = format!("{} {}", knob.default, knob.unit());
        [
            format!("`{}`{star}", knob.name),
            default.trim().to_owned(),
            takes(knob),
            knob.help.to_owned(),
        ]
    });
    let actions = spec.actions.iter().map(|action| {
        let (key, help) = (action.key.to_string(), action.help.to_owned());
        [action.form(), key, help]
    });
    let metrics = spec.metrics.iter().map(|metric| {
        let kind = format!("{:?}", metric.kind).to_lowercase();
        [format!("`{}`", metric.name), kind, metric.help.to_owned()]
    });
    let invariants = spec.invariants.iter();
    format!(
        "## Knobs, actions, metrics, invariants\n\n\
         Printed by `ddlab lab show {} --markdown`. A knob marked * is set only at the start of a run.\n\n{}\n{}\n{}\n{}",
        spec.id,
        table(["knob", "default", "takes", "what it is"], knobs),
        table(["action", "key", "what happens"], actions),
        table(["metric", "kind", "what it counts"], metrics),
        invariants
            .map(|invariant| ["- ", invariant, "\n"].concat())
            .collect::<Vec<_>>()
            .concat()
    )
}

fn takes(knob: &KnobSpec) -> String {
    match knob.kind {
        // The forms are the same for all.
        KnobKind::Distribution { .. } => "a distribution".to_owned(),
        _ => knob.range().replace(" | ", ", "),
    }
}

fn table<const COLUMNS: usize>(
    heads: [&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> String {
    let (heads, line) = (heads.join(" | "), "---|".repeat(COLUMNS));
    let rows = rows.map(|row| format!("| {} |\n", row.join(" | ")));
    format!("| {heads} |\n|{line}\n{}", rows.collect::<String>())
}
