//! Marking the five kinds of quiz question. An answer is all right or it is not; beside that verdict each
//! part says whether it was right and why, since that is what one learns from.
//!
//! - [`layout`]: how a question is laid out for one asking, decided by a seed.
//! - [`score`]: how a quiz went, section by section.
//! - [`typed`]: an answer as people type it, for the plain form.
//!
//! Answers are kept in the order of the author, never in that of the screen: so a record stays true when
//! the question is laid out anew.

pub mod layout;
pub mod score;
pub mod typed;

use crate::content::model::{MatchPair, NearMiss, QuizKind, QuizOption};
use ddlab_text::quantity::{self, QuantityError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An answer; every index counts from 0 in the order of the author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The option chosen.
    One(usize),
    /// The options chosen.
    Several(BTreeSet<usize>),
    /// The items in the order given: `[2, 0, 1]` puts the author's third item first.
    Order(Vec<usize>),
    /// For each left, in the author's order, the pair whose right was given to it.
    Match(Vec<usize>),
    /// A number as typed, with or without a unit.
    Number(String),
}

/// What is said of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marking {
    /// All of it is right.
    pub right: bool,
    /// One for each thing that was chosen, placed or left out by mistake.
    pub parts: Vec<Part>,
}

/// One part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub right: bool,
    /// What the part is: the text of an option, an item, a pair, a number.
    pub what: String,
    /// Why it is right, or why one would think so and where that breaks; may be empty.
    pub why: String,
}

/// Why an answer cannot be marked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    #[error("this question asks for {0}")]
    WrongKind(&'static str),
    #[error("there is no choice {0}; there are {1}")]
    OutOfRange(usize, usize),
    #[error("each of the {0} must be given once")]
    NotEachOnce(usize),
    #[error(transparent)]
    Number(#[from] QuantityError),
}

/// What a question of this kind asks for.
pub const fn asks_for(kind: &QuizKind) -> &'static str {
    match kind {
        QuizKind::One { .. } => "one option",
        QuizKind::Several { .. } => "all options that are right",
        QuizKind::Order { .. } => "an order",
        QuizKind::Match { .. } => "a right side for each left one",
        QuizKind::Number { .. } => "a number",
    }
}

/// Marks an answer. Pure: the same answer is marked the same for ever.
pub fn mark(kind: &QuizKind, answer: &Answer) -> Result<Marking, AnswerError> {
    match (kind, answer) {
        (QuizKind::One { options }, Answer::One(chosen)) => {
            chosen_options(options, &BTreeSet::from([*chosen]), false)
        }
        (QuizKind::Several { options }, Answer::Several(chosen)) => {
            chosen_options(options, chosen, true)
        }
        (
            QuizKind::Order {
                items,
                why_confused,
            },
            Answer::Order(order),
        ) => ordered(items, why_confused, order),
        (QuizKind::Match { pairs }, Answer::Match(given)) => matched(pairs, given),
        (
            QuizKind::Number {
                answer,
                unit,
                tolerance,
                near_misses,
            },
            Answer::Number(text),
        ) => numbered(*answer, unit, *tolerance, near_misses, text),
        (kind, _) => Err(AnswerError::WrongKind(asks_for(kind))),
    }
}

/// The answer in words, for the record and for the page: ids outlive the order of options, words both.
pub fn in_words(kind: &QuizKind, answer: &Answer) -> String {
    let option = |options: &[QuizOption], at: usize| {
        options
            .get(at)
            .map_or_else(|| "?".to_owned(), |option| option.text.clone())
    };
    match (kind, answer) {
        (QuizKind::One { options }, Answer::One(at)) => option(options, *at),
        (QuizKind::Several { options }, Answer::Several(chosen)) => chosen
            .iter()
            .map(|at| option(options, *at))
            .collect::<Vec<_>>()
            .join(" + "),
        (QuizKind::Order { items, .. }, Answer::Order(order)) => order
            .iter()
            .map(|at| items.get(*at).map_or("?", String::as_str))
            .collect::<Vec<_>>()
            .join(" → "),
        (QuizKind::Match { pairs }, Answer::Match(given)) => pairs
            .iter()
            .zip(given)
            .map(|(pair, at)| {
                let right = pairs.get(*at).map_or("?", |pair| pair.right.as_str());
                format!("{} – {right}", pair.left)
            })
            .collect::<Vec<_>>()
            .join("; "),
        (_, Answer::Number(text)) => text.trim().to_owned(),
        _ => String::new(),
    }
}

