//! Requests of somebody with a real client.

use crate::coordinated_batch::LAB;
use crate::workbench::outside::Why;
use crate::workbench::outside::probe::{ask, looking_changes_nothing, pass, replays, session};

const SMALL: &str = "auctions=1000 map_tasks=20 straggler_ratio=0 task_service=const:4s";

#[test]
fn a_payout_by_hand_is_made_once_and_the_job_leaves_it_out() {
    let mut run = session(&LAB, SMALL);
    let early = ask(&mut run, "POST /payouts?seller=1").unwrap_err();
    assert_eq!(early.why, Why::NotFound);
    // The session is five seconds old. The map takes eight, then come join, reduce and commit.
    pass(&mut run, 4_200);
    let paid = ask(&mut run, "POST /payouts?seller=1").unwrap().body;
    assert_eq!(paid["payments"], 1);
    assert_eq!(paid["paid_cents"], paid["planned_cents"]);
    pass(&mut run, 30_000);
    let again = ask(&mut run, "POST /payouts?seller=1").unwrap().body;
    assert_eq!(again["payments"], 1);
    assert_eq!(again["paid_cents"], again["planned_cents"]);
    let night = ask(&mut run, "GET /night").unwrap().body;
    assert_eq!(night["stage"], "none");
    let cents = |name: &str| night[name].as_u64().unwrap();
    assert_eq!(
        cents("paid_cents") + cents("unmatched_cents"),
        cents("owed_cents")
    );
    assert!(replays(&run));
}

#[test]
fn with_direct_a_payout_by_hand_is_made_each_time() {
    let set = format!("{SMALL} commit=direct");
    let mut run = session(&LAB, &set);
    pass(&mut run, 30_000);
    let paid = ask(&mut run, "POST /payouts?seller=1").unwrap().body;
    assert_eq!(paid["payments"], 2);
}

#[test]
fn to_look_changes_nothing() {
    looking_changes_nothing(&LAB, SMALL, ("crash=1", 1_500), |run| {
        let night = ask(run, "GET /night").unwrap().body;
        assert_eq!(
            (&night["night"], &night["stage"]),
            (&1.into(), &"map".into())
        );
        let seller = ask(run, "GET /sellers?seller=1").unwrap().body;
        assert_eq!(seller["planned_cents"], 0);
        let unknown = ask(run, "GET /sellers?seller=0").unwrap_err();
        assert_eq!(unknown.why, Why::NotFound);
    });
}
