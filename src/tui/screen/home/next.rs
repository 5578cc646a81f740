//! What to do next: the next verb of the chapter that one is in, else of the first that is not done.
//! Read, predict, poke, build, defend, in this order; nothing here but the record and the library.

use crate::content::Library;
use crate::content::model::Chapter;
use crate::progress::projection::ChapterMarks;
use crate::progress::{Event, Marks, Stored};
use crate::study::chapter::{exercises, labs};
use crate::tui::effect::Place;

/// Said when there is no next.
pub const ALL_DONE: &str = "every chapter is done: defend one again, or break its lab";

/// A quiz question takes about this long.
const QUIZ_QUESTION_S: usize = 45;
/// A first look at a lab.
const LAB_MINUTES: u16 = 10;

#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The id of its chapter.
    pub chapter: String,
    pub title: String,
    /// What to do, in a few words: `read on at “How it works”`.
    pub what: String,
    pub minutes: u16,
    pub place: Place,
}

/// The next step; none when everything that exists is done.
pub fn next(library: &Library, marks: &Marks) -> Option<Step> {
    if let Some(first) = first_of_all(library, marks) {
        return Some(first);
    }
    let current = marks
        .last_place()
        .and_then(|place| library.chapters().find(|c| c.meta.id == place.chapter));
    current
        .into_iter()
        .chain(library.chapters())
        .filter(|chapter| !chapter.meta.coming)
        .find_map(|chapter| in_chapter(chapter, marks))
}

/// Whether the next step is the first of all.
pub fn is_first_start(library: &Library, marks: &Marks) -> bool {
    first_of_all(library, marks).is_some()
}

/// Five minutes that show what this is, for who has done nothing yet.
fn first_of_all(library: &Library, marks: &Marks) -> Option<Step> {
    let nothing_yet = |stored: &Stored| matches!(stored.event, Event::Left { .. });
    if !marks.log().iter().all(nothing_yet) {
        return None;
    }
    let place = Place::five_minutes();
    let Place::Guide { lab, id } = &place else {
        return None;
    };
    let experiment = ddlab_labs::guides(lab).experiment(id).ok()?;
    let chapter = library
        .chapters()
        .find(|chapter| chapter.meta.labs.contains(lab))?;
    Some(Step {
        chapter: chapter.meta.id.clone(),
        title: experiment.title.clone(),
        what: "predict, see, cure it".to_owned(),
        minutes: experiment.minutes as u16,
        place,
    })
}

/// The next verb of this chapter, if any is left.
pub fn in_chapter(chapter: &Chapter, marks: &Marks) -> Option<Step> {
    let done = marks.chapter(chapter);
    let (what, minutes, place) = reading(chapter, &done, marks)
        .or_else(|| quiz(chapter, marks))
        .or_else(|| lab(chapter, marks))
        .or_else(|| build(chapter, marks))
        .or_else(|| defend(chapter, marks))?;
    Some(Step {
        chapter: chapter.meta.id.clone(),
        title: chapter.meta.title.clone(),
        what,
        minutes,
        place,
    })
}

type Found = (String, u16, Place);

fn reading(chapter: &Chapter, done: &ChapterMarks, marks: &Marks) -> Option<Found> {
    if done.read.of == 0 || done.read.is_complete() {
        return None;
    }
    let left = f64::from(chapter.meta.minutes) * (1.0 - done.read.share());
    let section = marks.place_in(&chapter.meta.id).and_then(|place| {
        let mut sections = chapter.sections.iter();
        sections.find(|section| section.slug == place.section)
    });
    let what = match section {
        Some(section) => format!("read on at \u{201c}{}\u{201d}", section.title),
        None if done.read.done > 0 => "read on".to_owned(),
        None => "read it".to_owned(),
    };
    let place = Place::chapter(&chapter.meta.id);
    Some((what, (left.ceil() as u16).max(1), place))
}

fn quiz(chapter: &Chapter, marks: &Marks) -> Option<Found> {
    let open = |id: &str| marks.answer(id).is_none_or(|answer| !answer.right);
    let left: Vec<&str> = chapter
        .quiz
        .iter()
        .map(|question| question.id.as_str())
        .filter(|id| open(id))
        .collect();
    let first = left.first()?;
    let fresh = left.iter().filter(|id| marks.answer(id).is_none()).count();
    let what = match (fresh, left.len()) {
        (0, missed) => format!("try again the {} you missed", questions(missed)),
        (fresh, _) if fresh == chapter.quiz.len() => format!("quiz yourself, {}", questions(fresh)),
        (_, left) => format!("finish the quiz, {} left", questions(left)),
    };
    let minutes = (left.len() * QUIZ_QUESTION_S).div_ceil(60) as u16;
    Some((what, minutes, question(chapter, first)))
}

fn lab(chapter: &Chapter, marks: &Marks) -> Option<Found> {
    let mut labs = labs(chapter).into_iter();
    let lab = labs
        .find(|id| !marks.has_run(id))
        .and_then(ddlab_labs::find)?;
    let (id, title) = (lab.spec().id, lab.spec().title);
    Some(match ddlab_labs::guides(id).experiments.first() {
        // Who is led through it once knows what else there is to break.
        Some(first) => (
            format!("predict: \u{201c}{}\u{201d}", first.title),
            first.minutes as u16,
            Place::guide(id, &first.id),
        ),
        None => (
            format!("break the lab \u{201c}{title}\u{201d}"),
            LAB_MINUTES,
            Place::lab(id),
        ),
    })
}

fn build(chapter: &Chapter, marks: &Marks) -> Option<Found> {
    let mut exercises = exercises(chapter).into_iter();
    let exercise = exercises
        .find(|slug| !marks.has_passed(slug))
        .and_then(|slug| ddlab_exercises::find(slug).ok())?;
    let manifest = exercise.manifest();
    let what = format!("build \u{201c}{}\u{201d}", manifest.title);
    Some((what, manifest.minutes, Place::exercise(&manifest.slug)))
}

fn defend(chapter: &Chapter, marks: &Marks) -> Option<Found> {
    let mut open = chapter.interview.iter().filter(|question| {
        marks
            .interview(&question.id)
            .is_none_or(|answer| !answer.grade.holds())
    });
    let first = open.next()?;
    let what = match open.count() {
        0 => "defend it: the last interview question".to_owned(),
        more => format!("defend it: {} to answer", questions(more + 1)),
    };
    Some((what, first.minutes, question(chapter, &first.id)))
}

fn question(chapter: &Chapter, id: &str) -> Place {
    Place::question(&chapter.meta.id, Some(id))
}

fn questions(count: usize) -> String {
    match count {
        1 => "1 question".to_owned(),
        count => format!("{count} questions"),
    }
}
