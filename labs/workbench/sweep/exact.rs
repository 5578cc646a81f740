//! Sums of floats without rounding.
//!
//! Shards of a sweep are summed by whoever is done first and merged in any order; with `+` each order
//! would have its own last digits, and a merged result would not be that of one run. Here a sum is
//! held as an expansion: a few floats that do not overlap and that add up to it exactly (Shewchuk,
//! *Adaptive Precision Floating-Point Arithmetic*, 1997, §2). Rounding is left to whoever reads.

use std::fmt;
use std::str::FromStr;

/// The exact sum of what was added: the same whatever the order.
#[derive(Debug, Clone, Default)]
pub struct ExactSum {
    /// Of ascending magnitude, without overlap; there is no zero among them.
    partials: Vec<f64>,
}

impl ExactSum {
    /// Adds a finite number.
    pub fn add(&mut self, value: f64) {
        debug_assert!(value.is_finite(), "only finite numbers have an exact sum");
        let mut carry = value;
        let mut kept = 0;
        for place in 0..self.partials.len() {
            let (sum, rest) = two_sum(carry, self.partials[place]);
            if rest != 0.0 {
                self.partials[kept] = rest;
                kept += 1;
            }
            carry = sum;
        }
        self.partials.truncate(kept);
        if carry != 0.0 {
            self.partials.push(carry);
        }
    }

    /// Adds the exact product of two numbers (that is not below the least of normal floats).
    pub fn add_product(&mut self, a: f64, b: f64) {
        let product = a * b;
        self.add(product);
        // What rounding took: a fused multiply-add rounds once, after the difference.
        self.add(a.mul_add(b, -product));
    }

    pub fn merge(&mut self, other: &Self) {
        for partial in &other.partials {
            self.add(*partial);
        }
    }

    /// The float nearest to the sum.
    pub fn value(&self) -> f64 {
        let mut rest = self.partials.iter().rev().copied();
        let mut sum = rest.next().unwrap_or(0.0);
        while let Some(next) = rest.next() {
            let (rounded, lost) = two_sum(sum, next);
            sum = rounded;
            if lost != 0.0 {
                // Half-way between two floats the sign of what is below decides.
                if let Some(below) = rest.next()
                    && (below < 0.0) == (lost < 0.0)
                {
                    let (other, nothing) = two_sum(sum, lost * 2.0);
                    if nothing == 0.0 {
                        sum = other;
                    }
                }
                break;
            }
        }
        sum
    }

    /// The sum as floats of falling magnitude, each the nearest to what those before leave: unlike the
    /// partials the same for the same sum.
    pub fn terms(&self) -> Vec<f64> {
        let mut rest = self.clone();
        let mut terms = Vec::new();
        loop {
            let nearest = rest.value();
            if nearest == 0.0 {
                return terms;
            }
            terms.push(nearest);
            rest.add(-nearest);
        }
    }
}

/// The rounded sum, and what rounding took (Knuth's; holds whichever is greater).
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}

impl PartialEq for ExactSum {
    fn eq(&self, other: &Self) -> bool {
        self.terms() == other.terms()
    }
}

/// `0`, or its terms with a `+` between them.
impl fmt::Display for ExactSum {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let terms: Vec<String> = self
            .terms()
            .iter()
            .map(|term| format!("{term:e}"))
            .collect();
        out.write_str(if terms.is_empty() { "0" } else { "" })?;
        out.write_str(&terms.join("+"))
    }
}

impl FromStr for ExactSum {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut sum = Self::default();
        for term in text.split('+') {
            let term: f64 = term.parse().map_err(drop)?;
            if !term.is_finite() {
                return Err(());
            }
            sum.add(term);
        }
        Ok(sum)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // exactness is what is tested
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[f64]) -> ExactSum {
        let mut sum = ExactSum::default();
        for value in values {
            sum.add(*value);
        }
        sum
    }

    #[test]
    fn what_plain_addition_loses_is_kept() {
        assert_eq!(of(&[1e100, 1.0, -1e100]).value(), 1.0);
        assert_eq!(of(&[0.1; 10]).value(), 1.0);
        assert_eq!(of(&[]).value(), 0.0);
        // 2^53 + 1 lies half-way; the dust decides up or down.
        let half_way = 9_007_199_254_740_992.0;
        assert_eq!(of(&[half_way, 1.0]).value(), half_way);
        assert_eq!(of(&[half_way, 1.0, 1e-300]).value(), half_way + 2.0);
        assert_eq!(of(&[half_way, 1.0, -1e-300]).value(), half_way);
    }

    #[test]
    fn a_product_is_added_with_what_its_rounding_would_lose() {
        let mut sum = ExactSum::default();
        let third = 1.0 / 3.0;
        sum.add_product(third, third);
        sum.add(-(third * third));
        assert_eq!(sum.value(), third.mul_add(third, -(third * third)));
        assert!(sum.value() != 0.0);
    }

    proptest! {
        #[test]
        fn any_order_and_any_grouping_give_the_same_sum_to_the_last_bit(
            mut values in prop::collection::vec(-1e12..1e12f64, 1..60),
            cut in 0..60usize,
        ) {
            values.extend(values.clone().iter().map(|value| value * 1e-20));
            let forth = of(&values);
            let (left, right) = values.split_at(cut.min(values.len()));
            let mut grouped = of(right);
            grouped.merge(&of(left));
            values.reverse();
            prop_assert_eq!(of(&values).to_string(), forth.to_string());
            prop_assert_eq!(grouped.to_string(), forth.to_string());
            prop_assert_eq!(forth.to_string().parse::<ExactSum>(), Ok(forth));
        }
    }
}
