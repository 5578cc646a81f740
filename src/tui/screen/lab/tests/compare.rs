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

#[test]
fn the_knob_in_focus_is_offered_to_compare_with_and_any_other_may_be_chosen() {
    let mut desk = Desk::running(120, 35);
    desk.screen.focus = 9;
    assert!(desk.keys("c").is_empty());
    let text = desk.text();
    assert!(text.contains("Compare with the same run, but"), "{text}");
    assert!(
        text.contains("‹deadline›"),
        "one step from where it stands\n{text}"
    );
    let effects = desk.press(KeyCode::Enter);
    assert!(
        matches!(&effects[..], [Effect::Steer(_, Command::Compare(apart))]
            if *apart == [("policy".to_owned(), KnobValue::Word("deadline".to_owned()))]),
        "{effects:?}"
    );
    desk.keys("c");
    desk.press(KeyCode::Left);
    assert!(
        desk.press(KeyCode::Enter).is_empty(),
        "without a difference there is nothing to compare"
    );
    desk.keys("ckt");
    desk.keys("77x");
    desk.press(KeyCode::Enter);
    assert!(
        desk.text().contains("✗"),
        "what is no value is said in place\n{}",
        desk.text()
    );
    desk.press(KeyCode::Backspace);
    desk.press(KeyCode::Enter);
    let effects = desk.press(KeyCode::Enter);
    assert!(
        matches!(&effects[..], [Effect::Steer(_, Command::Compare(apart))] if apart.len() == 2),
        "{effects:?}"
    );
}

#[test]
fn two_runs_stand_side_by_side_with_what_sets_them_apart() {
    for (width, height) in [(80, 24), (120, 35), (200, 60)] {
        let mut desk = Desk::new(width, height);
        desk.frame(compared());
        let text = desk.text();
        for wanted in [
            "A  policy wait_all",
            "B  policy hedge",
            "A p99",
            "B p99",
            "62.4",
        ] {
            assert!(
                text.contains(wanted),
                "{wanted} at {width}x{height}\n{text}"
            );
        }
        if height >= 24 {
            assert!(text.contains("A ✓ all 2 invariants hold"), "{text}");
        }
    }
    let mut desk = Desk::new(120, 35);
    desk.frame(compared());
    desk.keys("v");
    let text = desk.text();
    assert!(
        text.contains("A: latency, ms") && text.contains("B: latency, ms"),
        "{text}"
    );
    for _ in 0..desk.screen.panels.len() - 1 {
        desk.keys("v");
    }
    assert!(
        desk.text().contains("0.200×"),
        "the ratio of the readings\n{}",
        desk.text()
    );
}

#[test]
fn low_and_narrow_screens_and_ascii_compare_too() {
    for (width, height) in [(60, 16), (1, 1), (30, 9), (72, 18), (300, 20)] {
        for ascii in [false, true] {
            let mut desk = Desk::new(width, height);
            desk.theme = Theme::new(Ground::Light, Depth::None, ascii);
            desk.frame(compared());
            for _ in 0..desk.screen.panels.len() + 2 {
                let text = desk.text();
                assert!(!ascii || text.is_ascii(), "{text}");
                desk.keys("v");
            }
            desk.keys("cc");
        }
    }
    let mut desk = Desk::new(60, 16);
    desk.frame(compared());
    assert!(desk.text().contains("B  policy hedge"));
}

#[test]
fn the_other_side_can_be_looked_at_and_kept() {
    let mut desk = Desk::new(120, 35);
    desk.frame(compared());
    assert!(matches!(
        desk.keys("b")[..],
        [Effect::Steer(_, Command::Swap)]
    ));
    let a = compared();
    let b = Frame::clone(a.other.as_ref().expect("it has another side"));
    let swapped = Frame {
        other: Some(Arc::new(Frame { other: None, ..a })),
        ..b
    };
    desk.frame(swapped);
    let text = desk.text();
    assert!(
        text.contains("A  policy wait_all"),
        "the letters stay\n{text}"
    );
    assert!(
        text.contains("policy ‹hedge›"),
        "the knobs are those of the side looked at\n{text}"
    );
    assert!(matches!(
        desk.keys("c")[..],
        [Effect::Steer(_, Command::EndCompare)]
    ));
}
