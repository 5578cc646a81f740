//! The running text of a page, wherever it stands.

use crate::markdown::{Block, BlockKind, Inline};

/// Calls `see` for each inline of a block and of the blocks in it.
pub fn each_inline(block: &Block, see: &mut dyn FnMut(&Inline)) {
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

fn inlines(list: &[Inline], see: &mut dyn FnMut(&Inline)) {
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
