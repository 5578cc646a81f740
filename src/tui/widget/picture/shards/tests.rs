use super::*;
use crate::tui::theme::{Depth, Ground};
use crate::tui::widget::{fixture, rows_of};
use ddlab_labs::workbench::frame::{NodeState, NodeView};
use ddlab_labs::workbench::role::Role as NodeRole;
use ddlab_labs::workbench::scene::{HotKeyView, OwnershipMap, Sample, Scene, Space};
use std::sync::Arc;

fn node(name: String, role: &'static NodeRole, group: u32) -> NodeView {
    NodeView {
        load: 0.3,
        group,
        ..NodeView::new(name, role)
    }
}

/// So many shards, of which number 2 holds the hot key 77 and gets `hottest` times the mean; the last
/// one is new. Each owns a stretch of the space.
fn frame(count: u32, hottest: f64, space: Space) -> Frame {
    let mean = 1.0 / f64::from(count);
    let rest = (1.0 - hottest * mean) / f64::from(count - 1);
    let mut nodes = vec![node("proxy".to_owned(), &fixture::PROXY, 0)];
    let shards = (1..=count).map(|number| {
        nodes.push(node(format!("shard {number}"), &fixture::SHARD, number));
        ShardView {
            number,
            node: number,
            load: if number == 2 { hottest * mean } else { rest },
            owned: mean,
            filled: 0.6,
            hits: Some(0.93),
            joined: number == count,
        }
    });
    let shards = shards.collect();
    nodes.push(node("origin".to_owned(), &fixture::ORIGIN, count + 1));
    let samples = (0..720).map(|n| {
        let owner = n * count / 720 + 1;
        Sample {
            owner,
            moved: owner == count,
        }
    });
    let map = OwnershipMap {
        space,
        samples: samples.collect(),
        moved: Some(0.091),
    };
    Frame {
        nodes,
        scene: Scene::Shards(ShardsView {
            shards,
            map: Arc::new(map),
            hot: vec![HotKeyView {
                number: 77,
                share: 0.4,
                at: Some(0.25),
                shards: vec![2],
            }],
        }),
        ..Frame::default()
    }
}

const RING: Space = Space::Ring { points: 100 };

fn draw(frame: &Frame, width: u16, height: u16, ascii: bool) -> Vec<String> {
    let Scene::Shards(view) = &frame.scene else {
        panic!("the frame is one of shards");
    };
    let theme = Theme::new(Ground::Dark, Depth::None, ascii);
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    Shards {
        frame,
        view,
        selected: None,
        messages: true,
        theme: &theme,
    }
    .render(area, &mut buf);
    rows_of(&buf)
}

#[test]
fn the_fullest_shard_and_the_hot_key_on_it_are_named() {
    let rows = draw(&frame(5, 2.5, RING), 46, 20, false);
    let text = rows.join("\n");
    for wanted in [
        "proxy 0 in progress",
        "◆ key 77 gets 40 %",
        "▾ mean 20 %",
        "└── origin",
        "ring, 100 points a shard",
        "9.1 % moved",
        "new",
    ] {
        assert!(text.contains(wanted), "{wanted} in\n{text}");
    }
    let second = rows.iter().find(|row| row.contains("shard 2")).unwrap();
    assert!(second.contains("50 % ◆77 2.5x"), "{second}");
}

#[test]
fn bars_are_as_long_as_the_load_and_the_mean_line_is_where_the_mean_is() {
    let rows = draw(&frame(4, 2.0, RING), 80, 16, false);
    let bar = |name: &str| {
        let row = rows.iter().find(|row| row.contains(name)).unwrap();
        row.chars().filter(|c| *c == '█').count()
    };
    let column = |row: &str, sign: char| row.chars().position(|c| c == sign);
    // 50 % against 16.7 %: three times as long.
    let (hot, cold) = (bar("shard 2"), bar("shard 1"));
    assert!(hot >= 3 * cold - 2 && hot <= 3 * cold + 3, "{hot} {cold}");
    let mean = rows.iter().find(|row| row.contains("mean 25 %")).unwrap();
    let first = rows.iter().find(|row| row.contains("shard 1")).unwrap();
    assert_eq!(column(mean, '▾'), column(first, '│'));
    assert!(first.contains("hits  93 % mem  60 %"), "{first}");
}

