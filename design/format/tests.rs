//! Each slip that people make has its place, its words and its cure.

use super::*;
use proptest::prelude::*;

const RIGHT: &str = "design: shop
clients:
  buyers: {rps: 1_000 rps, profile: crowd, peak: 10x, calls: [{to: gateway, timeout: 1s, retries: 1}]}
components:
  gateway: {kind: service, replicas: 3, slots: 32, work: \"lognormal:2ms,0.4\", balance: two_choices, calls: [{to: db}]}
  db: {kind: database, replicas: 2, reads: \"exp:3ms\"}
faults:
  - {at: 90s, do: slow, what: db replica 1, by: 20x, for: 60s}
  - {at: 60s, do: crash, what: gateway replica 2}
  - {at: 3m, do: zone_down, what: b}
require:
  - \"p99 of buyers <= 300ms\"
  - errors of buyers <= 0.1%
  - utilization of gateway < 80 %
";

fn problems(text: &str) -> Vec<String> {
    read(text).problems.iter().map(Problem::to_string).collect()
}

/// The one error of the right design with this text in place of that.
#[track_caller]
fn error_of(right: &str, wrong: &str) -> String {
    assert!(RIGHT.contains(right), "{right}");
    let said = problems(&RIGHT.replacen(right, wrong, 1));
    let mut errors = said.iter().filter(|said| said.contains(": error: "));
    let only = errors
        .next()
        .unwrap_or_else(|| panic!("nothing is wrong: {said:?}"));
    assert_eq!(errors.next(), None, "{said:?}");
    only.clone()
}

#[test]
fn a_right_design_is_read_with_its_defaults() {
    let read = read(RIGHT);
    assert_eq!(read.problems, []);
    let design = read.design.expect("nothing is wrong with it");
    assert_eq!(number(&design.clients[0].settings, "rps"), Some(1_000.0));
    assert_eq!(design.components[0].replicas(), 3);
    assert_eq!(
        design.components[0]
            .settings
            .value("cold_start")
            .to_string(),
        "const:20s"
    );
    assert_eq!(design.components[0].calls[0].to, 1);
    assert_eq!(
        design.faults[0].act,
        Act::Crash(fault::Machines {
            component: 0,
            number: Some(2)
        })
    );
    assert_eq!(design.require[0].metric, "buyers_latency_ms");
    assert!((design.require[1].value - 0.001).abs() < 1e-12);
}

#[test]
fn each_slip_names_its_place_and_the_right_word() {
    for (right, wrong, said) in [
        (
            "kind: database",
            "kind: databse",
            "6:14: error: there is no kind `databse`; did you mean `database`?",
        ),
        (
            "slots: 32",
            "slts: 32",
            "5:41: error: `gateway` has no `slts`; did you mean `slots`?",
        ),
        (
            "timeout: 1s",
            "timeout: 300",
            "3:86: error: `timeout` can't be `300`: the unit is missing; write its unit: `300ms`, `300s` or `300m`",
        ),
        ("\"exp:3ms\"", "3ms", "6:44: error: `reads` can't be `3ms`"),
        (
            "to: gateway",
            "to: gatway",
            "3:68: error: there is no component `gatway`; did you mean `gateway`?",
        ),
        (
            "p99 of buyers",
            "p98 of buyers",
            "12:5: error: `buyers` has no figure `p98`; did you mean `p95`?",
        ),
        (
            "p99 of buyers",
            "p99 of sellers",
            "there is no client or component `sellers`; there are: buyers, gateway, db",
        ),
        (
            "<= 300ms",
            "<= 300",
            "`300` is not a value of `p99`; write a time with its unit, as in `300ms`",
        ),
        (
            "p99 of buyers <= 300ms",
            "errors of buyers <= 5",
            "`5` of `errors` is more than all of it, and bounds nothing; write a share, as in `5%` or `0.05`",
        ),
        (
            "<= 300ms",
            "",
            "bounds nothing; write `FIGURE of NAME <= VALUE`",
        ),
        (
            "do: crash",
            "do: krash",
            "`krash` is not a fault; did you mean `crash`?",
        ),
        (
            "gateway replica 2",
            "gateway replica 4",
            "`gateway` has no replica `4`; its replicas are 1 to 3",
        ),
        (
            "what: b",
            "what: d",
            "there is no zone `d`; the zones are a, b and c",
        ),
        (
            ", by: 20x",
            "",
            "this fault has no `by`; write the factor, as in `by: 20x`",
        ),
        (
            "calls: [{to: db}]",
            "calls: [{too: db}]",
            "a call has no `too`; did you mean `to`?",
        ),
        (
            "replicas: 2",
            "replicas: many",
            "`replicas` can't be `many`",
        ),
        (
            "clients:",
            "client:",
            "a design has no `client`; did you mean `clients`?",
        ),
    ] {
        let text = RIGHT.replacen(right, wrong, 1);
        let all = problems(&text);
        assert!(
            all.iter().any(|one| one.contains(said)),
            "{wrong}: {all:#?}"
        );
    }
}

#[test]
fn what_a_kind_needs_beside_its_parameters_is_asked_for() {
    let of = |component: &str| {
        let text = format!(
            "design: d\nclients: {{u: {{calls: [{{to: it}}]}}}}\ncomponents:\n  it: {{{component}}}\n"
        );
        problems(&text)[0].clone()
    };
    for (component, said) in [
        (
            "kind: cache",
            "4:7: error: `it` has no `origin`; write `origin: ` and the name of a component",
        ),
        (
            "kind: cache, origin: {timeout: 1s}",
            "this call goes to nobody",
        ),
        ("kind: cache, origin: db", "there is no component `db`"),
        ("kind: queue", "`it` has no `workers`; write `workers: {}`"),
        (
            "kind: queue, workers: {kind: cache}",
            "there is no kind `cache`; there are: pool",
        ),
        (
            "kind: pool",
            "a pool does not stand on its own; write it within a queue, as its `workers`",
        ),
        (
            "kind: queue, workers: {cuont: 3}",
            "`it-workers` has no `cuont`; did you mean `count`?",
        ),
    ] {
        let problem = of(component);
        assert!(problem.contains(said), "{component}: {problem}");
    }
}

#[test]
fn a_queue_and_what_somebody_else_runs_are_no_single_points_of_failure() {
    let text = "design: d
clients: {u: {calls: [{to: jobs}, {to: rates}]}}
components: {jobs: {kind: queue, workers: {count: 1}}, rates: {kind: external}}
";
    assert_eq!(problems(text), [""; 0]);
}

#[test]
fn a_component_that_nobody_calls_is_an_error() {
    let said = error_of(", calls: [{to: db}]", "");
    assert!(
        said.starts_with("6:3: error: nobody calls `db`; write `{to: db}`"),
        "{said}"
    );
}

#[test]
fn a_cycle_of_calls_needs_a_limit_of_depth() {
    let cycle = |depth: &str| {
        format!(
            "design: c\nclients: {{u: {{calls: [{{to: a}}]}}}}\ncomponents:\n  a: {{kind: service, calls: [{{to: b}}]}}\n  b: {{kind: service, calls: [{{to: a{depth}}}]}}\n"
        )
    };
    let said = problems(&cycle(""));
    assert!(
        said[0].contains(
            "these calls go round for ever: a calls b calls a; give one of them a `depth`"
        ),
        "{said:?}"
    );
    assert!(read(&cycle(", depth: 3")).design.is_some());
}

#[test]
fn what_everything_hangs_on_is_noted() {
    let said = problems(&RIGHT.replace("replicas: 2", "replicas: 1"));
    assert!(
        said[0].contains(
            "6:3: note: `db` is a single point of failure: it has one machine, and buyers needs it"
        ),
        "{said:?}"
    );
    let optional = RIGHT
        .replace("replicas: 2", "replicas: 1")
        .replace("{to: db}", "{to: db, optional: on}");
    assert_eq!(problems(&optional), [""; 0]);
}

#[test]
fn a_name_is_one_component_or_one_client() {
    let both = RIGHT.replace("buyers", "gateway");
    assert!(
        problems(&both)
            .iter()
            .any(|said| said.contains("3:3: error: `gateway` is a component, too"))
    );
    let twice = RIGHT.replace(
        "  db: {kind: database, replicas: 2, reads: \"exp:3ms\"}",
        "  db: {kind: database}\n  db: {kind: database}",
    );
    assert!(
        problems(&twice)
            .iter()
            .any(|said| said.contains("7:3: error: `db` appears twice"))
    );
    let odd = RIGHT.replace("  db:", "  Bids_DB:");
    assert!(
        problems(&odd)
            .iter()
            .any(|said| said.contains("`Bids_DB` can't be a name"))
    );
}

/// A chain of so many services, each on lines of its own.
pub fn chain(components: usize, padding: usize) -> String {
    let head = "design: long\nclients: {u: {calls: [{to: s0}]}}\ncomponents:\n".to_owned();
    let part = |n: usize| {
        let calls = if n + 1 < components {
            format!("    calls:\n      - to: s{}\n", n + 1)
        } else {
            String::new()
        };
        let comments = "    # one more line\n".repeat(padding);
        format!("  s{n}:\n    kind: service\n{comments}{calls}")
    };
    head + &(0..components).map(part).collect::<Vec<_>>().concat()
}

#[test]
fn two_hundred_components_in_ten_thousand_lines_are_read() {
    let text = chain(200, 46);
    assert!(text.lines().count() >= 10_000);
    let design = read(&text).design.expect("it is a design");
    assert_eq!(design.components.len(), 200);
    assert_eq!(crate::draw::text(&design).lines().count(), 201);
}

#[test]
fn what_is_too_large_is_refused_with_the_number() {
    let said = problems(&chain(COMPONENTS_MAX + 1, 0));
    assert!(
        said[0].contains("there are 301 components, and at most 300"),
        "{said:?}"
    );
    let many = "design: m\nclients: {u: {calls: [{to: s0}]}}\ncomponents:\n".to_owned()
        + "  s0: {kind: service, replicas: 200, calls: ["
        + &(1..=30)
            .map(|n| format!("{{to: s{n}}},"))
            .collect::<Vec<_>>()
            .concat()
        + "]}\n"
        + &(1..=30)
            .map(|n| format!("  s{n}: {{kind: service, replicas: 200}}\n"))
            .collect::<Vec<_>>()
            .concat();
    let said = problems(&many);
    assert!(
        said[0].contains("6200 machines, and at most 5000"),
        "{said:?}"
    );
}

proptest! {
    /// A right design with a piece of it replaced: whatever comes of it, it is said and not panicked about.
    #[test]
    fn no_change_of_a_design_makes_it_panic(
        from in 0..RIGHT.len(),
        length in 0..40_usize,
        text in "[-a-z0-9:{}\\[\\], \\n&*%.x_]{0,20}",
    ) {
        let to = (from + length).min(RIGHT.len());
        let changed = format!("{}{text}{}", &RIGHT[..from], &RIGHT[to..]);
        let read = read(&changed);
        prop_assert_eq!(read.design.is_none(), read.problems.iter().any(Problem::is_error));
    }
}
