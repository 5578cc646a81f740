use super::*;
use crate::content::Library;
use crate::markdown::highlight::Highlighter;
use crate::progress::Marks;
use crate::tui::keymap::{self, Key};
use crate::tui::theme::{Depth, Ground, Theme};
use crate::tui::widget::{fixture, rows_of};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ddlab_labs::workbench::frame::{MetricValue, SavedView, Seeking, Side};
use ddlab_labs::workbench::headless::Replay;
use ratatui::layout::Rect;
use std::sync::LazyLock;
use std::time::Duration;

/// Read once for all the screens of these tests.
static LIBRARY: LazyLock<Library> = LazyLock::new(Library::embedded);
mod serving;

/// The screen with what it stands on, driven as the program drives it.
struct Desk {
    screen: LabScreen,
    library: &'static Library,
    marks: Marks,
    highlighter: Highlighter,
    catalogue: crate::search::Catalogue,
    theme: Theme,
    area: Rect,
}

impl Desk {
    fn new(width: u16, height: u16) -> Self {
        Self::of(fixture::spec(), width, height)
    }

    fn of(spec: &'static LabSpec, width: u16, height: u16) -> Self {
        let mut desk = Self {
            screen: LabScreen::of(spec, &[], 7).expect("no knob is set"),
            library: &LIBRARY,
            marks: Marks::default(),
            highlighter: Highlighter::default(),
            catalogue: crate::search::Catalogue::default(),
            theme: Theme::new(Ground::Dark, Depth::None, false),
            area: Rect::new(0, 0, width, height - 1),
        };
        desk.send(Message::Shown);
        desk
    }

    fn running(width: u16, height: u16) -> Self {
        let mut desk = Self::new(width, height);
        desk.frame(fixture::frame(20, 2));
        desk
    }

    fn send(&mut self, message: Message) -> Vec<Effect> {
        let cx = Cx {
            library: self.library,
            marks: &self.marks,
            theme: &self.theme,
            highlighter: &self.highlighter,
            catalogue: &self.catalogue,
            area: self.area,
            uptime: Duration::ZERO,
        };
        self.screen.update(message, &cx)
    }

    fn frame(&mut self, frame: Frame) {
        let run = self.screen.run.expect("a run was started");
        self.send(Message::Frame(run, Arc::new(frame)));
    }

    /// Presses a key; the table decides what it means.
    fn press(&mut self, code: KeyCode) -> Vec<Effect> {
        let message = match keymap::action(&self.screen.contexts(), Key::plain(code)) {
            Some(action) => Message::Act(action),
            None => Message::Type(KeyEvent::new(code, KeyModifiers::NONE)),
        };
        self.send(message)
    }

    fn keys(&mut self, keys: &str) -> Vec<Effect> {
        keys.chars()
            .flat_map(|c| self.press(KeyCode::Char(c)))
            .collect()
    }

    fn click(&mut self, column: u16, row: u16) -> Vec<Effect> {
        self.send(Message::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column,
            row,
            modifiers: KeyModifiers::NONE,
        }))
    }

    fn buffer(&self) -> Buffer {
        let cx = Cx {
            library: self.library,
            marks: &self.marks,
            theme: &self.theme,
            highlighter: &self.highlighter,
            catalogue: &self.catalogue,
            area: self.area,
            uptime: Duration::ZERO,
        };
        let mut buf = Buffer::empty(self.area);
        self.screen.view(&cx, &mut buf);
        buf
    }

    fn rows(&self) -> Vec<String> {
        rows_of(&self.buffer())
    }

    fn text(&self) -> String {
        self.rows().join("\n")
    }

    /// Where this text stands.
    fn find(&self, wanted: &str) -> (u16, u16) {
        for (y, row) in self.rows().iter().enumerate() {
            if let Some(at) = row.find(wanted) {
                return (row[..at].chars().count() as u16, y as u16);
            }
        }
        panic!("`{wanted}` is not on the screen:\n{}", self.text())
    }
}

