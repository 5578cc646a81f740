use super::*;
use crate::tui::theme::{Depth, Ground};
use crate::tui::widget::{fixture, rows_of};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::{LaneEvent, LaneKind, LaneMark, LaneSpan, NodeState};
use ddlab_labs::workbench::role::Role as NodeRole;
use ddlab_labs::workbench::scene::Scene;

fn node(name: &str, role: &'static NodeRole, badge: &str, group: u32) -> NodeView {
    NodeView {
        badge: badge.to_owned(),
        group,
        ..NodeView::new(name, role)
    }
}

fn span(from: u64, to: Option<u64>, kind: LaneKind, label: &str) -> LaneSpan {
    LaneSpan {
        from: SimTime::from_secs(from),
        to: to.map(SimTime::from_secs),
        kind,
        label: label.to_owned(),
    }
}

fn event(at: u64, kind: LaneMark, label: &str) -> LaneEvent {
    LaneEvent {
        at: SimTime::from_secs(at),
        kind,
        label: label.to_owned(),
    }
}

fn lane(name: &str, node: u32, spans: Vec<LaneSpan>, events: Vec<LaneEvent>) -> Lane {
    Lane {
        name: name.to_owned(),
        node: Some(node),
        spans,
        events,
    }
}

/// The pause story at 50 s: candidate 1 stands still from 20 to 46 s, candidate 2 owns from 35 s on.
fn story() -> Frame {
    use LaneKind::{Doubtful, Owns, Paused};
    let first = vec![
        span(0, Some(20), Owns, "33"),
        span(20, Some(46), Paused, "33"),
    ];
    let second = vec![
        span(35, Some(46), Doubtful, "34"),
        span(46, None, Owns, "34"),
    ];
    let store = vec![
        span(0, Some(35), Owns, "candidate 1, 33"),
        span(35, None, Owns, "candidate 2, 34"),
    ];
    let writes = vec![
        event(2, LaneMark::Landed, "33 lands"),
        event(10, LaneMark::Landed, ""),
        event(36, LaneMark::Landed, "34 lands"),
        event(46, LaneMark::Bounced, "33 bounces"),
    ];
    let mut paused = node("candidate 1", &fixture::CANDIDATE, "owner, 33", 1);
    paused.state = NodeState::Paused;
    Frame {
        now: SimTime::from_secs(50),
        nodes: vec![
            node("lease store", &fixture::STORE, "says candidate 2", 0),
            node("storage", &fixture::ORIGIN, "fence 34", 0),
            paused,
            node("candidate 2", &fixture::CANDIDATE, "owner, 34", 2),
        ],
        lanes: vec![
            lane("store says", 0, store, Vec::new()),
            lane("candidate 1 believes", 2, first, Vec::new()),
            lane("candidate 2 believes", 3, second, Vec::new()),
            lane("storage", 1, Vec::new(), writes),
        ],
        scene: Scene::Timeline,
        ..Frame::default()
    }
}

fn draw(frame: &Frame, width: u16, height: u16, ascii: bool) -> Vec<String> {
    let theme = Theme::new(Ground::Dark, Depth::None, ascii);
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    Beliefs {
        frame,
        window: Window {
            start: 0.0,
            end: 60.0,
        },
        selected: None,
        theme: &theme,
    }
    .render(area, &mut buf);
    rows_of(&buf)
}

/// Columns of a row that show this sign, first and last.
fn extent(row: &str, sign: char) -> (usize, usize) {
    let found: Vec<usize> = row
        .chars()
        .enumerate()
        .filter(|(_, c)| *c == sign)
        .map(|(at, _)| at)
        .collect();
    match (found.first(), found.last()) {
        (Some(first), Some(last)) => (*first, *last),
        _ => panic!("no {sign} in {row}"),
    }
}

#[test]
fn belief_stands_beside_truth_with_the_moment_of_each_change() {
    let rows = draw(&story(), 61, 12, false);
    let text = rows.join("\n");
    for wanted in [
        "lease store  says candidate 2",
        "candidate 1  ‖ paused  owner, 33",
        "candidate 2  owner, 34",
        "storage  fence 34",
        "█ candidate 1, 33 █",
        "✓ 34",
        "✗ 33 bounces",
        "0:30",
        "░ paused",
    ] {
        assert!(text.contains(wanted), "{wanted} in\n{text}");
    }
    // A column is a second here.
    assert_eq!(extent(&rows[3], '░'), (20, 45), "{text}");
    assert_eq!(extent(&rows[5], '▓').0, 35, "{text}");
    assert_eq!(extent(&rows[7], '✗').0, 46, "{text}");
    assert_eq!(extent(&rows[5], '█').1, 49, "up to the present\n{text}");
}

#[test]
fn what_is_to_come_is_empty() {
    let rows = draw(&story(), 61, 12, false);
    for row in [1, 3, 5, 7] {
        let later: String = rows[row].chars().skip(58).collect();
        assert!(later.trim().is_empty(), "{}", rows[row]);
    }
}

#[test]
fn few_rows_put_the_names_beside_the_lines() {
    let rows = draw(&story(), 44, 5, false);
    assert!(rows[0].starts_with("lease store █"), "{rows:?}");
    assert!(rows[1].starts_with("candidate 1 █") && rows[1].contains('░'));
    assert!(rows[4].contains("0:30"), "the axis comes next: {rows:?}");
}

#[test]
fn a_split_brain_too_short_for_its_column_is_still_seen() {
    let mut frame = story();
    frame.lanes[2].spans = vec![
        span(10, Some(40), LaneKind::Owns, ""),
        LaneSpan {
            from: SimTime(40_000_000_000),
            to: Some(SimTime(40_010_000_000)),
            kind: LaneKind::Doubtful,
            label: String::new(),
        },
        LaneSpan {
            from: SimTime(40_010_000_000),
            to: None,
            kind: LaneKind::Owns,
            label: String::new(),
        },
    ];
    assert!(draw(&frame, 61, 12, false)[5].contains('▓'));
}

#[test]
fn states_differ_in_their_signs_and_ascii_is_ascii() {
    let text = draw(&story(), 61, 12, true).join("\n");
    assert!(text.is_ascii(), "{text}");
    for wanted in ["= owns", "? two at once", "- paused", "x down"] {
        assert!(text.contains(wanted), "{wanted} in\n{text}");
    }
    let signs = lane::legend(&Theme::new(Ground::Dark, Depth::None, true), &[]);
    let bars: std::collections::BTreeSet<&str> = signs[..4].iter().map(|entry| entry.0).collect();
    assert_eq!(bars.len(), 4);
}

#[test]
fn a_click_finds_the_candidate_of_the_lane() {
    let (frame, area) = (story(), Rect::new(0, 0, 61, 12));
    let at = |row| hit(&frame, area, Position::new(5, row));
    assert_eq!((at(2), at(3), at(5)), (Some(1), Some(1), Some(2)));
    assert_eq!((at(0), at(7), at(11)), (None, None, None));
}

#[test]
fn every_size_is_survived() {
    for width in [0, 1, 2, 7, 20, 61, 200] {
        for height in [0, 1, 2, 4, 9, 12, 40] {
            draw(&story(), width, height, false);
        }
    }
    draw(&Frame::default(), 40, 10, false);
}
