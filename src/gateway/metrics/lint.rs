//! A strict reader of the text format, and promtool's lint rules over what it read. Only for tests: they
//! hold what every lab exposes against it.

use std::collections::BTreeSet;

/// A family: one HELP, one TYPE, and its samples.
#[derive(Debug, Default)]
pub struct Family {
    pub name: String,
    pub help: Option<String>,
    pub kind: String,
    pub samples: Vec<Sample>,
}

#[derive(Debug, Clone)]
pub struct Sample {
    pub name: String,
    pub labels: Vec<(String, String)>,
    pub value: f64,
}

impl Sample {
    pub fn label(&self, name: &str) -> Option<&str> {
        let mut labels = self.labels.iter();
        labels
            .find(|(known, _)| known == name)
            .map(|(_, text)| text.as_str())
    }
}

/// Reads a whole exposition, or says what is wrong with it.
pub fn parse(text: &str) -> Result<Vec<Family>, String> {
    if !text.ends_with('\n') {
        return Err("the last line does not end with a line feed".to_owned());
    }
    let mut families: Vec<Family> = Vec::new();
    let mut seen = BTreeSet::new();
    for line in text.lines() {
        let (words, is_help) = match (line.strip_prefix("# HELP "), line.strip_prefix("# TYPE ")) {
            (Some(words), _) => (words, true),
            (_, Some(words)) => (words, false),
            _ if line.starts_with('#') || line.is_empty() => continue,
            _ => {
                let sample = sample(line)?;
                let key = format!("{}{:?}", sample.name, sample.labels);
                if !seen.insert(key) {
                    return Err(format!("twice the same sample: {line}"));
                }
                let family = families
                    .last_mut()
                    .filter(|family| family.has(&sample.name));
                let family = family.ok_or_else(|| format!("no TYPE right before: {line}"))?;
                family.samples.push(sample);
                continue;
            }
        };
        let (name, rest) = words
            .split_once(' ')
            .ok_or_else(|| format!("cut short: {line}"))?;
        if families.last().is_none_or(|family| family.name != name) {
            if families.iter().any(|family| family.name == name) {
                return Err(format!("{name} comes in two places"));
            }
            families.push(Family {
                name: name.to_owned(),
                ..Family::default()
            });
        }
        let family = families.last_mut().expect("it was pushed just above");
        if !family.samples.is_empty() {
            return Err(format!("after its samples: {line}"));
        }
        if is_help {
            if family.help.replace(rest.to_owned()).is_some() {
                return Err(format!("a second HELP: {line}"));
            }
        } else if std::mem::replace(&mut family.kind, rest.to_owned()).is_empty() {
            let kinds = ["counter", "gauge", "histogram", "summary", "untyped"];
            if !kinds.contains(&rest) {
                return Err(format!("no such type: {line}"));
            }
        } else {
            return Err(format!("a second TYPE: {line}"));
        }
    }
    families.iter().try_for_each(Family::adds_up)?;
    Ok(families)
}

fn sample(line: &str) -> Result<Sample, String> {
    let wrong = |what: &str| format!("{what}: {line}");
    let is_name = |name: &str| {
        let mut letters = name.chars();
        let first = letters.next().unwrap_or('0');
        (first.is_ascii_alphabetic() || first == '_' || first == ':')
            && letters.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
    };
    let end = line.find(['{', ' ']).ok_or_else(|| wrong("no value"))?;
    let (name, mut rest) = line.split_at(end);
    if !is_name(name) {
        return Err(wrong("no name of a metric"));
    }
    let mut labels = Vec::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        while !rest.starts_with('}') {
            let (label, after) = rest.split_once("=\"").ok_or_else(|| wrong("a label"))?;
            if !is_name(label) || label.contains(':') {
                return Err(wrong("no name of a label"));
            }
            let mut text = String::new();
            let mut letters = after.char_indices();
            let closed = loop {
                match letters.next() {
                    Some((at, '"')) => break at,
                    Some((_, '\\')) => match letters.next() {
                        Some((_, 'n')) => text.push('\n'),
                        Some((_, c @ ('\\' | '"'))) => text.push(c),
                        _ => return Err(wrong("an escape that is none")),
                    },
                    Some((_, c)) => text.push(c),
                    None => return Err(wrong("a label that does not end")),
                }
            };
            labels.push((label.to_owned(), text));
            rest = &after[closed + 1..];
            rest = rest.strip_prefix(',').unwrap_or(rest);
        }
        rest = &rest[1..];
    }
    let value = match rest.trim() {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        "NaN" => f64::NAN,
        text => text.parse().map_err(|_| wrong("no number"))?,
    };
    labels.sort();
    Ok(Sample {
        name: name.to_owned(),
        labels,
        value,
    })
}

impl Family {
    fn has(&self, sample: &str) -> bool {
        let rest = sample.strip_prefix(&self.name);
        match self.kind.as_str() {
            "" => false,
            "histogram" => matches!(rest, Some("_bucket" | "_sum" | "_count")),
            _ => rest == Some(""),
        }
    }

