//! Machines that are down, slow, full or wrong.

use super::{
    BIDS, GATEWAYS, NOW, PAYOUTS, PLAIN, SEARCHES, actions, at, at_once, cause, each, log, naive,
    step,
};
use crate::gameday::incident::{Incident, Sort};
use ddlab_labs::engine::{Draw, Source as _};

pub fn zone_down(_: &mut Draw) -> Incident {
    Incident {
        id: "zone-down",
        title: "a zone that is down",
        cause: cause("zone-a", Sort::ZoneDown),
        faults: vec![(NOW, "zone_down=1".to_owned())],
        burns: vec![SEARCHES],
        path: vec![
            step("catalog machines_down >= 2: machines of one component do not answer"),
            step("bids machines_down >= 2: and of another one: what they share is their zone"),
            step("auction-db machines_down >= 1: the database has lost one, too"),
            step("catalog utilization >= 0.8: of what is left, the catalogue is full"),
        ],
        mend: actions(&["scale catalog 2", "set auction-db_reads_from=any"]),
        naive: naive(
            &["restart catalog"],
            "what is left restarts and is missing meanwhile; what is down stays down with its zone",
        ),
        story: "Zone a went down with a third of all machines. The catalogue had been sized for all of them, and two were too few for the evening; of the database one machine was left to read from.",
        prevention: "Size each component so that two zones carry the evening's load, and try it once a quarter.",
        ..PLAIN
    }
}

pub fn slow_leaf(draw: &mut Draw) -> Incident {
    // Behind the three roots: a machine of one of the leaves.
    let number = 4 + draw.below(20);
    Incident {
        id: "slow-leaf",
        title: "one slow leaf",
        cause: cause("search", Sort::SlowMachine),
        faults: at_once([format!("slow={{search {number}}}:100")]),
        burns: vec![SEARCHES],
        path: vec![
            step("buyers error_ratio >= 0.08: some searches get no answer in time, and most do"),
            step("catalog error_ratio <= 0.05: it is not the pages of lots"),
            step("search latency_ms >= 5 times usual: p99 of search is far up"),
            step(
                "search imbalance >= 2: one machine is busy all the time, and the others have time",
            ),
        ],
        mend: vec![format!("stop search {number}")],
        naive: naive(
            &["restart search", "scale gateway 2"],
            "a search waits for the slowest of its leaves; after a restart the disk of this one is as slow as before",
        ),
        story: "One of twenty machines that hold the index became a hundred times as slow. Each search asks ten leaves and waits for all, so every second search waited for that machine.",
        prevention: "Hedge: ask the second machine of a leaf when the first is late. And answer without a leaf after a deadline.",
        ..PLAIN
    }
}

pub fn straggler(draw: &mut Draw) -> Incident {
    let number = 1 + draw.below(6);
    Incident {
        id: "straggler",
        title: "a straggler in the settlement",
        cause: cause("settlement", Sort::SlowMachine),
        faults: at_once([format!("slow={{settlement {number}}}:100")]),
        burns: vec![PAYOUTS],
        path: vec![
            step("settlement night_age_s >= 60: a settlement does not come to its end"),
            step("settlement stage_done_ratio >= 0.5: most of its tasks are done"),
            step("auction-db error_ratio <= 0.05: what it calls answers"),
            log(
                &format!("s on worker {number};"),
                "one worker takes far longer than the others, and all wait for it",
            ),
        ],
        mend: vec![format!("stop settlement {number}")],
        naive: naive(
            &["restart auction-db", "set settlement_auction-db_retries=5"],
            "the payment waits for the last task of the map, and not for the database",
        ),
        story: "The disk of one worker became a hundred times as slow. The payment begins when all tasks of the map are done, so all sellers waited for that worker.",
        prevention: "Start a second attempt at a task that takes far longer than the others: `set \
            settlement_speculative=1.5` does so from the next night on.",
        ..PLAIN
    }
}

pub fn log_disk(_: &mut Draw) -> Incident {
    Incident {
        id: "log-disk",
        title: "a log volume that is full",
        cause: cause("gateway", Sort::LogDiskFull),
        faults: at_once(each("log_store_down", "gateway", GATEWAYS)),
        burns: vec![BIDS, SEARCHES],
        path: vec![
            step("bidders error_ratio >= 0.15: bids get no answer, and neither do searches"),
            step("bids requests_total <= 20: they hardly come as far as the bid service"),
            step("gateway utilization <= 0.5: the gateway before it has time"),
            step("gateway log_waiting >= 20: and requests in it that wait for room in the log"),
            step("gateway log_lag_s >= 10: which nobody ships: the volume is full"),
        ],
        mend: actions(&["set gateway_sidecar_on_full=drop_old"]),
        naive: naive(
            &["restart gateway", "scale gateway 2"],
            "the volume outlives the process, and that of a new machine is full within half a minute",
        ),
        story: "The log store took no lines any more. The sidecars of the gateway kept them until their volumes were full; from then on each request waited for room to log.",
        prevention: "Let a full volume cost log lines and not requests, and alert on the age of the oldest line that was not shipped.",
        ..PLAIN
    }
}

pub fn racing_clock(draw: &mut Draw) -> Incident {
    let number = 1 + draw.below(4);
    Incident {
        id: "racing-clock",
        title: "a clock that races",
        cause: cause("bids", Sort::WrongClock),
        faults: at_once([format!("clock={{bids {number}}}:100")]),
        lines: vec![(
            at(20),
            format!("bids {number}: ntp: the clock is ahead of its servers by 1980 s"),
        )],
        burns: vec![BIDS],
        path: vec![
            step("bidders error_ratio >= 0.08: a part of the bids fails"),
            step("bids utilization <= 0.5: though the bid service has time"),
            step("fraud error_ratio <= 0.05: those whom it calls answer"),
            step(
                "fraud wasted_ratio >= 0.05: to callers that have given up long before their time \
                    limit",
            ),
            log(
                &format!("bids {number}: ntp: the clock is ahead"),
                "time limits are measured by a clock, and that of one machine races",
            ),
        ],
        mend: vec![format!("stop bids {number}")],
        naive: naive(
            &["restart bids", "scale bids 2"],
            "the clock is that of the machine, not of the process; and who fails at once looks idle to the balancer",
        ),
        story: "The clock of one machine ran a hundred times too fast. Its calls were given up within a hundredth of their time limit, so most of its bids failed, and since they failed fast it was given more of them.",
        prevention: "Take a machine out whose clock is far from its servers', and let the balancer count failures as load.",
        ..PLAIN
    }
}
