//! From a lab's name of a metric to Prometheus's: base units, and what counters end in.

use ddlab_labs::workbench::meter::{MetricKind, MetricSpec};
use ddlab_text::Unit;

/// One prefix for all labs: the same metric of two labs can be laid side by side.
const PREFIX: &str = "ddlab";

/// The name, and what a value in the lab's unit is to be multiplied by.
pub fn of(metric: &MetricSpec) -> (String, f64) {
    let (word, scale) = match metric.unit {
        Unit::Milliseconds => ("seconds", 1e-3),
        Unit::Seconds => ("seconds", 1.0),
        Unit::Megabytes => ("bytes", 1e6),
        Unit::PerSecond => ("requests_per_second", 1.0),
        Unit::DollarsPerMonth => ("usd_month", 1.0),
        // Without a base unit; a share has the word that it has in the lab.
        Unit::Share | Unit::Times | Unit::Count => ("", 1.0),
    };
    let stem = match word {
        "" => metric.name,
        _ => metric.unit.stem(metric.name),
    };
    let mut parts = vec![PREFIX, stem.trim_end_matches("_total")];
    parts.extend([word].into_iter().filter(|word| !word.is_empty()));
    if metric.kind == MetricKind::Counter {
        parts.push("total");
    }
    (parts.join("_"), scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_become_base_units_and_counters_end_in_total() {
        let named = |name, kind, unit| {
            of(&MetricSpec {
                name,
                help: "",
                kind,
                unit,
                chart: 0,
            })
        };
        let seconds = ("ddlab_latency_seconds".to_owned(), 1e-3);
        assert_eq!(
            named("latency_ms", MetricKind::Histogram, Unit::Milliseconds),
            seconds
        );
        let split = ("ddlab_split_brain_seconds_total".to_owned(), 1e-3);
        assert_eq!(
            named(
                "split_brain_ms_total",
                MetricKind::Counter,
                Unit::Milliseconds
            ),
            split
        );
        let age = ("ddlab_oldest_age_seconds".to_owned(), 1.0);
        assert_eq!(named("oldest_age_s", MetricKind::Gauge, Unit::Seconds), age);
        let writes = ("ddlab_writes_total".to_owned(), 1.0);
        assert_eq!(named("writes", MetricKind::Counter, Unit::Count), writes);
    }
}
