//! Inlines to pieces: where words begin and end, and where a line may end between them.

use super::line::{Role, Style, width};
use super::notes::Notes;
use super::wrap::{Gap, Piece};
use super::{FlowOptions, Link, Medium, TERM_SCHEME};
use crate::markdown::block::{Inline, words};
use unicode_segmentation::UnicodeSegmentation;

/// Gathers the pieces of one paragraph, heading or cell.
pub(super) struct Pieces<'a> {
    pub options: &'a FlowOptions<'a>,
    pub notes: &'a mut Notes,
    pub links: &'a mut Vec<Link>,
    /// In the list of notes an address stands beside its words: it gets no number of its own.
    pub in_notes: bool,
    pub out: Vec<Piece>,
}

impl Pieces<'_> {
    pub fn inlines(&mut self, inlines: &[Inline], style: Style) {
        for inline in inlines {
            match inline {
                Inline::Text(text) => self.text(text, style, None),
                Inline::Code(text) => self.code(text, style, None),
                Inline::Emphasis(inner) => self.inlines(
                    inner,
                    Style {
                        emphasis: true,
                        ..style
                    },
                ),
                Inline::Strong(inner) => self.inlines(
                    inner,
                    Style {
                        strong: true,
                        ..style
                    },
                ),
                Inline::Struck(inner) => self.inlines(
                    inner,
                    Style {
                        struck: true,
                        ..style
                    },
                ),
                Inline::Link { url, text } => self.link(url, text, style),
                Inline::Image { url, alt } => {
                    let alt = words(alt);
                    let shown = if alt.is_empty() { url } else { &alt };
                    self.text(&format!("[image: {shown}]"), Role::Muted.into(), None);
                }
                Inline::Term { name, text } => self.term(name, text, style),
                Inline::Note(label) => self.note(label),
                Inline::Break => {
                    if let Some(last) = self.out.last_mut() {
                        last.gap = Gap::Line;
                    }
                }
            }
        }
    }

    fn link(&mut self, url: &str, text: &[Inline], style: Style) {
        let link = u16::try_from(self.links.len()).ok();
        if link.is_some() {
            self.links.push(Link {
                target: url.to_owned(),
            });
        }
        let style = Style {
            role: Role::Link,
            ..style
        };
        let from = self.out.len();
        self.inlines(text, style);
        for piece in &mut self.out[from..] {
            piece.link = piece.link.or(link);
        }
        // Inside the program a link is followed; on paper an address must be read.
        let external = url.contains("://");
        if !external || words(text) == url {
            return;
        }
        if self.in_notes {
            self.text(&format!(" ({url})"), Role::Muted.into(), link);
        } else {
            self.mark(|notes| notes.number_of_address(url));
        }
    }

    /// A word that leads to its explanation; only where the text is plain, so that a word of a heading
    /// stays one.
    fn term(&mut self, name: &str, text: &str, style: Style) {
        let link = u16::try_from(self.links.len()).ok();
        if link.is_some() {
            self.links.push(Link {
                target: format!("{TERM_SCHEME}{name}"),
            });
        }
        let role = match style.role {
            Role::Text => Role::Term,
            role => role,
        };
        self.text(text, Style { role, ..style }, link);
    }

    fn note(&mut self, label: &str) {
        self.mark(|notes| notes.number_of(label));
    }

    /// A raised number, stuck to the word before it.
    fn mark(&mut self, number: impl FnOnce(&mut Notes) -> usize) {
        let number = number(self.notes);
        let link = u16::try_from(self.links.len()).ok();
        if link.is_some() {
            self.links.push(Link {
                target: format!("#note-{number}"),
            });
        }
        let mut follows_mark = false;
        if let Some(last) = self.out.last_mut() {
            if last.gap == Gap::Blank {
                last.gap = Gap::None;
            }
            follows_mark = last.gap == Gap::None && last.style.role == Role::NoteMark;
        }
        let text = self.options.glyphs.raised(number, follows_mark);
        self.push(text, Role::NoteMark.into(), link, Gap::None);
    }

    fn code(&mut self, text: &str, style: Style, link: Option<u16>) {
        let role = match style.role {
            Role::Text | Role::TableHead => Role::InlineCode,
            role => role,
        };
        let style = Style { role, ..style };
        if self.options.medium == Medium::Plain {
            self.words(&format!("`{text}`"), style, link, false);
        } else {
            self.words(text, style, link, false);
        }
    }

    pub fn text(&mut self, text: &str, style: Style, link: Option<u16>) {
        self.words(text, style, link, true);
    }

    fn words(&mut self, text: &str, style: Style, link: Option<u16>, may_split: bool) {
        for (n, word) in text.split(' ').enumerate() {
            if n > 0
                && let Some(last) = self.out.last_mut()
                && last.gap != Gap::Line
            {
                last.gap = Gap::Blank;
            }
            if word.is_empty() {
                continue;
            }
            let sticks = n > 0
                && self
                    .out
                    .last()
                    .is_some_and(|last| keep_together(last, word));
            if sticks {
                if let Some(last) = self.out.last_mut() {
                    last.gap = Gap::None;
                }
                self.push(format!(" {word}"), style, link, Gap::None);
            } else if may_split && !self.is_copied(word) {
                self.splittable(word, style, link);
            } else {
                self.push(word.to_owned(), style, link, Gap::None);
            }
        }
    }

    /// An address on paper, which is there to be copied.
    fn is_copied(&self, word: &str) -> bool {
        self.options.medium == Medium::Plain && word.contains("://")
    }

    /// A word with the places inside it where a line may end.
    fn splittable(&mut self, word: &str, style: Style, link: Option<u16>) {
        let mut start = 0;
        let mut at = 0;
        let mut graphemes = word.graphemes(true).peekable();
        let mut before = "";
        while let Some(grapheme) = graphemes.next() {
            at += grapheme.len();
            if let Some(after) = graphemes.peek()
                && may_end_after(before, grapheme, after)
            {
                self.push(word[start..at].to_owned(), style, link, Gap::Soft);
                start = at;
            }
            before = grapheme;
        }
        self.push(word[start..].to_owned(), style, link, Gap::None);
    }

    fn push(&mut self, text: String, style: Style, link: Option<u16>, gap: Gap) {
        let width = width(&text);
        self.out.push(Piece {
            text,
            width,
            style,
            link,
            gap,
        });
    }
}

