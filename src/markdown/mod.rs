//! From markdown to lines on a screen, in three steps that know nothing of a terminal:
//!
//! 1. [`parse`]: text to [`Document`], a tree of [`Block`]s of our own, each with its source line. Fences with
//!    a meaning (`diagram`, `lab`, `check`, `try`) and `include=FILE#REGION` are understood here ([`fence`]).
//! 2. [`flow`]: a document and a width to [`Flow`], lines of styled spans with *roles* instead of colours, so
//!    that one flow serves every theme, the search, the plain text and the tests.
//! 3. [`plain`]: the same flow as a string, for pipes and for screen readers.
//!
//! Beside them: [`highlight`] gives the words of code their classes, on a thread of its own;
//!
//! Why not `tui-markdown`: it has no hanging indents, no tables that fit, and no place for a running figure.

pub mod block;
pub mod fence;
pub mod flow;
pub mod highlight;
pub mod parse;
pub mod plain;

pub use block::{Alert, Block, BlockKind, Document, Inline, Problem};
pub use fence::Include;
pub use flow::{Flow, FlowOptions};
pub use parse::{Reading, parse};
