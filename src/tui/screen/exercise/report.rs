//! The report of one check: what was sent, what came back, what was expected and why.

use super::ExerciseScreen;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::wrapped;
use ddlab_exercises::harness::journal::{Kind, Moment};
use ddlab_exercises::harness::report::TIMELINE_HEAD;
use ddlab_exercises::harness::verdict::{CheckOutcome, Failure};
use ddlab_text::clean_line;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Cells of the label of a field.
const LABEL: u16 = 11;

/// What is to be said of the selected check; while a grade runs, what the program prints.
pub fn lines(screen: &ExerciseScreen, area: Rect, theme: &Theme) -> Vec<Line<'static>> {
    let width = area.width;
    let grading = &screen.grading;
    if grading.is_running() {
        return grading
            .output()
            .rev()
            .take(area.height.into())
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .map(|line| {
                let line = theme.clip(line, width);
                theme.line(line, Role::Dim)
            })
            .collect();
    }
    let Some(check) = grading.checks().get(screen.picker.chosen()) else {
        return Vec::new();
    };
    let Some(report) = check.report() else {
        return Vec::new();
    };
    let mut lines = text(check.promise, Role::Strong, width, theme);
    match &report.outcome {
        CheckOutcome::Passed => lines.push(theme.line("It held.", Role::Good)),
        CheckOutcome::Failed(failure) => lines.extend(failed(failure, width, theme)),
        CheckOutcome::Inconclusive { reason } => {
            lines.extend(field("no proof", reason, width, theme));
        }
        CheckOutcome::GraderError { reason } => lines.extend(field("grader", reason, width, theme)),
        CheckOutcome::NotReached { reason } => {
            lines.extend(field("not reached", reason, width, theme));
        }
    }
    if report.outcome != CheckOutcome::Passed {
        lines.extend(field("read", &report.read, width, theme));
        lines.extend(field("again", &report.replay, width, theme));
    }
    lines
}

fn failed(failure: &Failure, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = text(&failure.headline, Role::Danger, width, theme);
    for (label, said) in [
        ("sent", failure.sent.as_str()),
        ("came back", &failure.got),
        ("expected", &failure.expected),
        ("why", &failure.why),
        ("diagnosis", failure.diagnosis.0),
    ] {
        lines.extend(field(label, said, width, theme));
    }
    for (nr, printed) in failure.program.iter().enumerate() {
        let label = if nr == 0 { "it printed" } else { "" };
        let printed = clean_line(printed);
        let room = usize::from(width.saturating_sub(LABEL));
        lines.push(Line::from(vec![
            labelled(label, theme),
            theme.span(theme.clip(&printed, room), Role::Dim),
        ]));
    }
    lines.extend(timeline(&failure.timeline, width, theme));
    lines
}

/// What happened, a line each; the faults stand out.
fn timeline(moments: &[Moment], width: u16, theme: &Theme) -> Vec<Line<'static>> {
    if moments.is_empty() {
        return Vec::new();
    }
    let mut lines = field("timeline", TIMELINE_HEAD, width, theme);
    lines.extend(moments.iter().map(|moment| {
        let role = match moment.kind {
            Kind::Fault => Role::Warning,
            Kind::Found => Role::Danger,
            Kind::Process | Kind::LeftOut => Role::Dim,
            Kind::Received | Kind::Sent => Role::Text,
        };
        let line = clean_line(&moment.line()).into_owned();
        theme.line(theme.clip(&line, width), role)
    }));
    lines
}

/// A label and its text, hanging from it; nothing for an empty text.
fn field(label: &str, said: &str, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    if said.is_empty() {
        return Vec::new();
    }
    let said = text(said, Role::Text, width.saturating_sub(LABEL), theme);
    said.into_iter()
        .enumerate()
        .map(|(nr, mut line)| {
            let label = if nr == 0 { label } else { "" };
            line.spans.insert(0, labelled(label, theme));
            line
        })
        .collect()
}

fn labelled(label: &str, theme: &Theme) -> Span<'static> {
    theme.span(format!("{label:<0$}", usize::from(LABEL)), Role::Dim)
}

fn text(text: &str, role: Role, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let text = clean_line(text);
    wrapped::rows(&text, width)
        .into_iter()
        .map(|row| theme.line(text[row].trim_end().to_owned(), role))
        .collect()
}
