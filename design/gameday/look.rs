//! What a look shows, as lines: all parts, one, a figure over the last minutes, the slowest requests, what can be set.

use super::action::{self, ActionError};
use super::auction;
use super::board::{Figure, IMBALANCE, MACHINES_DOWN, Part};
use super::night::OPENING_S;
use super::shift::{Shift, clock};
use crate::format::Edge;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::trace::{Span, Trace, short};
use ddlab_text::{counted, given, suggestion, whole_percent};
use std::time::Duration;

const UTILIZATION: &str = "utilization";
/// What a table of all parts shows of each.
const HEADS: [(&str, &str); 6] = [
    ("requests", "requests_total"),
    ("errors", "error_ratio"),
    ("p99", "latency_ms"),
    ("busy", UTILIZATION),
    ("waiting", "queue_depth"),
    ("retries", "retries_total"),
];
/// Slow requests that are shown.
const SLOWEST: usize = 8;
/// A call that took less than this share of its request is not shown by itself.
const SMALL: f64 = 0.1;
/// What a figure over time shows: so many times so many seconds, and a bar of so many signs at most.
const STEPS: usize = 10;
const STEP_S: usize = 30;
const BAR: f64 = 20.0;

/// All parts, a line each, with a head.
pub fn table(shift: &Shift) -> Vec<String> {
    let parts = &shift.board.parts;
    let names = parts.iter().map(|part| part.name.len());
    let width = names.max().unwrap_or_default();
    let head = HEADS.iter().fold(" ".repeat(width), |line, (head, _)| {
        line + &format!(" {head:>8}")
    });
    let row = |part: &Part| {
        HEADS
            .iter()
            .fold(format!("{:width$}", part.name), |line, (_, name)| {
                let shown = part.figure(name).and_then(|figure| {
                    let now = match *name {
                        UTILIZATION => part.busy(),
                        _ => figure.now(),
                    };
                    Some(figure.show(now?))
                });
                line + &format!(" {:>8}", shown.unwrap_or_else(|| "–".to_owned()))
            })
    };
    let mut lines = vec![head];
    lines.extend(parts.iter().map(row));
    lines.extend(not_yet(shift));
    lines
}

/// What is said before there is any figure.
fn not_yet(shift: &Shift) -> Option<String> {
    let is_first = shift.now() == SimTime::from_secs(OPENING_S);
    is_first.then(|| "The figures come with the first seconds of the evening.".to_owned())
}

/// A part: its figures beside what is usual, who calls it, whom it calls, its machines.
///
/// # Errors
/// When there is none of this name.
pub fn part(shift: &Shift, name: &str) -> Result<Vec<String>, String> {
    let part = known(shift, name)?;
    let mut lines = vec![format!(
        "{} at {}, and what is usual:",
        part.name,
        clock(shift.now())
    )];
    lines.extend(part.figures.iter().filter_map(figure));
    lines.extend(not_yet(shift).map(|text| format!("  {text}")));
    let callers = callers(&part.name);
    if !callers.is_empty() {
        lines.push(format!("  called by {}", callers.join(", ")));
    }
    for edge in calls(&part.name) {
        lines.push(format!("  {}", call(shift, &part.name, edge)));
    }
    let spares = shift.spares(&part.name);
    for machine in &part.machines {
        let is_spare = spares
            .iter()
            .any(|number| machine.name == format!("{} {number}", part.name));
        let state = match (machine.is_up, is_spare) {
            (true, _) => format!(
                "load {}, {} wait",
                whole_percent(machine.load),
                machine.queue
            ),
            (false, true) => "stands ready".to_owned(),
            (false, false) => "does not answer".to_owned(),
        };
        let title = match machine.title.as_str() {
            "" => String::new(),
            title => format!(" ({title})"),
        };
        lines.push(format!("  {}{title}: {state}", machine.name));
    }
    Ok(lines)
}

fn known<'a>(shift: &'a Shift, name: &str) -> Result<&'a Part, String> {
    shift.board.part(name).ok_or_else(|| {
        let parts = shift.board.parts.iter();
        let names: Vec<&str> = parts.map(|part| part.name.as_str()).collect();
        format!(
            "there is no part `{}`; {}",
            given(name),
            suggestion(name, &names)
        )
    })
}

fn figure(figure: &Figure) -> Option<String> {
    let now = figure.now()?;
    let usual = figure.usual().unwrap_or_default();
    let quiet = matches!(figure.name.as_str(), MACHINES_DOWN | IMBALANCE) && now <= usual;
    if quiet || (now == 0.0 && usual == 0.0) {
        return None;
    }
    Some(format!(
        "  {:24} {:>9}  {:>9}  {}",
        figure.title(),
        figure.show(now),
        figure.show(usual),
        figure.help
    ))
}

