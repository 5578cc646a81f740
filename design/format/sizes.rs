//! How large the data is: `sizes: {readers: 2 KB, links: 450 GB}`.

use super::fields::{Fields, word};
use super::problem::Problem;
use super::yaml::Node;
use super::{Design, PROBLEMS_MAX};
use ddlab_text::quantity::readings;
use ddlab_text::suggestion;

/// The most, in bytes: a thousand petabytes.
const BYTES_MAX: f64 = 1e18;

pub fn read(
    node: Option<&Node>,
    design: &Design,
    problems: &mut Vec<Problem>,
) -> Vec<(String, f64)> {
    let fields = node.and_then(|node| Fields::of(node, "`sizes`", problems));
    let (mut sizes, names) = (Vec::new(), design.names());
    for (name, key, value) in fields.map(Fields::rest).unwrap_or_default() {
        if problems.len() >= PROBLEMS_MAX {
            break;
        }
        if !names.contains(&name) {
            let what = format!(
                "there is no client or component `{}`",
                ddlab_text::given(name)
            );
            problems.push(Problem::error(key.at, what, suggestion(name, &names)));
            continue;
        }
        match bytes(value) {
            Ok(bytes) => sizes.push((name.to_owned(), bytes)),
            Err(problem) => problems.push(problem),
        }
    }
    sizes
}

fn bytes(node: &Node) -> Result<f64, Problem> {
    let text = word(node, "a size")?;
    let bare = text.parse::<f64>().is_ok();
    let read = readings(text, "B")
        .ok()
        .and_then(|read| read.first().copied());
    let read = read.filter(|bytes| !bare && (0.0..=BYTES_MAX).contains(bytes));
    read.ok_or_else(|| {
        let what = format!("`{}` is not a size", ddlab_text::given(text));
        Problem::error(
            node.at,
            what,
            "write it with its unit, as in `2 KB` or `450 GB`",
        )
    })
}
