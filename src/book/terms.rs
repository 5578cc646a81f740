//! The words of a page that the glossary explains. Each is marked once, where the page first uses it: a
//! second line under the same word would only be noise. Code, headings and links keep their own look.

use crate::content::Glossary;
use crate::markdown::block::each_inline;
use crate::markdown::{Block, BlockKind, Document, Inline};
use std::collections::HashSet;

pub fn mark(document: &mut Document, glossary: &Glossary) {
    let mut marker = Marker {
        glossary,
        seen: HashSet::new(),
    };
    marker.blocks(&mut document.blocks);
}

/// The names of the terms that are marked in a page, in its order.
pub fn terms_of(document: &Document) -> Vec<&str> {
    let mut names = Vec::new();
    for block in &document.blocks {
        each_inline(block, &mut |inline| {
            if let Inline::Term { name, .. } = inline {
                names.push(name.as_str());
            }
        });
    }
    names
}

struct Marker<'a> {
    glossary: &'a Glossary,
    seen: HashSet<usize>,
}

impl Marker<'_> {
    fn blocks(&mut self, blocks: &mut [Block]) {
        for block in blocks {
            match &mut block.kind {
                BlockKind::Paragraph(text) => self.inlines(text),
                BlockKind::List(list) => {
                    for item in &mut list.items {
                        self.blocks(&mut item.blocks);
                    }
                }
                BlockKind::Quote(blocks) | BlockKind::Alert { blocks, .. } => self.blocks(blocks),
                BlockKind::Table { rows, .. } => {
                    for cell in rows.iter_mut().flatten() {
                        self.inlines(cell);
                    }
                }
                BlockKind::Heading { .. }
                | BlockKind::Code { .. }
                | BlockKind::Diagram { .. }
                | BlockKind::Live(_)
                | BlockKind::Rule => {}
            }
        }
    }

    fn inlines(&mut self, inlines: &mut Vec<Inline>) {
        let mut out = Vec::with_capacity(inlines.len());
        let mut run = String::new();
        for inline in inlines.drain(..) {
            match inline {
                // A line of the file may end inside a term: what is read in one go is looked at in one go.
                Inline::Text(text) => run.push_str(&text),
                mut other => {
                    self.text(&std::mem::take(&mut run), &mut out);
                    if let Inline::Emphasis(inner) | Inline::Strong(inner) = &mut other {
                        self.inlines(inner);
                    }
                    out.push(other);
                }
            }
        }
        self.text(&run, &mut out);
        *inlines = out;
    }

    /// A text as pieces: between the terms that are new, and those terms.
    fn text(&mut self, text: &str, out: &mut Vec<Inline>) {
        let letters: Vec<char> = text.chars().collect();
        let mut done = 0;
        for (term, range) in self.glossary.find_in(&letters) {
            let Some(known) = self.glossary.get(term) else {
                continue;
            };
            if !self.seen.insert(term) {
                continue;
            }
            if done < range.start {
                out.push(Inline::Text(letters[done..range.start].iter().collect()));
            }
            out.push(Inline::Term {
                name: known.term.clone(),
                text: letters[range.clone()].iter().collect(),
            });
            done = range.end;
        }
        if done < letters.len() {
            out.push(Inline::Text(letters[done..].iter().collect()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Library;
    use crate::markdown::flow::Role;
    use crate::markdown::{Flow, FlowOptions, Reading, parse};

    /// The marked words of a page, each with the name that it leads to.
    fn marked(page: &str) -> Vec<(String, String)> {
        let library = Library::embedded();
        let mut document = parse(page, &Reading::default());
        let plain = crate::markdown::block::words;
        let before: Vec<String> = paragraphs(&document).map(plain).collect();
        mark(&mut document, library.glossary());
        let after: Vec<String> = paragraphs(&document).map(plain).collect();
        assert_eq!(before, after, "marking changes no word");
        let flow = Flow::new(&document, &FlowOptions::screen(60));
        let spans = flow.lines.iter().flat_map(|line| &line.spans);
        let terms = spans.filter(|span| span.style.role == Role::Term);
        terms
            .map(|span| {
                let link = &flow.links[usize::from(span.link.unwrap())];
                (span.text.clone(), link.term().unwrap().to_owned())
            })
            .collect()
    }

    fn paragraphs(document: &Document) -> impl Iterator<Item = &[Inline]> {
        document
            .blocks
            .iter()
            .filter_map(|block| match &block.kind {
                BlockKind::Paragraph(text) => Some(text.as_slice()),
                _ => None,
            })
    }

    fn pair(text: &str, name: &str) -> (String, String) {
        (text.to_owned(), name.to_owned())
    }

    #[test]
    fn a_term_is_marked_where_it_is_first_used_though_a_line_of_the_file_ends_in_it() {
        let page = "Who holds a fencing\ntoken? **Leases** come with one; a lease ends.\n";
        assert_eq!(
            marked(page),
            [
                pair("fencing token", "fencing token"),
                pair("Leases", "lease")
            ]
        );
    }

    #[test]
    fn code_headings_links_and_drawings_keep_their_own_look() {
        let page = "# A lease\n\n`lease` and [a lease](#a) and:\n\n```text\nlease\n```\n\n\
                    ```diagram\nalt: a lease\nlease\n```\n";
        assert_eq!(marked(page), []);
        let table = "| lease |\n|---|\n| lease |\n";
        assert_eq!(marked(table).len(), 1, "a cell is text, the head is not");
    }
}
