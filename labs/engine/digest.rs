//! The digest of a run: a running hash over everything that happened in it.
//!
//! Two runs that agree on it delivered the same messages and fired the same timers at the same moments in
//! the same order. It is how a run proves that it was the same run: twice in one process, in two processes,
//! driven in small slices or in one go.

/// The running hash; one multiplication an event, so that it is always on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digest(u64);

impl Digest {
    pub fn new(seed: u64) -> Self {
        Self(mix(seed, FIRST))
    }

    /// Takes in one event: when it was, and what it was (packed by the caller).
    pub fn note(&mut self, at: u64, what: u64) {
        // A chain of folded products: each step depends on all before it, so the order counts as well.
        self.0 = mix(self.0 ^ at, what ^ SECOND);
    }

    pub fn value(self) -> u64 {
        self.0
    }
}

// Digits of pi: nothing up the sleeve. Odd and dense in bits, which is all that the product asks for.
const FIRST: u64 = 0x243f_6a88_85a3_08d3;
const SECOND: u64 = 0x1319_8a2e_0370_7345;

/// Both halves of the 128-bit product, folded: every bit of both inputs reaches the result.
fn mix(a: u64, b: u64) -> u64 {
    // The constant keeps a product with zero from forgetting what came before.
    let product = u128::from(a ^ FIRST).wrapping_mul(u128::from(b | 1));
    (product as u64) ^ ((product >> 64) as u64) ^ a.rotate_left(23)
}
