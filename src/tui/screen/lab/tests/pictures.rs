//! The picture that each lab of the registry brings, on frames of real runs.

use super::*;
use crate::testing::Holds;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::session::Session;

/// A real lab with these settings, run for some seconds with things done to it, `3s:crash=1`.
fn run(lab: &str, set: &[&str], script: &[&str], seconds: u64) -> (&'static LabSpec, Frame) {
    let lab = ddlab_labs::find(lab).expect("the lab is in the registry");
    let mut plan = RunPlan::new(lab, 7);
    for setting in set {
        plan.knobs.set_text(setting).expect("it is a setting");
    }
    for intervention in script {
        plan.script_text(intervention).expect("the script is valid");
    }
    let mut session = Session::start(plan);
    session.advance(SimTime::from_secs(seconds), u64::MAX);
    (lab.spec(), session.frame())
}

fn shown((spec, frame): (&'static LabSpec, Frame), width: u16, height: u16) -> Bench {
    let mut bench = Bench::of(spec, width, height);
    bench.frame(frame);
    bench
}

#[test]
fn each_lab_has_a_picture_of_its_own_at_every_usual_size() {
    let pictures = [
        (
            run("sharded", &["arrival_rps=500"], &["2s:crash=3"], 4),
            ["mean 20 %", "shard 5", "origin", "17 % ✗"],
        ),
        (
            run("work-queue", &[], &["3s:pause=2"], 5),
            ["queue", "dead letters", "4 of 4 busy", "‖ paused"],
        ),
        (
            run("election", &[], &["3s:pause=1:5s"], 5),
            ["lease store", "candidate 3", "storage", "░ paused"],
        ),
    ];
    for (frame, wanted) in pictures {
        for (width, height) in [(80, 24), (120, 35), (200, 60)] {
            let bench = shown(frame.clone(), width, height);
            bench.shows(wanted);
            let text = bench.ascii().text();
            assert!(text.is_ascii(), "{text}");
            text.holds(wanted.into_iter().filter(|part| part.is_ascii()));
        }
    }
}

#[test]
fn a_shard_that_is_left_keeps_its_number_and_a_click_aims_at_it() {
    let ring = ["arrival_rps=100", "strategy=ring"];
    let mut lab = shown(run("sharded", &ring, &["1s:remove_shard=2"], 2), 120, 35);
    lab.hides(["2 shard 2"]);
    lab.click("shard 3");
    assert_eq!(lab.screen.selected, Some(3));
    assert_eq!(asked(&lab.keys("K")), ["crash=3"]);
}

#[test]
fn the_newest_shard_goes_at_a_letter_and_a_lab_without_requests_says_so() {
    let mut lab = shown(run("sharded", &["arrival_rps=100"], &[], 1), 120, 35);
    assert_eq!(asked(&lab.keys("D")), ["remove_shard"]);
    let mut lab = shown(run("election", &[], &[], 1), 120, 35);
    lab.keys("t");
    lab.shows(["Nobody sends requests here"]);
}
