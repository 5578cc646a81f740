//! When a card falls due: FSRS-6 by the crate `fsrs`, in whole days and without steps within a day.
//!
//! The first attempt of a day counts; what is asked again on that day moves nothing. A pass never brings a
//! card closer than it was.

use crate::Day;
use crate::calibration::Forecast;
use crate::grade::Grade;
use crate::shuffle;
use fsrs::{FSRS, FSRSItem, FSRSReview, MemoryState};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// The longest interval, in days, unless an interview comes sooner.
pub const INTERVAL_DAYS_MAX: Day = 365;
/// The share of due cards that should be remembered.
pub const RETENTION: f32 = 0.9;
/// What may be asked for instead.
pub const RETENTION_RANGE: RangeInclusive<f32> = 0.8..=0.95;
/// From so many reviews on the weights may be fitted to the learner's own log.
pub const FIT_REVIEWS_MIN: usize = 400;
/// The decay of the forgetting curve is the last of the weights.
const DECAY: usize = 20;

/// One attempt at a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Review {
    pub day: Day,
    pub grade: Grade,
}

/// How a card stands after its reviews.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CardState {
    /// Days until recall has fallen to 90 %.
    pub stability: f32,
    /// 1 (easy) to 10 (hard).
    pub difficulty: f32,
    pub last: Day,
    pub due: Day,
    pub reviews: u32,
    /// Reviews that were `again`, after the first.
    pub lapses: u32,
}

impl CardState {
    /// Days from the last review to the due day.
    pub const fn interval(&self) -> Day {
        self.due - self.last
    }

    const fn memory(&self) -> MemoryState {
        MemoryState {
            stability: self.stability,
            difficulty: self.difficulty,
        }
    }
}

/// The rules that give a due day.
#[derive(Debug, Clone)]
pub struct Scheduler {
    fsrs: FSRS,
    decay: f32,
    retention: f32,
    interview: Option<Day>,
    is_fuzzed: bool,
    interval_max: Day,
}

/// Why weights cannot be used or fitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    #[error(
        "the schedule can be fitted to your own memory from {FIT_REVIEWS_MIN} reviews on; there are {0}"
    )]
    TooFew(usize),
    #[error("the fit did not converge on these reviews: {0}; the default weights stay")]
    Failed(String),
}

impl Default for Scheduler {
    fn default() -> Self {
        Self {
            fsrs: FSRS::default(),
            decay: fsrs::FSRS6_DEFAULT_DECAY,
            retention: RETENTION,
            interview: None,
            is_fuzzed: true,
            interval_max: INTERVAL_DAYS_MAX,
        }
    }
}

impl Scheduler {
    /// With weights that were fitted; weights that are none leave the default ones.
    #[must_use]
    pub fn with_weights(mut self, weights: &[f32]) -> Self {
        if let Ok(fsrs) = FSRS::new(weights)
            && let Some(decay) = weights.get(DECAY)
        {
            self.fsrs = fsrs;
            self.decay = *decay;
        }
        self
    }

    /// Held within [`RETENTION_RANGE`].
    #[must_use]
    pub fn with_retention(mut self, retention: f32) -> Self {
        self.retention = retention.clamp(*RETENTION_RANGE.start(), *RETENTION_RANGE.end());
        self
    }

    /// No interval reaches beyond this day while it lies ahead.
    #[must_use]
    pub const fn with_interview(mut self, day: Option<Day>) -> Self {
        self.interview = day;
        self
    }

    /// The card after these reviews, oldest first; none without a review. `card` seeds the fuzz.
    pub fn replay(&self, card: &str, reviews: &[Review]) -> Option<CardState> {
        self.replay_and_hear(card, reviews.iter().copied(), |_| ())
    }

    /// The same; `forecast` hears what was expected of each review after the first, and whether the card was
    /// remembered.
    pub fn replay_and_hear(
        &self,
        card: &str,
        reviews: impl IntoIterator<Item = Review>,
        mut forecast: impl FnMut(Forecast),
    ) -> Option<CardState> {
        let mut state: Option<CardState> = None;
        for review in reviews {
            if let Some(before) = &state {
                if before.last >= review.day {
                    continue;
                }
                forecast(Forecast {
                    said: self.recall(before, review.day),
                    came: review.grade != Grade::Again,
                });
            }
            state = self.after(card, state.as_ref(), review);
        }
        state
    }

