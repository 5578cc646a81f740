//! Every key of the screen below, from the same table that matches them.

use super::{Cx, Message, Screen};
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{self, Action, Context, Key};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::scroll::{self, Scroll};
use crate::tui::widget::{popup, wrapped};
use crossterm::event::MouseEventKind;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::collections::HashSet;
use unicode_width::UnicodeWidthStr;

/// Columns of the pane.
const WIDTH: u16 = 76;
/// Its frame, and the air inside.
const FRAME_ROWS: u16 = 2;
const FRAME_COLUMNS: u16 = 4;
/// Columns before the keys, and between them and what they do.
const INDENT: usize = 2;
const GAP: usize = 2;
/// Columns that keys may take: a long list of them must not push its meaning out of the pane.
const KEYS_MAX: usize = 24;

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
    /// Lists the keys of these contexts. A key that an earlier one has does there what that one says.
    pub fn new(contexts: &[Context]) -> Self {
        let mut rows = Vec::new();
        let mut taken: HashSet<Key> = HashSet::new();
        for &context in contexts {
            let section = keymap::section(context);
            let free = |key: &&Key| !taken.contains(*key);
            let new: Vec<(Vec<String>, &str)> = section
                .bindings
                .iter()
                .map(|binding| {
                    let keys = binding.keys.iter().filter(free);
                    (keys.map(ToString::to_string).collect(), binding.help)
                })
                .filter(|(keys, _): &(Vec<String>, _)| !keys.is_empty())
                .collect();
            taken.extend(section.bindings.iter().flat_map(|binding| binding.keys));
            if new.is_empty() {
                continue;
            }
            if !rows.is_empty() {
                rows.push(Row::Gap);
            }
            rows.push(Row::Heading(section.title));
            for (keys, help) in new {
                let keys = keys.join("  ");
                match rows.last_mut() {
                    // Keys that do the same, such as the numbers of a list, share a line.
                    Some(Row::Key(before, same)) if *same == help => {
                        *before = format!("{before}  {keys}");
                    }
                    _ => rows.push(Row::Key(keys, help)),
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

    /// Every line of the pane: what is said of a key goes on below itself where it is too long.
    fn lines(&self, area: Rect, theme: &Theme) -> Vec<Line<'static>> {
        let columns = WIDTH.min(area.width).saturating_sub(FRAME_COLUMNS);
        let key_width = self.key_width.min(KEYS_MAX);
        let room = columns.saturating_sub((key_width + INDENT + GAP) as u16);
        let mut lines = Vec::new();
        for row in &self.rows {
            match row {
                Row::Gap => lines.push(Line::default()),
                Row::Heading(title) => {
                    lines.push(theme.line(*title, Role::Heading));
                }
                Row::Key(keys, help) => {
                    let keys = theme.symbols.keys(keys);
                    let mut said = wrapped::rows(help, room.max(1)).into_iter();
                    let first = help[said.next().unwrap_or(0..0)].trim_end();
                    let blanks = INDENT + key_width.saturating_sub(keys.width());
                    lines.push(Line::from(vec![
                        Span::raw(" ".repeat(blanks)),
                        theme.span(keys, Role::Key),
                        Span::raw(" ".repeat(GAP)),
                        theme.span(first, Role::Text),
                    ]));
                    lines.extend(said.map(|part| {
                        Line::from(vec![
                            Span::raw(" ".repeat(INDENT + key_width + GAP)),
                            theme.span(help[part].trim_end(), Role::Text),
                        ])
                    }));
                }
            }
        }
        lines
    }
}

impl Screen for Help {
    fn place(&self) -> Place {
        Place::Help
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Help, Context::Pages, Context::Movement]
    }

    fn is_overlay(&self) -> bool {
        true
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        let total = self.lines(cx.area, cx.theme).len();
        let height = usize::from(cx.area.height.saturating_sub(FRAME_ROWS)).min(total);
        match message {
            Message::Act(Action::Back) | Message::Type(_) => return vec![Effect::Back],
            Message::Act(action) => {
                self.scroll.act(action, total, height);
            }
            Message::Mouse(mouse) => {
                if matches!(mouse.kind, MouseEventKind::Down(_)) {
                    return vec![Effect::Back];
                }
                self.scroll.wheel(mouse.kind, total, height);
            }
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        let lines = self.lines(cx.area, cx.theme);
        let total = lines.len();
        let height = total.min(usize::from(u16::MAX / 2)) as u16 + FRAME_ROWS;
        let inner = popup::open("Keys", WIDTH, height, cx.theme, cx.area, buf);
        scroll::lines(lines.iter().skip(self.scroll.top), inner, buf);
        self.scroll.bar(total, 1, cx.theme, inner, buf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Holds;
    use crate::tui::keymap::SECTIONS;
    use crate::tui::screen::stage::{Stage, golden};
    use crate::tui::theme::{Depth, Ground};

    #[test]
    fn every_key_is_listed_whole_on_a_small_screen() {
        let area = Rect::new(0, 0, 80, 23);
        let theme = Theme::new(Ground::Dark, Depth::None, false);
        for section in SECTIONS {
            let help = Help::new(&[section.context]);
            let lines = help.lines(area, &theme);
            let columns = usize::from(WIDTH - FRAME_COLUMNS);
            assert!(lines.iter().all(|line| line.width() <= columns));
            let text: Vec<String> = lines.iter().map(ToString::to_string).collect();
            let words: Vec<&str> = text.iter().flat_map(|l| l.split_whitespace()).collect();
            for binding in section.bindings {
                assert!(words.join(" ").contains(binding.help), "{}", binding.help);
            }
        }
    }

    #[test]
    fn a_key_does_what_the_most_specific_context_says_and_is_listed_there_alone() {
        let area = Rect::new(0, 0, 80, 23);
        let theme = Theme::new(Ground::Dark, Depth::None, false);
        let help = Help::new(&[Context::GuideStep, Context::Lab, Context::Global]);
        let text: Vec<String> = help
            .lines(area, &theme)
            .iter()
            .map(Line::to_string)
            .collect();
        let text = text.join("\n");
        text.holds(["enter  go on to the next step", "go back a little"]);
        text.lacks(["apply the one that you", "be led through"]);
    }

    #[test]
    fn the_whole_screen_is_as_agreed() {
        let mut help = Help::new(&[
            Context::Source,
            Context::Pages,
            Context::Movement,
            Context::Global,
        ]);
        golden!("help", Stage::pack(), &mut help);
    }

    #[test]
    fn the_space_bar_turns_its_page_as_everywhere() {
        let stage = Stage::new().sized(80, 23);
        let mut help = Help::new(&[Context::Reader, Context::Global]);
        assert!(stage.keys(&mut help, "  ").is_empty());
        stage.shows(&help, ["go to the curriculum"]);
        stage.keys(&mut help, "b");
        stage.shows(&help, ["pause or run the figure"]);
    }

    #[test]
    fn the_last_line_can_be_scrolled_to() {
        let stage = Stage::new().sized(80, 23);
        let mut help = Help::new(&[Context::Reader, Context::Global]);
        stage.keys(&mut help, &"j".repeat(60));
        stage.shows(&help, ["go to the curriculum"]);
    }
}
