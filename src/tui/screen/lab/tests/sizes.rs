//! Every size of a terminal shows what matters, and none is too small to survive.

use super::*;
use crate::tui::screen::stage::planes;

#[test]
fn every_usual_size_shows_the_system_its_knobs_and_the_line_of_time() {
    for (width, height) in [(60, 16), (80, 24), (120, 35), (200, 60)] {
        let text = Desk::running(width, height).text();
        for wanted in [
            "Scatter/gather",
            "00:42.310",
            "▶ 10x",
            "root 3 in progress",
            "arrival_rps ‹50 rps›",
            "▲ slow 3",
            "●",
        ] {
            assert!(
                text.contains(wanted),
                "{wanted} at {width}x{height}\n{text}"
            );
        }
    }
}

#[test]
fn a_large_screen_says_all_at_once() {
    let text = Desk::running(200, 60).text();
    for wanted in [
        "latency, ms",
        "p99       312",
        "2,100 samples",
        "extra load, %",
        "leaf utilization, %",
        "✓ hedges stay within the budget",
        "leaf 20 did something",
        "policy ‹wait_all›",
        "leaf  3 █▄ ! a 20x q12",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
}

#[test]
fn a_narrow_screen_goes_through_its_panes() {
    let mut desk = Desk::running(60, 16);
    assert!(desk.text().contains("root"));
    let mut seen = String::new();
    for _ in 0..desk.screen.panels.len() + 2 {
        desk.keys("v");
        seen.push_str(&desk.text());
    }
    for wanted in [
        "latency, ms",
        "samples",
        "leaf latency p99",
        "leaf 20 did something",
    ] {
        assert!(seen.contains(wanted), "{wanted}");
    }
    desk.keys("v");
    assert!(desk.text().contains("root"), "and comes round");
}

#[test]
fn any_size_is_survived_in_every_state() {
    for keys in ["", "a", "t", "v", "vv"] {
        for (width, height) in [
            (1, 1),
            (2, 2),
            (7, 3),
            (30, 9),
            (59, 15),
            (61, 17),
            (300, 20),
            (20, 100),
        ] {
            let mut desk = Desk::running(width, height.max(1));
            desk.keys(keys);
            desk.text();
            if keys.is_empty() {
                desk.press(KeyCode::Enter);
                desk.text();
            }
        }
    }
}

#[test]
fn ascii_needs_no_other_sign() {
    let mut desk = Desk::running(120, 35);
    desk.theme = Theme::new(Ground::Dark, Depth::None, true);
    let text = desk.text();
    assert!(
        text.is_ascii(),
        "{:?}",
        text.chars().filter(|c| !c.is_ascii()).collect::<String>()
    );
}

#[test]
fn the_whole_screen_is_as_agreed() {
    for (width, height) in [(80, 24), (120, 35), (200, 60)] {
        let desk = Desk::running(width, height);
        let drawn = planes(&desk.buffer(), &desk.theme);
        insta::assert_snapshot!(format!("lab-{width}x{height}"), drawn);
    }
}
