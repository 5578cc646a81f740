//! Too much of something: requests, retries, work that never ends.

use super::{
    BIDS, LOOKS, NOW, PICTURES, PLAIN, SEARCHES, actions, at, at_once, cause, log, naive, step,
};
use crate::gameday::incident::{Incident, Sort};
use ddlab_labs::engine::Draw;

pub fn hot_lot(_: &mut Draw) -> Incident {
    Incident {
        id: "hot-lot",
        title: "a hot lot",
        cause: cause("prices", Sort::HotKey),
        faults: at_once(["hot_key={prices 1}", "watchers_rps=110"].map(str::to_owned)),
        burns: vec![LOOKS],
        path: vec![
            step("watchers error_ratio >= 0.2: who watches a lot gets no price in time"),
            step("watchers requests_total >= 2.5 times usual: far more of them come than ever"),
            step(
                "prices imbalance >= 2.5: one machine of the cache has a long line, and the others \
                    have time: they want the same key",
            ),
            step("prices hit_ratio >= 0.5: which is in its memory: the cache is not cold"),
        ],
        mend: actions(&["set prices_copies=4"]),
        naive: naive(
            &["set prices_shards=8", "restart prices"],
            "a key is on one machine, however many there are",
        ),
        story: "All wanted the price of one lot in its last minutes. Its key is on one machine of the cache, which had more to do than it can, while the others had time.",
        prevention: "Count what keys are asked for, and read those that are hot from several machines or from the memory of the callers.",
        ..PLAIN
    }
}

pub fn noisy_neighbour(_: &mut Draw) -> Incident {
    Incident {
        id: "noisy-neighbour",
        title: "a report that takes the database",
        cause: cause("reports", Sort::NoisyNeighbour),
        also: vec!["auction-db"],
        faults: vec![(NOW, "reports_rps=300".to_owned())],
        burns: vec![SEARCHES],
        path: vec![
            step("catalog error_ratio >= 0.2: the catalogue fails"),
            step("auction-db utilization >= 0.55: its database is full"),
            step("catalog requests_total <= 60: and the catalogue asks no more than ever"),
            step("reports requests_total >= 20 times usual: somebody else does"),
        ],
        mend: actions(&["stop reports"]),
        naive: naive(
            &["scale catalog 2", "restart catalog"],
            "the catalogue was never the one that was full",
        ),
        story: "A report was started in the evening that reads each lot one by one, from the replicas that the catalogue reads.",
        prevention: "Give reports a replica of their own, or a limit on what they may ask.",
        ..PLAIN
    }
}

pub fn poison_image(_: &mut Draw) -> Incident {
    Incident {
        id: "poison-image",
        title: "images that hang their workers",
        cause: cause("images", Sort::PoisonItem),
        also: vec!["images-workers"],
        faults: at_once(["images_poison_ratio=0.12".to_owned()]),
        burns: vec![PICTURES],
        path: vec![
            step("images oldest_age_ms >= 60000: uploads wait for their pictures"),
            step("images requests_total <= 10: though no more come than ever"),
            step("images-workers utilization >= 0.8: all workers have something in hand"),
            log(
                "given out again",
                "the same items come back to hang the next worker",
            ),
        ],
        mend: actions(&["set images-workers_longest=2s", "set images_max_receives=1"]),
        naive: naive(
            &["set images-workers_count=20", "restart images-workers"],
            "each worker that is added hangs on one of these images, and a restart gives them out again",
        ),
        story: "A camera wrote files on which the scaler hangs. Each of them held a worker for thirty seconds, came back, and did so five times.",
        prevention: "Give up an item after a few times its usual span, put it aside after the second time, and alert on what lies aside.",
        ..PLAIN
    }
}

pub fn retry_storm(_: &mut Draw) -> Incident {
    Incident {
        id: "retry-storm",
        title: "a retry storm that outlives its cause",
        cause: cause("bids", Sort::RetryStorm),
        also: vec!["bids-db"],
        faults: vec![
            (NOW, "slow={bids-db 1}:8".to_owned()),
            (at(25), "slow={bids-db 1}:1".to_owned()),
        ],
        burns: vec![BIDS],
        path: vec![
            step("bidders error_ratio >= 0.5: hardly any bid is answered"),
            step("bidders requests_total <= 60: and no more come than ever"),
            step("bids-db wasted_ratio >= 0.3: the database works for callers that have given up"),
            step(
                "bids retries_total >= 30: each bid is written again and again: the load is their \
                    own retries",
            ),
        ],
        mend: actions(&["set bids_bids-db_retry_budget=10%"]),
        naive: naive(
            &["scale bids 2", "restart gateway"],
            "more machines repeat more calls, and what is in front of them was never full",
        ),
        story: "The primary of the database was slow for 25 seconds. Bids timed out and were written again, up to five times each; when the primary was fast again, their retries alone kept it full.",
        prevention: "Give retries a budget, and let the database drop what has waited longer than its callers do.",
        ..PLAIN
    }
}