/// A figure of a part over the last minutes.
///
/// # Errors
/// When there is no such part or figure.
pub fn figure_over_time(shift: &Shift, name: &str, title: &str) -> Result<Vec<String>, String> {
    let part = known(shift, name)?;
    let figures = || part.figures.iter().filter(|figure| figure.now().is_some());
    let named = |figure: &&Figure| figure.title() == title || figure.name == title;
    let figure = figures().find(named).ok_or_else(|| {
        let titles: Vec<String> = figures().map(Figure::title).collect();
        let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
        format!(
            "{name} has no figure `{}`; {}",
            given(title),
            suggestion(title, &titles)
        )
    })?;
    let seen = figure.values().len();
    let ends = (0..STEPS).rev().map(|back| seen.checked_sub(back * STEP_S));
    let steps: Vec<(usize, f64)> = ends
        .flatten()
        .filter(|end| *end > 0)
        .filter_map(|end| Some((end, figure.over(end.saturating_sub(STEP_S)..end)?)))
        .collect();
    let most = steps.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    let usual = figure.usual().map(|usual| figure.show(usual));
    let mut lines = vec![
        format!("{} of {name}: {}", figure.title(), figure.help),
        format!(
            "usual {}; of {STEP_S} s each, up to:",
            usual.as_deref().unwrap_or("unknown")
        ),
    ];
    lines.extend(steps.into_iter().map(|(end, value)| {
        let signs = if most > 0.0 {
            (value / most * BAR).round()
        } else {
            0.0
        };
        let ago = Duration::from_secs((seen - end) as u64);
        let at = SimTime(shift.now().0.saturating_sub(ago.as_nanos() as u64));
        let bar = "#".repeat(signs as usize);
        format!("  {} {:>9}  {bar}", clock(at), figure.show(value))
    }));
    Ok(lines)
}

/// The calls that a client or a component makes.
fn calls(name: &str) -> &'static [Edge] {
    let design = auction().design();
    let client = design.clients.iter().find(|client| client.name == name);
    let component = design.components.iter().find(|one| one.name == name);
    client.map_or_else(
        || component.map_or(&[][..], |component| &component.calls),
        |client| &client.calls,
    )
}

fn callers(name: &str) -> Vec<&'static str> {
    let design = auction().design();
    let clients = design.clients.iter().map(|client| client.name.as_str());
    let components = design.components.iter().map(|one| one.name.as_str());
    let all = clients.chain(components);
    all.filter(|caller| action::callees(calls(caller)).contains(&name))
        .collect()
}

/// Whom it calls, and how: what is not as it is where nobody says anything.
fn call(shift: &Shift, name: &str, edge: &Edge) -> String {
    let callee = &auction().design().components[edge.to].name;
    let settings = shift.settings();
    let turned: Vec<String> = edge
        .settings
        .iter()
        .filter_map(|(knob, _)| {
            let own = format!("{name}_{callee}_{}", knob.name);
            let (_, value) = settings.iter().find(|(spec, _)| spec.name == own)?;
            (*value != knob.default).then(|| format!("{} {}", knob.name, knob.human(value)))
        })
        .collect();
    if turned.is_empty() {
        format!("calls {callee}")
    } else {
        format!("calls {callee} ({})", turned.join(", "))
    }
}

/// What can be set of a component, or of its calls to another one, with what it is set to and what it takes.
///
/// # Errors
/// As [`action::parameters`].
pub fn parameters(shift: &Shift, part: &str, callee: &str) -> Result<Vec<String>, ActionError> {
    let knobs = action::parameters(part, callee)?;
    let width = knobs.iter().map(|knob| knob.name.len()).max();
    let width = width.unwrap_or_default();
    let settings = shift.settings();
    let mut lines: Vec<String> = Vec::new();
    for knob in &knobs {
        let (now, takes) = (settings.value(knob.name).to_string(), knob.range());
        lines.push(format!("  {:width$}  {now:>9}  {takes}", knob.name));
        lines.push(format!("      {}", knob.help));
    }
    if lines.is_empty() {
        lines.push(format!("nothing of {part} can be set"));
    }
    if callee.is_empty() {
        lines.extend(action::callees(calls(part)).iter().map(|callee| {
            format!("`parameters {part} {callee}` lists those of its calls to {callee}")
        }));
    }
    Ok(lines)
}

/// The slowest requests, of one client where it is named, and the calls in which their time went.
pub fn slowest(shift: &Shift, of: &str) -> Vec<String> {
    let traces = if of.is_empty() {
        shift.slowest()
    } else {
        shift.requests_of(of)
    };
    let who = |trace: &Trace| {
        let root = trace.spans.first();
        root.map_or_else(String::new, |span| span.node.clone())
    };
    let mut lines = Vec::new();
    for trace in traces.iter().take(SLOWEST) {
        let took = trace.ended.since(trace.started);
        lines.push(format!(
            "{} request {} of {}: {}, {}",
            clock(trace.ended),
            trace.request,
            who(trace),
            short(took.as_nanos() as u64),
            trace.outcome
        ));
        let took_of = |span: &Span| span.ended.map(|ended| ended.since(span.started));
        let (small, large): (Vec<&Span>, Vec<&Span>) = trace
            .spans
            .iter()
            .skip(1)
            .partition(|span| took_of(span).is_some_and(|own| own < took.mul_f64(SMALL)));
        for span in large {
            let took = took_of(span).map_or_else(
                || "no answer".to_owned(),
                |took| short(took.as_nanos() as u64),
            );
            let spent: Vec<String> = span.spent().collect();
            let spent = match &spent[..] {
                [] => String::new(),
                spent => format!(" ({})", spent.join(", ")),
            };
            lines.push(format!("    {}: {took}{spent}", span.node));
        }
        if let Some(most) = small.iter().filter_map(|span| took_of(span)).max() {
            let most = short(most.as_nanos() as u64);
            let quick = counted(small.len(), "quick call");
            lines.push(format!("    {quick}, {most} at most"));
        }
    }
    if lines.is_empty() {
        lines.push(match of {
            "" => "no request yet".to_owned(),
            _ => format!("none of `{}` is among the slowest", given(of)),
        });
    }
    lines
}
