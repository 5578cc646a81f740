//! A line of the palette: what it is, where it is, and its words with the matched letters marked.

use crate::search::{Found, Goal, Kind};
use crate::tui::effect::{Place, Show};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::pen::clip;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// Columns of a row's kind, and of the chapter and section of a place at least.
const KIND: usize = 9;
const WHERE: usize = 24;

/// One line of the list.
pub struct Row {
    pub kind: &'static str,
    /// The chapter and the section of a place of the book; empty for what has a name of its own.
    pub within: String,
    pub text: String,
    /// Matched characters of `text`.
    pub matched: Vec<u32>,
    pub place: Place,
}

impl Row {
    /// A place of the book, in a line of so many columns.
    pub fn of(found: &Found<'_>, columns: usize, theme: &Theme) -> Self {
        let passage = found.passage;
        let kind = match passage.kind {
            Kind::Title | Kind::Heading => "section",
            Kind::Term => "term",
            Kind::Question => "asked",
            Kind::Text => "text",
        };
        let chapter = passage.chapter.clone();
        let place = match found.goal() {
            Goal::Page(anchor) => Place::Reader {
                chapter,
                anchor: Some(anchor),
                show: Some(Show::Words(found.words().to_vec())),
            },
            Goal::Term(name) => Place::term(&chapter, &name),
            Goal::Question(id) => Place::question(&chapter, Some(&id)),
        };
        let section = if passage.kind == Kind::Heading {
            &passage.title
        } else {
            &passage.section
        };
        let ellipsis = theme.symbols.ellipsis;
        let within = where_columns(columns);
        let cut = ellipsis.chars().next().unwrap_or('~');
        let snippet = found.snippet(columns.saturating_sub(KIND + within), cut);
        let place_in_book = format!("{} {section}", passage.number);
        Self {
            kind,
            within: fitted(&place_in_book, within - 1, ellipsis),
            text: snippet.text,
            matched: snippet
                .marked
                .into_iter()
                .flatten()
                .map(|at| at as u32)
                .collect(),
            place,
        }
    }

    /// Draws it on one line.
    pub fn draw(&self, selected: bool, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let base = theme.style(if selected {
            Role::Selection
        } else {
            Role::Text
        });
        if selected {
            buf.set_style(area, base);
        }
        let aside = base.patch(theme.style(Role::Dim));
        let mut spans = vec![Span::styled(format!("{:>7}  ", self.kind), aside)];
        if !self.within.is_empty() {
            spans.push(Span::styled(self.within.as_str(), aside));
        }
        let hit = base
            .patch(theme.style(Role::Accent))
            .add_modifier(Modifier::BOLD);
        // A line shows no more of it, however long it is.
        let letters = self.text.chars().take(4 * usize::from(area.width));
        for (position, c) in letters.enumerate() {
            let matched = self.matched.contains(&(position as u32));
            spans.push(Span::styled(
                c.to_string(),
                if matched { hit } else { base },
            ));
        }
        let line = Line::from(spans);
        let too_long = line.width() > usize::from(area.width);
        line.render(area, buf);
        if too_long && area.width > 0 {
            buf[(area.right() - 1, area.y)].set_symbol(theme.symbols.ellipsis);
        }
    }
}

/// A wide line has room for whole headings.
fn where_columns(columns: usize) -> usize {
    (columns / 3).clamp(WHERE, WHERE + 10)
}

/// In so many columns exactly, and a blank after them.
fn fitted(text: &str, columns: usize, ellipsis: &str) -> String {
    let out = clip(text, columns, ellipsis);
    let blanks = (columns + 1).saturating_sub(out.width());
    out + &" ".repeat(blanks)
}
