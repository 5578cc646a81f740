//! The line of one lane: what lasted as bars, each kind with a sign of its own, and what happened as marks.

use crate::tui::theme::{Role, Theme};
use crate::tui::widget::axis::Window;
use crate::tui::widget::pen::{Pen, clip};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::{Lane, LaneEvent, LaneKind, LaneMark, LaneSpan};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

pub struct Line<'a> {
    pub lane: &'a Lane,
    pub window: Window,
    pub now: SimTime,
    pub theme: &'a Theme,
}

/// How a state looks. Without colour the sign says it.
fn bar(kind: LaneKind, theme: &Theme) -> (&'static str, Role) {
    let ascii = theme.is_ascii();
    match kind {
        LaneKind::Owns | LaneKind::Works => (if ascii { "=" } else { "█" }, Role::Accent),
        LaneKind::Doubtful => (if ascii { "?" } else { "▓" }, Role::Danger),
        LaneKind::Paused => (if ascii { "-" } else { "░" }, Role::Warning),
        LaneKind::Down => (theme.symbols.times, Role::Dim),
        LaneKind::Straggles => (if ascii { "~" } else { "▓" }, Role::Warning),
        LaneKind::Backup => (if ascii { "+" } else { "▒" }, Role::Good),
        LaneKind::Wasted => (if ascii { "-" } else { "░" }, Role::Dim),
    }
}

fn mark(event: &LaneEvent, theme: &Theme) -> (&'static str, Role) {
    let symbols = theme.symbols;
    match event.kind {
        // An ordinary one has no words.
        LaneMark::Landed if event.label.is_empty() => (symbols.none, Role::Dim),
        LaneMark::Landed => (symbols.tick, Role::Good),
        LaneMark::Slipped => (symbols.warning, Role::Danger),
        LaneMark::Bounced => (symbols.cross, Role::Warning),
    }
}

/// What is worth its cell more than what else happened there.
fn weight(event: &LaneEvent) -> u8 {
    match event.kind {
        LaneMark::Landed if event.label.is_empty() => 0,
        LaneMark::Landed => 1,
        LaneMark::Bounced => 2,
        LaneMark::Slipped => 3,
    }
}

/// Signs and what they say, what matters most first: of tasks where lanes have some, else of what lanes believe.
pub fn legend(theme: &Theme, lanes: &[Lane]) -> Vec<(&'static str, Role, &'static str)> {
    let of = |kind, word| {
        let (sign, role) = bar(kind, theme);
        (sign, role, word)
    };
    let is_task = |span: &LaneSpan| {
        matches!(
            span.kind,
            LaneKind::Works | LaneKind::Straggles | LaneKind::Backup | LaneKind::Wasted
        )
    };
    if lanes.iter().any(|lane| lane.spans.iter().any(is_task)) {
        return vec![
            of(LaneKind::Works, "works"),
            of(LaneKind::Straggles, "slow"),
            of(LaneKind::Backup, "backup"),
            of(LaneKind::Wasted, "did not count"),
            of(LaneKind::Down, "down"),
        ];
    }
    let symbols = theme.symbols;
    vec![
        of(LaneKind::Owns, "owns"),
        of(LaneKind::Doubtful, "two at once"),
        of(LaneKind::Paused, "paused"),
        of(LaneKind::Down, "down"),
        (symbols.cross, Role::Warning, "bounced"),
        (symbols.warning, Role::Danger, "stale write lands"),
        (symbols.tick, Role::Good, "new token"),
        (symbols.none, Role::Dim, "write"),
    ]
}

