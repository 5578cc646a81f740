//! The file of a brief, in the same YAML as a design, with the place of each slip.

use super::{Asked, Brief, GivenClient, GivenComponent, Need, NeedKind, Par, Trap};
use crate::beside;
use crate::format::fields::{Fields, word};
use crate::format::reader::{items, kind_of};
use crate::format::yaml::{self, Node, Value};
use crate::format::{Mark, Problem};
use crate::kind::{Kind, client};
use ddlab_labs::engine::SimTime;
use ddlab_text::{Unit, suggestion};

/// Of a run, where the brief does not say it.
const LENGTH: SimTime = SimTime::from_secs(240);

pub fn read(text: &str) -> Result<Brief, Vec<Problem>> {
    let mut problems = Vec::new();
    let brief = match yaml::parse(text) {
        Ok(Some(tree)) => brief(&tree, &mut problems),
        Ok(None) => {
            let cure = "write `brief: NAME` and what it asks for";
            problems.push(Problem::error(
                Mark::START,
                "there is nothing in this file",
                cure,
            ));
            None
        }
        Err(problem) => {
            problems.push(problem);
            None
        }
    };
    problems.sort();
    match brief {
        Some(brief) if problems.is_empty() => Ok(brief),
        _ => Err(problems),
    }
}

fn brief(tree: &Node, problems: &mut Vec<Problem>) -> Option<Brief> {
    let mut fields = Fields::of(tree, "a brief", problems)?;
    let id = text(&mut fields, "brief", "its name", problems);
    let title = text(&mut fields, "title", "one line", problems);
    let story = text(&mut fields, "story", "what is asked for", problems);
    let after = words(fields.take("after"), "`after`", problems);
    let facts = words(fields.take("facts"), "`facts`", problems);
    let clients = fields.need("clients", "the clients with their load", problems);
    let components = fields.take("components");
    let (sizes, require) = (
        fields.take("sizes").cloned(),
        fields.take("require").cloned(),
    );
    let announced = fields.take("announced").cloned();
    let hidden = match fields.take("hidden").map(|node| &node.value) {
        Some(Value::List(nodes)) => nodes.clone(),
        _ => Vec::new(),
    };
    let growth = number(&mut fields, "growth", problems).unwrap_or(1.0);
    let length = fields.take("for").and_then(|node| {
        let span = word(node, "`for`")
            .ok()
            .and_then(|text| ddlab_text::parse_span(text).ok());
        if span.is_none() {
            problems.push(Problem::error(
                node.at,
                "`for` is not a time",
                "write it like `4m`",
            ));
        }
        span
    });
    let asks = items(fields.take("asks"), "`asks`", problems, asked);
    let (pars, traps) = (fields.take("pars"), fields.take("traps"));
    fields.end(problems);
    let pars = items(pars, "`pars`", problems, par);
    let traps = items(traps, "`traps`", problems, |node, problems| {
        trap(node, &pars, problems)
    });
    let clients = named(clients, "`clients`", problems, |name, fields, problems| {
        let settings = fields.given(&client::SPECS, problems);
        let needs = needs(fields.take("needs"), problems);
        Some(GivenClient {
            name,
            settings,
            needs,
        })
    });
    let components = named(
        components,
        "`components`",
        problems,
        |name, fields, problems| component(name, fields, None, problems),
    );
    Some(Brief {
        id: id?,
        title: title?,
        after,
        story: story?,
        facts,
        clients,
        components,
        sizes,
        require,
        announced,
        hidden,
        growth,
        length: length.map_or(LENGTH, SimTime::from),
        asks,
        pars,
        traps,
    })
}

fn text(
    fields: &mut Fields<'_>,
    name: &'static str,
    what: &str,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let node = fields.need(name, what, problems)?;
    let read = word(node, &format!("`{name}`")).map(str::to_owned);
    read.map_err(|problem| problems.push(problem)).ok()
}

fn words(node: Option<&Node>, of: &str, problems: &mut Vec<Problem>) -> Vec<String> {
    items(node, of, problems, |node, problems| {
        let read = word(node, "an item").map(str::to_owned);
        read.map_err(|problem| problems.push(problem)).ok()
    })
}

fn number(fields: &mut Fields<'_>, name: &'static str, problems: &mut Vec<Problem>) -> Option<f64> {
    let node = fields.take(name)?;
    let read = word(node, "a factor")
        .ok()
        .and_then(|text| Unit::Times.read(text));
    if read.is_none() {
        problems.push(Problem::error(
            node.at,
            format!("`{name}` is not a factor"),
            "write it like `2x`",
        ));
    }
    read
}

/// The entries of a mapping of names to mappings.
fn named<'a, T>(
    node: Option<&'a Node>,
    of: &str,
    problems: &mut Vec<Problem>,
    mut read: impl FnMut(String, &mut Fields<'a>, &mut Vec<Problem>) -> Option<T>,
) -> Vec<T> {
    let rows = node.and_then(|node| Fields::of(node, of, problems));
    let mut found = Vec::new();
    for (name, _, node) in rows.map(Fields::rest).unwrap_or_default() {
        if let Some(mut fields) = Fields::of(node, format!("`{name}`"), problems) {
            found.extend(read(name.to_owned(), &mut fields, problems));
            fields.end(problems);
        }
    }
    found
}

