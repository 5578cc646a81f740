//! A prediction beside what was measured, in words: the same on a screen and on a line printer.

use ddlab_labs::workbench::experiment::{Prediction, PredictionKind, PredictionOutcome, Tempting};
use ddlab_text::Unit;

/// Below this a guess counts as met.
const MET: f64 = 1.1;
/// Up to this it is close.
const CLOSE: f64 = 1.5;

#[derive(Debug, Clone, PartialEq)]
pub struct Reveal {
    /// What the learner said; none when nothing was said.
    pub predicted: Option<String>,
    pub measured: String,
    /// `63x too low`, `right`.
    pub verdict: String,
    pub hit: Hit,
    /// Whether the range held it, and the range.
    pub range: Option<(bool, String)>,
    /// What most people say, and why that is no wonder.
    pub tempting: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    Met,
    Close,
    Missed,
    /// Nothing was said, or there is nothing to compare with.
    Open,
}

impl Reveal {
    pub fn of(prediction: &Prediction, outcome: &PredictionOutcome) -> Self {
        match &prediction.kind {
            PredictionKind::Number { measure, tempting } => {
                let show = |value: f64| measure.show(value);
                let say = |value: f64| measure.unit.show_exact(value);
                let (predicted, measured, range) = match outcome {
                    PredictionOutcome::Number {
                        guess,
                        range,
                        measured,
                    } => (Some(*guess), Some(*measured), *range),
                    PredictionOutcome::PassedNumber { measured } => (None, Some(*measured), None),
                    _ => (None, None, None),
                };
                let (verdict, hit) = match (predicted, measured) {
                    (Some(guess), Some(measured)) => off(guess, measured, outcome.factor()),
                    _ => (String::new(), Hit::Open),
                };
                let held = outcome.in_range().zip(range);
                Self {
                    predicted: predicted.map(say),
                    measured: measured.map_or_else(|| "nothing".to_owned(), show),
                    verdict,
                    hit,
                    range: held.map(|(held, (low, high))| {
                        (held, format!("{} to {}", say(low), say(high)))
                    }),
                    tempting: tempting.as_ref().map(|t| said(&say(t.guess), t)),
                }
            }
            PredictionKind::Choice { options, tempting } => {
                let say = |at: &usize| options.get(*at).map_or("", |option| &option.say).to_owned();
                let (predicted, right) = match outcome {
                    PredictionOutcome::Choice { guess, right } => (Some(guess), Some(right)),
                    PredictionOutcome::PassedChoice { right } => (None, Some(right)),
                    _ => (None, None),
                };
                let (verdict, hit) = match (predicted, right) {
                    (Some(guess), Some(right)) if guess == right => ("right", Hit::Met),
                    (Some(_), Some(_)) => ("not so", Hit::Missed),
                    _ => ("", Hit::Open),
                };
                Self {
                    predicted: predicted.map(say),
                    measured: right.map_or_else(|| "none of these".to_owned(), say),
                    verdict: verdict.to_owned(),
                    hit,
                    range: None,
                    tempting: tempting
                        .as_ref()
                        .map(|t| said(&format!("\u{201c}{}\u{201d}", say(&t.guess)), t)),
                }
            }
        }
    }
}

fn said<T>(what: &str, tempting: &Tempting<T>) -> String {
    format!(
        "Most people say {what}: {}.",
        tempting.because.trim_end_matches('.')
    )
}

fn off(guess: f64, measured: f64, factor: Option<f64>) -> (String, Hit) {
    let side = if guess < measured {
        "too low"
    } else {
        "too high"
    };
    match factor {
        Some(factor) if factor < MET => ("right".to_owned(), Hit::Met),
        Some(factor) if factor < CLOSE => (
            format!("close: {} {side}", Unit::Times.show(factor)),
            Hit::Close,
        ),
        Some(factor) => (format!("{} {side}", Unit::Times.show(factor)), Hit::Missed),
        None => (side.to_owned(), Hit::Missed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ddlab_labs::workbench::experiment::Experiment;

    fn prediction() -> &'static Prediction {
        let guides = ddlab_labs::guides("scatter-gather");
        let experiment: &Experiment = guides.experiment("the-tail-is-the-request").unwrap();
        &experiment.predictions[0]
    }

    fn reveal(guess: f64, range: Option<(f64, f64)>) -> Reveal {
        let measured = 0.63;
        let outcome = PredictionOutcome::Number {
            guess,
            range,
            measured,
        };
        Reveal::of(prediction(), &outcome)
    }

    #[test]
    fn it_says_by_how_much_and_to_which_side_a_guess_was_off() {
        assert_eq!(reveal(0.01, None).verdict, "63.0x too low");
        assert_eq!(reveal(0.01, None).predicted.as_deref(), Some("1 %"));
        assert_eq!(reveal(0.9, None).verdict, "close: 1.43x too high");
        assert_eq!(reveal(0.62, None).hit, Hit::Met);
        assert_eq!(reveal(0.0, None).verdict, "too low");
        let range = reveal(0.5, Some((0.4, 0.7))).range;
        assert_eq!(range, Some((true, "40 % to 70 %".to_owned())));
    }

    #[test]
    fn who_said_nothing_sees_what_was_measured() {
        let reveal = Reveal::of(
            prediction(),
            &PredictionOutcome::PassedNumber { measured: 0.63 },
        );
        assert_eq!((reveal.predicted, reveal.hit), (None, Hit::Open));
        assert_eq!(reveal.measured, "63.0 %");
        assert!(reveal.tempting.unwrap().starts_with("Most people say 1 %"));
    }
}
