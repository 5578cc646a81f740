//! What must hold of the lots of an auction from the bid to the payment, and that each breach is found out.

use super::{Tamper, is_found_out_in, lab_of, run, seconds, value};

const AUCTION: &str = "design: small auction
clients: {bidders: {rps: 50, calls: [{to: bids, timeout: 1s, retries: 1}]}}
components:
  bids: {kind: service, replicas: 2, calls: [{to: lots, write_ratio: 1}]}
  lots: {kind: database, replicas: 2}
  closing: {kind: lease, lease: 3s, renew_deadline: 2s, job_every: 2s, calls: [{to: lots}]}
  settlement: {kind: batch, map_tasks: 10, map_workers: 5, pay_tasks: 4, night_every: 20s, calls: [{to: lots, write_ratio: 1}]}
lots: {bids: bids, closing: closing, settlement: settlement}
";

#[test]
fn lots_are_closed_and_their_sellers_are_paid() {
    let report = run(seconds(lab_of(AUCTION), 1, 60));
    let of = |metric: &str| value(&report, metric);
    assert!(of("lots_bids_total") > 2_000.0);
    assert!(of("lots_closed_total") >= 25.0);
    let price = of("lots_price_cents_total");
    let (payout, fee) = (of("lots_payout_cents_total"), of("lots_fee_cents_total"));
    assert!(price > 0.0 && payout > 0.0);
    assert_eq!(price.to_bits(), (payout + fee).to_bits());
}

#[test]
fn lots_and_money_survive_crashes_partitions_and_stopped_owners() {
    let faults = "faults:
  - {at: 8s, do: pause, what: closing 1, for: 6s}
  - {at: 20s, do: crash, what: settlement}
  - {at: 24s, do: storage_cut, what: closing, for: 4s}
  - {at: 30s, do: crash, what: closing}
  - {at: 41s, do: crash, what: lots 1}
  - {at: 45s, do: crash, what: bids}
";
    for seed in super::seeds(3) {
        let report = run(seconds(lab_of(&format!("{AUCTION}{faults}")), seed, 90));
        assert!(value(&report, "lots_closed_total") > 20.0);
    }
}

#[test]
fn a_store_that_forgets_bids_is_found_out() {
    is_found_out_in(AUCTION, Tamper::ForgetBids, "highest bid");
}

#[test]
fn a_lot_that_is_closed_twice_is_found_out() {
    is_found_out_in(AUCTION, Tamper::CloseTwice, "closed once");
}

#[test]
fn a_cent_that_is_not_paid_is_found_out() {
    is_found_out_in(AUCTION, Tamper::LoseCents, "paid once and to the cent");
}

#[test]
fn a_closing_without_a_fence_closes_lots_twice() {
    let text = AUCTION.replace(
        "job_every: 2s",
        "job_every: 2s, fencing: off, job_takes: \"const:1s\"",
    );
    let faults = "faults:
  - {at: 8500ms, do: pause, what: closing 1, for: 6s}
";
    let plan = seconds(lab_of(&format!("{text}{faults}")), 1, 30);
    let report = ddlab_labs::workbench::headless::run(plan).unwrap();
    let broken: Vec<&str> = report
        .invariants
        .iter()
        .filter(|view| !view.held)
        .map(|view| view.name)
        .collect();
    assert_eq!(broken, ["a lot is closed once"]);
}

#[test]
fn who_handles_the_lots_must_be_there_and_of_the_right_kind() {
    let said = |lots: &str| {
        let text = AUCTION.replace("closing: closing,", lots);
        let problems = crate::read(&text).problems;
        problems.iter().map(ToString::to_string).collect::<String>()
    };
    assert!(said("closing: closings,").contains("`closing`"));
    assert!(said("closing: bids,").contains("kind: lease"));
    assert!(said("").contains("has no `closing`"));
}
