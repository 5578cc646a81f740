//! The incidents that a night is drawn from.
//!
//! Each is made with a draw of its own, so that the same incident is not always the same: another component, another
//! machine. A test runs the path of each one over several seeds, and what people do first beside it.

use super::board::{IMBALANCE, MACHINES_DOWN};
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

pub const LIBRARY: [Template; 9] = [
    Template {
        id: "bad-rollout",
        difficulty: 1,
        make: bad_rollout,
    },
    Template {
        id: "zone-down",
        difficulty: 1,
        make: zone_down,
    },
    Template {
        id: "certificate",
        difficulty: 1,
        make: certificate,
    },
    Template {
        id: "slow-machine",
        difficulty: 2,
        make: slow_machine,
    },
    Template {
        id: "quota",
        difficulty: 2,
        make: quota,
    },
    Template {
        id: "connections",
        difficulty: 2,
        make: connections,
    },
    Template {
        id: "slow-dependency",
        difficulty: 3,
        make: slow_dependency,
    },
    Template {
        id: "noisy-neighbour",
        difficulty: 3,
        make: noisy_neighbour,
    },
    Template {
        id: "retry-storm",
        difficulty: 3,
        make: retry_storm,
    },
];

pub fn template(id: &str) -> Option<&'static Template> {
    LIBRARY.iter().find(|template| template.id == id)
}

const NOW: Duration = Duration::ZERO;
const BIDS: &str = "bids";
const SEARCHES: &str = "searches";

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn cause(part: &str, sort: Sort) -> Cause {
    Cause {
        part: part.to_owned(),
        sort,
    }
}

fn step(part: &str, figure: &'static str, is: Is, says: &'static str) -> Step {
    let clue = Clue::figure(part, figure, is);
    Step { clue, says }
}

