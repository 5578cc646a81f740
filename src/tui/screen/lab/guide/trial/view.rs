//! What the panel says of a challenge: its brief, its board, its score.

use super::{Scoring, Trial};
use crate::tui::screen::lab::guide::panel::{bar, key_line, stars};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::prose;
use ddlab_labs::engine::time::format_span;
use ddlab_labs::workbench::challenge::score::Row;
use ddlab_labs::workbench::challenge::{Medal, Score, WORLDS};
use ddlab_labs::workbench::claim::measure::{Source, derive_all};
use ddlab_labs::workbench::claim::{Readings, Statement};
use ddlab_labs::workbench::frame::{Frame, MetricValue};
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_text::whole_percent;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Cells for `1 004 ms`.
const VALUE_WIDTH: usize = 9;

impl Trial {
    pub fn lines(
        &self,
        frame: Option<&Frame>,
        best: Option<Medal>,
        width: u16,
        theme: &Theme,
    ) -> Vec<Line<'static>> {
        if !self.begun {
            let mut lines = prose::lines(&self.challenge.brief, width, theme);
            lines.push(Line::default());
            lines.extend(self.script(theme));
            lines.extend(self.board(None, width, theme));
            lines.push(Line::default());
            lines.push(key_line("enter", "begins", theme));
            return lines;
        }
        let mut lines = match (&self.scoring, &self.score) {
            (Some(scoring), _) => scoring_lines(scoring, width, theme),
            (None, Some((knobs, score))) => self.scored(knobs, score, width, theme),
            (None, None) => self.live(frame, best, width, theme),
        };
        if let Some(trouble) = &self.trouble {
            let text = format!("{} {trouble}", theme.symbols.cross);
            lines.push(theme.line(text, Role::Danger));
        }
        for (n, hint) in self.challenge.hints.iter().take(self.hints).enumerate() {
            lines.push(Line::default());
            let sign = [theme.span(format!("hint {} ", n + 1), Role::Accent)];
            lines.extend(prose::hanging(&sign, hint, width, theme));
        }
        lines.push(Line::default());
        lines.extend(prose::lines_as(
            Role::Dim,
            &self.challenge.brief,
            width,
            theme,
        ));
        lines
    }

    /// What will go wrong, and when.
    fn script(&self, theme: &Theme) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        for done in &self.challenge.run.plan.script {
            let at = format_span(done.at.into());
            lines.push(Line::from(vec![
                theme.span(format!("at {at:>4}  "), Role::Dim),
                theme.span(done.what.to_string(), Role::Warning),
            ]));
        }
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines
    }

    fn live(
        &self,
        frame: Option<&Frame>,
        best: Option<Medal>,
        width: u16,
        theme: &Theme,
    ) -> Vec<Line<'static>> {
        let readings = frame.map(|frame| self.readings(frame));
        let mut lines = vec![Line::from(vec![
            theme.span("Now, over the last 10 s", Role::Heading),
            theme.span(
                best.map_or_else(String::new, |best| {
                    format!("   best {}", stars(best, theme))
                }),
                Role::Warning,
            ),
        ])];
        lines.extend(self.board(readings.as_ref(), width, theme));
        lines.push(Line::default());
        let turn: Vec<&str> = self
            .challenge
            .turn
            .iter()
            .map(|turn| turn.knob.name)
            .collect();
        let text = format!("You may turn {}.", turn.join(", "));
        lines.extend(prose::lines_as(Role::Dim, &text, width, theme));
        let what = format!("hands it in (worst of {WORLDS} worlds)");
        lines.push(key_line("enter", &what, theme));
        if self.hints < self.challenge.hints.len() {
            lines.push(key_line("h", "gives a hint", theme));
        }
        lines
    }

    /// Every condition, with a tick where it is met.
    fn board(&self, readings: Option<&Readings>, width: u16, theme: &Theme) -> Vec<Line<'static>> {
        let row = |(medal, statement): (Option<Medal>, &Statement)| {
            let value = readings.and_then(|readings| readings.get(&statement.of).copied());
            let met = readings.and_then(|readings| statement.holds(readings));
            let value = value.map(|value| statement.unit.show(value));
            (
                medal,
                condition(statement, value.as_deref(), met, width, theme),
            )
        };
        by_medal(self.challenge.conditions().map(row), theme)
    }

    /// What the lab does now: over the last ten seconds, totals since the warm-up.
    fn readings(&self, frame: &Frame) -> Readings {
        let mut readings = Readings::new();
        for measure in &self.challenge.measures {
            let value = match &measure.source {
                Source::Metric {
                    metric, statistic, ..
                } => frame.metric(metric.name).and_then(|view| {
                    let total = matches!(view.value, MetricValue::Counter(_));
                    if total { &view.value } else { &view.recent }.get(*statistic)
                }),
                Source::Broken { invariant, .. } => {
                    let mut views = frame.invariants.iter();
                    let view = views.find(|view| view.name == invariant);
                    view.map(|view| if view.held { 0.0 } else { 1.0 })
                }
                Source::Ratio(..) | Source::Difference(..) => None,
            };
            if let Some(value) = value {
                readings.insert(measure.name.clone(), value);
            }
        }
        derive_all(&self.challenge.measures, &mut readings);
        readings
    }

    fn scored(
        &self,
        knobs: &KnobSettings,
        score: &Score,
        width: u16,
        theme: &Theme,
    ) -> Vec<Line<'static>> {
        let mut title = match score.medal {
            Some(medal) => vec![Span::styled(
                format!("{} {medal}", stars(medal, theme)),
                theme.style(Role::Warning).add_modifier(Modifier::BOLD),
            )],
            None => vec![theme.span(
                format!("{} no medal yet", theme.symbols.cross),
                Role::Danger,
            )],
        };
        if let Some((word, role)) = self.kept.words() {
            title.push(theme.span(format!("   {word}"), role));
        }
        let worlds = format!("the worst of {WORLDS} worlds of its own, not the run beside this");
        let mut lines = vec![Line::from(title), theme.line(worlds, Role::Dim)];
        let row = |row: &Row| {
            let shown = row.shown();
            let line = condition(&row.statement, Some(&shown), Some(row.met), width, theme);
            (row.medal, line)
        };
        lines.extend(by_medal(score.rows.iter().map(row), theme));
        for name in &score.broken {
            let text = format!("{} broken: {name}", theme.symbols.cross);
            lines.push(theme.line(text, Role::Danger));
        }
        lines.push(Line::default());
        if let Some(word) = self.challenge.word_on(knobs, score) {
            lines.extend(prose::lines(&word, width, theme));
            lines.push(Line::default());
        }
        let next = match score.medal {
            Some(Medal::Gold) => "tries again; esc leaves",
            _ => "tries again; turn a knob first",
        };
        lines.push(key_line("enter", next, theme));
        lines
    }
}

