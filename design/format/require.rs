//! Requirements: a bound on a figure of a client or a component, such as `p99 of buyers <= 300ms`.

use super::problem::{Mark, Problem};
use super::{Component, Design};
use ddlab_labs::workbench::frame::Statistic;
use ddlab_text::{Unit, suggestion};

/// A figure that a requirement may bound, and the metric that has it.
#[derive(Debug, Clone, Copy)]
pub struct Figure {
    pub word: &'static str,
    pub help: &'static str,
    /// The end of the metric's name, behind that of its subject.
    pub metric: &'static str,
    pub statistic: Statistic,
    pub unit: Unit,
    pub of: Of,
}

/// Whose figure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Any,
    Client,
    Component,
    /// Nobody's: the design's.
    Design,
}

/// A row of the table.
const fn figure(
    word: &'static str,
    metric: &'static str,
    statistic: Statistic,
    unit: Unit,
    of: Of,
    help: &'static str,
) -> Figure {
    Figure {
        word,
        help,
        metric,
        statistic,
        unit,
        of,
    }
}

/// A row of the table of a kind.
pub const fn own(
    word: &'static str,
    metric: &'static str,
    statistic: Statistic,
    unit: Unit,
    help: &'static str,
) -> Figure {
    figure(word, metric, statistic, unit, Of::Component, help)
}

use Statistic as S;
use Unit::{Count, Milliseconds, Share};

/// The figures of clients and of components of any kind; kinds have [their own](crate::kind::Kind::figures) beside them.
pub const FIGURES: [Figure; 12] = [
    figure(
        "p50",
        "latency_ms",
        S::P50,
        Milliseconds,
        Of::Any,
        "half of the answers came within this time",
    ),
    figure(
        "p95",
        "latency_ms",
        S::P95,
        Milliseconds,
        Of::Any,
        "95 % of the answers came within this time",
    ),
    figure(
        "p99",
        "latency_ms",
        S::P99,
        Milliseconds,
        Of::Any,
        "99 % of the answers came within this time",
    ),
    figure(
        "p999",
        "latency_ms",
        S::P999,
        Milliseconds,
        Of::Any,
        "99.9 % of the answers came within this time",
    ),
    figure(
        "mean",
        "latency_ms",
        S::Mean,
        Milliseconds,
        Of::Any,
        "the mean time of an answer",
    ),
    figure(
        "max",
        "latency_ms",
        S::Max,
        Milliseconds,
        Of::Any,
        "the longest time of an answer",
    ),
    figure(
        "errors",
        "error_ratio",
        S::Value,
        Share,
        Of::Any,
        "share of the requests that were not answered",
    ),
    figure(
        "answered",
        "answered_total",
        S::Value,
        Count,
        Of::Any,
        "requests that were answered",
    ),
    figure(
        "timeouts",
        "timeouts_total",
        S::Value,
        Count,
        Of::Client,
        "requests that nobody answered in time",
    ),
    figure(
        "utilization",
        "utilization",
        S::Mean,
        Share,
        Of::Component,
        "slots at work, mean over the run",
    ),
    figure(
        "queue",
        "queue_depth",
        S::Max,
        Count,
        Of::Component,
        "the most that waited in line",
    ),
    figure(
        "wasted",
        "wasted_ratio",
        S::Value,
        Share,
        Of::Component,
        "share of the work that nobody waited for any more",
    ),
];

/// The one figure that is the design's own: `cost <= 900 USD/month`.
pub const COST: Figure = figure(
    "cost",
    "",
    S::Value,
    Unit::DollarsPerMonth,
    Of::Design,
    "US dollars a month, by list prices",
);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    AtMost,
    Below,
    AtLeast,
    Above,
    Equal,
}

const BOUNDS: [(&str, Bound); 5] = [
    ("<=", Bound::AtMost),
    (">=", Bound::AtLeast),
    ("==", Bound::Equal),
    ("<", Bound::Below),
    (">", Bound::Above),
];

#[derive(Debug, Clone)]
pub struct Requirement {
    pub at: Mark,
    /// As it was written.
    pub text: String,
    /// The name of the metric in a run of the design; empty for the cost, which no run measures.
    pub metric: String,
    pub figure: Figure,
    pub bound: Bound,
    /// In the unit of the figure.
    pub value: f64,
}

impl Requirement {
    /// What it bounds, without the bound: `p99 of buyers`.
    pub fn subject(&self) -> String {
        let sign = BOUNDS.iter().find(|(sign, _)| self.text.contains(sign));
        let left = sign.and_then(|(sign, _)| self.text.split_once(sign));
        left.map_or(&*self.text, |(left, _)| left).trim().to_owned()
    }