#[test]
fn it_starts_a_run_when_it_is_shown_and_lets_it_wait_when_it_is_covered() {
    let mut desk = Desk::new(120, 35);
    assert!(desk.screen.run.is_some());
    assert!(desk.text().contains("starting"));
    let run = desk.screen.run.expect("a run was started");
    assert!(
        matches!(desk.send(Message::Hidden)[..], [Effect::Lab(to, Command::Pause)] if to == run)
    );
    assert!(matches!(desk.send(Message::Shown)[..], [Effect::Lab(to, Command::Play)] if to == run));
    desk.keys(" ");
    desk.send(Message::Hidden);
    assert!(
        desk.send(Message::Shown).is_empty(),
        "what was paused stays paused"
    );
}

#[test]
fn frames_of_another_run_are_not_shown() {
    let mut desk = Desk::new(120, 35);
    desk.send(Message::Frame(
        RunId::fresh(),
        Arc::new(fixture::frame(20, 2)),
    ));
    assert!(desk.text().contains("starting"));
}

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
        "2 100 samples",
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
fn the_arrows_turn_the_knob_in_focus_at_once() {
    let mut desk = Desk::running(120, 35);
    desk.keys("jj");
    let effects = desk.press(KeyCode::Right);
    assert!(
        matches!(&effects[..], [Effect::Lab(_, Command::Set { knob, value: KnobValue::Number(n) })] if knob == "fan_out" && *n > 20.0),
        "{effects:?}"
    );
    assert!(!desk.text().contains("fan_out ‹20›"));
    assert!(
        desk.text().contains("starts the run again"),
        "it says what turning does"
    );
    desk.press(KeyCode::Left);
    assert!(desk.text().contains("fan_out ‹20›"));
    assert!(matches!(desk.screen.place(), Place::Lab { set, .. } if set.is_empty()));
}

#[test]
fn a_typed_value_is_taken_and_a_wrong_one_is_explained_in_place() {
    let mut desk = Desk::running(120, 35);
    desk.screen.focus = 9;
    desk.press(KeyCode::Enter);
    for _ in 0..20 {
        desk.press(KeyCode::Backspace);
    }
    desk.keys("hedg");
    desk.press(KeyCode::Enter);
    assert!(
        desk.text().contains("did you mean `hedge`?"),
        "{}",
        desk.text()
    );
    desk.keys("e");
    let effects = desk.press(KeyCode::Enter);
    assert!(
        matches!(&effects[..], [Effect::Lab(_, Command::Set { knob, value: KnobValue::Word(word) })] if knob == "policy" && word == "hedge"),
        "{effects:?}"
    );
    assert_eq!(
        desk.screen.place(),
        Place::Lab {
            lab: "scatter-gather".to_owned(),
            set: vec!["policy=hedge".to_owned()],
            seed: 7
        }
    );
}

#[test]
fn typing_can_be_left_without_a_change() {
    let mut desk = Desk::running(80, 24);
    desk.press(KeyCode::Enter);
    desk.keys("99q?");
    assert!(desk.text().contains("arrival_rps = 99q?"));
    assert!(desk.press(KeyCode::Esc).is_empty());
    assert!(desk.text().contains("‹50 rps›"));
}

#[test]
fn speeds_step_along_the_ladder_and_what_is_not_reached_is_said() {
    let mut desk = Desk::running(120, 35);
    let effects = desk.keys("]]]");
    assert!(
        matches!(effects.last(), Some(Effect::Lab(_, Command::Speed(speed))) if (99.0..101.0).contains(speed))
    );
    let mut frame = fixture::frame(20, 2);
    frame.pace = ddlab_labs::workbench::frame::Pace {
        playing: true,
        asked: 100.0,
        reached: 41.2,
    };
    desk.frame(frame);
    assert!(desk.text().contains("▶ 100x, reaches 41x"));
    desk.keys("{");
    assert!(
        desk.text().contains("▶ 10x ") && !desk.text().contains("reaches"),
        "said only of the speed that was measured"
    );
    let effects = desk.keys(".");
    assert!(matches!(effects[..], [Effect::Lab(_, Command::Step)]));
    assert!(desk.text().contains("‖ 10x paused"));
}

