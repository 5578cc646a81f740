//! A practice session on the screen: what is due, numbers problems, a mock interview. What is shown and asked comes from
//! the session itself ([`crate::practice::Flow`]); here it is laid out, typed and scrolled.

mod view;

#[cfg(test)]
mod tests;

use super::{Cx, Message, Screen};
use crate::content::model::Level;
use crate::judge::{self, Verdicts};
use crate::practice::drill::Drill;
use crate::practice::interview::{self, Interview};
use crate::practice::prompt;
use crate::practice::prove::Prove;
use crate::practice::review::Review;
use crate::practice::settings::Settings;
use crate::practice::{Ask, Choice, Flow, Step};
use crate::progress::Event;
use crate::tui::effect::{Effect, JobId, Measuring, Notice, Place};
use crate::tui::event::MeasureNews;
use crate::tui::keymap::{Action, Context};
use crate::tui::widget::digits::{Digits, Typed};
use crate::tui::widget::scroll::Scroll;
use crate::tui::widget::text_area::{self, text_area};
use ddlab_text::clean;
use ratatui::buffer::Buffer;
use ratatui_textarea::TextArea;
use std::time::Duration;

/// Problems of a drill that was opened on the screen.
const PROBLEMS: usize = 10;
const SECOND: Duration = Duration::from_secs(1);
/// While one types against the clock, the draft is kept this often.
const KEEP_DRAFT_EVERY: Duration = Duration::from_secs(10);
/// And how the session stands, with the time that was spent.
const KEEP_EVERY: Duration = Duration::from_mins(1);

pub struct PracticeScreen {
    place: Place,
    flow: Box<dyn Flow>,
    step: Step,
    typed: TextArea<'static>,
    /// Why the last answer was refused.
    refusal: Option<String>,
    scroll: Scroll,
    /// The text is longer than its place: the keys that move through it have something to do.
    is_long: bool,
    /// When the tick that was asked for is due: other screens ask for ticks too, and all are told of each.
    due: Duration,
    /// The run or the judge that the session waits for.
    running: Option<JobId>,
    /// The number of what to study next, while it is typed.
    digits: Digits,
    /// What the record knows of the text that is not given yet, and when it was last told.
    kept: (String, Duration),
    /// When it was last told how the session stands.
    session_kept: Duration,
}

impl PracticeScreen {
    /// What is due now.
    pub fn review(cx: &Cx<'_>) -> Self {
        let judge = judge::set(cx.marks.log());
        let review = cx.learned(|learned| Review::new(cx.library, &learned.deck, cx.now));
        let review = review.with_judge(judge);
        Self::new(Place::Review, Box::new(review), cx)
    }

    /// Numbers problems, or those of one kind.
    ///
    /// # Errors
    /// A sentence when there is no such kind.
    pub fn drill(only: Option<&str>, cx: &Cx<'_>) -> Result<Self, String> {
        let drill = Drill::new(only, PROBLEMS, cx.now.at.0.unsigned_abs())?;
        let place = Place::Drill {
            only: only.map(str::to_owned),
        };
        Ok(Self::new(place, Box::new(drill), cx))
    }

    /// The settings of practice.
    pub fn settings(cx: &Cx<'_>) -> Self {
        Self::new(Place::Settings, Box::new(Settings::new(cx.marks.log())), cx)
    }

    /// A mock interview; one that was left goes on, of another level and length are chosen first.
    ///
    /// # Errors
    /// A sentence when there is no such topic.
    pub fn interview(topic: &str, level: &str, minutes: u64, cx: &Cx<'_>) -> Result<Self, String> {
        let prompt = prompt::find(cx.library, topic)?;
        let interview = Interview::resumed(&prompt, cx.marks.log(), cx.now).unwrap_or_else(|| {
            let level = interview::level_of(level).unwrap_or(Level::Senior);
            Interview::offered(prompt, level, minutes, cx.now)
        });
        let interview = interview.with_judge(judge::set(cx.marks.log()));
        let place = Place::Interview {
            topic: topic.to_owned(),
            level: level.to_owned(),
            minutes,
        };
        Ok(Self::new(place, Box::new(interview), cx))
    }

