//! Search over the lines: a phrase is found although a line ends inside it.

use super::line::width;
use super::{Flow, Line, LineKind};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// One place where the words were found, over as many lines as they take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Never empty.
    pub stretches: Vec<Stretch>,
}

/// The part of a hit on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    pub line: usize,
    pub columns: Range<usize>,
}

impl Hit {
    pub fn line(&self) -> usize {
        self.stretches.first().map_or(0, |stretch| stretch.line)
    }
}

/// The letters of a page in reading order, gathered once and searched at every key.
#[derive(Debug, Clone, Default)]
pub struct Letters {
    letters: Vec<Letter>,
    /// What is read in one go: a hit never reaches from one paragraph into the next.
    runs: Vec<Range<usize>>,
}

/// A letter and where it is drawn; the blank that a line's end stands for has no columns.
#[derive(Debug, Clone)]
struct Letter {
    char: char,
    lower: char,
    line: usize,
    columns: Range<usize>,
}

impl Letter {
    fn new(c: char, line: usize, columns: Range<usize>) -> Self {
        let char = if c.is_whitespace() { ' ' } else { c };
        Self {
            char,
            lower: lower(char),
            line,
            columns,
        }
    }
}

/// One letter for one letter: the few that become two in lower case are told apart well enough by the first.
fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

impl Letters {
    pub fn of(flow: &Flow) -> Self {
        let mut all = Self::default();
        let mut begun = 0;
        for (n, line) in flow.lines.iter().enumerate() {
            let goes_on = n > 0 && {
                let before = &flow.lines[n - 1];
                line.block == before.block
                    && line.kind == LineKind::Text
                    && before.kind == LineKind::Text
            };
            if goes_on {
                all.letters.push(Letter::new(' ', n, 0..0));
            } else {
                all.runs.push(begun..all.letters.len());
                begun = all.letters.len();
            }
            all.take_line(n, line);
        }
        all.runs.push(begun..all.letters.len());
        all
    }

    fn take_line(&mut self, n: usize, line: &Line) {
        let mut column = 0;
        let mut begun = false;
        for span in &line.spans {
            let ornament = span.style.role.is_ornament();
            for grapheme in span.text.graphemes(true) {
                let end = column + width(grapheme);
                begun |= !grapheme.trim().is_empty();
                if begun && !ornament {
                    let letters = grapheme.chars().map(|c| Letter::new(c, n, column..end));
                    self.letters.extend(letters);
                }
                column = end;
            }
        }
    }

    /// Where the words stand, from top to bottom. Upper case in the query asks for upper case.
    pub fn find(&self, query: &str) -> Vec<Hit> {
        let exact = query.chars().any(char::is_uppercase);
        let query: Vec<char> = query.trim().chars().collect();
        if query.is_empty() {
            return Vec::new();
        }
        let same = |letter: &Letter, wanted: char| {
            let here = if exact { letter.char } else { letter.lower };
            here == wanted
        };
        let mut hits = Vec::new();
        for run in &self.runs {
            let mut rest = &self.letters[run.clone()];
            while let Some(at) = rest.iter().position(|letter| same(letter, query[0])) {
                rest = &rest[at..];
                let Some(window) = rest.get(..query.len()) else {
                    break;
                };
                if window
                    .iter()
                    .zip(&query)
                    .all(|(letter, c)| same(letter, *c))
                {
                    hits.push(hit(window));
                    rest = &rest[query.len()..];
                } else {
                    rest = &rest[1..];
                }
            }
        }
        hits
    }
}

fn hit(letters: &[Letter]) -> Hit {
    let mut stretches: Vec<Stretch> = Vec::new();
    for letter in letters.iter().filter(|letter| !letter.columns.is_empty()) {
        match stretches.last_mut() {
            Some(last) if last.line == letter.line => last.columns.end = letter.columns.end,
            _ => stretches.push(Stretch {
                line: letter.line,
                columns: letter.columns.clone(),
            }),
        }
    }
    Hit { stretches }
}
