//! Briefs: interview questions about a design that can be run.
//!
//! - here: what a brief is, and those that come with ddlab;
//! - `reader`: its file; [`fit`]: a learner's design in the world of a brief, and what keeps it out;
//! - [`grade`]: what the runs of it come to.

pub mod fit;
pub mod grade;
mod reader;
#[cfg(test)]
mod tests;

use crate::format::Problem;
use crate::format::yaml::{Node, Value};
use crate::kind::Kind;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::knob::{KnobSpec, KnobValue};
use std::sync::LazyLock;

/// A question: what is asked for, in which world.
#[derive(Debug)]
pub struct Brief {
    pub id: String,
    pub title: String,
    /// Prompts of mock interviews and questions of chapters after which it is offered.
    pub after: Vec<String>,
    pub story: String,
    /// What one would ask for, a line each: load with its growth, sizes of data, what is known of the work.
    pub facts: Vec<String>,
    pub clients: Vec<GivenClient>,
    pub components: Vec<GivenComponent>,
    /// As the file has them, for each design that is fitted.
    sizes: Option<Node>,
    require: Option<Node>,
    announced: Option<Node>,
    hidden: Vec<Node>,
    /// How many times the load must be carried while nothing else is wrong.
    pub growth: f64,
    /// Of a run.
    pub length: SimTime,
    pub asks: Vec<Asked>,
    pub pars: Vec<Par>,
    pub traps: Vec<Trap>,
}

/// A client that the design must have; its load is that of the brief.
#[derive(Debug)]
pub struct GivenClient {
    pub name: String,
    pub settings: Vec<(&'static KnobSpec, KnobValue)>,
    /// Components that each of its requests must come to.
    pub needs: Vec<Need>,
}

/// What a request must come to.
#[derive(Debug)]
pub struct Need {
    pub component: String,
    pub what: NeedKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeedKind {
    /// By calls that are neither optional nor made by a share of the requests only.
    Calls,
    /// The same, and the last of them writes.
    Writes,
    /// By any path.
    Reaches,
}

impl NeedKind {
    const WORDS: [(&str, Self); 3] = [
        ("calls", Self::Calls),
        ("writes", Self::Writes),
        ("reaches", Self::Reaches),
    ];

    pub fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, kind)| *kind == self);
        found.map_or("", |(word, _)| word)
    }
}

/// A component that the design must have, with these parameters; all others are the designer's.
#[derive(Debug)]
pub struct GivenComponent {
    pub name: String,
    pub kind: &'static dyn Kind,
    pub settings: Vec<(&'static KnobSpec, KnobValue)>,
}

/// What an interviewer asks next.
#[derive(Debug)]
pub struct Asked {
    /// The subject of a requirement, when that is missed; none always.
    pub missed: Option<String>,
    pub question: String,
}

/// A design that meets the brief.
#[derive(Debug)]
pub struct Par {
    pub name: String,
    /// Its character, in a sentence.
    pub why: String,
    pub design: String,
}

/// A plausible design that does not.
#[derive(Debug)]
pub struct Trap {
    pub name: String,
    pub why: String,
    /// The subject of the requirement that it misses, or `growth`.
    pub misses: String,
    pub design: String,
}

/// The files of the briefs that come with ddlab. To add one, add its file and its line here.
const FILES: &[(&str, &str)] = &[
    ("rate-limiter", include_str!("../briefs/rate-limiter.yaml")),
    ("news-feed", include_str!("../briefs/news-feed.yaml")),
    (
        "payment-ledger",
        include_str!("../briefs/payment-ledger.yaml"),
    ),
    (
        "ride-matching",
        include_str!("../briefs/ride-matching.yaml"),
    ),
];

/// Every brief.
pub fn all() -> &'static [Brief] {
    static BRIEFS: LazyLock<Vec<Brief>> = LazyLock::new(|| {
        let read = |(id, text): &(&str, &str)| {
            read(text).unwrap_or_else(|problems| panic!("the brief {id} is right: {problems:?}"))
        };
        FILES.iter().map(read).collect()
    });
    &BRIEFS
}

/// Those that are offered after a prompt or a question.
pub fn after(id: &str) -> impl Iterator<Item = &'static Brief> {
    let asked = id.to_owned();
    let briefs = all().iter();
    briefs.filter(move |brief| brief.after.contains(&asked))
}

