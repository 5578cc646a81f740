//! Who handles the lots of an auction: `lots: {bids: bids, closing: closing, settlement: settlement}`.

use super::Design;
use super::fields::{Fields, word};
use super::problem::Problem;
use super::yaml::Node;
use ddlab_text::suggestion;

/// The components that handle the lots, by their places in [`Design::components`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handlers {
    /// A request that this one has answered is a bid.
    pub bids: usize,
    /// The lease whose job closes a lot.
    pub closing: usize,
    /// The batch whose payment pays the sellers.
    pub settlement: usize,
}

pub fn read(node: Option<&Node>, design: &Design, problems: &mut Vec<Problem>) -> Option<Handlers> {
    let mut fields = Fields::of(node?, "`lots`", problems)?;
    let mut place = |field, kind: Option<&str>| {
        let node = fields.need(field, "the name of a component", problems)?;
        let found = named(node, kind, design);
        found.map_err(|problem| problems.push(problem)).ok()
    };
    let bids = place("bids", None);
    let closing = place("closing", Some("lease"));
    let settlement = place("settlement", Some("batch"));
    fields.end(problems);
    Some(Handlers {
        bids: bids?,
        closing: closing?,
        settlement: settlement?,
    })
}

/// The component of this name, of this kind; where none is asked for, of one that is called.
fn named(node: &Node, kind: Option<&str>, design: &Design) -> Result<usize, Problem> {
    let name = word(node, "a component")?;
    let place = design.component(name).ok_or_else(|| {
        let names: Vec<&str> = design.components.iter().map(|one| &*one.name).collect();
        let what = format!("there is no component `{}`", ddlab_text::given(name));
        Problem::error(node.at, what, suggestion(name, &names))
    })?;
    let found = design.components[place].kind;
    let fits = kind.map_or(found.is_called(), |kind| found.word() == kind);
    let wanted = kind.map_or_else(
        || "a component that is called".to_owned(),
        |kind| format!("a component with `kind: {kind}`"),
    );
    if fits {
        return Ok(place);
    }
    let what = format!("`{name}` is of kind {}", found.word());
    Err(Problem::error(node.at, what, format!("name {wanted}")))
}
