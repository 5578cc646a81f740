//! A large design runs, and one that would never end is refused.

use super::{lab_of, run, seconds, value};
use crate::format::tests::chain;

#[test]
fn two_hundred_components_in_ten_thousand_lines_run() {
    let text = chain(200, 46).replace("kind: service\n", "kind: service\n    blocking: off\n");
    assert!(text.lines().count() >= 10_000);
    let report = run(seconds(lab_of(&text), 1, 5));
    for component in ["s0", "s199"] {
        let came = value(&report, &format!("{component}_requests_total"));
        assert!(came > 50.0, "{component}: {came}");
    }
}

/// So many layers of services, each of which calls all of the next.
fn layers(layers: usize, wide: usize) -> String {
    let calls = |layer: usize| {
        let to: Vec<String> = (0..wide).map(|n| format!("{{to: l{layer}-{n}}}")).collect();
        format!("calls: [{}]", to.join(", "))
    };
    let layer = |layer: usize| {
        let rest = if layer + 1 < layers {
            format!(", {}", calls(layer + 1))
        } else {
            String::new()
        };
        let service = move |n| format!("  l{layer}-{n}: {{kind: service{rest}}}\n");
        (0..wide).map(service).collect::<String>()
    };
    let layers: String = (0..layers).map(layer).collect();
    format!(
        "design: layers\nclients: {{u: {{rps: 1, {}}}}}\ncomponents:\n{layers}",
        calls(0)
    )
}

#[test]
fn calls_that_multiply_beyond_all_bounds_are_refused_with_the_number() {
    let said = |text: &str| {
        let problems = crate::read(text).problems;
        let mut errors = problems.iter().filter(|problem| problem.is_error());
        errors.next().map(ToString::to_string).unwrap_or_default()
    };
    // 20 + 400 + 8,000, and as much times 20.
    assert_eq!(said(&layers(3, 20)), "");
    let four = said(&layers(4, 20));
    assert!(
        four.starts_with(
            "2:11: error: a request of `u` comes to 168,420 calls or more, and at most 10000"
        ),
        "{four}"
    );
    // A cycle may be short, and still never end.
    let names: Vec<String> = (0..10).map(|n| format!("s{n}")).collect();
    let calls: Vec<String> = names
        .iter()
        .map(|name| format!("{{to: {name}, depth: 16}}"))
        .collect();
    let each = names.iter().map(|name| {
        format!(
            "  {name}: {{kind: service, calls: [{}]}}\n",
            calls.join(", ")
        )
    });
    let cycle = format!(
        "design: c\nclients: {{u: {{calls: [{{to: s0}}]}}}}\ncomponents:\n{}",
        each.collect::<String>()
    );
    assert!(
        said(&cycle).contains("calls or more, and at most 10000"),
        "{}",
        said(&cycle)
    );
}
