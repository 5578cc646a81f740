//! The run served to real clients, as the screen shows it.

use super::*;
use crate::gateway::News;
use crate::tui::effect::NoticeKind;
use crate::tui::serving::Served;

const URL: &str = "http://127.0.0.1:7070";

impl Desk {
    fn hear(&mut self, told: Served) -> Vec<Effect> {
        let run = self.screen.live.id().expect("a run was started");
        self.send(Message::Served(run, told))
    }

    fn serving(width: u16, height: u16) -> Self {
        let mut desk = Self::running(width, height);
        desk.keys("o");
        desk.hear(Served::At(URL.to_owned()));
        desk.answered(12);
        desk
    }

    fn answered(&mut self, total: u64) {
        let line = "GET /search?q=oak+chair 200".to_owned();
        self.hear(Served::News(News::Answered { total, line }));
    }
}

#[test]
fn o_serves_the_run_at_the_pace_of_the_clock_and_says_so() {
    let mut desk = Desk::running(120, 35);
    let run = desk.screen.live.id().unwrap();
    let effects = desk.keys("o");
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
    assert!(notice.text.contains("1x"), "{}", notice.text);
    assert!(desk.keys("o").is_empty(), "it is on its way");
    assert!(desk.text().contains("▶ 1x"));
}

#[test]
fn the_address_and_the_requests_stand_below_the_header_at_every_size() {
    for (width, height) in [(60, 16), (80, 24), (120, 35), (200, 60)] {
        let desk = Desk::serving(width, height);
        let (_, row) = desk.find(URL);
        assert!(height < 20 || row == 1, "{}", desk.text());
        assert_eq!(desk.find("12 requests").1, row);
        if width >= 80 {
            assert_eq!(desk.find("GET /search").1, row);
        }
        assert!(desk.text().contains("root 3 in progress"), "the rest stays");
    }
    let mut tiny = Desk::serving(120, 35);
    tiny.area = Rect::new(0, 0, 1, 1);
    tiny.text();
    tiny.area = Rect::new(0, 0, 120, 34);
    tiny.theme = Theme::new(Ground::Light, Depth::None, true);
    assert!(tiny.text().contains(URL));
}

#[test]
fn another_speed_or_a_pause_tells_what_it_means_for_clients() {
    let mut desk = Desk::serving(120, 35);
    assert!(!desk.text().contains("virtual time"));
    desk.keys("]]]");
    let text = desk.text();
    assert!(
        text.contains("requests travel in virtual time, at 10x"),
        "{text}"
    );
    desk.keys(" ");
    assert!(desk.text().contains("paused: requests wait"));
}

#[test]
fn o_again_ends_it_once_what_is_in_flight_is_answered() {
    let mut desk = Desk::serving(120, 35);
    let run = desk.screen.live.id().unwrap();
    assert!(matches!(desk.keys("o")[..], [Effect::Serve(to, false)] if to == run));
    assert!(desk.text().contains("stopping"));
    let effects = desk.hear(Served::News(News::Ended { total: 13 }));
    let [Effect::Notice(notice)] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert!(notice.text.contains("13 requests"), "{}", notice.text);
    assert!(!desk.text().contains(URL));
}

#[test]
fn a_port_that_cannot_be_had_is_said_and_nothing_is_served() {
    let mut desk = Desk::running(120, 35);
    desk.keys("o");
    let effects = desk.hear(Served::Failed("port 7070 is taken".to_owned()));
    assert!(matches!(&effects[..], [Effect::Notice(notice)] if notice.kind == NoticeKind::Trouble));
    assert!(desk.keys("o").len() > 1, "one may try again");
}

#[test]
fn a_knob_that_a_client_turns_is_turned_here() {
    let mut desk = Desk::serving(200, 60);
    let value = KnobValue::Number(123.0);
    desk.hear(Served::News(News::Turned {
        knob: "arrival_rps",
        value,
    }));
    assert!(
        desk.text().contains("arrival_rps ‹123 rps›"),
        "{}",
        desk.text()
    );
}

#[test]
fn a_served_run_goes_on_while_it_is_covered() {
    let mut desk = Desk::serving(120, 35);
    assert!(desk.send(Message::Hidden).is_empty());
    desk.send(Message::Shown);
    desk.hear(Served::News(News::Ended { total: 0 }));
    assert_eq!(
        desk.send(Message::Hidden).len(),
        1,
        "nobody relies on it any more"
    );
}

#[test]
fn news_of_another_run_change_nothing() {
    let mut desk = Desk::running(120, 35);
    desk.send(Message::Served(RunId::fresh(), Served::At(URL.to_owned())));
    assert!(!desk.text().contains(URL));
}
