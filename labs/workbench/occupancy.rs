//! How many are at something at this moment.

use std::cell::Cell;

/// So many have entered and not left.
#[derive(Debug, Default)]
pub struct Occupancy(Cell<usize>);

impl Occupancy {
    pub fn get(&self) -> usize {
        self.0.get()
    }

    /// One more, until what is returned is dropped.
    pub fn enter(&self) -> Inside<'_> {
        self.0.set(self.0.get() + 1);
        Inside(self)
    }
}

#[derive(Debug)]
pub struct Inside<'a>(&'a Occupancy);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let left = self.0.get() - 1;
        self.0.0.set(left);
    }
}
