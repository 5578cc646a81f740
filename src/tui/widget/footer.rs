//! The bottom bar: the five or six keys that matter here; and the lines above it that a notice takes.

use crate::tui::app::notice_role;
use crate::tui::effect::Notice;
use crate::tui::keymap::{self, Action, Context};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::wrapped;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};
use unicode_width::UnicodeWidthStr;

/// Cells between two entries.
const GAP: u16 = 3;

pub struct Footer<'a> {
    pub contexts: &'a [Context],
    pub theme: &'a Theme,
}

/// Rows that a notice takes at most: a path or an address is shown whole.
const NOTICE_ROWS: usize = 4;

/// Says something on the last rows of the screen, over whatever stands there.
pub fn notice(notice: &Notice, theme: &Theme, screen: Rect, buf: &mut Buffer) {
    let style = theme.style(notice_role(notice.kind));
    let room = super::page(screen).width.saturating_sub(2);
    let mut rows = wrapped::rows(&notice.text, room);
    rows.truncate(NOTICE_ROWS);
    if let Some(last) = rows.last_mut() {
        // What is left over is cut with a mark.
        last.end = notice.text.len();
    }
    let below = screen.height.saturating_sub(rows.len() as u16);
    let signs = [theme.symbols.next]
        .into_iter()
        .chain(std::iter::repeat(" "));
    for ((row, at), sign) in rows.into_iter().zip(screen.below(below).rows()).zip(signs) {
        Clear.render(at.intersection(buf.area), buf);
        let mut pen = Pen::new(super::page(at), buf);
        pen.put(sign, style).skip(1);
        let text = theme.clip(notice.text[row].trim_end(), pen.room());
        pen.put(&text, style);
    }
}

impl Widget for Footer<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let inner = super::page(area);
        if inner.is_empty() {
            return;
        }
        for entry in layout(self.contexts, inner) {
            Line::from_iter(spans(&entry.keys, entry.word, self.theme)).render(entry.area, buf);
        }
    }
}

/// The action under a click on the bottom bar.
pub fn hit(contexts: &[Context], area: Rect, at: Position) -> Option<Action> {
    layout(contexts, super::page(area))
        .into_iter()
        .find(|entry| entry.area.contains(at))
        .map(|entry| entry.action)
}

/// What a bar of this width has no room for: the keys, their word and the action of each.
pub fn left_over(contexts: &[Context], width: u16) -> Vec<(String, &'static str, Action)> {
    let shown = layout(contexts, super::page(Rect::new(0, 0, width, 1)));
    let is_shown = |word, action| {
        shown
            .iter()
            .any(|one| (one.word, one.action) == (word, action))
    };
    let mut entries = keymap::footer(contexts);
    entries.retain(|(_, word, action)| !is_shown(*word, *action));
    entries
}

/// Keys, and what they do.
fn spans(keys: &str, word: &str, theme: &Theme) -> [Span<'static>; 2] {
    let keys = theme.span(theme.symbols.keys(keys), Role::Key);
    [keys, theme.span(format!(" {word}"), Role::Dim)]
}

