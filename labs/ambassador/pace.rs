//! Going slower on purpose: the generic cell rate algorithm (ITU-T I.371), a token bucket that is one timestamp.

use std::time::Duration;

/// One request every `spacing`, and `burst` at once after a rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    spacing: Duration,
    tolerance: Duration,
    /// When the next request would be due, were they evenly spaced.
    due: Duration,
}

impl Pace {
    pub fn new(spacing: Duration, burst: u32) -> Self {
        Self {
            spacing,
            tolerance: spacing * burst.saturating_sub(1),
            due: Duration::ZERO,
        }
    }

    /// Admits the request.
    ///
    /// # Errors
    /// How long it would have to wait.
    pub fn admit(&mut self, now: Duration) -> Result<(), Duration> {
        let earliest = self.due.saturating_sub(self.tolerance);
        let early = earliest.saturating_sub(now);
        if !early.is_zero() {
            return Err(early);
        }
        self.due = self.due.max(now) + self.spacing;
        Ok(())
    }
}
