//! The Rust that the chapters show compiles: `build.rs` turns each snippet into a module of this test.
//! An error here names the module after its page and line; `OUT_DIR/snippets.rs` repeats both.

#![allow(dead_code, unused, clippy::all, clippy::pedantic)]

include!(concat!(env!("OUT_DIR"), "/snippets.rs"));

#[test]
fn every_rust_snippet_of_the_chapters_compiles() {
    // The work is done when this file has compiled.
}
