//! Every brief is one that can be met, in two ways, and that is not met by what looks as good.

use super::grade::{Candidate, Grade};
use super::*;
use crate::cost::Prices;
use crate::format::Design;
use ddlab_labs::workbench::headless::{self, Report};
use ddlab_labs::workbench::plan::RunPlan;

/// As many as `SEEDS` says; in an ordinary run one of those that `ddlab design verify` tries, another one each day.
fn seeds() -> Vec<u64> {
    if let Ok(asked) = std::env::var("SEEDS") {
        let asked = asked.parse().expect("SEEDS is a whole number");
        return (1..=asked).collect();
    }
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
    let days = since.map_or(0, |since| since.as_secs() / (24 * 3_600));
    vec![1 + days % 20]
}

#[track_caller]
fn design(text: &str, of: &str) -> Design {
    let read = crate::read(text);
    read.design
        .unwrap_or_else(|| panic!("{of}: {:#?}", read.problems))
}

#[track_caller]
fn run(plans: Vec<RunPlan>) -> Vec<Report> {
    let runs = plans.into_iter().map(headless::run);
    let reports: Result<Vec<Report>, _> = runs.collect();
    reports.unwrap_or_else(|error| panic!("{error}"))
}

/// Each requirement with its figures, for a message.
fn shown(grade: &Grade) -> Vec<String> {
    let rows = grade.rows.iter().map(|row| ("", row));
    let growth = grade.growth.iter().map(|row| ("growth: ", row));
    rows.chain(growth)
        .map(|(when, row)| format!("{when}{}: {:?}", row.requirement.text, row.figures))
        .collect()
}

