//! The story of a run: what happened in its last minute, or since something was last done to it, in order
//! of time. What was done to it, what filled up,
//! what got slow, what was refused, and what was well again.
//!
//! It is made from the histories of the metrics, so it is the same for every lab. A metric's usual value is its
//! median before anything was done, and its scatter the median distance from that; where nothing was done both are those
//! of the whole time. A change lasts for two seconds at least and leads out of the scatter: what a steady run does
//! all the time is no story. What only grows or shrinks has no usual value, and is a line of its own.

use super::frame::{Frame, LogLevel, MetricView};
use super::lab::LabSpec;
use super::meter::{MetricKind, MetricSpec};
use crate::engine::SimTime;
use ddlab_text::Unit;

/// How far back it goes at least, in seconds.
const SPAN_S: f64 = 60.0;
/// Where nothing was done in that time, it goes back to what was done last, and by so many seconds more: an effect
/// without its cause is no story, and what was usual is seen before it.
const BEFORE_S: f64 = 20.0;
/// Metrics are looked at by the second: a window of a tenth has too few samples to tell a change by.
const BIN_S: f64 = 1.0;
/// Seconds that a change lasts at least, and that a recovery lasts.
const LASTS: usize = 2;
/// A value that is so many times the usual one has changed, or so many times smaller.
const TIMES: f64 = 2.0;
/// It is further from the usual one than so many times the scatter, too.
const SCATTER: f64 = 4.0;
/// A change is over at this share of the way that made it one, so that a value at the edge is not told time and again.
const OVER: f64 = 0.5;
/// What begins in the first seconds of a run is its start: clocks, caches and queues are empty then.
const START_S: f64 = 5.0;
/// What happens so often comes and goes: it is one line.
const OFTEN: usize = 3;
/// Parts of the view that are each above the one before when something grows all the while, the seconds of one, and
/// the share by which it grows at least.
const PARTS: usize = 6;
const PART_S: usize = 3;
const GROWS: f64 = 0.25;
/// A share of a resource from which on it has nothing left.
const FULL: f64 = 0.9;
/// Lines at most.
const LINES_MAX: usize = 10;

/// What is told, for whoever asks and finds nothing.
pub const CRITERION: &str = "A change is told when a figure is for 2 s on end at twice or half its usual value (a share: 5 \
    points away) and further from it than 4 times its usual scatter; and so is what grows or shrinks all the while.";

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
    /// The lab itself says so.
    Said,
    /// Another figure is not what it was.
    Changes,
}

/// From when on things are told, in seconds.
fn since(frame: &Frame) -> f64 {
    let minute = frame.now.as_secs_f64() - SPAN_S;
    let done = frame.interventions.iter().map(|timed| timed.at);
    let last = done.filter(|at| *at <= frame.now).max();
    let before = last.map_or(minute, SimTime::as_secs_f64);
    if before < minute {
        before - BEFORE_S
    } else {
        minute
    }
    .max(0.0)
}

/// From when on things are told, where that is earlier than a minute ago.
pub fn reaches_back_to(frame: &Frame) -> Option<SimTime> {
    let (since, minute) = (since(frame), frame.now.as_secs_f64() - SPAN_S);
    (since < minute).then(|| SimTime::from_secs_f64(since))
}

/// What happened in the last minute before the frame, or since something was last done, the earliest first.
pub fn lines(frame: &Frame, spec: &LabSpec) -> Vec<Line> {
    let now = frame.now.as_secs_f64();
    let since = since(frame);
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
    let done: Vec<f64> = lines.iter().map(|line| line.at.as_secs_f64()).collect();
    for metric in &frame.metrics {
        if let Some(spec) = spec.metrics.iter().find(|known| known.name == metric.name) {
            lines.extend(of_metric(metric, spec, since, now, &done));
        }
    }
    for broken in frame.invariants.iter().filter(|known| !known.held) {
        lines.push(Line {
            at: broken.first_broken_at.unwrap_or(frame.now),
            kind: LineKind::Headline,
            text: format!("broken: {} ({})", broken.name, broken.detail),
        });
    }
    lines.extend(said(frame, in_view));
    keep_the_weightiest(lines)
}

