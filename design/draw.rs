//! A design as a picture: a tree of calls in text, and a diagram for Mermaid.

use crate::format::{Component, Design, Edge, number};
use std::fmt::Write as _;

/// Who calls whom, from each client down; a component that is called from several places is drawn at the first.
pub fn text(design: &Design) -> String {
    let mut drawing = Tree {
        design,
        drawn: vec![false; design.components.len()],
        text: String::new(),
    };
    for client in &design.clients {
        let rps = number(&client.settings, "rps").unwrap_or_default();
        drawing.line(
            "",
            &format!("{} · {} rps", client.name, ddlab_text::exact(rps)),
        );
        drawing.calls(&client.calls, "");
    }
    drawing.text
}

struct Tree<'a> {
    design: &'a Design,
    drawn: Vec<bool>,
    text: String,
}

impl Tree<'_> {
    fn line(&mut self, before: &str, text: &str) {
        self.text.push_str(before);
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// The calls of one caller. Without recursion: a chain may be as long as the design.
    fn calls(&mut self, calls: &[Edge], before: &str) {
        let mut open = vec![(calls.to_vec(), 0, before.to_owned())];
        while let Some((calls, next, before)) = open.last_mut() {
            let Some(edge) = calls.get(*next).cloned() else {
                open.pop();
                continue;
            };
            *next += 1;
            let is_last = *next == calls.len();
            let (branch, below) = if is_last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            let (lead, under) = (format!("{before}{branch}"), format!("{before}{below}"));
            let component = &self.design.components[edge.to];
            let again = std::mem::replace(&mut self.drawn[edge.to], true);
            let see = if again && !component.calls.is_empty() {
                " (see above)"
            } else {
                ""
            };
            self.line(&lead, &format!("{}{}{see}", label(component), terms(&edge)));
            if let Some(inner) = component.inner.filter(|_| !again) {
                let inner = &self.design.components[inner];
                self.line(&under, &format!("└▷ {}", label(inner)));
                open.push((inner.calls.clone(), 0, format!("{under}   ")));
            } else if !again {
                open.push((component.calls.clone(), 0, under));
            }
        }
    }
}

/// `gateway · service x3`.
pub(crate) fn label(component: &Component) -> String {
    let word = component.kind.word();
    match component.replicas() {
        1 => format!("{} · {word}", component.name),
        replicas => format!("{} · {word} x{replicas}", component.name),
    }
}

/// What of a call is not as it is by default: ` [timeout 300ms, retries 1]`.
fn terms(edge: &Edge) -> String {
    let turned = edge.settings.turned();
    let terms: Vec<String> = turned
        .map(|(knob, value)| format!("{} {}", knob.name, knob.human(value)))
        .collect();
    if terms.is_empty() {
        String::new()
    } else {
        format!(" [{}]", terms.join(", "))
    }
}

/// A flow chart in Mermaid's words.
pub fn mermaid(design: &Design) -> String {
    let mut text = "flowchart LR\n".to_owned();
    // Writing to a String can't fail.
    for (place, client) in design.clients.iter().enumerate() {
        let rps = number(&client.settings, "rps").unwrap_or_default();
        let _ = writeln!(
            text,
            "  u{place}([\"{}<br>{} rps\"])",
            client.name,
            ddlab_text::exact(rps)
        );
    }
    for (place, component) in design.components.iter().enumerate() {
        let (open, close) = component.kind.shape();
        let _ = writeln!(
            text,
            "  c{place}{open}\"{}\"{close}",
            label(component).replace(" · ", "<br>")
        );
    }
    let mut arrows = |from: String, calls: &[Edge]| {
        for edge in calls {
            let arrow = if edge.is_optional() { "-.->" } else { "-->" };
            let _ = writeln!(text, "  {from} {arrow} c{}", edge.to);
        }
    };
    for (place, client) in design.clients.iter().enumerate() {
        arrows(format!("u{place}"), &client.calls);
    }
    for (place, component) in design.components.iter().enumerate() {
        arrows(format!("c{place}"), &component.calls);
    }
    for (place, component) in design.components.iter().enumerate() {
        if let Some(inner) = component.inner {
            let _ = writeln!(text, "  c{place} -- items --> c{inner}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    const DESIGN: &str = "
design: shop
clients: {buyers: {rps: 300, calls: [{to: gateway, timeout: 1s}]}}
components:
  gateway: {kind: service, replicas: 3, calls: [{to: search, retries: 1}, {to: db, optional: on}]}
  search: {kind: service, calls: [{to: db}]}
  db: {kind: database}
";

    #[test]
    fn a_design_is_drawn_as_a_tree_of_calls() {
        let design = crate::read(DESIGN).design.expect("the design is right");
        let expected = "\
buyers · 300 rps
└─ gateway · service x3
   ├─ search · service [retries 1]
   │  └─ db · database
   └─ db · database [optional on]
";
        assert_eq!(super::text(&design), expected);
    }

    #[test]
    fn the_workers_of_a_queue_are_drawn_behind_it_with_what_they_call() {
        let design = crate::read(
            "design: q
clients: {people: {rps: 5, calls: [{to: jobs}]}}
components:
  jobs: {kind: queue, workers: {count: 3, calls: [{to: db}]}}
  db: {kind: database}
",
        );
        let design = design.design.expect("the design is right");
        let expected = "\
people · 5 rps
└─ jobs · queue
   └▷ jobs-workers · pool x3
      └─ db · database
";
        assert_eq!(super::text(&design), expected);
        assert!(super::mermaid(&design).contains("c0 -- items --> c1"));
    }

    #[test]
    fn mermaid_has_a_node_for_each_part_and_an_arrow_for_each_call() {
        let design = crate::read(DESIGN).design.expect("the design is right");
        let text = super::mermaid(&design);
        assert!(text.contains("c0[\"gateway<br>service x3\"]"), "{text}");
        assert!(text.contains("c0 -.-> c2"), "{text}");
        assert_eq!(text.matches("-->").count(), 3, "{text}");
    }
}
