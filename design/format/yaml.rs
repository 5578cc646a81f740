//! YAML as a tree in which each word knows its line and column.
//!
//! It is the plain part of YAML that designs are written in: no anchors and aliases, by which a short file can say a
//! billion things, no tags, one document. Whatever is too large or too deep is refused before it is kept.

use super::problem::{Mark, Problem};
use granit_parser::{Event, Parser, ScanError, Span};

/// Bytes of a design, at most.
pub const BYTES_MAX: usize = 1 << 20;
/// Words, lists and mappings of a design, at most.
pub const NODES_MAX: usize = 200_000;
/// Lists and mappings within each other, at most.
pub const DEPTH_MAX: usize = 12;

#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub at: Mark,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// What it is, for an error.
    pub fn what(&self) -> &'static str {
        match &self.value {
            Value::Scalar(text) if text.is_empty() => "nothing",
            Value::Scalar(_) => "a word",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

/// A tree in the making.
#[derive(Default)]
struct Builder {
    /// Lists and mappings that are not closed yet, each with what it has so far.
    open: Vec<(Mark, Vec<Node>)>,
    root: Option<Node>,
    nodes: usize,
}

/// The tree of a text; none when there is nothing in it.
///
/// # Errors
/// Where it stops to be YAML, or to be as small and plain as a design is.
pub fn parse(text: &str) -> Result<Option<Node>, Problem> {
    if text.len() > BYTES_MAX {
        let what = format!(
            "the file has {} bytes, and a design has at most {BYTES_MAX}",
            text.len()
        );
        return Err(Problem::error(Mark::START, what, "make it two designs"));
    }
    // A byte order mark is no part of the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| not_yaml(&error))?;
        builder.take(event, mark(&span))?;
    }
    Ok(builder.root)
}

impl Builder {
    fn take(&mut self, event: Event<'_>, at: Mark) -> Result<(), Problem> {
        match event {
            Event::Scalar(text, _, anchor, tag) => {
                refuse_extras(at, anchor, tag.is_some())?;
                self.put(at, Value::Scalar(text.into_owned()))
            }
            Event::SequenceStart(_, anchor, tag) | Event::MappingStart(_, anchor, tag) => {
                refuse_extras(at, anchor, tag.is_some())?;
                if self.open.len() == DEPTH_MAX {
                    let what = format!("this is more than {DEPTH_MAX} lists and mappings deep");
                    return Err(Problem::error(at, what, "a design needs no more than six"));
                }
                self.open.push((at, Vec::new()));
                Ok(())
            }
            Event::SequenceEnd => {
                let (at, nodes) = self.close();
                self.put(at, Value::List(nodes))
            }
            Event::MappingEnd => {
                let (at, nodes) = self.close();
                let mut pairs = Vec::with_capacity(nodes.len() / 2);
                let mut nodes = nodes.into_iter();
                while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
                    pairs.push((key, value));
                }
                self.put(at, Value::Map(pairs))
            }
            Event::Alias(_) => {
                let what = "aliases (`*name`) are not part of a design".to_owned();
                Err(Problem::error(at, what, "write it out where it is needed"))
            }
            _ => Ok(()),
        }
    }

    fn close(&mut self) -> (Mark, Vec<Node>) {
        self.open
            .pop()
            .expect("the parser ends only what it has begun")
    }

    fn put(&mut self, at: Mark, value: Value) -> Result<(), Problem> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            let what = format!("the file has more than {NODES_MAX} words");
            return Err(Problem::error(at, what, "make it two designs"));
        }
        let node = Node { at, value };
        match self.open.last_mut() {
            Some((_, nodes)) => nodes.push(node),
            None if self.root.is_some() => {
                let what = "a second document begins here".to_owned();
                return Err(Problem::error(at, what, "a file holds one design"));
            }
            None => self.root = Some(node),
        }
        Ok(())
    }
}

fn not_yaml(error: &ScanError) -> Problem {
    let marker = error.marker();
    let at = Mark::new(marker.line(), marker.col() + 1);
    let what = format!("this is not YAML: {}", plain(&error.info()));
    let cure = "a mapping is written `name: value`, and indented by blanks";
    Problem::error(at, what, cure)
}

fn refuse_extras(at: Mark, anchor: usize, tagged: bool) -> Result<(), Problem> {
    if anchor > 0 {
        let what = "anchors (`&name`) are not part of a design".to_owned();
        return Err(Problem::error(at, what, "write it out where it is needed"));
    }
    if tagged {
        let what = "tags (`!name`) are not part of a design".to_owned();
        return Err(Problem::error(at, what, "write the value alone"));
    }
    Ok(())
}

fn mark(span: &Span) -> Mark {
    Mark::new(span.start.line(), span.start.col() + 1)
}

/// The parser's words without its own place.
fn plain(info: &str) -> &str {
    info.split(" at char").next().unwrap_or(info)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn every_word_knows_its_place() {
        let Some(Node { value, .. }) = parse("a: 1\nbc: {d: [x, yy]}\n").unwrap() else {
            panic!("there is a tree")
        };
        let Value::Map(pairs) = value else {
            panic!("it is a mapping")
        };
        assert_eq!(pairs[1].0.at, Mark::new(2, 1));
        let Value::Map(inner) = &pairs[1].1.value else {
            panic!("it is a mapping")
        };
        let Value::List(items) = &inner[0].1.value else {
            panic!("it is a list")
        };
        assert_eq!(items[1].at, Mark::new(2, 13));
    }

    #[test]
    fn a_bomb_is_refused_at_its_first_anchor() {
        let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
        assert!(
            refused(bomb).starts_with("1:7: error: anchors"),
            "{}",
            refused(bomb)
        );
        assert!(refused("a: *b\n").contains("1:4: error"));
    }

    #[test]
    fn what_is_too_deep_or_too_long_is_refused_with_the_number() {
        assert!(
            refused(&format!("{}{}", "[".repeat(40), "]".repeat(40)))
                .contains("more than 12 lists")
        );
        assert!(refused(&"[".repeat(100_000)).contains(": error: "));
        let lines = (0..40).map(|n| format!("{}a:\n", " ".repeat(n)));
        let deep = lines.collect::<Vec<_>>().concat();
        assert!(refused(&deep).contains("more than 12 lists"));
        let wide = format!("[{}]", "x,".repeat(NODES_MAX + 1));
        assert!(refused(&wide).contains("more than 200000 words"));
        assert!(refused(&"x".repeat(BYTES_MAX + 1)).contains("1048577 bytes"));
    }

    #[test]
    fn one_file_is_one_document() {
        assert!(refused("a: 1\n---\nb: 2\n").contains("second document"));
        assert_eq!(parse("# nothing\n"), Ok(None));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[-a-z0-9:{}\\[\\], \n&*!|>\"'#%@`?]{0,200}") {
            let _ = parse(&text);
        }
    }
}
