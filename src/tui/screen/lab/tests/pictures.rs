//! The picture that each lab of the registry brings, on frames of real runs.

use super::*;

/// A frame of a real lab after some seconds, with things done to it, `3s:crash=1`.
fn frame_of(lab: &str, set: &[&str], script: &[&str], seconds: u64) -> Frame {
    let lab = ddlab_labs::find(lab).expect("the lab is in the registry");
    let mut plan = ddlab_labs::workbench::plan::RunPlan::new(lab, 7);
    for setting in set {
        plan.knobs.set_text(setting).expect("it is a setting");
    }
    for intervention in script {
        plan.script_text(intervention).expect("the script is valid");
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
        matches!(&effects[..], [Effect::Steer(_, Command::Intervene(what))] if what.to_string() == "crash=3"),
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
        matches!(&effects[..], [Effect::Steer(_, Command::Intervene(what))] if what.to_string() == "remove_shard"),
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