    /// An interview question, settled in the lab.
    ///
    /// # Errors
    /// A sentence when there is no such question, or no lab that settles it.
    pub fn prove(question: &str, cx: &Cx<'_>) -> Result<Self, String> {
        let known = cx.library.interview_question(question);
        let (_, known) = known.map_err(|error| error.to_string())?;
        let place = Place::Prove {
            question: question.to_owned(),
        };
        Ok(Self::new(place, Box::new(Prove::new(known)?), cx))
    }

    /// Has done what the session waits for: a run, or the judge's reading.
    fn wait(&mut self) -> Option<Effect> {
        let run = self.flow.run().map(Measuring::Plan);
        let judge = || {
            self.flow
                .asks_judge()
                .map(|asked| Measuring::Judge(Box::new(asked)))
        };
        let measuring = run.or_else(judge)?;
        let job = JobId::fresh();
        self.running = Some(job);
        Some(Effect::Measure(job, measuring))
    }

    /// The judge has answered, or cannot.
    fn judged(&mut self, said: Result<&Verdicts, String>, cx: &Cx<'_>) {
        self.running = None;
        self.flow.judged(said);
        self.show(cx);
    }

    fn measured(&mut self, job: JobId, news: &MeasureNews, cx: &Cx<'_>) -> Vec<Effect> {
        if self.running != Some(job) {
            return Vec::new();
        }
        let report = match news {
            MeasureNews::Share(share) => {
                self.step.status = ddlab_text::whole_percent(*share);
                return Vec::new();
            }
            MeasureNews::Judged(verdicts) => {
                self.judged(Ok(verdicts.as_ref()), cx);
                return Vec::new();
            }
            MeasureNews::Failed(reason) if self.flow.asks_judge().is_some() => {
                self.judged(Err(reason.clone()), cx);
                return Vec::new();
            }
            MeasureNews::Ran(report) => Ok(report.as_ref()),
            MeasureNews::Failed(reason) => Err(reason.clone()),
            MeasureNews::Measured(_)
            | MeasureNews::Scored(_)
            | MeasureNews::Runs(_)
            | MeasureNews::Written(_)
            | MeasureNews::Graded(_)
            | MeasureNews::Limit(_) => return Vec::new(),
        };
        self.running = None;
        let events = self.flow.ran(report);
        self.show(cx);
        events.into_iter().map(Effect::Record).collect()
    }

    /// Asks for the next tick of the clock, if one runs.
    fn tick(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        if !self.flow.is_timed() {
            return Vec::new();
        }
        self.due = cx.uptime + SECOND;
        vec![Effect::Tick(SECOND)]
    }

    /// The clock is at another second.
    fn ticked(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        if let Some(number) = self.digits.tick(cx.uptime) {
            return vec![self.lead(number)];
        }
        if cx.uptime < self.due {
            return Vec::new();
        }
        self.step.status = self.flow.step(cx.now).status;
        let mut effects = self.tick(cx);
        if cx.uptime >= self.session_kept + KEEP_EVERY {
            effects.extend(self.keep_session(cx));
        }
        if cx.uptime >= self.kept.1 + KEEP_DRAFT_EVERY {
            effects.extend(self.keep_draft(&self.typed_text(), cx));
        }
        effects
    }

    fn typed_text(&self) -> String {
        self.typed.lines().join("\n")
    }

    /// Keeps how the session stands.
    fn keep_session(&mut self, cx: &Cx<'_>) -> impl Iterator<Item = Effect> + use<> {
        self.session_kept = cx.uptime;
        self.flow.keep(cx.now).into_iter().map(Effect::Record)
    }

