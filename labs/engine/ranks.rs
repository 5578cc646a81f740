//! Which of many is picked, where each has its share of the picks.

/// Items from 0, each picked in its share.
#[derive(Debug, Clone, Default)]
pub struct Ranks {
    /// Up to which uniform number each is picked; the last is 1.
    upto: Vec<f64>,
    /// Of each of as many equal parts of 0 to 1 as there are items, the first item that may be picked in it: a pick
    /// begins there, and looks at one or two whatever their number is (Chen and Asau, *On generating random variates
    /// from an empirical distribution*, AIIE Transactions 6(2), 1974).
    first: Vec<u32>,
}

impl Ranks {
    /// By Zipf's law: the item of rank k, from 1, has the weight k^-skew.
    pub fn zipf(items: usize, skew: f64) -> Self {
        let mut sum = 0.0;
        let sums = (1..=items).map(|rank| {
            sum += libm::pow(rank as f64, -skew);
            sum
        });
        let mut upto: Vec<f64> = sums.collect();
        for upto in &mut upto {
            *upto /= sum;
        }
        Self::new(upto)
    }

    /// By the sums of the shares, one at least: ascending, to 1.
    pub fn new(upto: Vec<f64>) -> Self {
        let (mut first, mut item) = (Vec::with_capacity(upto.len()), 0);
        for part in 0..upto.len() {
            let begins = part as f64 / upto.len() as f64;
            while item + 1 < upto.len() && upto[item] < begins {
                item += 1;
            }
            first.push(item as u32);
        }
        Self { upto, first }
    }

    /// The share of the first item.
    pub fn first_share(&self) -> f64 {
        self.upto[0]
    }

    /// The item of a uniform number: the first whose sum of shares is not below it.
    pub fn pick(&self, uniform: f64) -> usize {
        let last = self.upto.len() - 1;
        let part = (uniform * self.first.len() as f64) as usize;
        let mut item = self.first[part.min(last)] as usize;
        // The product above may have been rounded up into the next part.
        while item > 0 && self.upto[item - 1] >= uniform {
            item -= 1;
        }
        while item < last && self.upto[item] < uniform {
            item += 1;
        }
        item
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn picks_as_by_halving(weights: &[f64], uniform: f64) -> Result<(), TestCaseError> {
        let sum: f64 = weights.iter().sum();
        let mut upto = 0.0;
        let sums = weights.iter().map(|weight| {
            upto += weight;
            upto / sum
        });
        let sums: Vec<f64> = sums.collect();
        let wanted = sums.partition_point(|upto| *upto < uniform);
        let ranks = Ranks::new(sums);
        prop_assert_eq!(ranks.pick(uniform), wanted.min(weights.len() - 1));
        Ok(())
    }

    proptest! {
        #[test]
        fn a_pick_is_the_one_that_halving_finds(
            weights in prop::collection::vec(prop_oneof![Just(1.0), 1e-6..1e3_f64], 1..300),
            uniform in 0.0..1.0_f64,
        ) {
            picks_as_by_halving(&weights, uniform)?;
        }

        /// Numbers at the ends of the parts, where rounding decides.
        #[test]
        fn and_so_it_is_at_the_edge_of_a_part(count in 1_usize..300, part in 0_usize..300, ulps in 0_u64..3) {
            let edge = (part % count) as f64 / count as f64;
            let below = f64::from_bits(edge.to_bits().saturating_sub(ulps));
            picks_as_by_halving(&vec![1.0; count], below.max(f64::MIN_POSITIVE))?;
        }
    }
}
