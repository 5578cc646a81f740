//! Every brief is one that can be met, in two ways, and that is not met by what looks as good.

use super::grade::{Candidate, Grade};
use super::*;
use crate::cost::Prices;
use crate::format::Design;
use ddlab_labs::workbench::headless::{self, Report};
use ddlab_labs::workbench::plan::RunPlan;

/// So few in an ordinary run, or as many as `SEEDS` says; `BRIEF=ID` tries one brief.
fn seeds() -> Vec<u64> {
    let asked = std::env::var("SEEDS").ok();
    (1..=asked.and_then(|asked| asked.parse().ok()).unwrap_or(1)).collect()
}

#[track_caller]
fn design(text: &str, of: &str) -> Design {
    let read = crate::read(text);
    read.design
        .unwrap_or_else(|| panic!("{of}: {:#?}", read.problems))
}

/// With the faults of the brief, and under its growth where that is asked for.
#[track_caller]
fn graded(brief: &Brief, text: &str, with_growth: bool, of: &str) -> Grade {
    let candidate = Candidate::new(brief, &design(text, of), seeds());
    let candidate = candidate.unwrap_or_else(|problems| panic!("{of}: {problems:#?}"));
    let grown = if with_growth {
        candidate.grown()
    } else {
        Vec::new()
    };
    let (whole, grown) = (run(candidate.whole()), run(grown));
    candidate.grade(&whole, &grown, &[], Prices::standard())
}

#[track_caller]
fn run(plans: Vec<RunPlan>) -> Vec<Report> {
    let runs = plans.into_iter().map(headless::run);
    let reports: Result<Vec<Report>, _> = runs.collect();
    reports.unwrap_or_else(|error| panic!("{error}"))
}

/// The brief as its file is now, so that nothing need be built between two tries.
fn as_it_is(id: &str) -> Brief {
    let path = format!("{}/briefs/{id}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    read(&text).unwrap_or_else(|problems| panic!("{id}: {problems:#?}"))
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
    let asked = std::env::var("BRIEF").ok();
    let ids = FILES.iter().map(|(id, _)| *id);
    let ids: Vec<&str> = asked
        .as_deref()
        .map_or_else(|| ids.collect(), |id| vec![id]);
    let mut wrong = Vec::new();
    for id in ids {
        let brief = as_it_is(id);
        assert!(brief.pars.len() >= 2 && brief.traps.len() >= 4, "{id}");
        for par in &brief.pars {
            let of = format!("{id}, par {}", par.name);
            let grade = graded(&brief, &par.design, true, &of);
            if !grade.is_passed() {
                wrong.push(format!("{of}: {:#?}", shown(&grade)));
            }
        }
        for trap in &brief.traps {
            let of = format!("{id}, trap {}", trap.name);
            let grade = graded(&brief, &trap.design, trap.misses == "growth", &of);
            let missed = grade.missed();
            if !missed.contains(&trap.misses) {
                wrong.push(format!("{of}: misses {missed:?}: {:#?}", shown(&grade)));
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
    }
}

#[test]
fn each_brief_has_a_name_of_its_own_and_questions_of_what_it_requires() {
    for (brief, (id, _)) in all().iter().zip(FILES) {
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
            "must come to `db`: no such call is made",
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
    assert!(what.contains("slow db: 2"), "{what}");
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
