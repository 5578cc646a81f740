//! `ddlab exercise grade`: once, or at each change. A signal ends it, and every process with it.

use super::printer::{Printer, colour};
use super::{Folder, complain, on_grader_runtime, unsaid};
use crate::cli::Global;
use crate::cli::aside;
use crate::cli::keeper::Keeper;
use crate::progress::Event;
use clap::Args;
use ddlab_exercises::harness::grade::{self, GradeRequest, new_seed};
use ddlab_exercises::harness::observe::Observer;
use ddlab_exercises::harness::report::Report;
use ddlab_exercises::workspace::Workspace;
use ddlab_exercises::workspace::watch::Watch;
use ddlab_text::clean_line;
use std::io::{self, Write};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct GradeArgs {
    #[command(flatten)]
    folder: Folder,
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
    let workspace = match args.folder.open() {
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
                aside(notice);
            }
            watch = Some(begun);
        }
        loop {
            let (report, printed) = self.once().await;
            Keeper::open(global).keep(Event::graded(&report));
            let Some(watch) = watch.as_mut() else {
                return match printed {
                    Err(error) if error.kind() != io::ErrorKind::BrokenPipe => unsaid(&error),
                    _ => ExitCode::from(report.verdict.exit_code()),
                };
            };
            let mut out = io::stdout();
            if let Err(error) = writeln!(out, "\nwatching for changes; ctrl-C ends it") {
                return unsaid(&error);
            }
            self.workspace = loop {
                let saved = clean_line(&watch.changed().await.display().to_string()).into_owned();
                if let Err(error) = writeln!(out, "\n{saved} changed") {
                    return unsaid(&error);
                }
                // build and run may be what was changed, and may be wrong for a moment.
                match Workspace::open(&self.workspace.dir) {
                    Ok(workspace) => break workspace,
                    Err(error) => complain(&error.to_string()),
                };
            };
        }
    }

    /// A grade, and whether all that was to be said of it was.
    async fn once(&self) -> (Report, io::Result<()>) {
        let request = GradeRequest {
            exercise: self.workspace.exercise,
            dir: self.workspace.dir.clone(),
            build: self.workspace.config.build.clone(),
            run: self.workspace.config.run.clone(),
            start_s: self.workspace.config.start_s,
            seed: self.args.seed.unwrap_or_else(new_seed),
            only: self.only,
        };
        let (observer, events) = Observer::channel();
        let printer = Printer {
            quiet: self.args.json,
            colour: colour(),
        };
        let (report, mut printed) = futures::join!(
            async move { grade::grade(&request, &observer).await },
            printer.print(events),
        );
        if self.args.json {
            let text = serde_json::to_string_pretty(&report).map_err(io::Error::other);
            printed = text.and_then(|text| writeln!(io::stdout(), "{text}"));
        }
        (report, printed)
    }
}
