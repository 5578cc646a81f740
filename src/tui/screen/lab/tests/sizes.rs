//! Every size of a terminal shows what matters, and none is too small to survive.

use super::*;
use crate::testing::Holds;

#[test]
fn the_whole_screen_is_as_agreed() {
    let mut lab = Bench::running(120, 35);
    let sizes = [(60, 16), (80, 24), (120, 35), (200, 60)];
    golden!("lab", lab.stage, &mut lab.screen, sizes);
}

#[test]
fn a_narrow_screen_goes_through_its_panes() {
    let mut lab = Bench::running(60, 16);
    let first = lab.text();
    let mut seen = String::new();
    for _ in 0..lab.screen.panels.len() + 2 {
        lab.keys("v");
        seen.push_str(&lab.text());
    }
    seen.holds(["latency, ms", "samples", "leaf latency p99"]);
    seen.holds(["leaf 20 did something"]);
    lab.keys("v");
    assert_eq!(lab.text(), first, "and comes round");
}

#[test]
fn any_size_is_survived_in_every_state() {
    let sizes = [(1, 1), (2, 2), (7, 3), (30, 9), (59, 15)];
    for keys in ["", "a", "t", "v", "vv"] {
        for (width, height) in sizes.into_iter().chain([(61, 17), (300, 20), (20, 100)]) {
            let mut lab = Bench::running(width, height);
            lab.keys(keys);
            lab.text();
            if keys.is_empty() {
                lab.press(KeyCode::Enter);
                lab.text();
            }
        }
    }
}

#[test]
fn ascii_needs_no_other_sign() {
    let text = Bench::running(120, 35).ascii().text();
    let odd: String = text.chars().filter(|c| !c.is_ascii()).collect();
    assert_eq!(odd, "", "{text}");
}

#[test]
fn a_small_system_leaves_its_room_to_the_numbers_and_the_charts() {
    let mut lab = Bench::running(200, 60);
    lab.frame(fixture::frame(3, 1));
    let sizes = [(80, 24), (120, 35), (200, 60)];
    golden!("lab-few", lab.stage, &mut lab.screen, sizes);
}

#[test]
fn nothing_out_of_the_ordinary_is_said_whole_at_each_size() {
    let mut lab = Bench::new(80, 24);
    let mut frame = fixture::frame(3, 1);
    frame.metrics.clear();
    frame.interventions.clear();
    lab.frame(frame);
    lab.keys("y");
    let sizes = [(80, 24), (120, 35), (200, 60)];
    golden!("lab-calm", lab.stage, &mut lab.screen, sizes);
}
