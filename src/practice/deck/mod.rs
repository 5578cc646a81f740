//! The cards: what was once answered and is asked again. Nobody makes one; the log does. A question that
//! was answered, a point that an answer missed, a prediction that failed by more than a factor of two, a number of a
//! pattern of which one has read half the chapter.

mod card;
#[cfg(test)]
mod tests;

pub use card::CardId;

use super::cheat::{self, Number};
use super::plan::Plan;
use crate::content::Library;
use crate::content::model::{Chapter, InterviewQuestion, QuizQuestion, RubricPoint};
use crate::progress::bookmark::Bookmarks;
use crate::progress::projection::standing;
use crate::progress::{Event, Stored};
use crate::study::grade::Grade;
use crate::study::sheet;
use ddlab_labs::workbench::experiment::Prediction;
use ddlab_practice::Day;
use ddlab_practice::queue::{self, DueCard};
use ddlab_practice::schedule::{CardState, Review};
use ddlab_text::Unit;
use std::collections::{BTreeMap, BTreeSet};
use std::iter::Sum;

/// A prediction that is off by more than this factor becomes a card.
const FAILED_FACTOR: f64 = 2.0;

/// What a card asks, as the book has it now.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    Quiz(&'a QuizQuestion),
    Interview(&'a InterviewQuestion),
    Point(&'a InterviewQuestion, &'a RubricPoint),
    /// And what was measured.
    Prediction(&'static Prediction, f64),
    Number(&'static Number),
}

impl Asked<'_> {
    /// How long it takes, in seconds.
    pub fn seconds(&self) -> u32 {
        match self {
            Self::Quiz(_) | Self::Point(..) | Self::Prediction(..) => 45,
            Self::Number(_) => 15,
            // A review recalls the answer; it does not hold the whole interview again.
            Self::Interview(question) => u32::from(question.minutes) * 15,
        }
    }
}

/// One attempt at a card on a day; a grade that was given in a review stands over one that was derived.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    review: Review,
    is_graded: bool,
}

/// Every card with its reviews, and the plan by which they fall due.
#[derive(Debug, Clone, Default)]
pub struct Deck {
    pub plan: Plan,
    attempts: BTreeMap<CardId, Vec<Attempt>>,
    states: BTreeMap<CardId, CardState>,
    recalled: BTreeMap<CardId, Recalled>,
    /// Cards whose state is not that of their attempts yet.
    touched: BTreeSet<CardId>,
    /// What was measured where a prediction failed.
    measured: BTreeMap<CardId, f64>,
    /// How often each point that an answer cannot leave out was missed: question and point.
    missed: BTreeMap<(String, String), usize>,
    /// The last run of a lab that settled an interview question, by its id.
    settled: BTreeMap<String, Settled>,
    bookmarks: Bookmarks,
    /// The sections of each chapter that were read to their end.
    read: BTreeMap<String, BTreeSet<String>>,
    /// Cards that were graded in a review, by day.
    graded: BTreeMap<Day, BTreeSet<CardId>>,
}

/// Reviews of cards that were due, beside what the schedule expected of them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Recalled {
    pub reviews: usize,
    pub remembered: usize,
    /// So many were expected to be remembered.
    pub expected: f64,
}

impl Sum for Recalled {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            reviews: sum.reviews + one.reviews,
            remembered: sum.remembered + one.remembered,
            expected: sum.expected + one.expected,
        })
    }
}

/// What is due on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    /// In the order in which they are to be asked.
    pub cards: Vec<CardId>,
    /// What is due and left for another day, since the daily limit is reached.
    pub left_over: usize,
    pub minutes: u32,
}

