//! What somebody has changed, or should have.

use super::{
    BIDS, GATEWAYS, METRICS, NOW, PLAIN, SEARCHES, UPLOADS, actions, at, at_once, cause, cure,
    each, log, naive, pick, step,
};
use crate::gameday::incident::{Cure, Incident, Sort};
use ddlab_labs::engine::{Draw, Source as _};

pub fn bad_rollout(draw: &mut Draw) -> Incident {
    let part = pick(draw, &["catalog", "bids"]);
    let (client, callee) = if part == "bids" {
        ("bidders", "bids-db")
    } else {
        ("buyers", "prices")
    };
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
            step(&format!(
                "{client} error_ratio >= 0.1: the requests of these clients fail, and those of \
                    others do not"
            )),
            step(&format!(
                "{part} error_ratio >= 0.1: the component fails by itself"
            )),
            step(&format!(
                "{callee} error_ratio <= 0.05: and what it calls does not"
            )),
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
        ..PLAIN
    }
}

pub fn certificate(_: &mut Draw) -> Incident {
    Incident {
        id: "certificate",
        title: "a certificate that has run out",
        cause: cause("fraud", Sort::Certificate),
        also: vec!["bids"],
        faults: vec![
            (NOW, "fraud_error_ratio=1".to_owned()),
            (NOW, "fraud_latency=const:3ms".to_owned()),
        ],
        lines: vec![(
            at(2),
            "bids: call to fraud: TLS handshake: certificate has expired".to_owned(),
        )],
        burns: vec![BIDS],
        // It is the one by which the bid service is known to the check: either name will do.
        cures: ["renew fraud", "renew bids"]
            .map(|action| {
                cure(
                    action,
                    &[
                        "fraud_error_ratio=0.001",
                        "fraud_latency=lognormal:50ms,0.4",
                    ],
                )
            })
            .to_vec(),
        path: vec![
            step("bids error_ratio >= 0.9: every bid fails, from one second to the next"),
            step("bids utilization <= 0.5: and nothing is full"),
            step("fraud error_ratio >= 0.9: the fraud check answers nobody"),
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

pub fn renamed_metric(draw: &mut Draw) -> Incident {
    let version = 400 + draw.below(90);
    let back = each("rename_back", "gateway", GATEWAYS);
    Incident {
        id: "renamed-metric",
        title: "a metric that was renamed",
        cause: cause("gateway", Sort::RenamedMetric),
        faults: at_once(each("rename", "gateway", GATEWAYS)),
        lines: vec![(
            NOW,
            format!("gateway: version {version} is rolled out to all machines"),
        )],
        burns: vec![METRICS],
        cures: vec![Cure {
            action: "rollback gateway".to_owned(),
            does: back,
        }],
        path: vec![
            step("gateway seen_holes >= 5: the monitor has no number of requests of any machine"),
            step("gateway requests_total >= 30: though requests come as ever"),
            step("gateway seen_up_ratio >= 0.5: it reaches the machines"),
            step(
                "gateway unread_fields_total >= 0.2: and the adapters miss a field in what these \
                    tell",
            ),
            log(
                &format!("gateway: version {version} is rolled out"),
                "which a new version names otherwise",
            ),
        ],
        mend: actions(&["rollback gateway"]),
        naive: naive(
            &["restart gateway", "scale gateway 2"],
            "nothing is down: a new process names its figures as the old one did",
        ),
        story: "A new version of the gateway named the count of its requests otherwise. The adapters did not find it, and the board of the gateway went blank while it served.",
        prevention: "Test what a service tells its monitor as part of its interface, and alert on figures that are missing.",
        ..PLAIN
    }
}

pub fn cold_functions(_: &mut Draw) -> Incident {
    Incident {
        id: "cold-functions",
        title: "functions that start cold",
        cause: cause("thumbnails", Sort::ColdStarts),
        faults: at_once(
            [
                "thumbnails_cold_start=lognormal:4s,0.3",
                "thumbnails_keep_alive=500ms",
                "thumbnails_provisioned=0",
                "deploy={thumbnails 1}",
            ]
            .map(str::to_owned),
        ),
        burns: vec![UPLOADS],
        path: vec![
            step("sellers error_ratio >= 0.1: a part of the uploads gets no preview in time"),
            step("thumbnails requests_total <= 10: though no more come than ever"),
            step("thumbnails cold_ratio >= 0.15: many calls wait for an instance to start"),
            step("thumbnails cold_start_ms >= 2000: and a start takes longer than anybody waits"),
        ],
        mend: actions(&["set thumbnails_provisioned=6"]),
        naive: naive(&["restart thumbnails"], "after it every instance is cold"),
        story: "To save money, no instance was kept ready any more and none was kept for long. The image of the function had grown meanwhile, and takes four seconds to start.",
        prevention: "Keep as many instances ready as are busy on an ordinary evening, and measure the start of each new version.",
        ..PLAIN
    }
}

pub fn cold_cache(_: &mut Draw) -> Incident {
    Incident {
        id: "cold-cache",
        title: "a cache gone cold after a resize",
        cause: cause("prices", Sort::ColdCache),
        faults: at_once(["prices_shards=6", "prices_memory=20"].map(str::to_owned)),
        burns: vec![SEARCHES],
        path: vec![
            step("buyers error_ratio >= 0.1: pages of lots get no answer in time"),
            step("auction-db utilization >= 0.55: the database behind the prices is full"),
            step("reports requests_total <= 10: and it is not the reports that fill it"),
            step(
                "prices hit_ratio <= 0.45: the cache remembers hardly anything: all goes on to the \
                    database",
            ),
            log(
                "prices is a map of 6 shards",
                "it was made another size just before",
            ),
        ],
        mend: actions(&["set prices_memory=1000"]),
        naive: naive(
            &["restart prices", "scale catalog 2"],
            "a restart forgets the rest, and more callers ask a full database",
        ),
        story: "The cache was moved from four machines to six smaller ones. Most keys changed their machine, and the new ones had no room for them: what the cache had answered went to the database.",
        prevention: "Resize a cache by consistent hashing, one machine at a time, and size it by its hit ratio and not by its count of machines.",
        ..PLAIN
    }
}
