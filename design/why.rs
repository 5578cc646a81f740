//! Why a run went as it did: what began and what ended, in order of time, in a few lines.
//!
//! The run is looked at once a second. A *condition* of a part, such as a component that is full, begins when it has
//! held for [`HOLDS`] looks and ends when it has not for as long, so that a moment's noise is no event. Each rule is a
//! line of [`RULES`].

use crate::system::{self, DesignLab};
use ddlab_labs::engine::{Ran, SimTime};
use ddlab_labs::workbench::frame::{MetricValue, Statistic};
use ddlab_labs::workbench::headless::{self, RunError};
use ddlab_labs::workbench::meter::Tally;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::session::Session;
use ddlab_text::whole_percent;
use std::collections::BTreeMap;
use std::time::Duration;

/// Lines of a story, at most.
pub const LINES_MAX: usize = 12;
/// Looks for which a condition must hold, or not hold, to begin or to end.
pub const HOLDS: u32 = 3;
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Work units after which a run comes up for air.
const SLICE: u64 = 1_000_000;
/// A failure that goes on for so long after the last thing that was done is called stuck.
const STUCK_AFTER: Duration = Duration::from_mins(1);

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub at: SimTime,
    pub text: String,
    /// What must stand there when there is no room for all: the lowest goes first.
    weight: u8,
}

/// What a part did in a second.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    is_client: bool,
    requests: f64,
    /// Requests that ended, and those of them that were not answered; what is still in progress is neither.
    ended: f64,
    failed: f64,
    retries: f64,
    /// Slots in use; 0 where there are none.
    busy: f64,
    waiting: f64,
    /// Answers, and those of them that nobody waited for.
    answers: f64,
    wasted: f64,
    /// Reads of a cache, those of them that found their key, and the share that usually does.
    reads: f64,
    hits: f64,
    usual_hits: f64,
    /// Second copies that were sent, and that the budget did not allow.
    hedges: f64,
    refused: f64,
    /// Calls of a function that ran, and those of them that waited for an instance to start.
    ran: f64,
    cold: f64,
    /// Of a lease: ms without an owner, and ms with two or more, of this second.
    ownerless_ms: f64,
    split_ms: f64,
    /// Of a pipeline: how far its windows are behind the time, in s.
    behind_s: f64,
    /// Of a sidecar: requests refused for a certificate, and requests that wait for room in the log.
    cert_refused: f64,
    log_waiting: f64,
}

/// A condition of a part: when it holds, how its beginning and its end are said.
struct Rule {
    holds: fn(&Seen) -> bool,
    begins: fn(&str, &Seen) -> String,
    ends: fn(&str) -> String,
    weight: u8,
}

