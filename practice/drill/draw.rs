//! The numbers that problems are made of: round ones, so that they can be worked in one's head.

use crate::shuffle;

/// A stream of choices that only its seed decides.
#[derive(Debug)]
pub struct Draw {
    state: u64,
}

impl Draw {
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// One of these.
    pub fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        let at = shuffle::next(&mut self.state) % choices.len() as u64;
        choices[at as usize]
    }
}
