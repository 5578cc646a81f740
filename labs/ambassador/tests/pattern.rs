use crate::ambassador::breaker::{Breaker, PROBES, Rules, State, WINDOW};
use crate::ambassador::pace::Pace;
use crate::ambassador::retry::{self, BUDGET_MAX, Backoff, Retries};
use std::time::Duration;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn retries(backoff: Backoff, budget: Option<f64>) -> Retries {
    Retries::new(retry::Rules {
        attempts: 4,
        backoff,
        base: ms(25),
        budget,
    })
}

#[test]
fn waits_double_and_full_jitter_takes_any_part_of_them() {
    let mut exponential = retries(Backoff::Exponential, None);
    let waits = [1, 2, 3, 4].map(|made| exponential.next(made, Duration::MAX, 0.3));
    assert_eq!(waits, [Some(ms(25)), Some(ms(50)), Some(ms(100)), None]);
    let mut jitter = retries(Backoff::FullJitter, None);
    assert_eq!(jitter.next(3, Duration::MAX, 0.0), Some(ms(0)));
    assert_eq!(jitter.next(3, Duration::MAX, 0.5), Some(ms(50)));
}

#[test]
fn nobody_waits_beyond_the_patience_of_the_caller() {
    let mut exponential = retries(Backoff::Exponential, Some(0.1));
    assert_eq!(exponential.next(2, ms(50), 0.0), None);
    assert_eq!(exponential.next(2, ms(51), 0.0), Some(ms(50)));
}

#[test]
fn a_budget_allows_what_was_saved_and_its_share_of_the_requests() {
    let mut within = retries(Backoff::None, Some(0.1));
    let mut made = 0;
    for _ in 0..1_000 {
        within.request();
        made += usize::from(within.next(1, Duration::MAX, 0.0).is_some());
    }
    // A request earns a tenth: ten were saved up, and a hundred are earned.
    assert!(made.abs_diff(100 + BUDGET_MAX as usize) <= 1, "{made}");
}

const RULES: Rules = Rules {
    threshold: 0.5,
    open_for: Duration::from_secs(5),
};

fn end(breaker: &Breaker, failed: bool, now: Duration) {
    let permit = breaker.admit(&RULES, now).expect("it lets calls through");
    permit.ended(failed, &RULES, now);
}

/// Opened at the start by a window of failures.
fn open() -> Breaker {
    let breaker = Breaker::default();
    for _ in 0..WINDOW {
        end(&breaker, true, ms(0));
    }
    breaker
}

#[test]
fn a_breaker_opens_at_half_of_a_full_window_and_not_before() {
    let breaker = Breaker::default();
    for call in 0..WINDOW {
        assert_eq!(breaker.state(), State::Closed);
        end(&breaker, call % 2 == 0, ms(0));
    }
    assert_eq!(breaker.state(), State::Open);
    let few = Breaker::default();
    for call in 0..10 * WINDOW {
        end(&few, call % 3 == 0, ms(0));
    }
    assert_eq!(few.state(), State::Closed);
}

#[test]
fn an_open_breaker_refuses_until_its_time_is_over_and_then_lets_so_many_probes_through() {
    let breaker = open();
    assert!(breaker.admit(&RULES, ms(4_999)).is_none());
    let probes: Vec<_> = (0..PROBES)
        .map(|_| breaker.admit(&RULES, ms(5_000)).unwrap())
        .collect();
    assert!(breaker.admit(&RULES, ms(5_000)).is_none());
    for probe in probes {
        probe.ended(false, &RULES, ms(5_100));
    }
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn one_probe_that_fails_opens_it_again_and_one_that_is_dropped_makes_room() {
    let breaker = open();
    drop(breaker.admit(&RULES, ms(5_000)));
    let probes: Vec<_> = (0..PROBES)
        .map(|_| breaker.admit(&RULES, ms(5_000)).unwrap())
        .collect();
    assert_eq!(probes.len(), PROBES);
    drop(probes);
    end(&breaker, true, ms(5_500));
    assert_eq!(breaker.state(), State::Open);
    assert!(breaker.admit(&RULES, ms(10_499)).is_none());
    assert!(breaker.admit(&RULES, ms(10_500)).is_some());
}

#[test]
fn a_call_from_before_the_change_says_nothing_of_the_state_after_it() {
    let breaker = Breaker::default();
    let old = breaker.admit(&RULES, ms(0)).unwrap();
    for _ in 0..WINDOW {
        end(&breaker, true, ms(0));
    }
    drop(breaker.admit(&RULES, ms(5_000)));
    old.ended(true, &RULES, ms(5_000));
    assert_eq!(breaker.state(), State::HalfOpen);
}

#[test]
fn a_pace_lets_a_burst_through_and_then_one_at_a_time() {
    let mut pace = Pace::new(ms(100), 3);
    assert_eq!(
        [0; 4].map(|_| pace.admit(ms(0))),
        [Ok(()), Ok(()), Ok(()), Err(ms(100))]
    );
    assert_eq!(pace.admit(ms(100)), Ok(()));
    assert_eq!(pace.admit(ms(150)), Err(ms(50)));
    // After a rest, the burst again and no more.
    assert_eq!(
        [0; 4].map(|_| pace.admit(ms(9_000)).is_ok()),
        [true, true, true, false]
    );
}
