//! What a record of 100,000 events costs: the file read when the program opens, the marks, what is due, the
//! progress view; and from a key to its frame on the screens that draw on the record.

use criterion::{Criterion, criterion_group, criterion_main};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ddlab::clock::{LocalDay, UtcMs};
use ddlab::content::Library;
use ddlab::markdown::highlight::Highlighter;
use ddlab::practice::deck::Deck;
use ddlab::practice::learned::Learner;
use ddlab::practice::progress::Progress;
use ddlab::progress::Recorded;
use ddlab::progress::event::QuestionAnswered;
use ddlab::progress::{Event, EventId, Marks, Record, Recorder, Stored};
use ddlab::study::quiz::Answer;
use ddlab::tui::app::{App, Request, Services};
use ddlab::tui::effect::Effect;
use ddlab::tui::event::{Event as Input, Message};
use ddlab::tui::theme::{Depth, Ground, Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Rect;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

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
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("progress.db");
    Record::open(&file, UtcMs(0)).merge(log.clone(), UtcMs(0));
    group.bench_function("the record opens", |b| {
        b.iter(|| {
            let record = Record::open(&file, UtcMs(0));
            Recorder::start(record, ddlab::clock::now).expect("a thread starts")
        });
    });
    group.finish();
    keys(library, log);
}

/// The keys of a round: down the list, the review with an answer, the progress, a page, the palette, a question.
const ROUND: &[&str] = &[
    "jjjkk", "r", "1", "\n", "\n", "2", "u", "1", "\n", "\n", "2", "\n", "\u{1b}", "p", "jj",
    "\u{1b}", "s", "j", "\u{1b}", "\n", " ", " ", "\t", "\u{1b}", ":", "deadline", "\u{1b}", "i",
    "\u{1b}", "'", "\u{1b}", "?", "\u{1b}",
];
const ROUNDS: usize = 20;
/// The goal, from a key to its frame.
const P99_MS: f64 = 16.0;

/// Presses keys on the whole program, and measures from each key to the cells that it changed.
fn keys(library: Library, log: Vec<Stored>) {
    let size = Rect::new(0, 0, 120, 40);
    let services = Services {
        library: Arc::new(library),
        marks: Marks::of_log(log),
        theme: Theme::new(Ground::Dark, Depth::True, false),
        highlighter: Highlighter::default(),
        catalogue: ddlab::search::Catalogue::default(),
        learner: Learner::default(),
        now: ddlab::clock::now,
    };
    services.catalogue.prepare(Arc::clone(&services.library));
    services.prepare_learner();
    let (mut app, mut asked) = App::new(services, &[], size);
    let mut terminal = Terminal::new(TestBackend::new(size.width, size.height))
        .expect("a buffer needs no terminal");
    let mut times: Vec<(Duration, String)> = Vec::new();
    let mut made = 0;
    for _ in 0..ROUNDS {
        for (place, key) in ROUND
            .iter()
            .flat_map(|keys| keys.chars().map(move |key| (keys, key)))
        {
            let begun = Instant::now();
            asked.extend(app.update(Input::Key(event(key)), Duration::ZERO));
            // What is recorded comes back at once, as it does from the recorder.
            while let Some(request) = asked.pop() {
                if let Request {
                    effect: Effect::Record(event),
                    ..
                } = request
                {
                    made += 1;
                    let stored = stored(made, event);
                    let kept = Recorded {
                        stored,
                        durable: true,
                    };
                    let kept = Input::Message(Message::Recorded(kept));
                    asked.extend(app.update(kept, Duration::ZERO));
                }
            }
            terminal
                .draw(|frame| {
                    app.view(size, frame.buffer_mut());
                })
                .expect("a buffer can be drawn on");
            times.push((begun.elapsed(), format!("{key:?} of {place:?}")));
        }
    }
    times.sort_unstable();
    let at = |share: f64| {
        times[(share * (times.len() - 1) as f64).round() as usize]
            .0
            .as_secs_f64()
            * 1e3
    };
    let p99 = at(0.99);
    let verdict = if p99 < P99_MS { "met" } else { "MISSED" };
    println!(
        "from a key to its frame, {} keys: median {:.2} ms, p99 {p99:.2} ms (goal {P99_MS} ms, {verdict})",
        times.len(),
        at(0.5),
    );
    for (time, key) in times.iter().rev().take(8) {
        println!("    {:.1} ms  {key}", time.as_secs_f64() * 1e3);
    }
}

fn event(key: char) -> KeyEvent {
    let code = match key {
        '\n' => KeyCode::Enter,
        '\t' => KeyCode::Tab,
        '\u{1b}' => KeyCode::Esc,
        key => KeyCode::Char(key),
    };
    KeyEvent::new(code, KeyModifiers::NONE)
}

fn stored(number: usize, event: Event) -> Stored {
    let now = ddlab::clock::now();
    Stored {
        id: EventId(format!("z{number:08}")),
        at: now.at,
        day: now.day,
        machine: "here".to_owned(),
        event,
    }
}

criterion_group!(benches, practice);
criterion_main!(benches);
