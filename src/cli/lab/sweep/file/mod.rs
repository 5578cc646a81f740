//! What a sweep came to, as JSON: for scripts to read and for `ddlab lab merge` to add up.
//!
//! Figures are there twice. What a reader wants is rounded once, from the exact sums; the exact sums
//! themselves are the fields `exact`, `part`, `whole`, and from these alone a file is read back. They are
//! text and no JSON numbers, which parsers may round. So what is merged is told to the byte as if it had
//! been one sweep from the beginning. The shape is a promise: add to it, change nothing.

mod read;
mod write;

pub(super) use read::read;
pub(super) use write::write;

const FORMAT: &str = "ddlab-sweep 1";
/// Another version may run a lab otherwise: results of two versions are never one.
const VERSION: &str = env!("CARGO_PKG_VERSION");
