//! The sections of a page, by a look at its lines: all chapters are known at the start of the program,
//! and to read twelve pages whole for the names of their headings would cost the first screen its speed.

use super::model::Section;
use crate::markdown::block::slug;

/// The `##` headings of a body, in order. A `##` inside a fence is none.
pub fn sections(body: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut fence: Option<&str> = None;
    for line in body.lines() {
        let bare = line.trim_start();
        let ticks = ["```", "~~~"]
            .into_iter()
            .find(|ticks| bare.starts_with(ticks));
        match (fence, ticks) {
            (None, Some(ticks)) => fence = Some(ticks),
            (Some(open), Some(ticks)) if open == ticks => fence = None,
            (None, None) => {
                if let Some(title) = line.strip_prefix("## ") {
                    let title = title.trim().to_owned();
                    sections.push(Section {
                        slug: slug(&title),
                        title,
                    });
                }
            }
            _ => {}
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::block::{BlockKind, words};
    use crate::markdown::{Reading, parse};

    const BODY: &str = "intro\n\n## The problem\n\n```diagram\n## not a heading\n```\n\n### Deeper\n\n## What goes *wrong*?\n\n~~~text\n```\n## nor this\n~~~\n\n## Sources\n";

    #[test]
    fn sections_are_the_headings_of_the_second_level() {
        let slugs: Vec<_> = sections(BODY).into_iter().map(|s| s.slug).collect();
        assert_eq!(slugs, ["the-problem", "what-goes-wrong", "sources"]);
    }

    #[test]
    fn a_look_at_the_lines_finds_what_the_reader_finds() {
        let read: Vec<String> = parse(BODY, &Reading::default())
            .blocks
            .into_iter()
            .filter_map(|block| match block.kind {
                BlockKind::Heading { level: 2, text, .. } => Some(slug(&words(&text))),
                _ => None,
            })
            .collect();
        let seen: Vec<_> = sections(BODY).into_iter().map(|s| s.slug).collect();
        assert_eq!(seen, read);
    }
}
