//! The page as a string: for pipes, files, screen readers, and `ddlab read --plain`.

use super::block::{Block, BlockKind, Document, Inline, Live};
use super::flow::{Fill, Flow, FlowOptions, Glyphs, Medium};

/// Sets the document for paper. `fill` says what stands for figures and questions; [`stand_in`] is
/// the least that it can say.
pub fn render(
    document: &Document,
    width: usize,
    glyphs: Glyphs,
    fill: &dyn Fn(&Live, usize) -> Fill,
) -> String {
    let options = FlowOptions {
        width,
        glyphs,
        medium: Medium::Plain,
        colours: &|_, _| None,
        fill,
    };
    let mut out = String::new();
    for line in Flow::new(document, &options).lines {
        for span in &line.spans {
            out.push_str(&span.text);
        }
        out.push('\n');
    }
    out
}

/// What is live, in one line of words: what it is, and the command that opens it.
pub fn stand_in(live: &Live) -> Fill {
    let text = match live {
        Live::Figure(figure) => {
            let lab = &figure.lab;
            let caption = &figure.caption;
            format!("[live figure: {caption}. To see it move: ddlab lab run {lab}]")
        }
        Live::Check { question } => {
            format!("[a question to answer before you read on: {question}]")
        }
        Live::Try { exercise } => format!("[to build: ddlab exercise start {exercise}]"),
    };
    Fill::Blocks(vec![Block {
        line: 0,
        kind: BlockKind::Paragraph(vec![Inline::Text(text)]),
    }])
}