impl Line<'_> {
    /// The columns, from `left` up to `right`, that a stretch of time takes. One at least, however short.
    fn columns(&self, from: SimTime, to: SimTime, width: u16) -> Option<(u16, u16)> {
        let (from, to) = (from.as_secs_f64(), to.as_secs_f64());
        if to < self.window.start || from > self.window.end {
            return None;
        }
        let last = f64::from(width - 1);
        let column = |at: f64| {
            let share = (at - self.window.start) / self.window.span();
            (share.clamp(0.0, 1.0) * last).round() as u16
        };
        let left = column(from);
        Some((left, column(to).max(left + 1).min(width)))
    }

    fn span(&self, span: &LaneSpan, area: Rect, buf: &mut Buffer) {
        let to = span.to.unwrap_or(self.now);
        let Some((left, right)) = self.columns(span.from, to, area.width) else {
            return;
        };
        let (sign, role) = bar(span.kind, self.theme);
        Pen::new(area, buf)
            .to(left)
            .fill(sign, right - left, self.theme.style(role));
    }

    /// The words of a span within it: all of them, or the last one, or none.
    fn words(&self, span: &LaneSpan, area: Rect, buf: &mut Buffer) {
        let to = span.to.unwrap_or(self.now);
        let Some((left, right)) = self.columns(span.from, to, area.width) else {
            return;
        };
        let last = span.label.rsplit(", ").next().unwrap_or_default();
        // A bar on either side, so that the words lie within it.
        let room = usize::from(right - left).saturating_sub(2);
        let text = [span.label.as_str(), last]
            .into_iter()
            .map(|text| format!(" {text} "))
            .find(|text| text.width() <= room);
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            Pen::new(area, buf)
                .to(left + 1)
                .put(&text, self.theme.style(Role::Strong));
        }
    }

    /// Marks where things happened; words up to the next mark that has some.
    fn events(&self, area: Rect, buf: &mut Buffer) {
        let theme = self.theme;
        let mut cells: Vec<Option<&LaneEvent>> = vec![None; area.width.into()];
        for event in &self.lane.events {
            let Some((column, _)) = self.columns(event.at, event.at, area.width) else {
                continue;
            };
            let cell = &mut cells[usize::from(column)];
            if cell.is_none_or(|there| weight(there) <= weight(event)) {
                *cell = Some(event);
            }
        }
        let columns: Vec<u16> = (0..area.width)
            .filter(|column| {
                let event = cells[usize::from(*column)];
                event.is_some_and(|event| !event.label.is_empty())
            })
            .collect();
        for (column, event) in cells.iter().enumerate() {
            if let Some(event) = event {
                let (sign, role) = mark(event, theme);
                Pen::new(area, buf)
                    .to(column as u16)
                    .put(sign, theme.style(role));
            }
        }
        for (nth, column) in columns.iter().enumerate() {
            let Some(event) = cells[usize::from(*column)] else {
                continue;
            };
            let end = columns.get(nth + 1).copied().unwrap_or(area.width);
            let room = usize::from(end - column).saturating_sub(3);
            let text = [
                event.label.as_str(),
                event.label.split(' ').next().unwrap_or(""),
            ]
            .into_iter()
            .find(|text| text.width() <= room && !text.is_empty());
            if let Some(text) = text {
                let text = clip(text, room, theme.symbols.ellipsis);
                let (_, role) = mark(event, theme);
                Pen::new(area, buf)
                    .to(column + 1)
                    .put(&format!(" {text} "), theme.style(role));
            }
        }
    }
}

impl Widget for Line<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        if area.is_empty() {
            return;
        }
        let (theme, now) = (self.theme, self.now.as_secs_f64());
        let end = f64::from(area.width - 1);
        let passed = self
            .window
            .share(now)
            .map_or(area.width, |share| (share * end).round() as u16);
        // Where things happen the marks are the line.
        if self.lane.events.is_empty() {
            Pen::new(area, buf).fill(theme.symbols.track, passed, theme.style(Role::Faint));
        }
        for span in &self.lane.spans {
            self.span(span, area, buf);
        }
        // What matters most must be seen, however short it was.
        for span in &self.lane.spans {
            if span.kind == LaneKind::Doubtful {
                self.span(span, area, buf);
            }
        }
        for span in &self.lane.spans {
            self.words(span, area, buf);
        }
        self.events(area, buf);
    }
}