/// The brief with this id.
///
/// # Errors
/// A sentence that names the nearest.
pub fn find(id: &str) -> Result<&'static Brief, String> {
    all().iter().find(|brief| brief.id == id).ok_or_else(|| {
        let ids: Vec<&str> = all().iter().map(|brief| brief.id.as_str()).collect();
        let given = ddlab_text::given(id);
        format!(
            "there is no brief `{given}`; {}",
            ddlab_text::suggestion(id, &ids)
        )
    })
}

/// Reads the file of a brief.
///
/// # Errors
/// What is wrong with it, in order of place.
pub fn read(text: &str) -> Result<Brief, Vec<Problem>> {
    reader::read(text)
}

impl Brief {
    /// What to begin from: the brief as comments, its clients and the components that must be there.
    pub fn starter(&self) -> String {
        let mut lines = vec![format!("# {}", self.title)];
        lines.extend(
            ddlab_text::wrap(&self.story, 98)
                .into_iter()
                .map(|line| format!("# {line}")),
        );
        lines.extend(self.facts.iter().flat_map(|fact| {
            let wrapped = ddlab_text::wrap(fact, 96);
            wrapped
                .into_iter()
                .enumerate()
                .map(|(nth, line)| format!("# {} {line}", if nth == 0 { "-" } else { " " }))
        }));
        lines.push(format!(
            "# It must carry {} times this load. `ddlab design grade {} FILE` says how far it is.",
            ddlab_text::exact(self.growth),
            self.id
        ));
        lines.push(format!("design: {}", self.id));
        lines.push("# As a beginning each client calls what it needs by itself.".to_owned());
        lines.push("clients:".to_owned());
        for (nth, client) in self.clients.iter().enumerate() {
            let settings = written(&client.settings);
            let calls = self.first_calls(nth).join(", ");
            lines.push(format!("  {}: {{{settings}calls: [{calls}]}}", client.name));
        }
        lines.push("components:".to_owned());
        for component in &self.components {
            let settings = written(&component.settings);
            let settings = settings.trim_end_matches(", ");
            let kind = component.kind.word();
            let rest = if settings.is_empty() {
                String::new()
            } else {
                format!(", {settings}")
            };
            lines.push(format!("  {}: {{kind: {kind}{rest}}}", component.name));
        }
        lines.extend(self.written_sizes());
        lines.push("require:".to_owned());
        lines.extend(self.requirements().map(|text| format!("  - {text}")));
        lines.join("\n") + "\n"
    }

    /// `sizes: {customers: 3 KB}`, where the brief says any.
    fn written_sizes(&self) -> Option<String> {
        let Value::Map(entries) = &self.sizes.as_ref()?.value else {
            return None;
        };
        let sizes = entries
            .iter()
            .filter_map(|(of, size)| match (&of.value, &size.value) {
                (Value::Scalar(of), Value::Scalar(size)) => Some(format!("{of}: {size}")),
                _ => None,
            });
        Some(format!(
            "sizes: {{{}}}",
            sizes.collect::<Vec<_>>().join(", ")
        ))
    }

    /// What a client needs; of the first one also what nobody does.
    fn first_calls(&self, nth: usize) -> Vec<String> {
        let call = |need: &Need| {
            let writes = if need.what == NeedKind::Writes {
                ", write_ratio: 100%"
            } else {
                ""
            };
            format!("{{to: {}{writes}}}", need.component)
        };
        let needed = |name: &String| {
            let mut needs = self.clients.iter().flat_map(|client| &client.needs);
            needs.any(|need| need.component == *name)
        };
        let mut calls: Vec<String> = self.clients[nth].needs.iter().map(call).collect();
        if nth == 0 {
            let others = self.components.iter().map(|component| &component.name);
            let others = others.filter(|name| !needed(name));
            calls.extend(others.map(|name| format!("{{to: {name}}}")));
        }
        calls
    }

    /// As the brief writes them.
    pub fn requirements(&self) -> impl Iterator<Item = &str> {
        let items = match self.require.as_ref().map(|node| &node.value) {
            Some(Value::List(items)) => items.as_slice(),
            _ => &[],
        };
        items.iter().filter_map(|item| match &item.value {
            Value::Scalar(text) => Some(text.as_str()),
            _ => None,
        })
    }
}

/// `rps: 200, profile: crowd, `, each with a comma behind it.
fn written(settings: &[(&'static KnobSpec, KnobValue)]) -> String {
    let one = |(knob, value): &(&'static KnobSpec, KnobValue)| {
        let text = value.to_string();
        let quote = if text.contains([',', ':', '*', '%']) {
            "\""
        } else {
            ""
        };
        format!("{}: {quote}{text}{quote}, ", knob.name)
    };
    settings.iter().map(one).collect()
}
