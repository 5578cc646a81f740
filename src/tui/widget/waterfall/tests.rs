use super::*;
use crate::testing::Holds;
use crate::tui::theme::{Depth, Ground};
use crate::tui::widget::{fixture, rows_of};

fn draw(trace: &Trace, width: u16, height: u16, ascii: bool) -> Vec<String> {
    let theme = Theme::new(Ground::Dark, Depth::None, ascii);
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    let rows = rows(trace);
    Waterfall {
        trace,
        rows: &rows,
        top: 0,
        theme: &theme,
    }
    .render(area, &mut buf);
    rows_of(&buf)
}

#[test]
fn it_shows_where_the_time_went_in_fills_and_words() {
    let text = draw(&fixture::trace(812, 312), 120, 10, false).join("\n");
    text.holds([
        "0 ms",
        "100",
        "300",
        " leaf 3 · replica a",
        "░ queue 207 ms ░",
        "█ service 104 ms ",
        "✓ won",
        "× cancelled",
    ]);
    assert!(draw(&fixture::trace(812, 312), 120, 10, true)[0].is_ascii());
}

#[test]
fn what_one_waited_for_comes_first_and_copies_stay_together() {
    let trace = fixture::trace(812, 312);
    let names: Vec<&str> = rows(&trace)
        .iter()
        .map(|row| trace.spans[row.span].node.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "root",
            "leaf 3 · replica a",
            "leaf 3 · replica b",
            "leaf 2 · replica a"
        ]
    );
}

#[test]
fn a_span_whose_parent_is_wrong_is_still_shown_once() {
    let mut trace = fixture::trace(1, 100);
    trace.spans[1].parent = Some(1);
    trace.spans[2].parent = Some(9);
    assert_eq!(rows(&trace).len(), trace.spans.len());
}

#[test]
fn every_size_and_a_request_of_no_length_are_survived() {
    for width in 0..70 {
        for height in 0..6 {
            draw(&fixture::trace(1, 312), width, height, false);
        }
    }
    draw(&fixture::trace(1, 0), 80, 8, false);
}