    /// Keeps what is typed, when the record does not know it yet.
    fn keep_draft(&mut self, text: &str, cx: &Cx<'_>) -> Option<Effect> {
        let question = self.flow.draft()?;
        if self.kept.0 == text {
            return None;
        }
        self.kept = (text.to_owned(), cx.uptime);
        let text = text.to_owned();
        Some(Effect::Record(Event::DraftKept { question, text }))
    }

    /// The learner looks at something else.
    fn pause(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let draft = self.keep_draft(&self.typed_text(), cx);
        let kept = self.flow.pause(cx.now).into_iter().map(Effect::Record);
        kept.chain(draft).collect()
    }

    fn new(place: Place, flow: Box<dyn Flow>, cx: &Cx<'_>) -> Self {
        let draft = flow.draft();
        let draft = draft.and_then(|id| cx.marks.draft(&id)).unwrap_or_default();
        Self {
            step: flow.step(cx.now),
            place,
            flow,
            typed: text_area(draft, "", cx.theme),
            refusal: None,
            scroll: Scroll::default(),
            is_long: false,
            due: Duration::ZERO,
            running: None,
            digits: Digits::default(),
            kept: (draft.to_owned(), cx.uptime),
            session_kept: cx.uptime,
        }
    }

    fn is_typing(&self) -> bool {
        matches!(self.step.ask, Ask::Line { .. } | Ask::Text { .. })
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        match action {
            Action::Back if self.flow.back() => self.show(cx),
            Action::Back => {
                let mut effects = self.pause(cx);
                effects.push(Effect::Back);
                return effects;
            }
            Action::Open if matches!(self.step.ask, Ask::Done) => {
                let number = self.digits.take();
                return vec![number.map_or(Effect::Back, |number| self.lead(number))];
            }
            Action::Open if matches!(self.step.ask, Ask::Text { .. }) => {
                self.typed.insert_newline();
            }
            Action::Open | Action::Reveal if self.is_typing() => {
                return self.reply(&self.typed_text(), cx);
            }
            Action::Open => return self.reply("", cx),
            Action::Choose(number) if matches!(self.step.ask, Ask::Done) => {
                let last = self.flow.leads().len();
                return match self.digits.press(number, last, cx.uptime) {
                    Typed::Whole(number) => vec![self.lead(number)],
                    Typed::Begun(effects) => effects,
                };
            }
            Action::Choose(key) => return self.reply(&key.to_string(), cx),
            Action::Edit => {
                return vec![Effect::Editor {
                    text: self.typed_text(),
                    question: self.step.text.clone(),
                }];
            }
            Action::Undo => return self.undo(cx),
            Action::GoLab => return vec![self.settle()],
            action => {
                let (total, height) = view::extent(self, cx);
                self.scroll.act(action, total, height);
            }
        }
        Vec::new()
    }

    fn reply(&mut self, typed: &str, cx: &Cx<'_>) -> Vec<Effect> {
        let was_timed = self.flow.is_timed();
        match self.flow.reply(typed, cx.now) {
            Ok(events) => {
                let given = self.keep_draft("", cx);
                self.show(cx);
                let events = events.into_iter().map(Effect::Record);
                let mut effects: Vec<Effect> = events.chain(given).chain(self.wait()).collect();
                if !was_timed {
                    effects.extend(self.tick(cx));
                }
                effects
            }
            Err(refusal) => {
                self.refusal = Some(refusal);
                Vec::new()
            }
        }
    }

    fn undo(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let undos = self.flow.undo(cx.now);
        let said = if undos.is_empty() {
            "there is no grade to take back"
        } else {
            self.show(cx);
            "the last grade is taken back"
        };
        let undos = undos.into_iter().map(Effect::Record);
        undos.chain([Effect::Notice(Notice::info(said))]).collect()
    }

    /// The step as it is now, with nothing typed yet.
    fn show(&mut self, cx: &Cx<'_>) {
        self.step = self.flow.step(cx.now);
        self.typed = text_area("", "", cx.theme);
        self.refusal = None;
        self.scroll = Scroll::default();
        // What is new is in view: the prompt above it has been read.
        let (total, height) = view::extent(self, cx);
        let above = view::lines_above(self, cx);
        if total > height {
            self.scroll.to(above, total, height);
        }
    }

