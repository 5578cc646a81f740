//! Runs that wait: beneath a guide, put aside for other settings, and when the lab is left.

use super::*;

/// A lab of the registry, since only those have guides, with a frame of its run.
fn running() -> Bench {
    let lab = ddlab_labs::find("scatter-gather").expect("it is in the registry");
    let mut bench = Bench::of(lab.spec(), 120, 35);
    let mut session = ddlab_labs::workbench::session::Session::start(
        ddlab_labs::workbench::plan::RunPlan::new(lab, 1),
    );
    session.advance(SimTime::from_secs(2), u64::MAX);
    bench.frame(session.frame());
    bench
}

fn come_back(lab: &mut Bench, place: &Place) -> Vec<Effect> {
    lab.screen.come_back(place, &lab.stage.cx())
}

fn with_hedge() -> Place {
    Place::Lab {
        lab: "scatter-gather".to_owned(),
        set: vec!["policy=hedge".to_owned()],
        seed: 1,
    }
}

#[test]
fn a_guide_gives_the_run_back_that_it_took_the_place_of() {
    let mut lab = running();
    let own = lab.run();
    lab.keys("g");
    let effects = lab.press(KeyCode::Enter);
    assert_eq!(
        asked(&effects)[..2],
        ["Pause", "Start"],
        "it is not stopped"
    );
    let guided = lab.run();
    assert_ne!(guided, own);
    lab.press(KeyCode::Esc);
    let effects = lab.press(KeyCode::Esc);
    assert!(
        matches!(&effects[..], [Effect::StopRun(ended), Effect::Notice(notice)]
            if *ended == guided && notice.text.contains("paused at 00:02.000")),
        "{effects:?}"
    );
    assert_eq!(lab.run(), own);
    lab.shows(["‖", "00:02.000"]);
}

#[test]
fn a_lab_that_is_left_waits_paused_and_one_that_never_ran_does_not() {
    assert!(Bench::new(80, 24).screen.wait().is_none());
    let mut lab = running();
    let run = lab.run();
    let waits = lab.screen.wait().expect("time has passed in it");
    assert_eq!(asked(&waits), ["Pause"]);
    assert!(come_back(&mut lab, &Place::lab("scatter-gather")).is_empty());
    assert!(lab.send(Message::Shown).is_empty(), "it stays paused");
    assert_eq!(lab.run(), run);
}

#[test]
fn other_settings_put_the_run_aside_and_p_goes_back_to_it() {
    let mut lab = running();
    let own = lab.run();
    let effects = come_back(&mut lab, &with_hedge());
    assert_eq!(asked(&effects), ["Pause", "Notice"]);
    assert_eq!(asked(&lab.send(Message::Shown))[0], "Start");
    lab.shows(["policy ‹hedge›"]);
    assert!(come_back(&mut lab, &with_hedge()).is_empty(), "it is that");
    // The new one has not begun: nothing of it is lost.
    assert_eq!(asked(&lab.keys("p")), ["StopRun"]);
    assert_eq!(lab.run(), own);
    assert_eq!(asked(&lab.keys("p")), ["Notice"], "there is no other");
}

#[test]
fn the_program_reopens_in_the_run_where_it_was_left() {
    let mut lab = Bench::running(120, 35);
    let left = lab.screen.place_to_reopen();
    let Place::Run { script, at_ns, .. } = &left else {
        panic!("{left:?}")
    };
    assert_eq!(
        script[..],
        ["12000000000ns:slow=3", "30000000000ns:policy=hedge"]
    );
    let kept = serde_json::to_string(&left).expect("it is data");
    assert_eq!(
        serde_json::from_str::<Place>(&kept).ok(),
        Some(left.clone())
    );
    let (set, at_ns) = (Vec::new(), *at_ns);
    lab.screen =
        LabScreen::open_run("scatter-gather", &set, script, 7, at_ns).expect("it is a run");
    let effects = lab.send(Message::Shown);
    assert!(
        matches!(&effects[..2], [Effect::Start(_, start), Effect::Steer(_, Command::Seek(at))]
            if !start.playing && at.0 == at_ns),
        "{effects:?}"
    );
}
