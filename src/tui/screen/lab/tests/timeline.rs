//! The line of time: stepped along, dragged, and what lies ahead of a moment.

use super::*;
use ddlab_labs::workbench::frame::Seeking;

#[test]
fn the_timeline_comes_after_the_last_knob_and_the_arrows_step_along_it() {
    let mut desk = Desk::running(120, 35);
    desk.keys("k");
    assert!(
        desk.text()
            .contains("what lies ahead of the moment is kept")
    );
    let effects = desk.press(KeyCode::Left);
    let [
        Effect::Steer(_, Command::Pause),
        Effect::Steer(_, Command::Seek(first)),
    ] = effects[..]
    else {
        panic!("{effects:?}");
    };
    assert!(
        first < SimTime(42_310_000_000) && first > SimTime(41_000_000_000),
        "{first}"
    );
    let effects = desk.press(KeyCode::Left);
    let [Effect::Steer(_, Command::Seek(second))] = effects[..] else {
        panic!("{effects:?}");
    };
    assert!(second < first, "steps add up before a frame answers");
    let effects = desk.keys("G");
    assert!(matches!(
        effects[..],
        [Effect::Steer(_, Command::Seek(SimTime(42_310_000_000)))]
    ));
    desk.press(KeyCode::Right);
    let effects = desk.press(KeyCode::Right);
    assert!(
        matches!(
            effects[..],
            [Effect::Steer(_, Command::Seek(SimTime(42_310_000_000)))]
        ),
        "not beyond what has happened: {effects:?}"
    );
}

#[test]
fn what_is_remembered_is_shown_with_where_the_replay_goes_and_what_lies_ahead() {
    let mut desk = Desk::running(120, 35);
    let mut frame = fixture::frame(20, 2);
    frame.horizon = frame.now;
    frame.now = SimTime(20_000_000_000);
    frame.seeking = Some(Seeking {
        to: SimTime(20_300_000_000),
        reached: SimTime(3_000_000_000),
    });
    desk.frame(frame);
    let text = desk.text();
    assert!(text.contains("replays to 00:20.300"), "{text}");
    let line = text
        .lines()
        .find(|line| line.contains('●'))
        .expect("the line of time");
    let now = line.find('●').expect("the present");
    assert!(
        line[..now].contains('▲') && line[now..].contains('▲'),
        "{line}"
    );
}

#[test]
fn the_mouse_drags_along_the_line_of_time() {
    let mut desk = Desk::running(120, 35);
    let (x, y) = desk.find("▲ slow 3");
    desk.click(x, y);
    let drag = |column| {
        Message::Mouse(MouseEvent {
            kind: MouseEventKind::Drag(MouseButton::Left),
            column,
            row: y.saturating_sub(3),
            modifiers: KeyModifiers::NONE,
        })
    };
    let effects = desk.send(drag(x + 10));
    assert!(
        matches!(effects[..], [Effect::Steer(_, Command::Seek(at))] if at > SimTime(13_000_000_000)),
        "{effects:?}"
    );
    desk.send(Message::Mouse(MouseEvent {
        kind: MouseEventKind::Up(MouseButton::Left),
        column: x,
        row: y,
        modifiers: KeyModifiers::NONE,
    }));
    assert!(desk.send(drag(x)).is_empty());
}
