//! The format for editors, as a JSON Schema, and for people, as tables in Markdown. Both are made from the tables
//! that a design is read by.

use crate::beside;
use crate::format::fault::{self, Takes, VERBS};
use crate::format::require::{COST, FIGURES, Figure, Of};
use crate::kind::{self, Calls, Kind, call, client};
use ddlab_labs::workbench::knob::{KnobKind, KnobSpec, KnobValue};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// The JSON Schema of a design.
pub fn json() -> Value {
    let components = json!({"oneOf": kind::ALL.map(component)});
    let client = with_calls(client::SPECS.iter(), Map::new());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A design of ddlab",
        "type": "object",
        "required": ["design", "clients", "components"],
        "additionalProperties": false,
        "properties": {
            "design": {"type": "string", "description": "what it is called"},
            "title": {"type": "string", "description": "one line more"},
            "clients": map_of("where the load comes from", &client),
            "components": map_of("the parts of the system", &components),
            "faults": {"type": "array", "items": fault()},
            "require": {
                "type": "array",
                "description": "bounds on figures, such as `p99 of buyers <= 300ms`",
                "items": {"type": "string", "pattern": "^(\\S+ of \\S+|cost) *(<=|>=|==|<|>).+"},
            },
            "sizes": {
                "type": "object",
                "description": "of an answer to a client, or of the data on each machine of a component: `2 KB`",
                "additionalProperties": {"type": "string"},
            },
            "lots": lots(),
        },
    })
}

fn lots() -> Value {
    let name = |description: &str| json!({"type": "string", "description": description});
    json!({
        "type": "object",
        "description": "who handles the lots of an auction",
        "required": ["bids", "closing", "settlement"],
        "additionalProperties": false,
        "properties": {
            "bids": name("the component whose answered requests are bids"),
            "closing": name("the lease whose job closes a lot"),
            "settlement": name("the batch that pays the sellers"),
        },
    })
}

fn map_of(description: &str, values: &Value) -> Value {
    json!({
        "type": "object",
        "description": description,
        "minProperties": 1,
        "propertyNames": {"pattern": "^[a-z][a-z0-9-]{0,39}$"},
        "additionalProperties": values,
    })
}

fn component(kind: &dyn Kind) -> Value {
    let mut properties = Map::new();
    properties.insert(
        "kind".to_owned(),
        json!({"const": kind.word(), "description": kind.help()}),
    );
    for helper in beside::ALL.into_iter().filter(|_| kind.is_called()) {
        let mut field = object(helper.knobs().iter(), Map::new());
        field["description"] = helper.help().into();
        properties.insert(helper.word().to_owned(), field);
    }
    let knobs = kind.knobs().iter();
    match kind.calls() {
        Calls::Nobody => required(object(knobs, properties), &["kind"]),
        Calls::Many => required(with_calls(knobs, properties), &["kind"]),
        Calls::One(field) => {
            let name = json!({"type": "string", "description": "the component that is called"});
            properties.insert(field.to_owned(), json!({"oneOf": [name, call()]}));
            required(object(knobs, properties), &["kind", field])
        }
    }
}

fn required(mut object: Value, fields: &[&str]) -> Value {
    object["required"] = json!(fields);
    object
}

fn call() -> Value {
    let to = json!({"type": "string", "description": "the component that is called"});
    let call = object(call::SPECS.iter(), Map::from_iter([("to".to_owned(), to)]));
    required(call, &["to"])
}

fn with_calls<'a>(
    knobs: impl Iterator<Item = &'a KnobSpec>,
    mut properties: Map<String, Value>,
) -> Value {
    properties.insert(
        "calls".to_owned(),
        json!({"type": "array", "items": call()}),
    );
    object(knobs, properties)
}

