//! Randomness that two runs can share: one stream a purpose, and draws by key.
//!
//! - A [`Stream`] is a generator of its own for one purpose (`"arrivals"`), seeded by the simulation's seed
//!   and the purpose's name: what one part draws never shifts what another part gets.
//! - A keyed [`Draw`] has no state at all: it is a hash of seed, purpose and key. The service time of request
//!   812 on replica 2 is the same whatever else was drawn before, so two runs that differ in one knob meet
//!   the same world. That makes their difference an effect of the knob, not of luck.
//!
//! The generators are named (Xoshiro256++, `SplitMix64`'s finalizer, XXH3) and the functions of
//! [`distribution`](super::distribution) use `libm`: the same seed gives the same run on every platform.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A source of uniform random bits, and what is derived from them.
pub trait Source {
    fn next_u64(&mut self) -> u64;

    /// Uniform in the open interval (0, 1): never 0 and never 1, so that `ln` and quantiles are finite.
    fn uniform(&mut self) -> f64 {
        unit(self.next_u64())
    }

    /// Uniform in `0..bound`; 0 when the bound is 0.
    fn below(&mut self, bound: u64) -> u64 {
        // Lemire's multiply-and-shift. Its bias is below bound / 2^64, which no run here can see.
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// True with this probability.
    fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Puts the items in random order (Fisher-Yates).
    fn shuffle<T>(&mut self, items: &mut [T])
    where
        Self: Sized,
    {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

/// The middle of one of 2^52 equal cells of (0, 1).
fn unit(bits: u64) -> f64 {
    ((bits >> 12) as f64 + 0.5) * (1.0 / (1_u64 << 52) as f64)
}

/// The generator of one purpose: Xoshiro256++, seeded by seed and name.
#[derive(Debug, Clone)]
pub struct Stream(Xoshiro256PlusPlus);

impl Stream {
    pub fn new(seed: u64, name: &str) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(xxh3_64_with_seed(
            name.as_bytes(),
            seed,
        )))
    }
}

impl Source for Stream {
    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }
}

/// Draws by key for one purpose; hash the name once, draw often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purpose(u64);

impl Purpose {
    pub fn new(seed: u64, name: &str) -> Self {
        // Apart from the stream of the same name.
        Self(finalize(xxh3_64_with_seed(name.as_bytes(), !seed)))
    }

    /// The draw that belongs to this key, whatever else is drawn.
    pub fn draw(self, key: &[u64]) -> Draw {
        let mut state = self.0;
        for word in key {
            // Each word is spread before it meets the state: neighbouring keys are the usual case.
            state = finalize(state.wrapping_add(GOLDEN) ^ finalize(word.wrapping_add(GOLDEN)));
        }
        Draw(state)
    }
}

/// The draw of `key` for `purpose`, for once; [`Purpose`] saves hashing the name each time.
pub fn keyed(seed: u64, purpose: &str, key: &[u64]) -> Draw {
    Purpose::new(seed, purpose).draw(key)
}

/// The random numbers of one key: as many as are asked for (`SplitMix64` from there on).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw(u64);

impl Source for Draw {
    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        finalize(self.0)
    }
}

/// The increment of `SplitMix64`: 2^64 divided by the golden ratio, made odd.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finalizer of `SplitMix64` (Stafford's variant 13): a bijection in which each bit depends on all.
fn finalize(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Vigna's reference implementation of `SplitMix64`, seeded with 1234567 (as listed by Rosetta Code).
    #[test]
    fn a_draw_goes_on_as_splitmix64() {
        let mut draw = Draw(1_234_567);
        let numbers: [u64; 5] = std::array::from_fn(|_| draw.next_u64());
        assert_eq!(
            numbers,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ]
        );
    }

    #[test]
    fn a_stream_does_not_depend_on_what_others_draw() {
        let mut alone = Stream::new(1, "arrivals");
        let (mut beside, mut other) = (Stream::new(1, "arrivals"), Stream::new(1, "service"));
        for _ in 0..100 {
            let number = beside.next_u64();
            assert_ne!(number, other.next_u64());
            assert_eq!(number, alone.next_u64());
        }
    }

    #[test]
    fn neighbouring_keys_draw_as_if_unrelated() {
        let purpose = Purpose::new(1, "service");
        let draw = |a: u64, b: u64| purpose.draw(&[a, b]).uniform();
        let (mut mean, mut product, count) = (0.0, 0.0, 100_000);
        for n in 0..count {
            let (here, beside) = (draw(n, 0) - 0.5, draw(n, 1) - 0.5);
            mean += here;
            product += here * beside + here * (draw(n + 1, 0) - 0.5);
        }
        // Standard errors: 0.29 / sqrt(n) = 0.0009, and 0.083 * sqrt(2 / n) = 0.0004.
        assert!((mean / count as f64).abs() < 0.004, "mean {mean}");
        assert!(
            (product / count as f64).abs() < 0.002,
            "covariance {product}"
        );
        assert_ne!(
            draw(1, 2).to_bits(),
            draw(2, 1).to_bits(),
            "the order of a key counts"
        );
        assert_ne!(
            purpose.draw(&[0]).next_u64(),
            purpose.draw(&[0, 0]).next_u64(),
            "and so does its length"
        );
    }

    proptest! {
        #[test]
        fn uniform_numbers_stay_within_the_open_interval(bits in any::<u64>()) {
            let number = unit(bits);
            prop_assert!(number > 0.0 && number < 1.0);
        }

        #[test]
        fn below_stays_below(seed in any::<u64>(), bound in 1_u64..1000) {
            let mut draw = keyed(seed, "below", &[]);
            for _ in 0..10 {
                prop_assert!(draw.below(bound) < bound);
            }
        }

        #[test]
        fn a_shuffle_keeps_every_item(seed in any::<u64>(), count in 0_usize..100) {
            let mut items: Vec<usize> = (0..count).collect();
            keyed(seed, "shuffle", &[]).shuffle(&mut items);
            items.sort_unstable();
            prop_assert_eq!(items, (0..count).collect::<Vec<_>>());
        }
    }
}
