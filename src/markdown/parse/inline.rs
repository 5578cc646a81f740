//! The inlines of one element.

use super::{DEPTH_MAX, Parser};
use crate::markdown::block::Inline;
use ddlab_text::clean_line;
use pulldown_cmark::{Event, Tag};
use std::ops::Range;

impl Parser<'_> {
    /// The inlines up to the next block or the end of the element that we are in.
    pub(super) fn inlines(&mut self, depth: usize) -> Vec<Inline> {
        let mut out = Vec::new();
        let mut flattened = 0_usize;
        while let Some((event, range)) = self.events.next_if(|(event, _)| {
            is_inline(event) || (flattened > 0 && matches!(event, Event::End(_)))
        }) {
            match event {
                Event::Start(_) if depth >= DEPTH_MAX => flattened += 1,
                Event::End(_) => flattened -= 1,
                Event::Start(tag) => {
                    let inner = self.inlines(depth + 1);
                    self.events.next();
                    out.push(styled(tag, inner));
                }
                Event::Text(text) => self.text(&clean_line(&text), range.start, &mut out),
                Event::Code(text) => out.push(Inline::Code(clean_line(&text).into_owned())),
                Event::InlineHtml(html) | Event::Html(html) if is_break(&html) => {
                    out.push(Inline::Break);
                }
                Event::InlineHtml(html) | Event::Html(html) if !is_comment(&html) => {
                    let html = clean_line(&html).into_owned();
                    self.html_problem(range.start, &html);
                    out.push(Inline::Text(html));
                }
                Event::FootnoteReference(label) => {
                    out.push(Inline::Note(clean_line(&label).into_owned()));
                }
                Event::SoftBreak => out.push(Inline::Text(" ".to_owned())),
                Event::HardBreak => out.push(Inline::Break),
                Event::TaskListMarker(ticked) => self.task = Some(ticked),
                _ => {}
            }
        }
        out
    }

    /// Text may hold `[^label]`: pulldown-cmark knows only the notes that the text itself defines, ours
    /// are in the front matter.
    fn text(&mut self, text: &str, start: usize, out: &mut Vec<Inline>) {
        let mut plain = 0;
        let mut from = 0;
        while let Some(note) = note_in(text, from) {
            let label = &text[note.start + 2..note.end - 1];
            if self
                .reading
                .sources
                .iter()
                .any(|(known, _)| *known == label)
            {
                if plain < note.start {
                    out.push(Inline::Text(text[plain..note.start].to_owned()));
                }
                out.push(Inline::Note(label.to_owned()));
                plain = note.end;
            } else {
                self.problem(
                    start + note.start,
                    format!("`[^{label}]` points to no source"),
                    "add it to `sources:`, or correct the label".to_owned(),
                );
            }
            from = note.end;
        }
        if plain < text.len() {
            out.push(Inline::Text(text[plain..].to_owned()));
        }
    }
}

/// The next `[^label]` at or after `from`.
fn note_in(text: &str, from: usize) -> Option<Range<usize>> {
    let start = from + text.get(from..)?.find("[^")?;
    let label = &text[start + 2..];
    let length = label.find(|c: char| c == ']' || c == '[' || c.is_whitespace())?;
    if length == 0 || !label[length..].starts_with(']') {
        return note_in(text, start + 2);
    }
    Some(start..start + 2 + length + 1)
}

pub(super) fn is_inline(event: &Event<'_>) -> bool {
    match event {
        Event::Text(_)
        | Event::Code(_)
        | Event::InlineHtml(_)
        | Event::FootnoteReference(_)
        | Event::SoftBreak
        | Event::HardBreak
        | Event::TaskListMarker(_) => true,
        Event::Start(tag) => matches!(
            tag,
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. }
        ),
        _ => false,
    }
}

fn styled(tag: Tag<'_>, inner: Vec<Inline>) -> Inline {
    match tag {
        Tag::Strong => Inline::Strong(inner),
        Tag::Strikethrough => Inline::Struck(inner),
        Tag::Link { dest_url, .. } => Inline::Link {
            url: clean_line(&dest_url).into_owned(),
            text: inner,
        },
        Tag::Image { dest_url, .. } => Inline::Image {
            url: clean_line(&dest_url).into_owned(),
            alt: inner,
        },
        _ => Inline::Emphasis(inner),
    }
}

fn is_comment(html: &str) -> bool {
    without_comments(html).trim().is_empty()
}

/// What is left of HTML when its comments are taken out.
pub(super) fn without_comments(html: &str) -> String {
    let mut left = String::new();
    let mut rest = html;
    while let Some((before, comment)) = rest.split_once("<!--") {
        left.push_str(before);
        // One that does not end goes on to the end of the text.
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    left + rest
}

fn is_break(html: &str) -> bool {
    let name = html.trim_matches(['<', '>', '/', ' ']);
    name.eq_ignore_ascii_case("br")
}
