//! Where the panel of the guide lies, and how its text is set: at the right of a wide screen, at the bottom of
//! another.

use super::Guide;
use crate::tui::screen::Cx;
use crate::tui::screen::lab::LabScreen;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::prose;
use crate::tui::widget::scroll::{self, Scroll};
use ddlab_labs::workbench::challenge::Medal;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// From this width on the panel stands beside the lab.
const BESIDE_FROM: u16 = 116;

/// The lab's part of the screen, and the panel's.
pub fn split(area: Rect) -> (Rect, Rect) {
    if area.width >= BESIDE_FROM {
        let width = (area.width / 3).clamp(42, 60);
        return (area.before(width), area.last(width));
    }
    let lab = area.above((area.height / 2 + 1).min(18));
    (lab, area.below(lab.height))
}

/// Where the text stands: below the title, right of the rule.
pub fn inner(panel: Rect) -> Rect {
    let beside = panel.height > panel.width / 2;
    panel.after(2).before(2).below(if beside { 2 } else { 1 })
}

impl Guide {
    /// Its title, and where one stands in it.
    fn title(&self) -> (&str, String) {
        match self {
            Self::List(_) => ("Guide", String::new()),
            Self::Tour(tour) => (tour.experiment().title.as_str(), tour.status()),
            Self::Trial(trial) => (trial.challenge.title.as_str(), "challenge".to_owned()),
        }
    }
}

/// Cells for the title on the rule of a panel of this width.
fn title_room(width: u16, status: &str) -> usize {
    usize::from(width.saturating_sub(status.width() as u16 + 8))
}

impl LabScreen {
    /// The lab's part of the screen, and the panel's, which is empty without a guide.
    pub(in crate::tui::screen::lab) fn split(&self, area: Rect) -> (Rect, Rect) {
        match self.guide {
            Some(_) => split(area),
            None => (area, Rect::ZERO),
        }
    }

    /// All lines of the panel.
    pub(super) fn guide_lines(&self, width: u16, cx: &Cx<'_>) -> Vec<Line<'static>> {
        let mut lines = match &self.guide {
            None => Vec::new(),
            Some(Guide::List(list)) => list.lines(self.spec.id, cx.marks, width, cx.theme).0,
            Some(Guide::Tour(tour)) => tour.lines(self.frame(), width, cx.theme),
            Some(Guide::Trial(trial)) => {
                let best = cx.marks.medal(self.spec.id, &trial.challenge.id);
                trial.lines(self.frame(), best, width, cx.theme)
            }
        };
        // A title that is cut on the rule stands whole above the text.
        if let Some((title, status)) = self.guide.as_ref().map(Guide::title)
            && title.width() > title_room(width + 4, &status)
        {
            let mut title = prose::lines_as(Role::Title, title, width, cx.theme);
            title.push(Line::default());
            title.append(&mut lines);
            return title;
        }
        lines
    }

    pub(in crate::tui::screen::lab) fn draw_guide(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        let (_, panel) = self.split(cx.area);
        let Some(guide) = &self.guide else {
            return;
        };
        let theme = cx.theme;
        let (title, status) = guide.title();
        frame(title, &status, panel, theme, buf);
        let inner = inner(panel);
        let lines = self.guide_lines(inner.width, cx);
        let height = usize::from(inner.height);
        let scroll = match guide {
            Guide::List(list) => {
                let (_, items) = list.lines(self.spec.id, cx.marks, inner.width, theme);
                Scroll {
                    top: list.picker.top(&items, height),
                }
            }
            Guide::Tour(tour) => tour.scroll,
            Guide::Trial(trial) => trial.scroll,
        };
        let mut scroll = scroll;
        scroll.to(scroll.top, lines.len(), height);
        scroll::lines(
            lines.iter().skip(scroll.top),
            inner.intersection(buf.area),
            buf,
        );
        scroll.bar(lines.len(), 2, theme, inner, buf);
    }
}

/// The rule that sets the panel apart, its title and where one stands.
fn frame(title: &str, status: &str, panel: Rect, theme: &Theme, buf: &mut Buffer) {
    let faint = theme.style(Role::Faint);
    let beside = panel.height > panel.width / 2;
    let symbols = theme.symbols;
    if beside {
        for row in 0..panel.height {
            Pen::at(panel, row, buf).put(symbols.vertical, faint);
        }
    } else {
        Pen::new(panel, buf).fill(symbols.horizontal, panel.width, faint);
    }
    // The rule gives way to the words on it, and to a blank on each side of them.
    let status = if beside || status.is_empty() {
        status.to_owned()
    } else {
        format!(" {status} ")
    };
    let blank = u16::from(!beside);
    let room = title_room(panel.width, status.trim());
    let mut pen = Pen::new(panel, buf);
    pen.skip(2 - blank);
    if !beside {
        pen.put(" ", faint);
    }
    pen.put(&theme.clip(title, room), theme.style(Role::Title));
    if !beside {
        pen.put(" ", faint);
    }
    let end = (status.width() as u16 + 2).saturating_sub(blank);
    pen.to(panel.width.saturating_sub(end))
        .put_whole(&status, theme.style(Role::Dim));
}

/// What a key does next: `enter goes on`.
pub fn key_line(key: &str, what: &str, theme: &Theme) -> Line<'static> {
    Line::from(vec![
        theme.span(key.to_owned(), Role::Key),
        theme.span(format!(" {what}"), Role::Dim),
    ])
}

/// One star of bronze, two of silver, three of gold.
pub fn stars(medal: Medal, theme: &Theme) -> String {
    let count = match medal {
        Medal::Bronze => 1,
        Medal::Silver => 2,
        Medal::Gold => 3,
    };
    let empty = theme.symbols.star_empty.repeat(3 - count);
    format!("{}{empty}", theme.symbols.star.repeat(count))
}

/// A bar that is filled to a share of its width.
pub fn bar(share: f64, width: usize, role: Role, theme: &Theme) -> Vec<Span<'static>> {
    let filled = ((share.clamp(0.0, 1.0) * width as f64).round() as usize).min(width);
    let symbols = theme.symbols;
    vec![
        theme.span(symbols.eighths[8].repeat(filled), role),
        theme.span(symbols.track.repeat(width - filled), Role::Faint),
    ]
}
