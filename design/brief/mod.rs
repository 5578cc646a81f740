//! Briefs: interview questions about a design that can be run.
//!
//! - here: what a brief is, and those that come with ddlab;
//! - `reader`: its file; `starter`: the design that a learner begins from;
//! - [`fit`]: a learner's design in the world of a brief, and what keeps it out;
//! - [`grade`]: what the runs of it come to, `report`: in words; [`verify`]: whether the pars and traps of a brief are what they say.

pub mod fit;
pub mod grade;
mod reader;
mod report;
mod starter;
#[cfg(test)]
mod tests;
pub mod verify;

use crate::beside::Helper;
use crate::format::Problem;
use crate::format::yaml::{Node, Value};
use crate::kind::Kind;
use ddlab_archive::{Archive, archive};
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

/// Parameters that are not the designer's.
pub type GivenSettings = Vec<(&'static KnobSpec, KnobValue)>;

/// A client that the design must have; its load is that of the brief.
#[derive(Debug)]
pub struct GivenClient {
    pub name: String,
    pub settings: GivenSettings,
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
    /// By any path of calls that are made for each request, also optional ones, and also by way of a queue.
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
    pub settings: GivenSettings,
    /// What must stand beside its machines.
    pub helpers: Vec<(&'static dyn Helper, GivenSettings)>,
    /// Components that each of its own requests must come to.
    pub needs: Vec<Need>,
    /// What is written within it.
    pub inner: Option<Box<Self>>,
}

impl GivenComponent {
    /// It, and what is written within it.
    pub fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.inner.as_deref())
    }
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

/// The folder of the briefs.
static FILES: Archive = archive!("briefs");

/// The names of the briefs that come with ddlab. To add one, add its file and its name here.
const NAMES: &[&str] = &[
    "rate-limiter",
    "news-feed",
    "url-shortener",
    "chat",
    "ride-matching",
    "payment-ledger",
    "metrics-system",
    "job-scheduler",
    "log-shipping",
    "fleet-monitoring",
    "legacy-api",
    "bid-rush",
    "lot-cache",
    "product-page",
    "search",
    "image-uploads",
    "live-analytics",
    "settlement",
    "photo-previews",
    "auction-closing",
];

/// Every brief.
pub fn all() -> &'static [Brief] {
    static BRIEFS: LazyLock<Vec<Brief>> = LazyLock::new(|| {
        let read = |id: &&str| {
            let text = FILES.file(&format!("{id}.yaml"));
            read(text.expect("each name is that of a file"))
                .unwrap_or_else(|problems| panic!("the brief {id} is right: {problems:?}"))
        };
        NAMES.iter().map(read).collect()
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