    /// A histogram's buckets are sorted, cumulative, and end with `+Inf`, which is its count.
    fn adds_up(&self) -> Result<(), String> {
        if self.kind != "histogram" {
            return Ok(());
        }
        let wrong = |what: &str| Err(format!("{}: {what}", self.name));
        let of = |suffix: &str| {
            let name = format!("{}{suffix}", self.name);
            self.samples
                .iter()
                .filter(move |sample| sample.name == name)
        };
        let edges: Option<Vec<f64>> = of("_bucket")
            .map(|bucket| match bucket.label("le")? {
                "+Inf" => Some(f64::INFINITY),
                edge => edge.parse().ok(),
            })
            .collect();
        let Some(edges) = edges else {
            return wrong("a bucket has no edge");
        };
        if !edges.is_sorted() || edges.last() != Some(&f64::INFINITY) {
            return wrong("the buckets are not sorted up to +Inf");
        }
        let counts: Vec<f64> = of("_bucket").map(|bucket| bucket.value).collect();
        if !counts.is_sorted() {
            return wrong("the buckets are not cumulative");
        }
        let count = of("_count").map(|sample| sample.value).next();
        if count != counts.last().copied() {
            return wrong("the bucket +Inf is not the count");
        }
        if of("_sum").count() != 1 {
            return wrong("there is no sum");
        }
        Ok(())
    }
}

const ABBREVIATIONS: [&str; 14] = [
    "s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d",
];
/// Units that are no base units, with the one to use.
const UNITS: [(&str, &str); 14] = [
    ("minutes", "seconds"),
    ("hours", "seconds"),
    ("days", "seconds"),
    ("weeks", "seconds"),
    ("kelvins", "kelvin"),
    ("fahrenheit", "celsius"),
    ("rankine", "celsius"),
    ("inches", "meters"),
    ("yards", "meters"),
    ("miles", "meters"),
    ("bits", "bytes"),
    ("calories", "joules"),
    ("pounds", "grams"),
    ("ounces", "grams"),
];
const BASE_UNITS: [&str; 10] = [
    "amperes", "bytes", "celsius", "grams", "joules", "kelvin", "meters", "metres", "seconds",
    "volts",
];
const PREFIXES: [&str; 18] = [
    "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega",
    "mibi", "giga", "gibi", "tera", "tebi", "peta", "pebi",
];

/// What promtool would complain of.
pub fn lint(families: &[Family]) -> Vec<String> {
    families.iter().flat_map(lint_one).collect()
}

fn lint_one(family: &Family) -> Vec<String> {
    let name = family.name.as_str();
    let mut problems = Vec::new();
    let mut hold = |holds: bool, what: &str| {
        if !holds {
            problems.push(format!("{name}: {what}"));
        }
    };
    let kind = family.kind.as_str();
    hold(
        family.help.as_ref().is_some_and(|help| !help.is_empty()),
        "no help text",
    );
    hold(
        (kind == "counter") == name.ends_with("_total"),
        "_total is for counters, all and only",
    );
    hold(!name.contains(':'), "names should not contain ':'");
    let has_part = |part: &str| {
        let lower = name.to_lowercase();
        lower.contains(&format!("_{part}_")) || lower.ends_with(&format!("_{part}"))
    };
    hold(
        !ABBREVIATIONS.iter().any(|unit| has_part(unit)),
        "abbreviated unit",
    );
    let types = [
        "counter",
        "gauge",
        "histogram",
        "summary",
        "gauge_histogram",
    ];
    hold(!types.iter().any(|kind| has_part(kind)), "type in the name");
    hold(base_units_only(name), "use base units");
    let camel = |text: &str| {
        let letters: Vec<char> = text.chars().collect();
        letters
            .windows(2)
            .any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
    };
    hold(!camel(name), "camelCase");
    if kind != "histogram" {
        let reserved = ["_bucket", "_sum", "_count"];
        hold(
            !reserved.iter().any(|end| name.ends_with(end)),
            "a histogram's suffix",
        );
    }
    for sample in &family.samples {
        for (label, _) in &sample.labels {
            hold(!camel(label), "camelCase in a label");
            hold(label != "le" || kind == "histogram", "le is for histograms");
            hold(
                label != "quantile" || kind == "summary",
                "quantile is for summaries",
            );
        }
    }
    problems
}

fn base_units_only(name: &str) -> bool {
    let is_unit =
        |part: &str| BASE_UNITS.contains(&part) || UNITS.iter().any(|(unit, _)| *unit == part);
    // The first part that is a unit decides.
    for part in name.split('_') {
        if BASE_UNITS.contains(&part) {
            return true;
        }
        let prefixed = |prefix: &str| part.strip_prefix(prefix).is_some_and(is_unit);
        if is_unit(part) || PREFIXES.iter().any(|prefix| prefixed(prefix)) {
            return false;
        }
    }
    true
}
