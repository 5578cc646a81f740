//! No pass without proof: what the grader itself does wrong, or could not see, is never a pass, and
//! stops nothing.

mod common;

use common::{graded, torture};
use ddlab_exercises::harness::report::Report;
use ddlab_exercises::harness::verdict::{CheckOutcome, Verdict};

#[tokio::test]
async fn whatever_happens_to_one_check_the_later_ones_still_run() {
    let report = graded(&format!("{} honest", torture().display()), None).await;
    let outcome = |name: &str| {
        let found = report.checks.iter().find(|check| check.name == name);
        &found.expect("every check is in the report").outcome
    };
    assert_eq!(outcome("serves"), &CheckOutcome::Passed);
    assert_eq!(outcome("pauses"), &CheckOutcome::Passed);
    let CheckOutcome::GraderError { reason } = outcome("panics") else {
        panic!("{report:?}")
    };
    assert!(reason.contains("on purpose"), "{reason}");
    let CheckOutcome::Inconclusive { reason } = outcome("never-ends") else {
        panic!("{report:?}")
    };
    assert!(reason.contains("did not end"), "{reason}");
    let CheckOutcome::Inconclusive { reason } = outcome("fault-unmet") else {
        panic!("{report:?}")
    };
    assert_eq!(
        reason,
        "this never happened: the store was asked while it hangs"
    );
    assert!(matches!(
        outcome("unknown-diagnosis"),
        CheckOutcome::GraderError { .. }
    ));
    assert_eq!(outcome("holds"), &CheckOutcome::Passed);
    // One check did find a mistake, and that outranks the rest.
    assert_eq!(report.verdict, Verdict::Fail);
    assert!(report.complete && !report.solves());
}

#[tokio::test]
async fn when_the_program_does_not_start_the_rest_is_not_reached() {
    let report = graded("exit 9", None).await;
    assert_eq!(report.verdict, Verdict::Fail);
    assert!(report.never_started());
    for check in &report.checks[1..] {
        assert!(
            matches!(check.outcome, CheckOutcome::NotReached { .. }),
            "{check:?}"
        );
    }
}

/// On several threads, where a task that stands still holds up itself alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_clock_found_while_the_machine_stood_still_is_no_proof_unless_there_was_room() {
    let report = graded("true", Some("late-while-stalled")).await;
    assert_eq!(report.verdict, Verdict::Inconclusive, "{report:?}");
    let report = graded("true", Some("late-with-room")).await;
    assert_eq!(report.verdict, Verdict::Fail, "{report:?}");
}

#[tokio::test]
async fn a_pass_of_one_check_solves_nothing() {
    let report = graded("true", Some("holds")).await;
    assert_eq!(report.verdict, Verdict::Pass);
    assert!(!report.complete && !report.solves());
}

#[tokio::test]
async fn a_failure_on_order_tells_the_calls_that_it_is_about_against_the_faults() {
    let report = graded("true", Some("calls-twice")).await;
    let failure = report.checks[0].outcome.failure().expect("it fails");
    let told = failure.timeline.iter().map(|moment| {
        let what = moment.what.split(" after ").next().unwrap_or_default();
        format!("{} {what}", moment.kind.in_words())
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "sent the store: GET /lots/7?bid=1, answered 200",
            "fault the store answers 503 to calls to /lots/7",
            "sent the store: GET /lots/7, answered 503",
            "fault the store is well again",
            "found the mistake",
        ]
    );
    let lines = report.checks[0].details();
    assert!(lines.iter().any(|line| line.starts_with("timeline ")));
    assert!(
        lines
            .iter()
            .any(|line| line.contains(" fault    the store answers 503"))
    );
}

/// With `DDLAB_BLESS` set it is written anew.
#[test]
fn the_schema_in_docs_is_that_of_a_report() {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<Report>();
    let right = format!("{:#}\n", schema.to_value());
    let path = format!("{}/../docs/grade.schema.json", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("DDLAB_BLESS").is_some() {
        std::fs::write(&path, &right).expect("docs can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == right,
        "docs/grade.schema.json is old: DDLAB_BLESS=1 cargo test -p ddlab-exercises --test verdicts"
    );
}
