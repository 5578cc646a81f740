//! The tables of a lab in Markdown, as they stand at the end of its README.

use color_eyre::eyre::Result;
use ddlab_labs::workbench::lab::LabSpec;
use std::io::Write;

pub fn spec(out: &mut impl Write, spec: &LabSpec) -> Result<()> {
    writeln!(
        out,
        "## Knobs, actions, metrics, invariants\n\n\
         Printed by `ddlab lab show {} --markdown`. A knob marked * is set only at the start of a run.\n",
        spec.id
    )?;
    let knobs = spec.knobs.iter().map(|knob| {
        let star = if knob.needs_restart { " *" } else { "" };
        let default = format!("{} {}", knob.default, knob.unit());
        [
            format!("`{}`{star}", knob.name),
            default.trim().to_owned(),
            knob.range().replace(" | ", ", "),
            knob.help.to_owned(),
        ]
    });
    table(out, ["knob", "default", "takes", "what it is"], knobs)?;
    let actions = spec.actions.iter().map(|action| {
        let (key, help) = (action.key.to_string(), action.help.to_owned());
        [action.form(), key, help]
    });
    table(out, ["action", "key", "what happens"], actions)?;
    let metrics = spec.metrics.iter().map(|metric| {
        let kind = format!("{:?}", metric.kind).to_lowercase();
        [format!("`{}`", metric.name), kind, metric.help.to_owned()]
    });
    table(out, ["metric", "kind", "what it counts"], metrics)?;
    for invariant in &spec.invariants {
        writeln!(out, "- {invariant}")?;
    }
    Ok(())
}

fn table<const COLUMNS: usize>(
    out: &mut impl Write,
    heads: [&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> Result<()> {
    writeln!(out, "| {} |", heads.join(" | "))?;
    writeln!(out, "|{}", "---|".repeat(COLUMNS))?;
    for row in rows {
        writeln!(out, "| {} |", row.join(" | "))?;
    }
    writeln!(out)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_readme_of_every_lab_ends_with_the_tables_of_its_spec() {
        for spec in ddlab_labs::all().iter().map(|lab| lab.spec()) {
            let mut printed = Vec::new();
            super::spec(&mut printed, spec).unwrap();
            let printed = String::from_utf8(printed).unwrap();
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs");
            let readme = folder.join(spec.id.replace('-', "_")).join("README.md");
            let text = std::fs::read_to_string(&readme).unwrap();
            let heading = printed.lines().next().unwrap();
            let at = text.find(heading).unwrap_or(text.len());
            if std::env::var_os("UPDATE_READMES").is_some() {
                std::fs::write(&readme, text[..at].to_owned() + &printed).unwrap();
                continue;
            }
            assert!(
                text[at..] == printed,
                "the end of {} is not what `lab show {} --markdown` prints; UPDATE_READMES=1 writes it there",
                readme.display(),
                spec.id
            );
        }
    }
}
