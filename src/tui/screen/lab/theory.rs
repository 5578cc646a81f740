//! Beside the figures that were measured what theory says of them; and where no law holds, why.

use super::{LabScreen, Modal};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::number::Quantity;
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::{popup, prose, scroll, wrapped};
use ddlab_labs::workbench::frame::{Frame, Statistic};
use ddlab_labs::workbench::knob::Settings;
use ddlab_labs::workbench::theory::Theory;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// The frame of the popup, and the columns that it takes at most.
const FRAME: u16 = 2;
const WIDTH: u16 = 84;
/// Where the columns of numbers end, and their width.
const NUMBER: usize = 12;
const NOTE: &str = "It speaks of a steady state: measured are the last ten seconds, or the whole run where nothing was done to it.";

/// With the knobs as they are while it is open.
pub(super) struct TheoryPanel(Vec<Theory>);

impl TheoryPanel {
    pub fn draw(&self, frame: Option<&Frame>, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let width = WIDTH.min(area.width);
        let why = |theory| said(theory, width.saturating_sub(2 * FRAME + 2), theme);
        let whys: Vec<_> = self.0.iter().map(why).collect();
        let rows = self.0.len() + whys.iter().map(Vec::len).sum::<usize>() + 4;
        let (rows, title) = (rows as u16, "What theory says");
        let inner = popup::open(title, width, rows + FRAME, theme, area, buf);
        let numbers = 2 * (NUMBER + 1);
        let label = usize::from(inner.width).saturating_sub(numbers) as u16;
        Pen::new(inner.row(0), buf)
            .to(label)
            .put_right("measured", NUMBER, theme.style(Role::Dim))
            .skip(1)
            .put_right("theory", NUMBER, theme.style(Role::Dim));
        let mut left = inner.below(1);
        for (theory, why) in self.0.iter().zip(&whys) {
            figure(theory, frame, label, theme, left.row(0), buf);
            left = left.below(1);
            scroll::lines(why, left.after(2), buf);
            left = left.below(why.len() as u16);
        }
        let below = inner.below(rows.saturating_sub(2));
        let note = prose::lines_as(Role::Faint, NOTE, below.width, theme);
        scroll::lines(&note, below, buf);
    }
}

/// The law, or why none holds.
fn said(theory: &Theory, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let (said, role) = match theory.says {
        Ok(_) => (theory.law.to_owned(), Role::Dim),
        Err(why) => (format!("theory doesn't hold here: {why}"), Role::Warning),
    };
    let rows = wrapped::rows(&said, width).into_iter();
    rows.map(|row| theme.line(said[row].trim_end().to_owned(), role))
        .collect()
}

/// A figure with its two numbers.
fn figure(
    theory: &Theory,
    frame: Option<&Frame>,
    label: u16,
    theme: &Theme,
    row: Rect,
    buf: &mut Buffer,
) {
    let metric = frame.and_then(|frame| frame.metric(theory.metric));
    let Some((frame, metric)) = frame.zip(metric) else {
        return;
    };
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
    let figure = theme.clip(&figure, label.saturating_sub(1));
    Pen::new(row, buf)
        .put(&figure, theme.style(Role::Text))
        .to(label)
        .put_right(&show(measured), NUMBER, theme.style(Role::Strong))
        .skip(1)
        .put_right(&show(theory.says.ok()), NUMBER, theme.style(Role::Accent));
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
        self.modal = Modal::Theory(TheoryPanel(theories));
        Vec::new()
    }

    pub(super) fn act_on_theory(&mut self, action: Action) -> Vec<Effect> {
        if matches!(action, Action::Back | Action::Theory | Action::Open) {
            self.modal = Modal::Nothing;
        }
        Vec::new()
    }
}
