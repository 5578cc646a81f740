//! How long the search takes at each key: from the letter to the list on the screen, at 200x60, and what
//! the index costs once. The words are typed letter by letter, since the first letters find most.
//!
//! Not by criterion: what matters is the slowest key, and each is another.

use crossterm::event::{KeyCode, KeyEvent};
use ddlab::content::Library;
use ddlab::markdown::highlight::Highlighter;
use ddlab::progress::Marks;
use ddlab::search::{Catalogue, Index};
use ddlab::tui::effect::Place;
use ddlab::tui::screen::{Cx, Message, open};
use ddlab::tui::theme::{Depth, Ground, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const TYPED: [&str; 8] = [
    "the root is as slow as its slowest leaf",
    "fencing token",
    "term lease",
    "e a o t i n s",
    "kubernetes sidecar container restart",
    "question hedge",
    "qqqqxyzzy",
    "lab scatter",
];
const INDEXED: usize = 20;
/// The goal for the slowest key.
const KEY_MS: f64 = 50.0;

fn main() -> ExitCode {
    let library = Library::embedded();
    let mut building: Vec<Duration> = (0..INDEXED)
        .map(|_| {
            let began = Instant::now();
            std::hint::black_box(Index::of(&library));
            began.elapsed()
        })
        .collect();
    building.sort();
    let catalogue = Catalogue::default();
    let passages = catalogue.of(&library).len();
    println!(
        "index of {passages} passages: median {:.1} ms of {INDEXED}, slowest {:.1} ms",
        ms(building[INDEXED / 2]),
        ms(building[INDEXED - 1])
    );

    let (theme, marks) = (
        Theme::new(Ground::Dark, Depth::True, false),
        Marks::default(),
    );
    let cx = Cx {
        library: &library,
        marks: &marks,
        theme: &theme,
        highlighter: &Highlighter::default(),
        catalogue: &catalogue,
        learner: &ddlab::practice::learned::Learner::default(),
        area: Rect::new(0, 0, 200, 59),
        uptime: Duration::ZERO,
        now: ddlab::clock::now(),
    };
    let mut keys: Vec<(Duration, String)> = Vec::new();
    for typed in TYPED {
        let mut palette = open(&Place::palette(), &[], &cx).expect("the palette opens");
        let mut so_far = String::new();
        for letter in typed.chars() {
            so_far.push(letter);
            let began = Instant::now();
            palette.update(Message::Type(KeyEvent::from(KeyCode::Char(letter))), &cx);
            let mut buf = Buffer::empty(cx.area);
            palette.view(&cx, &mut buf);
            keys.push((began.elapsed(), so_far.clone()));
        }
    }
    keys.sort();
    let (slowest, words) = &keys[keys.len() - 1];
    println!(
        "a key, with its picture: median {:.2} ms of {}, slowest {:.2} ms ({words:?}); goal {KEY_MS} ms",
        ms(keys[keys.len() / 2].0),
        keys.len(),
        ms(*slowest)
    );
    if ms(*slowest) > KEY_MS {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
