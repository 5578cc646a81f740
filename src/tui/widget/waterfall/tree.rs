//! The spans of a request as rows.

use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::trace::Trace;

/// A span in the order in which it is shown, and how deep it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub span: usize,
    pub depth: u16,
}

/// The spans as a tree. Of siblings those come first that ended last: what one waited for; but those of which each
/// began after the one before had ended are steps, which come in their order. Copies of
/// one call (`leaf 3 · replica a`, `leaf 3 · replica b`) stay together in order of their start.
pub fn rows(trace: &Trace) -> Vec<Row> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); trace.spans.len()];
    let mut roots = Vec::new();
    for (index, span) in trace.spans.iter().enumerate() {
        match span.parent.map(usize::from) {
            // A parent comes before its children; anything else would be a loop.
            Some(parent) if parent < index => children[parent].push(index),
            _ => roots.push(index),
        }
    }
    let mut rows = Vec::with_capacity(trace.spans.len());
    let mut stack: Vec<Row> = Vec::new();
    push(&mut stack, roots, 0, trace);
    while let Some(row) = stack.pop() {
        rows.push(row);
        push(
            &mut stack,
            std::mem::take(&mut children[row.span]),
            row.depth + 1,
            trace,
        );
    }
    rows
}

/// Puts siblings on the stack, so that the first to be shown is on top.
fn push(stack: &mut Vec<Row>, siblings: Vec<usize>, depth: u16, trace: &Trace) {
    let end = |index: usize| trace.spans[index].ended.unwrap_or(trace.ended);
    let call = |index: usize| {
        let node = trace.spans[index].node.as_str();
        node.split_once(" · ").map_or(node, |(call, _)| call)
    };
    let mut last_end = std::collections::HashMap::new();
    for index in &siblings {
        let last = last_end.entry(call(*index)).or_insert(SimTime(0));
        *last = (*last).max(end(*index));
    }
    let mut ordered = siblings;
    ordered.sort_by_key(|index| (trace.spans[*index].started, end(*index)));
    let follows = |two: &[usize]| end(two[0]) <= trace.spans[two[1]].started;
    if ordered.windows(2).all(follows) {
        stack.extend(ordered.into_iter().rev().map(|span| Row { span, depth }));
        return;
    }
    ordered.sort_by_key(|index| {
        let name = call(*index);
        (
            std::cmp::Reverse(last_end[name]),
            name,
            trace.spans[*index].started,
            *index,
        )
    });
    stack.extend(ordered.into_iter().rev().map(|span| Row { span, depth }));
}
