//! Availability, error budgets, retries, quorums, leases.

use super::{Draw, Generator, Problem};
use ddlab_text::{exact, figure};

const YEAR_MINUTES: f64 = 525_600.0;

pub const ALL: &[Generator] = &[
    Generator {
        id: "error-budget",
        title: "The error budget of a month",
        chapter: "replicated",
        rule: "Thirty days are 43,200 minutes: 99.9 % leaves 43 minutes, each nine divides by ten.",
        make: error_budget,
    },
    Generator {
        id: "burn-rate",
        title: "How long an error budget lasts",
        chapter: "replicated",
        rule: "Burn rate = error share / budget share; the budget of 30 days lasts 30 days / burn rate.",
        make: burn_rate,
    },
    Generator {
        id: "series",
        title: "Availability in series",
        chapter: "replicated",
        rule: "Downtimes add: ten parts of 99.9 % make 99 %.",
        make: series,
    },
    Generator {
        id: "parallel",
        title: "Availability in parallel",
        chapter: "replicated",
        rule: "Failures multiply, if they are independent: two of 99 % make 99.99 %.",
        make: parallel,
    },
    Generator {
        id: "quorum",
        title: "When a quorum is missing",
        chapter: "election",
        rule: "Of 2f + 1 nodes more than f must be down: about C(n, f+1) q^(f+1).",
        make: quorum,
    },
    Generator {
        id: "quorum-read",
        title: "How many replicas a read must ask",
        chapter: "sharded",
        rule: "R + W > N: then each read quorum meets each write quorum.",
        make: quorum_read,
    },
    Generator {
        id: "retry-layers",
        title: "Retries in every layer",
        chapter: "ambassador",
        rule: "Attempts multiply from layer to layer: retry in one layer only.",
        make: retry_layers,
    },
    Generator {
        id: "retry-load",
        title: "What retries add to the load",
        chapter: "ambassador",
        rule: "1 + p + p^2 + …: while p is small about 1 + p; when all fail, every attempt that you allow.",
        make: retry_load,
    },
    Generator {
        id: "lease-failover",
        title: "How long nobody leads",
        chapter: "election",
        rule: "Lease duration + one poll, in the worst case; shorter leases cost renewals.",
        make: lease_failover,
    },
];

fn error_budget(draw: &mut Draw) -> Problem {
    let objective = draw.of(&[0.99, 0.995, 0.999, 0.9995, 0.9999]);
    let days = draw.of(&[7.0, 28.0, 30.0, 90.0]);
    let minutes = days * 1_440.0 * (1.0 - objective);
    Problem::new(
        format!(
            "The objective is {} % availability over {} days. How long may the service be down?",
            exact(objective * 100.0),
            exact(days)
        ),
        (minutes, "min"),
        &[objective, days],
        [
            format!("{} days = {} min", exact(days), exact(days * 1_440.0)),
            format!("x {} = {} min", figure(1.0 - objective), figure(minutes)),
        ],
    )
}

fn burn_rate(draw: &mut Draw) -> Problem {
    let objective = draw.of(&[0.99, 0.995, 0.999, 0.9995]);
    let failing = draw.of(&[0.01, 0.02, 0.05, 0.1, 0.5]);
    let burn = failing / (1.0 - objective);
    let hours = 720.0 / burn;
    Problem::new(
        format!(
            "The objective is {} % of the requests over 30 days. {} % fail since a deployment. After how many hours is the whole budget gone?",
            exact(objective * 100.0),
            exact(failing * 100.0)
        ),
        (hours, "h"),
        &[objective, failing],
        [
            format!(
                "burn rate: {} / {} = {}",
                exact(failing),
                figure(1.0 - objective),
                figure(burn)
            ),
            format!("720 h / {} = {} h", figure(burn), figure(hours)),
        ],
    )
}

fn series(draw: &mut Draw) -> Problem {
    let parts = draw.of(&[3i32, 5, 10, 20]);
    let each: f64 = draw.of(&[0.99, 0.995, 0.999, 0.9995]);
    let hours = (1.0 - each.powi(parts)) * YEAR_MINUTES / 60.0;
    Problem::new(
        format!(
            "A request needs {parts} services, each up {} % of the time, independently. How many hours a year does it fail?",
            exact(each * 100.0)
        ),
        (hours, "h"),
        &[f64::from(parts), each],
        [
            format!(
                "all up: {}^{parts} = {}",
                exact(each),
                exact_share(each.powi(parts))
            ),
            format!(
                "down: {} of 8,760 h = {} h",
                figure(1.0 - each.powi(parts)),
                figure(hours)
            ),
        ],
    )
}

fn parallel(draw: &mut Draw) -> Problem {
    let replicas = draw.of(&[2i32, 3]);
    let each: f64 = draw.of(&[0.9, 0.95, 0.98, 0.99]);
    let minutes = (1.0 - each).powi(replicas) * YEAR_MINUTES;
    Problem::new(
        format!(
            "{replicas} replicas are each up {} % of the time, independently; one suffices. How many minutes a year are all of them down?",
            exact(each * 100.0)
        ),
        (minutes, "min"),
        &[f64::from(replicas), each],
        [
            format!(
                "all down: {}^{replicas} = {}",
                exact(1.0 - each),
                figure((1.0 - each).powi(replicas))
            ),
            format!("x 525,600 min = {} min", figure(minutes)),
            "in truth more: what strikes one replica often strikes all".to_owned(),
        ],
    )
}

