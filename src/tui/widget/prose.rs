//! Markdown in a pane: set by the flow of the book, coloured by the theme.
//!
//! The flow knows roles and no colours; this is where the two meet, for pages and for the prompts,
//! statements and answers of other screens alike.

use crate::markdown::block::Alert;
use crate::markdown::flow::{self, Glyphs, Medium};
use crate::markdown::highlight::Token;
use crate::markdown::{Flow, FlowOptions, Reading, parse};
use crate::tui::theme::{Role, Theme};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// A text set at this width.
pub fn lines(markdown: &str, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let document = parse(markdown, &Reading::default());
    let glyphs = Glyphs::of(theme.is_ascii());
    let options = FlowOptions {
        glyphs,
        medium: Medium::Screen { offset: 0 },
        ..FlowOptions::screen(usize::from(width.max(1)))
    };
    let flow = Flow::new(&document, &options);
    let mut lines: Vec<Line<'static>> = flow.lines.iter().map(|l| line(l, theme)).collect();
    // Air around the first and the last block belongs to whoever places the text.
    while lines.last().is_some_and(is_blank) {
        lines.pop();
    }
    let first = lines.iter().position(|line| !is_blank(line)).unwrap_or(0);
    lines.split_off(first)
}

/// A text set at this width, in this role as a whole.
pub fn lines_as(role: Role, markdown: &str, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    tinted(lines(markdown, width, theme), role, theme)
}

/// A text that begins with a sign or a letter and hangs from it: options, points, reasons.
pub fn hanging(
    sign: &[Span<'static>],
    markdown: &str,
    width: u16,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let indent: usize = sign.iter().map(|span| span.content.width()).sum();
    let rest = width.saturating_sub(indent as u16).max(8);
    let mut set = lines(markdown, rest, theme);
    if set.is_empty() {
        set.push(Line::default());
    }
    for (index, line) in set.iter_mut().enumerate() {
        let start = if index == 0 {
            sign.to_vec()
        } else {
            vec![Span::raw(" ".repeat(indent))]
        };
        line.spans.splice(0..0, start);
    }
    set
}

/// The same lines in another role, for what steps back or stands out as a whole.
pub fn tinted(mut lines: Vec<Line<'static>>, role: Role, theme: &Theme) -> Vec<Line<'static>> {
    let plain = theme.style(Role::Text);
    for span in lines.iter_mut().flat_map(|line| &mut line.spans) {
        if span.style.fg == plain.fg {
            span.style = span.style.patch(theme.style(role));
        }
    }
    lines
}

/// A line of the flow in the colours of the theme.
pub fn line(line: &flow::Line, theme: &Theme) -> Line<'static> {
    line.spans
        .iter()
        .map(|span| Span::styled(span.text.clone(), style(span.style, theme)))
        .collect()
}

fn is_blank(line: &Line<'_>) -> bool {
    line.spans
        .iter()
        .all(|span| span.content.chars().all(char::is_whitespace))
}

fn style(style: flow::Style, theme: &Theme) -> Style {
    let mut out = theme.style(role(style.role));
    if style.strong {
        out = out.patch(theme.style(Role::Strong));
    }
    if style.emphasis {
        out = out.add_modifier(Modifier::ITALIC);
    }
    if style.struck {
        out = out.add_modifier(Modifier::CROSSED_OUT);
    }
    out
}

fn role(role: flow::Role) -> Role {
    use flow::Role as F;
    match role {
        F::Text | F::Diagram => Role::Text,
        F::Muted => Role::Dim,
        F::Heading(1) => Role::Title,
        F::Heading(_) => Role::Heading,
        F::TableHead => Role::Strong,
        F::InlineCode => Role::Code,
        F::Link => Role::Link,
        F::Term => Role::Term,
        F::NoteMark | F::Bullet | F::Alert(Alert::Note | Alert::Tip) => Role::Accent,
        F::QuoteBar | F::Rule | F::Cut => Role::Faint,
        F::Alert(Alert::Important | Alert::Warning) => Role::Warning,
        F::Alert(Alert::Caution) => Role::Danger,
        F::Code(token) => code(token),
    }
}

/// What a word of code looks like.
pub fn code(token: Token) -> Role {
    match token {
        Token::Keyword => Role::Keyword,
        Token::Type => Role::Type,
        Token::Function => Role::Function,
        Token::String => Role::String,
        Token::Number => Role::NumberLiteral,
        Token::Comment => Role::Comment,
        _ => Role::Text,
    }
}
