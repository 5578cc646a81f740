//! A metric as it is labelled and printed: `latency_ms` is `latency` in `ms`.

use ddlab_text::Unit;

/// A metric as it is labelled and printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// `leaf latency`.
    pub label: String,
    pub unit: Unit,
}

impl Quantity {
    pub fn of(name: &str, unit: Unit) -> Self {
        Self {
            label: unit.stem(name).replace('_', " "),
            unit,
        }
    }

    /// The value in the unit that is shown.
    pub fn scaled(&self, value: f64) -> f64 {
        value * self.unit.scale()
    }

    /// The number alone: `1,004`, `63.2`.
    pub fn figure(&self, value: f64) -> String {
        self.unit.figure(value)
    }

    /// `latency, ms`: the head of a chart.
    pub fn title(&self) -> String {
        match self.unit.symbol() {
            "" => self.label.clone(),
            symbol => format!("{}, {symbol}", self.label),
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
    fn shares_are_shown_in_per_cent() {
        assert_eq!(Quantity::of("hit_ratio", Unit::Share).figure(0.632), "63.2");
        assert_eq!(
            Quantity::of("latency_ms", Unit::Milliseconds).figure(1004.4),
            "1,004"
        );
    }
}
