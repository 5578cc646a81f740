//! Search over the lines: a phrase is found although a line ends inside it.

use super::line::width;
use super::{Flow, LineKind};
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

/// A letter and where it is drawn; the blank that a line's end stands for has no columns.
struct Letter {
    char: char,
    line: usize,
    columns: Range<usize>,
}

impl Flow {
    /// Where the words stand, from top to bottom. Upper case in the query asks for upper case.
    pub fn find(&self, query: &str) -> Vec<Hit> {
        let exact = query.chars().any(char::is_uppercase);
        let query: Vec<char> = folded(query.trim(), exact).collect();
        if query.is_empty() {
            return Vec::new();
        }
        let mut hits = Vec::new();
        let mut letters: Vec<Letter> = Vec::new();
        for (n, line) in self.lines.iter().enumerate() {
            let goes_on = n > 0 && {
                let before = &self.lines[n - 1];
                line.block == before.block
                    && line.kind == LineKind::Text
                    && before.kind == LineKind::Text
            };
            if !goes_on {
                search(&letters, &query, &mut hits);
                letters.clear();
            }
            self.letters_of(n, exact, &mut letters);
        }
        search(&letters, &query, &mut hits);
        hits
    }

    fn letters_of(&self, n: usize, exact: bool, out: &mut Vec<Letter>) {
        if !out.is_empty() {
            out.push(Letter {
                char: ' ',
                line: n,
                columns: 0..0,
            });
        }
        let mut column = 0;
        let mut begun = false;
        for span in &self.lines[n].spans {
            let ornament = span.style.role.is_ornament();
            for grapheme in span.text.graphemes(true) {
                let end = column + width(grapheme);
                begun |= !grapheme.trim().is_empty();
                if begun && !ornament {
                    out.extend(folded(grapheme, exact).map(|char| Letter {
                        char,
                        line: n,
                        columns: column..end,
                    }));
                }
                column = end;
            }
        }
    }
}

fn folded(text: &str, exact: bool) -> impl Iterator<Item = char> {
    text.chars().flat_map(move |c| {
        let c = if c.is_whitespace() { ' ' } else { c };
        let lower = (!exact).then(|| c.to_lowercase());
        let same = exact.then_some(c);
        lower.into_iter().flatten().chain(same)
    })
}

fn search(letters: &[Letter], query: &[char], hits: &mut Vec<Hit>) {
    let mut at = 0;
    while at + query.len() <= letters.len() {
        let window = &letters[at..at + query.len()];
        if window.iter().map(|l| l.char).eq(query.iter().copied()) {
            hits.push(hit(window));
            at += query.len();
        } else {
            at += 1;
        }
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
