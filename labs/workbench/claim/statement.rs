//! A bound on a measurement: what a check, a condition or an answer claims.

use super::form::{Scalar, StatementForm};
use super::measure::find;
use super::{Fault, Measure, Readings};
use ddlab_text::Unit;
use ddlab_text::exact;
use serde_yaml::Spanned;

#[derive(Debug, Clone)]
pub struct Statement {
    /// The measurement's name.
    pub of: String,
    /// What it is called on a board.
    pub label: String,
    pub unit: Unit,
    pub bound: Bound,
    /// The bounds are so many times this measurement: its name and what it is called.
    pub times: Option<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    Above(f64),
    Below(f64),
    Within(f64, f64),
}

impl Statement {
    pub(crate) fn read(form: &StatementForm, measures: &[Measure]) -> Result<Self, Fault> {
        let place = form.of.referenced;
        let measure = find(measures, &form.of)?;
        let times = match &form.times {
            Some(name) => Some(find(measures, name)?),
            None => None,
        };
        // So many times another one is a bare number, whatever the unit of both is.
        let unit = if times.is_some() {
            Unit::Times
        } else {
            measure.unit
        };
        let value = |text: &Spanned<Scalar>| read_value(unit, text);
        let bound = match (&form.above, &form.below, &form.within, &form.near) {
            (Some(above), None, None, None) => Bound::Above(value(above)?),
            (None, Some(below), None, None) => Bound::Below(value(below)?),
            (None, None, Some([low, high]), None) => Bound::Within(value(low)?, value(high)?),
            (None, None, None, Some(near)) => {
                let near = value(near)?;
                let give = match &form.give {
                    Some(give) => read_value(Unit::Share, give)?,
                    None => {
                        return Err(Fault::new(
                            place,
                            "`near` needs a `give`, as in `give: 5 %`",
                        ));
                    }
                };
                Bound::Within(near - near.abs() * give, near + near.abs() * give)
            }
            _ => {
                let what = "a statement has one of `above`, `below`, `within` and `near`";
                return Err(Fault::new(place, what));
            }
        };
        if matches!(bound, Bound::Within(low, high) if low > high) {
            return Err(Fault::new(
                place,
                "`within` goes from the smaller to the larger",
            ));
        }
        Ok(Self {
            of: measure.name.clone(),
            label: measure.label.clone(),
            unit: measure.unit,
            bound,
            times: times.map(|other| (other.name.clone(), other.label.clone())),
        })
    }

    /// Whether it holds; none while something that it speaks of was not measured.
    pub fn holds(&self, readings: &Readings) -> Option<bool> {
        let value = *readings.get(&self.of)?;
        let factor = match &self.times {
            Some((name, _)) => *readings.get(name)?,
            None => 1.0,
        };
        Some(match self.bound {
            Bound::Above(bound) => value > bound * factor,
            Bound::Below(bound) => value < bound * factor,
            Bound::Within(low, high) => (low * factor..=high * factor).contains(&value),
        })
    }

    /// What is asked for: `below 200 ms`, `above 10x`, `below 0.2 of the plain p99`.
    pub fn asked(&self) -> String {
        let show = |value: f64| match &self.times {
            Some((_, label)) => format!("{} of {label}", exact(value)),
            None => self.unit.show_exact(value),
        };
        match self.bound {
            Bound::Above(bound) => format!("above {}", show(bound)),
            Bound::Below(bound) => format!("below {}", show(bound)),
            Bound::Within(low, high) => format!("{} to {}", show(low), show(high)),
        }
    }

    /// The measurements that it speaks of.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let times = self.times.iter().map(|(name, _)| name.as_str());
        std::iter::once(self.of.as_str()).chain(times)
    }

    /// Of several values of it, the one that is worst for it.
    pub fn worst(&self, one: f64, other: f64) -> f64 {
        let excess = |value: f64| match self.bound {
            Bound::Above(bound) => bound - value,
            Bound::Below(bound) => value - bound,
            Bound::Within(low, high) => (low - value).max(value - high),
        };
        if excess(other) > excess(one) {
            other
        } else {
            one
        }
    }
}

pub(crate) fn read_value(unit: Unit, text: &Spanned<Scalar>) -> Result<f64, Fault> {
    let given = &text.value.0;
    unit.read(given).ok_or_else(|| {
        let what = match unit.symbol() {
            "" => format!("`{given}` is not a bare number"),
            symbol => format!("`{given}` is not a number in {symbol}"),
        };
        Fault::new(text.referenced, what)
    })
}