impl Deck {
    /// The cards that this log makes, oldest event first.
    pub fn of<'a>(library: &Library, log: impl IntoIterator<Item = &'a Stored>) -> Self {
        let mut deck = Self::default();
        deck.fold(library, standing(log));
        deck
    }

    /// Takes up events that stand, later than those that it has: in a time that grows with their cards and not
    /// with the log, as long as the plan stays.
    pub fn fold<'a>(&mut self, library: &Library, events: impl IntoIterator<Item = &'a Stored>) {
        let plan = self.plan.clone();
        for stored in events {
            self.plan.take(stored);
            self.take(library, stored);
        }
        if self.plan != plan {
            self.touched = self.attempts.keys().cloned().collect();
        }
        let scheduler = self.plan.scheduler();
        for card in std::mem::take(&mut self.touched) {
            let attempts = self.attempts.get(&card).into_iter().flatten();
            let reviews = attempts.map(|attempt| attempt.review);
            let mut recalled = Recalled::default();
            let state = scheduler.replay_and_hear(&card.to_string(), reviews, |forecast| {
                recalled.reviews += 1;
                recalled.remembered += usize::from(forecast.came);
                recalled.expected += forecast.said;
            });
            if let Some(state) = state {
                self.states.insert(card.clone(), state);
                self.recalled.insert(card, recalled);
            }
        }
    }

    /// All reviews of cards that were due.
    pub fn recalled(&self) -> Recalled {
        self.recalled.values().copied().sum()
    }

    fn take(&mut self, library: &Library, stored: &Stored) {
        let day = stored.day.number();
        match &stored.event {
            event @ (Event::Bookmarked(_) | Event::BookmarkDropped { .. }) => {
                self.bookmarks.take(event);
            }
            Event::QuizAnswered(answered) | Event::CheckAnswered(answered) => {
                let grade = passed(answered.right);
                self.attempt(CardId::Quiz(answered.question.clone()), day, grade);
            }
            Event::InterviewAnswered(answered) => {
                let card = CardId::Interview(answered.question.clone());
                self.attempt(card, day, answered.grade);
                if let Some((_, question)) = library.find_interview_question(&answered.question) {
                    for point in question.rubric.iter().filter(|point| point.must) {
                        self.point(question, point, answered.ticked.contains(&point.id), day);
                    }
                }
            }
            Event::Prediction {
                about,
                step: Some(step),
                guess,
                actual: Some(actual),
                ..
            } => {
                let card = CardId::Prediction {
                    about: about.clone(),
                    step: step.clone(),
                };
                let held = within(*guess, *actual, FAILED_FACTOR);
                if !held || self.attempts.contains_key(&card) {
                    self.measured.insert(card.clone(), *actual);
                    self.attempt(card, day, passed(held));
                }
            }
            Event::Prediction {
                about,
                step: None,
                metric,
                guess,
                actual: Some(actual),
                ..
            } => {
                if let Some(unit) = unit(library, about, metric) {
                    let settled = Settled {
                        metric: metric.clone(),
                        unit,
                        guess: *guess,
                        actual: *actual,
                        why: None,
                    };
                    self.settled.insert(about.clone(), settled);
                }
            }
            Event::GapExplained { of, said } => {
                if let Some(settled) = self.settled.get_mut(of) {
                    settled.why = Some(said.clone());
                }
            }
            Event::PageRead {
                chapter,
                section,
                finished: true,
                ..
            } => {
                let read = self.read.entry(chapter.clone()).or_default();
                read.insert(section.clone());
                let known = library.chapter(chapter).ok();
                if known.is_some_and(|known| has_met_the_numbers(known, read)) {
                    self.numbers(chapter, day);
                }
            }
            Event::CardReviewed(reviewed) => {
                if let Some(card) = CardId::parse(&reviewed.card) {
                    self.graded.entry(day).or_default().insert(card.clone());
                    self.grade(&card, day, reviewed.grade);
                }
            }
            _ => {}
        }
    }

    /// The numbers of a chapter are asked from the next day on.
    fn numbers(&mut self, chapter: &str, day: Day) {
        let sheet = cheat::all().get(chapter);
        for number in sheet.iter().flat_map(|sheet| &sheet.numbers) {
            let card = CardId::Number {
                chapter: chapter.to_owned(),
                number: number.id.clone(),
            };
            if !self.attempts.contains_key(&card) {
                self.attempt(card, day, Grade::Again);
            }
        }
    }

    fn point(&mut self, question: &InterviewQuestion, point: &RubricPoint, met: bool, day: Day) {
        let card = CardId::Point {
            question: question.id.clone(),
            point: point.id.clone(),
        };
        if !met {
            let key = (question.id.clone(), point.id.clone());
            *self.missed.entry(key).or_default() += 1;
        }
        if !met || self.attempts.contains_key(&card) {
            self.attempt(card, day, passed(met));
        }
    }

    /// The first attempt of a day counts.
    fn attempt(&mut self, card: CardId, day: Day, grade: Grade) {
        if !self.touched.contains(&card) {
            self.touched.insert(card.clone());
        }
        let attempts = self.attempts.entry(card).or_default();
        if attempts.last().is_none_or(|last| last.review.day < day) {
            attempts.push(Attempt {
                review: Review { day, grade },
                is_graded: false,
            });
        }
    }

    fn grade(&mut self, card: &CardId, day: Day, grade: Grade) {
        self.attempt(card.clone(), day, grade);
        let last = self.attempts.get_mut(card).and_then(|all| all.last_mut());
        if let Some(last) = last
            && last.review.day == day
            && !last.is_graded
        {
            last.review.grade = grade;
            last.is_graded = true;
        }
    }

    /// The reviews of each card.
    pub fn reviews(&self) -> impl Iterator<Item = (&CardId, Vec<Review>)> {
        self.attempts.iter().map(|(card, attempts)| {
            let reviews = attempts.iter().map(|attempt| attempt.review);
            (card, reviews.collect())
        })
    }

    /// How each card stands.
    pub fn states(&self) -> Vec<(&CardId, CardState)> {
        self.states
            .iter()
            .map(|(card, state)| (card, *state))
            .collect()
    }

    /// What a card asks; none when the book no longer has it.
    pub fn asked<'a>(
        &self,
        library: &'a Library,
        card: &CardId,
    ) -> Option<(&'a Chapter, Asked<'a>)> {
        match card {
            CardId::Quiz(id) => {
                let (chapter, question) = library.find_quiz_question(id)?;
                Some((chapter, Asked::Quiz(question)))
            }
            CardId::Interview(id) => {
                let (chapter, question) = library.find_interview_question(id)?;
                Some((chapter, Asked::Interview(question)))
            }
            CardId::Point { question, point } => {
                let (chapter, question) = library.find_interview_question(question)?;
                let point = question.rubric.iter().find(|known| known.id == *point)?;
                Some((chapter, Asked::Point(question, point)))
            }
            CardId::Number { chapter, number } => {
                let asked = Asked::Number(cheat::number(chapter, number)?);
                Some((library.chapter(chapter).ok()?, asked))
            }
            CardId::Prediction { about, step } => {
                let (lab, experiment) = about.split_once('/')?;
                let has_lab = |chapter: &&Chapter| chapter.meta.labs.iter().any(|id| id == lab);
                let chapter = library.chapters().find(has_lab)?;
                ddlab_labs::find(lab)?;
                let experiments = ddlab_labs::guides(lab).experiments.iter();
                let experiment = experiments.into_iter().find(|one| one.id == experiment)?;
                let prediction = experiment.predictions.iter().find(|one| one.id == *step)?;
                let measured = self.measured.get(card)?;
                Some((chapter, Asked::Prediction(prediction, *measured)))
            }
        }
    }

    /// What is due on this day, within what is left of the daily limit.
    pub fn due(&self, library: &Library, today: Day) -> Due {
        let scheduler = self.plan.scheduler();
        let due: Vec<DueCard> = self
            .states()
            .into_iter()
            .filter(|(_, state)| state.due <= today && state.last < today)
            .filter_map(|(card, state)| {
                let (chapter, _) = self.asked(library, card)?;
                Some(DueCard {
                    id: card.to_string(),
                    chapter: chapter.meta.id.clone(),
                    recall: scheduler.recall(&state, today),
                })
            })
            .collect();
        let done = self.graded.get(&today).map_or(0, BTreeSet::len);
        let room = self.plan.daily_limit.saturating_sub(done);
        let all = due.len();
        let cards: Vec<CardId> = queue::order(due, room, today.unsigned_abs().into())
            .iter()
            .filter_map(|card| CardId::parse(&card.id))
            .collect();
        let seconds: u32 = cards
            .iter()
            .filter_map(|card| Some(self.asked(library, card)?.1.seconds()))
            .sum();
        Due {
            left_over: all - cards.len(),
            minutes: seconds.div_ceil(60),
            cards,
        }
    }

    /// How many cards fall due on each of the next days; what is overdue falls on the first.
    pub fn forecast(&self, library: &Library, today: Day, days: usize) -> Vec<usize> {
        let mut counts = vec![0; days];
        for (card, state) in self.states() {
            let ahead = (state.due.max(today + i32::from(state.last >= today)) - today) as usize;
            if ahead < days && self.asked(library, card).is_some() {
                counts[ahead] += 1;
            }
        }
        counts
    }

    /// What a lab said of the question of a card.
    pub fn settled(&self, card: &CardId) -> Option<&Settled> {
        match card {
            CardId::Interview(question) | CardId::Point { question, .. } => {
                self.settled.get(question)
            }
            CardId::Quiz(_) | CardId::Prediction { .. } | CardId::Number { .. } => None,
        }
    }

    /// What the learner noted on the question of a card.
    pub fn note(&self, card: &CardId) -> Option<&str> {
        let question = match card {
            CardId::Quiz(question)
            | CardId::Interview(question)
            | CardId::Point { question, .. } => question,
            CardId::Prediction { .. } | CardId::Number { .. } => return None,
        };
        self.bookmarks.note_on_question(question)
    }

    /// How often each point that an answer cannot leave out was missed.
    pub fn missed(&self) -> &BTreeMap<(String, String), usize> {
        &self.missed
    }
}

