use super::*;
use crate::clock::{LocalDay, UtcMs};
use crate::progress::event::QuestionAnswered;
use crate::progress::practice::DrillAnswered;
use crate::progress::{Event, EventId};
use crate::study::grade::{Confidence, Grade};
use crate::study::quiz::Answer;

fn log(events: Vec<(i32, Event)>) -> Vec<Stored> {
    let store = |(n, (day, event)): (usize, (i32, Event))| Stored {
        id: EventId(n.to_string()),
        at: UtcMs(n as i64),
        day: LocalDay::of_number(day),
        machine: "here".to_owned(),
        event,
    };
    events.into_iter().enumerate().map(store).collect()
}

fn quiz(right: bool, confidence: Confidence) -> Event {
    Event::QuizAnswered(QuestionAnswered {
        question: "ch07-hedge-load".to_owned(),
        answer: Answer::One(0),
        said: "x".to_owned(),
        right,
        confidence: Some(confidence),
    })
}

fn missed_partial() -> Event {
    Event::InterviewAnswered(InterviewAnswered {
        question: "ch07-q1".to_owned(),
        rev: 2,
        answer: "x".to_owned(),
        ticked: ["objectives", "scatter-merge", "tail", "indexing"]
            .map(str::to_owned)
            .to_vec(),
        confidence: None,
        grade: Grade::Hard,
    })
}

#[test]
fn weak_points_are_named_with_how_often_and_where_to_train_them() {
    let drill = Event::DrillAnswered(DrillAnswered {
        generator: "qps".to_owned(),
        seed: 1,
        said: 10.0,
        range: Some((5.0, 20.0)),
        answer: 1_000.0,
    });
    let events = vec![
        (100, missed_partial()),
        (101, missed_partial()),
        (101, drill),
    ];
    let progress = Progress::of(&Library::embedded(), &log(events), 101);
    let [partial, qps] = &progress.weak[..] else {
        panic!("{:?}", progress.weak);
    };
    assert!(
        partial.what.contains("deadline") && partial.missed == 2,
        "{partial:?}"
    );
    assert_eq!(
        qps.leads_to,
        Lead::Drill {
            kind: Some("qps".to_owned())
        }
    );
    let text = progress.markdown();
    assert!(text.contains("missed twice. `ddlab ask ch07-q1`"), "{text}");
    assert_eq!(
        (progress.predictions.ranges, progress.predictions.held),
        (1, 0)
    );
    assert_eq!(progress.days, BTreeMap::from([(100, 1), (101, 2)]));
}

#[test]
fn confidence_is_shown_from_five_answers_on() {
    let four = vec![(100, quiz(true, Confidence::Sure)); 4];
    let progress = Progress::of(&Library::embedded(), &log(four), 101);
    assert!(progress.calibration.bins.is_empty());
    let mut five = vec![(100, quiz(true, Confidence::Sure)); 4];
    five.push((100, quiz(false, Confidence::Sure)));
    let progress = Progress::of(&Library::embedded(), &log(five), 101);
    assert_eq!(progress.calibration.bins.len(), 1);
    assert!(
        progress.markdown().contains("Brier score 0.170"),
        "{}",
        progress.markdown()
    );
}

#[test]
fn retention_and_readiness_are_shown_with_what_they_are_of() {
    let mut events = vec![
        (100, quiz(true, Confidence::Sure)),
        (102, quiz(false, Confidence::Sure)),
    ];
    let plan = crate::practice::plan::Plan {
        interview: Some(LocalDay::of_number(110)),
        ..Default::default()
    };
    events.push((102, plan.event()));
    let progress = Progress::of(&Library::embedded(), &log(events), 102);
    let retention = progress.retention.clone().unwrap();
    assert_eq!((retention.reviews, retention.remembered), (1, 0.0));
    assert!(retention.predicted > 0.85, "{retention:?}");
    let interview = progress.interview.clone().unwrap();
    assert_eq!(interview.days_left, 8);
    assert!(interview.recall.is_some_and(|recall| recall < 0.9));
    let empty = Progress::of(&Library::embedded(), &[], 100).markdown();
    assert!(empty.contains("No card has come a second time"), "{empty}");
}
