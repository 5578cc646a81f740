//! Two runs side by side.

use super::*;
use ddlab_labs::workbench::frame::{MetricValue, Side};

/// The frame of side A, with side B beside it: the same run with a hedge, five times as fast.
fn compared() -> Frame {
    let mut other = fixture::frame(20, 2);
    other.side = Side::B;
    other.knobs[9] = KnobValue::Word("hedge".to_owned());
    for metric in &mut other.metrics {
        for line in &mut metric.series {
            for point in &mut line.points {
                point.1 /= 5.0;
            }
        }
        if let MetricValue::Histogram(view) = &mut metric.recent {
            (view.p50, view.p99) = (view.p50 / 5.0, view.p99 / 5.0);
        }
    }
    let mut frame = fixture::frame(20, 2);
    frame.other = Some(Arc::new(other));
    frame
}

fn comparing(width: u16, height: u16) -> Bench {
    let mut lab = Bench::new(width, height);
    lab.frame(compared());
    lab
}

#[test]
fn the_knob_in_focus_is_offered_to_compare_with_and_any_other_may_be_chosen() {
    let mut lab = Bench::running(120, 35);
    lab.screen.focus = 9;
    assert!(lab.keys("c").is_empty());
    // One step from where it stands.
    lab.shows(["Compare with the same run, but", "‹deadline›"]);
    let effects = lab.press(KeyCode::Enter);
    assert!(
        matches!(&effects[..], [Effect::Steer(_, Command::Compare(apart))]
            if *apart == [("policy".to_owned(), KnobValue::Word("deadline".to_owned()))]),
        "{effects:?}"
    );
    lab.keys("c");
    lab.press(KeyCode::Left);
    // Without a difference there is nothing to compare.
    assert!(lab.press(KeyCode::Enter).is_empty());
    lab.keys("cke");
    lab.keys("77x");
    lab.press(KeyCode::Enter);
    // What is not a value is said in place.
    lab.shows(["✗"]);
    lab.press(KeyCode::Backspace);
    lab.press(KeyCode::Enter);
    let effects = lab.press(KeyCode::Enter);
    assert!(
        matches!(&effects[..], [Effect::Steer(_, Command::Compare(apart))] if apart.len() == 2),
        "{effects:?}"
    );
}

#[test]
fn two_runs_stand_side_by_side_with_what_sets_them_apart() {
    let mut lab = comparing(120, 35);
    let sizes = [(60, 16), (80, 24), (120, 35), (200, 60)];
    golden!("lab-compare", lab.stage, &mut lab.screen, sizes);
    lab.stage.size = (120, 34);
    lab.keys("v");
    lab.shows(["A: latency, ms", "B: latency, ms"]);
    for _ in 0..lab.screen.panels.len() - 1 {
        lab.keys("v");
    }
    // The ratio of the readings.
    lab.shows(["0.200×"]);
}

#[test]
fn low_and_narrow_screens_and_ascii_compare_too() {
    for (width, height) in [(60, 16), (1, 1), (30, 9), (72, 18), (300, 20)] {
        for mut lab in [comparing(width, height), comparing(width, height).ascii()] {
            for _ in 0..lab.screen.panels.len() + 2 {
                let text = lab.text();
                assert!(!lab.stage.theme.is_ascii() || text.is_ascii(), "{text}");
                lab.keys("v");
            }
            lab.keys("cc");
        }
    }
}

#[test]
fn the_other_side_can_be_looked_at_and_kept() {
    let mut lab = comparing(120, 35);
    assert_eq!(asked(&lab.keys("b")), ["Swap"]);
    let a = compared();
    let b = Frame::clone(a.other.as_ref().expect("it has another side"));
    let other = Some(Arc::new(Frame { other: None, ..a }));
    lab.frame(Frame { other, ..b });
    // The letters stay; the knobs are those of the side that is looked at.
    lab.shows(["A  policy wait_all", "policy ‹hedge›"]);
    assert_eq!(asked(&lab.keys("c")), ["EndCompare"]);
}
