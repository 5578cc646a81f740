use crate::faas::account::{Account, ScaleRate, Share};
use crate::faas::keep_alive::{KeepAlive, Windows};
use std::time::Duration;

const fn minutes(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

fn learned(gaps: impl IntoIterator<Item = Duration>) -> Windows {
    let mut keep_alive = KeepAlive::learning();
    for gap in gaps {
        keep_alive.saw_gap(gap);
    }
    keep_alive.windows()
}

#[test]
fn before_it_knows_a_habit_the_histogram_keeps_an_instance_for_four_hours() {
    let unsure = Windows {
        pause: None,
        keep: minutes(240),
    };
    assert_eq!(learned([]), unsure);
    assert_eq!(learned([minutes(30); 9]), unsure);
    // Nearly all gaps lie beyond what it can count.
    let beyond = [minutes(600); 20];
    assert_eq!(learned(beyond), unsure);
}

#[test]
fn gaps_of_half_an_hour_pause_for_27_minutes_and_keep_until_34() {
    // 30 min less 10 %, and the end of the bin, 31 min, and 10 % more.
    let windows = learned([minutes(30); 20]);
    assert_eq!(windows.pause, Some(minutes(27)));
    let until = minutes(27) + windows.keep;
    assert_eq!(until, Duration::from_secs_f64(31.0 * 60.0 * 1.1));
}

#[test]
fn gaps_that_begin_at_once_leave_no_room_for_a_pause() {
    let windows = learned((0..100).map(minutes));
    assert_eq!(
        windows.pause,
        Some(Duration::from_secs_f64(4.0 * 60.0 * 0.9))
    );
    let short = learned((0..100).map(|gap| Duration::from_secs(6 * gap)));
    assert_eq!(short.pause, None);
    assert_eq!(short.keep, Duration::from_secs_f64(10.0 * 60.0 * 1.1));
}

#[test]
fn what_is_reserved_is_a_floor_and_a_ceiling() {
    let account = Account::new(10);
    let (critical, bursty) = (Share::of(&account), Share::of(&account));
    critical.reserve(Some(3));
    let taken = (0..20).filter(|_| bursty.take()).count();
    assert_eq!(taken, 7);
    let taken = (0..20).filter(|_| critical.take()).count();
    assert_eq!(taken, 3);
    bursty.give_back();
    assert!(!critical.take(), "what another gives back is not for it");
    assert!(bursty.take());
}

#[test]
fn a_provisioned_instance_is_taken_from_the_others_busy_or_not() {
    let account = Account::new(10);
    let (ready, other) = (Share::of(&account), Share::of(&account));
    ready.provision(4);
    assert_eq!((0..20).filter(|_| other.take()).count(), 6);
    assert_eq!((0..20).filter(|_| ready.take()).count(), 4);
}

#[test]
fn a_thousand_starts_at_once_then_a_hundred_a_second_and_nothing_is_saved_up() {
    let mut rate = ScaleRate::new(1_000);
    let mut starts = |at: u64| {
        let now = Duration::from_secs(at);
        (0..5_000).filter(|_| rate.take(now)).count()
    };
    assert_eq!(starts(0), 1_000);
    assert_eq!(starts(1), 100);
    assert_eq!(starts(11), 1_000);
    assert_eq!(starts(1_000), 1_000);
}