#[test]
fn an_action_is_chosen_aimed_and_done() {
    let mut desk = Desk::running(120, 35);
    desk.keys("aj12");
    let text = desk.text();
    assert!(text.contains("‹leaf 12›"), "{text}");
    let effects = desk.press(KeyCode::Enter);
    assert!(
        matches!(&effects[..], [Effect::Lab(_, Command::Act { action, argument })] if action == "crash" && argument.as_deref() == Some("12")),
        "{effects:?}"
    );
    assert!(!desk.text().contains("Do something to it"));
    // The same node is aimed at again, and a letter is enough.
    let effects = desk.keys("U");
    assert!(
        matches!(&effects[..], [Effect::Lab(_, Command::Act { action, argument })] if action == "restart" && argument.as_deref() == Some("12")),
        "{effects:?}"
    );
}

#[test]
fn a_letter_without_a_node_opens_the_menu_at_it() {
    let mut desk = Desk::running(120, 35);
    assert!(desk.keys("S").is_empty());
    assert!(desk.text().contains("Do something to it"));
    desk.press(KeyCode::Esc);
    let effects = desk.keys("B");
    assert!(
        matches!(&effects[..], [Effect::Lab(_, Command::Act { action, .. })] if action == "burst")
    );
}

#[test]
fn the_mouse_selects_nodes_turns_knobs_and_goes_back_in_time() {
    let mut desk = Desk::running(120, 35);
    let (x, y) = desk.find(" 6 ");
    desk.click(x + 1, y);
    assert_eq!(desk.screen.selected, Some(6));
    let (x, y) = desk.find("‹50 rps›");
    let effects = desk.click(x, y);
    assert!(
        matches!(&effects[..], [Effect::Lab(_, Command::Set { knob, .. })] if knob == "arrival_rps"),
        "{effects:?}"
    );
    let (x, y) = desk.find("deadline");
    desk.click(x, y);
    assert_eq!(desk.screen.focus, 10);
    let (x, y) = desk.find("▲ slow 3");
    let effects = desk.click(x, y);
    assert!(
        matches!(effects[..], [Effect::Lab(_, Command::Pause), Effect::Lab(_, Command::Seek(SimTime(at)))] if (11_000_000_000..13_000_000_000).contains(&at)),
        "{effects:?}"
    );
    let (x, y) = desk.find("00:42.310");
    assert!(matches!(
        desk.click(x, y)[..],
        [Effect::Lab(_, Command::Play)]
    ));
}

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