    /// The card after one more review; none where the model has no state for it.
    fn after(&self, card: &str, before: Option<&CardState>, review: Review) -> Option<CardState> {
        let elapsed = before.map_or(0, |card| (review.day - card.last).max(0));
        let rating = u32::from(review.grade.rating());
        let attempt = FSRSItem {
            reviews: vec![FSRSReview {
                rating,
                delta_t: elapsed.unsigned_abs(),
            }],
        };
        let memory = before.map(CardState::memory);
        let memory = self.fsrs.memory_state(attempt, memory).ok()?;
        let interval = self
            .fsrs
            .next_interval(Some(memory.stability), self.retention, rating);
        let passed = review.grade != Grade::Again;
        let reviews = before.map_or(0, |card| card.reviews) + 1;
        let floor = match before {
            Some(card) if passed => card.interval().max(1),
            _ => 1,
        };
        let exact = (interval.round() as Day).max(floor);
        let days = if self.is_fuzzed && passed {
            fuzzed(exact, shuffle::seed_of(card) ^ u64::from(reviews)).max(floor)
        } else {
            exact
        };
        let lapsed = !passed && before.is_some();
        Some(CardState {
            stability: memory.stability,
            difficulty: memory.difficulty,
            last: review.day,
            due: review.day + days.min(self.cap(review.day)),
            reviews,
            lapses: before.map_or(0, |card| card.lapses) + u32::from(lapsed),
        })
    }

    /// The longest interval from this day on.
    fn cap(&self, day: Day) -> Day {
        match self.interview {
            Some(interview) if interview > day => (interview - day).min(self.interval_max),
            _ => self.interval_max,
        }
    }

    /// The chance, 0 to 1, that the card is remembered on this day.
    pub fn recall(&self, card: &CardState, day: Day) -> f64 {
        let days = (day - card.last).max(0) as f32;
        f64::from(fsrs::current_retrievability(
            card.memory(),
            days,
            self.decay,
        ))
    }
}

/// Within 5 % of the interval, at least a day, decided by the seed; below three days as it is. So cards
/// that were met together do not stay together.
fn fuzzed(interval: Day, seed: u64) -> Day {
    if interval < 3 {
        return interval;
    }
    let reach = (interval / 20).max(1);
    let mut state = seed;
    let place = shuffle::next(&mut state) % u64::from((2 * reach + 1).unsigned_abs());
    interval - reach + place as Day
}

