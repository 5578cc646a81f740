//! A graded exercise: the statement on one side, the checks ticking on the other.
//!
//! - [`grading`]: what is known of the grade that runs or ran.
//! - [`reading`]: the pane to read: statement, hints, the program's output, the solution.
//! - [`bench`]: the pane to watch: folder, checks, verdict, and below them the [`report`] of
//!   one check.
//! - [`layout`]: where the two lie; on a narrow terminal one is shown at a time.
//!
//! All that touches the disk or the learner's program is asked of the exercise worker.

mod bench;
mod grading;
mod layout;
mod reading;
mod report;

#[cfg(test)]
mod tests;

use super::{Cx, Message, Screen, Spot};
use crate::progress::Event;
use crate::tui::effect::{Effect, ExerciseAsk, ExerciseRequest, Place};
use crate::tui::event::{ExerciseFolder, ExerciseNews};
use crate::tui::keymap::{Action, Context};
use crate::tui::widget::kept::Kept;
use crate::tui::widget::picker::{Items, Picker};
use crate::tui::widget::scroll::Scroll;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ddlab_exercises::Exercise;
use ddlab_exercises::harness::language::LANGUAGES;
use ddlab_exercises::harness::observe::Event as GradeEvent;
use grading::Grading;
use layout::Layout;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use reading::{Face, Reading};

pub struct ExerciseScreen {
    exercise: &'static Exercise,
    folder: Option<ExerciseFolder>,
    /// Of the starter, as an index into [`LANGUAGES`].
    language: usize,
    grading: Grading,
    watching: bool,
    kept: Kept,
    reading: Reading,
    focus: Focus,
    /// The check whose report is shown.
    picker: Picker,
    report_scroll: Scroll,
    /// The next `v` shows the solution though it is not solved.
    gives_up: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    Reading,
    Checks,
}

impl ExerciseScreen {
    /// # Errors
    /// A sentence that names the nearest exercise, when there is none of that name.
    pub fn open(slug: &str, _cx: &Cx<'_>) -> Result<Self, String> {
        let exercise = ddlab_exercises::find(slug).map_err(|error| error.to_string())?;
        Ok(Self {
            exercise,
            folder: None,
            language: 0,
            grading: Grading::new(exercise),
            watching: false,
            kept: Kept::Nothing,
            reading: Reading::new(exercise),
            focus: Focus::Reading,
            picker: Picker::default(),
            report_scroll: Scroll::default(),
            gives_up: false,
        })
    }