    /// Whether this value of the figure meets it.
    pub fn is_met(&self, figure: f64) -> bool {
        match self.bound {
            Bound::AtMost => figure <= self.value,
            Bound::Below => figure < self.value,
            Bound::AtLeast => figure >= self.value,
            Bound::Above => figure > self.value,
            Bound::Equal => (figure - self.value).abs() < 1e-9,
        }
    }
}

const FORM: &str =
    "write `FIGURE of NAME <= VALUE`, as in `p99 of buyers <= 300ms`, or `cost <= 900 USD/month`";

/// Reads `p99 of buyers <= 300ms`.
pub fn read(text: &str, at: Mark, design: &Design) -> Result<Requirement, Problem> {
    let wrong = |what: String, cure: String| Problem::error(at, what, cure);
    let clean = || ddlab_text::clean_line(text).into_owned();
    let found = BOUNDS
        .iter()
        .find_map(|(sign, bound)| Some((text.split_once(sign)?, *bound)));
    let Some(((left, value), bound)) = found else {
        return Err(wrong(
            format!("`{}` bounds nothing", clean()),
            FORM.to_owned(),
        ));
    };
    let left = left.trim();
    let (figure, metric) = if left == COST.word {
        (COST, String::new())
    } else {
        let Some((word, subject)) = left.split_once(" of ") else {
            return Err(wrong(
                format!("`{}` does not say whose figure it is", clean()),
                FORM.to_owned(),
            ));
        };
        let (word, subject) = (word.trim(), subject.trim());
        let whose = subject_of(subject, design).map_err(|(what, cure)| wrong(what, cure))?;
        let figure = figure_of(word, subject, whose).map_err(|(what, cure)| wrong(what, cure))?;
        (figure, format!("{subject}_{}", figure.metric))
    };
    let value = value.trim().replace('_', "");
    let read = figure.unit.read(&value).filter(|value| value.is_finite());
    let bare = value.parse::<f64>().is_ok();
    let needs_unit = bare && figure.unit == Unit::Milliseconds;
    let Some(read) = read.filter(|_| !needs_unit) else {
        let what = format!(
            "`{}` is not a value of `{}`",
            ddlab_text::given(&value),
            figure.word
        );
        let cure = match figure.unit {
            Unit::Milliseconds => "write a time with its unit, as in `300ms`",
            Unit::Share => "write a share, as in `0.1%`",
            Unit::DollarsPerMonth => "write dollars, as in `900 USD/month`",
            _ => "write a number",
        };
        return Err(wrong(what, cure.to_owned()));
    };
    if figure.unit == Unit::Share && read > 1.0 {
        let what = format!(
            "`{}` of `{}` is more than all of it, and bounds nothing",
            ddlab_text::given(&value),
            figure.word
        );
        return Err(wrong(
            what,
            "write a share, as in `5%` or `0.05`".to_owned(),
        ));
    }
    Ok(Requirement {
        at,
        text: clean(),
        metric,
        figure,
        bound,
        value: read,
    })
}

/// None is a client.
fn subject_of<'a>(
    name: &str,
    design: &'a Design,
) -> Result<Option<&'a Component>, (String, String)> {
    if design.clients.iter().any(|client| client.name == name) {
        return Ok(None);
    }
    if let Some(place) = design.component(name) {
        return Ok(Some(&design.components[place]));
    }
    let names = design.names();
    let what = format!(
        "there is no client or component `{}`",
        ddlab_text::given(name)
    );
    Err((what, suggestion(name, &names)))
}

fn figure_of(
    word: &str,
    subject: &str,
    whose: Option<&Component>,
) -> Result<Figure, (String, String)> {
    let has = |figure: &&Figure| match (figure.of, whose) {
        (Of::Any, _) | (Of::Client, None) | (Of::Component, Some(_)) => true,
        (Of::Client, Some(_)) | (Of::Component, None) | (Of::Design, _) => false,
    };
    let own = whose.into_iter().flat_map(Component::figures);
    let there: Vec<&Figure> = FIGURES.iter().chain(own).filter(has).collect();
    let found = there.iter().find(|figure| figure.word == word);
    found.map(|figure| **figure).ok_or_else(|| {
        let words: Vec<&str> = there.iter().map(|figure| figure.word).collect();
        let what = format!("`{subject}` has no figure `{}`", ddlab_text::given(word));
        (what, suggestion(word, &words))
    })
}
