//! The samples since somebody last looked, counted by value: to record one is an addition, and to take them out
//! costs as much as there are different values, however wide their range is.

/// Values with their counts. They are told apart to three digits, by the steps of an hdrhistogram of three digits:
/// one apart up to 2,048, then 1,024 steps to each doubling.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    /// By place, see [`place`].
    counts: Vec<u32>,
    /// Places with a count, in the order in which they came.
    used: Vec<u32>,
}

impl Fresh {
    pub fn add(&mut self, value: u64) {
        let place = place(value);
        if place >= self.counts.len() {
            self.counts.resize(place + 1, 0);
        }
        let count = &mut self.counts[place];
        if *count == 0 {
            self.used.push(place as u32);
        }
        *count += 1;
    }

    /// Takes all out: (the least value of a step, count), ascending.
    pub fn take(&mut self) -> impl Iterator<Item = (u64, u32)> {
        self.used.sort_unstable();
        let counts = &mut self.counts;
        self.used.drain(..).map(|place| {
            let count = std::mem::take(&mut counts[place as usize]);
            (value(place.into()), count)
        })
    }
}

/// Steps of the first doubling that are not one apart.
const STEPS: u64 = 1 << STEP_BITS;
const STEP_BITS: u32 = 10;

fn place(value: u64) -> usize {
    let bits = u64::BITS - value.leading_zeros();
    let doublings = bits.saturating_sub(STEP_BITS + 1);
    (u64::from(doublings) * STEPS + (value >> doublings)) as usize
}

/// The least value of a place.
fn value(place: u64) -> u64 {
    let doublings = (place / STEPS).saturating_sub(1);
    (place - doublings * STEPS) << doublings
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::Histogram;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_value_is_counted_at_the_step_of_an_hdrhistogram_of_three_digits(bits in 0_u32..54, noise: u64) {
            let value = noise >> (63 - bits);
            let mut fresh = Fresh::default();
            fresh.add(value);
            let taken: Vec<(u64, u32)> = fresh.take().collect();
            let hdr: Histogram<u64> = Histogram::new(3).unwrap();
            prop_assert_eq!(taken, [(hdr.lowest_equivalent(value), 1)]);
        }
    }

    #[test]
    fn what_is_taken_out_is_ascending_and_gone() {
        let mut fresh = Fresh::default();
        for value in [900_000, 7, 3_000, 7, 900_001] {
            fresh.add(value);
        }
        let taken: Vec<(u64, u32)> = fresh.take().collect();
        assert_eq!(taken, [(7, 2), (3_000, 1), (899_584, 2)]);
        assert_eq!(fresh.take().count(), 0);
    }
}
