//! Burn rates, windows and budgets, against figures worked out by hand.

use crate::gameday::alert::{PERIOD, RULES, SCALE, Severity};

#[test]
fn the_windows_are_those_of_the_workbook_at_the_scale_of_an_evening() {
    let windows: Vec<[usize; 2]> = RULES
        .iter()
        .map(crate::gameday::alert::Rule::seconds)
        .collect();
    assert_eq!(windows, [[25, 3], [150, 13], [1_800, 150]]);
    assert_eq!(SCALE * 1_800, 3 * 24 * 3_600, "an evening is three days");
    assert_eq!(PERIOD, 5 * 3_600, "thirty days");
}

#[test]
fn each_rule_fires_when_the_share_of_the_budget_is_spent_that_the_workbook_says() {
    let spent: Vec<f64> = RULES
        .iter()
        .map(|rule| rule.burn * rule.seconds()[0] as f64 / PERIOD as f64)
        .collect();
    for (spent, said) in spent.iter().zip([0.02, 0.05, 0.1]) {
        assert!((spent - said).abs() < 1e-9, "{spent}");
    }
    assert_eq!(
        RULES.map(|rule| rule.severity),
        [Severity::Page, Severity::Page, Severity::Ticket]
    );
}
