//! What is said beside the output, on standard error.

use ddlab_text::clean;
use std::fmt::Display;
use std::io::{self, Write};

/// The longest line that is said. What is longer repeats something that was given, such as a path that no system has.
const LINE_MAX: usize = 1_000;
/// Of such a line so many characters at its end are kept: what is wrong and what is right mostly stands there.
const END: usize = 300;

/// Says it, harmless and no longer than one reads, whatever was given. Not `eprintln!`, which panics where nobody
/// listens any more or there is no room.
pub fn aside(text: impl Display) {
    let _ = writeln!(io::stderr(), "{}", shortened(&clean(&text.to_string())));
}

/// The text, with the middle of each long line left out.
fn shortened(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(short_line).collect();
    lines.join("\n")
}

fn short_line(line: &str) -> String {
    let count = line.chars().count();
    if count <= LINE_MAX {
        return line.to_owned();
    }
    let begin = line.chars().take(LINE_MAX - END - 1);
    begin
        .chain(['…'])
        .chain(line.chars().skip(count - END))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_an_end_keeps_its_beginning_and_its_end() {
        let said = shortened(&format!(
            "cannot read {}: no such file\nnext",
            "é".repeat(90_000)
        ));
        let (first, next) = said.split_once('\n').unwrap();
        assert_eq!(first.chars().count(), LINE_MAX);
        assert!(first.starts_with("cannot read é") && first.ends_with("é: no such file"));
        assert!(first.contains('…'));
        assert_eq!(next, "next");
    }
}