#[test]
fn each_brief_is_met_by_its_pars_and_missed_by_its_traps_for_the_reason_that_they_name() {
    let seeds = seeds();
    let mut wrong = Vec::new();
    for brief in all() {
        let id = &brief.id;
        assert!(brief.pars.len() >= 2 && brief.traps.len() >= 4, "{id}");
        for entry in brief.entries() {
            let of = format!("{id}, {}, seeds {seeds:?}", entry.name);
            let candidate = entry.candidate(&seeds);
            let candidate = candidate.unwrap_or_else(|problems| panic!("{of}: {problems:#?}"));
            let [whole, grown] = entry.plans(&candidate).map(run);
            let grade = candidate.grade(&whole, &grown, &[], Prices::standard());
            if !entry.holds(&grade) {
                wrong.push(format!("{of}: {:#?}", shown(&grade)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_each_brief_begins_from_is_a_design_that_fits_it() {
    for brief in all() {
        let text = brief.starter();
        let begun = design(&text, &brief.id);
        let fitted = brief.fit(&begun, fit::Faults::All);
        assert!(fitted.is_ok(), "{}: {:#?}\n{text}", brief.id, fitted.err());
        let announced = match brief.announced.as_ref().map(|node| &node.value) {
            Some(Value::List(faults)) => faults.len(),
            _ => 0,
        };
        assert_eq!(begun.faults.len(), announced, "{text}");
        let called = brief.components.iter().filter(|one| one.kind.is_called());
        for name in called.map(|one| &one.name) {
            let needs = brief.clients.iter().flat_map(|client| &client.needs);
            let inner = brief.components.iter().flat_map(GivenComponent::all);
            let mut needs = needs.chain(inner.flat_map(|one| &one.needs));
            assert!(
                needs.any(|need| need.component == *name),
                "{}: nobody needs `{name}`, and a design may leave it out",
                brief.id
            );
        }
    }
}

#[test]
fn each_brief_has_a_name_of_its_own_and_questions_of_what_it_requires() {
    for (brief, id) in all().iter().zip(NAMES) {
        assert_eq!(brief.id, *id);
        assert!(!brief.asks.is_empty(), "{id}");
        let design = design(&brief.pars[0].design, id);
        let fitted = brief.fit(&design, fit::Faults::All).unwrap();
        let mut subjects: Vec<String> = fitted
            .require
            .iter()
            .map(crate::format::Requirement::subject)
            .collect();
        subjects.push("growth".to_owned());
        let named = brief.asks.iter().filter_map(|ask| ask.missed.as_ref());
        for of in named.chain(brief.traps.iter().map(|trap| &trap.misses)) {
            assert!(
                subjects.contains(of),
                "{id}: nothing is required of `{of}`: {subjects:?}"
            );
        }
    }
}

const SMALL: &str = "
brief: small
title: Small
story: Put it together.
clients: {users: {rps: 20, needs: {db: writes}}}
components: {db: {kind: database, writes: \"exp:5ms\"}}
require: [errors of users <= 1%]
hidden: [{at: 10s, do: slow, what: db, by: 2x, for: 5s}]
for: 20s
";

fn problems_of(text: &str) -> Vec<String> {
    let brief = read(SMALL).unwrap_or_else(|problems| panic!("{problems:?}"));
    let fitted = brief.fit(&design(text, "the design"), fit::Faults::All);
    fitted
        .err()
        .unwrap_or_default()
        .iter()
        .map(Problem::to_string)
        .collect()
}

#[test]
fn a_design_that_makes_the_brief_easier_is_kept_out_with_the_place_and_the_cure() {
    let right = "design: d\nclients: {users: {rps: 1, calls: [{to: db, write_ratio: 100%}]}}\ncomponents: {db: {kind: database, writes: \"exp:5ms\"}}\n";
    assert_eq!(problems_of(right), [""; 0]);
    for (from, to, said) in [
        (
            "exp:5ms",
            "exp:1ms",
            "3:14: error: `writes` of `db` is exp:1ms, and in the brief exp:5ms; write `writes: \"exp:5ms\"`",
        ),
        (
            "write_ratio: 100%",
            "write_ratio: 10%",
            "must come to `db`: it is called, but not to write",
        ),
        (
            "write_ratio: 100%",
            "write_ratio: 100%, optional: on",
            "must come to `db`: no such call is made for each",
        ),
        (
            "users",
            "buyers",
            "the brief has a client `users`, and the design has not",
        ),
    ] {
        let said_of = problems_of(&right.replace(from, to));
        assert!(
            said_of.iter().any(|one| one.contains(said)),
            "{to}: {said_of:#?}"
        );
    }
}

#[test]
fn what_the_platform_takes_is_not_the_designers() {
    let right = "design: d\nclients: {users: {rps: 1, calls: [{to: app}]}}\ncomponents:\n  app: {kind: service, calls: [{to: db, write_ratio: 100%}]}\n  db: {kind: database, writes: \"exp:5ms\"}\n";
    assert_eq!(problems_of(right), [""; 0]);
    for (with, said) in [
        (
            "cold_start: \"const:0ms\"",
            "4:3: error: `cold_start` of `app` is const:0ms, which no design decides; leave it out: it is const:20s",
        ),
        (
            "endpoints_lag: 0ms",
            "4:3: error: `endpoints_lag` of `app` is 0ms, which no design decides; take 1s or more",
        ),
    ] {
        let text = right.replace("kind: service", &format!("kind: service, {with}"));
        assert_eq!(problems_of(&text), [said]);
    }
    let slower = right.replace("kind: service", "kind: service, endpoints_lag: 1s");
    assert_eq!(problems_of(&slower), [""; 0]);
    // What the brief says is kept by the brief alone.
    let photos = find("photo-previews").unwrap();
    let begun = design(&photos.starter(), "photo-previews");
    assert!(photos.fit(&begun, fit::Faults::None).is_ok());
}

#[test]
fn what_may_be_missing_on_a_bad_day_is_not_missing_on_a_good_one() {
    let brief = read(
        "
brief: small
title: Small
story: Put it together.
clients: {users: {rps: 20, needs: {app: calls, ads: reaches}}}
components: {app: {kind: service}, ads: {kind: external, latency: \"exp:20ms\"}}
require: [errors of users <= 1%]
for: 30s
",
    );
    let brief = brief.unwrap_or_else(|problems| panic!("{problems:?}"));
    let graded = |call: &str| {
        let text = format!(
            "design: d\nclients: {{users: {{calls: [{{to: app}}]}}}}\ncomponents: {{app: {{kind: service, calls: [{call}]}}, ads: {{kind: external, latency: \"exp:20ms\"}}, copies: {{kind: cache, keys: 5, origin: ads}}}}\n"
        );
        let text = if call.contains("copies") {
            text
        } else {
            text.replace(", copies: {kind: cache, keys: 5, origin: ads}", "")
        };
        let candidate = Candidate::new(&brief, &design(&text, call), vec![1])
            .unwrap_or_else(|problems| panic!("{call}: {problems:?}"));
        let [whole, grown] = [candidate.whole(), candidate.grown()].map(run);
        let grade = candidate.grade(&whole, &grown, &[], Prices::standard());
        let row = grade.growth.last().unwrap();
        assert_eq!(row.requirement.text, "ads answers >= 75 % of users");
        (grade.is_passed(), row.median().unwrap())
    };
    for (call, passed, share) in [
        ("{to: ads, optional: on, timeout: 300ms}", true, 0.98..1.02),
        (
            "{to: copies, optional: on, timeout: 300ms}",
            true,
            0.98..1.02,
        ),
        ("{to: ads, optional: on, rate_limit: 0.1}", false, 0.0..0.1),
        ("{to: ads, optional: on, timeout: 5ms}", false, 0.05..0.35),
        (
            "{to: ads, optional: on, breaker: on, breaker_threshold: 0, breaker_open_for: 10m, timeout: 5ms}",
            false,
            0.0..0.3,
        ),
    ] {
        let is = graded(call);
        assert!(is.0 == passed && share.contains(&is.1), "{call}: {is:?}");
    }
}

const WITHIN: &str = "
brief: within
title: Parts within others
story: Put it together.
clients: {users: {rps: 20, needs: {db: reaches}}}
components:
  items: {kind: queue, workers: {work: \"exp:5ms\", needs: {db: writes}}}
  copies: {kind: cache, keys: 100, needs: {db: calls}, sidecar: {line_bytes: 100}}
  db: {kind: database}
require: [errors of users <= 1%]
for: 20s
";

#[test]
fn a_brief_gives_what_stands_within_and_beside_a_component_and_whom_it_calls() {
    let brief = read(WITHIN).unwrap_or_else(|problems| panic!("{problems:?}"));
    let said_of = |text: &str| {
        let fitted = brief.fit(&design(text, "the design"), fit::Faults::All);
        let problems = fitted.err().unwrap_or_default();
        problems
            .iter()
            .map(Problem::to_string)
            .collect::<Vec<String>>()
    };
    let right = brief.starter();
    assert_eq!(said_of(&right), [""; 0], "{right}");
    for (from, to, said) in [
        (
            "work: \"exp:5ms\"",
            "work: \"exp:1ms\"",
            "`work` of `items-workers` is exp:1ms, and in the brief exp:5ms",
        ),
        (
            "{to: db, write_ratio: 100%}",
            "{to: db}",
            "each request of `items-workers` must come to `db`: it is called, but not to write",
        ),
        (
            "line_bytes: 100",
            "line_bytes: 50",
            "`line_bytes` of `sidecar` of `copies` is 50",
        ),
        (
            "sidecar: {line_bytes: 100}, ",
            "",
            "the brief has a `sidecar` of `copies`, and the design has not",
        ),
        (
            "{to: db}, {to: items}, {to: copies}",
            "{to: db, share: 50%}, {to: items, share: 50%}, {to: copies, share: 50%}",
            "each request of `users` must come to `db`: no such call is made for each",
        ),
    ] {
        let text = right.replacen(from, to, 1);
        assert_ne!(text, right, "{from}: {right}");
        let said_of = said_of(&text);
        assert!(
            said_of.iter().any(|one| one.contains(said)),
            "{to}: {said_of:#?}"
        );
    }
    // Nobody waits for the workers, and still each request comes to the store.
    let queued = right.replacen(
        "{to: db}, {to: items}, {to: copies}",
        "{to: items}, {to: copies, share: 50%}",
        1,
    );
    assert_ne!(queued, right);
    assert_eq!(said_of(&queued), [""; 0]);
}

#[test]
fn the_load_of_a_graded_design_is_that_of_the_brief() {
    let brief = read(SMALL).unwrap_or_else(|problems| panic!("{problems:?}"));
    let text = "design: d\nclients: {users: {rps: 1, calls: [{to: db, write_ratio: 100%}]}}\ncomponents: {db: {kind: database, writes: \"exp:5ms\"}}\n";
    let begun = design(text, "small");
    let candidate = Candidate::new(&brief, &begun, vec![1]).unwrap();
    let plans = [candidate.whole(), candidate.grown(), candidate.alone()];
    let [whole, grown, alone] = plans.map(run);
    let grade = candidate.grade(&whole, &grown, &alone, Prices::standard());
    assert!(grade.is_passed(), "{:?}", shown(&grade));
    assert_eq!(grade.surprises.len(), 1);
    let what = &grade.surprises[0].what;
    assert!(what.contains("db takes 2 times as long"), "{what}");
    let fitted = brief
        .fit(&design(text, "small"), fit::Faults::None)
        .unwrap();
    assert_eq!(
        crate::format::number(&fitted.clients[0].settings, "rps"),
        Some(20.0)
    );
}

#[test]
fn a_slip_in_the_file_of_a_brief_has_its_place_and_its_cure() {
    for (from, to, said) in [
        (
            "story:",
            "storry:",
            "a brief has no `storry`; did you mean `story`?",
        ),
        (
            "db: writes",
            "db: writs",
            "5:40: error: there is no need `writs`; did you mean `writes`?",
        ),
        (
            "for: 20s",
            "for: 20",
            "9:6: error: `for` is not a time; write it like `4m`",
        ),
    ] {
        let problems = read(&SMALL.replace(from, to)).expect_err(to);
        let all: Vec<String> = problems.iter().map(Problem::to_string).collect();
        assert!(all.iter().any(|one| one.contains(said)), "{to}: {all:#?}");
    }
}