/// A component, and what is written within it; one that is itself within another has its kind from there.
fn component(
    name: String,
    fields: &mut Fields<'_>,
    within: Option<&'static dyn Kind>,
    problems: &mut Vec<Problem>,
) -> Option<GivenComponent> {
    let kind = kind_of(fields, &name, within, problems)?;
    let settings = fields.given(kind.knobs(), problems);
    let needs = needs(fields.take("needs"), problems);
    let mut helpers = Vec::new();
    for helper in beside::ALL.into_iter().filter(|_| kind.is_called()) {
        let of = format!("`{}` of `{name}`", helper.word());
        let node = fields.take(helper.word());
        if let Some(mut fields) = node.and_then(|node| Fields::of(node, of, problems)) {
            helpers.push((helper, fields.given(helper.knobs(), problems)));
            fields.end(problems);
        }
    }
    let inner = kind.inner().and_then(|inner| {
        let node = fields.take(inner.field)?;
        let name = format!("{name}-{}", inner.field);
        let mut fields = Fields::of(node, format!("`{name}`"), problems)?;
        let given = component(name, &mut fields, Some(inner.kind), problems);
        fields.end(problems);
        given.map(Box::new)
    });
    Some(GivenComponent {
        name,
        kind,
        settings,
        helpers,
        needs,
        inner,
    })
}

/// `{links: writes, ledger: calls}`.
fn needs(node: Option<&Node>, problems: &mut Vec<Problem>) -> Vec<Need> {
    let rows = node.and_then(|node| Fields::of(node, "`needs`", problems));
    let mut needs = Vec::new();
    for (component, _, node) in rows.map(Fields::rest).unwrap_or_default() {
        let text = word(node, "a need").unwrap_or_default();
        let found = NeedKind::WORDS.iter().find(|(word, _)| *word == text);
        if let Some((_, what)) = found {
            needs.push(Need {
                component: component.to_owned(),
                what: *what,
            });
            continue;
        }
        let words = NeedKind::WORDS.map(|(word, _)| word);
        let what = format!("there is no need `{}`", ddlab_text::given(text));
        problems.push(Problem::error(node.at, what, suggestion(text, &words)));
    }
    needs
}

fn asked(node: &Node, problems: &mut Vec<Problem>) -> Option<Asked> {
    let mut fields = Fields::of(node, "a question", problems)?;
    let missed = fields
        .take("missed")
        .and_then(|node| word(node, "`missed`").ok());
    let question = text(&mut fields, "ask", "the question", problems);
    fields.end(problems);
    Some(Asked {
        missed: missed.map(str::to_owned),
        question: question?,
    })
}

fn par(node: &Node, problems: &mut Vec<Problem>) -> Option<Par> {
    let mut fields = Fields::of(node, "a par", problems)?;
    let name = text(&mut fields, "name", "how it is called", problems);
    let why = text(&mut fields, "why", "its character", problems);
    let design = text(&mut fields, "design", "the design, below `|`", problems);
    fields.end(problems);
    Some(Par {
        name: name?,
        why: why?,
        design: design? + "\n",
    })
}

/// A design of its own, or that of a par with some words in place of others.
fn trap(node: &Node, pars: &[Par], problems: &mut Vec<Problem>) -> Option<Trap> {
    let mut fields = Fields::of(node, "a trap", problems)?;
    let name = text(&mut fields, "name", "how it is called", problems);
    let why = text(&mut fields, "why", "why it fails", problems);
    let misses = text(&mut fields, "misses", "the figure that it misses", problems);
    let design = match fields.take("design") {
        Some(node) => word(node, "`design`").map(|text| text.to_owned() + "\n"),
        None => changed(&mut fields, pars, problems),
    };
    fields.end(problems);
    let design = design.map_err(|problem| problems.push(problem)).ok();
    Some(Trap {
        name: name?,
        why: why?,
        misses: misses?,
        design: design?,
    })
}

fn changed(
    fields: &mut Fields<'_>,
    pars: &[Par],
    problems: &mut Vec<Problem>,
) -> Result<String, Problem> {
    let of = text(fields, "of", "the name of a par", problems).unwrap_or_default();
    let change = fields.take("change");
    let names: Vec<&str> = pars.iter().map(|par| par.name.as_str()).collect();
    let par = pars.iter().find(|par| par.name == of).ok_or_else(|| {
        let what = format!("there is no par `{}`", ddlab_text::given(&of));
        Problem::error(fields.at, what, suggestion(&of, &names))
    })?;
    let rows = change.and_then(|node| Fields::of(node, "`change`", problems));
    let mut design = par.design.clone();
    for (from, key, to) in rows.map(Fields::rest).unwrap_or_default() {
        let to = match &to.value {
            Value::Scalar(text) => text.as_str(),
            _ => "",
        };
        if design.matches(from).count() != 1 {
            let what = format!("`{}` is not once in the par", ddlab_text::given(from));
            return Err(Problem::error(key.at, what, "write more of its words"));
        }
        design = design.replacen(from, to, 1);
    }
    Ok(design)
}
