//! The pane to watch: where the program lies, its checks, the verdict, the report of one check.

use super::grading::{Check, CheckState, Phase};
use super::{ExerciseScreen, Focus, report};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::kept::Kept;
use crate::tui::widget::parts::Parts;
use crate::tui::widget::picker::{Picker, band};
use crate::tui::widget::scroll;
use ddlab_exercises::harness::language::LANGUAGES;
use ddlab_exercises::harness::verdict::{CheckOutcome, Verdict};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::Line;
use ratatui::widgets::Widget;

/// Rows of the state above the checks, with the blank one below it.
const STATE_ROWS: u16 = 3;
/// The report always has this many rows, if the pane has twice that many.
const REPORT_ROWS_MIN: u16 = 8;

/// The rows of the pane, from top to bottom.
struct Rows {
    state: Rect,
    checks: Rect,
    /// Which of the checks are in view.
    shown: Rect,
    /// Empty while there is none.
    verdict: Rect,
    report: Rect,
}

impl Rows {
    fn new(screen: &ExerciseScreen, area: Rect) -> Self {
        let row = |y: u16, height: u16| area.below(y).upper(height);
        let count = screen.grading.checks().len() as u16;
        let verdict = match screen.grading.report() {
            None => 0,
            Some(_) if area.height >= 32 => 3,
            Some(_) => 1,
        };
        let left = area.height.saturating_sub(STATE_ROWS);
        let keep = (REPORT_ROWS_MIN + verdict + 2).min(left / 2 + verdict);
        let checks = count.min(left.saturating_sub(keep));
        let after = STATE_ROWS + checks + 1;
        let gap = u16::from(verdict > 0);
        Self {
            state: row(0, STATE_ROWS - 1),
            checks: row(STATE_ROWS, checks),
            shown: row(STATE_ROWS + checks, 1),
            verdict: row(after, verdict),
            report: row(after + verdict + gap, area.height),
        }
    }
}

/// While a grade runs, the check that runs is in view; afterwards the chosen one.
fn picker(screen: &ExerciseScreen) -> Picker {
    let mut checks = screen.grading.checks().iter();
    let running = checks.position(|check| check.state == CheckState::Running);
    running.map_or(screen.picker, Picker::at)
}

/// The rows in which the checks are listed.
pub fn checks_area(screen: &ExerciseScreen, area: Rect) -> Rect {
    Rows::new(screen, area).checks
}

/// The rows in which the report is read.
pub fn report_area(screen: &ExerciseScreen, area: Rect) -> Rect {
    Rows::new(screen, area).report
}

pub fn check_at(screen: &ExerciseScreen, area: Rect, at: Position) -> Option<usize> {
    picker(screen).hit(at, &screen.items(), checks_area(screen, area))
}

pub fn draw(screen: &ExerciseScreen, area: Rect, theme: &Theme, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let rows = Rows::new(screen, area);
    scroll::lines(&state(screen, area.width, theme), rows.state, buf);
    for (index, line) in picker(screen).in_view(&screen.items(), rows.checks) {
        let selected = screen.focus == Focus::Checks && index == screen.picker.chosen();
        draw_check(&screen.grading.checks()[index], selected, line, theme, buf);
    }
    shown_checks(screen, &rows, theme, buf);
    verdict(screen, rows.verdict, theme, buf);
    let lines = report::lines(screen, area, theme);
    // While a grade runs, the newest line of the output is the one to see.
    let top = if screen.grading.is_running() {
        lines.len().saturating_sub(rows.report.height.into())
    } else {
        screen.report_scroll.top
    };
    scroll::lines(lines.iter().skip(top), rows.report, buf);
    if !screen.grading.is_running() {
        let scroll = &screen.report_scroll;
        scroll.bar(lines.len(), 2, theme, rows.report, buf);
    }
}

/// Where there are more checks than rows: the bar, and below the list which of them are in view.
fn shown_checks(screen: &ExerciseScreen, rows: &Rows, theme: &Theme, buf: &mut Buffer) {
    let (picker, items) = (picker(screen), screen.items());
    picker.bar(&items, 2, theme, rows.checks, buf);
    let (height, count) = (usize::from(rows.checks.height), items.count());
    if (1..count).contains(&height) {
        let first = picker.top(&items, height);
        let text = format!("checks {} to {} of {count}", first + 1, first + height);
        theme.line(text, Role::Dim).render(rows.shown, buf);
    }
}

/// Where the program lies, and what happens or can be done now.
fn state(screen: &ExerciseScreen, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let Some(folder) = &screen.folder else {
        return vec![theme.line("looking for your folder", Role::Dim)];
    };
    let language = LANGUAGES[screen.language].name;
    let place = theme.clip(&folder.shown, width);
    if folder.state.is_none() {
        let symbols = theme.symbols;
        return vec![
            Line::from(vec![
                theme.span("s", Role::Key),
                theme.span(" starts in ", Role::Text),
                theme.span(
                    format!("{}{language}{}", symbols.left, symbols.right),
                    Role::Accent,
                ),
            ]),
            theme.line(format!("at {place}"), Role::Dim),
        ];
    }
    vec![theme.line(place, Role::Text), doing(screen, theme)]
}