fn chosen_options(
    options: &[QuizOption],
    chosen: &BTreeSet<usize>,
    show_left_out: bool,
) -> Result<Marking, AnswerError> {
    if let Some(stray) = chosen.iter().find(|at| **at >= options.len()) {
        return Err(AnswerError::OutOfRange(stray + 1, options.len()));
    }
    let mut parts = Vec::new();
    for (at, option) in options.iter().enumerate() {
        let was_chosen = chosen.contains(&at);
        if was_chosen || (show_left_out && option.right) {
            parts.push(Part {
                right: was_chosen == option.right,
                what: option.text.clone(),
                why: option.why.clone(),
            });
        }
    }
    let right = options
        .iter()
        .enumerate()
        .all(|(at, option)| option.right == chosen.contains(&at));
    Ok(Marking { right, parts })
}

fn ordered(items: &[String], why: &str, order: &[usize]) -> Result<Marking, AnswerError> {
    each_once(order, items.len())?;
    let parts: Vec<Part> = order
        .iter()
        .enumerate()
        .map(|(place, at)| Part {
            right: items[*at] == items[place],
            what: items[*at].clone(),
            why: String::new(),
        })
        .collect();
    let right = parts.iter().all(|part| part.right);
    let mut marking = Marking { right, parts };
    if !right && let Some(first) = marking.parts.iter_mut().find(|part| !part.right) {
        why.clone_into(&mut first.why);
    }
    Ok(marking)
}

fn matched(pairs: &[MatchPair], given: &[usize]) -> Result<Marking, AnswerError> {
    if given.len() != pairs.len() {
        return Err(AnswerError::NotEachOnce(pairs.len()));
    }
    if let Some(stray) = given.iter().find(|at| **at >= pairs.len()) {
        return Err(AnswerError::OutOfRange(stray + 1, pairs.len()));
    }
    let parts: Vec<Part> = pairs
        .iter()
        .zip(given)
        .map(|(pair, at)| Part {
            // Two lefts may share the text of a right; then either is right.
            right: pairs[*at].right == pair.right,
            what: format!("{} – {}", pair.left, pairs[*at].right),
            why: pair.why.clone(),
        })
        .collect();
    let right = parts.iter().all(|part| part.right);
    Ok(Marking { right, parts })
}

fn numbered(
    answer: f64,
    unit: &str,
    tolerance: f64,
    near_misses: &[NearMiss],
    text: &str,
) -> Result<Marking, AnswerError> {
    let readings = quantity::readings(text, unit)?;
    // Half an ulp must not decide: 0.1 + 0.2 is within 0 of 0.3.
    let slack = tolerance + 1e-9 * answer.abs().max(1e-9);
    let right = readings.iter().any(|value| (value - answer).abs() <= slack);
    let why = if right {
        String::new()
    } else {
        near_misses
            .iter()
            .find(|miss| {
                let near = near_miss_reach(answer, tolerance, miss.value);
                readings
                    .iter()
                    .any(|value| (value - miss.value).abs() <= near)
            })
            .map_or_else(String::new, |miss| miss.why.clone())
    };
    Ok(Marking {
        right,
        parts: vec![Part {
            right,
            what: text.trim().to_owned(),
            why,
        }],
    })
}

/// How far from a near miss still is that miss: as far as the answer tolerates or 2 % of it, but never so
/// far that it would reach the answer.
fn near_miss_reach(answer: f64, tolerance: f64, miss: f64) -> f64 {
    tolerance
        .max(miss.abs() * 0.02)
        .min((answer - miss).abs() / 2.0)
}

fn each_once(order: &[usize], n: usize) -> Result<(), AnswerError> {
    if let Some(stray) = order.iter().find(|at| **at >= n) {
        return Err(AnswerError::OutOfRange(stray + 1, n));
    }
    let distinct: BTreeSet<_> = order.iter().collect();
    if order.len() == n && distinct.len() == n {
        Ok(())
    } else {
        Err(AnswerError::NotEachOnce(n))
    }
}

#[cfg(test)]
mod tests;
