//! A run on its thread. No test here knows how long anything takes: each waits for the frame that
//! shows what it is after.

mod replay;
mod undo;

use super::{Command, RunHandle, RunOptions, Unresponsive};
use crate::engine::{self, Sim, SimTime};
use crate::scatter_gather::LAB;
use crate::workbench::action::{Action, ActionError};
use crate::workbench::frame::{Frame, MetricView};
use crate::workbench::headless;
use crate::workbench::instruments::Instruments;
use crate::workbench::intervention::Intervention;
use crate::workbench::knob::{KnobValue, Settings};
use crate::workbench::lab::{Lab, LabSpec, RunningLab};
use crate::workbench::plan::RunPlan;
use crate::workbench::replay::Replay;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// A run whose frames can be waited for.
struct Watched {
    run: RunHandle,
    woken: Receiver<()>,
}

impl Watched {
    fn start(options: RunOptions) -> Self {
        let (wake, woken) = channel();
        let waker = Box::new(move || {
            // Nobody waits any more when a test has seen enough.
            let _ = wake.send(());
        });
        Self {
            run: RunHandle::start(options, waker).unwrap(),
            woken,
        }
    }

    /// The first frame from now on that is as wanted. The time limit only ends a test that would
    /// hang.
    fn until(&self, what: &str, wanted: impl Fn(&Frame) -> bool) -> Arc<Frame> {
        loop {
            let frame = self.run.frame();
            if wanted(&frame) {
                return frame;
            }
            if let Err(RecvTimeoutError::Timeout) = self.woken.recv_timeout(Duration::from_mins(1))
            {
                panic!("no frame came that is {what}; the last is at {}", frame.now);
            }
        }
    }

    fn send(&self, command: Command) {
        self.run.send(command);
    }

    fn intervene(&self, text: &str) {
        let what = Intervention::parse(text, LAB.spec()).unwrap();
        self.send(Command::Intervene(what));
    }

    /// Pauses, and waits until it stands.
    fn paused(&self) -> Arc<Frame> {
        self.send(Command::Pause);
        self.until("paused", |frame| {
            frame.lab == LAB.spec().id && !frame.pace.playing
        })
    }
}

fn watched() -> Watched {
    Watched::start(RunOptions::new(&LAB, 1).at_speed(20.0))
}

fn beyond(seconds: u64) -> impl Fn(&Frame) -> bool {
    move |frame| frame.now > SimTime::from_secs(seconds)
}

#[test]
fn a_playing_run_passes_time_and_a_paused_one_stands() {
    let watched = watched();
    watched.until("beyond a second", beyond(1));
    let stands = watched.paused();
    watched.send(Command::Speed(7.0));
    let later = watched.until("at the new speed", |frame| {
        (frame.pace.asked - 7.0).abs() < 1e-9
    });
    assert_eq!(later.now, stands.now);
    watched.send(Command::Play);
    watched.until("on its way again", |frame| {
        frame.now > stands.now && frame.pace.playing
    });
}

#[test]
fn the_reached_speed_is_measured() {
    let watched = watched();
    let frame = watched.until("measured", |frame| frame.pace.reached > 0.0);
    assert!((frame.pace.asked - 20.0).abs() < 1e-9);
    assert!(frame.pace.reached <= 25.0, "{}", frame.pace.reached);
}

#[test]
fn a_step_goes_to_the_next_event_and_no_further() {
    let watched = watched();
    watched.until("beyond a second", beyond(1));
    let before = watched.paused();
    watched.send(Command::Step);
    let after = watched.until("a step later", |frame| frame.now > before.now);
    assert!(!after.pace.playing);
    assert!(
        after.now < SimTime(before.now.0 + 200_000_000),
        "events are a few ms apart"
    );
}

#[test]
fn a_knob_turns_live_and_leaves_its_mark() {
    let watched = watched();
    watched.until("beyond a second", beyond(1));
    let value = KnobValue::Word("hedge".into());
    watched.intervene("policy=hedge");
    let frame = watched.until("marked", |frame| !frame.interventions.is_empty());
    assert_eq!(frame.interventions[0].what.to_string(), "policy=hedge");
    assert!(frame.knobs.contains(&value) && !frame.initial_knobs.contains(&value));
}

#[test]
fn a_knob_that_shapes_the_cluster_starts_the_run_afresh() {
    let watched = watched();
    watched.until("beyond a second", beyond(1));
    watched.paused();
    watched.send(Command::Intervene(Intervention::Set {
        knob: "fan_out",
        value: KnobValue::Number(5.0),
    }));
    let frame = watched.until("of five leaves", |frame| frame.nodes.len() == 1 + 5 * 2);
    assert_eq!(frame.now, SimTime::ZERO);
    assert!(frame.interventions.is_empty());
}

#[test]
fn what_makes_no_sense_is_reported_in_the_log_and_changes_nothing() {
    let watched = watched();
    let value = KnobValue::Number(-3.0);
    watched.send(Command::Intervene(Intervention::Set {
        knob: "hedge_budgt",
        value: value.clone(),
    }));
    watched.send(Command::Intervene(Intervention::Set {
        knob: "hedge_budget",
        value,
    }));
    watched.intervene("slow=99");
    let logs = |frame: &Frame, text: &str| frame.log.iter().any(|line| line.text.contains(text));
    let frame = watched.until("the refusal", |frame| logs(frame, "the last leaf is 20"));
    assert!(logs(&frame, "did you mean `hedge_budget`?") && logs(&frame, "out of range"));
    assert!(frame.interventions.is_empty());
}

