//! What a page *is*, once read: blocks, and the inlines in them. Every text in here is already clean
//! (see [`ddlab_text::clean`]), so whoever draws a document need not think of escape sequences.

use super::fence::Include;

/// A page that was read: its blocks, the notes it may refer to, and what was wrong with it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    pub blocks: Vec<Block>,
    /// Footnotes and sources by label, in the order in which they were defined.
    pub notes: Vec<Note>,
    /// Nothing here stops the page from being shown.
    pub problems: Vec<Problem>,
}

impl Document {
    /// Calls `see` for each inline of the blocks and of the notes, with the line on which its block or note starts.
    pub fn each_inline<'a>(&'a self, see: &mut dyn FnMut(usize, &'a Inline)) {
        for block in &self.blocks {
            each_inline(block, &mut |inline| see(block.line, inline));
        }
        for note in &self.notes {
            inlines(&note.text, &mut |inline| see(note.line, inline));
        }
    }
}

/// What `[^label]` points to.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    pub label: String,
    /// The line of the file on which it is defined; the first of the text where that is elsewhere.
    pub line: usize,
    pub text: Vec<Inline>,
}

/// A fault of the text, at its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// 1-based, counted from [`super::Reading::first_line`].
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    pub message: String,
    /// What to do about it.
    pub cure: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The line of the file on which it starts, for messages.
    pub line: usize,
    pub kind: BlockKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum BlockKind {
    Heading {
        /// 1 to 6.
        level: u8,
        text: Vec<Inline>,
        /// Unique within the page: `how-it-works`.
        slug: String,
    },
    Paragraph(Vec<Inline>),
    List(List),
    Quote(Vec<Block>),
    Alert {
        kind: Alert,
        blocks: Vec<Block>,
    },
    Code {
        /// As written after the fence, lower case; empty when none was given.
        lang: String,
        text: String,
        /// Where the text was taken from, when it was included.
        from: Option<Include>,
    },
    Table {
        align: Vec<Align>,
        head: Vec<Vec<Inline>>,
        /// Each as long as `head`.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    Rule,
    Diagram {
        /// The drawing in words, for those who cannot see it.
        alt: String,
        lines: Vec<String>,
    },
    Live(Live),
}

/// What is drawn and answered in place by whoever shows the page; the flow only reserves its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Live {
    Figure(LabFigure),
    /// A question of the quiz, asked in the text.
    Check {
        question: String,
    },
    /// An exercise to build now.
    Try {
        exercise: String,
    },
}

/// A small lab that runs inside the page: ```` ```lab scatter-gather/hedged ````.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabFigure {
    pub lab: String,
    pub figure: String,
    pub caption: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// The first number of an ordered list.
    pub start: Option<u64>,
    pub items: Vec<Item>,
    /// Written without blank lines between its items, and drawn so.
    pub tight: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// A box to tick, and whether it is ticked.
    pub task: Option<bool>,
    pub blocks: Vec<Block>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alert {
    Note,
    Tip,
    Important,
    Warning,
    Caution,
}

impl Alert {
    /// The word beside the colour: colour alone never says anything.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Note => "Note",
            Self::Tip => "Tip",
            Self::Important => "Important",
            Self::Warning => "Warning",
            Self::Caution => "Caution",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    #[default]
    Left,
    Centre,
    Right,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Inline {
    Text(String),
    Code(String),
    Emphasis(Vec<Inline>),
    Strong(Vec<Inline>),
    Struck(Vec<Inline>),
    Link {
        url: String,
        text: Vec<Inline>,
    },
    Image {
        url: String,
        alt: Vec<Inline>,
    },
    /// A word that the glossary explains, under this name.
    Term {
        name: String,
        text: String,
    },
    /// A reference to a [`Note`] by its label.
    Note(String),
    /// A line break that the author asked for.
    Break,
}

/// The words alone, for outlines, slugs and messages.
pub fn words(inlines: &[Inline]) -> String {
    let mut out = String::new();
    push_words(inlines, &mut out);
    out
}

fn push_words(inlines: &[Inline], out: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Text(text) | Inline::Code(text) | Inline::Term { text, .. } => {
                out.push_str(text);
            }
            Inline::Emphasis(inner)
            | Inline::Strong(inner)
            | Inline::Struck(inner)
            | Inline::Link { text: inner, .. }
            | Inline::Image { alt: inner, .. } => push_words(inner, out),
            Inline::Break => out.push(' '),
            Inline::Note(_) => {}
        }
    }
}

/// The name of a heading in links and in `section:` fields: lower case, words joined by hyphens.
pub fn slug(heading: &str) -> String {
    let mut out = String::with_capacity(heading.len());
    for c in heading.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() || c == '_' {
            out.push(c);
        } else if (c.is_whitespace() || c == '-') && !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.truncate(out.trim_end_matches('-').len());
    out
}

/// Calls `see` for each inline of a block and of the blocks in it.
pub fn each_inline<'a>(block: &'a Block, see: &mut dyn FnMut(&'a Inline)) {
    match &block.kind {
        BlockKind::Heading { text, .. } | BlockKind::Paragraph(text) => inlines(text, see),
        BlockKind::List(list) => {
            let blocks = list.items.iter().flat_map(|item| &item.blocks);
            blocks.for_each(|block| each_inline(block, see));
        }
        BlockKind::Quote(blocks) | BlockKind::Alert { blocks, .. } => {
            for block in blocks {
                each_inline(block, see);
            }
        }
        BlockKind::Table { head, rows, .. } => {
            let cells = head.iter().chain(rows.iter().flatten());
            cells.for_each(|cell| inlines(cell, see));
        }
        BlockKind::Code { .. }
        | BlockKind::Diagram { .. }
        | BlockKind::Live(_)
        | BlockKind::Rule => {}
    }
}

fn inlines<'a>(list: &'a [Inline], see: &mut dyn FnMut(&'a Inline)) {
    for inline in list {
        see(inline);
        match inline {
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Struck(inner) => {
                inlines(inner, see);
            }
            Inline::Link { text, .. } => inlines(text, see),
            Inline::Image { alt, .. } => inlines(alt, see),
            Inline::Text(_)
            | Inline::Code(_)
            | Inline::Term { .. }
            | Inline::Note(_)
            | Inline::Break => {}
        }
    }
}
