use super::Home;
use crate::content::model::QuizKind;
use crate::progress::Event;
use crate::progress::event::{InterviewAnswered, QuestionAnswered, Verdict};
use crate::study::grade::Grade;
use crate::study::quiz::Answer;
use crate::testing::Holds;
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{Action, Context, footer};
use crate::tui::screen::stage::{Stage, golden, survives};
use crate::tui::screen::{Message, Screen};
use crossterm::event::KeyCode;
use ddlab_labs::workbench::challenge::Medal;

fn home(stage: &Stage) -> Home {
    Home::new(&stage.cx())
}

/// The book with chapter 7 alone, so that what is next does not depend on the others.
fn chapter_7() -> Stage {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/chapters/07-scatter-gather/");
    let files = ["chapter.md", "quiz.yaml", "interview.yaml"].map(|name| {
        let text = std::fs::read_to_string(format!("{folder}{name}")).unwrap();
        (format!("07-scatter-gather/{name}"), text)
    });
    Stage::with_chapters(&files.each_ref().map(|(name, text)| (&**name, &**text)))
}

fn opened(effects: &[Effect]) -> Option<&Place> {
    effects.iter().find_map(|effect| match effect {
        Effect::Open(place) => Some(place),
        _ => None,
    })
}

fn read(stage: &mut Stage, chapter: &str, section: &str, finished: bool) {
    stage.happened(Event::PageRead {
        chapter: chapter.to_owned(),
        section: section.to_owned(),
        block: 0,
        finished,
    });
}

fn read_all(stage: &mut Stage) {
    let chapter = stage.library.chapter("7").unwrap().clone();
    for section in &chapter.sections {
        read(stage, &chapter.meta.id, &section.slug, true);
    }
}

fn answer_all(stage: &mut Stage, right: bool) {
    let chapter = stage.library.chapter("7").unwrap().clone();
    for question in &chapter.quiz {
        stage.happened(Event::QuizAnswered(QuestionAnswered {
            question: question.id.clone(),
            answer: match question.kind {
                QuizKind::Number { .. } => Answer::Number("1".to_owned()),
                _ => Answer::One(0),
            },
            said: String::new(),
            right,
            confidence: None,
        }));
    }
}

