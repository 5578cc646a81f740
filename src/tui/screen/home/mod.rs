//! The curriculum: what to do next on one line, and below it every chapter with its five marks. The
//! first thing seen, so it is calm: one accent, no boxes, nothing that moves.
//!
//! - [`next`]: what to do next, from the record and the library alone.
//! - [`layout`]: which rows stand where, shared by the drawing and the mouse.
//! - [`view`]: the drawing.

mod layout;
mod next;
mod view;

#[cfg(test)]
mod tests;

use super::{Cx, Message, Screen, go, ways};
use crate::content::model::Chapter;
use crate::practice::learned::Learned;
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{Action, Context};
use crate::tui::widget::digits::{Digits, Typed};
use crate::tui::widget::picker::{Picked, Picker};
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ddlab_text::counted;
use layout::Layout;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use std::time::Duration;

/// How soon to look again for what a thread is at.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

pub struct Home {
    /// Of the chapters, in the order of the book.
    picker: Picker,
    /// What is due over all chapters, and when the interview is.
    due: Vec<String>,
    /// The log is being folded: what is due will be known in a moment.
    waits: bool,
    /// The number of a chapter, while it is typed.
    digits: Digits,
    /// What the selected chapter has.
    ways: Vec<Context>,
    /// Nothing has been done yet.
    first_start: bool,
}

impl Home {
    /// The selection stands on the chapter to go on with, so that enter continues.
    pub fn new(cx: &Cx<'_>) -> Self {
        let here = next::next(cx.library, cx.marks).map(|step| step.chapter);
        let chapter = here
            .or_else(|| cx.marks.last_place().map(|place| place.chapter.clone()))
            .and_then(|id| cx.library.chapters().position(|c| c.meta.id == id))
            .unwrap_or(0);
        let mut home = Self {
            picker: Picker::at(chapter),
            due: Vec::new(),
            waits: false,
            digits: Digits::default(),
            ways: Vec::new(),
            first_start: false,
        };
        home.look(cx);
        home
    }

    /// Which ways lead on from here.
    fn look(&mut self, cx: &Cx<'_>) {
        self.ways = self.chapter(cx).map(ways).unwrap_or_default();
        self.first_start = next::is_first_start(cx.library, cx.marks);
    }

    /// Opens the chapter of this number.
    fn numbered(number: usize, cx: &Cx<'_>) -> Vec<Effect> {
        let mut chapters = cx.library.chapters();
        let chapter = chapters.find(|chapter| usize::from(chapter.meta.number) == number);
        vec![chapter.map_or_else(
            || Effect::info(format!("there is no chapter {number}")),
            |chapter| go(Action::Open, chapter),
        )]
    }

