use super::*;
use crate::tui::theme::{Depth, Ground};
use crate::tui::widget::{fixture, rows_of};
use ratatui::layout::Position;

fn draw(frame: &Frame, width: u16, height: u16, ascii: bool) -> Vec<String> {
    let theme = Theme::new(Ground::Dark, Depth::None, ascii);
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    let plan = Plan::of(frame, area);
    Network {
        frame,
        plan: &plan,
        selected: None,
        messages: true,
        theme: &theme,
    }
    .render(area, &mut buf);
    rows_of(&buf)
}

#[test]
fn few_leaves_stand_on_branches_with_their_state_in_words() {
    let rows = draw(&fixture::frame(10, 2), 46, 16, false);
    let text = rows.join("\n");
    for wanted in ["root", "leaf  3", "! a 20x q12", "✗ down", "/ cut", "» "] {
        assert!(text.contains(wanted), "{wanted} in\n{text}");
    }
    assert!(
        rows.iter()
            .any(|row| row.starts_with("└") && row.contains("leaf 10")),
        "{text}"
    );
}

#[test]
fn more_leaves_take_columns_then_a_grid_then_one_cell_each() {
    let density = |fan_out| Plan::of(&fixture::frame(fan_out, 2), Rect::new(0, 0, 46, 18)).density;
    assert!(
        matches!(density(20), Density::Tree { columns: 2, .. }),
        "{:?}",
        density(20)
    );
    assert!(
        matches!(density(60), Density::Grid { .. }),
        "{:?}",
        density(60)
    );
    assert!(
        matches!(
            density(300),
            Density::Strip {
                units_per_cell: 1,
                ..
            }
        ),
        "{:?}",
        density(300)
    );
    assert!(
        matches!(
            density(2000),
            Density::Strip {
                units_per_cell: 2..,
                ..
            }
        ),
        "{:?}",
        density(2000)
    );
}

#[test]
fn among_thousands_the_worst_are_named() {
    let text = draw(&fixture::frame(2000, 5), 46, 18, false).join("\n");
    for wanted in ["to a cell", "leaf 5", "leaf 3 ", "! a 20x q12"] {
        assert!(text.contains(wanted), "{wanted} in\n{text}");
    }
}

#[test]
fn a_click_finds_what_is_drawn_there() {
    let frame = fixture::frame(20, 2);
    let area = Rect::new(4, 2, 46, 18);
    let plan = Plan::of(&frame, area);
    for (n, unit) in plan.members.iter().enumerate() {
        let spot = plan.spot(n).expect("twenty leaves have room");
        assert!(area.intersection(spot) == spot);
        let hit = plan.hit(&frame, Position::new(spot.x + 1, spot.y));
        assert_eq!(hit, Some(*unit));
    }
    assert_eq!(plan.hit(&frame, Position::new(0, 0)), None);
}

#[test]
fn one_cell_for_many_is_hit_as_the_worst_of_them() {
    let frame = fixture::frame(2000, 1);
    let area = Rect::new(0, 0, 46, 18);
    let plan = Plan::of(&frame, area);
    let first = plan.spot(0).expect("the first cell is drawn");
    let hit = plan
        .hit(&frame, Position::new(first.x, first.y))
        .map(|unit| plan.units.0[unit].number);
    assert!(hit == Some(3) || hit == Some(5), "{hit:?}");
}

#[test]
fn a_request_moves_away_from_the_root_and_a_reply_towards_it() {
    let mut frame = fixture::frame(2, 1);
    let place = |frame: &Frame, row: usize, sign: char| {
        draw(frame, 46, 8, false)[row]
            .chars()
            .position(|c| c == sign)
    };
    frame.flights.truncate(0);
    let flight = |from, to, progress, kind| ddlab_labs::workbench::frame::Flight {
        from,
        to,
        progress,
        kind,
    };
    frame.flights.push(flight(0, 1, 0.1, FlightKind::Request));
    let near = place(&frame, 1, '›');
    frame.flights[0].progress = 0.9;
    assert!(place(&frame, 1, '›') > near);
    frame.flights[0] = flight(1, 0, 0.1, FlightKind::Reply);
    let far = place(&frame, 1, '‹');
    frame.flights[0].progress = 0.9;
    assert!(place(&frame, 1, '‹') < far);
}

#[test]
fn ascii_is_ascii_and_every_size_is_survived() {
    assert!(
        draw(&fixture::frame(20, 2), 46, 18, true)
            .join("")
            .is_ascii()
    );
    for (fan_out, replicas) in [(0, 1), (1, 1), (20, 2), (500, 5)] {
        let frame = fixture::frame(fan_out, replicas);
        for width in [0, 1, 3, 9, 20, 47] {
            for height in [0, 1, 2, 5, 18] {
                draw(&frame, width, height, false);
            }
        }
    }
    draw(&Frame::default(), 40, 10, false);
}

#[test]
fn other_roles_stand_before_and_behind_the_many() {
    use ddlab_labs::workbench::frame::NodeView;
    use ddlab_labs::workbench::role::Role as NodeRole;
    let node = |name: &str, role: &'static NodeRole, group| NodeView {
        load: 0.5,
        queue: 120,
        group,
        ..NodeView::new(name, role)
    };
    let nodes = vec![
        node("source", &fixture::FEED, 0),
        node("queue", &fixture::QUEUE, 1),
        node("worker 1", &fixture::WORKER, 2),
        node("worker 2", &fixture::WORKER, 3),
        node("store", &fixture::STORE, 4),
    ];
    let frame = Frame {
        nodes,
        ..Frame::default()
    };
    let rows = draw(&frame, 60, 12, false);
    assert!(
        rows[0].contains("source") && rows[0].contains("queue ▄ q120"),
        "{rows:?}"
    );
    let row_of = |name: &str| rows.iter().position(|row| row.contains(name));
    let [one, two, store] = ["worker 1", "worker 2", "store"].map(row_of);
    assert!(one.is_some() && one < two && two < store, "{rows:?}");
}

#[test]
fn where_there_is_room_a_load_is_a_bar_and_no_row_is_written_twice() {
    let text = draw(&fixture::frame(20, 2), 84, 43, false).join("\n");
    assert!(text.contains("leaf  1 █████████▉──── "), "{text}");
    for height in 3..20 {
        let rows = draw(&fixture::frame(20, 2), 38, height, false);
        for row in rows.iter().filter(|row| row.starts_with("leaf ")) {
            assert!(
                row.chars()
                    .nth(6)
                    .is_some_and(|c| c == ' ' || c.is_ascii_digit()),
                "{rows:#?}"
            );
        }
    }
}