/// What the lab itself says is bad. What it says time and again, but for its numbers, is one line: as it began, with
/// the numbers that it has come to.
fn said(frame: &Frame, in_view: impl Fn(SimTime) -> bool) -> Vec<Line> {
    let words = |text: &str| text.replace(|sign: char| sign.is_ascii_digit() || sign == ',', "");
    let mut said: Vec<(String, Line, usize)> = Vec::new();
    let worse = frame.log.iter().filter(|line| line.level == LogLevel::Bad);
    for line in worse.filter(|line| in_view(line.at)) {
        let (words, text) = (words(&line.text), line.text.clone());
        if let Some((_, known, times)) = said.iter_mut().find(|(known, ..)| *known == words) {
            known.text = text;
            *times += 1;
        } else {
            let (at, kind) = (line.at, LineKind::Said);
            said.push((words, Line { at, kind, text }, 1));
        }
    }
    let line = |(_, mut line, times): (String, Line, usize)| {
        if times > 1 {
            line.text = format!("{}, said {times} times", line.text);
        }
        line
    };
    said.into_iter().map(line).collect()
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
    /// By how much it is off from that as a rule.
    scatter: f64,
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
        let usual = median(&mut calm)?;
        let mut off: Vec<f64> = calm.iter().map(|value| (value - usual).abs()).collect();
        let scatter = median(&mut off)?;
        Some(Self {
            bins,
            usual,
            scatter,
        })
    }

    /// Stretches of at least [`LASTS`] seconds in which the value is away; short gaps do not end one.
    fn stretches(&self, away: impl Fn(f64) -> f64) -> Vec<&[(f64, f64)]> {
        struct Stretch {
            from: usize,
            to: usize,
            seconds: usize,
            up: bool,
        }
        let mut found: Vec<Stretch> = Vec::new();
        for (n, (_, value)) in self.bins.iter().enumerate() {
            let away = away(*value);
            let (far, up, is_so) = (away.abs(), away > 0.0, away.abs() >= 1.0);
            match found.last_mut() {
                Some(last) if last.up == up && far >= OVER && n - last.to <= LASTS => {
                    last.to = n + 1;
                    last.seconds += usize::from(is_so);
                }
                _ if is_so => found.push(Stretch {
                    from: n,
                    to: n + 1,
                    seconds: 1,
                    up,
                }),
                _ => {}
            }
        }
        found.retain(|stretch| stretch.seconds >= LASTS);
        let bins = |stretch: &Stretch| &self.bins[stretch.from..stretch.to];
        found.iter().map(bins).collect()
    }

    /// From what to what it has gone, if each part of the time is above the one before, or each below.
    fn drift(&self) -> Option<(f64, f64)> {
        let seconds = self.bins.len() / PARTS;
        if seconds < PART_S {
            return None;
        }
        let mean = |part: &[(f64, f64)]| {
            let sum: f64 = part.iter().map(|(_, value)| value).sum();
            sum / part.len() as f64
        };
        let parts: Vec<f64> = self.bins.rchunks(seconds).take(PARTS).map(mean).collect();
        let goes =
            |before: fn(&f64, &f64) -> bool| parts.windows(2).all(|two| before(&two[0], &two[1]));
        (goes(|late, early| late > early) || goes(|late, early| late < early))
            .then(|| (parts[PARTS - 1], parts[0]))
    }
}

/// Sorts them, too.
fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
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

/// How far a value is from the usual one, in the distance that makes a change: from 1 on it is one, upwards or (below
/// zero) downwards.
fn away(spec: &MetricSpec, usual: f64, scatter: f64, value: f64) -> f64 {
    if is_full(spec) {
        let room = FULL - usual;
        return if room > 0.0 {
            ((value - usual) / room).max(0.0)
        } else {
            0.0
        };
    }
    // What is nearly whole as a rule, such as a share of answers, is said when it is not.
    let whole = spec.unit == Unit::Share && usual > 0.5;
    let distance = if value > usual {
        usual * (TIMES - 1.0)
    } else if whole {
        0.0
    } else {
        usual * (1.0 - 1.0 / TIMES)
    };
    let least = least_change(spec.unit).max(SCATTER * scatter);
    (value - usual) / least.max(distance)
}