    fn chapter<'a>(&self, cx: &Cx<'a>) -> Option<&'a Chapter> {
        cx.library.chapters().nth(self.picker.chosen())
    }

    /// Says what is due now; where a thread is still at it, in a moment.
    fn refresh(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        self.waits = !cx.learner.is_ready();
        if self.waits {
            return vec![Effect::Tick(LOOK_AGAIN)];
        }
        self.due = cx.learned(|learned| due(learned, cx));
        Vec::new()
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        match action {
            Action::Search => return vec![Effect::Open(Place::palette())],
            Action::Review => return vec![Effect::Open(Place::Review)],
            Action::Progress => return vec![Effect::Open(Place::Progress)],
            Action::Sheets => return vec![Effect::Open(Place::Cheat { chapter: None })],
            Action::Mock => {
                let words = "mock ".to_owned();
                return vec![Effect::Open(Place::Palette { words })];
            }
            Action::Designs => return vec![Effect::Open(Place::Designs)],
            Action::Exercises => return vec![Effect::Open(Place::Exercises)],
            Action::OnCall => return vec![Effect::Open(Place::GameDay { night: None })],
            Action::Drill => return vec![Effect::Open(Place::Drill { only: None })],
            Action::Choose(digit) => {
                let chapters = cx.library.chapters();
                let last = chapters.map(|chapter| chapter.meta.number).max();
                let last = last.unwrap_or_default().into();
                return match self.digits.press(digit, last, cx.uptime) {
                    Typed::Whole(number) => Self::numbered(number, cx),
                    Typed::Begun(effects) => effects,
                };
            }
            Action::Next => {
                return match next::next(cx.library, cx.marks) {
                    Some(step) => vec![Effect::Open(step.place)],
                    None => vec![Effect::info(next::ALL_DONE)],
                };
            }
            Action::GoQuiz => {
                let Some(chapter) = self.chapter(cx) else {
                    return Vec::new();
                };
                let right = |id: &str| cx.marks.answer(id).is_some_and(|answer| answer.right);
                let mut open = chapter.quiz.iter().filter(|one| !right(&one.id));
                let first = open.next().or(chapter.quiz.first());
                return vec![match first {
                    Some(first) => Effect::Open(Place::question(&chapter.meta.id, Some(&first.id))),
                    None => Effect::info(format!("{} has no quiz yet", chapter.meta.title)),
                }];
            }
            Action::Open | Action::GoLab | Action::GoExercise | Action::GoInterview => {
                let chapter = self.chapter(cx);
                return chapter.map(|c| go(action, c)).into_iter().collect();
            }
            action => {
                let layout = Layout::new(cx);
                let height = layout.list.height.into();
                self.picker.act(action, &layout.items, height);
            }
        }
        Vec::new()
    }

    fn mouse(&mut self, mouse: MouseEvent, cx: &Cx<'_>) -> Vec<Effect> {
        let layout = Layout::new(cx);
        let at = Position::new(mouse.column, mouse.row);
        let clicked = mouse.kind == MouseEventKind::Down(MouseButton::Left);
        if clicked && layout.next.contains(at) {
            return self.act(Action::Next, cx);
        }
        match self.picker.mouse(mouse, &layout.items, layout.list) {
            Picked::Opened => self.act(Action::Open, cx),
            Picked::Moved | Picked::Nothing => Vec::new(),
        }
    }
}

/// `12 cards due, 9 min`, `r review`, `interview in 3 days`, what of it there is.
fn due(Learned { deck, .. }: &Learned, cx: &Cx<'_>) -> Vec<String> {
    let today = cx.now.day.number();
    let due = deck.due(cx.library, today);
    let mut said = Vec::new();
    if !due.cards.is_empty() {
        let cards = counted(due.cards.len(), "card");
        said.push(format!("{cards} due, {} min", due.minutes));
        said.push("r review".to_owned());
    }
    match deck.plan.interview.map(|day| day.number() - today) {
        Some(0) => said.push("interview today".to_owned()),
        Some(1) => said.push("interview tomorrow".to_owned()),
        Some(days @ 2..) => said.push(format!("interview in {days} days")),
        _ => {}
    }
    said
}

impl Screen for Home {
    fn place(&self) -> Place {
        Place::Home
    }

    fn contexts(&self) -> Vec<Context> {
        let first = self.first_start.then_some(Context::FirstStart);
        let mut contexts: Vec<Context> = first.into_iter().chain([Context::Home]).collect();
        contexts.extend(&self.ways);
        contexts.extend([Context::Numbers, Context::Movement, Context::Global]);
        contexts
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        let effects = match message {
            Message::Tick => {
                let mut effects = Vec::new();
                if self.waits {
                    effects = self.refresh(cx);
                }
                if let Some(number) = self.digits.tick(cx.uptime) {
                    effects.extend(Self::numbered(number, cx));
                }
                effects
            }
            Message::Act(Action::Open) if self.digits.is_begun() => {
                let number = self.digits.take();
                number.map_or_else(Vec::new, |number| Self::numbered(number, cx))
            }
            Message::Act(action) => self.act(action, cx),
            Message::Mouse(mouse) => self.mouse(mouse, cx),
            Message::Shown => self.refresh(cx),
            _ => Vec::new(),
        };
        self.look(cx);
        effects
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        view::draw(self, cx, buf);
    }
}
