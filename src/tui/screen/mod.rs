//! The screens. Each is a plain state that changes by messages and draws itself; what it wants done it
//! returns as effects. So every screen is tested by feeding messages and reading a buffer.

pub mod bookmarks;
pub mod designs;
pub mod exercise;
pub mod exercises;
pub mod gameday;
pub mod help;
pub mod home;
pub mod lab;
pub mod overview;
pub mod palette;
pub mod practice;
pub mod question;
pub mod reader;
pub mod runs;
pub mod source;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod template;

use super::address::Address;
use super::effect::{Effect, Place};
pub use super::event::Message;
use super::keymap::{Action, Context};
use super::theme::Theme;
use crate::clock::Moment;
use crate::content::Library;
use crate::content::model::Chapter;
use crate::markdown::highlight::Highlighter;
use crate::practice::learned::{Learned, Learner};
use crate::progress::Marks;
use crate::search::{Catalogue, Index};
use crate::study::chapter;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::time::Duration;

/// What a screen may look at while it updates and draws. All of it is borrowed and none of it blocks.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    pub library: &'a Library,
    /// What the learner has done, as far as the record knows.
    pub marks: &'a Marks,
    pub theme: &'a Theme,
    pub highlighter: &'a Highlighter,
    /// The index of the book; [`Cx::index`] asks it.
    pub catalogue: &'a Catalogue,
    /// What follows from the log; [`Cx::learned`] looks at it.
    pub learner: &'a Learner,
    /// The area that the screen draws on: all but the bottom bar.
    pub area: Rect,
    /// Time since the program started, for clocks that a screen shows.
    pub uptime: Duration,
    /// The instant, and the learner's day.
    pub now: Moment,
}

impl<'a> Cx<'a> {
    /// Every place of the book that can be found.
    pub fn index(&self) -> &'a Index {
        self.catalogue.of(self.library)
    }

    /// Looks at the learner's cards and counts, as the log is now.
    pub fn learned<T>(&self, look: impl FnOnce(&Learned) -> T) -> T {
        self.learner.look(self.library, self.marks.log(), look)
    }
}

/// What a bookmark is of.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    /// As [`crate::progress::bookmark::Bookmark`] names it.
    pub of: String,
    pub title: String,
    pub at: Place,
}

pub trait Screen {
    /// Where this is, precise enough to come back to.
    fn place(&self) -> Place;

    /// The keys that hold now, most specific context first.
    fn contexts(&self) -> Vec<Context>;

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect>;

    /// What is in view, to be marked or noted on; none where nothing can be.
    fn spot(&self, _cx: &Cx<'_>) -> Option<Spot> {
        None
    }

    /// Only draws.
    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer);

    /// The addresses of the web that are in view, for terminals that open them.
    fn addresses(&self, _cx: &Cx<'_>) -> Vec<Address> {
        Vec::new()
    }

    /// The same for the next start of the program.
    fn place_to_reopen(&self) -> Place {
        self.place()
    }

    /// The screen is left. What to do to have it wait as it is; none when it need not be kept.
    fn wait(&mut self) -> Option<Vec<Effect>> {
        None
    }

    /// Whether a screen that waits is what this place opens.
    fn is_at(&self, _place: &Place) -> bool {
        false
    }

    /// Somebody comes back to a screen that waited, by this place.
    fn come_back(&mut self, _place: &Place, _cx: &Cx<'_>) -> Vec<Effect> {
        Vec::new()
    }

    /// Drawn over the screen below instead of in its place.
    fn is_overlay(&self) -> bool {
        false
    }

    /// Where the text cursor stands, when text is typed.
    fn cursor(&self, _cx: &Cx<'_>) -> Option<Position> {
        None
    }
}

