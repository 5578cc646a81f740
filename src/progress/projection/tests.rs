use super::*;
use crate::clock::{LocalDay, UtcMs};
use crate::content::model::{FrontMatter, QuizKind, QuizQuestion, Section};
use crate::study::quiz::Answer;
use proptest::prelude::*;

fn log(events: impl IntoIterator<Item = Event>) -> Vec<Stored> {
    events
        .into_iter()
        .enumerate()
        .map(|(at, event)| Stored {
            id: EventId(at.to_string()),
            at: UtcMs(i64::try_from(at).unwrap()),
            day: LocalDay::parse("2026-01-01").unwrap(),
            machine: "m".to_owned(),
            event,
        })
        .collect()
}

fn undo(of: usize) -> Event {
    Event::Undo {
        of: EventId(of.to_string()),
    }
}

fn read(section: &str, finished: bool) -> Event {
    Event::PageRead {
        chapter: "c".to_owned(),
        section: section.to_owned(),
        block: 3,
        finished,
    }
}

fn answered(question: &str, right: bool) -> Event {
    Event::QuizAnswered(QuestionAnswered {
        question: question.to_owned(),
        answer: Answer::One(0),
        said: "x".to_owned(),
        right,
        confidence: None,
    })
}

#[test]
fn a_bookmark_is_one_whatever_was_noted_on_it_and_comes_back_with_an_undo() {
    let bookmarked = |note: &str| {
        Event::Bookmarked(Bookmark {
            of: "question:q".to_owned(),
            title: "Q".to_owned(),
            place: "{}".to_owned(),
            note: note.to_owned(),
        })
    };
    let dropped = Event::BookmarkDropped {
        of: "question:q".to_owned(),
    };
    let marks = Marks::of_log(log([bookmarked(""), bookmarked("why?"), dropped]));
    assert_eq!(marks.bookmarks(), []);
    let mut marks = marks;
    marks.apply(&log([undo(2)])[0]);
    let notes: Vec<&str> = marks.bookmarks().iter().map(|b| b.note.as_str()).collect();
    assert_eq!(notes, ["why?"]);
}

fn chapter() -> Chapter {
    let question = |id: &str| QuizQuestion {
        id: id.to_owned(),
        section: "s1".to_owned(),
        scenario: false,
        tells_apart: false,
        prompt: String::new(),
        kind: QuizKind::One { options: vec![] },
        explain: String::new(),
    };
    Chapter {
        meta: FrontMatter {
            id: "c".to_owned(),
            number: 7,
            title: "C".to_owned(),
            part: "Serving".to_owned(),
            summary: String::new(),
            minutes: 1,
            prerequisites: vec![],
            labs: vec!["lab".to_owned()],
            exercises: vec!["ex".to_owned()],
            sources: vec![],
            covers: vec![],
            coming: false,
        },
        body: String::new(),
        body_line: 1,
        sections: ["s1", "s2", "sources"]
            .map(|slug| Section {
                slug: slug.to_owned(),
                title: slug.to_owned(),
            })
            .to_vec(),
        path: "c".into(),
        quiz: vec![question("q1"), question("q2")],
        interview: vec![],
        appendices: vec![],
    }
}

#[test]
fn marks_count_what_stands_now() {
    let graded = |verdict| Event::ExerciseGraded {
        slug: "ex".to_owned(),
        verdict,
        seed: 1,
        diagnoses: vec![],
    };
    let log = log([
        read("s1", true),
        read("s2", false),
        answered("q1", true),
        answered("q2", true),
        answered("q2", false),
        graded(Verdict::Passed),
        graded(Verdict::Failed),
    ]);
    let marks = Marks::of(&log);
    assert!(
        marks.has_passed("ex"),
        "a failure after it takes nothing back"
    );
    assert!(!marks.has_run("l"));
    let marks = marks.chapter(&chapter());
    assert_eq!(marks.read, Tally { done: 1, of: 2 });
    assert_eq!(marks.quiz, Tally { done: 1, of: 2 });
    assert!(!marks.defend.is_complete());
}

