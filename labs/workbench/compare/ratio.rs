//! What two runs measured, side by side: every figure of a metric, and the one as a multiple of the other.

use crate::workbench::frame::MetricValue;

/// All figures of a metric by the names that scripts know them by. A counter and a ratio have one.
pub fn figures(value: &MetricValue) -> Vec<(&'static str, Option<f64>)> {
    match value {
        MetricValue::Counter(total) => vec![("value", Some(*total))],
        MetricValue::Ratio(ratio) => vec![("value", *ratio)],
        MetricValue::Gauge {
            last,
            mean,
            min,
            max,
        } => [("last", last), ("mean", mean), ("min", min), ("max", max)]
            .map(|(name, figure)| (name, Some(*figure)))
            .to_vec(),
        MetricValue::Histogram(view) => {
            let known = |figure| (view.count > 0).then_some(figure);
            vec![
                ("count", Some(view.count as f64)),
                ("mean", known(view.mean)),
                ("p50", known(view.p50)),
                ("p90", known(view.p90)),
                ("p95", known(view.p95)),
                ("p99", known(view.p99)),
                ("p999", known(view.p999)),
                ("max", known(view.max)),
            ]
        }
    }
}

/// B as a multiple of A, figure by figure, in the order of [`figures`]. None where A has nothing, or 0:
/// nothing is a multiple of nothing.
pub fn ratios(a: &MetricValue, b: &MetricValue) -> Vec<(&'static str, Option<f64>)> {
    let pairs = figures(a).into_iter().zip(figures(b));
    pairs
        .map(|((name, of_a), (_, of_b))| (name, ratio(of_a, of_b)))
        .collect()
}

/// B as a multiple of A.
pub fn ratio(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    let (a, b) = (a?, b?);
    (a != 0.0 && a.is_finite() && b.is_finite()).then(|| b / a)
}
