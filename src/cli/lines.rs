//! Prompts out, lines in: how a session in plain text talks.

use super::Global;
use super::paper::Paper;
use ddlab_text::clean;
use std::io::{self, BufRead, Read as _, Write};

/// Longer lines are cut: an answer is typed or pasted by a person.
const LINE_BYTES_MAX: u64 = 64 << 10;

/// The input and the output of a session.
pub struct Lines<'a> {
    input: &'a mut dyn BufRead,
    out: &'a mut dyn Write,
    paper: Paper,
}

impl<'a> Lines<'a> {
    pub fn new(input: &'a mut dyn BufRead, out: &'a mut dyn Write, global: &Global) -> Self {
        let paper = Paper::new(global, 80);
        Self { input, out, paper }
    }

    /// A line of output, harmless whatever it holds.
    pub fn say(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", clean(text).trim_end_matches(' '))
    }

    /// Markdown, with the blank line that ends it.
    pub fn set(&mut self, markdown: &str) -> io::Result<()> {
        self.say(&self.paper.set(markdown))
    }

    /// Markdown without blank lines around it, and then a blank line.
    pub fn paragraph(&mut self, markdown: &str) -> io::Result<()> {
        self.say(self.paper.set(markdown).trim_matches('\n'))?;
        self.say("")
    }

    /// The next line of input without its end; none when the input has ended.
    pub fn next(&mut self) -> io::Result<Option<String>> {
        write!(self.out, "> ")?;
        self.out.flush()?;
        let mut bytes = Vec::new();
        let mut input = &mut *self.input;
        (&mut input)
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut bytes)?;
        // What a script types is not echoed by a terminal; end the prompt's line all the same.
        let text = String::from_utf8_lossy(&bytes);
        Ok((!bytes.is_empty()).then(|| text.trim_end_matches(['\n', '\r']).to_owned()))
    }

    /// Asks until a line is understood; none when the input has ended.
    pub fn until<T, E: std::fmt::Display>(
        &mut self,
        mut understand: impl FnMut(&str) -> Result<T, E>,
    ) -> io::Result<Option<T>> {
        while let Some(line) = self.next()? {
            match understand(&line) {
                Ok(understood) => return Ok(Some(understood)),
                Err(error) => self.say(&error.to_string())?,
            }
        }
        Ok(None)
    }
}
