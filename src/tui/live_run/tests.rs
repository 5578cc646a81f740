use super::*;
use crate::gateway::News;
use crate::tui::serving::Served;
use crate::tui::widget::fixture;
use ddlab_labs::workbench::frame::Seeking;

fn live() -> LiveRun {
    let knobs = KnobSettings::defaults(&fixture::spec().knobs);
    LiveRun::new(fixture::spec(), knobs, 7, Speed::INITIAL)
}

/// One that has shown its first frame.
fn running() -> LiveRun {
    let mut live = live();
    live.start();
    show(&mut live, fixture::frame(20, 2));
    live
}

fn show(live: &mut LiveRun, frame: Frame) {
    let id = live.id().expect("it runs");
    live.update(&Message::Frame(id, Arc::new(frame)));
}

fn policy(live: &LiveRun) -> String {
    live.knobs().value("policy").to_string()
}

fn turn_policy(live: &mut LiveRun, to: &str) -> Vec<Effect> {
    let knob = live.knobs().spec("policy").expect("the fixture has it");
    live.turn(knob, KnobValue::Word(to.to_owned()))
}

/// The fixture's frame with another policy.
fn frame_with(policy: &str) -> Frame {
    let mut frame = fixture::frame(20, 2);
    let knobs = fixture::spec().knobs.iter();
    for (knob, value) in knobs.zip(&mut frame.knobs) {
        if knob.name == "policy" {
            *value = KnobValue::Word(policy.to_owned());
        }
    }
    frame
}

#[test]
fn a_start_is_one_effect_and_takes_the_place_of_what_runs() {
    let mut live = live();
    turn_policy(&mut live, "hedge");
    let effects = live.start();
    let [Effect::Start(first, start)] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert!(start.playing && (start.speed - 10.0).abs() < 1e-9);
    let RunSource::Lab { seed: 7, knobs, .. } = &start.source else {
        panic!("{start:?}")
    };
    assert_eq!(knobs.value("policy").to_string(), "hedge");
    let effects = live.start();
    assert!(
        matches!(effects[..], [Effect::StopRun(stopped), Effect::Start(again, _)] if stopped == *first && again != *first)
    );
}

#[test]
fn a_turned_knob_shows_at_once_and_an_older_frame_does_not_turn_it_back() {
    let mut live = running();
    let effects = turn_policy(&mut live, "hedge");
    assert!(matches!(
        &effects[..],
        [Effect::Steer(
            _,
            Command::Intervene(Intervention::Set { knob: "policy", .. })
        )]
    ));
    assert!(
        turn_policy(&mut live, "hedge").is_empty(),
        "it has that value"
    );
    turn_policy(&mut live, "tied");
    show(&mut live, fixture::frame(20, 2));
    assert_eq!(policy(&live), "tied");
    show(&mut live, frame_with("hedge"));
    assert_eq!(policy(&live), "tied", "the first turn was shown");
    show(&mut live, frame_with("tied"));
    assert_eq!(policy(&live), "tied");
}

#[test]
fn what_a_script_or_a_client_turns_is_turned_here() {
    let mut live = running();
    show(&mut live, frame_with("hedge"));
    assert_eq!(policy(&live), "hedge");
    let value = KnobValue::Word("tied".to_owned());
    let knob = "policy";
    let id = live.id().expect("it runs");
    let turned = Served::News(News::Turned { knob, value });
    live.update(&Message::Served(id, turned));
    assert_eq!(policy(&live), "tied");
}

#[test]
fn it_waits_while_it_is_covered_unless_clients_rely_on_it() {
    let mut live = running();
    let is = |effects: &[Effect], wanted: &Command| matches!(effects, [Effect::Steer(_, command)] if command == wanted);
    assert!(is(&live.update(&Message::Hidden), &Command::Pause));
    assert!(is(&live.update(&Message::Shown), &Command::Play));
    live.toggle_serving();
    assert!(live.update(&Message::Hidden).is_empty());
}

#[test]
fn a_plan_that_starts_under_cover_does_not_play() {
    let mut live = running();
    live.update(&Message::Hidden);
    let lab = ddlab_labs::find("scatter-gather").expect("the lab is there");
    let effects = live.start_plan(RunPlan::new(lab, 3), Speed::REAL, true);
    let Some(Effect::Start(_, start)) = effects.last() else {
        panic!("{effects:?}")
    };
    assert!(!start.playing && !live.is_playing());
    assert_eq!(live.seed(), 3);
}

#[test]
fn seeks_add_up_before_a_frame_answers_and_end_where_the_run_has_come_to() {
    let mut live = running();
    let second = |at: u64| SimTime::from_secs(at);
    live.seek_and_pause(second(20));
    assert_eq!(live.moment(), Some(second(20)));
    let mut frame = fixture::frame(20, 2);
    frame.horizon = frame.now;
    frame.now = second(19);
    frame.seeking = Some(Seeking {
        to: second(20),
        reached: second(1),
    });
    show(&mut live, frame);
    assert_eq!(live.moment(), Some(second(20)), "it is on its way there");
    live.seek(second(3_600));
    assert_eq!(live.moment(), Some(live.horizon()));
}

#[test]
fn a_reset_goes_back_and_a_failed_run_starts_anew() {
    let mut live = running();
    assert!(matches!(
        live.reset()[..],
        [
            Effect::Steer(_, Command::Reset),
            Effect::Steer(_, Command::Play)
        ]
    ));
    let id = live.id().expect("it runs");
    live.update(&Message::RunFailed(id, "no thread".to_owned()));
    assert_eq!(live.fault(), Some("no thread"));
    assert!(matches!(
        live.reset()[..],
        [Effect::StopRun(_), Effect::Start(..)]
    ));
    assert_eq!(live.fault(), None);
}

#[test]
fn news_of_another_run_change_nothing() {
    let mut live = running();
    let other = RunId::fresh();
    live.update(&Message::Frame(other, Arc::new(frame_with("hedge"))));
    live.update(&Message::RunFailed(other, "no thread".to_owned()));
    live.update(&Message::Served(other, Served::At("http://a".to_owned())));
    assert_eq!(policy(&live), "wait_all");
    assert_eq!(live.fault(), None);
    assert!(!live.serving().is_on());
}
