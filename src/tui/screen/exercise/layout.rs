//! Where the two panes lie.

use super::{ExerciseScreen, Focus};
use crate::tui::screen::Cx;
use crate::tui::theme::Role;
use crate::tui::widget::header::{Header, header_area};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::{TEXT_WIDTH, column, page};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

/// From here on both panes are shown.
const TWO_PANES: u16 = 106;
/// Statements are written for sixty columns.
const READING_WIDTH: u16 = 60;
const BENCH_WIDTH_MIN: u16 = 46;
const GAP: u16 = 4;
const WIDTH: u16 = 156;

pub struct Layout {
    /// Empty where only the other one is shown.
    pub reading: Rect,
    pub bench: Rect,
}

impl Layout {
    pub fn new(focus: Focus, cx: &Cx<'_>) -> Self {
        let body = column(page(cx.area), WIDTH).below(2);
        if body.width < TWO_PANES {
            let none = body.first(0).upper(0);
            return match focus {
                Focus::Reading => Self {
                    reading: column(body, TEXT_WIDTH),
                    bench: none,
                },
                Focus::Checks => Self {
                    reading: none,
                    bench: body,
                },
            };
        }
        let reading = READING_WIDTH.min(body.width.saturating_sub(GAP + BENCH_WIDTH_MIN));
        Self {
            reading: body.first(reading),
            bench: body.after(reading + GAP),
        }
    }

    pub fn header(&self, screen: &ExerciseScreen, cx: &Cx<'_>, buf: &mut Buffer) {
        let theme = cx.theme;
        let manifest = screen.exercise.manifest();
        let title = Line::from(vec![
            theme.span("build  ", Role::Dim),
            theme.span(manifest.title.as_str(), Role::Title),
        ]);
        let status = if self.reading.is_empty() || self.bench.is_empty() {
            tabs(screen, cx)
        } else {
            let minutes = format!(
                "chapter {}, about {} min",
                manifest.number, manifest.minutes
            );
            theme.line(minutes, Role::Dim)
        };
        Header { title, status }.render(header_area(cx.area, WIDTH), buf);
    }
}

/// Which of the two panes is seen, where only one is.
fn tabs(screen: &ExerciseScreen, cx: &Cx<'_>) -> Line<'static> {
    let tab = |name: &'static str, focus: Focus| {
        let (left, right, role) = if screen.focus == focus {
            (cx.theme.symbols.left, cx.theme.symbols.right, Role::Accent)
        } else {
            (" ", " ", Role::Dim)
        };
        cx.theme.span(format!("{left}{name}{right}"), role)
    };
    Line::from(vec![
        tab(screen.reading.face().name(), Focus::Reading),
        Span::raw(" "),
        tab("checks", Focus::Checks),
    ])
}
