//! What becomes of requests: the slowest of them, their messages, and what must hold of them.

use super::*;

#[test]
fn the_slowest_request_shows_why_it_was_slow_and_stands_still() {
    let mut desk = Desk::running(120, 35);
    desk.keys("t");
    let before = desk.text();
    for wanted in [
        "request 812",
        "312 ms",
        "answered by 20 of 20",
        "queue 207 ms",
        "✓ won",
        "× cancelled",
        "an ordinary one",
        "as of 00:42.310",
    ] {
        assert!(before.contains(wanted), "{wanted}\n{before}");
    }
    let mut later = fixture::frame(20, 2);
    later.slowest.clear();
    desk.frame(later);
    assert_eq!(desk.text(), before, "the run goes on and the page stays");
    desk.keys("j");
    assert!(
        desk.text().contains("request 811   292 ms"),
        "{}",
        desk.text()
    );
    desk.press(KeyCode::Esc);
    assert!(desk.text().contains("root"));
}

#[test]
fn no_request_yet_is_said() {
    let mut desk = Desk::new(80, 24);
    let mut frame = fixture::frame(3, 1);
    frame.slowest.clear();
    frame.sampled.clear();
    desk.frame(frame);
    desk.keys("t");
    assert!(desk.text().contains("No request has been answered yet"));
}

#[test]
fn messages_are_seen_when_time_is_slow_enough() {
    let mut desk = Desk::running(120, 35);
    assert!(!desk.text().contains("request  ‹ reply"));
    desk.keys("{{{");
    let text = desk.text();
    assert!(text.contains("› request"), "{text}");
}

#[test]
fn a_broken_invariant_is_shown_with_its_moment_and_its_culprit() {
    let mut desk = Desk::running(120, 35);
    let mut frame = fixture::frame(20, 2);
    frame.invariants[1].held = false;
    frame.invariants[1].first_broken_at = Some(SimTime(12_310_000_000));
    frame.invariants[1].detail = "request 99 sent a third copy".to_owned();
    desk.frame(frame);
    assert!(desk.text().contains(
        "✗ broken at 00:12.310: hedges stay within the budget (request 99 sent a third copy)"
    ));
}