/// Units that stay on the line of their number: `5 %`, `12 ms`, `3 GiB`, `40 req/s`.
const UNITS: [&str; 24] = [
    "%", "ns", "µs", "us", "ms", "s", "min", "h", "d", "B", "KB", "MB", "GB", "TB", "KiB", "MiB",
    "GiB", "TiB", "kB", "x", "×", "req/s", "rps", "GHz",
];

/// Signs between two terms, which no line begins with: `p = 1 %`, `3 × 4`.
const OPERATORS: [&str; 14] = [
    "=", "≈", "≠", "<", ">", "≤", "≥", "+", "−", "×", "·", "÷", "→", "–",
];

fn keep_together(before: &Piece, word: &str) -> bool {
    if before.gap != Gap::Blank {
        return false;
    }
    if OPERATORS.contains(&word) {
        return true;
    }
    let Some(last) = before.text.chars().next_back() else {
        return false;
    };
    if !last.is_ascii_digit() {
        return false;
    }
    let bare = word.trim_end_matches(['.', ',', ';', ':', ')', '?', '!']);
    // Groups of thousands, `1 800`, are one number.
    let thousands =
        before.width <= 3 && bare.len() == 3 && bare.bytes().all(|b| b.is_ascii_digit());
    thousands || UNITS.contains(&bare)
}

/// Whether a line may end inside a word after `here`.
fn may_end_after(before: &str, here: &str, after: &str) -> bool {
    let letter = |g: &str| g.chars().next().is_some_and(char::is_alphabetic);
    match here {
        "-" | "/" => letter(before) && letter(after),
        "—" => !before.is_empty(),
        _ => {
            let wide = |g: &str| width(g) == 2;
            (wide(here) || wide(after)) && !closes(after) && !opens(here)
        }
    }
}

fn closes(grapheme: &str) -> bool {
    matches!(
        grapheme,
        "、" | "。"
            | "，"
            | "．"
            | "」"
            | "』"
            | "）"
            | "】"
            | "！"
            | "？"
            | "："
            | "；"
            | "ー"
            | "."
            | ","
            | ")"
            | "!"
            | "?"
            | ":"
            | ";"
    )
}

fn opens(grapheme: &str) -> bool {
    matches!(grapheme, "「" | "『" | "（" | "【" | "(")
}
