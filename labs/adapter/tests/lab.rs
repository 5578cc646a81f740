use super::plan;
use crate::adapter::world::Tamper;
use crate::adapter::{AdapterLab, LAB};
use crate::trial::{broken_one, has_all_of, last, near, plan_of, run_from, says, value};
use crate::workbench::frame::InvariantView;

#[test]
fn scripts_address_it_by_these_names() {
    has_all_of(
        &LAB,
        "services scrape_every adapter target_latency cache label_values strict \
         rename_field counter_reset crash restart crash_adapter explode_labels \
         scrape_ms series parse_errors_total up_ratio stale_ratio rate_error_ratio monitor_memory_mb queries_needed",
    );
}

#[test]
fn every_dialect_comes_to_the_truth_through_its_adapter() {
    let report = run_from(0, plan(1, 200, "services=6 arrivals=constant"));
    assert!(last(&report, "rate_error_ratio") < 0.01);
    near(last(&report, "up_ratio"), 1.0, 1e-9);
    assert!(value(&report, "parse_errors_total") < 0.5);
    // Three names each and a fourth for all but nginx, and two of the adapter's own.
    assert!(
        (last(&report, "series") - 35.0).abs() < 0.5,
        "{}",
        last(&report, "series")
    );
}

#[test]
fn a_service_that_was_down_is_counted_again_from_its_start() {
    let at = "60s:crash=1 120s:restart=1";
    let report = run_from(0, plan(1, 240, &format!("arrivals=constant {at}")));
    near(last(&report, "up_ratio"), 1.0, 1e-9);
    assert!(last(&report, "rate_error_ratio") < 0.01);
}

#[test]
fn the_memory_and_the_bill_follow_the_series() {
    let report = run_from(0, plan(1, 60, "series_kb=3 usd_per_thousand=10"));
    let series = last(&report, "series");
    near(last(&report, "monitor_memory_mb"), 0.003 * series, 1e-9);
    near(last(&report, "bill_usd_month"), 0.01 * series, 1e-9);
}

#[test]
fn a_zero_that_was_none_breaks_an_invariant_when_the_field_comes_back() {
    let at = "20s:rename_field=3 80s:rename_field=3";
    let broken = broken_one(plan(1, 120, &format!("strict=zero {at}")));
    assert!(broken.detail.starts_with("service 3: "), "{broken:?}");
}

/// The one invariant that a lab with this error breaks.
#[track_caller]
fn broken(tamper: Tamper, words: &str) -> InvariantView {
    let lab = Box::leak(Box::new(AdapterLab { tamper }));
    broken_one(plan_of(lab, 1, 60, words))
}

#[test]
fn a_page_that_is_cut_off_is_found_out() {
    let broken = broken(Tamper::CutThePage, "");
    says(&broken, "the last line has no end");
}

#[test]
fn a_counter_that_is_counted_on_over_its_reset_is_found_out() {
    let broken = broken(Tamper::AddOn, "25s:counter_reset=1");
    says(&broken, "were there");
}

#[test]
fn an_adapter_that_repeats_what_a_dead_service_said_is_found_out() {
    let broken = broken(Tamper::RepeatTheLast, "20s:crash=3");
    assert!(broken.detail.starts_with("service 3 is down"), "{broken:?}");
}
