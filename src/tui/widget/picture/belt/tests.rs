use super::*;
use crate::tui::theme::{Depth, Ground};
use crate::tui::widget::{fixture, rows_of};
use ddlab_labs::workbench::frame::NodeView;
use ddlab_labs::workbench::role::Role as NodeRole;
use ddlab_labs::workbench::scene::{Scene, TaskView, WorkerView};

fn node(name: &str, role: &'static NodeRole, group: u32) -> NodeView {
    NodeView {
        group,
        ..NodeView::new(name, role)
    }
}

fn task(item: u64, received: u32, progress: f64, lease_over: bool) -> TaskView {
    TaskView {
        item,
        received,
        progress,
        lease_over,
    }
}

/// `waiting` items of which the first one came back, and so many workers: the first works, the second
/// is late with a second delivery, the third is idle, the fourth down, all others starting.
fn frame(waiting: usize, workers: u32) -> Frame {
    let mut nodes = vec![
        node("source", &fixture::FEED, 0),
        node("queue", &fixture::QUEUE, 1),
        node("store", &fixture::STORE, 2),
        node("dead letters", &fixture::QUEUE, 3),
    ];
    let view = |number: u32| {
        let (standing, task) = match number {
            1 => (WorkerStanding::Up, Some(task(812, 1, 0.5, false))),
            2 => (WorkerStanding::Up, Some(task(7, 2, 1.0, true))),
            3 => (WorkerStanding::Up, None),
            4 => (WorkerStanding::Down, None),
            _ => (WorkerStanding::Starting, None),
        };
        WorkerView {
            node: 3 + number,
            number,
            standing,
            task,
            in_hand: 0,
        }
    };
    let views: Vec<WorkerView> = (1..=workers).map(view).collect();
    nodes.extend((1..=workers).map(|n| node(&format!("worker {n}"), &fixture::WORKER, 3 + n)));
    let mut front = vec![0; waiting.min(200)];
    if let Some(first) = front.first_mut() {
        *first = 3;
    }
    Frame {
        nodes,
        scene: Scene::Belt(BeltView {
            arriving_rps: 20.0,
            work_for: Some(4.79),
            waiting,
            front,
            held_back: 12,
            in_flight: 2,
            oldest_s: 42.0,
            workers: views,
            dead: 3,
            queue: 1,
            max_receives: Some(5),
            done: 1_202,
            effects: 1_203,
            repeated: 1,
            lost: 0,
            scaler: None,
        }),
        ..Frame::default()
    }
}

fn view(frame: &Frame) -> &BeltView {
    match &frame.scene {
        Scene::Belt(view) => view,
        other => panic!("the scene is {other:?}"),
    }
}

fn view_mut(frame: &mut Frame) -> &mut BeltView {
    match &mut frame.scene {
        Scene::Belt(view) => view,
        other => panic!("the scene is {other:?}"),
    }
}

fn draw(frame: &Frame, width: u16, height: u16, ascii: bool) -> Vec<String> {
    let theme = Theme::new(Ground::Dark, Depth::None, ascii);
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    Belt {
        frame,
        view: view(frame),
        selected: None,
        messages: true,
        theme: &theme,
    }
    .render(area, &mut buf);
    rows_of(&buf)
}

#[test]
fn a_newcomer_reads_that_the_load_is_more_than_the_workers_can_do() {
    let text = draw(&frame(8, 4), 46, 18, false).join("\n");
    for wanted in [
        "source 20.0 /s  is work for 4.8 of 4 workers",
        "! Work for 4.8, 4 workers: it grows.",
        "Set workers to 5, or turn autoscale on.",
    ] {
        assert!(text.contains(wanted), "{wanted} in\n{text}");
    }
    let text = draw(&frame(8, 5), 46, 18, false).join("\n");
    assert!(!text.contains("grows"), "{text}");
}

#[test]
fn the_next_item_is_the_rightmost_and_one_that_came_back_shows_how_often() {
    let rows = draw(&frame(8, 4), 46, 18, false);
    assert!(rows[1].trim_end().ends_with("•••••••3 ▸"), "{}", rows[1]);
    assert!(rows[1].starts_with("queue ───"), "{}", rows[1]);
    assert!(rows[2].contains("8 wait  oldest 42.0 s  12 held back"));
}