/// Whether the metric is of something that can be full.
fn is_full(spec: &MetricSpec) -> bool {
    spec.unit == Unit::Share && spec.kind == MetricKind::Gauge && spec.name.ends_with("utilization")
}

fn of_metric(
    metric: &MetricView,
    spec: &MetricSpec,
    since: f64,
    now: f64,
    done: &[f64],
) -> Vec<Line> {
    let first_done = done.first().copied();
    let Some(history) = History::of(metric, since, now, first_done) else {
        return Vec::new();
    };
    let name = name(spec);
    // A change is known by the second. It did not come before what was done in that second.
    let at = |end: f64| {
        let began = (end - BIN_S).max(0.0);
        let cause = done.iter().rfind(|at| began < **at && **at < end);
        SimTime::from_secs_f64(cause.copied().unwrap_or(began))
    };
    let show = |value: f64| show(spec, value);
    let usual = history.usual;
    let changes = if spec.chart == 1 {
        LineKind::Headline
    } else {
        LineKind::Changes
    };
    if first_done.is_none()
        && let Some((from, to)) = history.drift()
        && (to - from).abs() >= least_change(spec.unit).max(from * GROWS)
    {
        let goes = if to > from { "grows" } else { "shrinks" };
        return vec![Line {
            at: at(history.bins[0].0),
            kind: changes,
            text: format!(
                "{name}: {goes} all the while, from {} to {}",
                show(from),
                show(to)
            ),
        }];
    }
    let is_start = |first: f64| first <= START_S && first_done.is_none_or(|done| done >= first);
    let mut stretches = history.stretches(|value| away(spec, usual, history.scatter, value));
    stretches.retain(|stretch| !is_start(stretch[0].0));
    let often = stretches.len() >= OFTEN;
    let mut lines = Vec::new();
    for stretch in &stretches {
        let (first, last) = (stretch[0], stretch[stretch.len() - 1]);
        let up = first.1 > usual;
        let shown = if often {
            stretches.concat()
        } else {
            stretch.to_vec()
        };
        let values = shown.iter().map(|(_, value)| *value);
        let extreme = if up {
            values.fold(0.0, f64::max)
        } else {
            values.fold(f64::INFINITY, f64::min)
        };
        let begins = up && spec.kind == MetricKind::Counter && usual < 0.5;
        let kind = if is_full(spec) {
            LineKind::Full
        } else if begins {
            LineKind::Begins
        } else {
            changes
        };
        let goes = if up { "up" } else { "down" };
        let mut text = format!("{name}: {goes} from {} to {}", show(usual), show(extreme));
        if is_full(spec) {
            text = format!("{name}: {}, nothing is left", show(extreme));
        }
        if begins {
            text = format!("{text}: {}", spec.help);
        }
        if often {
            text = format!("{text}, {} times", stretches.len());
        }
        lines.push(Line {
            at: at(first.0),
            kind,
            text,
        });
        if often {
            break;
        }
        // Over, and not merely cut off by the present.
        if last.0 + LASTS as f64 * BIN_S <= now && kind != LineKind::Changes {
            lines.push(Line {
                at: at(last.0 + BIN_S),
                kind: LineKind::Recovers,
                text: format!("{name}: back at {}", show(usual)),
            });
        }
    }
    lines
}

/// `latency p99`, `hedges refused`.
fn name(spec: &MetricSpec) -> String {
    let label = spec.unit.label(spec.name);
    match spec.kind {
        MetricKind::Histogram => format!("{label} p99"),
        _ => label,
    }
}

fn show(spec: &MetricSpec, value: f64) -> String {
    match spec.kind {
        // Of time that is counted, such as time without an owner, its unit is said, too.
        MetricKind::Counter => match spec.unit {
            Unit::Count => format!("{} a second", ddlab_text::figure(value)),
            unit => format!("{} a second", unit.show(value)),
        },
        _ => spec.unit.show(value),
    }
}

#[cfg(test)]
mod tests;
