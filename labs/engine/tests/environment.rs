//! The seam: one piece of pattern code, in the simulation and on a real runtime.

use super::*;
use futures::future::LocalBoxFuture;

#[derive(Debug, PartialEq)]
struct Findings {
    waited: bool,
    in_time: Result<u8, Elapsed>,
    late: Result<(), Elapsed>,
    done: Result<u8, Aborted>,
    aborted: Result<u8, Aborted>,
}

/// Asks for everything that a pattern may ask for.
async fn pattern() -> Findings {
    let begin = env::now();
    env::sleep(ms(20)).await;
    let waited = env::now().saturating_sub(begin) >= ms(20);
    let in_time = env::timeout(ms(1000), async {
        env::sleep(ms(1)).await;
        1
    })
    .await;
    let late = env::timeout(ms(5), std::future::pending()).await;
    let done = env::spawn(async { 2 }).await;
    let endless = env::spawn(std::future::pending());
    endless.abort();
    Findings {
        waited,
        in_time,
        late,
        done,
        aborted: endless.await,
    }
}

const EXPECTED: Findings = Findings {
    waited: true,
    in_time: Ok(1),
    late: Err(Elapsed),
    done: Ok(2),
    aborted: Err(Aborted),
};

#[test]
fn a_pattern_runs_in_a_simulation() {
    let sim = Sim::new(1);
    let task = sim.spawn(async {
        assert_eq!(pattern().await, EXPECTED);
        now()
    });
    let end = sim.spawn(async { assert_eq!(task.await, Ok(at_ms(26))) });
    run(&sim, at_ms(100));
    assert!(end.is_finished());
}

#[test]
fn a_pattern_sees_the_clock_of_its_node() {
    let sim = Sim::new(1);
    let node = sim.add_server("skewed");
    sim.set_clock(node, 5_000_000, 1.0);
    let task = sim.spawn_on(node, async { assert_eq!(env::now(), ms(5)) });
    run(&sim, at_ms(1));
    assert!(task.is_finished());
}

/// A real runtime in the least possible form; its clock is paused so that the test needs no wall clock.
struct Tokio(tokio::time::Instant);

impl env::Environment for Tokio {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "this is the other side of the seam"
    )]
    fn sleep(&self, span: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(span))
    }

    fn spawn(&self, task: LocalBoxFuture<'static, ()>) {
        tokio::task::spawn_local(task);
    }
}

#[test]
fn the_same_pattern_runs_on_tokio() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a current-thread runtime needs no more than memory");
    let outcome = tokio::task::LocalSet::new().block_on(&runtime, async {
        let _installed = env::install(Rc::new(Tokio(tokio::time::Instant::now())));
        pattern().await
    });
    assert_eq!(outcome, EXPECTED);
}

#[test]
#[should_panic(expected = "neither a simulation nor an environment")]
fn a_pattern_without_an_environment_says_what_is_missing() {
    env::now();
}
