use super::*;
use crate::clock::{LocalDay, UtcMs};
use crate::progress::Event as Fact;
use crate::progress::{EventId, Recorded, Stored};
use crate::tui::theme::{Depth, Ground};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

fn app(place: &Place) -> App {
    let services = Services {
        library: Arc::new(Library::embedded()),
        marks: Marks::default(),
        theme: Theme::new(Ground::Dark, Depth::True, false),
        highlighter: Highlighter::default(),
        catalogue: crate::search::Catalogue::default(),
        learner: crate::practice::learned::Learner::default(),
        now: crate::clock::now,
    };
    App::new(
        services,
        std::slice::from_ref(place),
        Rect::new(0, 0, 100, 35),
    )
    .0
}

fn press(app: &mut App, code: KeyCode, modifiers: KeyModifiers) -> Vec<Request> {
    let key = KeyEvent::new(code, modifiers);
    app.update(Event::Key(key), Duration::from_mins(1))
}

fn keeps_its_place(requests: &[Request]) -> bool {
    requests
        .iter()
        .any(|request| matches!(request.effect, Effect::Record(Fact::PageRead { .. })))
}

#[test]
fn a_screen_that_is_left_for_home_keeps_what_it_has() {
    let mut app = app(&Place::chapter("scatter-gather"));
    let requests = press(&mut app, KeyCode::Char('H'), KeyModifiers::NONE);
    assert!(keeps_its_place(&requests), "{requests:?}");
    assert_eq!(app.place(), Place::Home);
}

#[test]
fn a_screen_below_an_overlay_keeps_what_it_has_when_the_program_is_left() {
    let mut app = app(&Place::chapter("scatter-gather"));
    press(&mut app, KeyCode::Char('?'), KeyModifiers::NONE);
    let requests = press(&mut app, KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert!(app.is_quitting());
    assert!(keeps_its_place(&requests), "{requests:?}");
}

#[test]
fn backspace_leaves_no_screen() {
    let mut app = app(&Place::chapter("scatter-gather"));
    press(&mut app, KeyCode::Backspace, KeyModifiers::NONE);
    assert_ne!(app.place(), Place::Home);
}

#[test]
fn the_program_reopens_with_the_way_back_that_it_had() {
    let mut app = app(&Place::chapter("scatter-gather"));
    press(&mut app, KeyCode::Char('l'), KeyModifiers::NONE);
    let places = app.places();
    assert!(
        matches!(
            &places[..],
            [Place::Home, Place::Reader { .. }, Place::Lab { .. }]
        ),
        "{places:?}"
    );
    let mut again = self::app(&Place::Home);
    for place in &places[1..] {
        again.push(place, &mut Vec::new());
    }
    press(&mut again, KeyCode::Esc, KeyModifiers::NONE);
    assert!(matches!(again.place(), Place::Reader { .. }));
}

#[test]
fn the_source_of_a_lab_opens_where_it_was_closed() {
    let mut app = app(&Place::source("scatter-gather"));
    press(&mut app, KeyCode::Char(' '), KeyModifiers::NONE);
    let left = app.place();
    press(&mut app, KeyCode::Esc, KeyModifiers::NONE);
    let mut requests = Vec::new();
    app.push(&Place::source("scatter-gather"), &mut requests);
    assert_eq!(app.place(), left);
    assert!(matches!(left, Place::Source { line: Some(line), .. } if line > 10));
}

#[test]
fn a_terminal_that_shrank_since_it_was_asked_is_not_drawn_beyond_its_edge() {
    let app = app(&Place::chapter("scatter-gather"));
    for (columns, rows) in [(80, 24), (99, 35), (100, 34), (120, 40), (1, 1)] {
        let area = Rect::new(0, 0, columns, rows);
        app.view(area, &mut Buffer::empty(area));
    }
}

/// The record takes up what was asked for, as it does in the program; the events, in order.
fn recorded(app: &mut App, requests: Vec<Request>) -> Vec<Fact> {
    let events = requests
        .into_iter()
        .filter_map(|request| match request.effect {
            Effect::Record(event) => Some(event),
            _ => None,
        });
    let events: Vec<Fact> = events.collect();
    for (nth, event) in events.iter().enumerate() {
        let stored = Stored {
            id: EventId(format!("{}-{nth}", event.kind())),
            at: UtcMs(0),
            day: LocalDay::of_number(0),
            machine: "here".to_owned(),
            event: event.clone(),
        };
        let answer = Recorded {
            stored,
            durable: true,
        };
        app.update(Event::Message(Message::Recorded(answer)), Duration::ZERO);
    }
    events
}

fn key(app: &mut App, c: char) -> Vec<Fact> {
    let requests = press(app, KeyCode::Char(c), KeyModifiers::NONE);
    recorded(app, requests)
}

#[test]
fn a_place_is_marked_noted_on_and_unmarked_by_its_keys() {
    let mut app = app(&Place::question("scatter-gather", None));
    let marked = key(&mut app, 'm');
    assert!(matches!(&marked[..], [Fact::Bookmarked(mark)] if mark.note.is_empty()));
    let dropped = key(&mut app, 'm');
    assert!(matches!(&dropped[..], [Fact::BookmarkDropped { .. }]));
    key(&mut app, 'M');
    assert!(matches!(app.place(), Place::Note { .. }));
    for c in "why?".chars() {
        key(&mut app, c);
    }
    let left = press(&mut app, KeyCode::Esc, KeyModifiers::NONE);
    let kept = recorded(&mut app, left);
    assert!(
        matches!(&kept[..], [Fact::Bookmarked(mark)] if mark.note == "why?"),
        "{kept:?}"
    );
    assert!(matches!(app.place(), Place::Question { .. }));
    assert!(
        key(&mut app, 'm').is_empty(),
        "a note is not dropped by the way"
    );
    key(&mut app, '\'');
    assert_eq!(app.place(), Place::Bookmarks);
    press(&mut app, KeyCode::Enter, KeyModifiers::NONE);
    assert!(matches!(app.place(), Place::Question { .. }));
}

#[test]
fn the_settings_open_from_anywhere_and_once() {
    let mut app = app(&Place::chapter("scatter-gather"));
    key(&mut app, ',');
    key(&mut app, ',');
    let places = app.places();
    assert!(
        matches!(
            &places[..],
            [Place::Home, Place::Reader { .. }, Place::Settings]
        ),
        "{places:?}"
    );
}

#[test]
fn a_window_that_is_too_small_to_draw_takes_no_key_but_the_one_that_leaves() {
    let mut app = app(&Place::chapter("scatter-gather"));
    app.resize(Rect::new(0, 0, 59, 35));
    press(&mut app, KeyCode::Char('l'), KeyModifiers::NONE);
    assert!(matches!(app.place(), Place::Reader { .. }));
    app.resize(Rect::new(0, 0, 60, 16));
    press(&mut app, KeyCode::Char('l'), KeyModifiers::NONE);
    assert!(matches!(app.place(), Place::Lab { .. }));
    app.resize(Rect::new(0, 0, 1, 1));
    press(&mut app, KeyCode::Char('q'), KeyModifiers::NONE);
    assert!(app.is_quitting());
}
