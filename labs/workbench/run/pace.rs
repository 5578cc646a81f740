//! How fast virtual time passes: asked, owed and reached.

use std::time::{Duration, Instant};

/// Virtual time for a slice of wall time, and a measure of what came of it.
#[derive(Debug)]
pub struct Pacer {
    speed: f64,
    /// Nanoseconds of virtual time below a whole one: at 0.001x a slice is a few microseconds.
    rest: f64,
    measured: Measure,
}

/// The speed over the last stretch of wall time.
#[derive(Debug, Default)]
struct Measure {
    wall: Duration,
    virtual_ns: f64,
    reached: f64,
}

/// Long enough for a steady figure, short enough to follow a change.
const STRETCH: Duration = Duration::from_millis(400);

impl Pacer {
    pub fn new(speed: f64) -> Self {
        let mut pacer = Self {
            speed: 1.0,
            rest: 0.0,
            measured: Measure::default(),
        };
        pacer.ask(speed);
        pacer
    }

    pub fn ask(&mut self, speed: f64) {
        let (least, most) = (*super::SPEEDS.start(), *super::SPEEDS.end());
        self.speed = if speed.is_finite() {
            speed.clamp(least, most)
        } else {
            1.0
        };
        // Until it is measured anew, nothing is known of the new speed.
        self.measured = Measure {
            reached: self.measured.reached,
            ..Measure::default()
        };
    }

    pub fn asked(&self) -> f64 {
        self.speed
    }

    pub fn reached(&self) -> f64 {
        self.measured.reached
    }

    /// Nanoseconds of virtual time that `wall` is worth.
    pub fn owed(&mut self, wall: Duration) -> u64 {
        let owed = wall.as_nanos() as f64 * self.speed + self.rest;
        self.rest = owed.fract();
        owed as u64
    }

    /// What came of a slice of wall time.
    pub fn ran(&mut self, wall: Duration, virtual_ns: u64) {
        let measure = &mut self.measured;
        measure.wall += wall;
        measure.virtual_ns += virtual_ns as f64;
        if measure.wall >= STRETCH || measure.reached == 0.0 && measure.wall > STRETCH / 8 {
            measure.reached = measure.virtual_ns / measure.wall.as_nanos() as f64;
            *measure = Measure {
                reached: measure.reached,
                ..Measure::default()
            };
        }
    }
}

/// The present moment of the wall clock: the only reading of it in this crate.
#[allow(clippy::disallowed_methods)] // The thread of a run is where virtual time meets wall time.
pub fn wall_clock() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn slow_motion_loses_no_time_to_rounding() {
        let mut pacer = Pacer::new(0.001);
        let owed: u64 = (0..1000)
            .map(|_| pacer.owed(Duration::from_nanos(1_500)))
            .sum();
        assert!((1_499..=1_500).contains(&owed), "{owed}");
    }

    #[test]
    fn the_reached_speed_is_what_was_run_and_not_what_was_asked() {
        let mut pacer = Pacer::new(1000.0);
        for _ in 0..60 {
            pacer.ran(10 * MS, 20_000_000);
        }
        assert!((pacer.reached() - 2.0).abs() < 1e-9);
    }

    #[test]
    fn absurd_speeds_are_held_within_the_range() {
        assert!((Pacer::new(1e9).asked() - 1000.0).abs() < 1e-9);
        assert!((Pacer::new(0.0).asked() - 0.001).abs() < 1e-9);
        assert!((Pacer::new(f64::NAN).asked() - 1.0).abs() < 1e-9);
    }
}
