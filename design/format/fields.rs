//! A mapping of the tree, field by field: whatever is not taken in the end was not expected there.

use super::PROBLEMS_MAX;
use super::problem::{Mark, Problem};
use super::yaml::{Node, Value};
use ddlab_labs::workbench::knob::{KnobError, KnobKind, KnobSettings, KnobSpec, KnobValue};
use ddlab_text::suggestion;
use std::collections::BTreeMap;

/// The fields of a mapping, by name.
pub struct Fields<'a> {
    pub at: Mark,
    /// What it is of, for errors: `a service`.
    of: String,
    left: BTreeMap<&'a str, (&'a Node, &'a Node)>,
    /// All that it may hold, in the order in which it was asked for.
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// None when it is not a mapping; that is a problem then.
    pub fn of(node: &'a Node, of: impl Into<String>, problems: &mut Vec<Problem>) -> Option<Self> {
        let of = of.into();
        let Value::Map(pairs) = &node.value else {
            let what = format!(
                "{of} is a mapping of names to values, and this is {}",
                node.what()
            );
            problems.push(Problem::error(node.at, what, "write `{name: value}`"));
            return None;
        };
        let mut left = BTreeMap::new();
        for (key, value) in pairs {
            let Value::Scalar(name) = &key.value else {
                let what = format!("a name stands before the colon, and this is {}", key.what());
                problems.push(Problem::error(key.at, what, "write `name: value`"));
                continue;
            };
            if left.insert(name.as_str(), (key, value)).is_some() {
                let what = format!("`{}` appears twice", ddlab_text::given(name));
                problems.push(Problem::error(key.at, what, "take one of the two out"));
            }
        }
        let (at, known) = (node.at, Vec::new());
        Some(Self {
            at,
            of,
            left,
            known,
        })
    }

    /// The value of a field, if it is there.
    pub fn take(&mut self, name: &'static str) -> Option<&'a Node> {
        self.known.push(name);
        self.left.remove(name).map(|(_, value)| value)
    }

    /// All fields that are left, whatever their names, in the order of the file.
    pub fn rest(self) -> Vec<(&'a str, &'a Node, &'a Node)> {
        let left = self.left.into_iter();
        let mut rest: Vec<_> = left
            .map(|(name, (key, value))| (name, key, value))
            .collect();
        rest.sort_by_key(|(_, key, _)| key.at);
        rest
    }

    /// The value of a field that must be there.
    pub fn need(
        &mut self,
        name: &'static str,
        what: &str,
        problems: &mut Vec<Problem>,
    ) -> Option<&'a Node> {
        let node = self.take(name);
        if node.is_none() {
            let said = format!("{} has no `{name}`", self.of);
            problems.push(Problem::error(
                self.at,
                said,
                format!("write `{name}: ` and {what}"),
            ));
        }
        node
    }

    /// Takes the parameters of a table; those that are not there have their defaults.
    pub fn settings(
        &mut self,
        specs: &'static [KnobSpec],
        problems: &mut Vec<Problem>,
    ) -> KnobSettings {
        let mut settings = KnobSettings::defaults(specs);
        for (knob, value) in self.given(specs, problems) {
            let set = settings.set(knob.name, value);
            debug_assert!(set.is_ok(), "a value that was read is one of its knob");
        }
        settings
    }

    /// Takes those parameters of a table that are there.
    pub fn given(
        &mut self,
        specs: &'static [KnobSpec],
        problems: &mut Vec<Problem>,
    ) -> Vec<(&'static KnobSpec, KnobValue)> {
        let mut given = Vec::new();
        for knob in specs {
            match self.take(knob.name).map(|node| value(knob, node)) {
                Some(Ok(value)) => given.push((knob, value)),
                Some(Err(problem)) => problems.push(problem),
                None => {}
            }
        }
        given
    }

    /// Whatever is left was not expected.
    pub fn end(self, problems: &mut Vec<Problem>) {
        for (name, (key, _)) in self.left.iter().take(PROBLEMS_MAX) {
            let what = format!("{} has no `{}`", self.of, ddlab_text::given(name));
            problems.push(Problem::error(key.at, what, suggestion(name, &self.known)));
        }
    }
}

/// The text of a word; a problem when it is none.
pub fn word<'a>(node: &'a Node, of: &str) -> Result<&'a str, Problem> {
    match &node.value {
        Value::Scalar(text) if !text.trim().is_empty() => Ok(text.trim()),
        _ => {
            let what = format!("{of} is one word, and this is {}", node.what());
            Err(Problem::error(node.at, what, "write it behind the colon"))
        }
    }
}

/// The items of a list; a problem when it is none.
pub fn list<'a>(node: &'a Node, of: &str) -> Result<&'a [Node], Problem> {
    if let Value::List(items) = &node.value {
        return Ok(items);
    }
    let what = format!("{of} is a list, and this is {}", node.what());
    let cure = "write `[…, …]`, or a line `- …` for each";
    Err(Problem::error(node.at, what, cure))
}

/// What a parameter is to be.
pub fn value(knob: &KnobSpec, node: &Node) -> Result<KnobValue, Problem> {
    let of = format!("`{}`", knob.name);
    let text = written(word(node, &of)?, knob);
    knob.parse(&text).map_err(|error| {
        let cure = unit_cure(knob, &text).unwrap_or_else(|| format!("it takes {}", knob.range()));
        Problem::error(node.at, said(knob, &text, &error), cure)
    })
}

fn said(knob: &KnobSpec, text: &str, error: &KnobError) -> String {
    let of = format!("`{}` can't be `{}`", knob.name, ddlab_text::given(text));
    match error {
        _ if is_bare_time(knob, text) => format!("{of}: the unit is missing"),
        KnobError::Value { reason, .. } => format!("{of}: {}", ddlab_text::clean_line(reason)),
        other => other.to_string(),
    }
}

fn is_bare_time(knob: &KnobSpec, text: &str) -> bool {
    matches!(knob.kind, KnobKind::Duration { .. }) && text.parse::<f64>().is_ok()
}

/// Numbers may be written with underscores, and with the unit that they have anyway: `1_000`, `300 rps`, `10x`.
fn written(text: &str, knob: &KnobSpec) -> String {
    let number = matches!(knob.kind, KnobKind::Number { .. });
    let begins = text.starts_with(|c: char| c.is_ascii_digit());
    if !number || !begins {
        return text.to_owned();
    }
    let plain = text.replace('_', "");
    match knob.unit() {
        "" | "ratio" => plain,
        unit => plain.strip_suffix(unit).unwrap_or(&plain).trim().to_owned(),
    }
}

/// What to write for a time without its unit, the most frequent slip.
fn unit_cure(knob: &KnobSpec, text: &str) -> Option<String> {
    let bare = text.parse::<f64>().is_ok();
    match knob.kind {
        KnobKind::Duration { .. } if bare => Some(format!(
            "write its unit: `{text}ms`, `{text}s` or `{text}m`"
        )),
        KnobKind::Distribution { .. } if bare || ddlab_text::span::parse_span(text).is_ok() => {
            let span = if bare {
                format!("{text}ms")
            } else {
                text.to_owned()
            };
            Some(format!(
                "write how it is spread: `const:{span}` (always), `exp:{span}` (at random, with this mean) or `lognormal:{span},0.5`"
            ))
        }
        _ => None,
    }
}
