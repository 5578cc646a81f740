//! The knobs as the types that the pattern works with.

use super::buffer::Overflow;
use super::group::Rebalance;
use super::table::Knobs;
use super::window::Kind;
use crate::{choices, words};
use std::time::Duration;

/// Events that a disk has room for.
const SPILL_PLACES: usize = 1_000_000;

words! { Rebalance: Cooperative, Eager }

choices! {
    /// What decides the partition of a bid.
    pub enum KeyBy {
        /// Its lot: the bids on a lot stay in order.
        Auction,
        /// Who makes it.
        Bidder,
        /// Nothing: whichever is next.
        None,
    }
}

choices! {
    /// What is done with an event when the buffer is full.
    pub enum WhenFull {
        /// Whoever brings it waits.
        Backpressure,
        /// It is dropped.
        DropNew,
        /// The oldest is dropped.
        DropOld,
        /// It goes to disk.
        Spill,
    }
}

choices! {
    /// How bids find their windows.
    pub enum Windowing {
        /// Side by side.
        Tumbling,
        /// One begins every `slide`.
        Sliding,
        /// One ends when its lot has been quiet for as long as `window`.
        Session,
    }
}

choices! {
    /// What a crash does to the counts.
    pub enum Delivery {
        /// The sums and the positions in the log are saved together.
        EffectivelyOnce,
        /// The sums are kept at once, the position every `checkpoint_every`.
        AtLeast,
        /// Both are kept as soon as a bid is read.
        AtMost,
    }
}

choices! {
    /// What the store does with a result.
    pub enum SinkBy {
        /// It replaces the result of the same lot and window.
        Upsert,
        /// It is added to what is there.
        Add,
    }
}

impl Knobs {
    pub fn rule_when_full(&self) -> Overflow {
        match self.overflow.get() {
            WhenFull::Backpressure => Overflow::Backpressure,
            WhenFull::DropNew => Overflow::DropNew,
            WhenFull::DropOld => Overflow::DropOld,
            WhenFull::Spill => Overflow::Spill {
                places: SPILL_PLACES,
            },
        }
    }

    pub fn kind(&self) -> Kind {
        let size = self.window.get();
        match self.windows.get() {
            Windowing::Tumbling => Kind::Tumbling { size },
            Windowing::Sliding => Kind::Sliding {
                size,
                slide: self.slide.get().min(size),
            },
            Windowing::Session => Kind::Session { gap: size },
        }
    }

    /// How long after the watermark has passed its end a window is forgotten.
    pub fn lateness(&self) -> Duration {
        self.allowed_lateness.get()
    }
}
