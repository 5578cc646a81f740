//! The words by which one is on call, and what they show.

use crate::gameday::SLOS;
use crate::gameday::action::{self, Action};
use crate::gameday::alert::Severity;
use crate::gameday::console::Console;
use crate::gameday::incident::{Cause, Sort};
use crate::gameday::library::{LIBRARY, template};
use crate::gameday::night::Night;
use crate::gameday::shift::Alarm;
use ddlab_labs::engine::keyed;
use std::time::Duration;

/// Before anything has gone wrong.
fn console() -> Console {
    Console::new(Night::new(1, 7).unwrap(), Duration::ZERO).unwrap()
}

#[test]
fn whatever_mends_an_incident_is_listed_among_what_can_be_set() {
    let mut tried = 0;
    for template in &LIBRARY {
        let incident = (template.make)(&mut keyed(1, "test", &[]));
        for text in &incident.mend {
            let Ok(Action::Set(setting)) = Action::parse(text) else {
                continue;
            };
            let (name, _) = setting.split_once('=').unwrap();
            let (part, _) = name.split_once('_').unwrap();
            let own = action::parameters(part, "").unwrap();
            let callees = ["fraud", "bids-db", "auction-db"];
            let of_calls = callees
                .iter()
                .filter_map(|callee| action::parameters(part, callee).ok());
            let mut listed = of_calls.chain([own]).flatten();
            assert!(listed.any(|knob| knob.name == name), "{name}");
            tried += 1;
        }
    }
    assert!(tried > 8, "{tried}");
}

#[test]
fn what_is_set_is_what_a_look_shows_and_the_log_tells() {
    let mut console = console();
    // The moment of a look at the machines: what is done then must not be lost.
    console.shift.wait(Duration::from_secs(10)).unwrap();
    let before = console.obey("look bids").join("\n");
    assert!(before.contains("calls fraud (timeout 3 s)"), "{before}");
    assert!(before.contains("called by bidders"), "{before}");
    console.obey("cause unknown");
    console.obey("set bids_fraud_timeout=250ms");
    let after = console.obey("look bids").join("\n");
    assert!(after.contains("calls fraud (timeout 250 ms)"), "{after}");
    let listed = console.obey("parameters bids fraud").join("\n");
    assert!(listed.contains("bids_fraud_timeout"), "{listed}");
    assert!(listed.contains("250ms"), "{listed}");
    console.shift.wait(Duration::from_secs(10)).unwrap();
    let log = console.obey("logs bids_fraud").join("\n");
    assert!(log.contains("00:10 bids_fraud_timeout is now"), "{log}");
}

#[test]
fn the_log_is_in_order_of_time() {
    let mut console = console();
    console.shift.wait(Duration::from_secs(7)).unwrap();
    console.obey("cause unknown");
    console.obey("restart bids 1");
    console.shift.wait(Duration::from_secs(10)).unwrap();
    let lines = console.shift.log.lines();
    assert!(lines.len() > 2);
    assert!(lines.windows(2).all(|pair| pair[0].at <= pair[1].at));
}

#[test]
fn a_parameter_that_there_is_not_is_called_one() {
    let said = |text: &str| Action::parse(text).unwrap_err().to_string();
    assert!(said("set images_receives=1").contains("no parameter `images_receives`"));
    assert!(said("set images_receives=1").contains("did you mean `images_max_receives`"));
    assert!(said("set zzz=1").contains("`parameters PART`"));
    assert!(said("set bids_slots").contains("write a value"));
    assert!(action::parameters("bids", "prices").is_err());
}

#[test]
fn a_figure_is_shown_over_the_last_minutes() {
    let mut console = console();
    console.shift.wait(Duration::from_secs(95)).unwrap();
    let shown = console.obey("look bids requests per second").join("\n");
    assert!(shown.contains("that arrived at its machines"), "{shown}");
    assert!(
        shown.contains("\n  00:05 ") && shown.contains("\n  01:35 "),
        "{shown}"
    );
    assert!(shown.contains("####"), "{shown}");
    let looks = console.shift.done.len();
    let wrong = console.obey("look bids request per second").join("\n");
    assert!(
        wrong.contains("did you mean `requests per second`"),
        "{wrong}"
    );
    assert_eq!(console.shift.done.len(), looks, "nothing was looked at");
}