fn quorum(draw: &mut Draw) -> Problem {
    let nodes = draw.of(&[3u32, 5, 7]);
    let down = draw.of(&[0.001, 0.01, 0.02, 0.05]);
    let missing = missing_quorum(nodes, down);
    let most = nodes / 2 + 1;
    Problem::new(
        format!(
            "A store of {nodes} nodes writes with a majority. Each node is down {} % of the time, independently. What share of the time is there no majority?",
            exact(down * 100.0)
        ),
        (missing * 100.0, "%"),
        &[f64::from(nodes), down],
        [
            format!("{most} or more of {nodes} must be down"),
            format!(
                "mostly exactly {most}: {} x {}^{most} x {}^{}",
                exact(choose(nodes, most)),
                exact(down),
                exact(1.0 - down),
                nodes - most
            ),
            format!("in all {} %", figure(missing * 100.0)),
        ],
    )
}

/// The binomial tail: more than half of the nodes down.
fn missing_quorum(nodes: u32, down: f64) -> f64 {
    (nodes / 2 + 1..=nodes)
        .map(|n| {
            choose(nodes, n)
                * down.powi(n.cast_signed())
                * (1.0 - down).powi((nodes - n).cast_signed())
        })
        .sum()
}

fn choose(n: u32, k: u32) -> f64 {
    (0..k).fold(1.0, |ways, i| ways * f64::from(n - i) / f64::from(i + 1))
}

fn quorum_read(draw: &mut Draw) -> Problem {
    let (replicas, writes) = draw.of(&[(3.0, 1.0), (3.0, 2.0), (5.0, 2.0), (5.0, 3.0), (7.0, 4.0)]);
    Problem::new(
        format!(
            "Data lies on {} replicas; a write waits for {}. How many must a read ask to be sure of meeting the last write?",
            exact(replicas),
            exact(writes)
        ),
        (replicas - writes + 1.0, "replicas"),
        &[replicas, writes],
        [format!(
            "R > N - W = {} - {}, so {}",
            exact(replicas),
            exact(writes),
            exact(replicas - writes + 1.0)
        )],
    )
}

fn retry_layers(draw: &mut Draw) -> Problem {
    let retries = draw.of(&[1i32, 2, 3]);
    let layers = draw.of(&[2i32, 3, 4]);
    let calls = f64::from(retries + 1).powi(layers);
    Problem::new(
        format!(
            "{layers} layers call each other in a row; each retries a failed call {retries} time{} before it fails itself. The database below the last one refuses everything. How many calls does it get for one request?",
            if retries == 1 { "" } else { "s" }
        ),
        (calls, "calls"),
        &[f64::from(retries), f64::from(layers)],
        [format!(
            "{} attempts in each layer: {}^{layers} = {}",
            retries + 1,
            retries + 1,
            exact(calls)
        )],
    )
}

fn retry_load(draw: &mut Draw) -> Problem {
    let rps = draw.of(&[1_000.0, 5_000.0, 20_000.0]);
    let failing: f64 = draw.of(&[0.05, 0.2, 0.5, 0.8]);
    let retries = draw.of(&[1i32, 2, 3]);
    let factor = (1.0 - failing.powi(retries + 1)) / (1.0 - failing);
    Problem::new(
        format!(
            "{} requests a second meet a service where {} % of the calls fail, each call anew. Clients retry up to {retries} time{}. How many calls a second does it get?",
            exact(rps),
            exact(failing * 100.0),
            if retries == 1 { "" } else { "s" }
        ),
        (rps * factor, "rps"),
        &[rps, failing, f64::from(retries)],
        [
            format!(
                "attempts for one request: 1 + p + … + p^{retries} = {}",
                figure(factor)
            ),
            format!(
                "{} x {} = {} rps",
                exact(rps),
                figure(factor),
                figure(rps * factor)
            ),
        ],
    )
}

fn lease_failover(draw: &mut Draw) -> Problem {
    let lease = draw.of(&[5.0, 10.0, 15.0, 30.0]);
    let poll = draw.of(&[1.0, 2.0, 5.0]);
    let takeover = draw.of(&[0.5, 1.0, 3.0]);
    let worst = lease + poll + takeover;
    Problem::new(
        format!(
            "A leader crashes right after it has renewed its lease of {} s. The others look every {} s, and taking over needs {} s. For how long does nobody lead, at worst?",
            exact(lease),
            exact(poll),
            exact(takeover)
        ),
        (worst, "s"),
        &[lease, poll, takeover],
        [format!(
            "lease {} + one poll {} + takeover {} = {} s",
            exact(lease),
            exact(poll),
            exact(takeover),
            exact(worst)
        )],
    )
}

fn exact_share(share: f64) -> String {
    format!("{share:.4}")
}
