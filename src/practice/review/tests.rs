use super::*;
use crate::clock::{LocalDay, UtcMs};
use crate::progress::Stored;
use crate::progress::event::{InterviewAnswered, QuestionAnswered};
use crate::progress::practice::CardReviewed;
use crate::study::quiz::Answer;

fn on(day: i32) -> Moment {
    Moment {
        at: UtcMs(i64::from(day) * 86_400_000),
        day: LocalDay::of_number(day),
    }
}

fn stored(n: usize, day: i32, event: Event) -> Stored {
    Stored {
        id: EventId(format!("{n}")),
        at: on(day).at,
        day: on(day).day,
        machine: "here".to_owned(),
        event,
    }
}

/// A record that a review writes to.
#[derive(Default)]
struct Log(Vec<Stored>);

impl Log {
    fn quiz(mut self, id: &str, right: bool) -> Self {
        let event = Event::QuizAnswered(QuestionAnswered {
            question: id.to_owned(),
            answer: Answer::One(0),
            said: "x".to_owned(),
            right,
            confidence: None,
        });
        self.0.push(stored(self.0.len(), 100, event));
        self
    }

    fn review(&self) -> Review {
        let library = Library::embedded();
        Review::new(&library, &Deck::of(&library, &self.0), on(103))
    }

    fn keep(&mut self, review: &mut Review, events: Vec<Event>) {
        for event in events {
            let kept = stored(self.0.len(), 103, event);
            review.recorded(&kept.id, &kept.event);
            self.0.push(kept);
        }
    }

    fn type_all(&mut self, review: &mut Review, lines: &[&str]) {
        for line in lines {
            let events = review.reply(line, on(103)).unwrap();
            self.keep(review, events);
        }
    }
}

const RIGHT: &str = "ch07-fan-out-hundred";
const WRONG: &str = "ch07-hedge-load";

#[test]
fn a_card_is_answered_then_sure_then_graded_and_the_next_comes() {
    let mut log = Log::default().quiz(RIGHT, true).quiz(WRONG, false);
    let mut review = log.review();
    let first = review.step(on(103));
    assert!(first.status.contains("1 more"), "{}", first.status);
    log.type_all(&mut review, &["a"]);
    assert!(review.step(on(103)).ask.how().contains("How sure"));
    log.type_all(&mut review, &["4"]);
    let revealed = review.step(on(103));
    assert!(revealed.ask.how().contains("1 again"), "{revealed:?}");
    log.type_all(&mut review, &["3"]);
    let events: Vec<&Event> = log.0[2..].iter().map(|stored| &stored.event).collect();
    assert!(
        matches!(
            events[..],
            [
                Event::CardReviewed(CardReviewed {
                    grade: Grade::Good,
                    confidence: Some(Confidence::Likely),
                    ..
                }),
                Event::QuizAnswered(_)
            ]
        ),
        "{events:?}"
    );
    assert!(review.step(on(103)).status.contains("the last one"));
}

#[test]
fn what_failed_comes_again_before_the_end() {
    let mut log = Log::default().quiz(WRONG, false);
    let mut review = log.review();
    log.type_all(&mut review, &["", "1"]);
    assert!(review.step(on(103)).status.contains("again"));
    log.type_all(&mut review, &["", "3"]);
    let end = review.step(on(103));
    assert_eq!(end.ask, Ask::Done);
    assert!(
        end.text.contains("1 card, 1 of them came again"),
        "{}",
        end.text
    );
    let library = Library::embedded();
    let due = Deck::of(&library, &log.0).due(&library, 104).cards;
    assert_eq!(due.len(), 1, "the first attempt of the day counts");
}

#[test]
fn undo_restores_the_card_and_the_schedule() {
    let mut log = Log::default().quiz(RIGHT, true).quiz(WRONG, false);
    let library = Library::embedded();
    let before = Deck::of(&library, &log.0);
    let mut review = log.review();
    let first = review.step(on(103)).text;
    for grade in ["1", "4"] {
        log.type_all(&mut review, &["", grade]);
        let undos = review.undo(on(103));
        assert!(!undos.is_empty());
        log.keep(&mut review, undos);
        assert_eq!(Deck::of(&library, &log.0).states(), before.states());
        let again = review.step(on(103));
        assert_eq!(again.text.lines().next(), first.lines().next());
        assert!(again.status.contains("1 more"), "{}", again.status);
    }
    assert!(
        review.undo(on(103)).is_empty(),
        "one grade is taken back once"
    );
}

#[test]
fn an_interview_question_is_committed_ticked_and_graded() {
    let mut log = Log::default();
    let event = Event::InterviewAnswered(InterviewAnswered {
        question: "ch07-q1".to_owned(),
        rev: 2,
        answer: "x".to_owned(),
        ticked: Vec::new(),
        confidence: None,
        grade: Grade::Again,
    });
    log.0.push(stored(0, 100, event));
    let library = Library::embedded();
    let deck = Deck::of(&library, &log.0);
    let mut review = Review::new(&library, &deck, on(103));
    while !matches!(review.now.as_ref().unwrap().card.asks, Asks::Interview(_)) {
        log.type_all(&mut review, &["", "3"]);
    }
    log.type_all(&mut review, &["The root waits for the slowest leaf.", ""]);
    let step = review.step(on(103));
    assert!(
        step.text.contains("What a strong answer has"),
        "{}",
        step.text
    );
    assert!(review.reply("99", on(103)).is_err());
    log.type_all(&mut review, &["5", "2"]);
    let answered = log.0.iter().rev().find_map(|stored| match &stored.event {
        Event::InterviewAnswered(answered) => Some(answered.clone()),
        _ => None,
    });
    assert_eq!(answered.unwrap().ticked, ["tail"]);
}
