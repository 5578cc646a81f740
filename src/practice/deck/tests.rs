use super::*;
use crate::clock::{LocalDay, UtcMs};
use crate::progress::EventId;
use crate::progress::event::{InterviewAnswered, QuestionAnswered};
use crate::progress::practice::CardReviewed;
use crate::study::quiz::Answer;
use crate::testing::Holds;

fn stored(day: i32, n: usize, event: Event) -> Stored {
    Stored {
        id: EventId(format!("{day}-{n}")),
        at: UtcMs(i64::from(day) * 86_400_000),
        day: LocalDay::of_number(day),
        machine: "here".to_owned(),
        event,
    }
}

fn quiz(id: &str, right: bool) -> Event {
    Event::QuizAnswered(QuestionAnswered {
        question: id.to_owned(),
        answer: Answer::One(0),
        said: "x".to_owned(),
        right,
        confidence: None,
    })
}

fn interview(ticked: &[&str], grade: Grade) -> Event {
    Event::InterviewAnswered(InterviewAnswered {
        question: "ch07-q1".to_owned(),
        rev: 2,
        answer: "x".to_owned(),
        ticked: ticked.iter().map(|id| (*id).to_owned()).collect(),
        confidence: None,
        grade,
    })
}

fn reviewed(card: &str, grade: Grade) -> Event {
    Event::CardReviewed(CardReviewed {
        card: card.to_owned(),
        grade,
        confidence: None,
    })
}

fn deck(events: &[(i32, Event)]) -> Deck {
    let log: Vec<Stored> = events
        .iter()
        .enumerate()
        .map(|(n, (day, event))| stored(*day, n, event.clone()))
        .collect();
    Deck::of(&Library::embedded(), &log)
}

fn due(deck: &Deck, day: i32) -> Vec<String> {
    let due = deck.due(&Library::embedded(), day).cards;
    due.iter().map(ToString::to_string).collect()
}

const RIGHT: &str = "ch07-fan-out-hundred";
const WRONG: &str = "ch07-hedge-load";

#[test]
fn what_was_missed_is_due_the_next_day_and_what_was_right_later() {
    let deck = deck(&[(100, quiz(RIGHT, true)), (100, quiz(WRONG, false))]);
    assert!(due(&deck, 100).is_empty());
    assert_eq!(due(&deck, 101), [format!("quiz:{WRONG}")]);
    assert_eq!(due(&deck, 102).len(), 2);
    assert_eq!(deck.forecast(&Library::embedded(), 100, 4), [0, 1, 1, 0]);
}

#[test]
fn a_missed_must_point_becomes_a_card_of_its_own() {
    let missing = deck(&[(100, interview(&["objectives", "tail"], Grade::Hard))]);
    let points: Vec<String> = due(&missing, 101)
        .into_iter()
        .filter(|card| card.starts_with("point:"))
        .collect();
    assert_eq!(points.len(), 3, "{points:?}");
    assert!(points.contains(&"point:ch07-q1/partial".to_owned()));
}

#[test]
fn a_prediction_that_failed_by_more_than_two_comes_back() {
    let predicted = |guess| Event::Prediction {
        about: "scatter-gather/the-tail-is-the-request".to_owned(),
        step: Some("slow-at-100".to_owned()),
        metric: "slow".to_owned(),
        guess,
        low: None,
        high: None,
        actual: Some(0.63),
    };
    assert!(due(&deck(&[(100, predicted(0.5))]), 110).is_empty());
    assert_eq!(
        due(&deck(&[(100, predicted(0.01))]), 101),
        ["prediction:scatter-gather/the-tail-is-the-request/slow-at-100"]
    );
}

