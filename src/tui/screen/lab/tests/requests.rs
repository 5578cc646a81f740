//! What becomes of requests: the slowest of them, their messages, and what must hold of them.

use super::*;

#[test]
fn the_slowest_request_shows_why_it_was_slow_and_stands_still() {
    let mut lab = Bench::running(120, 35);
    lab.keys("t");
    golden!("lab-slowest", lab.stage, &mut lab.screen);
    let before = lab.text();
    let mut later = fixture::frame(20, 2);
    later.slowest.clear();
    lab.frame(later);
    assert_eq!(lab.text(), before, "the run goes on and the page stays");
    lab.keys("j");
    lab.shows(["request 811   292 ms"]);
    lab.press(KeyCode::Esc);
    lab.shows(["root"]);
}

#[test]
fn no_request_yet_is_said() {
    let mut lab = Bench::new(80, 24);
    let mut frame = fixture::frame(3, 1);
    frame.slowest.clear();
    frame.sampled.clear();
    lab.frame(frame);
    lab.keys("t");
    lab.shows(["No request has been answered yet"]);
}

#[test]
fn messages_are_seen_when_time_is_slow_enough() {
    let mut lab = Bench::running(120, 35);
    lab.hides(["› request"]);
    lab.keys("{{{");
    lab.shows(["› request"]);
}

#[test]
fn a_broken_invariant_is_shown_with_its_moment_and_its_culprit() {
    let mut lab = Bench::running(120, 35);
    let mut frame = fixture::frame(20, 2);
    let broken = &mut frame.invariants[1];
    broken.held = false;
    broken.first_broken_at = Some(SimTime(12_310_000_000));
    broken.detail = "request 99 sent a third copy".to_owned();
    lab.frame(frame);
    lab.shows([
        "✗ broken at 00:12.310: hedges stay within the budget (request 99 sent a third copy)",
    ]);
}