/// A figure that was predicted and then measured in the lab of a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    metric: String,
    unit: Unit,
    /// In the unit of the metric, as is what was measured.
    guess: f64,
    actual: f64,
    /// How the learner explained the gap.
    why: Option<String>,
}

impl Settled {
    /// One paragraph of Markdown.
    pub fn in_words(&self) -> String {
        let why = self.why.as_ref().map_or_else(String::new, |why| {
            format!(" You explained: {}.", sheet::quoted(why))
        });
        format!(
            "**In the lab** you predicted {} for `{}`; it was {}.{why}",
            self.unit.show(self.guess),
            self.metric,
            self.unit.show(self.actual)
        )
    }
}

/// The unit of a metric of the lab that settles this question.
fn unit(library: &Library, question: &str, metric: &str) -> Option<Unit> {
    let (_, question) = library.find_interview_question(question)?;
    let lab = ddlab_labs::find(&question.lab.as_ref()?.lab)?;
    let mut metrics = lab.spec().metrics.iter();
    Some(metrics.find(|known| known.name == metric)?.unit)
}

/// Who has read half of a chapter has met its numbers.
fn has_met_the_numbers(chapter: &Chapter, read: &BTreeSet<String>) -> bool {
    let (all, met) = chapter
        .sections_to_read()
        .fold((0, 0), |(all, met), section| {
            (all + 1, met + usize::from(read.contains(&section.slug)))
        });
    2 * met >= all
}

const fn passed(right: bool) -> Grade {
    if right { Grade::Good } else { Grade::Again }
}

/// Whether two values are within a factor of each other; zero is only within reach of zero.
pub fn within(one: f64, other: f64, factor: f64) -> bool {
    if one <= 0.0 || other <= 0.0 {
        return one.total_cmp(&other).is_eq();
    }
    (one / other).max(other / one) <= factor
}
