//! One turn of a knob up or down, as the arrow keys do it.

use super::{KnobKind, KnobSpec, KnobValue, Scale};
use crate::engine::Distribution;

impl KnobSpec {
    /// The value after `turns` turns up (or down, below zero), held within the range.
    ///
    /// Words have a place on the scale: `inf` above the greatest number, all others below the least,
    /// in their order; so `none`, 1, 2, 3 and 6, 7, 8, `inf` are each one turn apart. A knob that starts
    /// at a word is turned from the words to the value that its table names, which is a sensible one.
    ///
    /// A distribution that may be `off` says how often something happens: `off` lies beyond the value of
    /// its table, as the longest interval of all, and any turn leaves it.
    #[must_use]
    pub fn turned(&self, value: &KnobValue, turns: i32) -> KnobValue {
        let mut value = value.clone();
        for _ in 0..turns.unsigned_abs() {
            value = self.turned_once(&value, turns > 0);
        }
        value
    }

    fn turned_once(&self, value: &KnobValue, up: bool) -> KnobValue {
        match (&self.kind, value) {
            (KnobKind::Switch, KnobValue::Switch(on)) => KnobValue::Switch(!on),
            (KnobKind::Choice { options }, KnobValue::Word(word)) => {
                let at = options
                    .iter()
                    .position(|option| option == word)
                    .unwrap_or(0);
                let step = if up { 1 } else { options.len() - 1 };
                KnobValue::Word(options[(at + step) % options.len()].to_owned())
            }
            (
                KnobKind::Number {
                    min, max, words, ..
                },
                KnobValue::Number(number),
            ) => {
                let next = self.next_number(*number, up);
                match () {
                    () if next > *max => top_word(words).unwrap_or(KnobValue::Number(*max)),
                    () if next < *min => bottom_word(words).unwrap_or(KnobValue::Number(*min)),
                    () => KnobValue::Number(next),
                }
            }
            (
                KnobKind::Duration {
                    min_ns,
                    max_ns,
                    step,
                    words,
                },
                KnobValue::Duration(ns),
            ) => {
                let factor = if up { *step } else { 1.0 / step };
                let next = two_digits(*ns as f64 * factor) as u64;
                match () {
                    () if next > *max_ns => top_word(words).unwrap_or(KnobValue::Duration(*max_ns)),
                    () if next < *min_ns => {
                        bottom_word(words).unwrap_or(KnobValue::Duration(*min_ns))
                    }
                    () => KnobValue::Duration(next),
                }
            }
            (
                KnobKind::Number {
                    min, max, words, ..
                },
                KnobValue::Word(word),
            ) => {
                let least = KnobValue::Number(*min);
                let least = self.beside_word.clone().unwrap_or(least);
                beside_word(words, word, up, least, KnobValue::Number(*max))
            }
            (
                KnobKind::Duration {
                    min_ns,
                    max_ns,
                    words,
                    ..
                },
                KnobValue::Word(word),
            ) => {
                let least = KnobValue::Duration(*min_ns);
                let least = self.beside_word.clone().unwrap_or(least);
                beside_word(words, word, up, least, KnobValue::Duration(*max_ns))
            }
            (KnobKind::Distribution { .. }, KnobValue::Word(_)) => {
                self.beside_word.clone().unwrap_or_else(|| value.clone())
            }
            (KnobKind::Distribution { .. }, KnobValue::Distribution(text)) => {
                match text.parse::<Distribution>() {
                    Ok(distribution) if up && self.is_rarest(&distribution) => self.default.clone(),
                    Ok(distribution) => {
                        let factor = if up { 1.25 } else { 0.8 };
                        let next = distribution.scaled(factor).to_string();
                        let next = KnobValue::Distribution(next);
                        match self.check(&next) {
                            Ok(()) => next,
                            // As far as it goes.
                            Err(_) => value.clone(),
                        }
                    }
                    Err(_) => value.clone(),
                }
            }
            // A value of another kind can't come from this knob: leave it as it is.
            _ => value.clone(),
        }
    }

    /// As rare as the table has it, or rarer: next comes `off`.
    fn is_rarest(&self, distribution: &Distribution) -> bool {
        let Some(KnobValue::Distribution(first)) = &self.beside_word else {
            return false;
        };
        let first = first.parse::<Distribution>().ok();
        match (first.and_then(|first| first.mean()), distribution.mean()) {
            (Some(first), Some(mean)) => mean >= first,
            _ => false,
        }
    }

    fn next_number(&self, number: f64, up: bool) -> f64 {
        let KnobKind::Number {
            step,
            scale,
            integer,
            ..
        } = self.kind
        else {
            return number;
        };
        let next = match (scale, up) {
            (Scale::Linear, true) => number + step,
            (Scale::Linear, false) => number - step,
            (Scale::Log, true) => two_digits(number * step),
            (Scale::Log, false) => two_digits(number / step),
        };
        // Sums of steps such as 0.01 gather dust in the last digits: 0.060000000000000005.
        let next = (next * 1e9).round() / 1e9;
        match (integer, up) {
            (true, true) => next.round().max(number + 1.0),
            (true, false) => next.round().min(number - 1.0),
            (false, _) => next,
        }
    }
}

/// Rounded to two digits that count, so that turning gives numbers that a person would write.
fn two_digits(value: f64) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return value;
    }
    let scale = 10f64.powi(value.log10().floor() as i32 - 1);
    (value / scale).round() * scale
}

fn top_word(words: &[&str]) -> Option<KnobValue> {
    let top = words.iter().find(|word| **word == "inf")?;
    Some(KnobValue::Word((*top).to_owned()))
}

fn bottom_word(words: &[&str]) -> Option<KnobValue> {
    let bottom = words.iter().rfind(|word| **word != "inf")?;
    Some(KnobValue::Word((*bottom).to_owned()))
}

fn beside_word(
    words: &[&str],
    word: &str,
    up: bool,
    least: KnobValue,
    most: KnobValue,
) -> KnobValue {
    if word == "inf" {
        return if up {
            KnobValue::Word(word.to_owned())
        } else {
            most
        };
    }
    let below: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| *word != "inf")
        .collect();
    let at = below
        .iter()
        .position(|candidate| *candidate == word)
        .unwrap_or(0);
    match (up, below.get(at + 1)) {
        (true, Some(next)) => KnobValue::Word((*next).to_owned()),
        (true, None) => least,
        (false, _) => KnobValue::Word(below[at.saturating_sub(1)].to_owned()),
    }
}
