//! Every key of the screen below, from the same table that matches them.

use super::{Cx, Message, Screen};
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{self, Action, Context};
use crate::tui::theme::Role;
use crate::tui::widget::popup;
use crate::tui::widget::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// Rows of the pane that are not keys: its frame.
const FRAME_ROWS: u16 = 2;

pub struct Help {
    rows: Vec<Row>,
    key_width: usize,
    scroll: Scroll,
}

enum Row {
    Heading(&'static str),
    Key(String, &'static str),
    Gap,
}

impl Help {
    /// Lists the keys of these contexts.
    pub fn new(contexts: &[Context]) -> Self {
        let mut rows = Vec::new();
        for &context in contexts {
            if !rows.is_empty() {
                rows.push(Row::Gap);
            }
            rows.push(Row::Heading(context.title()));
            for binding in keymap::in_context(context) {
                let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
                let keys = keys.join("  ");
                match rows.last_mut() {
                    // Keys that do the same, such as the numbers of a list, share a line.
                    Some(Row::Key(before, help)) if *help == binding.help => {
                        *before = format!("{before}  {keys}");
                    }
                    _ => rows.push(Row::Key(keys, binding.help)),
                }
            }
        }
        let key_width = rows
            .iter()
            .map(|row| match row {
                Row::Key(keys, _) => keys.width(),
                _ => 0,
            })
            .max()
            .unwrap_or(0);
        Self {
            rows,
            key_width,
            scroll: Scroll::default(),
        }
    }

    fn height(&self, area: Rect) -> usize {
        (self.rows.len() as u16 + FRAME_ROWS)
            .min(area.height)
            .saturating_sub(FRAME_ROWS)
            .into()
    }
}

impl Screen for Help {
    fn place(&self) -> Place {
        Place::Help
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Help]
    }

    fn is_overlay(&self) -> bool {
        true
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        let (total, height) = (self.rows.len(), self.height(cx.area));
        match message {
            Message::Act(Action::Down) => self.scroll.by(1, total, height),
            Message::Act(Action::Up) => self.scroll.by(-1, total, height),
            Message::Mouse(mouse) => match mouse.kind {
                crossterm::event::MouseEventKind::ScrollDown => self.scroll.by(3, total, height),
                crossterm::event::MouseEventKind::ScrollUp => self.scroll.by(-3, total, height),
                crossterm::event::MouseEventKind::Down(_) => return vec![Effect::Back],
                _ => {}
            },
            Message::Act(Action::Back) | Message::Type(_) => return vec![Effect::Back],
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        let height = self.rows.len() as u16 + FRAME_ROWS;
        let inner = popup::open("Keys", 76, height, cx.theme, cx.area, buf);
        let visible = self.rows.iter().skip(self.scroll.top);
        for (row, y) in visible.zip(inner.top()..inner.bottom()) {
            let line = match row {
                Row::Heading(title) => Line::styled(*title, cx.theme.style(Role::Heading)),
                Row::Key(keys, help) => Line::from(vec![
                    Span::raw(" ".repeat(2 + self.key_width.saturating_sub(keys.width()))),
                    Span::styled(cx.theme.symbols.keys(keys), cx.theme.style(Role::Key)),
                    Span::raw("  "),
                    Span::styled(*help, cx.theme.style(Role::Text)),
                ]),
                Row::Gap => continue,
            };
            line.render(
                Rect {
                    y,
                    height: 1,
                    ..inner
                },
                buf,
            );
        }
        let bar = Rect {
            width: inner.width + 1,
            ..inner
        };
        self.scroll.bar(self.rows.len(), cx.theme, bar, buf);
    }
}
