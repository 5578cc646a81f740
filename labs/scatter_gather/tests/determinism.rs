use super::plan;
use crate::engine::SimTime;
use crate::trial::{get, histogram, near, run, slicing_changes_nothing, value};
use crate::workbench::frame::Statistic;
use crate::workbench::headless;
use crate::workbench::plan::Record;
use crate::workbench::replay::Replay;
use crate::workbench::session::Session;

const EVENTFUL: &str = "2s:slow=3 3s:policy=hedge 4s:crash=5 5s:cut=7 6s:burst=200 8s:restart=5";

#[test]
fn the_same_seed_knobs_and_interventions_give_the_same_run() {
    let digest = |seed| run(plan(seed, 10, EVENTFUL)).digest();
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
    let (all_but_one, _) = EVENTFUL.rsplit_once(' ').unwrap();
    assert_ne!(digest(1), run(plan(1, 10, all_but_one)).digest());
}

#[test]
fn every_policy_replays_to_its_own_digest() {
    for (policy, more) in [
        ("wait_all", "deadline=off"),
        ("wait_all", "deadline=50ms"),
        ("wait_all", "quorum=0.9"),
        ("hedge", "cancel=costs"),
        ("redundant", "cancel=none"),
        ("tied", "cancel=free"),
    ] {
        let policy = format!("policy={policy}");
        let set = format!("{policy} {more} straggler=2 slots=1");
        let report = run(plan(3, 4, &format!("{set} 1s:crash=4")));
        let again = headless::replay(&report.record).unwrap();
        assert_eq!(
            again,
            Replay::Same {
                digest: report.digest()
            },
            "{policy} {more}"
        );
    }
}

#[test]
fn slices_of_16_ms_with_a_small_budget_give_the_same_run_as_one_go() {
    slicing_changes_nothing(&plan(1, 10, EVENTFUL), 97);
}

#[test]
fn interventions_that_were_made_live_replay_at_their_moments() {
    let mut live = Session::start(plan(1, 10, ""));
    live.advance(SimTime(2_345_678_901), u64::MAX);
    live.act("slow", Some("3")).unwrap();
    live.advance(SimTime(4_000_000_007), u64::MAX);
    live.act("crash", Some("5")).unwrap();
    live.advance(SimTime::from_secs(10), u64::MAX);
    let mut again = live.rewound();
    again.advance(SimTime::from_secs(10), u64::MAX);
    assert_eq!(again.digest(), live.digest());
    assert!(live.act("slow", Some("99")).is_err());
    assert_eq!(
        live.plan().script.len(),
        2,
        "what was refused is no part of the run"
    );
}

#[test]
fn who_goes_back_and_acts_gives_up_the_old_future() {
    let mut session = Session::start(plan(1, 10, "2s:slow=3 8s:crash=5")).rewound();
    session.advance(SimTime::from_secs(5), u64::MAX);
    session.act("slow", Some("4")).unwrap();
    let script: Vec<String> = session
        .plan()
        .script
        .iter()
        .map(|done| done.what.to_string())
        .collect();
    assert_eq!(script, ["slow=3", "slow=4"]);
}

#[test]
fn a_run_file_reads_back_and_replays_to_the_same_digest() {
    let report = run(plan(9, 6, "fan_out=30 straggler=none 2s:slow=3"));
    let text = report.record.to_text();
    let record = Record::parse(&text, crate::find_or_nearest).unwrap();
    assert_eq!(record.to_text(), text);
    assert_eq!(
        headless::replay(&record).unwrap(),
        Replay::Same {
            digest: report.digest()
        }
    );
}

#[test]
fn an_edited_run_file_is_found_out_with_the_stretch_in_which_it_differs() {
    let report = run(plan(9, 10, "5500ms:slow=3"));
    let text = report
        .record
        .to_text()
        .replace("at 5.5s slow=3", "at 5.5s slow=4");
    assert_ne!(text, report.record.to_text(), "{text}");
    let record = Record::parse(&text, crate::find_or_nearest).unwrap();
    match headless::replay(&record).unwrap() {
        Replay::Differs {
            equal_until, at, ..
        } => {
            assert_eq!(
                (equal_until, at),
                (SimTime::from_secs(5), SimTime::from_secs(6))
            );
        }
        same @ Replay::Same { .. } => panic!("{same}"),
    }
}

#[test]
fn a_run_file_that_is_wrong_says_so_by_line() {
    let parse = |text: &str| {
        Record::parse(text, crate::find_or_nearest)
            .unwrap_err()
            .to_string()
    };
    assert!(parse("hello").contains("not a run file"));
    assert!(parse("").contains("not a run file"));
    assert_eq!(
        parse("ddlab-run 1\nlab scater-gather\n"),
        "line 2 of the run file: there is no lab `scater-gather`; did you mean `scatter-gather`?"
    );
    let with = |line: &str| parse(&format!("ddlab-run 1\nlab scatter-gather\n{line}\n"));
    assert!(with("set fanout=3").starts_with("line 3 of the run file: there is no knob `fanout`"));
    assert!(with("sed 7").contains("did you mean `seed`"));
    assert!(with("at 3s slow").contains("slow=7"));
    assert!(with("seed many").contains("is not a seed"));
    assert!(with("for 10s").contains("digest"));
}

#[test]
fn runs_that_differ_in_one_knob_meet_the_same_world() {
    // Four ways to say: one copy each, wait for all. Not one request may fare otherwise.
    let base = "straggler=2 slots=2 deadline=off";
    let one = run(plan(5, 10, base));
    for same in ["quorum=0.999", "deadline=60s", "policy=redundant copies=1"] {
        let other = run(plan(5, 10, &format!("{base} {same}")));
        assert_eq!(
            histogram(&one, "latency_ms"),
            histogram(&other, "latency_ms"),
            "{same:?}"
        );
    }
    // And a policy that changes what happens changes nothing of what arrives.
    let hedged = run(plan(5, 10, &format!("{base} policy=hedge")));
    near(
        value(&one, "requests_total"),
        value(&hedged, "requests_total"),
        0.5,
    );
    assert!(get(&hedged, "latency_ms", Statistic::P99) < get(&one, "latency_ms", Statistic::P99));
}
