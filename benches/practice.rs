//! What a record of 100,000 events costs when the program opens: the marks, what is due, the progress view.

use criterion::{Criterion, criterion_group, criterion_main};
use ddlab::clock::{LocalDay, UtcMs};
use ddlab::content::Library;
use ddlab::practice::deck::Deck;
use ddlab::practice::progress::Progress;
use ddlab::progress::event::QuestionAnswered;
use ddlab::progress::{Event, EventId, Marks, Stored};
use ddlab::study::quiz::Answer;
use std::hint::black_box;

const EVENTS: i64 = 100_000;
/// Answers a day.
const A_DAY: i64 = 100;

fn log(library: &Library) -> Vec<Stored> {
    let ids: Vec<&str> = library
        .chapters()
        .flat_map(|chapter| &chapter.quiz)
        .map(|question| question.id.as_str())
        .collect();
    (0..EVENTS)
        .map(|n| Stored {
            id: EventId(format!("{n:08}")),
            at: UtcMs(n * 60_000),
            day: LocalDay::of_number((n / A_DAY) as i32),
            machine: "here".to_owned(),
            event: Event::QuizAnswered(QuestionAnswered {
                question: ids[n as usize % ids.len()].to_owned(),
                answer: Answer::One(0),
                said: "x".to_owned(),
                right: n % 5 != 0,
                confidence: None,
            }),
        })
        .collect()
}

fn practice(c: &mut Criterion) {
    let library = Library::embedded();
    let log = log(&library);
    let today = (EVENTS / A_DAY) as i32;
    let mut group = c.benchmark_group("100,000 events");
    group.sample_size(10);
    group.bench_function("marks", |b| b.iter(|| Marks::of(black_box(&log))));
    group.bench_function("what is due", |b| {
        b.iter(|| Deck::of(&library, black_box(&log)).due(&library, today));
    });
    group.bench_function("progress", |b| {
        b.iter(|| Progress::of(&library, black_box(&log), today));
    });
    group.finish();
}

criterion_group!(benches, practice);
criterion_main!(benches);
