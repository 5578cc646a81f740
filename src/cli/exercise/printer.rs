//! A grade as lines of text, while it runs.

use super::WIDTH;
use ddlab_exercises::harness::observe::Event;
use ddlab_exercises::harness::process::output::Stream;
use ddlab_exercises::harness::report::{CheckReport, Report};
use ddlab_exercises::harness::verdict::CheckOutcome;
use ddlab_text::wrap;
use std::io::{IsTerminal, Write};
use tokio::sync::mpsc::UnboundedReceiver;

/// Mistakes shown in full at once: people mend one, and then the next.
const SHOWN_MAX: usize = 3;

/// Colour is for terminals, and for those who do not refuse it (<https://no-color.org>).
pub(super) fn colour() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Writes a grade down as it happens: one line a check, and at the end what is to be said of each.
pub(super) struct Printer {
    pub quiet: bool,
    pub colour: bool,
}

impl Printer {
    /// # Errors
    /// The first of what could not be written. The grade goes on.
    pub async fn print(self, mut events: UnboundedReceiver<Event>) -> std::io::Result<()> {
        let mut printed = Ok(());
        while let Some(event) = events.recv().await {
            if self.quiet || printed.is_err() {
                continue;
            }
            printed = match event {
                Event::Building { command } if !command.is_empty() => {
                    writeln!(std::io::stdout(), "build: {command}")
                }
                Event::Output {
                    stream: Stream::Grader,
                    line,
                } => writeln!(std::io::stdout(), "note: {line}"),
                Event::CheckEnded(check) => self.tick(&check),
                Event::Finished(report) => self.finish(&report),
                _ => Ok(()),
            };
        }
        printed
    }

    fn tick(&self, check: &CheckReport) -> std::io::Result<()> {
        let CheckReport { name, promise, .. } = check;
        let (mark, colour) = mark(&check.outcome);
        let mut out = std::io::stdout().lock();
        writeln!(out, "{} {name:<18} {promise}", self.paint(mark, colour))?;
        out.flush()
    }

    fn finish(&self, report: &Report) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        let has_details = |check: &&CheckReport| {
            !matches!(
                check.outcome,
                CheckOutcome::Passed | CheckOutcome::NotReached { .. }
            )
        };
        let details: Vec<&CheckReport> = report.checks.iter().filter(has_details).collect();
        let (first, rest) = details.split_at(details.len().min(SHOWN_MAX));
        for check in first {
            self.write_details(&mut out, check)?;
        }
        if !rest.is_empty() {
            let names: Vec<&str> = rest.iter().map(|check| check.name).collect();
            writeln!(
                out,
                "\nMore of the same run; --check NAME shows one of them:"
            )?;
            for line in wrap(&names.join(", "), WIDTH) {
                writeln!(out, "{line}")?;
            }
        }
        writeln!(out, "\n{}", report.summary())?;
        if !report.review.is_empty() {
            writeln!(out, "\nA reviewer would still say:")?;
        }
        for remark in &report.review {
            for (nr, line) in wrap(remark, WIDTH - 2).iter().enumerate() {
                writeln!(out, "{}{line}", if nr == 0 { "- " } else { "  " })?;
            }
        }
        Ok(())
    }

    fn write_details(&self, out: &mut impl Write, check: &CheckReport) -> std::io::Result<()> {
        writeln!(out, "\n{}", self.paint(&format!("── {}", check.name), "1"))?;
        for line in check.details() {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    fn paint(&self, text: &str, code: &str) -> String {
        if self.colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// A word as well as a colour: neither a pipe nor every eye tells red from green.
fn mark(outcome: &CheckOutcome) -> (&'static str, &'static str) {
    match outcome {
        CheckOutcome::Passed => ("holds ", "32"),
        CheckOutcome::Failed(_) => ("FAILS ", "31"),
        CheckOutcome::Inconclusive { .. } => ("unsure", "33"),
        CheckOutcome::GraderError { .. } => ("broken", "35"),
        CheckOutcome::NotReached { .. } => ("   -  ", "2"),
    }
}