fn doing(screen: &ExerciseScreen, theme: &Theme) -> Line<'static> {
    let grading = &screen.grading;
    let play = theme.symbols.play;
    match grading.phase() {
        Phase::Asked => theme.line(format!("{play} getting ready"), Role::Accent),
        Phase::Building(command) if command.is_empty() => {
            theme.line(format!("{play} starting"), Role::Accent)
        }
        Phase::Building(command) => theme.line(format!("{play} building: {command}"), Role::Accent),
        Phase::Checking => {
            let (ended, all) = (grading.ended(), grading.checks().len());
            theme.line(
                format!("{play} check {} of {all}", (ended + 1).min(all)),
                Role::Accent,
            )
        }
        _ if screen.watching => theme.line(
            format!("{play} watching: save a file and it is graded again"),
            Role::Accent,
        ),
        // What the band has no room for must not go unsaid when it is trouble.
        Phase::Done if screen.kept == Kept::InMemory => {
            theme.line("this grade is kept in memory only", Role::Danger)
        }
        Phase::Stopped => theme.line("stopped; r grades again", Role::Dim),
        Phase::Done => {
            let next = "r grades again, R this check, w at each save";
            theme.line(next, Role::Dim)
        }
        Phase::Idle => theme.line("r builds and grades, w at each save", Role::Dim),
    }
}

fn draw_check(check: &Check, selected: bool, line: Rect, theme: &Theme, buf: &mut Buffer) {
    let symbols = theme.symbols;
    let (sign, role) = match &check.state {
        CheckState::Waiting => (symbols.progress[0], Role::Faint),
        CheckState::Running => (symbols.play, Role::Accent),
        CheckState::Ended(report) => sign(&report.outcome, theme),
    };
    if selected {
        band(line, theme, buf);
    }
    let time = match &check.state {
        CheckState::Ended(report) => match report.outcome {
            CheckOutcome::NotReached { .. } => "not reached".to_owned(),
            _ => seconds(report.took_ms),
        },
        CheckState::Running => "running".to_owned(),
        CheckState::Waiting => String::new(),
    };
    let room = usize::from(line.width).saturating_sub(4 + time.len() + 2);
    let promise = theme.clip(check.promise, room);
    let text = match (&check.state, selected) {
        (_, true) => Role::Strong,
        (CheckState::Waiting, _) => Role::Dim,
        _ => Role::Text,
    };
    let cells = usize::from(line.width);
    buf.set_stringn(
        line.x + 2,
        line.y,
        sign,
        cells.saturating_sub(2),
        theme.style(role),
    );
    buf.set_stringn(line.x + 4, line.y, promise, room, theme.style(text));
    theme
        .line(time, Role::Dim)
        .right_aligned()
        .render(line, buf);
}

fn sign(outcome: &CheckOutcome, theme: &Theme) -> (&'static str, Role) {
    match outcome {
        CheckOutcome::Passed => (theme.symbols.tick, Role::Good),
        CheckOutcome::Failed(_) => (theme.symbols.cross, Role::Danger),
        CheckOutcome::Inconclusive { .. } => ("?", Role::Warning),
        CheckOutcome::GraderError { .. } => (theme.symbols.warning, Role::Warning),
        CheckOutcome::NotReached { .. } => (theme.symbols.none, Role::Dim),
    }
}

/// The word, big and in its colour, with what it rests on.
fn verdict(screen: &ExerciseScreen, area: Rect, theme: &Theme, buf: &mut Buffer) {
    let Some(report) = screen.grading.report().filter(|_| !area.is_empty()) else {
        return;
    };
    let (sign, word, role) = match report.verdict {
        Verdict::Pass if report.complete => (theme.symbols.tick, "PASS", Role::Good),
        // One check of many, run again.
        Verdict::Pass => (theme.symbols.tick, "HOLDS", Role::Good),
        Verdict::Fail => (theme.symbols.cross, "FAIL", Role::Danger),
        Verdict::Inconclusive => ("?", "INCONCLUSIVE", Role::Warning),
        Verdict::GraderError => (theme.symbols.warning, "GRADER ERROR", Role::Warning),
    };
    let held = report
        .checks
        .iter()
        .filter(|check| check.outcome == CheckOutcome::Passed)
        .count();
    let dot = theme.symbols.none;
    let took = seconds(report.took_ms);
    let rest = format!(
        "{held} of {} {dot} {took} {dot} seed {}",
        report.checks.len(),
        report.seed
    );
    let band = theme
        .style(role)
        .add_modifier(Modifier::REVERSED | Modifier::BOLD);
    buf.set_style(area, band);
    let middle = area.row(area.height / 2);
    let kept = screen.kept.words().map_or("", |(words, _)| words);
    Line::from(format!("  {sign} {word}  {rest}")).render(middle, buf);
    let room = usize::from(area.width).saturating_sub(word.len() + rest.len() + 10);
    if kept.len() <= room {
        Line::from(format!("{kept}  "))
            .right_aligned()
            .render(middle, buf);
    }
}

/// `0.4 s`
fn seconds(took_ms: u64) -> String {
    format!("{:.1} s", took_ms as f64 / 1000.0)
}
