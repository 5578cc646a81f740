//! The run served to real clients, as the screen shows it.

use super::*;
use crate::gateway::News;
use crate::testing::Holds;
use crate::tui::effect::NoticeKind;
use crate::tui::serving::Served;

const URL: &str = "http://127.0.0.1:7070";

impl Bench {
    fn hear(&mut self, news: Served) -> Vec<Effect> {
        self.send(Message::Served(self.run(), news))
    }

    fn serving(width: u16, height: u16) -> Self {
        let mut bench = Self::running(width, height);
        bench.keys("o");
        bench.hear(Served::At(URL.to_owned()));
        let line = "GET /search?q=oak+chair 200".to_owned();
        bench.hear(Served::News(News::Answered { total: 12, line }));
        bench
    }
}

#[test]
fn o_serves_the_run_at_the_pace_of_the_clock_and_says_so() {
    let mut lab = Bench::running(120, 35);
    let run = lab.run();
    let effects = lab.keys("o");
    let [
        Effect::Steer(to, Command::Speed(speed)),
        Effect::Serve(served, true),
        Effect::Notice(notice),
    ] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!((*to, *served), (run, run));
    assert!((speed - 1.0).abs() < 1e-9);
    notice.text.holds(["1x"]);
    assert!(lab.keys("o").is_empty(), "it is on its way");
    lab.shows(["▶ 1x"]);
}

#[test]
fn the_address_and_the_requests_stand_below_the_header_at_every_size() {
    let mut lab = Bench::serving(120, 35);
    let sizes = [(60, 16), (80, 24), (120, 35)];
    golden!("lab-served", lab.stage, &mut lab.screen, sizes);
    lab.stage.size = (1, 1);
    lab.text();
    lab.stage.size = (120, 34);
    lab.ascii().shows([URL]);
}

#[test]
fn the_curl_lines_are_copied_while_it_is_served_else_the_command_of_the_run() {
    let mut lab = Bench::running(120, 35);
    let copied = |effects: Vec<Effect>| match &effects[..] {
        [Effect::Copy(text)] => text.clone(),
        other => panic!("{other:?}"),
    };
    let command = copied(lab.keys("Y"));
    command.holds([
        "ddlab lab run scatter-gather --seed 7 --for 43s --warmup 0s",
        " --at '",
    ]);
    let mut lab = Bench::serving(80, 24);
    let lines = copied(lab.keys("Y"));
    lines.holds([&format!("curl '{URL}/'")[..]]);
    lab.shows(["curl '"]);
}

#[test]
fn another_speed_or_a_pause_tells_what_it_means_for_clients() {
    let mut lab = Bench::serving(120, 35);
    lab.hides(["virtual time"]);
    lab.keys("]]]");
    lab.shows(["requests travel in virtual time, at 10x"]);
    lab.keys(" ");
    lab.shows(["paused: requests wait"]);
}

#[test]
fn o_again_ends_it_once_what_is_in_flight_is_answered() {
    let mut lab = Bench::serving(120, 35);
    let run = lab.run();
    assert!(matches!(lab.keys("o")[..], [Effect::Serve(to, false)] if to == run));
    lab.shows(["stopping"]);
    let effects = lab.hear(Served::News(News::Ended { total: 13 }));
    let [Effect::Notice(notice)] = &effects[..] else {
        panic!("{effects:?}")
    };
    notice.text.holds(["13 requests"]);
    lab.hides([URL]);
}

#[test]
fn a_port_that_cannot_be_had_is_said_and_nothing_is_served() {
    let mut lab = Bench::running(120, 35);
    lab.keys("o");
    let effects = lab.hear(Served::Failed("port 7070 is taken".to_owned()));
    assert!(matches!(&effects[..], [Effect::Notice(notice)] if notice.kind == NoticeKind::Trouble));
    assert!(lab.keys("o").len() > 1, "one may try again");
}

#[test]
fn a_knob_that_a_client_turns_is_turned_here() {
    let mut lab = Bench::serving(200, 60);
    lab.hear(Served::News(News::Turned {
        knob: "arrival_rps",
        value: KnobValue::Number(123.0),
    }));
    lab.shows(["arrival_rps ‹123 rps›"]);
}

#[test]
fn a_served_run_goes_on_while_it_is_covered() {
    let mut lab = Bench::serving(120, 35);
    assert!(lab.send(Message::Hidden).is_empty());
    lab.send(Message::Shown);
    lab.hear(Served::News(News::Ended { total: 0 }));
    // Nobody relies on it any more.
    assert_eq!(asked(&lab.send(Message::Hidden)), ["Pause"]);
}

#[test]
fn news_of_another_run_change_nothing() {
    let mut lab = Bench::running(120, 35);
    lab.send(Message::Served(RunId::fresh(), Served::At(URL.to_owned())));
    lab.hides([URL]);
}
