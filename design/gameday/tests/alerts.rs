//! Burn rates, windows and budgets, against figures worked out by hand.

use crate::gameday::alert::{PERIOD, RULES, SCALE, Severity, Tally};

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

/// One request a second, of which these seconds fail.
fn tally(seconds: usize, fails: impl Fn(usize) -> bool) -> Tally<'static> {
    let bad: Vec<f64> = (0..seconds)
        .map(|second| f64::from(u8::from(fails(second))))
        .collect();
    let good = bad.iter().map(|bad| 1.0 - bad).collect::<Vec<f64>>();
    Tally {
        good: good.into(),
        bad: bad.into(),
    }
}

#[test]
fn what_is_burnt_never_comes_back() {
    // From second 100 to second 200 all fails, and hardly anybody comes; then twice as many as ever.
    let whole = tally(600, |second| (100..200).contains(&second));
    let mut good = whole.good.to_vec();
    good[200..].fill(2.0);
    let burnt = |seconds: usize| {
        Tally {
            good: good[..seconds].into(),
            bad: whole.bad[..seconds].into(),
        }
        .burnt()
    };
    // 100 bad requests, of 1 % of the 18,000 of a period.
    assert!((burnt(200) - 100.0 / 180.0).abs() < 1e-9);
    assert!((burnt(600) - burnt(200)).abs() < 1e-9);
    assert!(burnt(5) == 0.0 && burnt(0) == 0.0);
}

#[test]
fn a_minute_that_is_well_as_a_whole_may_begin_badly() {
    let burns_on = |fails: fn(usize) -> bool| tally(100, fails).burns_on(60, 3.0);
    assert_eq!(burns_on(|_| false), 0);
    // One more second fails at the beginning of the minute, and one in its midst is no more than chance.
    assert_eq!(burns_on(|second| second == 40), 1);
    assert_eq!(burns_on(|second| second <= 41 || second == 70), 2);
    assert_eq!(burns_on(|second| second == 70), 0);
}
