use super::*;
use crate::progress::Event;
use crate::testing::Holds;
use crate::tui::effect::{RunSource, RunStart};
use crate::tui::keymap;
use crate::tui::screen::stage::{Stage, events, survives};
use crate::tui::screen::{Message, Screen};
use crate::tui::theme::{Depth, Ground, Theme};
use crossterm::event::KeyCode;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::challenge::{Medal, Score};
use ddlab_labs::workbench::claim::Measurement;
use ddlab_labs::workbench::claim::Readings;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::intervention::Intervention;
use ddlab_labs::workbench::run::Command;
use std::sync::Arc;

const ENTER: [KeyCode; 1] = [KeyCode::Enter];
const ESC: [KeyCode; 1] = [KeyCode::Esc];

fn opened(stage: &Stage, id: &str) -> (LabScreen, Vec<Effect>) {
    let mut screen = LabScreen::guided("scatter-gather", id).expect("the lab has it");
    let effects = stage.send(&mut screen, Message::Shown);
    (screen, effects)
}

fn tour(stage: &Stage) -> LabScreen {
    opened(stage, "the-tail-is-the-request").0
}

fn job(effects: &[Effect]) -> JobId {
    let job = effects.iter().find_map(|effect| match effect {
        Effect::Measure(job, _) => Some(*job),
        _ => None,
    });
    job.expect("something is measured")
}

/// Lets the run of this step be shown to its end and be measured.
fn run(
    stage: &Stage,
    screen: &mut LabScreen,
    effects: &[Effect],
    readings: &[(&str, f64)],
) -> Vec<Effect> {
    let measurement = Measurement {
        readings: readings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), *value))
            .collect(),
        metrics: Vec::new(),
        invariants: Vec::new(),
        digest: 0,
    };
    let news = MeasureNews::Measured(Arc::new(measurement));
    let mut after = stage.send(screen, Message::Measured(job(effects), news));
    assert!(
        events(&after).is_empty(),
        "nothing is kept before the run was shown"
    );
    let frame = Frame {
        lab: "scatter-gather",
        now: SimTime::from_secs(3_600),
        ..Frame::default()
    };
    let run = screen.live.id().expect("a run is on the screen");
    after.extend(stage.send(screen, Message::Frame(run, Arc::new(frame))));
    after
}

/// To the prediction of the first experiment.
fn at_the_prediction(stage: &Stage) -> LabScreen {
    let mut screen = tour(stage);
    let effects = stage.press(&mut screen, &ENTER);
    run(stage, &mut screen, &effects, &[("one_slow", 0.01)]);
    stage.press(&mut screen, &ENTER);
    stage.press(&mut screen, &ENTER);
    screen
}

#[test]
fn an_experiment_begins_with_its_words_and_a_lab_that_waits() {
    let stage = Stage::new().sized(120, 34);
    let (screen, effects) = opened(&stage, "the-tail-is-the-request");
    assert!(
        matches!(&effects[..], [Effect::Start(_, RunStart { playing: false, source: RunSource::Plan(plan), .. })] if plan.seed == 7),
        "{effects:?}"
    );
    stage.shows(&screen, ["A search leaf answers in 10 ms", "enter goes on"]);
    assert!(matches!(screen.place(), Place::Guide { id, .. } if id == "the-tail-is-the-request"));
}

#[test]
fn what_is_asked_is_covered_until_it_was_predicted() {
    let stage = Stage::new().sized(120, 34);
    let mut screen = at_the_prediction(&stage);
    stage.shows(
        &screen,
        [
            "Which share of the requests",
            "covered until you have predicted",
        ],
    );
    assert!(
        stage.press(&mut screen, &ENTER).is_empty(),
        "nothing runs before"
    );
    stage.shows(&screen, ["predict first, then see"]);
    stage.keys(&mut screen, "5 ms");
    stage.press(&mut screen, &ENTER);
    stage.shows(&screen, ["not a unit of what is asked"]);
    stage.press(&mut screen, &[KeyCode::Backspace; 4]);
    stage.keys(&mut screen, "1% 0.5..2");
    stage.shows(&screen, ["1 %, and four times in five"]);
    let effects = stage.press(&mut screen, &ENTER);
    assert!(matches!(
        &effects[..],
        [
            Effect::Measure(..),
            Effect::StopRun(_),
            Effect::Start(_, RunStart { playing: true, .. })
        ]
    ));
    stage.hides(&screen, ["covered"]);
}

