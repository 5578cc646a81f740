use super::*;
use crate::progress::event::Verdict;
use crate::tui::screen::open;
use crate::tui::screen::stage::{Stage, golden, survives};
use crossterm::event::KeyCode;

/// Three sizes: an old terminal, half of a large one, a large one.
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 35), (200, 60)];

fn graded(slug: &str, verdict: Verdict) -> crate::progress::Event {
    crate::progress::Event::ExerciseGraded {
        slug: slug.to_owned(),
        verdict,
        seed: 7,
        diagnoses: Vec::new(),
    }
}

#[test]
fn its_place_opens_it() {
    let stage = Stage::pack();
    let opened = open(&Place::Exercises, &[], &stage.cx()).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(opened.place(), Place::Exercises);
    let slug = "hedged-requests".to_owned();
    let mut at = Exercises::at(&slug);
    let effects = stage.press(&mut at, &[KeyCode::Enter]);
    assert!(
        matches!(&effects[..], [Effect::Open(Place::Exercise { slug: opened })] if *opened == slug),
        "{effects:?}"
    );
}

#[test]
fn every_exercise_stands_below_its_chapter_and_says_how_far_one_is() {
    let mut stage = Stage::new().sized(120, 60);
    stage.happened(graded("hedged-requests", Verdict::Passed));
    stage.happened(graded("queue-worker", Verdict::Failed));
    let screen = Exercises::default();
    let text = stage.text(&screen);
    for exercise in ddlab_exercises::all() {
        assert!(text.contains(&exercise.manifest().title), "{text}");
    }
    let row = |slug: &str| {
        let title = &ddlab_exercises::find(slug).unwrap().manifest().title;
        let line = text.lines().find(|line| line.contains(title.as_str()));
        line.unwrap().to_owned()
    };
    assert!(row("hedged-requests").contains("passed"), "{text}");
    assert!(row("queue-worker").contains("tried"), "{text}");
    assert!(row("lease-owner").contains("open"), "{text}");
    let all = ddlab_exercises::all().len();
    assert!(text.contains(&format!("1 of {all} passed")), "{text}");
}

#[test]
fn enter_opens_the_chosen_one_and_the_last_is_reached_on_a_small_screen() {
    let mut stage = Stage::new().sized(80, 23);
    let mut screen = Exercises::default();
    let last = rows().into_iter().next_back();
    let Some(Row::Exercise(last)) = last else {
        panic!("a chapter without an exercise")
    };
    stage.keys(&mut screen, "G");
    stage.shows(&screen, [last.manifest().title.as_str()]);
    let effects = stage.press(&mut screen, &[KeyCode::Enter]);
    assert!(
        matches!(&effects[..], [Effect::Open(Place::Exercise { slug })] if slug == last.slug()),
        "{effects:?}"
    );
    survives(&mut stage, &mut screen);
}

#[test]
fn the_whole_screen_is_as_agreed() {
    let mut stage = Stage::pack();
    stage.happened(graded("log-shipper", Verdict::Passed));
    stage.happened(graded("config-reloader", Verdict::Failed));
    golden!("exercises", stage, &mut Exercises::default(), SIZES);
}
