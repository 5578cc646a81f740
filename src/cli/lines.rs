//! Prompts out, lines in.

use ddlab_text::clean;
use std::io::{self, BufRead, Read as _, Write};

/// Longer lines are cut: an answer is typed or pasted by a person.
const LINE_BYTES_MAX: u64 = 64 << 10;

/// The input is at its end; what was kept is kept.
pub struct Ended;

/// The input and the output of a session.
pub struct Lines<'a> {
    input: &'a mut dyn BufRead,
    out: &'a mut dyn Write,
}

impl<'a> Lines<'a> {
    pub fn new(input: &'a mut dyn BufRead, out: &'a mut dyn Write) -> Self {
        Self { input, out }
    }

    /// A line of output, harmless whatever it holds.
    pub fn say(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", clean(text).trim_end_matches(' '))
    }

    /// The next line of input without its end; [`Ended`] when there is none.
    pub fn next(&mut self) -> io::Result<Result<String, Ended>> {
        write!(self.out, "> ")?;
        self.out.flush()?;
        let mut bytes = Vec::new();
        let mut input = &mut *self.input;
        (&mut input)
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut bytes)?;
        if bytes.is_empty() {
            return Ok(Err(Ended));
        }
        // What a script types is not echoed by a terminal; end the prompt's line all the same.
        let text = String::from_utf8_lossy(&bytes);
        Ok(Ok(text.trim_end_matches(['\n', '\r']).to_owned()))
    }
}
