//! The only module that calls the YAML crate. What it reads knows its place: errors carry line and
//! column, and [`Tree`] finds the place of any value, so that a check on the typed model can still
//! point into the file.

use super::problem::Position;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_yaml::{DefaultMessageFormatter, Location, RenderOptions, Spanned};
use std::fmt;

/// Why a text is not what it should be, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    pub message: String,
    pub position: Option<Position>,
}

impl YamlError {
    /// The same of a text that begins so many lines further down.
    #[must_use]
    pub fn moved_down(mut self, lines: usize) -> Self {
        if let Some(position) = &mut self.position {
            position.line += lines;
        }
        self
    }
}

/// Reads one document.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    serde_yaml::from_str(text).map_err(|error| described(&error))
}

fn described(error: &serde_yaml::Error) -> YamlError {
    let position = error.location().and_then(position_of);
    let full = error
        .without_snippet()
        .render_with_options(RenderOptions::new(&DefaultMessageFormatter));
    // The crate repeats the place at the head or the tail of its message; the problem names it already.
    let mut message = full.lines().next().unwrap_or_default().trim().to_owned();
    if let Some(Position { line, column }) = position {
        for place in [
            format!(" at line {line}, column {column}"),
            format!("line {line} column {column}: "),
        ] {
            message = message.replace(&place, "");
        }
    }
    message = message.trim_start_matches("error: ").to_owned();
    YamlError { message, position }
}

fn position_of(location: Location) -> Option<Position> {
    let (line, column) = (location.line() as usize, location.column() as usize);
    (line > 0).then_some(Position {
        line,
        column: column.max(1),
    })
}

/// Any YAML value with the places of its parts.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    position: Option<Position>,
    parts: Vec<(Key, Tree)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    Name(String),
    Index(usize),
}

/// One step down a [`Tree`].
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

impl<'a> From<&'a str> for Step<'a> {
    fn from(name: &'a str) -> Self {
        Self::Name(name)
    }
}

impl From<usize> for Step<'_> {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl Tree {
    /// The places of everything in one document; empty when it cannot be read.
    pub fn of(text: &str) -> Self {
        serde_yaml::from_str::<Spanned<Node>>(text).map_or_else(|_| Self::default(), Tree::from)
    }

    /// The place of the value at the end of these steps, or of the nearest value above it.
    pub fn find(&self, steps: &[Step<'_>]) -> Option<Position> {
        let mut tree = self;
        let mut place = self.position;
        for step in steps {
            let Some((_, part)) = tree.parts.iter().find(|(key, _)| key.is(*step)) else {
                break;
            };
            tree = part;
            place = part.position.or(place);
        }
        place
    }
}

impl Key {
    fn is(&self, step: Step<'_>) -> bool {
        match (self, step) {
            (Self::Name(own), Step::Name(name)) => own == name,
            (Self::Index(own), Step::Index(index)) => *own == index,
            _ => false,
        }
    }
}

impl From<Spanned<Node>> for Tree {
    fn from(spanned: Spanned<Node>) -> Self {
        Self {
            position: position_of(spanned.referenced),
            parts: spanned.value.0,
        }
    }
}

/// The parts of a value; a scalar has none.
struct Node(Vec<(Key, Tree)>);

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut parts = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Spanned<Node>>()? {
            parts.push((Key::Name(name), value.into()));
        }
        Ok(Node(parts))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut parts = Vec::new();
        while let Some(value) = seq.next_element::<Spanned<Node>>()? {
            parts.push((Key::Index(parts.len()), value.into()));
        }
        Ok(Node(parts))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Node, E> {
        Ok(Node(Vec::new()))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Node, E> {
        Ok(Node(Vec::new()))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Node, E> {
        Ok(Node(Vec::new()))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Node, E> {
        Ok(Node(Vec::new()))
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Node, E> {
        Ok(Node(Vec::new()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node(Vec::new()))
    }

    fn visit_none<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node(Vec::new()))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "- id: a\n  rubric:\n    - id: p1\n      good: >-\n        folded\n        text\n    - {id: p2, match: [[x, y]]}\n- id: b\n";

    #[test]
    fn every_value_is_found_at_its_line_and_column() {
        let tree = Tree::of(TEXT);
        let at = |steps: &[Step<'_>]| tree.find(steps).map(|p| (p.line, p.column));
        assert_eq!(at(&[0.into(), "id".into()]), Some((1, 7)));
        assert_eq!(
            at(&[0.into(), "rubric".into(), 1.into(), "id".into()]),
            Some((7, 12))
        );
        assert_eq!(at(&[1.into(), "id".into()]), Some((8, 7)));
        assert_eq!(
            at(&[0.into(), "rubric".into(), 0.into(), "good".into()]).map(|p| p.0),
            Some(5),
            "a folded text stands where its first line stands"
        );
    }

    #[test]
    fn a_missing_value_is_found_at_what_should_hold_it() {
        let tree = Tree::of(TEXT);
        assert_eq!(
            tree.find(&[1.into(), "prompt".into()]).map(|p| p.line),
            Some(8)
        );
        assert_eq!(Tree::of(": : :").find(&[0.into()]), None);
    }

    #[test]
    fn an_error_names_its_line_and_column_once() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Item {
            #[allow(dead_code)]
            id: String,
        }
        let error = read::<Vec<Item>>("- id: a\n- ido: b\n").unwrap_err();
        assert_eq!(error.position.map(|p| p.line), Some(2));
        assert!(error.message.contains("ido"), "{}", error.message);
        assert!(!error.message.contains("line 2"), "{}", error.message);
        let error = read::<Vec<Item>>("- id: [a\n- id: b\n").unwrap_err();
        assert!(error.position.is_some());
    }
}
