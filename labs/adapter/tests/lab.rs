use super::run_from;
use crate::adapter::world::Tamper;
use crate::adapter::{AdapterLab, LAB};
use crate::trial::{has_all_of, last, plan_of, value};
use crate::workbench::headless;
use crate::workbench::lab::Lab;

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
    let report = run_from(0, 1, 200, &["services=6", "arrivals=constant"], &[]);
    assert!(last(&report, "rate_error_ratio") < 0.01);
    assert!((last(&report, "up_ratio") - 1.0).abs() < 1e-9);
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
    let at = ["60s:crash=1", "120s:restart=1"];
    let report = run_from(0, 1, 240, &["arrivals=constant"], &at);
    assert!((last(&report, "up_ratio") - 1.0).abs() < 1e-9);
    assert!(last(&report, "rate_error_ratio") < 0.01);
}

#[test]
fn the_memory_and_the_bill_follow_the_series() {
    let report = run_from(0, 1, 60, &["series_kb=3", "usd_per_thousand=10"], &[]);
    let series = last(&report, "series");
    assert!((last(&report, "monitor_memory_mb") - 0.003 * series).abs() < 1e-9);
    assert!((last(&report, "series_usd_month") - 0.01 * series).abs() < 1e-9);
}

#[test]
fn a_zero_that_was_none_breaks_an_invariant_when_the_field_comes_back() {
    let at = ["20s:rename_field=3", "80s:rename_field=3"];
    let report = headless::run(plan_of(&LAB, 1, 120, &["strict=zero"], &at)).unwrap();
    let broken: Vec<_> = report.invariants.iter().filter(|one| !one.held).collect();
    assert_eq!(broken.len(), 1);
    assert!(
        broken[0].detail.starts_with("service 3: "),
        "{}",
        broken[0].detail
    );
}

/// The invariants that a run broke.
fn broken(tamper: Tamper, at: &[&str]) -> Vec<(&'static str, String)> {
    let lab: &'static dyn Lab = Box::leak(Box::new(AdapterLab { tamper }));
    let report = headless::run(plan_of(lab, 1, 60, &[], at)).unwrap();
    let broken = report.invariants.iter().filter(|invariant| !invariant.held);
    broken
        .map(|invariant| (invariant.name, invariant.detail.clone()))
        .collect()
}

#[test]
fn a_page_that_is_cut_off_is_found_out() {
    let broken = broken(Tamper::CutThePage, &[]);
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(
        broken[0].1.contains("the last line has no end"),
        "{broken:?}"
    );
}

#[test]
fn a_counter_that_is_counted_on_over_its_reset_is_found_out() {
    let broken = broken(Tamper::AddOn, &["25s:counter_reset=1"]);
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].1.contains("were there"), "{broken:?}");
}

#[test]
fn an_adapter_that_repeats_what_a_dead_service_said_is_found_out() {
    let broken = broken(Tamper::RepeatTheLast, &["20s:crash=3"]);
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].1.starts_with("service 3 is down"), "{broken:?}");
}
