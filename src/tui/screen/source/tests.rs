use super::*;
use crate::content::Library;
use crate::markdown::highlight::Highlighter;
use crate::progress::Marks;
use crate::testing::Holds;
use crate::tui::screen::stage::{Stage, golden};
use crate::tui::theme::{Depth, Ground, Theme};
use crate::tui::widget::{fixture, rows_of};
use crossterm::event::KeyCode;
use std::time::Duration;

fn with<T>(height: u16, f: impl FnOnce(&Cx<'_>) -> T) -> T {
    let (library, marks) = (Library::embedded(), Marks::default());
    let theme = Theme::new(Ground::Dark, Depth::None, false);
    f(&Cx {
        library: &library,
        marks: &marks,
        theme: &theme,
        highlighter: &Highlighter::default(),
        catalogue: &crate::search::Catalogue::default(),
        learner: &crate::practice::learned::Learner::default(),
        area: Rect::new(0, 0, 80, height),
        uptime: Duration::ZERO,
        now: crate::clock::now(),
    })
}

fn text(source: &Source, cx: &Cx<'_>) -> Vec<String> {
    let mut buf = Buffer::empty(cx.area);
    source.view(cx, &mut buf);
    rows_of(&buf)
}

#[test]
fn it_is_readable_at_once_and_asks_for_its_colours() {
    with(24, |cx| {
        let mut source = Source::of(fixture::spec());
        let effects = source.update(Message::Shown, cx);
        assert!(matches!(&effects[..], [Effect::Highlight { lang, .. }] if lang == "rust"));
        let rows = text(&source, cx);
        rows[0].holds(["pattern.rs"]);
        assert!(
            rows.iter()
                .any(|row| row.contains(" 4  pub struct Gathered {")),
            "{rows:?}"
        );
    });
}

#[test]
fn long_lines_are_cut_with_a_mark_and_can_be_moved_to_their_end() {
    let stage = Stage::new().sized(60, 16);
    let mut source = Source::open("scatter-gather", None, &stage.cx()).expect("it opens");
    let (start, end) = ("Scatter/gather: ask every leaf", "never wait");
    let ellipsis = stage.cx().theme.symbols.ellipsis;
    stage.shows(&source, [start, ellipsis]);
    stage.hides(&source, [end]);
    stage.press(&mut source, &[KeyCode::Right; 20]);
    stage.shows(&source, [end, ellipsis]);
    stage.press(&mut source, &[KeyCode::Left; 20]);
    stage.shows(&source, [start]);
}

#[test]
fn brackets_go_from_item_to_item_and_resizing_keeps_the_place() {
    with(7, |cx| {
        let mut source = Source::of(fixture::spec());
        source.update(Message::Act(Action::NextPart), cx);
        text(&source, cx)[3].holds(["/// Answers."]);
        source.update(Message::Act(Action::NextPart), cx);
        text(&source, cx)[3].holds(["impl Gathered"]);
        source.update(Message::Resized, cx);
        text(&source, cx)[3].holds(["impl Gathered"]);
        source.update(Message::Act(Action::PreviousPart), cx);
        text(&source, cx)[3].holds(["/// Answers."]);
    });
}

#[test]
fn the_item_at_the_top_is_copied() {
    with(7, |cx| {
        let mut source = Source::of(fixture::spec());
        source.update(Message::Act(Action::NextPart), cx);
        let effects = source.update(Message::Act(Action::Copy), cx);
        let [Effect::Copy(text)] = &effects[..] else {
            panic!("{effects:?}");
        };
        assert!(text.starts_with("/// Answers."), "{text}");
        assert!(!text.contains("impl Gathered"), "{text}");
    });
}

#[test]
fn tiny_areas_are_survived() {
    for height in 0..4 {
        with(height, |cx| {
            let mut source = Source::of(fixture::spec());
            source.update(Message::Act(Action::Bottom), cx);
            text(&source, cx);
        });
    }
}

#[test]
fn the_whole_screen_is_as_agreed() {
    let mut source = Source::of(fixture::spec());
    golden!("source", Stage::pack(), &mut source);
}
