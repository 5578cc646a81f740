//! A metric as it is labelled and printed: `latency_ms` is `latency` in `ms`.

use ddlab_text::Unit;

/// A metric as it is labelled and printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// `leaf latency`.
    pub label: String,
    /// In which it is shown.
    pub unit: Unit,
    /// So many of the unit in which it is kept make one of those.
    pub divided_by: u32,
}

/// From so many milliseconds on a time is shown in seconds, as it is in text.
const SECONDS_FROM: f64 = 10_000.0;

impl Quantity {
    pub fn of(name: &str, unit: Unit) -> Self {
        Self {
            label: unit.label(name),
            unit,
            divided_by: 1,
        }
    }

    /// The same for a place where values go up to this one.
    #[must_use]
    pub fn up_to(self, greatest: f64) -> Self {
        if self.unit == Unit::Milliseconds && greatest >= SECONDS_FROM {
            return Self {
                unit: Unit::Seconds,
                divided_by: 1_000,
                ..self
            };
        }
        self
    }

    /// The value in the unit that is shown.
    pub fn scaled(&self, value: f64) -> f64 {
        value / f64::from(self.divided_by) * self.unit.scale()
    }

    /// The number alone: `1,004`, `63.2`.
    pub fn figure(&self, value: f64) -> String {
        self.unit.figure(value / f64::from(self.divided_by))
    }

    /// `latency, ms`: the head of a chart.
    pub fn title(&self) -> String {
        match self.unit.symbol() {
            "" => self.label.clone(),
            symbol => format!("{}, {symbol}", self.label),
        }
    }

    /// The same of what is counted: `hedges, per second`, `split brain, ms per second`.
    pub fn title_of_rate(&self) -> String {
        match self.unit.symbol() {
            "" => format!("{}, per second", self.label),
            symbol => format!("{}, {symbol} per second", self.label),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_set_apart_from_its_unit() {
        let title = |name, unit| Quantity::of(name, unit).title();
        assert_eq!(title("latency_ms", Unit::Milliseconds), "latency, ms");
        assert_eq!(title("extra_load_ratio", Unit::Share), "extra load, %");
        assert_eq!(title("requests_total", Unit::Count), "requests");
        assert_eq!(
            title("split_brain_ms_total", Unit::Milliseconds),
            "split brain, ms"
        );
        assert_eq!(
            title("leaf_utilization", Unit::Share),
            "leaf utilization, %"
        );
        assert_eq!(title("queue_depth", Unit::Count), "queue depth");
        assert_eq!(title("origin_rps", Unit::PerSecond), "origin, rps");
    }

    #[test]
    fn long_times_are_shown_in_seconds_and_counted_time_has_its_unit() {
        let sojourn = || Quantity::of("sojourn_ms", Unit::Milliseconds);
        let long = sojourn().up_to(69_468.0);
        assert_eq!(
            (long.title(), long.figure(69_468.0)),
            ("sojourn, s".to_owned(), "69.5".to_owned())
        );
        assert_eq!(sojourn().up_to(9_999.0), sojourn());
        let split = Quantity::of("split_brain_ms_total", Unit::Milliseconds);
        assert_eq!(split.title_of_rate(), "split brain, ms per second");
        let hedges = Quantity::of("hedges_total", Unit::Count);
        assert_eq!(hedges.title_of_rate(), "hedges, per second");
    }

    #[test]
    fn shares_are_shown_in_per_cent() {
        assert_eq!(Quantity::of("hit_ratio", Unit::Share).figure(0.632), "63.2");
        assert_eq!(
            Quantity::of("latency_ms", Unit::Milliseconds).figure(1004.4),
            "1,004"
        );
    }
}