const RULES: [Rule; 13] = [
    Rule {
        holds: |seen| seen.is_client && seen.failed > 0.0 && seen.failed >= 0.1 * seen.ended,
        begins: |name, seen| {
            let failed = whole_percent(seen.failed / seen.ended);
            format!("{failed} of the requests of {name} are not answered")
        },
        ends: |name| format!("{name} are answered again"),
        weight: 5,
    },
    Rule {
        holds: |seen| seen.busy >= 0.95,
        begins: |name, seen| {
            format!(
                "{name} is full: {} of its slots are at work",
                whole_percent(seen.busy)
            )
        },
        ends: |name| format!("{name} has room again"),
        weight: 4,
    },
    Rule {
        holds: |seen| seen.requests >= 10.0 && seen.retries >= 0.5 * seen.requests,
        begins: |name, seen| {
            let attempts = 1.0 + seen.retries / seen.requests;
            format!(
                "{name} makes {attempts:.1} attempts for each request that comes to it: retries are load"
            )
        },
        ends: |name| format!("{name} makes hardly any retries any more"),
        weight: 3,
    },
    Rule {
        holds: |seen| seen.answers >= 10.0 && seen.wasted >= 0.5 * seen.answers,
        begins: |name, seen| {
            let wasted = whole_percent(seen.wasted / seen.answers);
            format!("{wasted} of what {name} does is for callers that have given up")
        },
        ends: |name| format!("{name} works for those who wait again"),
        weight: 2,
    },
    Rule {
        holds: |seen| seen.reads >= 20.0 && seen.hits < 0.75 * seen.usual_hits * seen.reads,
        begins: |name, seen| {
            format!(
                "{name} went cold: {} of its reads find their key, {} did before; its origin has the rest",
                whole_percent(seen.hits / seen.reads),
                whole_percent(seen.usual_hits)
            )
        },
        ends: |name| format!("{name} is warm again"),
        weight: 4,
    },
    Rule {
        holds: |seen| seen.refused >= 10.0 && seen.refused >= seen.hedges,
        begins: |name, seen| {
            let late = seen.refused + seen.hedges;
            format!(
                "the hedges of {name} have spent their budget: {} of the leaves that are late get no second copy",
                whole_percent(seen.refused / late)
            )
        },
        ends: |name| format!("{name} has budget for its hedges again"),
        weight: 3,
    },
    Rule {
        holds: |seen| seen.ran >= 5.0 && seen.cold >= 0.3 * seen.ran,
        begins: |name, seen| {
            let cold = whole_percent(seen.cold / seen.ran);
            format!("{name} is cold: {cold} of its calls wait for an instance to start")
        },
        ends: |name| format!("{name} is warm again"),
        weight: 3,
    },
    Rule {
        holds: |seen| seen.ownerless_ms >= 500.0,
        begins: |name, _| format!("nobody owns {name}: its jobs wait"),
        ends: |name| format!("{name} has an owner again"),
        weight: 4,
    },
    Rule {
        holds: |seen| seen.split_ms >= 500.0,
        begins: |name, _| format!("two take themselves to be the owner of {name}"),
        ends: |name| format!("{name} has one owner again"),
        weight: 4,
    },
    Rule {
        holds: |seen| seen.behind_s >= 30.0,
        begins: |name, seen| {
            format!(
                "the watermark of {name} is {:.0} s behind the time: its windows wait",
                seen.behind_s
            )
        },
        ends: |name| format!("the watermark of {name} has caught up"),
        weight: 3,
    },
    Rule {
        holds: |seen| seen.cert_refused > 0.0,
        begins: |name, _| format!("{name} refuses requests: its certificate has run out"),
        ends: |name| format!("{name} refuses nobody for its certificate any more"),
        weight: 4,
    },
    Rule {
        holds: |seen| seen.log_waiting >= 10.0,
        begins: |name, seen| {
            format!(
                "the log of {name} is full: {:.0} requests wait to write their lines",
                seen.log_waiting
            )
        },
        ends: |name| format!("the log of {name} has room again"),
        weight: 4,
    },
    Rule {
        holds: |seen| seen.waiting >= 50.0,
        begins: |name, seen| format!("the line before {name} grows: {:.0} wait", seen.waiting),
        ends: |name| format!("nobody waits before {name} any more"),
        weight: 1,
    },
];

/// A condition on its way.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    is_on: bool,
    /// Looks in a row at which it was otherwise.
    looks: u32,
}

/// Runs the plan of a design to its end, and says what happened.
///
/// # Errors
/// Why the run can't be done.
pub fn why(lab: &'static DesignLab, plan: RunPlan) -> Result<Vec<Line>, RunError> {
    headless::check(&plan)?;
    let (length, script) = (plan.length, plan.script.clone());
    let mut story = Story::new(lab);
    for done in &script {
        story.push(done.at, system::spoken(lab, &done.what), 6);
    }
    let mut session = Session::start(plan);
    let mut goal = SimTime::ZERO;
    while goal < length {
        goal = (goal + LOOK_EVERY).min(length);
        while session.advance(goal, SLICE) == Ran::OutOfBudget {}
        story.look(&session);
    }
    let last = script.last().map_or(SimTime::ZERO, |done| done.at);
    story.end(length, last);
    Ok(story.in_lines(LINES_MAX))
}

struct Story {
    parts: Vec<(String, bool)>,
    /// The share of the reads of each part that usually find their key: quick to learn of more, slow to forget.
    usual_hits: Vec<f64>,
    before: BTreeMap<String, f64>,
    states: Vec<[State; RULES.len()]>,
    lines: Vec<Line>,
}

impl Story {
    fn new(lab: &DesignLab) -> Self {
        let design = lab.design();
        let clients = design
            .clients
            .iter()
            .map(|client| (client.name.clone(), true));
        let components = design
            .components
            .iter()
            .map(|one| (one.name.clone(), false));
        let parts: Vec<_> = clients.chain(components).collect();
        Self {
            states: vec![Default::default(); parts.len()],
            usual_hits: vec![0.0; parts.len()],
            parts,
            before: BTreeMap::new(),
            lines: Vec::new(),
        }
    }

    fn push(&mut self, at: SimTime, text: String, weight: u8) {
        self.lines.push(Line { at, text, weight });
    }

