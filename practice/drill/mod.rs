//! Numbers drill: problems that a seed makes, as they come up when a design is sized on a whiteboard.
//!
//! - [`traffic`], [`queueing`], [`tail`], [`reliability`], [`sharding`], [`batch`]: the generators by topic.
//! - [`draw`]: the round numbers that problems are made of.
//!
//! The answer is right within a factor, not to a digit: [`Score`] is |log10(answer / truth)|. Every generator
//! is held to a second computation of another kind (`tests.rs`).

mod batch;
mod draw;
mod queueing;
mod reliability;
mod sharding;
mod tail;
#[cfg(test)]
mod tests;
mod traffic;

use crate::range::{self, RangeError, Ranged};
use crate::shuffle;
use ddlab_text::{figure, quantity};
use draw::Draw;

/// Makes problems of one kind.
#[derive(Debug)]
pub struct Generator {
    pub id: &'static str,
    pub title: &'static str,
    /// The id of the chapter that teaches it.
    pub chapter: &'static str,
    /// What to remember, one sentence.
    pub rule: &'static str,
    make: fn(&mut Draw) -> Problem,
}

/// One problem.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub prompt: String,
    /// As it is typed: `rps`, `ms`, `%`, or empty for a bare number.
    pub unit: &'static str,
    pub answer: f64,
    /// The way to it, a line a step.
    pub worked: Vec<String>,
    /// The numbers that were drawn, for a second computation.
    given: Vec<f64>,
}

/// How far an answer is off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// |log10(answer / truth)|: 0 is exact, 1 is a factor of ten.
    pub log_error: f64,
    /// Whether the range held the truth; none when no range was given.
    pub held: Option<bool>,
}

/// What an answer is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closeness {
    /// Off by more than a factor of two.
    Missed,
    /// Within a factor of two: the design would come out the same.
    Near,
    /// Within a tenth.
    Exact,
}

/// Every generator, in the order of the book's topics.
pub fn all() -> impl Iterator<Item = &'static Generator> {
    [
        traffic::ALL,
        queueing::ALL,
        tail::ALL,
        reliability::ALL,
        sharding::ALL,
        batch::ALL,
    ]
    .into_iter()
    .flatten()
}

/// The generator with this id.
pub fn find(id: &str) -> Option<&'static Generator> {
    all().find(|generator| generator.id == id)
}

impl Generator {
    /// The same problem for the same seed, on every machine.
    pub fn problem(&self, seed: u64) -> Problem {
        (self.make)(&mut Draw::new(seed ^ shuffle::seed_of(self.id)))
    }
}

impl Problem {
    fn new(
        prompt: impl Into<String>,
        (answer, unit): (f64, &'static str),
        given: &[f64],
        worked: impl IntoIterator<Item = String>,
    ) -> Self {
        Self {
            prompt: prompt.into(),
            unit,
            answer,
            worked: worked.into_iter().collect(),
            given: given.to_vec(),
        }
    }

    /// Reads an answer with or without its 80 % range, in the unit of the problem.
    ///
    /// # Errors
    /// When the text is not a number in this unit, or not above zero.
    pub fn read(&self, text: &str) -> Result<Ranged, RangeError> {
        range::read(text, |text| {
            let value = quantity::readings(text, self.unit)?[0];
            let positive = value > 0.0 && value.is_finite();
            positive
                .then_some(value)
                .ok_or_else(|| RangeError::NotPositive(text.trim().to_owned()))
        })
    }

    pub fn score(&self, said: &Ranged) -> Score {
        Score {
            log_error: (said.value / self.answer).log10().abs(),
            held: said
                .range
                .map(|(low, high)| (low..=high).contains(&self.answer)),
        }
    }

    /// A value in the unit of the problem: `1,160 rps`.
    pub fn show(&self, value: f64) -> String {
        format!("{} {}", figure(value), self.unit)
            .trim_end()
            .to_owned()
    }
}

impl Score {
    pub fn closeness(&self) -> Closeness {
        if self.log_error <= 1.1_f64.log10() + 1e-9 {
            Closeness::Exact
        } else if self.log_error <= 2.0_f64.log10() + 1e-9 {
            Closeness::Near
        } else {
            Closeness::Missed
        }
    }

    /// `2.4 times too high`, said of an answer to this problem.
    pub fn in_words(&self, said: f64, problem: &Problem) -> String {
        let factor = figure(10f64.powf(self.log_error));
        let way = if said > problem.answer { "high" } else { "low" };
        match self.closeness() {
            Closeness::Exact => "Right: within a tenth.".to_owned(),
            Closeness::Near => format!("Near: {factor} times too {way}, within a factor of two."),
            Closeness::Missed => format!("Missed: {factor} times too {way}."),
        }
    }
}