/// Entries beside each other, as many of the first ones as fit.
pub fn joined(
    entries: &[(String, &'static str, Action)],
    room: u16,
    theme: &Theme,
) -> Line<'static> {
    let mut line = Line::default();
    for (keys, word, _) in entries {
        let gap: usize = if line.spans.is_empty() { 0 } else { GAP.into() };
        let entry = spans(keys, word, theme);
        let width: usize = entry.iter().map(Span::width).sum();
        if line.width() + gap + width <= room.into() {
            line.push_span(Span::raw(" ".repeat(gap)));
            line.extend(entry);
        }
    }
    line
}

struct Hint {
    keys: String,
    word: &'static str,
    action: Action,
    area: Rect,
}

/// Places as many entries as fit, keeping the last one (`? all keys`) at the right edge whatever else
/// has to go.
fn layout(contexts: &[Context], area: Rect) -> Vec<Hint> {
    let mut entries: Vec<Hint> = keymap::footer(contexts)
        .into_iter()
        .map(|(keys, word, action)| {
            let width = (keys.width() + 1 + word.width()) as u16;
            Hint {
                keys,
                word,
                action,
                area: Rect {
                    width,
                    height: 1,
                    ..area
                },
            }
        })
        .collect();
    let last = entries.pop_if(|entry| entry.action == Action::Help);
    let reserved = last.as_ref().map_or(0, |entry| entry.area.width + GAP);
    let mut x = area.x;
    let end = area.right().saturating_sub(reserved);
    entries.retain_mut(|entry| {
        let fits = x + entry.area.width <= end;
        if fits {
            entry.area.x = x;
            x += entry.area.width + GAP;
        }
        fits
    });
    if let Some(mut entry) = last
        && entry.area.width <= area.width
    {
        entry.area.x = area.right() - entry.area.width;
        entries.push(entry);
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Holds;
    use crate::tui::theme::{Depth, Ground};
    use crate::tui::widget::rows_of;

    fn text(width: u16, contexts: &[Context]) -> String {
        let area = Rect::new(0, 0, width, 1);
        let mut buf = Buffer::empty(area);
        let theme = Theme::new(Ground::Dark, Depth::True, false);
        Footer {
            contexts,
            theme: &theme,
        }
        .render(area, &mut buf);
        buf.content()
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect()
    }

    #[test]
    fn the_way_to_all_keys_stays_when_little_else_fits() {
        let contexts = [Context::Lab, Context::Global];
        assert!(text(60, &contexts).trim_end().ends_with("? all keys"));
        text(60, &contexts).holds(["space pause"]);
        text(60, &contexts).lacks(["source"]);
        text(120, &contexts).holds(["source"]);
        let stands = [Context::Paused, Context::Lab, Context::Global];
        text(60, &stands).holds(["space run"]);
    }

    #[test]
    fn ascii_draws_the_keys_with_its_own_signs_and_as_wide() {
        let contexts = [Context::Lab, Context::Global];
        let drawn = |ascii| {
            let area = Rect::new(0, 0, 120, 1);
            let mut buf = Buffer::empty(area);
            let theme = Theme::new(Ground::Dark, Depth::None, ascii);
            Footer {
                contexts: &contexts,
                theme: &theme,
            }
            .render(area, &mut buf);
            let cells = buf.content().iter();
            cells.map(ratatui::buffer::Cell::symbol).collect::<String>()
        };
        assert!(drawn(true).is_ascii(), "{}", drawn(true));
        let back = drawn(true).replace("< >", "← →");
        assert_eq!(back, drawn(false));
    }

    #[test]
    fn what_the_bar_has_no_room_for_can_stand_elsewhere() {
        let theme = Theme::new(Ground::Dark, Depth::True, false);
        let contexts = [Context::Home, Context::Global];
        let beside = |width| joined(&left_over(&contexts, width), 300, &theme).to_string();
        for width in [60, 80] {
            text(width, &contexts).lacks(["game day"]);
            beside(width).holds(["o game day", "s sheets"]);
            beside(width).lacks(["enter open"]);
        }
        text(250, &contexts).holds(["o game day"]);
        assert_eq!(beside(250), "");
        let some = joined(&left_over(&contexts, 80), 20, &theme);
        assert!((1..=20).contains(&some.width()), "{some}");
    }

    #[test]
    fn any_width_is_survived() {
        for width in 0..20 {
            text(width, &[Context::Reader, Context::Global]);
        }
    }

    #[test]
    fn a_click_on_an_entry_is_its_action() {
        let area = Rect::new(0, 0, 100, 1);
        let contexts = [Context::Home, Context::Global];
        assert_eq!(
            hit(&contexts, area, Position::new(3, 0)),
            Some(Action::Open)
        );
        assert_eq!(
            hit(&contexts, area, Position::new(96, 0)),
            Some(Action::Help)
        );
        assert_eq!(hit(&contexts, area, Position::new(0, 0)), None);
    }

    #[test]
    fn a_notice_is_shown_whole_on_as_many_rows_as_it_takes() {
        let theme = Theme::new(Ground::Dark, Depth::True, false);
        let screen = Rect::new(0, 0, 60, 10);
        let mut buf = Buffer::empty(screen);
        let said = format!("what it wrote is in /tmp/{}", "folder/".repeat(14));
        notice(&Notice::info(said.clone()), &theme, screen, &mut buf);
        let shown = rows_of(&buf).concat().replace([' ', '\n'], "");
        assert!(shown.contains(&said.replace(' ', "")), "{shown}");
        let endless = Notice::info("folder/".repeat(90));
        notice(&endless, &theme, screen, &mut buf);
        assert!(
            rows_of(&buf)[9]
                .trim_end()
                .ends_with(theme.symbols.ellipsis)
        );
    }
}
