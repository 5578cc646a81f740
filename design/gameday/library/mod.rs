//! The incidents that a night is drawn from.
//!
//! Each is made with a draw of its own, so that the same incident is not always the same: another component, another
//! machine. A test runs the path of each one over several seeds, and what people do first beside it.
//!
//! - [`changes`]: what somebody has changed; [`load`]: too much of something; [`machines`]: what is broken;
//!   [`owners`]: work that changes its owner; [`partners`]: what others do.

mod changes;
mod load;
mod machines;
mod owners;
mod partners;

use super::incident::{Cause, Clue, Cure, Incident, Is, Naive, Sort, Step};
use ddlab_labs::engine::{Draw, Source as _};
use std::time::Duration;

/// A line of the library.
pub struct Template {
    pub id: &'static str,
    /// From 1: what one look shows, to 3: symptoms in one place, the cause in another.
    pub difficulty: u8,
    pub make: fn(&mut Draw) -> Incident,
}

const fn line(id: &'static str, difficulty: u8, make: fn(&mut Draw) -> Incident) -> Template {
    Template {
        id,
        difficulty,
        make,
    }
}

pub const LIBRARY: [Template; 19] = [
    line("bad-rollout", 1, changes::bad_rollout),
    line("zone-down", 1, machines::zone_down),
    line("certificate", 1, changes::certificate),
    line("renamed-metric", 1, changes::renamed_metric),
    line("cold-functions", 2, changes::cold_functions),
    line("connections", 2, partners::connections),
    line("hot-lot", 2, load::hot_lot),
    line("poison-image", 2, load::poison_image),
    line("quota", 2, partners::quota),
    line("rebalance-storm", 2, owners::rebalance_storm),
    line("slow-leaf", 2, machines::slow_leaf),
    line("straggler", 2, machines::straggler),
    line("cold-cache", 3, changes::cold_cache),
    line("log-disk", 3, machines::log_disk),
    line("noisy-neighbour", 3, load::noisy_neighbour),
    line("racing-clock", 3, machines::racing_clock),
    line("retry-storm", 3, load::retry_storm),
    line("slow-dependency", 3, partners::slow_dependency),
    line("stale-owner", 3, owners::stale_owner),
];

pub fn template(id: &str) -> Option<&'static Template> {
    LIBRARY.iter().find(|template| template.id == id)
}

/// What an incident has that says nothing else.
const PLAIN: Incident = Incident {
    id: "",
    title: "",
    cause: Cause {
        part: String::new(),
        sort: Sort::HotKey,
    },
    also: Vec::new(),
    faults: Vec::new(),
    lines: Vec::new(),
    burns: Vec::new(),
    cures: Vec::new(),
    path: Vec::new(),
    mend: Vec::new(),
    naive: Naive {
        actions: Vec::new(),
        because: "",
    },
    story: "",
    prevention: "",
};

const NOW: Duration = Duration::ZERO;

// The objectives, by name.
const BIDS: &str = "bids";
const SEARCHES: &str = "searches";
const LOOKS: &str = "looks";
const UPLOADS: &str = "uploads";
const PICTURES: &str = "pictures";
const CLOSINGS: &str = "closings";
const PAYOUTS: &str = "payouts";
const COUNTS: &str = "counts";
const METRICS: &str = "metrics";

/// Machines of the gateway, those that stand ready among them.
const GATEWAYS: u32 = 6;

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn cause(part: &str, sort: Sort) -> Cause {
    Cause {
        part: part.to_owned(),
        sort,
    }
}

/// A look at a figure, and behind the colon what it tells: `bids error_ratio >= 0.2: a part of the bids fails`. The bound
/// may be `<= 0.5`, or `>= 10 times usual`.
fn step(text: &str) -> Step {
    const FORM: &str = "a step of the library has this form: a test makes each";
    let (clue, says) = text.split_once(": ").expect(FORM);
    let words: Vec<&str> = clue.split(' ').collect();
    let bound = words[3].parse().expect(FORM);
    let is = match (words[2], &words[4..]) {
        (">=", []) => Is::AtLeast(bound),
        ("<=", []) => Is::AtMost(bound),
        (">=", ["times", "usual"]) => Is::TimesUsual(bound),
        _ => panic!("{FORM}: {text}"),
    };
    Step {
        clue: Clue::Figure {
            part: words[0].to_owned(),
            figure: words[1].to_owned(),
            is,
        },
        says: says.to_owned(),
    }
}

fn log(words: &str, says: &str) -> Step {
    Step {
        clue: Clue::Log(words.to_owned()),
        says: says.to_owned(),
    }
}

fn cure(action: impl Into<String>, does: &[&str]) -> Cure {
    Cure {
        action: action.into(),
        does: does.iter().map(|&text| text.to_owned()).collect(),
    }
}

fn naive(actions: &[&str], because: &'static str) -> Naive {
    Naive {
        actions: actions.iter().map(|&text| text.to_owned()).collect(),
        because,
    }
}

fn actions(actions: &[&str]) -> Vec<String> {
    actions.iter().map(|&text| text.to_owned()).collect()
}

fn pick<'a>(draw: &mut Draw, of: &[&'a str]) -> &'a str {
    of[draw.below(of.len() as u64) as usize]
}

/// The same for each machine of a component: `rename={gateway 1}` and so on.
fn each(word: &str, part: &str, machines: u32) -> Vec<String> {
    let one = |number| format!("{word}={{{part} {number}}}");
    (1..=machines).map(one).collect()
}

/// Begun at once.
fn at_once(faults: impl IntoIterator<Item = String>) -> Vec<(Duration, String)> {
    faults.into_iter().map(|fault| (NOW, fault)).collect()
}
