//! How a session is drawn: the header, the text, and below it what is asked.

use super::PracticeScreen;
use crate::practice::Ask;
use crate::tui::screen::Cx;
use crate::tui::theme::Role;
use crate::tui::widget::header::{Header, header_area};
use crate::tui::widget::pen::Pen;
use crate::tui::widget::{TEXT_WIDTH, column, page, prose, scroll};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Widget;

/// Rows for an answer of several lines, and where the text above needs the room.
const TEXT_ROWS: u16 = 8;
const TEXT_ROWS_LEAST: u16 = 4;

/// The title with the row below it, and the row between the text and what is asked.
const HEAD: u16 = 2;
const GAP: u16 = 1;

/// Where the parts lie.
struct Places {
    text: Rect,
    how: Rect,
    typed: Rect,
}

impl Places {
    fn new(screen: &PracticeScreen, cx: &Cx<'_>) -> Self {
        let area = column(page(cx.area), TEXT_WIDTH);
        let how = how(screen, cx, area.width).len() as u16;
        let typed = match &screen.step.ask {
            Ask::Text { .. } => {
                let most = TEXT_ROWS.min(area.height / 2);
                let written = screen.typed.lines().len() as u16 + 1;
                let text = lines(screen, cx, area.width).len() as u16;
                let left = area.height.saturating_sub(HEAD + GAP + how + text);
                left.clamp(TEXT_ROWS_LEAST.max(written).min(most), most)
            }
            Ask::Line { .. } => 1,
            Ask::Choice { .. } | Ask::Pick { .. } | Ask::Wait { .. } | Ask::Done => 0,
        };
        let [_, text, _, how, typed] = area.layout(&Layout::vertical([
            Constraint::Length(HEAD),
            Constraint::Fill(1),
            Constraint::Length(GAP),
            Constraint::Length(how),
            Constraint::Length(typed),
        ]));
        Self { text, how, typed }
    }
}

fn how(screen: &PracticeScreen, cx: &Cx<'_>, width: u16) -> Vec<Line<'static>> {
    let (text, role) = match (&screen.refusal, &screen.step.ask) {
        (Some(refusal), _) => (refusal.as_str(), Role::Warning),
        (None, Ask::Done) if screen.flow.leads().is_empty() => ("enter leads back", Role::Dim),
        (None, Ask::Done) => (
            "a number opens what to study next, enter leads back",
            Role::Dim,
        ),
        (None, ask) => (ask.how(), Role::Dim),
    };
    prose::tinted(prose::lines(text, width, cx.theme), role, cx.theme)
}

fn lines(screen: &PracticeScreen, cx: &Cx<'_>, width: u16) -> Vec<Line<'static>> {
    let mut lines = above(screen, cx, width);
    lines.extend(prose::lines(&screen.step.text, width, cx.theme));
    lines
}

/// What was read before, stepped back.
fn above(screen: &PracticeScreen, cx: &Cx<'_>, width: u16) -> Vec<Line<'static>> {
    let step = &screen.step;
    if step.above.is_empty() {
        return Vec::new();
    }
    let mut lines = prose::lines(&step.above, width, cx.theme);
    if !step.text.is_empty() {
        lines = prose::tinted(lines, Role::Dim, cx.theme);
        lines.push(Line::default());
    }
    lines
}

/// How many lines the text has, and how many fit.
pub fn extent(screen: &PracticeScreen, cx: &Cx<'_>) -> (usize, usize) {
    let places = Places::new(screen, cx);
    let total = lines(screen, cx, places.text.width).len();
    (total, places.text.height.into())
}

/// How many lines of the text were read before.
pub fn lines_above(screen: &PracticeScreen, cx: &Cx<'_>) -> usize {
    let places = Places::new(screen, cx);
    if screen.step.text.is_empty() {
        return 0;
    }
    above(screen, cx, places.text.width).len()
}

pub fn draw(screen: &PracticeScreen, cx: &Cx<'_>, buf: &mut Buffer) {
    let theme = cx.theme;
    let step = &screen.step;
    Header::new(&step.title, &step.status, theme).render(header_area(cx.area, TEXT_WIDTH), buf);
    let places = Places::new(screen, cx);
    let text = lines(screen, cx, places.text.width);
    scroll::lines(text.iter().skip(screen.scroll.top), places.text, buf);
    screen.scroll.bar(text.len(), 2, theme, places.text, buf);
    scroll::lines(&how(screen, cx, places.how.width), places.how, buf);
    let accent = theme.style(Role::Accent);
    for row in 0..places.typed.height {
        Pen::at(places.typed, row, buf).put(theme.symbols.bar, accent);
    }
    let typed = Rect {
        x: places.typed.x + 2.min(places.typed.width),
        width: places.typed.width.saturating_sub(2),
        ..places.typed
    };
    if !typed.is_empty() {
        (&screen.typed).render(typed, buf);
    }
}
