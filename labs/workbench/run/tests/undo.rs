//! Taking back what was done to a run.

use super::super::Command;
use super::super::runner::Runner;
use super::replay::{arrive, intervene, run_to, runner, seek, shown};
use crate::engine::SimTime;
use crate::workbench::knob::KnobValue;

fn done(runner: &mut Runner) -> Vec<String> {
    let frame = shown(runner);
    let done = frame.interventions.iter();
    done.map(|timed| timed.what.to_string()).collect()
}

fn undo(runner: &mut Runner) {
    runner.obey(Command::Undo);
    arrive(runner);
}

#[test]
fn an_undone_run_is_the_run_that_nobody_touched() {
    let mut touched = runner();
    run_to(&mut touched, 5);
    intervene(&mut touched, "slow=3");
    run_to(&mut touched, 8);
    assert_eq!(shown(&mut touched).undoable.as_deref(), Some("slow=3"));
    undo(&mut touched);
    let mut untouched = runner();
    run_to(&mut untouched, 8);
    let (undone, never) = (shown(&mut touched), shown(&mut untouched));
    assert_eq!((undone.now, undone.digest), (never.now, never.digest));
    assert_eq!(
        (done(&mut touched), undone.undoable.clone()),
        (vec![], None)
    );
}

#[test]
fn steps_are_taken_back_from_the_last_one_on_and_then_nothing_more() {
    let mut runner = runner();
    for (second, what) in [(2, "slow=3"), (4, "policy=hedge")] {
        run_to(&mut runner, second);
        intervene(&mut runner, what);
    }
    undo(&mut runner);
    assert_eq!(done(&mut runner), ["slow=3"]);
    undo(&mut runner);
    undo(&mut runner);
    assert_eq!(done(&mut runner), [""; 0]);
    assert_eq!(runner.now(), SimTime::from_secs(4));
}

#[test]
fn a_restart_that_is_taken_back_gives_the_run_back_where_it_was() {
    let mut runner = runner();
    run_to(&mut runner, 3);
    intervene(&mut runner, "slow=3");
    run_to(&mut runner, 6);
    let then = shown(&mut runner);
    for restart in [
        Command::Reset,
        Command::Intervene(crate::workbench::intervention::Intervention::Set {
            knob: "fan_out",
            value: KnobValue::Number(5.0),
        }),
    ] {
        runner.obey(restart);
        run_to(&mut runner, 1);
        undo(&mut runner);
        let again = shown(&mut runner);
        assert_eq!((again.now, again.digest), (then.now, then.digest));
    }
}

#[test]
fn what_lay_ahead_comes_back_with_the_step_that_gave_it_up() {
    let mut runner = runner();
    run_to(&mut runner, 4);
    intervene(&mut runner, "slow=3");
    seek(&mut runner, 2_000);
    arrive(&mut runner);
    intervene(&mut runner, "crash=5");
    assert_eq!(done(&mut runner), ["crash=5"]);
    undo(&mut runner);
    assert_eq!(done(&mut runner), ["slow=3"]);
}

#[test]
fn defaults_are_one_step_and_start_again_only_for_what_shapes_the_run() {
    let mut runner = runner();
    run_to(&mut runner, 2);
    intervene(&mut runner, "policy=hedge");
    intervene(&mut runner, "hedge_budget=0.2");
    runner.obey(Command::Defaults);
    let frame = shown(&mut runner);
    assert_eq!(frame.knobs, frame.initial_knobs);
    assert_eq!(frame.now, SimTime::from_secs(2), "the run goes on");
    undo(&mut runner);
    assert_eq!(done(&mut runner), ["policy=hedge", "hedge_budget=0.2"]);

    runner.obey(Command::Intervene(
        crate::workbench::intervention::Intervention::Set {
            knob: "fan_out",
            value: KnobValue::Number(5.0),
        },
    ));
    run_to(&mut runner, 1);
    runner.obey(Command::Defaults);
    assert_eq!(shown(&mut runner).nodes.len(), 1 + 20 * 2);
    assert_eq!(runner.now(), SimTime::ZERO);
}
