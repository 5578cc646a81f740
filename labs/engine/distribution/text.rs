//! The text form of a distribution: `lognormal:10ms,0.5`.

use super::{ALPHA_MAX, ALPHA_MIN, Distribution, SIGMA_MAX, Shape};
use crate::engine::time::{SpanError, format_span, nanos, parse_span};
use ddlab_text::{given, suggestion};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Why a text is no distribution; each message ends in an example that is one.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DistributionError {
    #[error(
        "`{}` is not a distribution: write a kind and its parameters, for example `exp:10ms` (kinds: const, exp, uniform, lognormal, pareto, mix, shift)",
        given(.text)
    )]
    NoKind { text: String },
    #[error(
        "this distribution is longer than {TEXT_MAX} bytes: write a shorter one, for example `exp:10ms`"
    )]
    TooLong,
    #[error("`{}` is not a kind of distribution such as that of `lognormal:10ms,0.5`; {}", given(.kind), suggestion(.kind, &KINDS))]
    UnknownKind { kind: String },
    #[error("in `{}`: {source}", given(.text))]
    Span { text: String, source: SpanError },
    #[error("`{}`: {why}; for example `{example}`", given(.text))]
    Parameters {
        text: String,
        why: String,
        example: &'static str,
    },
}

/// The longest text of a distribution, in bytes: it bounds how deep one can nest.
const TEXT_MAX: usize = 1_000;

const KINDS: [&str; 7] = [
    "const",
    "exp",
    "uniform",
    "lognormal",
    "pareto",
    "mix",
    "shift",
];

impl FromStr for Distribution {
    type Err = DistributionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.len() > TEXT_MAX {
            return Err(DistributionError::TooLong);
        }
        let (kind, rest) = text
            .split_once(':')
            .ok_or_else(|| DistributionError::NoKind {
                text: text.to_owned(),
            })?;
        let rest = rest.trim();
        let span = |part: &str| {
            parse_span(part).map_err(|source| DistributionError::Span {
                text: text.to_owned(),
                source,
            })
        };
        let wrong = |why: &str, example| DistributionError::Parameters {
            text: text.to_owned(),
            why: why.to_owned(),
            example,
        };
        match kind.trim() {
            "const" => Ok(Self::constant(span(rest)?)),
            "exp" => Ok(Self::exponential(span(rest)?)),
            "uniform" => {
                let example = "uniform:5ms..15ms";
                let (low, high) = rest
                    .split_once("..")
                    .ok_or_else(|| wrong("a uniform distribution has two bounds", example))?;
                let (low, high) = (span(low)?, span(high)?);
                if low > high {
                    return Err(wrong("the lower bound is above the upper one", example));
                }
                Ok(Self::uniform(low, high))
            }
            "lognormal" => {
                let example = "lognormal:10ms,0.5";
                let (median, sigma) = rest.split_once(',').ok_or_else(|| {
                    wrong(
                        "a log-normal distribution has a median and a sigma",
                        example,
                    )
                })?;
                let sigma = number(sigma, 0.0, SIGMA_MAX)
                    .ok_or_else(|| wrong("sigma is a number from 0 to 10", example))?;
                Ok(Self::lognormal(span(median)?, sigma))
            }
            "pareto" => {
                let example = "pareto:5ms,1.5";
                let (minimum, alpha) = rest.split_once(',').ok_or_else(|| {
                    wrong("a Pareto distribution has a minimum and an alpha", example)
                })?;
                let alpha = number(alpha, ALPHA_MIN, ALPHA_MAX)
                    .ok_or_else(|| wrong("alpha is a number from 0.05 to 1000", example))?;
                Ok(Self::pareto(span(minimum)?, alpha))
            }
            "mix" => mix(text, rest),
            "shift" => {
                let (by, inner) = rest.split_once('+').ok_or_else(|| {
                    wrong(
                        "a shift is a span, a plus sign and a distribution",
                        "shift:2ms+exp:8ms",
                    )
                })?;
                Ok(Self(Shape::Shift(
                    nanos(span(by)?),
                    Box::new(inner.parse()?),
                )))
            }
            _ => Err(DistributionError::UnknownKind {
                kind: kind.trim().to_owned(),
            }),
        }
    }
}

fn number(text: &str, low: f64, high: f64) -> Option<f64> {
    let value: f64 = text.trim().parse().ok()?;
    (low..=high).contains(&value).then_some(value)
}

/// `99%*const:10ms,1%*const:1s`. A part may itself hold a comma, so a part ends only where the next share begins.
fn mix(text: &str, rest: &str) -> Result<Distribution, DistributionError> {
    let wrong = |why: String| DistributionError::Parameters {
        text: text.to_owned(),
        why,
        example: "mix:99%*const:10ms,1%*const:1s",
    };
    let mut pieces: Vec<String> = Vec::new();
    for piece in rest.split(',') {
        match pieces.last_mut() {
            Some(open) if !piece.contains("%*") => {
                open.push(',');
                open.push_str(piece);
            }
            _ => pieces.push(piece.to_owned()),
        }
    }
    let mut parts = Vec::with_capacity(pieces.len());
    for piece in &pieces {
        let (percent, part) = piece
            .split_once("%*")
            .ok_or_else(|| wrong(format!("`{piece}` has no share before it")))?;
        let percent = number(percent, 0.0, 100.0)
            .filter(|percent| *percent > 0.0)
            .ok_or_else(|| {
                wrong(format!(
                    "`{percent}%` is not a share above 0 and up to 100 %"
                ))
            })?;
        let part: Distribution = part.parse()?;
        if part.holds_mix() {
            return Err(wrong("a mix holds no other mix".to_owned()));
        }
        parts.push((percent, part));
    }
    let total: f64 = parts.iter().map(|(percent, _)| percent).sum();
    if (total - 100.0).abs() > 1e-6 {
        return Err(wrong(format!(
            "the shares add up to {total} %, not to 100 %"
        )));
    }
    Ok(Distribution(Shape::Mix(parts)))
}

impl Distribution {
    fn holds_mix(&self) -> bool {
        match &self.0 {
            Shape::Mix(_) => true,
            Shape::Shift(_, inner) => inner.holds_mix(),
            _ => false,
        }
    }
}

/// The form that parses back to the same distribution.
impl fmt::Display for Distribution {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = |nanos: u64| format_span(Duration::from_nanos(nanos));
        match &self.0 {
            Shape::Const(value) => write!(out, "const:{}", span(*value)),
            Shape::Exp { mean } => write!(out, "exp:{}", span(*mean)),
            Shape::Uniform { low, high } => write!(out, "uniform:{}..{}", span(*low), span(*high)),
            Shape::LogNormal { median, sigma } => {
                write!(out, "lognormal:{},{sigma}", span(*median))
            }
            Shape::Pareto { minimum, alpha } => write!(out, "pareto:{},{alpha}", span(*minimum)),
            Shape::Mix(parts) => {
                out.write_str("mix:")?;
                for (index, (percent, part)) in parts.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    write!(out, "{comma}{percent}%*{part}")?;
                }
                Ok(())
            }
            Shape::Shift(by, inner) => write!(out, "shift:{}+{inner}", span(*by)),
        }
    }
}
