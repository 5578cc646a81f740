//! What is said beside the output, on standard error.

use std::fmt::Display;
use std::io::{self, Write};

/// Says it. Not `eprintln!`, which panics where nobody listens any more or there is no room.
pub fn aside(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}
