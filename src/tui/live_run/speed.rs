//! The speeds to choose from.

/// Virtual seconds per second: 1, 2 and 5 times the powers of ten.
const LADDER: [f64; 19] = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0,
    200.0, 500.0, 1000.0,
];
const RUNGS_PER_DECADE: isize = 3;

/// How fast virtual time passes, as virtual seconds per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed(f64);

impl Speed {
    /// Ten times real time: a second after a knob is turned, ten seconds of the system have shown
    /// what it does.
    pub const INITIAL: Self = Self(10.0);

    /// As the clock.
    pub const REAL: Self = Self(1.0);

    /// As fast as this, on the ladder or between two of its rungs.
    pub fn exactly(speed: f64) -> Self {
        Self(speed)
    }

    /// The rung that is nearest to a speed.
    pub fn nearest(speed: f64) -> Self {
        Self(LADDER[rung(speed)])
    }

    pub fn value(self) -> f64 {
        self.0
    }

    /// So many rungs up or down, as far as the ladder goes.
    #[must_use]
    pub fn moved(self, rungs: isize) -> Self {
        let wanted = rung(self.0).saturating_add_signed(rungs);
        Self(LADDER[wanted.min(LADDER.len() - 1)])
    }

    /// Ten times as fast, or a tenth.
    #[must_use]
    pub fn decade(self, up: bool) -> Self {
        self.moved(if up {
            RUNGS_PER_DECADE
        } else {
            -RUNGS_PER_DECADE
        })
    }

    /// Whether messages move slowly enough for the eye: a network of a quarter of a millisecond
    /// takes five thousandths of a second here, and a frame sixteen.
    pub fn shows_messages(self) -> bool {
        self.value() <= 0.05
    }
}

/// The rung that is nearest to a speed.
fn rung(speed: f64) -> usize {
    let off = |rung: &usize| (LADDER[*rung] / speed).log10().abs();
    let nearest = (0..LADDER.len()).min_by(|one, other| off(one).total_cmp(&off(other)));
    nearest.expect("the ladder has rungs")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ddlab_labs::workbench::run::SPEEDS;
    use ddlab_text::speed;

    #[test]
    fn the_ladder_spans_what_a_run_allows_and_ends_there() {
        let slowest = Speed::INITIAL.moved(-99);
        let fastest = Speed::INITIAL.moved(99);
        assert_eq!(
            (slowest.value(), fastest.value()),
            (*SPEEDS.start(), *SPEEDS.end())
        );
        assert_eq!(speed(Speed::INITIAL.value()), "10x");
        assert_eq!(speed(Speed::INITIAL.decade(false).value()), "1x");
        assert_eq!(Speed::INITIAL.decade(false), Speed::REAL);
        assert!(slowest.shows_messages() && !Speed::INITIAL.shows_messages());
    }
}