/// Weights for these cards, each with its reviews.
///
/// # Errors
/// With fewer than [`FIT_REVIEWS_MIN`] reviews, or when the fit fails.
pub fn fit<'a>(cards: impl IntoIterator<Item = &'a [Review]>) -> Result<Vec<f32>, FitError> {
    let mut items = Vec::new();
    let mut card_ids = Vec::new();
    let mut count = 0;
    for (id, reviews) in cards.into_iter().enumerate() {
        let by_day: BTreeMap<Day, Grade> = reviews.iter().rev().map(|r| (r.day, r.grade)).collect();
        let mut history = Vec::new();
        let mut before: Option<Day> = None;
        for (day, grade) in by_day {
            count += 1;
            history.push(FSRSReview {
                rating: u32::from(grade.rating()),
                delta_t: before.map_or(0, |before| (day - before).unsigned_abs()),
            });
            before = Some(day);
            if history.len() > 1 {
                items.push(FSRSItem {
                    reviews: history.clone(),
                });
                card_ids.push(id as i64);
            }
        }
    }
    if count < FIT_REVIEWS_MIN {
        return Err(FitError::TooFew(count));
    }
    fsrs::compute_parameters(fsrs::ComputeParametersInput {
        train_set: items,
        card_ids: Some(card_ids),
        ..Default::default()
    })
    .map_err(|error| FitError::Failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exact() -> Scheduler {
        Scheduler {
            is_fuzzed: false,
            interval_max: Day::MAX / 2,
            ..Scheduler::default()
        }
    }

    fn on(day: Day, grade: Grade) -> Review {
        Review { day, grade }
    }

    #[test]
    fn a_card_reviewed_when_due_follows_the_published_reference() {
        let mut day = 0;
        let mut reviews = Vec::new();
        let mut intervals = Vec::new();
        for letter in "GGGGGGAAGGGGG".chars() {
            let grade = if letter == 'G' {
                Grade::Good
            } else {
                Grade::Again
            };
            reviews.push(on(day, grade));
            let state = exact().replay("x", &reviews).unwrap();
            intervals.push(state.interval());
            day = state.due;
        }
        assert_eq!(
            intervals,
            [2, 11, 46, 163, 497, 1346, 9, 1, 2, 4, 7, 13, 22]
        );
    }

    #[test]
    fn first_difficulties_are_the_published_ones() {
        let first = |grade| exact().replay("x", &[on(0, grade)]).unwrap().difficulty;
        for (grade, difficulty) in Grade::ALL.into_iter().zip([6.4133, 5.1122, 2.1181, 1.0]) {
            assert!((first(grade) - difficulty).abs() < 1e-3, "{grade:?}");
        }
    }

    #[test]
    fn no_interval_reaches_beyond_the_interview_or_a_year() {
        let long: Vec<Review> = (0..6).map(|n| on(n * 60, Grade::Easy)).collect();
        let year = Scheduler::default().replay("x", &long).unwrap();
        assert_eq!(year.interval(), INTERVAL_DAYS_MAX);
        let soon = Scheduler::default().with_interview(Some(307));
        assert_eq!(soon.replay("x", &long).unwrap().due, 307);
        let over = Scheduler::default().with_interview(Some(300));
        assert_eq!(
            over.replay("x", &long).unwrap().interval(),
            INTERVAL_DAYS_MAX
        );
    }

    #[test]
    fn the_first_attempt_of_a_day_counts() {
        let scheduler = Scheduler::default();
        let once = scheduler.replay("x", &[on(3, Grade::Again)]);
        let again = scheduler.replay("x", &[on(3, Grade::Again), on(3, Grade::Good)]);
        assert_eq!(once, again);
    }

    #[test]
    fn weights_need_enough_reviews() {
        let few = [on(0, Grade::Good), on(2, Grade::Good)];
        assert_eq!(fit([&few[..]]), Err(FitError::TooFew(2)));
    }

    #[test]
    fn weights_fitted_to_a_log_schedule_it() {
        // A learner who forgets one review in five: 100 cards of five reviews.
        let cards: Vec<Vec<Review>> = (0..100u64)
            .map(|card| {
                let mut day = 0;
                (0..5u64)
                    .map(|nth| {
                        let draw = shuffle::shuffled(5, card * 5 + nth)[0];
                        let grade = if draw == 0 { Grade::Again } else { Grade::Good };
                        day += 1 + (nth * 3) as Day;
                        on(day, grade)
                    })
                    .collect()
            })
            .collect();
        let weights = fit(cards.iter().map(Vec::as_slice)).unwrap();
        assert_eq!(weights.len(), 21);
        let fitted = exact().with_weights(&weights);
        assert_ne!(
            fitted.replay("x", &cards[0]),
            exact().replay("x", &cards[0])
        );
    }

    fn grade() -> impl Strategy<Value = Grade> {
        prop::sample::select(Grade::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn a_pass_never_brings_a_card_closer(
            steps in prop::collection::vec((0..40i32, grade()), 1..20),
            interview in prop::option::of(0..900i32),
        ) {
            let scheduler = Scheduler::default().with_interview(interview);
            let mut reviews = Vec::new();
            let mut day = 0;
            let mut before: Option<CardState> = None;
            for (gap, grade) in steps {
                day += gap;
                reviews.push(on(day, grade));
                let state = scheduler.replay("card", &reviews).unwrap();
                prop_assert!(state.interval() >= 1);
                prop_assert!(state.interval() <= INTERVAL_DAYS_MAX);
                if let (Some(before), true) = (before, grade != Grade::Again) {
                    let cap = scheduler.cap(state.last);
                    prop_assert!(state.interval() >= before.interval().min(cap));
                }
                let now = scheduler.recall(&state, state.last);
                prop_assert!(scheduler.recall(&state, state.last + 10) < now);
                before = Some(state);
            }
            // What is undone leaves the card as it was before.
            let last = reviews.pop().unwrap();
            let without = scheduler.replay("card", &reviews);
            reviews.push(last);
            reviews.pop();
            prop_assert_eq!(without, scheduler.replay("card", &reviews));
        }
    }
}