    /// What the end of the session names under this number.
    fn lead(&self, number: usize) -> Effect {
        let lead = self.flow.leads().get(number.wrapping_sub(1));
        lead.map_or_else(
            || Effect::Notice(Notice::info("nothing has this number")),
            |lead| Effect::Open(lead.clone().into()),
        )
    }

    /// The lab that settles the question.
    fn settle(&self) -> Effect {
        self.flow.settles().map_or_else(
            || Effect::Notice(Notice::info("no lab settles this one")),
            |question| {
                Effect::Open(Place::Prove {
                    question: question.to_owned(),
                })
            },
        )
    }

    fn take(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        match message {
            Message::Act(action) => return self.act(action, cx),
            Message::Shown => {
                self.flow.resume(cx.now);
                let mut effects = self.tick(cx);
                effects.extend(self.keep_session(cx));
                return effects;
            }
            Message::Hidden => return self.pause(cx),
            Message::Tick => return self.ticked(cx),
            Message::Type(_) | Message::Paste(_) if !self.is_typing() => {}
            Message::Type(key) => {
                self.refusal = None;
                if !text_area::key(&mut self.typed, key) {
                    return vec![Effect::warning(text_area::FULL)];
                }
            }
            Message::Paste(text) => {
                self.refusal = None;
                if !text_area::paste(&mut self.typed, &text) {
                    return vec![Effect::warning(text_area::FULL)];
                }
            }
            Message::Edited(text) => {
                let kept = text_area::up_to(&text, text_area::TEXT_MAX);
                self.typed = text_area(&clean(kept), "", cx.theme);
                if kept.len() < text.len() {
                    return vec![Effect::warning(text_area::FULL)];
                }
            }
            Message::Mouse(mouse) => {
                let (total, height) = view::extent(self, cx);
                self.scroll.wheel(mouse.kind, total, height);
            }
            Message::Measured(job, news) => return self.measured(job, &news, cx),
            Message::Recorded(answer) => {
                let event: &Event = &answer.stored.event;
                self.flow.recorded(&answer.stored.id, event);
            }
            _ => {}
        }
        Vec::new()
    }
}

impl Screen for PracticeScreen {
    fn place(&self) -> Place {
        self.place.clone()
    }

    fn contexts(&self) -> Vec<Context> {
        let mut contexts = match self.step.ask {
            Ask::Line { .. } => vec![Context::PracticeLine],
            Ask::Text { .. } => vec![Context::PracticeText],
            Ask::Choice { of, .. } => vec![match of {
                Choice::GoOn => Context::PracticeGoOn,
                Choice::Sure => Context::PracticeSure,
                Choice::Grade => Context::PracticeGrade,
            }],
            Ask::Wait { .. } => Vec::new(),
            Ask::Pick { goes_on, .. } => {
                let pick = goes_on.then_some(Context::PracticePick).into_iter();
                pick.chain([Context::Numbers]).collect()
            }
            Ask::Done => vec![Context::PracticeDone, Context::Numbers],
        };
        let typing = self.is_typing();
        if !typing {
            if self.is_long {
                contexts.extend([Context::Pages, Context::Movement]);
            }
            contexts.push(Context::Global);
        }
        if self.flow.settles().is_some() {
            contexts.push(if typing {
                Context::PracticeTypedSettle
            } else {
                Context::PracticeSettle
            });
        }
        if self.flow.can_undo() {
            let undo = if typing {
                Context::PracticeTypedUndo
            } else {
                Context::PracticeUndo
            };
            // Over the keys that turn pages.
            contexts.insert(0, undo);
        }
        contexts
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        let effects = self.take(message, cx);
        let (total, height) = view::extent(self, cx);
        self.is_long = total > height;
        effects
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        view::draw(self, cx, buf);
    }
}
