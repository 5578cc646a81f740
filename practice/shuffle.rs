//! Shuffling that a seed decides, the same on every machine and in every version: a question is laid out
//! alike when it is asked again after a crash, and tests can name what they expect.

/// The numbers `0..n` in an order that only `seed` decides (Fisher–Yates over `SplitMix64`).
pub fn shuffled(n: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    let mut state = seed;
    for last in (1..n).rev() {
        let pick = (next(&mut state) % (last as u64 + 1)) as usize;
        order.swap(last, pick);
    }
    order
}

/// As [`shuffled`], but never in order when there is another: what is already sorted is no question.
pub fn disordered(n: usize, seed: u64) -> Vec<usize> {
    let mut order = shuffled(n, seed);
    if n > 1 && order.is_sorted() {
        order.rotate_left(1);
    }
    order
}

/// A seed for this text, so that each question of a session has its own (FNV-1a, 64 bits).
pub fn seed_of(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// `SplitMix64`, Steele, Lea and Flood, OOPSLA 2014, figure 10 with the constants of mix13.
pub(crate) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_generator_gives_the_published_first_values() {
        let mut state = 0;
        assert_eq!(next(&mut state), 0xe220_a839_7b1d_cdaf);
        assert_eq!(next(&mut state), 0x6e78_9e6a_a1b9_65f4);
    }

    proptest! {
        #[test]
        fn every_number_comes_once(n in 0usize..40, seed: u64) {
            let mut order = disordered(n, seed);
            prop_assert!(n < 2 || !order.is_sorted());
            prop_assert_eq!(&order, &disordered(n, seed));
            order.sort_unstable();
            prop_assert_eq!(order, (0..n).collect::<Vec<_>>());
        }
    }
}
