//! The source of a lab's pattern: the very code that the lab runs, to read beside it.

mod items;
#[cfg(test)]
mod tests;

use super::{Cx, Message, Screen, Spot};
use crate::designs;
use crate::markdown::highlight::Token;
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{Action, Context};
use crate::tui::theme::Role;
use crate::tui::widget::header::Header;
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::scroll::Scroll;
use crate::tui::widget::{column, page, prose};
use ddlab_labs::workbench::lab::LabSpec;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;
use std::path::Path;
use unicode_width::UnicodeWidthStr;

/// The widest line of code that is worth a column of its own, with its number.
const CODE_WIDTH: u16 = 116;
/// Columns between the number of a line and its code.
const NUMBER_GAP: u16 = 2;
/// Columns that one key moves sideways.
const SIDEWAYS: usize = 8;
/// Lines left above an item that was jumped to.
const LEAD: usize = 1;

pub struct Source {
    spec: &'static LabSpec,
    lines: usize,
    /// Where items begin.
    items: Vec<usize>,
    scroll: Scroll,
    /// Columns of the longest line.
    widest: usize,
    /// Columns left of the view, and how many of them there may be.
    left: usize,
    left_max: usize,
}

impl Source {
    /// The source of a lab's pattern, with this line at the top.
    pub fn open(id: &str, line: Option<usize>, cx: &Cx<'_>) -> Result<Self, String> {
        let mut source = Self::of(designs::find(id)?.spec());
        let height = usize::from(Self::body(cx.area).height);
        source.scroll.to(line.unwrap_or(0), source.lines, height);
        source.fit(cx);
        Ok(source)
    }

    /// The name of what is read: a pattern, or the file of a design.
    fn file(&self) -> String {
        let name = Path::new(self.spec.id).file_name();
        let name = name.map(|name| name.to_string_lossy().into_owned());
        name.filter(|_| designs::is_file(self.spec.id))
            .unwrap_or_else(|| "pattern.rs".to_owned())
    }

    fn lang(&self) -> &'static str {
        if designs::is_file(self.spec.id) {
            "yaml"
        } else {
            "rust"
        }
    }

    fn of(spec: &'static LabSpec) -> Self {
        Self {
            spec,
            lines: spec.source.lines().count(),
            items: items::starts(spec.source),
            scroll: Scroll::default(),
            widest: spec
                .source
                .lines()
                .map(UnicodeWidthStr::width)
                .max()
                .unwrap_or(0),
            left: 0,
            left_max: 0,
        }
    }

    /// The view may have another width now.
    fn fit(&mut self, cx: &Cx<'_>) {
        let room = Self::body(cx.area).after(self.code_at()).width;
        self.left_max = self.widest.saturating_sub(room.into());
        self.left = self.left.min(self.left_max);
    }

    /// Where code begins: right of the numbers.
    fn code_at(&self) -> u16 {
        self.lines.to_string().len() as u16 + NUMBER_GAP
    }

    /// A line of code, from the first column in view on, with a mark where it is cut.
    fn code(&self, n: usize, line: &str, area: Rect, cx: &Cx<'_>, buf: &mut Buffer) {
        let theme = cx.theme;
        let width = line.width();
        let mut whole = Buffer::empty(Rect::new(0, 0, width.min(u16::MAX.into()) as u16, 1));
        let mut pen = Pen::new(whole.area, &mut whole);
        let coloured = cx.highlighter.cached(self.lang(), self.spec.source);
        // Without its colours yet, the code is plain: it can be read at once.
        match coloured.as_ref().and_then(|lines| lines.get(n)) {
            Some(spans) => {
                for (token, text) in spans {
                    pen.put(text, theme.style(prose::code(*token)));
                }
            }
            None => {
                pen.put(line, theme.style(prose::code(Token::Plain)));
            }
        }
        let shown = whole.content().iter().skip(self.left);
        for (cell, at) in shown.zip(area.intersection(buf.area).columns()) {
            buf[at.as_position()] = cell.clone();
        }
        let room = usize::from(area.width);
        let cut = [
            (self.left > 0 && width > 0, area.first(1)),
            (width > self.left + room, area.last(1)),
        ];
        for (is_cut, at) in cut {
            if is_cut {
                Pen::new(at, buf).put(theme.symbols.ellipsis, theme.style(Role::Accent));
            }
        }
    }

    /// Where the code is drawn: below the header and a row of air.
    fn body(area: Rect) -> Rect {
        column(page(area), CODE_WIDTH).below(2)
    }

    /// The text of the item that stands at the top.
    fn item_in_view(&self) -> String {
        let here = self.scroll.top + LEAD;
        let next = self.items.partition_point(|line| *line <= here);
        let start = next.checked_sub(1).map_or(0, |at| self.items[at]);
        let end = self.items.get(next).copied().unwrap_or(self.lines);
        let lines: Vec<&str> = self.spec.source.lines().take(end).skip(start).collect();
        lines.join("\n").trim_end().to_owned() + "\n"
    }

    /// To the next item, or the one before.
    fn jump(&mut self, forward: bool, cx: &Cx<'_>) {
        let here = self.scroll.top + LEAD;
        let target = if forward {
            self.items.iter().find(|line| **line > here)
        } else {
            self.items.iter().rev().find(|line| **line < here)
        };
        let to = match target {
            Some(line) => line.saturating_sub(LEAD),
            None if forward => return,
            None => 0,
        };
        let height = usize::from(Self::body(cx.area).height);
        self.scroll.to(to, self.lines, height);
    }
}

