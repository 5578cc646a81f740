use super::*;
use crate::clock::{LocalDay, UtcMs};
use crate::practice::plan::Plan;
use crate::practice::progress::Progress;
use crate::progress::event::{InterviewAnswered, QuestionAnswered};
use crate::progress::practice::{CardReviewed, DrillAnswered};
use crate::study::grade::{Confidence, Grade};
use crate::study::quiz::Answer;
use proptest::prelude::*;
use std::sync::LazyLock;

static LIBRARY: LazyLock<Arc<Library>> = LazyLock::new(|| Arc::new(Library::embedded()));

const QUIZ: [&str; 3] = ["ch07-hedge-load", "ch07-gone", "ch06-one-point"];

fn sections() -> Vec<String> {
    let chapter = LIBRARY.chapter("7").unwrap();
    let sections = chapter.sections_to_read();
    sections.map(|section| section.slug.clone()).collect()
}

fn event() -> impl Strategy<Value = Event> {
    let grade = || prop::sample::select(Grade::ALL.to_vec());
    prop_oneof![
        (0..QUIZ.len(), any::<bool>()).prop_map(|(which, right)| {
            Event::QuizAnswered(QuestionAnswered {
                question: QUIZ[which].to_owned(),
                answer: Answer::One(0),
                said: "x".to_owned(),
                right,
                confidence: Some(Confidence::ALL[which]),
            })
        }),
        (any::<bool>(), grade()).prop_map(|(met, grade)| {
            Event::InterviewAnswered(InterviewAnswered {
                question: "ch07-q1".to_owned(),
                rev: 2,
                answer: "x".to_owned(),
                ticked: met.then(|| "tail".to_owned()).into_iter().collect(),
                confidence: None,
                grade,
            })
        }),
        (0..QUIZ.len(), grade()).prop_map(|(which, grade)| {
            Event::CardReviewed(CardReviewed {
                card: format!("quiz:{}", QUIZ[which]),
                grade,
                confidence: None,
            })
        }),
        (1.0..100.0).prop_map(|said| {
            Event::DrillAnswered(DrillAnswered {
                generator: "qps".to_owned(),
                seed: 1,
                said,
                range: None,
                answer: 10.0,
            })
        }),
        prop::sample::select(sections()).prop_map(|section| Event::PageRead {
            chapter: "scatter-gather".to_owned(),
            section,
            block: 0,
            finished: true,
        }),
        (1..3usize, 100..140).prop_map(|(daily_limit, day)| {
            let plan = Plan {
                daily_limit,
                interview: Some(LocalDay::of_number(day)),
                ..Plan::default()
            };
            plan.event()
        }),
        (0..60usize).prop_map(|of| Event::Undo {
            of: EventId(of.to_string()),
        }),
    ]
}

/// One event a third of a day. Only what has happened can be taken back.
fn log(events: Vec<Event>) -> Vec<Stored> {
    let happened = |n: usize, event: Event| match event {
        Event::Undo { of } => Event::Undo {
            of: EventId((of.0.parse::<usize>().unwrap() % n.max(1)).to_string()),
        },
        other => other,
    };
    let store = |(n, event): (usize, Event)| Stored {
        id: EventId(n.to_string()),
        at: UtcMs(n as i64),
        day: LocalDay::of_number(100 + (n / 3) as i32),
        machine: "here".to_owned(),
        event: happened(n, event),
    };
    events.into_iter().enumerate().map(store).collect()
}

/// All that a screen shows of it.
fn shown(learned: &Learned, today: i32) -> String {
    let progress = Progress::from(&LIBRARY, learned, today);
    let due = learned.deck.due(&LIBRARY, today);
    let states = learned.deck.states();
    format!("{progress:?} {due:?} {states:?}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn what_is_kept_up_with_the_log_is_what_the_whole_log_comes_to(
        events in prop::collection::vec(event(), 1..60),
        steps in prop::collection::vec(1..15usize, 1..10),
    ) {
        let log = log(events);
        let learner = Learner::default();
        let mut count = 0;
        for step in steps {
            count = (count + step).min(log.len());
            let today = 101 + (count / 3) as i32;
            let kept = learner.look(&LIBRARY, &log[..count], |learned| shown(learned, today));
            let anew = shown(&Learned::of(&LIBRARY, &log[..count]), today);
            prop_assert_eq!(kept, anew);
        }
    }
}

#[test]
fn a_thread_folds_a_long_log_and_who_looks_meanwhile_waits_for_it() {
    let answered = |n: usize| {
        Event::QuizAnswered(QuestionAnswered {
            question: QUIZ[n % 3].to_owned(),
            answer: Answer::One(0),
            said: "x".to_owned(),
            right: n.is_multiple_of(2),
            confidence: None,
        })
    };
    let log = log((0..AT_ONCE_MAX).map(answered).collect());
    let learner = Learner::default();
    learner.prepare(Arc::clone(&LIBRARY), Arc::new(log.clone()));
    let kept = learner.look(&LIBRARY, &log, |learned| shown(learned, 900));
    assert_eq!(kept, shown(&Learned::of(&LIBRARY, &log), 900));
    while !learner.is_ready() {
        std::thread::yield_now();
    }
}

#[test]
fn another_log_of_the_same_length_begins_anew() {
    let one = log(vec![
        Event::Left {
            place: String::new()
        };
        3
    ]);
    let mut other = one.clone();
    other[2].id = EventId("other".to_owned());
    other[2].event = Event::DrillAnswered(DrillAnswered {
        generator: "qps".to_owned(),
        seed: 1,
        said: 1.0,
        range: None,
        answer: 10.0,
    });
    let learner = Learner::default();
    let count = |log: &[Stored]| learner.look(&LIBRARY, log, |l| l.tally.predictions.count);
    assert_eq!((count(&one), count(&other), count(&one[..1])), (0, 1, 0));
}