#[test]
fn thousands_are_counted_and_what_is_counted_and_seen_are_all() {
    let rows = draw(&frame(12_345, 4), 46, 18, false);
    let hidden = rows[1].split_once('+').unwrap().1;
    let (hidden, items) = hidden.split_once('•').unwrap();
    let hidden: usize = hidden.trim().replace(',', "").parse().unwrap();
    let seen = 1 + items.chars().filter(|c| *c == '•' || *c == '3').count();
    assert_eq!(hidden + seen, 12_345, "{}", rows[1]);
}

#[test]
fn each_worker_says_what_it_is_about() {
    let rows = draw(&frame(8, 5), 70, 18, false);
    let row = |name: &str| rows.iter().find(|row| row.contains(name)).unwrap().clone();
    assert!(row("worker 1").contains("item 812"), "{rows:#?}");
    assert!(row("worker 2").contains("item 7 ! lease over delivery 2"));
    assert!(row("worker 3").contains("idle"));
    assert!(row("worker 4").contains("✗ down"));
    assert!(row("worker 5").contains("starting"));
    let filled = |row: String| row.chars().filter(|c| *c == '█').count();
    assert_eq!(2 * filled(row("worker 1")), filled(row("worker 2")));
    assert!(rows.join("").contains("workers  2 of 5 busy  2 in flight"));
}

#[test]
fn the_shelf_and_the_store_say_what_became_of_the_items() {
    let mut frame = frame(0, 4);
    let text = draw(&frame, 46, 18, false).join("\n");
    for wanted in [
        "nobody waits",
        "store  1,202 done  1 effects repeated",
        "dead letters 3 ▪▪▪ after 5 deliveries",
    ] {
        assert!(text.contains(wanted), "{wanted} in\n{text}");
    }
    let belt = view_mut(&mut frame);
    (belt.dead, belt.max_receives, belt.lost) = (0, None, 4);
    let text = draw(&frame, 60, 18, false).join("\n");
    assert!(
        text.contains("off: what fails comes back for ever"),
        "{text}"
    );
    assert!(text.contains("4 lost"), "{text}");
}

#[test]
fn the_autoscaler_shows_what_it_wants_and_when_it_looks() {
    let mut frame = frame(80, 4);
    view_mut(&mut frame).scaler = Some(ScalerView {
        wanted: 8,
        there: 4,
        least: 4,
        most: 20,
        looks_in_s: 7.2,
    });
    let text = draw(&frame, 60, 18, false).join("\n");
    assert!(
        text.contains("autoscaler  wants 8, has 4  looks in 8 s"),
        "{text}"
    );
}

#[test]
fn hundreds_of_workers_take_a_cell_each_and_a_click_finds_them() {
    let frame = frame(10, 500);
    let area = Rect::new(0, 0, 46, 18);
    let rows = draw(&frame, 46, 18, false);
    assert!(rows[4].starts_with("  1 ▄█·✗○○"), "{rows:#?}");
    let at = |x, y| hit(view(&frame), area, Position::new(x, y));
    assert_eq!((at(4, 4), at(7, 4), at(4, 5)), (Some(1), Some(4), Some(41)));
    for n in [1, 4, 5, 11] {
        let few = self::frame(10, n);
        let mut found: Vec<u32> = area
            .positions()
            .filter_map(|at| hit(view(&few), area, at))
            .collect();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, (1..=n).collect::<Vec<u32>>());
    }
}

#[test]
fn ascii_is_ascii_and_every_size_is_survived() {
    for (waiting, workers) in [(0, 1), (8, 4), (100_000, 20), (500, 500)] {
        let frame = frame(waiting, workers);
        for (width, height) in [(30, 11), (46, 18), (80, 36)] {
            let text = draw(&frame, width, height, true).join("\n");
            assert!(text.is_ascii(), "{text}");
        }
        for width in [0, 1, 2, 7, 20, 46, 130] {
            for height in [0, 1, 2, 5, 11, 40] {
                draw(&frame, width, height, false);
            }
        }
    }
}
