//! Work that changes its owner again and again.

use super::{CLOSINGS, COUNTS, PLAIN, actions, at_once, cause, log, naive, step};
use crate::gameday::incident::{Incident, Sort};
use ddlab_labs::engine::Draw;

pub fn rebalance_storm(_: &mut Draw) -> Incident {
    Incident {
        id: "rebalance-storm",
        title: "a storm of rebalances",
        cause: cause("analytics", Sort::RebalanceStorm),
        faults: at_once(["rebalance={analytics 1}".to_owned()]),
        burns: vec![COUNTS],
        path: vec![
            step("analytics watermark_lag_s >= 45: the counts are far behind"),
            step("analytics requests_total <= 60: though no more events come than ever"),
            step("analytics stage_depth >= 50: they wait before the stages: nobody reads"),
            log(
                "analytics: 1/s rebalances of its workers",
                "workers join and leave, and each time all lanes stand still",
            ),
        ],
        mend: actions(&[
            "set analytics_rebalance=cooperative",
            "set analytics_rebalance_pause=500ms",
        ]),
        naive: naive(
            &["restart analytics", "scale bids 2"],
            "the workers go on joining and leaving, and each time all of them wait",
        ),
        story: "One worker of the group left and joined again and again. Each time all lanes stood still for twenty seconds, and two seconds later it began anew.",
        prevention: "Rebalance cooperatively, give workers a fixed membership, and alert on how often lanes are dealt out.",
        ..PLAIN
    }
}

pub fn stale_owner(_: &mut Draw) -> Incident {
    Incident {
        id: "stale-owner",
        title: "owners that are stale before they write",
        cause: cause("closing", Sort::StaleOwner),
        faults: at_once(
            ["closing_job_takes=const:4s", "closing_work_blocks=on"].map(str::to_owned),
        ),
        burns: vec![CLOSINGS],
        path: vec![
            step("closing jobs_missed_total >= 0.05: lots are not closed"),
            step("closing believers >= 0.5: though there is an owner"),
            step("closing elections_total >= 0.1: every few seconds it is another one"),
            step(
                "closing fenced_writes_total >= 0.05: and what each writes is refused: its lease \
                    was over before its work was done",
            ),
        ],
        mend: actions(&["set closing_lease=20s", "set closing_renew_deadline=12s"]),
        naive: naive(
            &["restart closing", "scale bids 2"],
            "the next owner is as slow, and loses the lease as well",
        ),
        story: "To decide a lot came to take four seconds, on the thread that renews a lease of two and a half. Each owner lost the lease at its work, and the fence refused its write.",
        prevention: "Renew on a thread of its own, and size a lease by the longest pause that an owner can have.",
        ..PLAIN
    }
}