#[test]
fn chapters_from_ten_on_are_opened_by_both_digits() {
    let stage = Stage::new();
    let mut home = Home::new(&stage.cx());
    let opened = |effects: Vec<Effect>| match effects.last() {
        Some(Effect::Open(Place::Reader { chapter, .. })) => chapter.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(opened(stage.keys(&mut home, "7")), "scatter-gather");
    assert_eq!(opened(stage.keys(&mut home, "12")), "election");
    assert_eq!(opened(stage.keys(&mut home, "10")), "coordinated-batch");
    stage.keys(&mut home, "1");
    assert_eq!(
        opened(stage.press(&mut home, &[KeyCode::Enter])),
        "introduction"
    );
}

#[test]
fn every_chapter_stands_under_its_part_and_those_to_come_say_so() {
    let stage = Stage::new();
    let text = stage.text(&home(&stage));
    for chapter in stage.library.chapters() {
        let row = text
            .lines()
            .find(|row| row.contains(&chapter.meta.title) && !row.contains("next"))
            .unwrap_or_else(|| panic!("{} is missing:\n{text}", chapter.meta.title));
        assert_eq!(row.contains("coming"), chapter.meta.coming, "{row}");
        assert!(text.contains(&chapter.meta.part), "{text}");
    }
}

#[test]
fn the_next_step_goes_through_the_five_verbs_in_order() {
    let mut stage = chapter_7();
    let first = |stage: &Stage| stage.row(&home(stage), "▸ next");
    first(&stage).holds(["Five minutes: one slow machine"]);
    assert!(first(&stage).ends_with("min"));
    read(&mut stage, "scatter-gather", "how-it-works", false);
    first(&stage).holds(["read on at “How it works”"]);
    read_all(&mut stage);
    first(&stage).holds(["quiz yourself"]);
    answer_all(&mut stage, false);
    first(&stage).holds(["you missed"]);
    answer_all(&mut stage, true);
    first(&stage).holds(["predict: “One slow answer"]);
    stage.happened(Event::ExperimentDone {
        lab: "scatter-gather".to_owned(),
        experiment: "the-tail-is-the-request".to_owned(),
    });
    let chapter = stage.library.chapter("7").unwrap().clone();
    for slug in crate::study::chapter::exercises(&chapter) {
        let title = &ddlab_exercises::find(slug).unwrap().manifest().title;
        let begin: String = title.chars().take(11).collect();
        first(&stage).holds([format!("build “{begin}").as_str()]);
        stage.happened(Event::ExerciseGraded {
            slug: slug.to_owned(),
            verdict: Verdict::Passed,
            seed: 1,
            diagnoses: Vec::new(),
        });
    }
    first(&stage).holds(["defend it"]);
    for question in &chapter.interview {
        stage.happened(Event::InterviewAnswered(InterviewAnswered {
            question: question.id.clone(),
            rev: 1,
            answer: String::new(),
            ticked: Vec::new(),
            confidence: None,
            grade: Grade::Good,
        }));
    }
    first(&stage).holds(["every chapter is done"]);
}

#[test]
fn marks_fill_as_one_learns() {
    let mut stage = chapter_7();
    let row = |stage: &Stage| stage.row(&home(stage), " 7  Scatter/gather");
    row(&stage).holds(["○"]);
    row(&stage).lacks(["●"]);
    read(&mut stage, "scatter-gather", "how-it-works", true);
    row(&stage).holds(["◔"]);
    read_all(&mut stage);
    answer_all(&mut stage, true);
    assert_eq!(row(&stage).matches('●').count(), 2, "{}", row(&stage));
}

#[test]
fn keys_lead_to_the_chapter_its_questions_and_the_search() {
    let stage = chapter_7();
    let mut screen = home(&stage);
    let place = |effects: Vec<Effect>| opened(&effects).cloned();
    assert_eq!(
        place(stage.press(&mut screen, &[KeyCode::Enter])),
        Some(Place::chapter("scatter-gather")),
        "it opens on the chapter to go on with"
    );
    assert_eq!(
        place(stage.keys(&mut screen, "i")),
        Some(Place::question("scatter-gather", None))
    );
    let of_chapter = stage
        .library
        .chapter("scatter-gather")
        .map(|c| &c.meta.exercises);
    let slug = of_chapter.expect("it is in the book")[0].clone();
    assert_eq!(
        place(stage.keys(&mut screen, "x")),
        Some(Place::ExercisesAt { slug }),
        "it has several: one chooses"
    );
    assert_eq!(place(stage.keys(&mut screen, "/")), Some(Place::palette()));
    assert_eq!(
        place(stage.keys(&mut screen, "n")),
        Some(Place::five_minutes()),
        "nothing was done yet"
    );
    let bare = "---\nid: bare\nnumber: 1\ntitle: Bare\npart: Serving\nsummary: Text.\nminutes: 1\n---\nText.\n";
    let book = Stage::with_chapters(&[("01-bare/chapter.md", bare)]);
    let mut screen = home(&book);
    book.keys(&mut screen, "g");
    for (key, what) in [("l", "no lab"), ("x", "no exercise"), ("i", "no questions")] {
        let effects = book.keys(&mut screen, key);
        assert!(
            matches!(&effects[..], [Effect::Notice(notice)] if notice.text.contains(what)),
            "{effects:?}"
        );
    }
}

#[test]
fn the_selection_stays_in_view_whatever_the_height() {
    let stage = Stage::new().sized(60, 15);
    let mut screen = home(&stage);
    let titles: Vec<String> = stage
        .library
        .chapters()
        .map(|chapter| chapter.meta.title.chars().take(8).collect())
        .collect();
    stage.keys(&mut screen, "g");
    for title in &titles {
        stage.row(&screen, "▌").holds([title.as_str()]);
        stage.keys(&mut screen, "j");
    }
    for title in titles.iter().rev() {
        stage.row(&screen, "▌").holds([title.as_str()]);
        stage.keys(&mut screen, "k");
    }
}

#[test]
fn a_click_selects_and_a_second_one_opens() {
    let stage = Stage::new();
    let mut screen = home(&stage);
    assert!(opened(&stage.click(&mut screen, "Ambassador")).is_none());
    assert_eq!(
        opened(&stage.click(&mut screen, "Ambassador")),
        Some(&Place::chapter("ambassador"))
    );
}

#[test]
fn the_summary_of_the_selected_chapter_is_shown_when_there_is_room() {
    let mut stage = Stage::new();
    let screen = home(&stage);
    stage.shows(&screen, ["interview questions"]);
    stage.size = (200, 59);
    stage.shows(&screen, ["interview questions"]);
    stage.size = (60, 15);
    stage.hides(&screen, ["interview questions"]);
}

#[test]
fn every_size_and_theme_is_survived() {
    let mut stage = Stage::new();
    let mut screen = home(&stage);
    survives(&mut stage, &mut screen);
    let mut empty = Stage::new();
    empty.library = crate::content::Library::default();
    let mut screen = home(&empty);
    empty.shows(&screen, ["no chapter here"]);
    empty.send(&mut screen, Message::Act(crate::tui::keymap::Action::Open));
    survives(&mut empty, &mut screen);
}

#[test]
fn the_mark_of_a_lab_fills_with_experiments_and_becomes_stars_with_medals() {
    let mut stage = Stage::new();
    let row = |stage: &Stage| stage.row(&home(stage), " 7  Scatter/gather");
    row(&stage).lacks(["◔"]);
    stage.happened(Event::ExperimentDone {
        lab: "scatter-gather".to_owned(),
        experiment: "the-tail-is-the-request".to_owned(),
    });
    row(&stage).holds(["◔"]);
    for (challenge, medal) in [
        ("one-slow-machine", Some(Medal::Bronze)),
        ("slow-on-every-side", None),
        ("one-slow-machine", Some(Medal::Gold)),
        ("one-slow-machine", None),
    ] {
        stage.happened(Event::ChallengeScored {
            lab: "scatter-gather".to_owned(),
            challenge: challenge.to_owned(),
            medal,
            set: std::collections::BTreeMap::default(),
        });
    }
    assert_eq!(row(&stage).matches('★').count(), 1, "{}", row(&stage));
}

#[test]
fn the_whole_screen_is_as_agreed() {
    let bare = |number: u8, title: &str, part: &str| {
        let id = title.to_lowercase();
        let page = format!(
            "---\nid: {id}\nnumber: {number}\ntitle: {title}\npart: {part}\nsummary: About {title}.\nminutes: 9\n---\nText.\n"
        );
        (format!("{number:02}-{id}/chapter.md"), page)
    };
    let files = [
        bare(1, "Introduction", "Single node"),
        bare(2, "Sidecar", "Single node"),
        bare(5, "Replicas", "Serving"),
        bare(9, "Queue", "Batch"),
    ];
    let mut stage = Stage::with_chapters(&files.each_ref().map(|(name, text)| (&**name, &**text)));
    let mut screen = home(&stage);
    stage.keys(&mut screen, "jj");
    golden!("home", stage, &mut screen);
}

#[test]
fn a_digit_opens_the_chapter_of_its_number() {
    let stage = Stage::new();
    let effects = stage.keys(&mut home(&stage), "3");
    assert_eq!(opened(&effects), Some(&Place::chapter("ambassador")));
}

#[test]
fn pages_and_ends_are_reached_as_on_every_screen() {
    let stage = Stage::new();
    let mut screen = home(&stage);
    stage.press(&mut screen, &[KeyCode::End]);
    assert_eq!(screen.picker.chosen(), stage.library.chapters().len() - 1);
    stage.press(&mut screen, &[KeyCode::PageUp, KeyCode::PageUp]);
    assert_eq!(screen.picker.chosen(), 0);
}

#[test]
fn the_first_start_offers_five_minutes_first_and_only_then() {
    let mut stage = Stage::new();
    let first = |stage: &Stage| footer(&home(stage).contexts())[0].clone();
    assert_eq!(
        first(&stage),
        ("n".to_owned(), "five minutes", Action::Next)
    );
    read(&mut stage, "scatter-gather", "the-problem", true);
    assert_eq!(first(&stage).1, "open");
}

#[test]
fn the_bar_offers_only_what_the_selected_chapter_has() {
    let stage = Stage::new();
    let mut home = Home::new(&stage.cx());
    let offers_lab = |home: &Home| home.contexts().contains(&Context::WithLab);
    stage.keys(&mut home, "g");
    assert!(!offers_lab(&home), "the introduction has none");
    stage.keys(&mut home, "j");
    assert!(offers_lab(&home));
}

#[test]
fn every_sign_of_the_columns_is_explained_beside_keys_that_it_does_not_touch() {
    let stage = Stage::new().sized(80, 23);
    let home = Home::new(&stage.cx());
    let row = stage.row(&home, "begun");
    for sign in stage.theme.symbols.progress {
        assert!(row.contains(sign), "{row}");
    }
    row.as_str().holds(["game day   ○ open"]);
}
