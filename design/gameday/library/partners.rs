//! What those do that are called.

use super::{BIDS, NOW, PLAIN, actions, cause, naive, step};
use crate::gameday::incident::{Incident, Sort};
use ddlab_labs::engine::Draw;

pub fn quota(_: &mut Draw) -> Incident {
    Incident {
        id: "quota",
        title: "a quota that is reached",
        cause: cause("fraud", Sort::QuotaReached),
        faults: vec![(NOW, "fraud_quota=12".to_owned())],
        burns: vec![BIDS],
        path: vec![
            step("bids error_ratio >= 0.2: a part of the bids fails"),
            step("bids utilization <= 0.5: though the service has time"),
            step("fraud shed_total >= 5: the fraud check refuses calls"),
            step(
                "fraud latency_ms <= 400: what it takes, it answers as fast as ever: it counts \
                    calls",
            ),
        ],
        mend: actions(&["set bids_fraud_optional=on"]),
        naive: naive(
            &["scale bids 2", "set bids_fraud_retries=2"],
            "more machines send the same calls, and retries send more of them",
        ),
        story: "The partner halved the quota of the fraud check. Each bid needed the check, so each refused call was a refused bid.",
        prevention: "Watch the use of each quota, and decide beforehand what the service does without this partner.",
        ..PLAIN
    }
}

pub fn connections(_: &mut Draw) -> Incident {
    Incident {
        id: "connections",
        title: "a pool of connections that is exhausted",
        cause: cause("bids-db", Sort::ConnectionsExhausted),
        faults: vec![(NOW, "bids-db_connections=1".to_owned())],
        burns: vec![BIDS],
        path: vec![
            step("bids retries_total >= 5: bids repeat their calls"),
            step("bids-db shed_total >= 5: the database refuses some of them at once"),
            step("bids-db utilization <= 0.8: though it has time: it is not work that is too much"),
            step("bids-db queue_depth <= 1: and nobody waits in line: it lets nobody in"),
        ],
        mend: actions(&["set bids-db_connections=500"]),
        naive: naive(
            &["scale bids 2", "restart bids"],
            "more callers want more connections; the limit is that of the database",
        ),
        story: "A reporting tool opened connections and kept them, until the database accepted hardly any more.",
        prevention: "Give each user of a database a limit of its own, and alert on connections that are left.",
        ..PLAIN
    }
}

pub fn slow_dependency(_: &mut Draw) -> Incident {
    Incident {
        id: "slow-dependency",
        title: "a partner that has become slow",
        cause: cause("fraud", Sort::SlowDependency),
        faults: vec![(NOW, "fraud_latency=lognormal:4s,0.3".to_owned())],
        burns: vec![BIDS],
        path: vec![
            step("bids utilization >= 0.95: the bid service is full"),
            step("bids requests_total <= 60: though no more bids come than ever"),
            step("bids-db utilization <= 0.6: the database has time"),
            step(
                "fraud latency_ms >= 10 times usual: every slot of the bid service waits for the \
                    fraud check",
            ),
        ],
        mend: actions(&[
            // First: else all that waits comes to the database at once, and its retries keep it full.
            "set bids_bids-db_retry_budget=10%",
            "set bids_fraud_timeout=100ms",
            "set bids_fraud_optional=on",
        ]),
        naive: naive(
            &["scale bids 2", "restart bids"],
            "new slots wait for the same partner, and are full within seconds",
        ),
        story: "The fraud check took four seconds in place of fifty milliseconds. The bid service waited up to three for each, with a slot held all the while.",
        prevention: "Give each call the time that its caller has left, a breaker, and slots of its own.",
        ..PLAIN
    }
}
