//! Going back, without a thread and without a wall clock: what a runner shows before its replay is done,
//! and after.

use super::super::keyframes::Keyframes;
use super::super::runner::Runner;
use super::super::{Command, Newest, RunOptions};
use crate::engine::{Ran, SimTime};
use crate::scatter_gather::LAB;
use crate::workbench::compare::Sides;
use crate::workbench::frame::Frame;
use crate::workbench::headless;
use crate::workbench::intervention::Intervention;
use crate::workbench::knob::KnobValue;
use crate::workbench::lab::Lab;
use crate::workbench::meter::WINDOW;
use crate::workbench::plan::RunPlan;
use crate::workbench::replay::Replay;
use crate::workbench::session::Session;
use std::sync::Arc;
use std::sync::mpsc::channel;

/// A runner that nobody but the test turns.
pub(super) fn runner() -> Runner {
    let (_, inbox) = channel();
    let options = RunOptions::new(&LAB, 1);
    Runner::new(options, inbox, Arc::new(Newest::default()), Box::new(|| ()))
}

pub(super) fn run_to(runner: &mut Runner, seconds: u64) {
    let goal = SimTime::from_secs(seconds);
    while runner.now() < goal {
        runner.advance(goal);
    }
}

pub(super) fn shown(runner: &mut Runner) -> Arc<Frame> {
    runner.published_at = None;
    runner.changed = true;
    runner.publish();
    runner.shown.get()
}

pub(super) fn arrive(runner: &mut Runner) {
    while runner.seeking.is_some() {
        runner.seek_on();
    }
}

pub(super) fn seek(runner: &mut Runner, ms: u64) {
    runner.obey(Command::Seek(SimTime::from_millis(ms)));
}

fn last_point(frame: &Frame) -> f64 {
    let series = &frame.metric("in_progress").unwrap().series;
    let end = series[0].points.last().unwrap().0;
    (end * 1e3).round() / 1e3
}

#[test]
fn a_seek_shows_what_is_remembered_at_once_and_the_exact_moment_later() {
    let mut runner = runner();
    run_to(&mut runner, 20);
    let then = shown(&mut runner);
    seek(&mut runner, 7_300);
    let at_once = shown(&mut runner);
    assert_eq!(at_once.now, SimTime::from_secs(7), "the keyframe before it");
    let seeking = at_once.seeking.unwrap();
    assert_eq!(seeking.to, SimTime::from_millis(7_300));
    assert_eq!(at_once.horizon, then.now, "what comes after is still known");
    assert!(
        (last_point(&at_once) - 7.3).abs() < 1e-9,
        "charts end at the moment itself"
    );
    assert!(!at_once.nodes.is_empty() && !at_once.invariants.is_empty());
    arrive(&mut runner);
    let exact = shown(&mut runner);
    assert_eq!(
        (exact.now, exact.seeking),
        (SimTime::from_millis(7_300), None)
    );
    assert_eq!(exact.horizon, then.now);
}

#[test]
fn charts_as_remembered_are_the_charts_as_they_were() {
    let mut runner = runner();
    run_to(&mut runner, 9);
    let then = shown(&mut runner);
    run_to(&mut runner, 20);
    seek(&mut runner, 9_000);
    let again = shown(&mut runner);
    assert_eq!(again.metrics, then.metrics);
    assert_eq!(again.digest, then.digest);
}

#[test]
fn a_seek_during_a_replay_takes_its_place_and_one_forward_works_as_well() {
    let mut runner = runner();
    run_to(&mut runner, 20);
    seek(&mut runner, 15_000);
    runner.seek_on();
    seek(&mut runner, 4_000);
    assert_eq!(shown(&mut runner).now, SimTime::from_secs(4));
    arrive(&mut runner);
    assert_eq!(runner.now(), SimTime::from_secs(4));
    seek(&mut runner, 12_000);
    assert!((last_point(&shown(&mut runner)) - 12.0).abs() < 1e-9);
    arrive(&mut runner);
    assert_eq!(runner.now(), SimTime::from_secs(12));
    seek(&mut runner, 25_000);
    assert_eq!(
        shown(&mut runner).now,
        SimTime::from_secs(12),
        "nothing is remembered of what never was"
    );
    arrive(&mut runner);
    assert_eq!(runner.now(), SimTime::from_secs(25));
    assert_eq!(shown(&mut runner).horizon, SimTime::from_secs(25));
}

#[test]
fn what_lies_ahead_happens_again_until_one_acts() {
    let mut runner = runner();
    run_to(&mut runner, 5);
    intervene(&mut runner, "slow=3");
    run_to(&mut runner, 12);
    let then = shown(&mut runner);
    seek(&mut runner, 3_000);
    arrive(&mut runner);
    assert_eq!(
        shown(&mut runner).interventions.len(),
        1,
        "it is still to come"
    );
    run_to(&mut runner, 12);
    assert_eq!(shown(&mut runner).digest, then.digest);
    seek(&mut runner, 3_000);
    arrive(&mut runner);
    intervene(&mut runner, "crash=5");
    let another = shown(&mut runner);
    assert_eq!(another.horizon, SimTime::from_secs(3));
    assert_eq!(another.interventions.len(), 1);
    run_to(&mut runner, 12);
    let digest = shown(&mut runner).digest;
    assert_ne!(digest, then.digest, "that future is gone");
}

pub(super) fn intervene(runner: &mut Runner, text: &str) {
    let what = Intervention::parse(text, LAB.spec()).unwrap();
    runner.obey(Command::Intervene(what));
}