#[test]
fn who_does_not_wait_sees_the_end_of_the_run_and_only_then_what_was_measured() {
    let stage = Stage::new().sized(120, 34);
    let mut screen = tour(&stage);
    let effects = stage.press(&mut screen, &ENTER);
    let measurement = Measurement {
        readings: Readings::default(),
        metrics: Vec::new(),
        invariants: Vec::new(),
        digest: 0,
    };
    let news = MeasureNews::Measured(Arc::new(measurement));
    stage.send(&mut screen, Message::Measured(job(&effects), news));
    let effects = stage.press(&mut screen, &ENTER);
    assert!(
        matches!(&effects[..], [Effect::Steer(_, Command::Seek(end))] if *end > SimTime::from_secs(1)),
        "{effects:?}"
    );
    stage.shows(&screen, ["The lab runs"]);
    let frame = Frame {
        lab: "scatter-gather",
        now: SimTime::from_secs(3_600),
        ..Frame::default()
    };
    let run = screen.live.id().expect("a run is on the screen");
    stage.send(&mut screen, Message::Frame(run, Arc::new(frame)));
    stage.hides(&screen, ["The lab runs"]);
}

#[test]
fn the_surprise_is_shown_large_and_kept() {
    let stage = Stage::new().sized(120, 34);
    let mut screen = at_the_prediction(&stage);
    stage.keys(&mut screen, "1% 0.5..2");
    let effects = stage.press(&mut screen, &ENTER);
    stage.shows(&screen, ["The lab runs"]);
    let readings = [("slow", 0.63), ("p50", 1000.0), ("leaf_p50", 10.0)];
    let effects = run(&stage, &mut screen, &effects, &readings);
    stage.shows(
        &screen,
        [
            "63.0x too low",
            "Most people say 1 %",
            "your range, 0.5 % to 2 %, did not",
        ],
    );
    let [
        Event::Prediction {
            about,
            step,
            guess,
            low,
            actual,
            ..
        },
    ] = events(&effects)[..]
    else {
        panic!("{effects:?}");
    };
    assert_eq!(about, "scatter-gather/the-tail-is-the-request");
    assert_eq!(step.as_deref(), Some("slow-at-100"));
    assert_eq!((*guess, *low, *actual), (0.01, Some(0.005), Some(0.63)));
}

#[test]
fn the_end_of_an_experiment_is_kept_and_leads_to_the_next() {
    let mut stage = Stage::new().sized(120, 34);
    let mut screen = at_the_prediction(&stage);
    stage.keys(&mut screen, "60");
    let effects = stage.press(&mut screen, &ENTER);
    let readings = [("slow", 0.63), ("p50", 1000.0), ("leaf_p50", 10.0)];
    run(&stage, &mut screen, &effects, &readings);
    stage.press(&mut screen, &[KeyCode::Enter; 3]);
    stage.keys(&mut screen, "50");
    let effects = stage.press(&mut screen, &ENTER);
    run(&stage, &mut screen, &effects, &[("ten_slow", 0.095)]);
    stage.shows(&screen, ["5.26x too high"]);
    let effects = stage.press(&mut screen, &[KeyCode::Enter; 2]);
    let [done] = events(&effects)[..] else {
        panic!("{effects:?}");
    };
    assert!(matches!(done, Event::ExperimentDone { .. }), "{done:?}");
    stage.shows(&screen, ["You saw 1 of 2 coming"]);
    stage.happened(done.clone());
    stage.press(&mut screen, &ENTER);
    stage.row(&screen, "▌").holds(["Hedging: a second request"]);
}

#[test]
fn esc_goes_from_the_experiment_to_the_list_to_the_lab() {
    let stage = Stage::new().sized(120, 34);
    let mut screen = tour(&stage);
    stage.press(&mut screen, &ESC);
    stage.shows(&screen, ["Be led through it", "Meet a service level"]);
    stage.press(&mut screen, &ESC);
    stage.hides(&screen, ["Be led through it"]);
    assert!(screen.live.id().is_some(), "the lab goes on");
    stage.keys(&mut screen, "g");
    stage.shows(&screen, ["One slow answer in a hundred"]);
}

#[test]
fn a_lab_that_is_left_in_the_middle_of_a_run_is_measured_no_further() {
    let stage = Stage::new().sized(120, 34);
    let mut screen = tour(&stage);
    let effects = stage.press(&mut screen, &ENTER);
    let measured = job(&effects);
    let effects = stage.press(&mut screen, &ESC);
    assert!(
        matches!(effects[..], [Effect::StopMeasuring(job), Effect::Notice(_)] if job == measured)
    );
}

fn trial(stage: &Stage) -> LabScreen {
    opened(stage, "one-slow-machine").0
}

