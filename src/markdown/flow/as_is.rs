//! What is set as it is: code, folded where a window is too narrow for it; drawings, cut there; and the
//! lines kept free for what is live. On paper all is whole.

use super::fold::fold;
use super::line::{LineKind, Role, Span, Style, cut, width};
use super::page::Page;
use super::{Fill, Medium, Slot};
use crate::markdown::block::{Inline, Live};
use crate::markdown::fence::Include;
use crate::markdown::highlight::Token;

impl Page<'_> {
    pub(super) fn code(&mut self, lang: &str, text: &str, from: Option<&Include>) {
        let indent = self.figure_indent();
        if let Some(from) = from {
            let dot = self.options.glyphs.middle_dot();
            let label = match &from.region {
                Some(region) => format!("{} {dot} {region}", from.file),
                None => from.file.clone(),
            };
            self.as_is(vec![Span::new(label, Role::Muted)], indent, LineKind::Code);
        }
        let coloured = (self.options.colours)(lang, text);
        for (n, plain) in text.lines().enumerate() {
            let spans = match coloured.as_deref().and_then(|lines| lines.get(n)) {
                Some(spans) => spans
                    .iter()
                    .map(|(token, text)| Span::new(text.as_str(), Role::Code(*token)))
                    .collect(),
                None => vec![Span::new(plain, Role::Code(Token::Plain))],
            };
            self.code_line(spans, indent);
        }
    }

    /// On as many lines as it takes in a window, whole on paper.
    fn code_line(&mut self, spans: Vec<Span>, indent: usize) {
        let rows = match self.options.medium {
            Medium::Plain => vec![spans],
            Medium::Screen { .. } => {
                let columns = self.columns() - indent;
                fold(spans, columns, self.options.glyphs.carried())
            }
        };
        for mut row in rows {
            if indent > 0 {
                row.insert(0, Span::blanks(indent));
            }
            self.line(row, LineKind::Code);
        }
    }

    pub(super) fn diagram(&mut self, alt: &str, lines: &[String]) {
        let plain = self.options.medium == Medium::Plain;
        if plain && !alt.is_empty() {
            let label = [Inline::Text(format!("[drawing: {alt}]"))];
            self.paragraph(&label, Style::default());
            self.air(1);
        }
        let widest = lines.iter().map(|line| width(line)).max().unwrap_or(0);
        let indent = self
            .figure_indent()
            .min(self.columns().saturating_sub(widest));
        for line in lines {
            let spans = vec![Span::new(line.as_str(), Role::Diagram)];
            self.as_is(spans, indent, LineKind::Diagram);
        }
        // A drawing of which a part is out of sight needs its words.
        if !plain && !alt.is_empty() && widest > self.columns() {
            self.paragraph(&[Inline::Text(alt.to_owned())], Role::Muted.into());
        }
    }

    fn figure_indent(&self) -> usize {
        if self.columns() >= 40 { 2 } else { 0 }
    }

    /// A line that is never broken: cut in a window, whole on paper.
    fn as_is(&mut self, mut spans: Vec<Span>, indent: usize, kind: LineKind) {
        if let Medium::Screen { offset } = self.options.medium {
            let columns = self.columns() - indent;
            let wanted: usize = spans.iter().map(|span| width(&span.text)).sum();
            let hidden = &mut self.flow.hidden_columns;
            *hidden = (*hidden).max(wanted.saturating_sub(columns));
            spans = cut(spans, offset, columns, self.options.glyphs.cut());
        }
        if indent > 0 {
            spans.insert(0, Span::blanks(indent));
        }
        self.line(spans, kind);
    }

    pub(super) fn live(&mut self, live: &Live) {
        let columns = self.columns();
        match (self.options.fill)(live, columns) {
            Fill::Blocks(blocks) => self.blocks(&blocks, false),
            Fill::Reserve(height) => {
                self.flow.slots.push(Slot {
                    live: live.clone(),
                    first_line: self.flow.lines.len(),
                    height,
                    indent: self.options.width - columns.min(self.options.width),
                    width: columns,
                });
                for _ in 0..height {
                    self.line(Vec::new(), LineKind::Slot);
                }
            }
        }
    }
}