    fn look(&mut self, session: &Session) {
        let now = session.now();
        let meters = &session.lab().instruments().meters;
        let mut figures: BTreeMap<String, f64> = BTreeMap::new();
        for ((spec, value), tally) in meters.values(now).into_iter().zip(meters.tallies()) {
            match (&value, tally) {
                (MetricValue::Gauge { last, .. }, _) => {
                    figures.insert(spec.name.to_owned(), *last);
                }
                (_, Tally::Ratio { part, whole }) => {
                    figures.insert(format!("{} part", spec.name), part as f64);
                    figures.insert(format!("{} whole", spec.name), whole as f64);
                }
                (MetricValue::Counter(_), _) => {
                    let total = value.get(Statistic::Value).unwrap_or_default();
                    figures.insert(spec.name.to_owned(), total);
                }
                _ => {}
            }
        }
        for place in 0..self.parts.len() {
            let seen = self.seen(place, &figures);
            self.apply(place, now, &seen);
            if seen.reads > 0.0 {
                let (usual, hits) = (&mut self.usual_hits[place], seen.hits / seen.reads);
                *usual += if hits > *usual { 0.1 } else { 0.002 } * (hits - *usual);
            }
        }
        self.before = figures;
    }

    fn seen(&self, place: usize, figures: &BTreeMap<String, f64>) -> Seen {
        let (name, is_client) = &self.parts[place];
        let level = |metric: &str| figures.get(&format!("{name}_{metric}")).copied();
        let grown = |metric: &str| {
            let key = format!("{name}_{metric}");
            let before = self.before.get(&key).copied().unwrap_or_default();
            // At the end of the warm-up totals begin afresh.
            (figures.get(&key).copied().unwrap_or_default() - before).max(0.0)
        };
        Seen {
            is_client: *is_client,
            requests: grown("requests_total"),
            ended: grown("error_ratio whole"),
            failed: grown("error_ratio part"),
            retries: grown("retries_total"),
            busy: level("utilization").unwrap_or_default(),
            waiting: level("queue_depth").unwrap_or_default(),
            ownerless_ms: grown("ownerless_ms_total"),
            split_ms: grown("split_brain_ms_total"),
            behind_s: level("watermark_lag_s").unwrap_or_default(),
            cert_refused: grown("cert_refused_total"),
            log_waiting: level("log_waiting").unwrap_or_default(),
            ran: grown("cold_ratio whole"),
            cold: grown("cold_ratio part"),
            answers: grown("wasted_ratio whole"),
            wasted: grown("wasted_ratio part"),
            reads: grown("hit_ratio whole"),
            hits: grown("hit_ratio part"),
            usual_hits: self.usual_hits[place],
            hedges: grown("hedges_total"),
            refused: grown("hedges_refused_total"),
        }
    }

    fn apply(&mut self, place: usize, now: SimTime, seen: &Seen) {
        for (nth, rule) in RULES.iter().enumerate() {
            let state = &mut self.states[place][nth];
            if (rule.holds)(seen) == state.is_on {
                state.looks = 0;
                continue;
            }
            state.looks += 1;
            if state.looks < HOLDS {
                continue;
            }
            *state = State {
                is_on: !state.is_on,
                looks: 0,
            };
            let begins = state.is_on;
            let name = &self.parts[place].0;
            let text = if begins {
                (rule.begins)(name, seen)
            } else {
                (rule.ends)(name)
            };
            let at = SimTime(now.0.saturating_sub(u64::from(HOLDS - 1) * 1_000_000_000));
            self.push(at, text, rule.weight);
        }
    }

    /// What has not ended long after the last thing that was done keeps itself going.
    fn end(&mut self, length: SimTime, last: SimTime) {
        let fails = self.parts.iter().zip(&self.states);
        let fails = fails.filter(|((_, is_client), states)| *is_client && states[0].is_on);
        let names: Vec<&str> = fails.map(|((name, _), _)| name.as_str()).collect();
        if names.is_empty() || length.since(last) < STUCK_AFTER {
            return;
        }
        let text = format!(
            "the end: {} still fail, {} s after the last thing that was done; what began it has gone, and it keeps itself going",
            names.join(" and "),
            length.since(last).as_secs()
        );
        self.push(length, text, 7);
    }

    /// The weightiest lines, in order of time.
    fn in_lines(mut self, most: usize) -> Vec<Line> {
        self.lines
            .sort_by_key(|line| std::cmp::Reverse(line.weight));
        self.lines.truncate(most);
        self.lines.sort_by_key(|line| line.at);
        self.lines
    }
}