#[test]
fn a_grade_given_in_a_review_stands_for_the_day_and_an_undo_takes_it_back() {
    let card = format!("quiz:{WRONG}");
    let events = [
        (100, quiz(WRONG, false)),
        (101, quiz(WRONG, true)),
        (101, reviewed(&card, Grade::Again)),
        (101, reviewed(&card, Grade::Easy)),
    ];
    assert_eq!(
        due(&deck(&events), 102),
        std::slice::from_ref(&card),
        "the first grade of the day"
    );
    let mut undone = events.to_vec();
    for of in ["101-2", "101-3"] {
        let of = EventId(of.to_owned());
        undone.push((101, Event::Undo { of }));
    }
    assert_eq!(deck(&undone).states(), deck(&events[..2]).states());
}

#[test]
fn what_is_taken_up_later_comes_to_the_same_as_all_at_once() {
    let card = format!("quiz:{WRONG}");
    let events = [
        (100, quiz(WRONG, false)),
        (100, quiz(RIGHT, true)),
        (101, reviewed(&card, Grade::Good)),
        (103, quiz(RIGHT, false)),
    ];
    let library = Library::embedded();
    let mut growing = deck(&events[..2]);
    let fresh: Vec<Stored> = events[2..]
        .iter()
        .enumerate()
        .map(|(n, (day, event))| stored(*day, n + 2, event.clone()))
        .collect();
    growing.fold(&library, &fresh);
    assert_eq!(growing.states(), deck(&events).states());
}

#[test]
fn a_lab_that_settled_a_question_is_spoken_of_when_its_card_comes() {
    let predicted = Event::Prediction {
        about: "ch07-q5".to_owned(),
        step: None,
        metric: "completeness_ratio".to_owned(),
        guess: 0.2,
        low: None,
        high: None,
        actual: Some(0.984),
    };
    let explained = Event::GapExplained {
        of: "ch07-q5".to_owned(),
        said: "One leaf of 20.".to_owned(),
    };
    let deck = deck(&[(100, predicted), (100, explained)]);
    let settled = deck.settled(&CardId::Interview("ch07-q5".to_owned()));
    let words = settled.unwrap().in_words();
    words.holds(["20.0 %", "it was 98.4 %", "One leaf of 20"]);
    assert_eq!(deck.settled(&CardId::Interview("ch07-q1".to_owned())), None);
    assert!(due(&deck, 110).is_empty(), "it is not a card of its own");
}

#[test]
fn a_question_that_is_gone_and_a_limit_that_is_reached_are_no_longer_due() {
    let mut events = vec![
        (100, quiz("no-such-question", false)),
        (100, quiz(WRONG, false)),
    ];
    events.push((100, quiz(RIGHT, false)));
    let plan = Plan {
        daily_limit: 1,
        ..Plan::default()
    };
    events.push((100, plan.event()));
    let deck = deck(&events);
    let due = deck.due(&Library::embedded(), 101);
    assert_eq!((due.cards.len(), due.left_over), (1, 1));
}

#[test]
fn a_card_is_named_and_read_back() {
    for name in [
        "quiz:a",
        "interview:b",
        "point:c/d",
        "prediction:lab/one/step",
        "number:e/f",
    ] {
        assert_eq!(CardId::parse(name).unwrap().to_string(), name);
    }
    assert_eq!(CardId::parse("other:a"), None);
}

#[test]
fn the_numbers_of_a_chapter_are_asked_once_half_of_it_was_read() {
    let library = Library::embedded();
    let chapter = library.chapter("7").unwrap();
    let read = |section: &str| Event::PageRead {
        chapter: chapter.meta.id.clone(),
        section: section.to_owned(),
        block: 0,
        finished: true,
    };
    let sections: Vec<&str> = chapter
        .sections_to_read()
        .map(|section| section.slug.as_str())
        .collect();
    let half = sections.len().div_ceil(2);
    let mut events: Vec<(i32, Event)> = sections[..half - 1]
        .iter()
        .chain(&["sources"])
        .map(|section| (100, read(section)))
        .collect();
    assert!(due(&deck(&events), 101).is_empty());
    events.push((101, read(sections[half - 1])));
    let asked = due(&deck(&events), 102);
    assert!(
        asked.contains(&"number:scatter-gather/hundred".to_owned()),
        "{asked:?}"
    );
}
