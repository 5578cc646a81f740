//! Beside the figures that were measured what theory says of them; and where no law holds, why.

use super::{Cx, LabScreen, Modal};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::number::Quantity;
use crate::tui::widget::scroll::Scroll;
use crate::tui::widget::{prose, sheet, wrapped};
use ddlab_labs::workbench::frame::{Frame, Statistic};
use ddlab_labs::workbench::knob::Settings;
use ddlab_labs::workbench::theory::Theory;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Where the columns of numbers end, and their width.
const NUMBER: usize = 12;
const NOTE: &str = "It speaks of a steady state: measured are the last ten seconds, or the whole run where nothing was done to it.";

/// With the knobs as they are while it is open.
pub(super) struct TheoryPanel {
    theories: Vec<Theory>,
    scroll: Scroll,
}

impl TheoryPanel {
    fn lines(&self, frame: Option<&Frame>, width: u16, theme: &Theme) -> Vec<Line<'static>> {
        let names = [
            ("measured".to_owned(), Role::Dim),
            ("theory".to_owned(), Role::Dim),
        ];
        let mut lines = vec![row("", names, width, theme)];
        for (n, theory) in self.theories.iter().enumerate() {
            lines.extend(figure(theory, frame, width, theme));
            // One reason of several figures stands below the last of them.
            let next = self.theories.get(n + 1);
            if !next.is_some_and(|next| next.says.is_err() && next.says == theory.says) {
                lines.extend(said(theory, width, theme));
            }
        }
        lines.push(Line::default());
        lines.extend(prose::lines_as(Role::Faint, NOTE, width, theme));
        lines
    }

    pub fn draw(&self, frame: Option<&Frame>, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let lines = self.lines(frame, sheet::width(area), theme);
        sheet::draw("What theory says", &lines, self.scroll, theme, area, buf);
    }
}

/// The law, or why none holds.
fn said(theory: &Theory, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let (said, role) = match theory.says {
        Ok(_) => (theory.law.to_owned(), Role::Dim),
        Err(why) => (format!("theory doesn't hold here: {why}"), Role::Warning),
    };
    let rows = wrapped::rows(&said, width.saturating_sub(2)).into_iter();
    rows.map(|row| {
        let text = theme.span(said[row].trim_end().to_owned(), role);
        Line::from(vec![Span::raw("  "), text])
    })
    .collect()
}

/// A name, and two numbers at the right.
fn row(name: &str, numbers: [(String, Role); 2], width: u16, theme: &Theme) -> Line<'static> {
    let label = usize::from(width).saturating_sub(2 * (NUMBER + 1));
    let name = theme.clip(name, label.saturating_sub(1));
    let gap = label.saturating_sub(name.width());
    let mut spans = vec![theme.span(name, Role::Text)];
    for ((number, role), before) in numbers.into_iter().zip([gap, 1]) {
        let blanks = before + NUMBER.saturating_sub(number.width());
        spans.push(Span::raw(" ".repeat(blanks)));
        spans.push(theme.span(number, role));
    }
    Line::from(spans)
}

/// A figure with its two numbers.
fn figure(
    theory: &Theory,
    frame: Option<&Frame>,
    width: u16,
    theme: &Theme,
) -> Option<Line<'static>> {
    let frame = frame?;
    let metric = frame.metric(theory.metric)?;
    let quantity = Quantity::of(metric.name, metric.unit);
    let figure = match theory.statistic {
        Statistic::Value => quantity.label.clone(),
        statistic => format!("{} {}", quantity.label, statistic.name()),
    };
    let measured = if frame.interventions.is_empty() {
        metric.value.get(theory.statistic)
    } else {
        metric.recent.get(theory.statistic)
    };
    let show = |value: Option<f64>| {
        value.map_or_else(
            || theme.no_number().to_owned(),
            |value| quantity.unit.show(value),
        )
    };
    let numbers = [
        (show(measured), Role::Strong),
        (show(theory.says.ok()), Role::Accent),
    ];
    Some(row(&figure, numbers, width, theme))
}

impl LabScreen {
    /// With the knobs as the run has them.
    pub(super) fn open_theory(&mut self) -> Vec<Effect> {
        let Ok(lab) = crate::designs::find(self.spec.id) else {
            return Vec::new();
        };
        let theories = lab.theory(&Settings::new(self.live.knobs().clone()));
        if theories.is_empty() {
            return vec![Effect::info(
                "theory says nothing of the figures of this lab",
            )];
        }
        let scroll = Scroll::default();
        self.modal = Modal::Theory(TheoryPanel { theories, scroll });
        Vec::new()
    }

    pub(super) fn act_on_theory(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        let Modal::Theory(panel) = &self.modal else {
            return Vec::new();
        };
        if matches!(action, Action::Back | Action::Theory | Action::Open) {
            self.modal = Modal::Nothing;
            return Vec::new();
        }
        let total = panel
            .lines(self.frame(), sheet::width(cx.area), cx.theme)
            .len();
        if let Modal::Theory(panel) = &mut self.modal {
            sheet::act(&mut panel.scroll, action, total, cx.area);
        }
        Vec::new()
    }
}