fn log(words: &str, says: &'static str) -> Step {
    let clue = Clue::Log(words.to_owned());
    Step { clue, says }
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

fn bad_rollout(draw: &mut Draw) -> Incident {
    let part = pick(draw, &["catalog", "bids"]);
    let client = if part == "bids" { "bidders" } else { "buyers" };
    let version = 400 + draw.below(90);
    Incident {
        id: "bad-rollout",
        title: "a bad rollout",
        cause: cause(part, Sort::BadRollout),
        faults: vec![(NOW, format!("{part}_error_ratio=0.3"))],
        lines: vec![(
            NOW,
            format!("{part}: version {version} is rolled out to all machines"),
        )],
        burns: vec![if part == "bids" { BIDS } else { SEARCHES }],
        cures: vec![cure(
            format!("rollback {part}"),
            &[&format!("{part}_error_ratio=0")],
        )],
        path: vec![
            step(
                client,
                "error_ratio",
                Is::AtLeast(0.1),
                "the requests of these clients fail, and those of others do not",
            ),
            step(
                part,
                "error_ratio",
                Is::AtLeast(0.1),
                "the component fails by itself",
            ),
            step(
                "auction-db",
                "error_ratio",
                Is::AtMost(0.05),
                "and what it calls does not",
            ),
            log(
                &format!("{part}: version {version} is rolled out"),
                "it was changed just before",
            ),
        ],
        mend: actions(&[&format!("rollback {part}")]),
        naive: naive(
            &[&format!("restart {part}"), &format!("scale {part} 2")],
            "a new process runs the same wrong version, and so does a new machine",
        ),
        story: "A new version answered three in ten of its requests with an error.",
        prevention: "Roll out to one machine first, compare its error ratio with the others', and go back by itself when it is worse.",
    }
}

fn zone_down(_: &mut Draw) -> Incident {
    Incident {
        id: "zone-down",
        title: "a zone that is down",
        cause: cause("zone-a", Sort::ZoneDown),
        faults: vec![(NOW, "zone_down=1".to_owned())],
        lines: Vec::new(),
        burns: vec![SEARCHES],
        cures: Vec::new(),
        path: vec![
            step(
                "search",
                MACHINES_DOWN,
                Is::AtLeast(2.0),
                "machines of one component do not answer",
            ),
            step(
                "bids",
                MACHINES_DOWN,
                Is::AtLeast(2.0),
                "and of another one: what they share is their zone",
            ),
            step(
                "auction-db",
                MACHINES_DOWN,
                Is::AtLeast(1.0),
                "the database has lost one, too",
            ),
            step(
                "search",
                "utilization",
                Is::AtLeast(0.9),
                "of what is left, search is full",
            ),
        ],
        mend: actions(&["scale search 2"]),
        naive: naive(
            &["restart search"],
            "what is left restarts and is missing meanwhile; what is down stays down with its zone",
        ),
        story: "Zone a went down with a third of all machines. Search had been sized for all of them, and two were too few for the evening.",
        prevention: "Size each component so that two zones carry the evening's load, and try it once a quarter.",
    }
}

fn certificate(_: &mut Draw) -> Incident {
    Incident {
        id: "certificate",
        title: "a certificate that has run out",
        cause: cause("fraud", Sort::Certificate),
        faults: vec![
            (NOW, "fraud_error_ratio=1".to_owned()),
            (NOW, "fraud_latency=const:3ms".to_owned()),
        ],
        lines: vec![(
            at(2),
            "bids: call to fraud: TLS handshake: certificate has expired".to_owned(),
        )],
        burns: vec![BIDS],
        cures: vec![cure(
            "renew fraud",
            &[
                "fraud_error_ratio=0.001",
                "fraud_latency=lognormal:50ms,0.4",
            ],
        )],
        path: vec![
            step(
                "bids",
                "error_ratio",
                Is::AtLeast(0.9),
                "every bid fails, from one second to the next",
            ),
            step(
                "bids",
                "utilization",
                Is::AtMost(0.5),
                "and nothing is full",
            ),
            step(
                "fraud",
                "error_ratio",
                Is::AtLeast(0.9),
                "the fraud check answers nobody",
            ),
            log("certificate has expired", "and says why"),
        ],
        mend: actions(&["renew fraud"]),
        naive: naive(
            &["restart bids", "scale bids 2"],
            "no machine is broken and none is full: each new one has the same certificate",
        ),
        story: "The client certificate for the fraud check ran out. Every handshake failed at once, and with it every bid.",
        prevention: "Renew certificates by themselves at two thirds of their life, and alert on the days that are left.",
    }
}

fn slow_machine(draw: &mut Draw) -> Incident {
    let number = 1 + draw.below(4);
    Incident {
        id: "slow-machine",
        title: "one slow machine",
        cause: cause("search", Sort::SlowMachine),
        faults: vec![(NOW, format!("slow={{search {number}}}:20"))],
        lines: Vec::new(),
        burns: vec![SEARCHES],
        cures: Vec::new(),
        path: vec![
            step(
                "buyers",
                "error_ratio",
                Is::AtLeast(0.08),
                "some searches get no answer in time, and most do",
            ),
            step(
                "search",
                "latency_ms",
                Is::TimesUsual(5.0),
                "p99 of search is far up",
            ),
            step(
                "search",
                IMBALANCE,
                Is::AtLeast(2.0),
                "one machine has a long line, and the others have none",
            ),
        ],
        mend: vec![format!("stop search {number}")],
        naive: naive(
            &["scale search 2", "restart search"],
            "the slow machine goes on taking its turn; after a restart its disk is as slow as before",
        ),
        story: "One machine of search became twenty times as slow. Requests were dealt out in turn, so it went on getting its share of them.",
        prevention: "Balance by load and not in turn, and take a machine out when its latency is far from the others'.",
    }
}

fn quota(_: &mut Draw) -> Incident {
    Incident {
        id: "quota",
        title: "a quota that is reached",
        cause: cause("fraud", Sort::QuotaReached),
        faults: vec![(NOW, "fraud_quota=12".to_owned())],
        lines: Vec::new(),
        burns: vec![BIDS],
        cures: Vec::new(),
        path: vec![
            step(
                "bids",
                "error_ratio",
                Is::AtLeast(0.2),
                "a part of the bids fails",
            ),
            step(
                "bids",
                "utilization",
                Is::AtMost(0.5),
                "though the service has time",
            ),
            step(
                "fraud",
                "shed_total",
                Is::AtLeast(5.0),
                "the fraud check refuses calls",
            ),
            step(
                "fraud",
                "latency_ms",
                Is::AtMost(400.0),
                "what it takes, it answers as fast as ever: it counts calls",
            ),
        ],
        mend: actions(&["set bids_fraud_optional=on"]),
        naive: naive(
            &["scale bids 2", "set bids_fraud_retries=2"],
            "more machines send the same calls, and retries send more of them",
        ),
        story: "The partner halved the quota of the fraud check. Each bid needed the check, so each refused call was a refused bid.",
        prevention: "Watch the use of each quota, and decide beforehand what the service does without this partner.",
    }
}

fn connections(_: &mut Draw) -> Incident {
    Incident {
        id: "connections",
        title: "a pool of connections that is exhausted",
        cause: cause("auction-db", Sort::ConnectionsExhausted),
        faults: vec![(NOW, "auction-db_connections=1".to_owned())],
        lines: Vec::new(),
        burns: vec![BIDS],
        cures: Vec::new(),
        path: vec![
            step(
                "bids",
                "retries_total",
                Is::AtLeast(5.0),
                "bids repeat their calls",
            ),
            step(
                "auction-db",
                "shed_total",
                Is::AtLeast(5.0),
                "the database refuses some of them at once",
            ),
            step(
                "auction-db",
                "utilization",
                Is::AtMost(0.8),
                "though it has time: it is not work that is too much",
            ),
            step(
                "auction-db",
                "queue_depth",
                Is::AtMost(1.0),
                "and nobody waits in line: it lets nobody in",
            ),
        ],
        mend: actions(&["set auction-db_connections=500"]),
        naive: naive(
            &["scale bids 2", "restart bids"],
            "more callers want more connections; the limit is that of the database",
        ),
        story: "A reporting tool opened connections and kept them, until the database accepted hardly any more.",
        prevention: "Give each user of a database a limit of its own, and alert on connections that are left.",
    }
}

fn slow_dependency(_: &mut Draw) -> Incident {
    Incident {
        id: "slow-dependency",
        title: "a partner that has become slow",
        cause: cause("fraud", Sort::SlowDependency),
        faults: vec![(NOW, "fraud_latency=lognormal:4s,0.3".to_owned())],
        lines: Vec::new(),
        burns: vec![BIDS],
        cures: Vec::new(),
        path: vec![
            step(
                "bids",
                "utilization",
                Is::AtLeast(0.95),
                "the bid service is full",
            ),
            step(
                "bids",
                "requests_total",
                Is::AtMost(60.0),
                "though no more bids come than ever",
            ),
            step(
                "auction-db",
                "utilization",
                Is::AtMost(0.6),
                "the database has time",
            ),
            step(
                "fraud",
                "latency_ms",
                Is::TimesUsual(10.0),
                "every slot of the bid service waits for the fraud check",
            ),
        ],
        mend: actions(&[
            // First: else all that waits comes to the database at once, and its retries keep it full.
            "set bids_auction-db_retry_budget=10%",
            "set bids_fraud_timeout=100ms",
            "set bids_fraud_optional=on",
        ]),
        naive: naive(
            &["scale bids 2", "restart bids"],
            "new slots wait for the same partner, and are full within seconds",
        ),
        story: "The fraud check took four seconds in place of fifty milliseconds. The bid service waited up to three for each, with a slot held all the while.",
        prevention: "Give each call the time that its caller has left, a breaker, and slots of its own.",
    }
}

fn noisy_neighbour(_: &mut Draw) -> Incident {
    Incident {
        id: "noisy-neighbour",
        title: "a report that takes the database",
        cause: cause("reports", Sort::NoisyNeighbour),
        faults: vec![(NOW, "reports_rps=300".to_owned())],
        lines: Vec::new(),
        burns: vec![SEARCHES],
        cures: Vec::new(),
        path: vec![
            step(
                "catalog",
                "error_ratio",
                Is::AtLeast(0.2),
                "the catalogue fails",
            ),
            step(
                "auction-db",
                "utilization",
                Is::AtLeast(0.6),
                "its database is full",
            ),
            step(
                "catalog",
                "requests_total",
                Is::AtMost(60.0),
                "and the catalogue asks no more than ever",
            ),
            step(
                "reports",
                "requests_total",
                Is::TimesUsual(20.0),
                "somebody else does",
            ),
        ],
        mend: actions(&["stop reports"]),
        naive: naive(
            &["scale catalog 2", "restart catalog"],
            "the catalogue was never the one that was full",
        ),
        story: "A report was started in the evening that reads each lot one by one, from the replicas that the catalogue reads.",
        prevention: "Give reports a replica of their own, or a limit on what they may ask.",
    }
}

fn retry_storm(_: &mut Draw) -> Incident {
    Incident {
        id: "retry-storm",
        title: "a retry storm that outlives its cause",
        cause: cause("bids", Sort::RetryStorm),
        faults: vec![
            (NOW, "slow={auction-db 1}:8".to_owned()),
            (at(25), "slow={auction-db 1}:1".to_owned()),
        ],
        lines: Vec::new(),
        burns: vec![BIDS],
        cures: Vec::new(),
        path: vec![
            step(
                "bidders",
                "error_ratio",
                Is::AtLeast(0.5),
                "hardly any bid is answered",
            ),
            step(
                "bidders",
                "requests_total",
                Is::AtMost(60.0),
                "and no more come than ever",
            ),
            step(
                "auction-db",
                "wasted_ratio",
                Is::AtLeast(0.3),
                "the database works for callers that have given up",
            ),
            step(
                "bids",
                "retries_total",
                Is::AtLeast(30.0),
                "each bid is written again and again: the load is their own retries",
            ),
        ],
        mend: actions(&["set bids_auction-db_retry_budget=10%"]),
        naive: naive(
            &["scale bids 2", "restart gateway"],
            "more machines repeat more calls, and what is in front of them was never full",
        ),
        story: "The primary of the database was slow for 25 seconds. Bids timed out and were written again, four times each; when the primary was fast again, their retries alone kept it full.",
        prevention: "Give retries a budget, and let the database drop what has waited longer than its callers do.",
    }
}
