//! The story of a run: what happened in its last minute, in order of time. What was done to it, what filled up,
//! what got slow, what was refused, and what was well again.
//!
//! It is made from the histories of the metrics, so it is the same for every lab. A metric's usual value is its
//! median before anything was done, and a change is what lasts for two seconds at least.

use super::frame::{Frame, LogLevel, MetricView};
use super::lab::LabSpec;
use super::meter::{MetricKind, MetricSpec};
use crate::engine::SimTime;
use ddlab_text::Unit;

/// How far back it goes, in seconds.
const SPAN_S: f64 = 60.0;
/// Metrics are looked at by the second: a window of a tenth has too few samples to tell a change by.
const BIN_S: f64 = 1.0;
/// Seconds that a change lasts at least, and that a recovery lasts.
const LASTS: usize = 2;
/// A value that is so many times the usual one has changed.
const TIMES: f64 = 2.0;
/// A share of a resource from which on it has nothing left.
const FULL: f64 = 0.9;
/// Lines at most.
const LINES_MAX: usize = 10;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub at: SimTime,
    pub kind: LineKind,
    pub text: String,
}

/// What a line is about. Of too many lines those of the last kinds are left out first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineKind {
    /// Somebody did it.
    Done,
    /// A resource has nothing left.
    Full,
    /// The chart that comes first got worse.
    Headline,
    /// Something is refused, lost or made again that was not before.
    Begins,
    /// It is as it was.
    Recovers,
    /// Another figure is not what it was.
    Changes,
    /// The lab itself says so.
    Said,
}

/// What happened in the last minute before the frame, the earliest first.
pub fn lines(frame: &Frame, spec: &LabSpec) -> Vec<Line> {
    let now = frame.now.as_secs_f64();
    let since = (now - SPAN_S).max(0.0);
    let mut lines: Vec<Line> = Vec::new();
    let done = frame.interventions.iter();
    let in_view = |at: SimTime| at <= frame.now && at.as_secs_f64() >= since;
    for timed in done.filter(|timed| in_view(timed.at)) {
        lines.push(Line {
            at: timed.at,
            kind: LineKind::Done,
            text: format!("you: {}", timed.what),
        });
    }
    let first_done = lines.first().map(|line| line.at.as_secs_f64());
    for metric in &frame.metrics {
        if let Some(spec) = spec.metrics.iter().find(|known| known.name == metric.name) {
            lines.extend(of_metric(metric, spec, since, now, first_done));
        }
    }
    for broken in frame.invariants.iter().filter(|known| !known.held) {
        lines.push(Line {
            at: broken.first_broken_at.unwrap_or(frame.now),
            kind: LineKind::Headline,
            text: format!("broken: {} ({})", broken.name, broken.detail),
        });
    }
    let worse = frame.log.iter().filter(|line| line.level == LogLevel::Bad);
    for line in worse.filter(|line| in_view(line.at)) {
        lines.push(Line {
            at: line.at,
            kind: LineKind::Said,
            text: line.text.clone(),
        });
    }
    keep_the_weightiest(lines)
}

fn keep_the_weightiest(mut lines: Vec<Line>) -> Vec<Line> {
    lines.sort_by_key(|line| (line.kind, line.at));
    lines.truncate(LINES_MAX);
    lines.sort_by_key(|line| (line.at, line.kind));
    lines
}

/// A metric by the second.
struct History {
    /// (end of the second, mean of what was measured in it).
    bins: Vec<(f64, f64)>,
    /// What it was before anything was done.
    usual: f64,
}

impl History {
    fn of(metric: &MetricView, since: f64, now: f64, first_done: Option<f64>) -> Option<Self> {
        // Of percentiles the last line is the tail.
        let points = &metric.series.last()?.points;
        let in_view = points.iter().filter(|(at, _)| *at >= since && *at <= now);
        let mut seconds: Vec<(u64, f64, u32)> = Vec::new();
        for (at, value) in in_view {
            let second = (at / BIN_S) as u64;
            match seconds.last_mut() {
                Some((of, sum, count)) if *of == second => {
                    *sum += value;
                    *count += 1;
                }
                _ => seconds.push((second, *value, 1)),
            }
        }
        let bins: Vec<(f64, f64)> = seconds
            .into_iter()
            .map(|(second, sum, count)| {
                let end = (second + 1) as f64 * BIN_S;
                (end.min(now), sum / f64::from(count))
            })
            .collect();
        let before = |end: f64| first_done.is_none_or(|done| end <= done);
        let calm: Vec<f64> = bins
            .iter()
            .filter(|(end, _)| before(*end))
            .map(|(_, value)| *value)
            .collect();
        // Where something was done right at the start, the first quarter is all there is to go by.
        let quarter = bins.len().div_ceil(4);
        let mut calm = match calm.len() {
            0 | 1 => bins.iter().take(quarter).map(|(_, value)| *value).collect(),
            _ => calm,
        };
        calm.sort_by(f64::total_cmp);
        let usual = *calm.get(calm.len() / 2)?;
        Some(Self { bins, usual })
    }