fn scoring_lines(scoring: &Scoring, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = vec![
        theme.line("Trying it in three worlds", Role::Heading),
        Line::default(),
    ];
    let room = usize::from(width.saturating_sub(8).min(40));
    let mut spans = bar(scoring.share, room, Role::Accent, theme);
    let text = format!("  {}", whole_percent(scoring.share));
    spans.push(theme.span(text, Role::Dim));
    lines.push(Line::from(spans));
    lines.push(Line::default());
    lines.push(key_line("ctrl-x", "gives it up", theme));
    lines
}

/// Conditions under the medal that asks for them.
fn by_medal(
    rows: impl Iterator<Item = (Option<Medal>, Vec<Line<'static>>)>,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut under = None;
    for (medal, condition) in rows {
        if under != Some(medal) {
            let text = medal.map_or("for every medal".to_owned(), |medal| {
                format!("for {medal}, too")
            });
            lines.push(theme.line(text, Role::Faint));
            under = Some(medal);
        }
        lines.extend(condition);
    }
    lines
}

/// `✓ p99   38.0 ms   below 200 ms`, `✗ p99   386 ms   not below 200 ms`; a label that is too long for that stands
/// above the numbers.
fn condition(
    statement: &Statement,
    value: Option<&str>,
    met: Option<bool>,
    width: u16,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let symbols = theme.symbols;
    let (sign, role) = match met {
        Some(true) => (symbols.tick, Role::Good),
        Some(false) => (symbols.cross, Role::Danger),
        None => (symbols.none, Role::Faint),
    };
    let asked = match met {
        Some(false) => format!("not {}", statement.asked()),
        _ => statement.asked(),
    };
    let taken = 2 + VALUE_WIDTH + 2 + asked.width();
    let room = usize::from(width).saturating_sub(taken).clamp(4, 28);
    let sign = theme.span(format!("{sign} "), role);
    let mut lines = Vec::new();
    let mut row = if statement.label.width() > room {
        lines.extend(prose::hanging(&[sign], &statement.label, width, theme));
        vec![theme.span(" ".repeat(room + 2), Role::Text)]
    } else {
        let label = format!("{:room$}", statement.label);
        vec![sign, theme.span(label, Role::Text)]
    };
    let value = value.unwrap_or("");
    row.push(theme.span(format!(" {value:>VALUE_WIDTH$} "), Role::Strong));
    row.push(theme.span(asked, Role::Dim));
    lines.push(Line::from(row));
    lines
}