#[test]
fn a_shard_that_is_down_says_so() {
    let mut frame = frame(5, 1.0, RING);
    frame.nodes[3].state = NodeState::Down;
    let text = draw(&frame, 46, 20, false).join("\n");
    assert!(text.contains("✗ down"), "{text}");
}

#[test]
fn a_ring_is_drawn_where_there_is_room_and_starts_at_the_top() {
    let rows = draw(&frame(4, 1.0, RING), 46, 24, false);
    let title = rows.iter().position(|row| row.contains("ring,")).unwrap();
    let ring: Vec<&String> = rows[title + 1..].iter().collect();
    // The first quarter lies on the upper right, the second on the lower right.
    let middle = ring.len() / 2;
    let right = |row: &str| {
        row.chars()
            .take(36)
            .collect::<String>()
            .trim_end()
            .chars()
            .last()
    };
    assert_eq!(right(ring[middle - 3]), Some('1'), "{rows:#?}");
    assert_eq!(right(ring[middle + 3]), Some('2'), "{rows:#?}");
    assert_eq!(
        ring[middle + 3].chars().find(char::is_ascii_digit),
        Some('3')
    );
    assert!(rows.join("").contains("◆ key 77, 40 %"));
}

#[test]
fn other_spaces_are_strips_with_what_they_run_through() {
    let text = |space| draw(&frame(5, 1.0, space), 46, 20, false).join("\n");
    let slots = text(Space::Slots { slots: 16_384 });
    assert!(
        slots.contains("table of 16,384 slots") && slots.contains("◆key 77"),
        "{slots}"
    );
    let places = text(Space::Places { keys: 10_000 });
    assert!(places.contains("10,000 keys in order"), "{places}");
    assert!(places.contains("1        2,001    4,001"), "{places}");
    let keys = text(Space::Keys { keys: 10_000 });
    assert!(
        keys.contains("1111111112222222222") || keys.contains("1111111112222222"),
        "{keys}"
    );
    assert!(keys.contains("20 %"), "{keys}");
}

#[test]
fn more_shards_than_rows_stand_upright_and_the_fullest_are_named() {
    let text = draw(&frame(256, 9.0, RING), 46, 20, false).join("\n");
    assert!(
        text.contains("shard 2 3.5 % of the load ◆77 9.0x"),
        "{text}"
    );
    assert!(text.contains("origin"), "{text}");
    let text = draw(&frame(20, 2.0, RING), 62, 16, false).join("\n");
    assert!(
        text.contains(" 1  2  3  4  5"),
        "numbers below the bars\n{text}"
    );
}

#[test]
fn a_click_finds_the_shard_in_every_form() {
    for count in [3, 5, 20, 256] {
        let frame = frame(count, 2.0, RING);
        let Scene::Shards(view) = &frame.scene else {
            panic!("the frame is one of shards");
        };
        let area = Rect::new(3, 2, 46, 20);
        let mut found: Vec<u32> = area
            .positions()
            .filter_map(|at| hit(view, area, at))
            .collect();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, (1..=count).collect::<Vec<u32>>());
    }
}

#[test]
fn ascii_is_ascii_and_every_size_is_survived() {
    for (count, space) in [
        (2, RING),
        (5, Space::Keys { keys: 100 }),
        (40, Space::Slots { slots: 65_537 }),
        (256, Space::Places { keys: 10_000 }),
    ] {
        let frame = frame(count, 1.5, space);
        for (width, height) in [(30, 11), (46, 18), (80, 36)] {
            let text = draw(&frame, width, height, true).join("\n");
            assert!(text.is_ascii(), "{text}");
        }
        for width in [0, 1, 2, 5, 20, 46, 130] {
            for height in [0, 1, 2, 3, 7, 11, 40] {
                draw(&frame, width, height, false);
            }
        }
    }
}