#[test]
fn a_lab_that_fails_says_so_and_starts_afresh() {
    let mut desk = Desk::running(120, 35);
    let mut frame = fixture::frame(20, 2);
    frame.fault = Some("index out of bounds: the len is 3".to_owned());
    desk.frame(frame);
    let text = desk.text();
    assert!(
        text.contains("The lab has failed") && text.contains("index out of bounds"),
        "{text}"
    );
    assert!(text.contains("r starts it again"));
    let before = desk.screen.run;
    let effects = desk.keys("r");
    assert!(
        matches!(effects[..], [Effect::StopLab(_), Effect::StartLab { .. }]),
        "{effects:?}"
    );
    assert_ne!(desk.screen.run, before);
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
fn settings_of_a_place_are_applied_and_wrong_ones_are_refused() {
    let set = |text: &str| LabScreen::of(fixture::spec(), &[text.to_owned()], 1);
    let screen = set("fan_out=100").expect("it is a setting");
    assert_eq!(screen.values[2], KnobValue::Number(100.0));
    let refused = set("fanout=100").err().expect("there is no such knob");
    assert!(refused.contains("fan_out"), "{refused}");
}

/// The frame of side A, with side B beside it: the same run with a hedge, five times as fast.
fn compared() -> Frame {
    let mut other = fixture::frame(20, 2);
    other.side = Side::B;
    other.knobs[9] = KnobValue::Word("hedge".to_owned());
    for metric in &mut other.metrics {
        for line in &mut metric.series {
            for point in &mut line.points {
                point.1 /= 5.0;
            }
        }
        if let MetricValue::Histogram(view) = &mut metric.recent {
            (view.p50, view.p99) = (view.p50 / 5.0, view.p99 / 5.0);
        }
    }
    let mut frame = fixture::frame(20, 2);
    frame.other = Some(Arc::new(other));
    frame
}

#[test]
fn the_knob_in_focus_is_offered_to_compare_with_and_any_other_may_be_chosen() {
    let mut desk = Desk::running(120, 35);
    desk.screen.focus = 9;
    assert!(desk.keys("c").is_empty());
    let text = desk.text();
    assert!(text.contains("Compare with the same run, but"), "{text}");
    assert!(
        text.contains("‹deadline›"),
        "one step from where it stands\n{text}"
    );
    let effects = desk.press(KeyCode::Enter);
    assert!(
        matches!(&effects[..], [Effect::Lab(_, Command::Compare(apart))]
            if *apart == [("policy".to_owned(), KnobValue::Word("deadline".to_owned()))]),
        "{effects:?}"
    );
    desk.keys("c");
    desk.press(KeyCode::Left);
    assert!(
        desk.press(KeyCode::Enter).is_empty(),
        "without a difference there is nothing to compare"
    );
    desk.keys("ckt");
    desk.keys("77x");
    desk.press(KeyCode::Enter);
    assert!(
        desk.text().contains("✗"),
        "what is no value is said in place\n{}",
        desk.text()
    );
    desk.press(KeyCode::Backspace);
    desk.press(KeyCode::Enter);
    let effects = desk.press(KeyCode::Enter);
    assert!(
        matches!(&effects[..], [Effect::Lab(_, Command::Compare(apart))] if apart.len() == 2),
        "{effects:?}"
    );
}

#[test]
fn two_runs_stand_side_by_side_with_what_sets_them_apart() {
    for (width, height) in [(80, 24), (120, 35), (200, 60)] {
        let mut desk = Desk::new(width, height);
        desk.frame(compared());
        let text = desk.text();
        for wanted in [
            "A  policy wait_all",
            "B  policy hedge",
            "A p99",
            "B p99",
            "62.4",
        ] {
            assert!(
                text.contains(wanted),
                "{wanted} at {width}x{height}\n{text}"
            );
        }
        if height >= 24 {
            assert!(text.contains("A ✓ all 2 invariants hold"), "{text}");
        }
    }
    let mut desk = Desk::new(120, 35);
    desk.frame(compared());
    desk.keys("v");
    let text = desk.text();
    assert!(
        text.contains("A: latency, ms") && text.contains("B: latency, ms"),
        "{text}"
    );
    for _ in 0..desk.screen.panels.len() - 1 {
        desk.keys("v");
    }
    assert!(
        desk.text().contains("0.20×"),
        "the ratio of the readings\n{}",
        desk.text()
    );
}

#[test]
fn low_and_narrow_screens_and_ascii_compare_too() {
    for (width, height) in [(60, 16), (1, 1), (30, 9), (72, 18), (300, 20)] {
        for ascii in [false, true] {
            let mut desk = Desk::new(width, height);
            desk.theme = Theme::new(Ground::Light, Depth::None, ascii);
            desk.frame(compared());
            for _ in 0..desk.screen.panels.len() + 2 {
                let text = desk.text();
                assert!(!ascii || text.is_ascii(), "{text}");
                desk.keys("v");
            }
            desk.keys("cc");
        }
    }
    let mut desk = Desk::new(60, 16);
    desk.frame(compared());
    assert!(desk.text().contains("B  policy hedge"));
}

#[test]
fn the_other_side_can_be_looked_at_and_kept() {
    let mut desk = Desk::new(120, 35);
    desk.frame(compared());
    assert!(matches!(
        desk.keys("b")[..],
        [Effect::Lab(_, Command::Swap)]
    ));
    let a = compared();
    let b = Frame::clone(a.other.as_ref().expect("it has another side"));
    let swapped = Frame {
        other: Some(Arc::new(Frame { other: None, ..a })),
        ..b
    };
    desk.frame(swapped);
    let text = desk.text();
    assert!(
        text.contains("A  policy wait_all"),
        "the letters stay\n{text}"
    );
    assert!(
        text.contains("policy ‹hedge›"),
        "the knobs are those of the side looked at\n{text}"
    );
    assert!(matches!(
        desk.keys("c")[..],
        [Effect::Lab(_, Command::EndCompare)]
    ));
}

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
        Effect::Lab(_, Command::Pause),
        Effect::Lab(_, Command::Seek(first)),
    ] = effects[..]
    else {
        panic!("{effects:?}");
    };
    assert!(
        first < SimTime(42_310_000_000) && first > SimTime(41_000_000_000),
        "{first}"
    );
    let effects = desk.press(KeyCode::Left);
    let [Effect::Lab(_, Command::Seek(second))] = effects[..] else {
        panic!("{effects:?}");
    };
    assert!(second < first, "steps add up before a frame answers");
    let effects = desk.keys("G");
    assert!(matches!(
        effects[..],
        [Effect::Lab(_, Command::Seek(SimTime(42_310_000_000)))]
    ));
    desk.press(KeyCode::Right);
    let effects = desk.press(KeyCode::Right);
    assert!(
        matches!(
            effects[..],
            [Effect::Lab(_, Command::Seek(SimTime(42_310_000_000)))]
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
        matches!(effects[..], [Effect::Lab(_, Command::Seek(at))] if at > SimTime(13_000_000_000)),
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

#[test]
fn a_knob_that_the_script_turned_is_shown_as_it_stands_at_the_moment_gone_to() {
    let mut desk = Desk::running(120, 35);
    let mut frame = fixture::frame(20, 2);
    frame.knobs[9] = KnobValue::Word("hedge".to_owned());
    desk.frame(frame);
    assert!(desk.text().contains("policy ‹hedge›"));
    desk.frame(fixture::frame(20, 2));
    assert!(desk.text().contains("policy ‹wait_all›"));
}

#[test]
fn a_run_is_saved_and_the_saved_ones_are_listed() {
    let mut desk = Desk::running(120, 35);
    let run = desk.screen.run.expect("a run was started");
    assert!(matches!(desk.keys("w")[..], [Effect::SaveRun(saved)] if saved == run));
    assert!(matches!(&desk.keys("W")[..], [Effect::Open(Place::Runs)]));
}

#[test]
fn a_saved_run_stands_ready_with_its_knobs_and_says_what_was_found_at_its_end() {
    let mut desk = Desk::running(120, 35);
    let screen = LabScreen::open_saved("scatter-gather", "a.run").expect("there is such a lab");
    desk.screen = LabScreen {
        spec: fixture::spec(),
        values: fixture::values(),
        ..screen
    };
    let effects = desk.send(Message::Shown);
    assert!(
        matches!(effects.first(), Some(Effect::StartSaved { file, .. }) if file == "a.run"),
        "{effects:?}"
    );
    let mut frame = fixture::frame(20, 2);
    frame.knobs[9] = KnobValue::Word("hedge".to_owned());
    frame.saved = Some(SavedView {
        until: SimTime(60_000_000_000),
        found: None,
    });
    desk.frame(frame.clone());
    let text = desk.text();
    assert!(
        text.contains("saved run, to 01:00.000") && text.contains("‖"),
        "{text}"
    );
    assert!(
        text.contains("policy ‹hedge›") && text.contains("seed 7"),
        "{text}"
    );
    assert!(matches!(desk.screen.place(), Place::SavedRun { .. }));
    desk.keys(" ");
    frame.saved = Some(SavedView {
        until: SimTime(60_000_000_000),
        found: Some(Replay::Same { digest: 1 }),
    });
    desk.frame(frame.clone());
    assert!(
        desk.text().contains("its digest was reached") && desk.text().contains("‖"),
        "{}",
        desk.text()
    );
    frame.saved = None;
    desk.frame(frame);
    assert!(
        matches!(desk.screen.place(), Place::Lab { .. }),
        "another future is no saved run"
    );
}

#[test]
fn a_saved_run_that_can_not_be_opened_says_why_and_the_lab_starts_without_it() {
    let mut desk = Desk::running(80, 24);
    let screen = LabScreen::open_saved("scatter-gather", "a.run").expect("there is such a lab");
    desk.screen = LabScreen {
        spec: fixture::spec(),
        values: fixture::values(),
        ..screen
    };
    desk.send(Message::Shown);
    let run = desk.screen.run.expect("it was asked for");
    desk.send(Message::LabFailed(
        run,
        "can't read a.run: line 3".to_owned(),
    ));
    let text = desk.text();
    assert!(
        text.contains("can't be opened") && text.contains("line 3"),
        "{text}"
    );
    let effects = desk.keys("r");
    assert!(
        matches!(effects[..], [Effect::StopLab(_), Effect::StartLab { .. }]),
        "{effects:?}"
    );
}

/// A frame of a real lab after some seconds, with things done to it, `3s:crash=1`.
fn frame_of(lab: &str, set: &[&str], script: &[&str], seconds: u64) -> Frame {
    let lab = ddlab_labs::find(lab).expect("the lab is in the registry");
    let mut plan = ddlab_labs::workbench::plan::RunPlan::new(lab, 7);
    for setting in set {
        plan.knobs.set_text(setting).expect("it is a setting");
    }
    for deed in script {
        plan.script_text(deed).expect("it is a deed");
    }
    let mut session = ddlab_labs::workbench::session::Session::start(plan);
    session.advance(SimTime::from_secs(seconds), u64::MAX);
    session.frame()
}

#[test]
fn each_lab_has_a_picture_of_its_own_at_every_usual_size() {
    let pictures = [
        (
            frame_of("sharded", &["arrival_rps=500"], &["2s:crash=3"], 4),
            ["mean 20 %", "shard 5", "origin", "17 % ✗"],
        ),
        (
            frame_of("work-queue", &[], &["3s:pause=2"], 5),
            ["queue", "dead letters", "4 of 4 busy", "‖ paused"],
        ),
        (
            frame_of("election", &[], &["3s:pause=1:5s"], 5),
            ["lease store", "candidate 3", "storage", "░ paused"],
        ),
    ];
    for (frame, wanted) in pictures {
        let lab = ddlab_labs::find(frame.lab).expect("a frame names its lab");
        for (width, height) in [(80, 24), (120, 35), (200, 60)] {
            for ascii in [false, true] {
                let mut desk = Desk::of(lab.spec(), width, height);
                desk.frame(frame.clone());
                desk.theme = Theme::new(Ground::Light, Depth::None, ascii);
                let text = desk.text();
                assert!(!ascii || text.is_ascii(), "{text}");
                for wanted in wanted.iter().filter(|wanted| !ascii || wanted.is_ascii()) {
                    assert!(
                        text.contains(wanted),
                        "{wanted} at {width}x{height}\n{text}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_shard_that_is_left_keeps_its_number_and_a_click_aims_at_it() {
    let frame = frame_of(
        "sharded",
        &["arrival_rps=100", "strategy=ring"],
        &["1s:remove_shard=2"],
        2,
    );
    let lab = ddlab_labs::find("sharded").expect("the lab is in the registry");
    let mut desk = Desk::of(lab.spec(), 120, 35);
    desk.frame(frame);
    assert!(!desk.text().contains("2 shard 2"), "{}", desk.text());
    let (x, y) = desk.find("shard 3");
    desk.click(x, y);
    assert_eq!(desk.screen.selected, Some(3));
    let effects = desk.keys("K");
    assert!(
        matches!(&effects[..], [Effect::Lab(_, Command::Act { action, argument })] if action == "crash" && argument.as_deref() == Some("3")),
        "{effects:?}"
    );
}

#[test]
fn the_newest_shard_goes_at_a_letter_and_a_lab_without_requests_says_so() {
    let sharded = ddlab_labs::find("sharded").expect("the lab is in the registry");
    let mut desk = Desk::of(sharded.spec(), 120, 35);
    desk.frame(frame_of("sharded", &["arrival_rps=100"], &[], 1));
    let effects = desk.keys("D");
    assert!(
        matches!(&effects[..], [Effect::Lab(_, Command::Act { action, argument: None })] if action == "remove_shard"),
        "{effects:?}"
    );
    let election = ddlab_labs::find("election").expect("the lab is in the registry");
    let mut desk = Desk::of(election.spec(), 120, 35);
    desk.frame(frame_of("election", &[], &[], 1));
    desk.keys("t");
    assert!(
        desk.text().contains("Nobody sends requests here"),
        "{}",
        desk.text()
    );
}