#[test]
fn an_undone_answer_gives_way_to_the_one_before() {
    let log = log([answered("q1", true), answered("q1", false), undo(1)]);
    assert!(Marks::of(&log).answer("q1").unwrap().right);
}

#[test]
fn an_undone_undo_takes_nothing_back() {
    let log = log([answered("q1", true), undo(0), undo(1)]);
    assert_eq!(standing(&log).len(), 1);
}

#[test]
fn the_last_place_is_that_of_the_book_or_of_one_chapter() {
    let log = log([read("s1", true), read("s2", false)]);
    let marks = Marks::of(&log);
    let place = marks.last_place().unwrap();
    assert_eq!((place.section.as_str(), place.block), ("s2", 3));
    assert_eq!(marks.place_in("c"), Some(place));
    assert_eq!(marks.place_in("other"), None);
}

proptest! {
    #[test]
    fn event_by_event_comes_to_the_same_as_all_at_once(
        steps in prop::collection::vec((any::<bool>(), 0usize..3, 0usize..20), 1..40),
    ) {
        let log = log(steps.iter().enumerate().map(|(at, (right, what, of))| match what {
            0 => answered("q1", *right),
            // Only what has happened can be taken back.
            2 if at > 0 => undo(at - 1 - of % at),
            _ => read("s1", *right),
        }));
        let mut marks = Marks::default();
        for stored in &log {
            marks.apply(stored);
        }
        let whole = Marks::of(&log);
        prop_assert_eq!(marks.chapter(&chapter()), whole.chapter(&chapter()));
        prop_assert_eq!(marks.last_place(), whole.last_place());
        prop_assert_eq!(marks.fold, whole.fold);
    }

    #[test]
    fn undoing_the_last_event_gives_the_log_before_it(
        rights in prop::collection::vec(any::<bool>(), 1..20),
    ) {
        let events: Vec<Event> = rights.iter().map(|right| answered("q1", *right)).collect();
        let short = log(events[..events.len() - 1].to_vec());
        let undone = log(events.iter().cloned().chain([undo(events.len() - 1)]));
        let ids = |log: &[Stored]| standing(log).iter().map(|s| s.id.clone()).collect::<Vec<_>>();
        prop_assert_eq!(ids(&short), ids(&undone));
    }
}

#[test]
fn the_best_medal_of_a_challenge_stays_and_predictions_are_kept_once_they_are_seen() {
    let scored = |medal| Event::ChallengeScored {
        lab: "l".to_owned(),
        challenge: "c".to_owned(),
        medal,
        set: std::collections::BTreeMap::new(),
    };
    let predicted = |actual| Event::Prediction {
        about: "l/e".to_owned(),
        step: Some("s".to_owned()),
        metric: "p99".to_owned(),
        guess: 10.0,
        low: Some(5.0),
        high: Some(20.0),
        actual,
    };
    let marks = Marks::of(&log([
        scored(None),
        scored(Some(Medal::Silver)),
        scored(Some(Medal::Bronze)),
        predicted(None),
        predicted(Some(74.0)),
        Event::ExperimentDone {
            lab: "l".to_owned(),
            experiment: "e".to_owned(),
        },
    ]));
    assert_eq!(marks.medal("l", "c"), Some(Medal::Silver));
    assert_eq!(marks.medal("l", "other"), None);
    assert!(marks.has_done("l", "e") && !marks.has_done("l", "c"));
    assert!(marks.has_run("l"));
    let [only] = marks.predictions() else {
        panic!("{:?}", marks.predictions());
    };
    assert_eq!((only.range, only.actual), (Some((5.0, 20.0)), 74.0));

    let marks = Marks::of(&log([scored(Some(Medal::Gold)), undo(0)]));
    assert_eq!(marks.medal("l", "c"), None, "what is undone was not won");
}