impl Screen for Source {
    fn place(&self) -> Place {
        Place::Source {
            lab: self.spec.id.to_owned(),
            line: Some(self.scroll.top),
        }
    }

    fn contexts(&self) -> Vec<Context> {
        let mut contexts = vec![
            Context::Source,
            Context::Markable,
            Context::Pages,
            Context::Movement,
            Context::Global,
        ];
        contexts.extend((self.left_max > 0).then_some(Context::WideSource));
        contexts
    }

    fn spot(&self, cx: &Cx<'_>) -> Option<Spot> {
        let (title, dot) = (self.spec.title, cx.theme.symbols.none);
        Some(Spot {
            of: format!("source:{}", self.spec.id),
            title: format!(
                "{title} {dot} {}, line {}",
                self.file(),
                self.scroll.top + 1
            ),
            at: self.place(),
        })
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        let height = Self::body(cx.area).height.into();
        match message {
            Message::Shown => {
                return vec![Effect::Highlight {
                    lang: self.lang().to_owned(),
                    code: self.spec.source.to_owned(),
                }];
            }
            Message::Resized => {
                self.scroll.by(0, self.lines, height);
                self.fit(cx);
            }
            Message::Act(action) => match action {
                Action::NextPart => self.jump(true, cx),
                Action::PreviousPart => self.jump(false, cx),
                Action::Copy => return vec![Effect::Copy(self.item_in_view())],
                Action::Larger => self.left = (self.left + SIDEWAYS).min(self.left_max),
                Action::Smaller => self.left = self.left.saturating_sub(SIDEWAYS),
                Action::Back => return vec![Effect::Back],
                action => {
                    self.scroll.act(action, self.lines, height);
                }
            },
            Message::Mouse(mouse) => {
                self.scroll.wheel(mouse.kind, self.lines, height);
            }
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        let theme = cx.theme;
        let body = Self::body(cx.area);
        let height = usize::from(body.height);
        let status = format!(
            "{} lines {} {:.0} %",
            self.lines,
            theme.symbols.none,
            self.scroll.share(self.lines, height) * 100.0
        );
        let title = format!("{} {} {}", self.spec.title, theme.symbols.none, self.file());
        Header::new(title, status, theme).render(cx.area, buf);
        let number_width = self.lines.to_string().len();
        let visible = self.spec.source.lines().enumerate();
        for ((n, line), row) in visible.skip(self.scroll.top).zip(body.rows()) {
            let number = (n + 1).to_string();
            Pen::new(row, buf).put_right(&number, number_width, theme.style(Role::Faint));
            self.code(n, line, row.after(self.code_at()), cx, buf);
        }
        self.scroll.bar(self.lines, 1, theme, body, buf);
    }
}