#[test]
fn what_is_done_during_a_replay_is_done_at_the_moment_that_it_goes_to() {
    let mut runner = runner();
    run_to(&mut runner, 10);
    seek(&mut runner, 6_000);
    intervene(&mut runner, "slow=3");
    assert!(shown(&mut runner).interventions.is_empty());
    arrive(&mut runner);
    let interventions = &shown(&mut runner).interventions;
    assert_eq!(interventions[0].at, SimTime::from_secs(6));
}

#[test]
fn a_comparison_is_brought_up_to_the_present_and_then_seeks_as_one() {
    let mut runner = runner();
    run_to(&mut runner, 10);
    let before = shown(&mut runner);
    let hedge = KnobValue::Word("hedge".into());
    runner.obey(Command::Compare(vec![("policy".into(), hedge.clone())]));
    let frame = shown(&mut runner);
    assert_eq!(frame.now, before.now, "side A stands still meanwhile");
    assert_eq!(frame.other.as_ref().unwrap().now, SimTime(0));
    arrive(&mut runner);
    run_to(&mut runner, 12);
    seek(&mut runner, 5_000);
    let remembered = shown(&mut runner);
    let other = remembered.other.as_ref().unwrap();
    assert_eq!(
        (remembered.now, other.now),
        (SimTime::from_secs(5), SimTime::from_secs(5))
    );
    assert!(other.knobs.contains(&hedge));
    assert!((last_point(other) - 5.0).abs() < 1e-9);
    arrive(&mut runner);
    runner.obey(Command::Swap);
    assert!(shown(&mut runner).knobs.contains(&hedge));
    runner.obey(Command::EndCompare);
    let kept = shown(&mut runner);
    assert!(kept.other.is_none() && kept.knobs.contains(&hedge));
    assert_eq!(kept.now, SimTime::from_secs(5));
}

#[test]
fn keyframes_are_bounded_over_hours_of_virtual_time() {
    let mut plan = RunPlan::new(&LAB, 1);
    for setting in ["arrival_rps=0.2", "fan_out=3"] {
        plan.knobs.set_text(setting).unwrap();
    }
    let mut run = Sides::one(Session::start(plan));
    let mut past = Keyframes::default();
    let (mut most, mut heaviest) = (0, 0);
    for window in 0..3 * 36_000 {
        while run.advance(SimTime(window * WINDOW.0), 100_000) == Ran::OutOfBudget {}
        past.offer(run.a());
        (most, heaviest) = (most.max(past.len()), heaviest.max(past.bytes()));
    }
    assert!((100..=256).contains(&most), "{most}");
    assert!(heaviest < 12 << 20, "{heaviest} bytes");
    let hour = SimTime::from_secs(3600);
    let near = past.at(hour).unwrap().now;
    assert!(near <= hour && near > SimTime::from_secs(3400), "{near}");
}

#[test]
fn heavy_keyframes_stand_wider_apart_instead_of_weighing_more() {
    let mut plan = RunPlan::new(&LAB, 1);
    for setting in ["arrival_rps=20", "fan_out=400"] {
        plan.knobs.set_text(setting).unwrap();
    }
    let mut run = Sides::one(Session::start(plan));
    let mut past = Keyframes::with_budget(2 << 20);
    for window in 0..150 {
        while run.advance(SimTime(window * WINDOW.0), 1_000_000) == Ran::OutOfBudget {}
        past.offer(run.a());
    }
    assert!(past.bytes() <= 2 << 20, "{}", past.bytes());
    assert!(past.len() >= 2);
}

fn saved(digests: &[(u64, u64)]) -> Runner {
    let mut plan = RunPlan::new(&LAB, 1);
    plan.script_text("2s:slow=3").unwrap();
    plan.length = SimTime::from_secs(4);
    let mut record = headless::run(plan).unwrap().record;
    for (at, change) in digests {
        for (moment, digest) in &mut record.digests {
            if *moment == SimTime::from_millis(*at) {
                *digest ^= change;
            }
        }
    }
    let (_, inbox) = channel();
    let shown = Arc::new(Newest::default());
    Runner::new(RunOptions::saved(record), inbox, shown, Box::new(|| ()))
}

#[test]
fn a_saved_run_stands_ready_and_says_at_its_end_that_it_was_the_same() {
    let mut runner = saved(&[]);
    let frame = shown(&mut runner);
    assert!(!frame.pace.playing && frame.interventions.len() == 1);
    let view = frame.saved.clone().unwrap();
    assert_eq!((view.until, view.found), (SimTime::from_secs(4), None));
    runner.obey(Command::Play);
    run_to(&mut runner, 4);
    let frame = shown(&mut runner);
    assert!(!frame.pace.playing, "it stands at its end");
    assert!(matches!(
        frame.saved.as_ref().unwrap().found,
        Some(Replay::Same { .. })
    ));
    assert!(
        frame
            .log
            .iter()
            .any(|line| line.text.contains("the same run again"))
    );
}

#[test]
fn a_wrong_digest_is_found_at_its_moment_and_said() {
    let mut runner = saved(&[(2_000, 1)]);
    run_to(&mut runner, 3);
    let frame = shown(&mut runner);
    let Some(Replay::Differs {
        equal_until, at, ..
    }) = frame.saved.as_ref().unwrap().found
    else {
        panic!("{:?}", frame.saved);
    };
    assert_eq!(
        (equal_until, at),
        (SimTime::from_millis(1_600), SimTime::from_secs(2))
    );
    assert!(
        frame
            .log
            .iter()
            .any(|line| line.text.contains("not the same run"))
    );
    run_to(&mut runner, 6);
    assert_eq!(
        runner.now(),
        SimTime::from_secs(6),
        "it can still be played on"
    );
}

#[test]
fn who_acts_in_a_saved_run_leaves_it() {
    let mut runner = saved(&[]);
    run_to(&mut runner, 1);
    intervene(&mut runner, "crash=5");
    assert_eq!(shown(&mut runner).saved, None);
}