/// Makes the screen of a place. A place that no longer exists (a chapter of a pack that is gone)
/// gives the reason instead.
pub fn open(place: &Place, below: &[Context], cx: &Cx<'_>) -> Result<Box<dyn Screen>, String> {
    Ok(match place {
        Place::Home => Box::new(home::Home::new(cx)),
        Place::Reader {
            chapter,
            anchor,
            show,
        } => {
            let mut reader = reader::Reader::open(chapter, anchor.as_ref(), cx)?;
            if let Some(show) = show {
                reader.show(show, anchor.as_ref(), cx);
            }
            Box::new(reader)
        }
        Place::Lab { lab, set, seed } => Box::new(lab::LabScreen::open(lab, set, *seed, cx)?),
        Place::Run {
            lab,
            set,
            script,
            seed,
            at_ns,
        } => Box::new(lab::LabScreen::open_run(lab, set, script, *seed, *at_ns)?),
        Place::SavedRun { lab, file } => Box::new(lab::LabScreen::open_saved(lab, file)?),
        Place::Designs => Box::new(designs::Designs::default()),
        Place::Brief { brief } => Box::new(designs::Designs::at(brief)),
        Place::Runs => Box::new(runs::Runs::default()),
        Place::Guide { lab, id } => Box::new(lab::LabScreen::guided(lab, id)?),
        Place::Source { lab, line } => Box::new(source::Source::open(lab, *line, cx)?),
        Place::Exercises => Box::new(exercises::Exercises::default()),
        Place::ExercisesAt { slug } => Box::new(exercises::Exercises::at(slug)),
        Place::Exercise { slug } => Box::new(exercise::ExerciseScreen::open(slug, cx)?),
        Place::Question { chapter, question } => {
            Box::new(question::Question::open(chapter, question.as_deref(), cx)?)
        }
        Place::Review => Box::new(practice::PracticeScreen::review(cx)),
        Place::Settings => Box::new(practice::PracticeScreen::settings(cx)),
        Place::Drill { only } => Box::new(practice::PracticeScreen::drill(only.as_deref(), cx)?),
        Place::Interview {
            topic,
            level,
            minutes,
        } => Box::new(practice::PracticeScreen::interview(
            topic, level, *minutes, cx,
        )?),
        Place::Prove { question } => Box::new(practice::PracticeScreen::prove(question, cx)?),
        Place::Progress => Box::new(overview::Overview::progress(cx)),
        Place::Cheat { chapter } => Box::new(overview::Overview::cheat(chapter.as_deref(), cx)?),
        Place::GameDay { night } => Box::new(gameday::GameDay::open(night.as_deref())?),
        Place::Bookmarks => Box::new(bookmarks::Bookmarks::default()),
        Place::Note { of, title, at } => Box::new(bookmarks::note::Note::open(of, title, at, cx)),
        #[cfg(test)]
        Place::Template => Box::new(template::Template::default()),
        Place::Help => Box::new(help::Help::new(below)),
        Place::Palette { words } => Box::new(palette::PaletteScreen::new(words, cx)),
    })
}

/// The contexts of what a chapter has, so that the bar offers nothing else.
fn ways(chapter: &Chapter) -> Vec<Context> {
    let questions = chapter.interview.len() + chapter.quiz.len();
    let ways = [
        (!chapter::labs(chapter).is_empty(), Context::WithLab),
        (
            !chapter::exercises(chapter).is_empty(),
            Context::WithExercise,
        ),
        (questions > 0, Context::WithQuestions),
    ];
    let there = ways.into_iter().filter(|(is_there, _)| *is_there);
    there.map(|(_, way)| way).collect()
}

/// Where an action on a chapter leads, or why it leads nowhere.
fn go(action: Action, chapter: &Chapter) -> Effect {
    let meta = &chapter.meta;
    let open = match action {
        Action::GoLab => {
            let mut labs = meta.labs.iter();
            let lab = labs.find(|id| ddlab_labs::find(id).is_some());
            lab.map(|id| Place::lab(id)).ok_or("lab")
        }
        Action::GoExercise => {
            let exercises = meta.exercises.iter();
            let mut known = exercises.filter(|slug| ddlab_exercises::find(slug).is_ok());
            match (known.next(), known.next()) {
                (None, _) => Err("exercise"),
                (Some(only), None) => Ok(Place::exercise(only)),
                (Some(first), Some(_)) => Ok(Place::ExercisesAt {
                    slug: first.clone(),
                }),
            }
        }
        Action::GoInterview => (chapter.interview.len() + chapter.quiz.len() > 0)
            .then(|| Place::question(&meta.id, None))
            .ok_or("questions"),
        _ => Ok(Place::chapter(&meta.id)),
    };
    match open {
        Ok(place) => Effect::Open(place),
        Err(what) => Effect::info(format!("{} has no {what} yet", meta.title)),
    }
}
