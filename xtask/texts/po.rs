//! The files of gettext: `msgid` and `msgstr`, with the places of each text.

use std::collections::HashMap;
use std::fmt::Write as _;

const HEADER: &str = "\
# What ddlab says. `cargo xtask translate FILE FOLDER` lays out sources that say it as FILE does.
msgid \"\"
msgstr \"\"
\"Content-Type: text/plain; charset=UTF-8\\n\"
";

/// Each text with its places, and nothing said for it yet.
pub fn template<'a>(entries: impl Iterator<Item = (&'a str, &'a [String])>) -> String {
    let mut out = HEADER.to_owned();
    for (text, places) in entries {
        out.push('\n');
        for place in places {
            let _ = writeln!(out, "#: {place}");
        }
        let _ = writeln!(out, "msgid {}\nmsgstr \"\"", quoted(text));
    }
    out
}

/// The texts that have a translation, with it.
///
/// # Errors
/// The line that is not understood.
pub fn parse(file: &str) -> Result<HashMap<String, String>, String> {
    let mut catalog = HashMap::new();
    let (mut text, mut translation) = (String::new(), String::new());
    let mut is_translation = false;
    for (nr, line) in file.lines().enumerate() {
        let line = line.trim();
        let wrong = || format!("line {}: `{line}` is not of a file of gettext", nr + 1);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let string = if let Some(string) = line.strip_prefix("msgid ") {
            keep(&mut catalog, &mut text, &mut translation);
            is_translation = false;
            string
        } else if let Some(string) = line.strip_prefix("msgstr ") {
            is_translation = true;
            string
        } else {
            line
        };
        let part = if is_translation {
            &mut translation
        } else {
            &mut text
        };
        part.push_str(&unquoted(string.trim()).ok_or_else(wrong)?);
    }
    keep(&mut catalog, &mut text, &mut translation);
    Ok(catalog)
}

fn keep(catalog: &mut HashMap<String, String>, text: &mut String, translation: &mut String) {
    let (text, translation) = (std::mem::take(text), std::mem::take(translation));
    if !text.is_empty() && !translation.is_empty() {
        catalog.insert(text, translation);
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

fn unquoted(string: &str) -> Option<String> {
    let inner = string.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '"' => return None,
            '\\' => match chars.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                same @ ('"' | '\\') => same,
                _ => return None,
            },
            other => other,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let text = "A \"quote\", a \\ and\r\n\ta second line {n}";
        let places = ["src/a.rs:1".to_owned(), "src/b.rs:2".to_owned()];
        let file = template([(text, &places[..])].into_iter());
        assert!(file.contains("#: src/a.rs:1\n#: src/b.rs:2\nmsgid "));
        assert!(parse(&file).unwrap().is_empty());
        let filled = file.replacen("msgstr \"\"\n\"Content", "msgstr \"\"\n\"X", 1);
        let at = filled.rfind("msgstr \"\"").unwrap();
        let filled = format!("{}msgstr \"Ein \"\n\"Satz\"\n", &filled[..at]);
        assert_eq!(parse(&filled).unwrap()[text], "Ein Satz");
    }

    #[test]
    fn what_is_not_understood_is_named_by_its_line() {
        let error = parse("msgid \"a\"\nmsgstr \"b\nmsgid \"c\"\n").unwrap_err();
        assert!(error.starts_with("line 2: "), "{error}");
    }
}