#[test]
fn what_was_done_live_is_recorded_and_replays_to_the_same_digest() {
    let watched = watched();
    watched.until("beyond a second", beyond(1));
    watched.intervene("slow=3");
    watched.until("beyond three seconds", beyond(3));
    watched.intervene("crash=5");
    watched.until("beyond five seconds", beyond(5));
    watched.paused();
    let record = watched.run.record().unwrap();
    assert_eq!(record.plan.script.len(), 2);
    let digest = record.digests[0].1;
    assert_eq!(headless::replay(&record), Ok(Replay::Same { digest }));
}

#[test]
fn seeking_back_is_a_replay_to_the_very_same_moment() {
    let watched = watched();
    watched.until("beyond a second", beyond(1));
    watched.intervene("slow=3");
    watched.until("beyond three seconds", beyond(3));
    let then = watched.paused();
    watched.send(Command::Play);
    watched.until("well beyond", |frame| {
        frame.now.0 > then.now.0 + 2_000_000_000
    });
    watched.paused();
    watched.send(Command::Seek(then.now));
    let again = watched.until("back", |frame| {
        frame.now == then.now && frame.seeking.is_none()
    });
    assert_eq!(again.digest, then.digest);
    let differs = |(again, then): (&MetricView, &MetricView)| (again != then).then_some(again.name);
    let differing: Vec<_> = again
        .metrics
        .iter()
        .zip(&then.metrics)
        .filter_map(differs)
        .collect();
    assert!(differing.is_empty(), "{differing:?}");
}

#[test]
fn a_reset_starts_again_with_the_knobs_as_they_are() {
    let watched = watched();
    watched.until("beyond a second", beyond(1));
    let value = KnobValue::Word("hedge".into());
    watched.intervene("policy=hedge");
    watched.paused();
    watched.send(Command::Reset);
    let frame = watched.until("at its start", |frame| frame.now == SimTime::ZERO);
    assert!(frame.initial_knobs.contains(&value) && frame.interventions.is_empty());
}

#[test]
fn dropping_the_handle_ends_the_thread() {
    let Watched { run, woken } = watched();
    drop(run);
    // The waker is gone with the thread: the channel runs dry and closes.
    while woken.recv_timeout(Duration::from_mins(1)) != Err(RecvTimeoutError::Disconnected) {}
}

/// A lab that falls over when it is told to.
struct Fragile;

struct Falls(Rc<Instruments>);

impl Lab for Fragile {
    fn spec(&self) -> &'static LabSpec {
        LAB.spec()
    }

    fn start(&self, sim: &Sim, _: &Rc<Settings>) -> Box<dyn RunningLab> {
        Box::new(Falls(Instruments::new(&sim.handle(), LAB.spec())))
    }
}

impl RunningLab for Falls {
    fn act(&mut self, _: &Sim, action: &Action) -> Result<Option<String>, ActionError> {
        panic!("there is a bug in {action}");
    }

    fn fill(&self, _: &Sim, _: &mut Frame) {}

    fn instruments(&self) -> &Instruments {
        &self.0
    }
}

#[test]
fn a_panic_in_the_lab_is_shown_and_a_reset_starts_it_again() {
    let watched = Watched::start(RunOptions::new(&Fragile, 1));
    watched.until("beyond its start", |frame| frame.now > SimTime::ZERO);
    watched.intervene("burst");
    let frame = watched.until("at fault", |frame| frame.fault.is_some());
    let fault = frame.fault.clone().unwrap_or_default();
    assert!(fault.contains("there is a bug in burst=500"), "{fault}");
    assert!(!frame.pace.playing);
    watched.send(Command::Reset);
    watched.until("mended", |frame| frame.fault.is_none());
}

/// A lab that never comes to the end of its first moment.
struct Endless;

impl Lab for Endless {
    fn spec(&self) -> &'static LabSpec {
        LAB.spec()
    }

    fn start(&self, sim: &Sim, _: &Rc<Settings>) -> Box<dyn RunningLab> {
        sim.spawn(async {
            loop {
                engine::sleep(Duration::ZERO).await;
            }
        });
        Box::new(Falls(Instruments::new(&sim.handle(), LAB.spec())))
    }
}

#[test]
fn a_lab_that_never_advances_is_ended_and_reported() {
    let watched = Watched::start(RunOptions::new(&Endless, 1));
    let frame = watched.until("at fault", |frame| frame.fault.is_some());
    let fault = frame.fault.clone().unwrap_or_default();
    assert!(fault.contains("stands still at 0ms"), "{fault}");
    assert!(!frame.pace.playing);
    assert_eq!(watched.run.leave(), Ok(()));
    let stuck = headless::run(RunPlan::new(&Endless, 1)).unwrap_err();
    assert!(stuck.to_string().contains("stands still"), "{stuck}");
}

/// A lab whose code does not return before it is let go.
struct Blocked;

static LET_GO: AtomicBool = AtomicBool::new(false);

impl Lab for Blocked {
    fn spec(&self) -> &'static LabSpec {
        LAB.spec()
    }

    fn start(&self, sim: &Sim, _: &Rc<Settings>) -> Box<dyn RunningLab> {
        while !LET_GO.load(Ordering::Relaxed) {
            std::thread::park_timeout(Duration::from_millis(1));
        }
        Box::new(Falls(Instruments::new(&sim.handle(), LAB.spec())))
    }
}

#[test]
fn a_lab_that_does_not_return_is_left_behind_and_reported() {
    let watched = Watched::start(RunOptions::new(&Blocked, 1));
    assert_eq!(watched.run.record().map(|_| ()), Err(Unresponsive));
    assert_eq!(watched.run.leave(), Err(Unresponsive));
    LET_GO.store(true, Ordering::Relaxed);
    while watched.woken.recv_timeout(Duration::from_mins(1)) != Err(RecvTimeoutError::Disconnected)
    {
    }
}