/// What the bar says that enter does.
fn enter(screen: &LabScreen) -> &'static str {
    let bar = keymap::footer(&screen.contexts());
    let enter = bar.iter().find(|(keys, ..)| keys == "enter");
    enter.expect("enter does something").1
}

#[test]
fn in_a_challenge_only_some_knobs_turn_and_faults_are_given() {
    let stage = Stage::new().sized(120, 34);
    let mut screen = trial(&stage);
    stage.shows(&screen, ["slow=7"]);
    assert_eq!(enter(&screen), "begin");
    let effects = stage.press(&mut screen, &ENTER);
    assert!(matches!(effects[..], [Effect::Steer(_, Command::Play)]));
    assert_eq!(enter(&screen), "hand in");
    screen.focus = 0;
    let effects = stage.press(&mut screen, &[KeyCode::Right]);
    assert!(
        matches!(&effects[..], [Effect::Notice(notice)] if notice.text.contains("you may turn")),
        "{effects:?}"
    );
    let effects = stage.keys(&mut screen, "a");
    assert!(matches!(&effects[..], [Effect::Notice(notice)] if notice.text.contains("are fixed")));
    assert!(
        stage.keys(&mut screen, "B").is_empty(),
        "no burst by its letter either"
    );
    stage.press(&mut screen, &[KeyCode::Tab, KeyCode::Right]);
    let effects = stage.keys(&mut screen, "v");
    assert!(
        matches!(&effects[..], [Effect::Steer(_, Command::Intervene(Intervention::Set { knob, .. }))] if *knob == "policy"),
        "{effects:?}"
    );
}

#[test]
fn settings_that_are_handed_in_come_back_as_a_medal_that_is_kept() {
    let mut stage = Stage::new().sized(120, 34);
    let mut screen = trial(&stage);
    stage.press(&mut screen, &ENTER);
    stage.keys(&mut screen, "h");
    stage.shows(&screen, ["hint 1"]);
    let effects = stage.press(&mut screen, &ENTER);
    stage.shows(&screen, ["Trying it in three worlds"]);
    let scoring = job(&effects);
    assert!(stage.press(&mut screen, &ENTER).is_empty(), "one at a time");
    let score = Score {
        medal: Some(Medal::Silver),
        rows: Vec::new(),
        broken: Vec::new(),
        worlds: vec![(11, Readings::new())],
    };
    let news = MeasureNews::Scored(Arc::new(score));
    let effects = stage.send(&mut screen, Message::Measured(scoring, news));
    let [
        kept @ Event::ChallengeScored {
            medal: Some(Medal::Silver),
            ..
        },
    ] = events(&effects)[..]
    else {
        panic!("{effects:?}");
    };
    stage.shows(&screen, ["★★☆ silver"]);
    assert_eq!(enter(&screen), "try again");
    stage.happened(kept.clone());
    stage.press(&mut screen, &ESC);
    stage.shows(&screen, ["★★☆ silver"]);
}

#[test]
fn a_score_can_be_given_up() {
    let stage = Stage::new().sized(120, 34);
    let mut screen = trial(&stage);
    stage.press(&mut screen, &ENTER);
    let effects = stage.press(&mut screen, &ENTER);
    let scoring = job(&effects);
    let effects = stage.ctrl(&mut screen, 'x');
    assert!(matches!(effects[..], [Effect::StopMeasuring(job)] if job == scoring));
    stage.shows(&screen, ["Now, over the last 10 s"]);
}

#[test]
fn every_size_is_survived_and_the_usual_ones_show_the_step_and_the_lab() {
    for (width, height) in [(80, 23), (120, 34), (200, 59)] {
        let stage = Stage::new().sized(width, height);
        let screen = at_the_prediction(&stage);
        stage.shows(
            &screen,
            [
                "Which share of the requests",
                "arrival_rps",
                "enter commits it",
            ],
        );
        let screen = trial(&stage);
        stage.shows(&screen, ["One slow machine"]);
    }
    let mut stage = Stage::new();
    let (mut list, _) = opened(&stage, "one-slow-machine");
    stage.press(&mut list, &ESC);
    let screens = [tour(&stage), at_the_prediction(&stage), trial(&stage), list];
    for mut screen in screens {
        survives(&mut stage, &mut screen);
    }
}

#[test]
fn ascii_needs_no_other_sign() {
    let mut stage = Stage::new().sized(120, 34);
    stage.theme = Theme::new(Ground::Dark, Depth::None, true);
    for screen in [&tour(&stage), &at_the_prediction(&stage)] {
        let text = stage.text(screen);
        let odd: String = text.chars().filter(|c| !c.is_ascii()).collect();
        assert_eq!(odd, "", "{text}");
    }
}
