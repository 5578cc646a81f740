//! From a lab's name of a metric to Prometheus's: base units, and what counters end in.

use ddlab_labs::workbench::lab::{MetricKind, MetricSpec};

/// One prefix for all labs: the same metric of two labs can be laid side by side.
const PREFIX: &str = "ddlab";

/// Parts of a lab's name that are units, with Prometheus's word and the factor.
const UNITS: [(&str, &str, f64); 6] = [
    ("ns", "seconds", 1e-9),
    ("us", "seconds", 1e-6),
    ("ms", "seconds", 1e-3),
    ("s", "seconds", 1.0),
    ("mb", "bytes", 1e6),
    ("rps", "requests_per_second", 1.0),
];

/// The name, and what a value in the lab's unit is to be multiplied by.
pub fn of(metric: &MetricSpec) -> (String, f64) {
    let mut scale = 1.0;
    let mut parts = vec![PREFIX];
    for part in metric.name.split('_') {
        match UNITS.iter().find(|(unit, ..)| *unit == part) {
            Some((_, word, factor)) => {
                scale = *factor;
                parts.push(word);
            }
            None => parts.push(part),
        }
    }
    if metric.kind == MetricKind::Counter && parts.last() != Some(&"total") {
        parts.push("total");
    }
    (parts.join("_"), scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_become_base_units_and_counters_end_in_total() {
        let named = |name, kind| {
            of(&MetricSpec {
                name,
                help: "",
                kind,
                chart: 0,
            })
        };
        let seconds = ("ddlab_latency_seconds".to_owned(), 1e-3);
        assert_eq!(named("latency_ms", MetricKind::Histogram), seconds);
        let split = ("ddlab_split_brain_seconds_total".to_owned(), 1e-3);
        assert_eq!(named("split_brain_ms_total", MetricKind::Counter), split);
        let age = ("ddlab_oldest_age_seconds".to_owned(), 1.0);
        assert_eq!(named("oldest_age_s", MetricKind::Gauge), age);
        let writes = ("ddlab_writes_total".to_owned(), 1.0);
        assert_eq!(named("writes", MetricKind::Counter), writes);
    }
}