    fn slug(&self) -> &'static str {
        self.exercise.slug()
    }

    fn ask(&self, ask: ExerciseAsk) -> Effect {
        Effect::Exercise(ExerciseRequest {
            slug: self.slug().to_owned(),
            ask,
        })
    }

    fn is_laid_out(&self) -> bool {
        self.folder
            .as_ref()
            .is_some_and(|folder| folder.state.is_some())
    }

    fn hints_are_in_view(&self) -> bool {
        matches!(self.focus, Focus::Reading) && matches!(self.reading.face(), Face::Hints)
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        match action {
            // From the hints one goes back to what they are about.
            Action::Back if self.hints_are_in_view() => self.show(Face::Statement, cx),
            Action::Back => return vec![Effect::Back],
            Action::Start => return vec![self.start()],
            Action::Grade
            | Action::Watch
            | Action::Replay
            | Action::Hint
            | Action::Diff
            | Action::EditFile
                if !self.is_laid_out() =>
            {
                return vec![Effect::info(
                    "there is no folder yet; press s to lay out the starter",
                )];
            }
            Action::Grade => return vec![self.grade(ExerciseAsk::Grade)],
            Action::Replay => return vec![self.replay()],
            Action::EditFile => return self.edit().into_iter().collect(),
            Action::Watch if self.watching => return vec![self.ask(ExerciseAsk::Stop)],
            Action::Watch => {
                self.watching = true;
                return vec![self.grade(ExerciseAsk::Watch)];
            }
            Action::Stop if self.grading.is_running() || self.watching => {
                return vec![self.ask(ExerciseAsk::Stop)];
            }
            Action::Stop => return vec![Effect::info("nothing runs")],
            // Nobody is shown one more who only wants to see those again.
            Action::Hint if self.reading.hints_shown > 0 && !self.hints_are_in_view() => {
                self.show(Face::Hints, cx);
            }
            Action::Hint => return vec![self.ask(ExerciseAsk::Hint)],
            Action::Solution => {
                let passed = cx.marks.has_passed(self.slug());
                let give_up = std::mem::take(&mut self.gives_up) || passed;
                return vec![self.ask(ExerciseAsk::Solution { give_up })];
            }
            Action::Diff => return vec![self.diff(cx)],
            Action::Statement => self.show(Face::Statement, cx),
            Action::Output => self.show(Face::Output, cx),
            Action::NextFocus => {
                self.focus = match self.focus {
                    Focus::Reading => Focus::Checks,
                    Focus::Checks => Focus::Reading,
                }
            }
            Action::Smaller | Action::Larger if !self.is_laid_out() => self.turn_language(action),
            action => self.scroll(action, cx),
        }
        Vec::new()
    }

    fn start(&self) -> Effect {
        match &self.folder {
            Some(folder) if folder.state.is_some() => {
                Effect::info(format!("it is laid out already, in {}", folder.shown))
            }
            _ => {
                let lang = LANGUAGES[self.language].id.to_owned();
                self.ask(ExerciseAsk::Start { lang })
            }
        }
    }

    fn grade(&mut self, ask: ExerciseAsk) -> Effect {
        if self.grading.is_running() {
            self.watching = false;
            return Effect::info("a grade is running; ctrl-x stops it");
        }
        self.grading.begin(None);
        self.kept = Kept::Nothing;
        self.focus = Focus::Checks;
        self.select(0);
        self.ask(ask)
    }

    /// The chosen check once more, with the faults that it met.
    fn replay(&mut self) -> Effect {
        if self.watching || self.grading.is_running() {
            return Effect::info(
                "a grade is running; ctrl-x stops it, then R runs one check again",
            );
        }
        let Some((check, seed)) = self.grading.replay(self.picker.chosen()) else {
            return Effect::info(
                "no check has run yet; r grades, then R runs the chosen one again",
            );
        };
        self.grading.begin(Some(check));
        self.kept = Kept::Nothing;
        self.focus = Focus::Checks;
        self.report_scroll = Scroll::default();
        self.ask(ExerciseAsk::Replay { check, seed })
    }

    fn edit(&self) -> Option<Effect> {
        let state = self.folder.as_ref()?.state.as_ref()?;
        Some(Effect::EditFile(state.source.clone()))
    }

    fn diff(&self, cx: &Cx<'_>) -> Effect {
        if cx.marks.has_passed(self.slug()) || !self.reading.solution.is_empty() {
            return self.ask(ExerciseAsk::Diff);
        }
        Effect::info("the solution is yours after a pass, and so is the comparison with it")
    }

    fn turn_language(&mut self, action: Action) {
        let count = LANGUAGES.len();
        let step = if action == Action::Larger {
            1
        } else {
            count - 1
        };
        self.language = (self.language + step) % count;
    }

    fn show(&mut self, face: Face, cx: &Cx<'_>) {
        self.focus = Focus::Reading;
        let area = Layout::new(self.focus, cx).reading;
        self.reading.show(face, &self.grading, area, cx.theme);
    }

    fn scroll(&mut self, action: Action, cx: &Cx<'_>) {
        let layout = Layout::new(self.focus, cx);
        match self.focus {
            Focus::Reading => {
                self.reading
                    .scroll(action, &self.grading, layout.reading, cx.theme);
            }
            // The list is short and its report is long: pages turn in the report.
            Focus::Checks => match action {
                Action::PageDown | Action::PageUp | Action::HalfDown | Action::HalfUp => {
                    let lines = report::lines(self, layout.bench, cx.theme).len();
                    let height = bench::report_area(self, layout.bench).height.into();
                    self.report_scroll.act(action, lines, height);
                }
                action => {
                    let before = self.picker.chosen();
                    let height = bench::checks_area(self, layout.bench).height.into();
                    self.picker.act(action, &self.items(), height);
                    if self.picker.chosen() != before {
                        self.report_scroll = Scroll::default();
                    }
                }
            },
        }
    }

    fn items(&self) -> Items {
        Items::plain(self.grading.checks().len())
    }

    fn select(&mut self, index: usize) {
        self.picker = Picker::at(index);
        self.report_scroll = Scroll::default();
    }

    fn news(&mut self, news: ExerciseNews, cx: &Cx<'_>) -> Vec<Effect> {
        match news {
            ExerciseNews::Located(folder) => self.located(folder),
            ExerciseNews::Grading(event) => return self.graded(event),
            ExerciseNews::Idle => {
                self.watching = false;
                self.grading.stopped();
            }
            ExerciseNews::Hint { number, last } => {
                self.reading.hints_shown = number;
                self.show(Face::Hints, cx);
                let mut effects = vec![Effect::Record(Event::HintShown {
                    of: self.slug().to_owned(),
                    number: number as u16,
                })];
                if last {
                    effects.push(Effect::info("that was the last hint"));
                }
                return effects;
            }
            ExerciseNews::Solution(files) => {
                self.reading.solution = files;
                self.show(Face::Solution, cx);
                return vec![Effect::Record(Event::SolutionShown {
                    of: self.slug().to_owned(),
                })];
            }
            ExerciseNews::Diff(diff) => {
                self.reading.diff = diff;
                self.show(Face::Diff, cx);
            }
            ExerciseNews::NotSolved => {
                self.gives_up = true;
                return vec![Effect::info(
                    "the solution is yours after a pass; v again gives up, which is noted",
                )];
            }
            ExerciseNews::Remark(text) => return vec![Effect::info(text)],
            ExerciseNews::Trouble(text) => {
                self.grading.stopped();
                return vec![Effect::warning(text)];
            }
        }
        Vec::new()
    }

    fn located(&mut self, folder: ExerciseFolder) {
        if let Some(state) = &folder.state {
            self.reading.hints_shown = state.hints_shown;
            let of_folder = LANGUAGES.iter().position(|lang| lang.id == state.language);
            self.language = of_folder.unwrap_or(self.language);
        }
        self.folder = Some(folder);
    }

    fn graded(&mut self, event: GradeEvent) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let GradeEvent::Finished(report) = &event {
            effects.push(Effect::Record(Event::graded(report)));
            self.kept = Kept::Waiting;
        }
        if let GradeEvent::Planned { checks, .. } = &event {
            self.kept = Kept::Nothing;
            if checks.len() != 1 {
                self.select(0);
            }
        }
        let failed_before = self.grading.first_failure();
        self.grading.take(event);
        // The first mistake of the list is the one to read, in whatever order the checks end; what is
        // selected by hand stays.
        if self.picker.chosen() == failed_before.unwrap_or(0)
            && self.grading.first_failure() != failed_before
            && let Some(first) = self.grading.first_failure()
        {
            self.select(first);
        }
        effects
    }

    fn mouse(&mut self, mouse: MouseEvent, cx: &Cx<'_>) {
        let layout = Layout::new(self.focus, cx);
        let at = Position::new(mouse.column, mouse.row);
        let before = self.focus;
        if layout.reading.contains(at) {
            self.focus = Focus::Reading;
        } else if layout.bench.contains(at) {
            self.focus = Focus::Checks;
        }
        match mouse.kind {
            MouseEventKind::ScrollDown => self.scroll(Action::Down, cx),
            MouseEventKind::ScrollUp => self.scroll(Action::Up, cx),
            MouseEventKind::Down(MouseButton::Left) => {
                if let Some(index) = bench::check_at(self, layout.bench, at) {
                    self.select(index);
                }
            }
            _ => self.focus = before,
        }
    }
}