fn object<'a>(
    knobs: impl Iterator<Item = &'a KnobSpec>,
    mut properties: Map<String, Value>,
) -> Value {
    properties.extend(knobs.map(|knob| (knob.name.to_owned(), value(knob))));
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

fn value(knob: &KnobSpec) -> Value {
    let mut schema = match &knob.kind {
        KnobKind::Choice { options } => json!({"enum": options}),
        KnobKind::Switch => json!({"enum": [true, false, "on", "off"]}),
        KnobKind::Number { .. } => json!({"type": ["number", "string"]}),
        KnobKind::Duration { .. } | KnobKind::Distribution { .. } => json!({"type": "string"}),
    };
    schema["description"] = format!("{} ({})", knob.help, knob.range()).into();
    schema["default"] = match &knob.default {
        KnobValue::Number(number) => json!(number),
        KnobValue::Switch(on) => json!(on),
        other => json!(other.to_string()),
    };
    schema
}

fn fault() -> Value {
    let of_kinds = fault::mishaps().into_iter().map(|(mishap, _)| mishap.word);
    let verbs: Vec<&str> = VERBS.iter().map(|verb| verb.word).chain(of_kinds).collect();
    let text = |description: &str| json!({"type": "string", "description": description});
    json!({
        "type": "object",
        "required": ["at", "do"],
        "additionalProperties": false,
        "properties": {
            "at": text("when it begins, from the start of the run: `60s`"),
            "do": {"enum": verbs},
            "what": text("whom it befalls: `NAME`, `NAME replica 2`, `NAME last`, a zone, or `NAME.PARAMETER`"),
            "by": {"type": ["string", "number"], "description": "the factor: `20x`"},
            "to": {"type": ["string", "number", "boolean"], "description": "what a parameter becomes"},
            "for": text("how long; without it, for good"),
        },
    })
}

/// The tables of the reference, in Markdown.
pub fn markdown() -> String {
    let mut text = String::new();
    // Writing to a String can't fail.
    let _ = writeln!(text, "### Clients\n\n{}", table(&client::SPECS));
    let _ = writeln!(
        text,
        "### Calls\n\nBeside `to`, the component that is called:\n\n{}",
        table(&call::SPECS)
    );
    for kind in kind::ALL {
        let _ = writeln!(
            text,
            "### `kind: {}`\n\nThis is {}.{}\n\n{}",
            kind.word(),
            kind.help(),
            called(kind.calls()),
            table(kind.knobs())
        );
    }
    for helper in beside::ALL {
        let _ = writeln!(
            text,
            "### `{0}` of a component\n\nThis is {1}. It stands beside the machines of any kind that is called: `{0}: {{}}`, with\nthese parameters:\n\n{2}",
            helper.word(),
            helper.help(),
            table(helper.knobs())
        );
    }
    text.push_str("### Faults\n\n| `do` | to | what happens |\n|---|---|---|\n");
    for verb in VERBS {
        let to = match verb.takes {
            Takes::Machine => "a machine, or all of a component",
            Takes::Zone => "a zone",
            Takes::Parameter => "a parameter of a part",
            Takes::Nothing => "all clients",
        };
        let _ = writeln!(text, "| `{}` | {to} | {} |", verb.word, verb.help);
    }
    for (mishap, kinds) in fault::mishaps() {
        let to = kinds.iter().map(|kind| format!("`{kind}`"));
        let to = to.collect::<Vec<_>>().join(", ");
        let _ = writeln!(text, "| `{}` | {to} | {} |", mishap.word, mishap.help);
    }
    text.push_str("\n### Figures of requirements\n\n| figure | of | what it is |\n|---|---|---|\n");
    let mut row = |figure: Figure, of: String| {
        let _ = writeln!(text, "| `{}` | {of} | {} |", figure.word, figure.help);
    };
    for figure in FIGURES.into_iter().chain([COST]) {
        let of = match figure.of {
            Of::Any => "client, component".to_owned(),
            Of::Client => "client".to_owned(),
            Of::Component => "component".to_owned(),
            Of::Design => "the design: `cost <= 900 USD/month`".to_owned(),
        };
        row(figure, of);
    }
    for kind in kind::ALL {
        for figure in kind.figures() {
            row(*figure, format!("`{}`", kind.word()));
        }
    }
    for helper in beside::ALL {
        for figure in helper.figures() {
            row(*figure, format!("`{}`", helper.word()));
        }
    }
    text
}

/// How a component of a kind says whom it calls.
fn called(calls: Calls) -> String {
    match calls {
        Calls::Nobody => String::new(),
        Calls::Many => " It calls those of its list `calls`.".to_owned(),
        Calls::One(field) => format!(
            " `{field}` is the name of a component that it calls, or a call with parameters: `{{to: NAME, timeout: 1s}}`."
        ),
    }
}

fn table(knobs: &[KnobSpec]) -> String {
    let mut text = "| parameter | default | takes | what it is |\n|---|---|---|---|\n".to_owned();
    for knob in knobs {
        let range = match knob.kind {
            KnobKind::Distribution { .. } => "a distribution".to_owned(),
            _ => knob.range().replace('|', "\\|"),
        };
        let _ = writeln!(
            text,
            "| `{}` | {} | {range} | {} |",
            knob.name,
            knob.human(&knob.default),
            knob.help
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use std::fs;

    const BEGIN: &str = "<!-- tables of ddlab_design::schema::markdown -->\n";
    const END: &str = "<!-- end of tables -->";

    /// Compares a file of `docs` with what it must be; with `DDLAB_BLESS` set, makes it so.
    fn holds(name: &str, right: impl Fn(&str) -> String) {
        let path = format!("{}/../docs/{name}", env!("CARGO_MANIFEST_DIR"));
        let found = fs::read_to_string(&path).unwrap_or_default();
        let right = right(&found);
        if std::env::var_os("DDLAB_BLESS").is_some() {
            fs::write(&path, &right).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == right,
            "docs/{name} is old: DDLAB_BLESS=1 cargo test -p ddlab-design schema::"
        );
    }

    #[test]
    fn the_schema_in_docs_is_that_of_the_tables() {
        holds("design.schema.json", |_| format!("{:#}\n", super::json()));
    }

    #[test]
    fn the_reference_in_docs_has_the_tables() {
        holds("design-format.md", |found| {
            let (before, rest) = found
                .split_once(BEGIN)
                .expect("the page marks where the tables begin");
            let (_, after) = rest
                .split_once(END)
                .expect("the page marks where the tables end");
            format!("{before}{BEGIN}\n{}\n{END}{after}", super::markdown())
        });
    }

    #[test]
    fn the_example_of_the_page_is_a_design_without_a_problem() {
        let path = format!("{}/../docs/design-format.md", env!("CARGO_MANIFEST_DIR"));
        let page = fs::read_to_string(path).unwrap();
        let example = page
            .split("```yaml\n")
            .nth(1)
            .and_then(|rest| rest.split("```").next())
            .unwrap();
        let read = crate::read(example);
        assert!(read.design.is_some(), "{:?}", read.problems);
        // What stands there by default is in the schema, and the parameters that it uses.
        let schema = super::json().to_string();
        for parameter in ["two_choices", "retry_budget", "write_ratio", "zone_down"] {
            assert!(schema.contains(parameter), "{parameter}");
        }
    }
}
