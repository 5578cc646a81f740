//! The text format of Prometheus, version 0.0.4: written, and read back as strictly as a server would.

use std::collections::BTreeSet;
use std::fmt::Write;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, but for a restart of its process.
    Counter,
    Gauge,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
        }
    }
}

/// One number of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub name: String,
    pub label: Option<(String, String)>,
    pub value: f64,
}

impl Sample {
    /// Name and label as they are written: what makes a series.
    pub fn series(&self) -> String {
        series(&self.name, self.label.as_ref())
    }
}

// region: page
/// A page as it is written, family by family.
#[derive(Debug, Default)]
pub struct Page(String);

impl Page {
    /// All samples of a name stand together, below its help and its kind. Writing to a string cannot fail.
    pub fn family(&mut self, name: &str, help: &str, kind: Kind) {
        let kind = kind.word();
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    pub fn sample(&mut self, name: &str, label: Option<&(String, String)>, value: f64) {
        let _ = writeln!(self.0, "{} {value}", series(name, label));
    }

    pub fn text(self) -> String {
        self.0
    }
}

fn series(name: &str, label: Option<&(String, String)>) -> String {
    label.map_or_else(
        || name.to_owned(),
        |(key, value)| format!("{name}{{{key}=\"{}\"}}", escaped(value)),
    )
}

/// A label's value may be any text, so these three are written otherwise.
fn escaped(value: &str) -> String {
    let value = value.replace('\\', "\\\\");
    value.replace('"', "\\\"").replace('\n', "\\n")
}
// endregion: page

/// Why a page is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the page, `{text}`: {reason}")]
pub struct NoPage {
    pub line: usize,
    pub text: String,
    pub reason: &'static str,
}

/// Reads a page: the samples in their order.
///
/// # Errors
/// The first line that a server would not take.
pub fn parse(page: &str) -> Result<Vec<Sample>, NoPage> {
    let (mut samples, mut known) = (Vec::new(), BTreeSet::new());
    let (mut family, mut families) = ("", BTreeSet::new());
    for (at, line) in page.lines().enumerate() {
        let wrong = |reason| NoPage {
            line: at + 1,
            text: line.to_owned(),
            reason,
        };
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').ok_or(wrong("a kind is missing"))?;
            if !matches!(kind, "counter" | "gauge") {
                return Err(wrong("there is no such kind"));
            }
            if !families.insert(name) {
                return Err(wrong("this name has a kind already"));
            }
            family = name;
        } else if !line.is_empty() && !line.starts_with('#') {
            let sample = sample(line).map_err(wrong)?;
            if sample.name != family {
                return Err(wrong("it does not stand with its family"));
            }
            if !known.insert(sample.series()) {
                return Err(wrong("this series is there twice"));
            }
            samples.push(sample);
        }
    }
    if page.is_empty() || page.ends_with('\n') {
        Ok(samples)
    } else {
        Err(NoPage {
            line: page.lines().count(),
            text: page.lines().next_back().unwrap_or_default().to_owned(),
            reason: "the last line has no end",
        })
    }
}

/// `name 1`, `name{key="value"} 1`.
fn sample(line: &str) -> Result<Sample, &'static str> {
    let end = line.find(['{', ' ']).ok_or("a value is missing")?;
    let (name, rest) = line.split_at(end);
    if !is_name(name) {
        return Err("this is no name");
    }
    let (label, rest) = match rest.strip_prefix('{') {
        Some(inner) => {
            let (label, rest) = label(inner)?;
            (Some(label), rest)
        }
        None => (None, rest),
    };
    let value = rest.strip_prefix(' ').ok_or("a space is missing")?;
    let value = value.parse().map_err(|_| "the value is no number")?;
    Ok(Sample {
        name: name.to_owned(),
        label,
        value,
    })
}

/// `key="value"}`, and what follows.
fn label(text: &str) -> Result<((String, String), &str), &'static str> {
    let (key, rest) = text.split_once("=\"").ok_or("a label has no value")?;
    if !is_name(key) {
        return Err("this is no name of a label");
    }
    let (mut value, mut signs) = (String::new(), rest.char_indices());
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => {
                let rest = rest[at + 1..].strip_prefix('}');
                return Ok(((key.to_owned(), value), rest.ok_or("a brace is missing")?));
            }
            '\\' => value.push(match signs.next() {
                Some((_, 'n')) => '\n',
                Some((_, sign @ ('"' | '\\'))) => sign,
                _ => return Err("there is no such escape"),
            }),
            _ => value.push(sign),
        }
    }
    Err("a label has no end")
}

fn is_name(text: &str) -> bool {
    let fits = |sign: char| sign.is_ascii_alphanumeric() || sign == '_' || sign == ':';
    text.chars().all(fits) && text.starts_with(|sign: char| !sign.is_ascii_digit())
}