impl Screen for ExerciseScreen {
    fn place(&self) -> Place {
        Place::exercise(self.slug())
    }

    fn contexts(&self) -> Vec<Context> {
        vec![
            Context::Exercise,
            Context::Markable,
            Context::Movement,
            Context::Global,
        ]
    }

    fn spot(&self, _cx: &Cx<'_>) -> Option<Spot> {
        Some(Spot {
            of: format!("exercise:{}", self.slug()),
            title: format!("Exercise: {}", self.exercise.manifest().title),
            at: self.place(),
        })
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        match message {
            // The folder may have come, or its hints, while another screen was on top.
            Message::Shown => return vec![self.ask(ExerciseAsk::Locate)],
            Message::Act(action) => {
                if action != Action::Solution {
                    self.gives_up = false;
                }
                return self.act(action, cx);
            }
            Message::Mouse(mouse) => self.mouse(mouse, cx),
            Message::Exercise(slug, news) if slug == self.slug() => return self.news(news, cx),
            Message::Recorded(answer) => {
                if let Event::ExerciseGraded { slug, .. } = &answer.stored.event
                    && slug == self.slug()
                {
                    self.kept = Kept::of(answer.durable);
                }
            }
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        let layout = Layout::new(self.focus, cx);
        layout.header(self, cx, buf);
        self.reading
            .draw(&self.grading, layout.reading, cx.theme, buf);
        bench::draw(self, layout.bench, cx.theme, buf);
    }
}