#[test]
fn a_look_shows_what_is_when_it_is_over() {
    let look = Duration::from_secs(15);
    let mut console = Console::new(Night::new(1, 7).unwrap(), look).unwrap();
    let shown = console.obey("look bids").join("\n");
    assert!(shown.contains("bids at 00:15"), "{shown}");
    let done = &console.shift.done[0];
    assert_eq!(done.at, console.shift.now());
}

/// Beside the pages and the log on a screen of 120 columns.
const NARROW: usize = 72;

#[test]
fn what_is_shown_has_room_in_a_narrow_pane() {
    let mut console = console();
    console.shift.wait(Duration::from_secs(30)).unwrap();
    let shown = ["look", "help", "actions"]
        .map(|line| console.obey(line))
        .concat();
    for row in shown.iter().filter(|row| row.contains("  ")) {
        // Where there are colours, backticks are not shown.
        let width = row.chars().filter(|c| *c != '`').count();
        assert!(width <= NARROW, "{row}");
    }
    assert!(shown.len() > 30);
}

#[test]
fn slow_requests_show_where_their_time_went() {
    let mut console = console();
    console.shift.wait(Duration::from_secs(30)).unwrap();
    let shown = console.obey("slowest buyers").join("\n");
    assert!(shown.contains("of buyers: "), "{shown}");
    assert!(!shown.contains("of sellers: "), "{shown}");
    assert!(shown.contains("quick call"), "{shown}");
    assert!(shown.lines().count() < 50, "{shown}");
}

#[test]
fn the_end_of_a_page_is_reported_as_its_beginning_is() {
    let mut console = console();
    console.shift.wait(Duration::from_secs(1)).unwrap();
    let now = console.shift.now();
    console.shift.alarms.push(Alarm {
        began: now,
        ended: None,
        slo: 0,
        severity: Severity::Page,
        text: "bids: 50 % bad".to_owned(),
    });
    assert_eq!(console.news(), ["00:01 PAGE: bids: 50 % bad"]);
    assert!(console.news().is_empty());
    console.shift.wait(Duration::from_secs(1)).unwrap();
    let ends = format!("00:02 PAGE ends: {}", SLOS[0].name);
    assert_eq!(console.news(), [ends]);
    assert!(console.news().is_empty());
}

#[test]
fn a_cause_may_be_said_of_whom_it_hits_where_that_is_as_true() {
    let incident = (template("noisy-neighbour").unwrap().make)(&mut keyed(1, "test", &[]));
    let named = |part: &str, sort| {
        incident.is_named_by(&Cause {
            part: part.to_owned(),
            sort,
        })
    };
    assert!(named("reports", Sort::NoisyNeighbour));
    assert!(named("auction-db", Sort::NoisyNeighbour));
    assert!(!named("catalog", Sort::NoisyNeighbour));
    assert!(!named("auction-db", Sort::HotKey));
}

#[test]
fn a_look_says_which_machine_is_the_primary_and_who_owns_the_lease() {
    let mut console = console();
    let first = console.obey("look auction-db").join("\n");
    assert!(first.contains("The figures come"), "{first}");
    console.shift.wait(Duration::from_secs(10)).unwrap();
    let database = console.obey("look auction-db");
    let primaries = database.iter().filter(|line| line.contains("(primary)"));
    assert_eq!(primaries.count(), 1, "{database:#?}");
    assert!(
        database
            .iter()
            .any(|line| line.starts_with("  auction-db 1 (primary): load "))
    );
    let closing = console.obey("look closing").join("\n");
    assert_eq!(closing.matches("(owner)").count(), 1, "{closing}");
}

#[test]
fn workers_of_the_settlement_that_work_are_busy() {
    let mut console = console();
    // A night begins each two minutes, and takes half of one.
    let busiest = (0..24).map(|_| {
        console.shift.wait(Duration::from_secs(5)).unwrap();
        let part = console.shift.board.part("settlement").unwrap();
        let at_work = part.machines.iter().filter(|one| one.load > 0.99).count();
        (at_work, part.busy().unwrap())
    });
    let busiest: Vec<(usize, f64)> = busiest.collect();
    assert!(busiest.contains(&(6, 1.0)), "{busiest:?}");
    assert!(
        busiest.iter().any(|(at_work, _)| *at_work == 0),
        "{busiest:?}"
    );
}
