//! How many workers the autoscalers call for, against what their documentation says.

use crate::work_queue::sizing::{Bounds, ScaleBy, Scaler, Seen};
use std::time::Duration;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn scale(
    scaler: &mut Scaler,
    by: ScaleBy,
    items: usize,
    age: u64,
    workers: usize,
    now: u64,
) -> usize {
    let bounds = Bounds {
        least: 2,
        most: 20,
        cooldown: s(60),
    };
    let seen = Seen {
        items,
        oldest_age: s(age),
        workers,
    };
    scaler.desired(by, bounds, seen, s(now))
}

#[test]
fn the_pool_is_as_large_as_items_per_worker_say_within_its_bounds() {
    let wanted = |items| scale(&mut Scaler::default(), ScaleBy::Depth(10.0), items, 0, 2, 0);
    // KEDA's documentation: 30 messages at 10 for each pod are 3 pods.
    assert_eq!(
        [wanted(30), wanted(31), wanted(0), wanted(5_000)],
        [3, 4, 2, 20]
    );
    let by_age = |age| scale(&mut Scaler::default(), ScaleBy::Age(60.0), 0, age, 4, 0);
    assert_eq!([by_age(60), by_age(120), by_age(3_600)], [4, 8, 20]);
}

#[test]
fn the_pool_shrinks_only_after_a_whole_cooldown_and_not_below_what_was_wanted_meanwhile() {
    let (mut scaler, by) = (Scaler::default(), ScaleBy::Depth(10.0));
    assert_eq!(scale(&mut scaler, by, 20, 0, 12, 0), 12);
    assert_eq!(scale(&mut scaler, by, 70, 0, 12, 30), 12);
    assert_eq!(scale(&mut scaler, by, 20, 0, 12, 59), 12);
    assert_eq!(scale(&mut scaler, by, 20, 0, 12, 60), 7);
    // Whoever calls for the present size in between starts the cooldown anew.
    assert_eq!(scale(&mut scaler, by, 20, 0, 7, 100), 7);
    assert_eq!(scale(&mut scaler, by, 70, 0, 7, 130), 7);
    assert_eq!(scale(&mut scaler, by, 20, 0, 7, 165), 7);
}

/// Looks at the moments of `seen`, a queue of so many items each time, and does what the scaler says.
fn over_time(by: ScaleBy, start: usize, seen: &[(u64, usize)]) -> Vec<usize> {
    let bounds = Bounds {
        least: usize::from(!matches!(by, ScaleBy::Keda(_))),
        most: 100,
        cooldown: s(300),
    };
    let (mut scaler, mut workers) = (Scaler::default(), start);
    let looks = seen.iter().map(|(now, items)| {
        let seen = Seen {
            items: *items,
            oldest_age: s(0),
            workers,
        };
        workers = scaler.desired(by, bounds, seen, s(*now));
        workers
    });
    looks.collect()
}

#[test]
fn hpa_leaves_the_pool_alone_within_a_tenth_of_the_target() {
    let hpa = |items| over_time(ScaleBy::Hpa(10.0), 10, &[(0, items)])[0];
    assert_eq!([91, 100, 109].map(hpa), [10, 10, 10]);
    assert_eq!([111, 131].map(hpa), [12, 14]);
}

#[test]
fn hpa_adds_four_or_doubles_every_fifteen_seconds() {
    let looks = [
        (0, 1_000),
        (15, 1_000),
        (30, 1_000),
        (45, 1_000),
        (60, 1_000),
    ];
    assert_eq!(
        over_time(ScaleBy::Hpa(10.0), 1, &looks),
        [5, 10, 20, 40, 80]
    );
    // It does so from none, too.
    assert_eq!(over_time(ScaleBy::Hpa(10.0), 0, &[(0, 1_000)]), [4]);
    // Looking more often than that makes it no faster.
    let looks = [(0, 1_000), (5, 1_000), (10, 1_000), (15, 1_000)];
    assert_eq!(over_time(ScaleBy::Hpa(10.0), 1, &looks), [5, 5, 5, 10]);
}

#[test]
fn hpa_shrinks_to_the_most_that_was_wanted_in_the_last_five_minutes() {
    let looks = [
        (0, 100),
        (15, 50),
        (200, 30),
        (299, 10),
        (300, 10),
        (315, 10),
        (500, 10),
    ];
    assert_eq!(
        over_time(ScaleBy::Hpa(10.0), 10, &looks),
        [10, 10, 10, 10, 5, 3, 1]
    );
}

#[test]
fn hpa_takes_nothing_away_at_its_first_look() {
    let looks = [(0, 10), (15, 10), (299, 10), (300, 10)];
    assert_eq!(over_time(ScaleBy::Hpa(10.0), 8, &looks), [8, 8, 8, 1]);
}

#[test]
fn keda_takes_a_pool_away_at_once_that_never_had_anything_to_do() {
    let looks = [(0, 0), (15, 0), (30, 20)];
    assert_eq!(over_time(ScaleBy::Keda(10.0), 3, &looks), [0, 0, 1]);
}

#[test]
fn keda_wakes_a_pool_of_none_at_its_poll_and_puts_it_to_rest_after_its_cooldown() {
    let looks = [(0, 0), (15, 500), (30, 500), (45, 500), (60, 500)];
    assert_eq!(over_time(ScaleBy::Keda(10.0), 0, &looks), [0, 0, 1, 5, 10]);
    let idle: Vec<_> = (0..=24)
        .map(|look| (look * 15, usize::from(look == 0)))
        .collect();
    let workers = over_time(ScaleBy::Keda(10.0), 1, &idle);
    assert!(
        workers[..20].iter().all(|workers| *workers == 1),
        "{workers:?}"
    );
    assert_eq!(workers[20..], [0; 5]);
}
