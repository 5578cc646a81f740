//! `ddlab exercise grade`: once, or at each change. A signal ends it, and every process with it.

use super::printer::{Printer, colour};
use super::{complain, on_grader_runtime, remember};
use crate::cli::Global;
use crate::progress;
use clap::Args;
use ddlab_exercises::harness::grade::{self, GradeRequest, new_seed};
use ddlab_exercises::harness::observe::Observer;
use ddlab_exercises::harness::report::Report;
use ddlab_exercises::workspace::Workspace;
use ddlab_exercises::workspace::watch::Watch;
use ddlab_text::clean_line;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct GradeArgs {
    /// Folder of the exercise, or one inside it
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Grade again whenever a file changes, until ctrl-C
    #[arg(long, conflicts_with = "json")]
    watch: bool,
    /// One check only
    #[arg(long, value_name = "NAME")]
    check: Option<String>,
    /// The schedule of faults; the same seed gives the same schedule [default: a new one]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// The report as JSON
    #[arg(long)]
    json: bool,
}

/// Grades; the exit status is the verdict's.
pub(super) fn run(args: &GradeArgs, global: &Global) -> ExitCode {
    let workspace = match Workspace::open(&args.dir) {
        Ok(workspace) => workspace,
        Err(error) => return complain(&error.to_string()),
    };
    let only = match &args.check {
        None => None,
        Some(name) => match grade::find_check(workspace.exercise, name) {
            Ok(name) => Some(name),
            Err(error) => return complain(&error.to_string()),
        },
    };
    let grading = Grading {
        args,
        only,
        workspace,
    };
    on_grader_runtime(grading.run(global))
}

struct Grading<'a> {
    args: &'a GradeArgs,
    only: Option<&'static str>,
    workspace: Workspace,
}

impl Grading<'_> {
    async fn run(mut self, global: &Global) -> ExitCode {
        let mut watch = None;
        if self.args.watch {
            let (begun, notice) = Watch::begin(&self.workspace.dir);
            if let Some(notice) = notice {
                eprintln!("{notice}");
            }
            watch = Some(begun);
        }
        loop {
            let report = self.once().await;
            remember(global, progress::Event::graded(&report));
            if let Err(error) = self.workspace.record(&report) {
                eprintln!("the pass could not be noted in the folder: {error}");
            }
            let Some(watch) = watch.as_mut() else {
                return ExitCode::from(report.verdict.exit_code());
            };
            println!("\nwatching for changes; ctrl-C ends it");
            self.workspace = loop {
                let saved = watch.changed().await;
                println!("\n{} changed", clean_line(&saved.display().to_string()));
                // build and run may be what was changed, and may be wrong for a moment.
                match Workspace::open(&self.workspace.dir) {
                    Ok(workspace) => break workspace,
                    Err(error) => complain(&error.to_string()),
                };
            };
        }
    }

    async fn once(&self) -> Report {
        let request = GradeRequest {
            exercise: self.workspace.exercise,
            dir: self.workspace.dir.clone(),
            build: self.workspace.config.build.clone(),
            run: self.workspace.config.run.clone(),
            seed: self.args.seed.unwrap_or_else(new_seed),
            only: self.only,
        };
        let (observer, events) = Observer::channel();
        let printer = Printer {
            quiet: self.args.json,
            colour: colour(),
        };
        let (report, ()) = futures::join!(
            async move { grade::grade(&request, &observer).await },
            printer.print(events),
        );
        if self.args.json {
            match serde_json::to_string_pretty(&report) {
                Ok(text) => println!("{text}"),
                Err(error) => eprintln!("the report could not be written as JSON: {error}"),
            }
        }
        report
    }
}
