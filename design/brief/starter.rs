//! The design that a learner begins from: the brief as comments, its clients, and the components that must be there.

use super::{Brief, GivenComponent, Need, NeedKind};
use crate::format::yaml::{Node, Value};
use crate::kind::Calls;
use ddlab_labs::workbench::knob::{KnobSpec, KnobValue};

impl Brief {
    /// A design that fits this brief, and does not yet meet it.
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
            let mut fields = written(&client.settings);
            fields.push(format!("calls: [{}]", self.first_calls(nth).join(", ")));
            lines.push(format!("  {}: {{{}}}", client.name, fields.join(", ")));
        }
        lines.push("components:".to_owned());
        for component in &self.components {
            let mut fields = vec![format!("kind: {}", component.kind.word())];
            fields.extend(component.written());
            lines.push(format!("  {}: {{{}}}", component.name, fields.join(", ")));
        }
        lines.extend(self.written_sizes());
        lines.extend(self.written_faults());
        lines.push("require:".to_owned());
        lines.extend(self.requirements().map(|text| format!("  - {text}")));
        lines.join("\n") + "\n"
    }

    /// `sizes: {customers: 3 KB}`, where the brief says any.
    fn written_sizes(&self) -> Option<String> {
        let sizes = entries(self.sizes.as_ref()?)?;
        Some(format!("sizes: {{{sizes}}}"))
    }

    /// The faults that it announces, so that a run meets them as a grade does.
    fn written_faults(&self) -> Vec<String> {
        let announced = match self.announced.as_ref().map(|node| &node.value) {
            Some(Value::List(faults)) => faults.as_slice(),
            _ => &[],
        };
        let faults = announced.iter().filter_map(entries);
        let mut lines: Vec<String> = faults.map(|fault| format!("  - {{{fault}}}")).collect();
        if !lines.is_empty() {
            lines.insert(0, "# The brief has others that it does not say.".to_owned());
            lines.insert(1, "faults:".to_owned());
        }
        lines
    }

    /// What a client needs; of the first one also what nobody does.
    fn first_calls(&self, nth: usize) -> Vec<String> {
        let mut calls: Vec<String> = self.clients[nth].needs.iter().map(call).collect();
        if nth == 0 {
            let others = self.components.iter().filter(|one| one.kind.is_called());
            let others = others.filter(|one| !self.is_needed(&one.name));
            calls.extend(others.map(|one| format!("{{to: {}}}", one.name)));
        }
        calls
    }

    fn is_needed(&self, name: &str) -> bool {
        let of_clients = self.clients.iter().flat_map(|client| &client.needs);
        let mut all = of_clients.chain(self.components.iter().flat_map(GivenComponent::all_needs));
        all.any(|need| need.component == name)
    }
}

impl GivenComponent {
    /// Its own, and those of what is written within it.
    fn all_needs(&self) -> impl Iterator<Item = &Need> {
        self.all().flat_map(|one| &one.needs)
    }

    /// Its fields, but for its kind.
    fn written(&self) -> Vec<String> {
        let mut fields = written(&self.settings);
        for (helper, settings) in &self.helpers {
            let settings = written(settings).join(", ");
            fields.push(format!("{}: {{{settings}}}", helper.word()));
        }
        match self.kind.calls() {
            Calls::One(field) => {
                let to = self.needs.first().map(|need| &need.component);
                fields.extend(to.map(|to| format!("{field}: {to}")));
            }
            Calls::Many if !self.needs.is_empty() => {
                let calls: Vec<String> = self.needs.iter().map(call).collect();
                fields.push(format!("calls: [{}]", calls.join(", ")));
            }
            Calls::Many | Calls::Nobody => {}
        }
        if let Some(within) = self.kind.inner() {
            let inner = self.inner.as_ref().map(|inner| inner.written());
            let inner = inner.unwrap_or_default().join(", ");
            fields.push(format!("{}: {{{inner}}}", within.field));
        }
        fields
    }
}

/// `customers: 3 KB, counters: 4 GB`, of a mapping of words.
fn entries(node: &Node) -> Option<String> {
    let Value::Map(entries) = &node.value else {
        return None;
    };
    let words = entries
        .iter()
        .filter_map(|(of, is)| match (&of.value, &is.value) {
            (Value::Scalar(of), Value::Scalar(is)) => Some(format!("{of}: {is}")),
            _ => None,
        });
    Some(words.collect::<Vec<_>>().join(", "))
}

/// The simplest call that meets a need.
fn call(need: &Need) -> String {
    let writes = if need.what == NeedKind::Writes {
        ", write_ratio: 100%"
    } else {
        ""
    };
    format!("{{to: {}{writes}}}", need.component)
}

/// `rps: 200`, `profile: crowd`.
fn written(settings: &[(&'static KnobSpec, KnobValue)]) -> Vec<String> {
    let one = |(knob, value): &(&'static KnobSpec, KnobValue)| {
        let text = value.to_string();
        let quote = if text.contains([',', ':', '*', '%']) {
            "\""
        } else {
            ""
        };
        format!("{}: {quote}{text}{quote}", knob.name)
    };
    settings.iter().map(one).collect()
}
