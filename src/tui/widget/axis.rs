//! Round marks for axes, and the stretch of time that a chart looks at.

/// The step between marks, 1, 2 or 5 times a power of ten, that puts at most `marks` steps on `span`.
pub fn step(span: f64, marks: usize) -> f64 {
    let least = span / marks.max(1) as f64;
    if !least.is_finite() || least <= 0.0 {
        return 1.0;
    }
    let decade = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|mantissa| mantissa * decade)
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * decade)
}

/// Steps of time, seconds: as people divide minutes and hours.
const TIME_STEPS: [f64; 19] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0,
    10_800.0, 21_600.0, 43_200.0, 86_400.0, 604_800.0,
];

/// The same for seconds of virtual time.
pub fn time_step(span: f64, marks: usize) -> f64 {
    let least = span / marks.max(1) as f64;
    if least < 1.0 {
        return step(span, marks);
    }
    TIME_STEPS
        .into_iter()
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or_else(|| step(span, marks))
}

/// The top of an axis that begins at 0 and shows `greatest`, and the step between its marks.
pub fn top(greatest: f64, marks: usize) -> (f64, f64) {
    let greatest = if greatest.is_finite() && greatest > 0.0 {
        greatest
    } else {
        1.0
    };
    let step = step(greatest, marks);
    ((greatest / step).ceil() * step, step)
}

/// A stretch of virtual time, seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    pub start: f64,
    pub end: f64,
}

/// Stretches that a chart shows, seconds.
const SPANS: [f64; 19] = [
    10.0, 20.0, 30.0, 60.0, 90.0, 120.0, 180.0, 300.0, 420.0, 600.0, 900.0, 1200.0, 1800.0, 2700.0,
    3600.0, 7200.0, 21_600.0, 43_200.0, 86_400.0,
];

/// Seconds of real time that it takes to cross a chart.
const CROSSING_S: f64 = 30.0;

impl Window {
    /// What a chart shows at this moment of a run at this speed: the whole run while it is young, later
    /// about half a minute of the learner's own time. It moves on by a twelfth at once, not
    /// continuously: marks that crawl can't be read.
    pub fn recent(now: f64, speed: f64) -> Self {
        let span = fitting(CROSSING_S * speed.max(1.0 / 3.0)).min(fitting(now * 1.05));
        let notch = span / 12.0;
        let end = ((now / notch).floor() * notch + notch).max(span);
        Self {
            start: end - span,
            end,
        }
    }

    /// The whole run from its beginning, with room for what comes.
    pub fn whole_run(now: f64) -> Self {
        Self {
            start: 0.0,
            end: fitting(now * 1.05),
        }
    }

    pub fn span(self) -> f64 {
        self.end - self.start
    }

    /// Where a moment lies in it, 0 to 1; none outside.
    pub fn share(self, at: f64) -> Option<f64> {
        let share = (at - self.start) / self.span();
        (0.0..=1.0).contains(&share).then_some(share)
    }

    /// Round moments in it, and the step between them.
    pub fn marks(self, most: usize) -> (Vec<f64>, f64) {
        let step = time_step(self.span(), most);
        let first = (self.start / step).ceil() as i64;
        let last = (self.end / step + 1e-9).floor() as i64;
        ((first..=last).map(|n| n as f64 * step).collect(), step)
    }
}

/// The smallest of the stretches that holds `span`; days beyond the longest.
fn fitting(span: f64) -> f64 {
    SPANS
        .into_iter()
        .find(|candidate| *candidate >= span)
        .unwrap_or_else(|| (span / 86_400.0).ceil() * 86_400.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_few_enough() {
        for span in [0.003, 0.7, 1.0, 3.0, 17.0, 99.0, 100.0, 101.0, 4242.0, 1e6] {
            for marks in 1..8 {
                let step = step(span, marks);
                assert!(span / step <= marks as f64 + 1e-6, "{span} {marks} {step}");
                let mantissa = step / 10f64.powf(step.log10().floor());
                let round = [1.0, 2.0, 5.0, 10.0]
                    .iter()
                    .any(|m| (m - mantissa).abs() < 1e-6);
                assert!(round, "{step}");
            }
        }
    }

    #[test]
    fn an_axis_holds_its_greatest_value_and_survives_none() {
        let (top_of, step_of) = top(312.0, 4);
        assert!(top_of >= 312.0 && step_of > 0.0);
        assert_eq!(top(f64::NAN, 4), top(0.0, 4));
        assert_eq!(top(400.0, 4), (400.0, 100.0));
    }

    #[test]
    fn the_present_is_always_within_the_window() {
        for speed in [0.001, 0.1, 1.0, 10.0, 1000.0] {
            for now in [0.0, 0.4, 9.99, 10.0, 59.0, 3600.0, 1e6] {
                let window = Window::recent(now, speed);
                assert!(window.share(now).is_some(), "{now} at {speed}: {window:?}");
                assert!(window.start >= 0.0);
                assert!(Window::whole_run(now).share(now).is_some());
            }
        }
    }

    #[test]
    fn the_window_stands_still_between_two_notches() {
        assert_eq!(Window::recent(60.1, 1.0), Window::recent(62.4, 1.0));
        assert_ne!(Window::recent(60.1, 1.0), Window::recent(62.6, 1.0));
    }

    #[test]
    fn marks_are_round_moments_inside() {
        let (marks, step) = Window {
            start: 12.5,
            end: 42.5,
        }
        .marks(4);
        assert_eq!((step, 3), (10.0, marks.len()));
        assert_eq!(marks, [20.0, 30.0, 40.0]);
    }
}
