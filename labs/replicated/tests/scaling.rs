//! The rule of the autoscaler, against the vectors of its documentation and of the chapter.

use crate::replicated::scaling::{Bounds, Hpa, Seen};
use std::time::Duration;

const BOUNDS: Bounds = Bounds {
    target: 500.0,
    least: 1,
    most: 100,
    down_window: Duration::from_mins(5),
};

fn served(each: f64, ready: u32, starting: u32) -> Seen {
    Seen::PerPod {
        sum: each * f64::from(ready),
        ready,
        starting,
    }
}

#[test]
fn a_metric_of_twice_the_target_doubles_and_of_half_halves() {
    let at = |each| Hpa::default().replicas(4, served(each, 4, 0), BOUNDS, Duration::ZERO);
    assert_eq!(at(1_000.0), 8);
    assert_eq!(at(250.0), 2);
    // Within a tenth of the target nothing happens; beyond it, it rounds up.
    assert_eq!((at(549.0), at(451.0)), (4, 4));
    assert_eq!(at(560.0), 5);
}

#[test]
fn growth_is_four_more_or_twice_as_many_in_a_period() {
    let mut hpa = Hpa::default();
    let mut replicas = 1;
    let steps: Vec<u32> = (0..6)
        .map(|look| {
            let now = Duration::from_secs(15 * look);
            replicas = hpa.replicas(replicas, Seen::Total(1e6), BOUNDS, now);
            replicas
        })
        .collect();
    assert_eq!(steps, [5, 10, 20, 40, 80, 100]);
}

#[test]
fn from_none_it_goes_to_one_and_from_there_by_the_rule() {
    let (mut hpa, mut replicas) = (Hpa::default(), 0);
    let bounds = Bounds { least: 0, ..BOUNDS };
    let mut look = |nth: u64, offered: f64| {
        let now = Duration::from_secs(15 * nth);
        replicas = hpa.replicas(replicas, Seen::Total(offered), bounds, now);
        replicas
    };
    assert_eq!(
        [0.0, 0.1, 5_000.0].map(|offered| look(0, offered)),
        [0, 1, 5]
    );
    // And back once the window is over.
    assert_eq!([look(1, 0.0), look(20, 0.0), look(21, 0.0)], [5, 5, 0]);
}

#[test]
fn a_saturated_metric_asks_for_a_quarter_more_at_each_look_once_the_last_are_ready() {
    let mut replicas = 3;
    let mut steps = vec![3];
    while replicas < 20 {
        let bounds = Bounds { most: 20, ..BOUNDS };
        replicas =
            Hpa::default().replicas(replicas, served(625.0, replicas, 0), bounds, Duration::ZERO);
        steps.push(replicas);
    }
    assert_eq!(steps, [3, 4, 5, 7, 9, 12, 15, 19, 20]);
    // While one of four starts, the mean with it as idle is 469: close enough to wait.
    assert_eq!(
        Hpa::default().replicas(4, served(625.0, 3, 1), BOUNDS, Duration::ZERO),
        4
    );
}

#[test]
fn offered_load_asks_for_all_at_once_and_meets_the_step_limit() {
    let (mut hpa, mut replicas) = (Hpa::default(), 3);
    let steps: Vec<u32> = (0..3)
        .map(|look| {
            replicas = hpa.replicas(
                replicas,
                Seen::Total(10_000.0),
                BOUNDS,
                Duration::from_secs(15 * look),
            );
            replicas
        })
        .collect();
    assert_eq!(steps, [7, 14, 20]);
}

#[test]
fn downwards_it_waits_for_the_highest_wish_of_the_window() {
    let mut hpa = Hpa::default();
    let mut at = |second, offered, current| {
        hpa.replicas(
            current,
            Seen::Total(offered),
            BOUNDS,
            Duration::from_secs(second),
        )
    };
    assert_eq!(at(0, 10_000.0, 20), 20);
    assert_eq!(at(15, 1_000.0, 20), 20);
    assert_eq!(at(300, 1_000.0, 20), 20);
    assert_eq!(at(315, 1_000.0, 20), 2);
}
