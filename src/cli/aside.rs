//! What is said beside the output, on standard error.

use ddlab_text::clean;
use std::fmt::Display;
use std::io::{self, Write};

/// Says it, harmless whatever was given. Not `eprintln!`, which panics where nobody listens any more or there is no room.
pub fn aside(text: impl Display) {
    let _ = writeln!(io::stderr(), "{}", clean(&text.to_string()));
}
