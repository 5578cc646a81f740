//! `ddlab lab runs` and `ddlab lab replay`: runs that were saved.

use super::{harmless, json, print};
use crate::cli::{Global, status};
use crate::clock::UtcMs;
use crate::lab_json::digest;
use crate::progress::place;
use crate::runs::{ListedRun, SavedRuns};
use ddlab_labs::workbench::headless;
use ddlab_labs::workbench::replay::Replay;
use ddlab_text::clock;
use eyre::{Result, eyre};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::Write;
use std::process::ExitCode;

pub fn saved(global: &Global) -> Result<SavedRuns> {
    let folder = place::data_folder(global.data.as_deref()).ok_or_else(|| {
        eyre!("there is no home folder to look for saved runs in; name one with --data DIR")
    })?;
    Ok(SavedRuns::in_folder(place::runs_folder(&folder)))
}

pub fn list(out: &mut impl Write, runs: &SavedRuns, as_json: bool) -> Result<()> {
    let entries = runs.list().map_err(harmless)?;
    if as_json {
        return print(out, &entries.iter().map(SavedRun::from).collect::<Vec<_>>());
    }
    if entries.is_empty() {
        writeln!(
            out,
            "No run is saved yet: on the screen of a lab `w` saves one, `ddlab lab run … --record FILE` too."
        )?;
    }
    let width = entries.iter().map(|entry| entry.name.chars().count()).max();
    let width = width.unwrap_or(0);
    for entry in &entries {
        let when = entry.when.map(UtcMs::minute).unwrap_or_default();
        write!(out, "{:width$}  {when:16}  ", entry.name)?;
        match &entry.run {
            Ok(run) => writeln!(
                out,
                "seed {:<6} {:>11}  {:>3} done  digest {:016x}  {}",
                run.seed,
                clock(run.length),
                run.interventions,
                run.digest,
                run.turned.join(" ")
            )?,
            Err(why) => writeln!(out, "damaged: {why}")?,
        }
    }
    Ok(())
}

/// One run of `ddlab lab runs --json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SavedRun {
    name: String,
    /// ISO 8601, in UTC.
    when: Option<String>,
    #[serde(flatten)]
    run: Opened,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum Opened {
    Run {
        lab: &'static str,
        seed: u64,
        virtual_seconds: f64,
        interventions: usize,
        digest: String,
        /// The version of the program.
        written_by: Option<String>,
    },
    Damaged {
        /// Why it can't be read.
        damaged: String,
    },
}

impl From<&ListedRun> for SavedRun {
    fn from(entry: &ListedRun) -> Self {
        Self {
            name: entry.name.clone(),
            when: entry.when.map(UtcMs::iso),
            run: match &entry.run {
                Ok(run) => Opened::Run {
                    lab: run.lab.id,
                    seed: run.seed,
                    virtual_seconds: run.length.as_secs_f64(),
                    interventions: run.interventions,
                    digest: digest(run.digest),
                    written_by: run.by.clone(),
                },
                Err(why) => Opened::Damaged {
                    damaged: why.clone(),
                },
            },
        }
    }
}

pub fn replay(
    out: &mut impl Write,
    runs: &SavedRuns,
    name: &str,
    as_json: bool,
) -> Result<ExitCode> {
    let opened = runs.open(name).map_err(harmless)?;
    let found = headless::replay(&opened.record).map_err(|error| match &opened.warning {
        Some(warning) => harmless(format!("{error} ({warning})")),
        None => harmless(error),
    })?;
    if as_json {
        print(out, &json::replay(&found, opened.warning.clone()))?;
    } else {
        writeln!(out, "{found}")?;
        if let Some(warning) = &opened.warning {
            writeln!(out, "note: {warning}")?;
        }
    }
    Ok(status(matches!(found, Replay::Same { .. })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Holds;
    use ddlab_labs::engine::SimTime;
    use ddlab_labs::workbench::plan::RunPlan;
    use serde_json::{Value, json as value};

    #[test]
    fn saved_runs_are_listed_and_replayed_to_the_same_digest() {
        let folder = tempfile::tempdir().unwrap();
        let runs = SavedRuns::in_folder(folder.path().to_owned());
        let said = |as_json| {
            let mut out = Vec::new();
            list(&mut out, &runs, as_json).unwrap();
            String::from_utf8(out).unwrap()
        };
        said(false).holds(["No run is saved yet"]);
        assert_eq!(said(true).trim(), "[]");

        let mut plan = RunPlan::new(ddlab_labs::find("election").unwrap(), 3);
        plan.length = SimTime::from_secs(2);
        let record = headless::run(plan).unwrap().record;
        let name = runs.save(&record, UtcMs(0)).unwrap();
        let listed: Value = serde_json::from_str(&said(true)).unwrap();
        let entry = &listed[0];
        assert_eq!(
            (&entry["lab"], &entry["seed"]),
            (&value!("election"), &value!(3))
        );
        assert_eq!(entry["digest"].as_str().map(str::len), Some(16));
        assert!(said(false).contains(&name) && said(false).contains("00:02.000"));

        let mut out = Vec::new();
        let status = replay(&mut out, &runs, &name, false).unwrap();
        assert_eq!(status, ExitCode::SUCCESS);
        String::from_utf8(out)
            .unwrap()
            .holds(["the same run again"]);
        assert!(replay(&mut Vec::new(), &runs, "nothing", false).is_err());

        std::fs::write(folder.path().join("bad.run"), "ddlab-run 1\nlap x\n").unwrap();
        let listed: Value = serde_json::from_str(&said(true)).unwrap();
        assert!(
            listed
                .as_array()
                .unwrap()
                .iter()
                .any(|entry| entry["damaged"].is_string())
        );
        said(false).holds(["damaged:"]);
    }
}