    /// Stretches of at least [`LASTS`] seconds in which the value is so; short gaps do not end one.
    fn stretches(&self, is_so: impl Fn(f64) -> bool) -> Vec<&[(f64, f64)]> {
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (n, (_, value)) in self.bins.iter().enumerate() {
            if !is_so(*value) {
                continue;
            }
            match found.last_mut() {
                Some((_, end)) if n - *end <= LASTS => *end = n + 1,
                _ => found.push((n, n + 1)),
            }
        }
        found.retain(|(from, to)| to - from >= LASTS);
        let stretch = |(from, to)| &self.bins[from..to];
        found.into_iter().map(stretch).collect()
    }
}

/// So much is a change of a small value at all.
const fn least_change(unit: Unit) -> f64 {
    match unit {
        Unit::Milliseconds => 5.0,
        Unit::Share => 0.05,
        Unit::Seconds | Unit::Times => 0.5,
        _ => 2.0,
    }
}

fn of_metric(
    metric: &MetricView,
    spec: &MetricSpec,
    since: f64,
    now: f64,
    first_done: Option<f64>,
) -> Vec<Line> {
    let Some(history) = History::of(metric, since, now, first_done) else {
        return Vec::new();
    };
    let name = name(spec);
    let at = |seconds: f64| SimTime::from_secs_f64((seconds - BIN_S).max(0.0));
    let show = |value: f64| show(spec, value);
    let usual = history.usual;
    let is_full = spec.unit == Unit::Share
        && spec.kind == MetricKind::Gauge
        && spec.name.ends_with("utilization");
    let raised = |value: f64| {
        if is_full {
            value >= FULL && usual < FULL
        } else {
            value > usual * TIMES && value - usual >= least_change(spec.unit)
        }
    };
    // What is nearly whole as a rule, such as a share of answers, is said when it is not.
    let whole = spec.unit == Unit::Share && usual > 0.5 && !is_full;
    let lowered = |value: f64| whole && value < usual - least_change(spec.unit);
    let mut lines = Vec::new();
    for stretch in history.stretches(|value| raised(value) || lowered(value)) {
        let (first, last) = (stretch[0], stretch[stretch.len() - 1]);
        let values = || stretch.iter().map(|(_, value)| *value);
        let extreme = if lowered(first.1) {
            values().fold(f64::INFINITY, f64::min)
        } else {
            values().fold(0.0, f64::max)
        };
        let (kind, text) = if is_full {
            let text = format!("{name} is {}: nothing is left", show(extreme));
            (LineKind::Full, text)
        } else if spec.kind == MetricKind::Counter && usual < 0.5 {
            let text = format!("{name} begin, up to {}: {}", show(extreme), spec.help);
            (LineKind::Begins, text)
        } else {
            let goes = if lowered(first.1) { "falls" } else { "rises" };
            let text = format!("{name} {goes} from {} to {}", show(usual), show(extreme));
            let headline = spec.chart == 1;
            let kind = if headline {
                LineKind::Headline
            } else {
                LineKind::Changes
            };
            (kind, text)
        };
        lines.push(Line {
            at: at(first.0),
            kind,
            text,
        });
        // Over, and not merely cut off by the present.
        if last.0 + LASTS as f64 * BIN_S <= now && kind != LineKind::Changes {
            let text = match kind {
                LineKind::Begins => format!("{name} end"),
                _ => format!("{name} is back at {}", show(usual)),
            };
            lines.push(Line {
                at: at(last.0 + BIN_S),
                kind: LineKind::Recovers,
                text,
            });
        }
    }
    lines
}

/// `latency p99`, `hedges refused`.
fn name(spec: &MetricSpec) -> String {
    let stem = spec.unit.stem(spec.name).trim_end_matches("_total");
    let stem = stem.replace('_', " ");
    match spec.kind {
        MetricKind::Histogram => format!("{stem} p99"),
        _ => stem,
    }
}

fn show(spec: &MetricSpec, value: f64) -> String {
    match spec.kind {
        MetricKind::Counter => format!("{} a second", ddlab_text::figure(value)),
        _ => spec.unit.show(value),
    }
}

#[cfg(test)]
mod tests;
