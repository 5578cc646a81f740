//! The items of a Rust file: where its functions and types begin.

/// What starts an item at the left margin, or one step in (a method).
const STARTS: [&str; 8] = [
    "fn ",
    "async fn ",
    "struct ",
    "enum ",
    "trait ",
    "impl",
    "mod ",
    "const ",
];

/// The lines (from 0) at which items begin, at their doc comments when they have some.
pub fn starts(source: &str) -> Vec<usize> {
    let lines: Vec<&str> = source.lines().collect();
    let mut starts = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        if begins_item(line) {
            let mut first = n;
            while first > 0 && belongs_to_next(lines[first - 1]) {
                first -= 1;
            }
            starts.push(first);
        }
    }
    starts
}

fn begins_item(line: &str) -> bool {
    let indent = line.len() - line.trim_start().len();
    if indent > 4 {
        return false;
    }
    let mut rest = line.trim_start();
    for visibility in ["pub(crate) ", "pub(super) ", "pub "] {
        rest = rest.strip_prefix(visibility).unwrap_or(rest);
    }
    // A constant within a body is not worth a stop.
    let starts = if indent == 0 {
        &STARTS[..]
    } else {
        &STARTS[..2]
    };
    starts.iter().any(|start| {
        rest.strip_prefix(start)
            .is_some_and(|after| *start != "impl" || after.starts_with([' ', '<']))
    })
}

/// Doc comments and attributes.
fn belongs_to_next(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("///") || line.starts_with("#[")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_begin_at_their_comments() {
        let source = "//! A module.\n\n/// A type.\n#[derive(Debug)]\npub struct A;\n\nimpl<T> A {\n    /// Does.\n    pub async fn go() {\n        fn_like();\n    }\n}\nlet implied = 3;\n";
        assert_eq!(starts(source), [2, 6, 7]);
        assert!(starts("").is_empty());
    }
}
