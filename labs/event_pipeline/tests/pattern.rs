//! Buffers, windows and groups without a lab.

use crate::engine::{Sim, SimTime};
use crate::event_pipeline::buffer::{Buffer, Item, Overflow, Put};
use crate::event_pipeline::group::{Rebalance, assign, moved};
use crate::event_pipeline::join::Joiner;
use crate::event_pipeline::window::{Added, IDLE, Kind, Row, Sample, Watermarks, Windows};
use futures::FutureExt as _;
use proptest::prelude::*;
use std::rc::Rc;
use std::time::Duration;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn sample(happened: u64, key: u64) -> Sample {
    Sample {
        happened: s(happened),
        key,
        cents: 100,
    }
}

fn row(key: u64, start: u64, end: u64, events: u64) -> Row {
    Row {
        key,
        start: s(start),
        end: s(end),
        events,
        cents: 100 * events,
    }
}

const TUMBLING: Kind = Kind::Tumbling { size: s(10) };

#[test]
fn a_window_is_told_when_the_watermark_passes_its_end_and_what_comes_after_is_missed() {
    let mut windows = Windows::new(TUMBLING, Duration::ZERO);
    for moment in [1, 9, 10] {
        assert_eq!(windows.add(sample(moment, 7)).windows, 1);
    }
    assert_eq!(windows.advance(s(9)), []);
    assert_eq!(windows.advance(s(10)), [row(7, 0, 10, 2)]);
    assert_eq!(windows.add(sample(9, 7)).missed, 1);
    assert_eq!(windows.advance(s(20)), [row(7, 10, 20, 1)]);
    assert_eq!(windows.kept(), 0);
}

#[test]
fn within_the_allowed_lateness_a_window_is_told_again_and_after_it_not() {
    let mut windows = Windows::new(TUMBLING, s(5));
    windows.add(sample(1, 7));
    assert_eq!(windows.advance(s(12)), [row(7, 0, 10, 1)]);
    assert_eq!(windows.add(sample(2, 7)).again, [row(7, 0, 10, 2)]);
    // A first event of a window whose end is past is told at once.
    assert_eq!(windows.add(sample(3, 8)).again, [row(8, 0, 10, 1)]);
    assert_eq!(windows.advance(s(15)), []);
    assert_eq!(windows.add(sample(4, 7)).missed, 1);
    assert_eq!(windows.kept(), 0);
}

#[test]
fn an_event_is_in_size_by_slide_sliding_windows() {
    let kind = Kind::Sliding {
        size: s(10),
        slide: s(5),
    };
    let mut windows = Windows::new(kind, Duration::ZERO);
    assert_eq!(windows.add(sample(12, 7)).windows, 2);
    assert_eq!(windows.advance(s(15)), [row(7, 5, 15, 1)]);
    // The first of its windows is over, the second is not.
    let late = windows.add(sample(11, 7));
    assert_eq!((late.windows, late.missed), (1, 1));
    assert_eq!(windows.advance(s(20)), [row(7, 10, 20, 2)]);
}

const SESSION: Kind = Kind::Session { gap: s(10) };

#[test]
fn an_event_between_two_sessions_makes_one_of_both() {
    let mut windows = Windows::new(SESSION, Duration::ZERO);
    for moment in [0, 15, 8] {
        windows.add(sample(moment, 7));
    }
    assert_eq!(windows.advance(s(24)), []);
    assert_eq!(windows.advance(s(25)), [row(7, 0, 25, 3)]);
}

#[test]
fn a_late_event_extends_a_session_that_was_told_and_the_longer_one_is_told_at_its_end() {
    let mut windows = Windows::new(SESSION, s(20));
    windows.add(sample(0, 7));
    assert_eq!(windows.advance(s(12)), [row(7, 0, 10, 1)]);
    // It touches the session, and ends beyond the watermark.
    assert_eq!(windows.add(sample(9, 7)).again, []);
    assert_eq!(windows.advance(s(19)), [row(7, 0, 19, 2)]);
    // It ends in the past: told at once.
    assert_eq!(windows.add(sample(5, 7)).again, [row(7, 0, 19, 3)]);
}

#[test]
fn a_session_that_goes_on_under_an_earlier_start_takes_back_what_was_told() {
    let mut windows = Windows::new(SESSION, s(60));
    windows.add(sample(20, 7));
    assert_eq!(windows.advance(s(40)), [row(7, 20, 30, 1)]);
    let earlier = windows.add(sample(12, 7));
    assert_eq!(earlier.again, [row(7, 20, 30, 0), row(7, 12, 30, 2)]);
}

#[test]
fn beyond_the_lateness_an_event_is_dropped_unless_it_touches_a_session_that_is_kept() {
    let mut windows = Windows::new(SESSION, s(5));
    windows.add(sample(12, 7));
    windows.advance(s(20));
    let alone = Added {
        missed: 1,
        ..Added::default()
    };
    assert_eq!(windows.add(sample(1, 7)), alone);
    assert_eq!(windows.add(sample(4, 7)).windows, 1);
    assert_eq!(windows.advance(s(22)), [row(7, 4, 22, 2)]);
}

#[test]
fn the_watermark_is_the_least_of_all_inputs_but_the_idle_and_never_goes_back() {
    let mut marks = Watermarks::new(2);
    assert_eq!(marks.advance(0, s(5)), None);
    assert_eq!(marks.advance(1, s(3)), Some(s(3)));
    assert_eq!(marks.advance(1, IDLE), Some(s(5)));
    assert_eq!(marks.advance(1, s(4)), None);
    assert_eq!(marks.advance(1, s(9)), None);
    assert_eq!(marks.advance(0, s(7)), Some(s(7)));
}

fn in_a_simulation(test: impl Future<Output = ()> + 'static) {
    let sim = Sim::new(1);
    let done = sim.handle().spawn(test);
    sim.run_until(SimTime::from_secs(60), u64::MAX);
    assert!(done.is_finished(), "it waits for ever");
}

#[test]
fn a_full_buffer_makes_its_writer_wait_and_room_wakes_it() {
    in_a_simulation(async {
        let buffer = Rc::new(Buffer::new(&[0], 2, Overflow::Backpressure));
        assert_eq!(buffer.put(0, 1).await, Put::Kept);
        assert_eq!(buffer.put(0, 2).await, Put::Kept);
        assert_eq!(buffer.try_put(0, 3), Err(3));
        assert!(buffer.put(0, 3).now_or_never().is_none());
        assert_eq!((buffer.len(), buffer.waiting()), (2, 0));
        let writer = Rc::clone(&buffer);
        let put = crate::engine::spawn(async move { writer.put(0, 3).await });
        let (turn, item) = buffer.take(0).await;
        assert_eq!(item, Item::Event(1));
        assert_eq!(put.await.ok(), Some(Put::Kept));
        drop(turn);
        assert_eq!(buffer.take(0).await.1, Item::Event(2));
    });
}

#[test]
fn each_rule_of_a_full_buffer_loses_what_it_says() {
    in_a_simulation(async {
        let full = |rule| {
            let buffer = Buffer::new(&[0], 1, rule);
            assert_eq!(buffer.try_put(0, 1), Ok(()));
            buffer
        };
        assert_eq!(full(Overflow::DropNew).put(0, 2).await, Put::Dropped(2));
        assert_eq!(full(Overflow::DropOld).put(0, 2).await, Put::Dropped(1));
        let disk = full(Overflow::Spill { places: 1 });
        assert_eq!(disk.put(0, 2).await, Put::Kept);
        assert_eq!((disk.len(), disk.spilled()), (2, 1));
        assert!(disk.put(0, 3).now_or_never().is_none());
    });
}

#[test]
fn a_lane_is_worked_on_one_item_at_a_time_whoever_reads_it() {
    in_a_simulation(async {
        let buffer = Buffer::new(&[0], 9, Overflow::Backpressure);
        for event in [1, 2] {
            buffer.put(0, event).await;
        }
        let (turn, _) = buffer.take(0).await;
        buffer.read_by(&[1]);
        assert!(buffer.take(1).now_or_never().is_none());
        drop(turn);
        assert_eq!(buffer.take(1).await.1, Item::Event(2));
    });
}

#[test]
fn a_barrier_holds_its_lane_until_all_lanes_have_come_to_it() {
    in_a_simulation(async {
        let buffer = Buffer::new(&[0, 0], 9, Overflow::Backpressure);
        buffer.barrier(0, 1);
        buffer.put(0, 10).await;
        buffer.put(1, 20).await;
        buffer.barrier(1, 1);
        buffer.put(1, 21).await;
        let mut seen = Vec::new();
        for _ in 0..5 {
            let (turn, item) = buffer.take(0).await;
            if item == Item::Barrier(1) && turn.aligns() {
                turn.release();
            }
            seen.push(item);
        }
        // 10 came behind the barrier of its lane, so it is behind the barrier of all.
        let first = seen.iter().position(|item| *item == Item::Event(10));
        let last_barrier = seen.iter().rposition(|item| *item == Item::Barrier(1));
        let before = seen.iter().position(|item| *item == Item::Event(20));
        assert!(before < last_barrier && last_barrier < first, "{seen:?}");
    });
}

#[test]
fn ranges_deal_out_all_lanes_and_workers_beyond_them_stand_idle() {
    assert_eq!(
        assign(8, 2, &[], Rebalance::Eager),
        [0, 0, 0, 0, 1, 1, 1, 1]
    );
    assert_eq!(assign(2, 4, &[], Rebalance::Eager), [0, 2]);
}

/// The first stream has letters, the second numbers.
fn joiner() -> Joiner<char, u8> {
    Joiner::new(s(10))
}

#[test]
fn events_of_a_key_meet_within_the_interval_whichever_comes_first() {
    let mut joiner = joiner();
    assert_eq!(joiner.first(7, s(20), 'a'), Ok(None));
    assert_eq!(joiner.second(7, s(30), 1), Ok(Some(('a', 1))));
    assert_eq!(joiner.second(8, s(20), 2), Ok(None));
    assert_eq!(joiner.first(8, s(20), 'b'), Ok(Some(('b', 2))));
    assert_eq!(joiner.kept(), 0);
}

#[test]
fn a_second_event_outside_of_the_interval_leaves_the_first_waiting() {
    let mut joiner = joiner();
    joiner.first(7, s(20), 'a').unwrap();
    assert_eq!(joiner.second(7, s(31), 1), Err(1));
    assert_eq!(joiner.second(7, s(19), 2), Err(2));
    assert_eq!(joiner.second(7, s(25), 3), Ok(Some(('a', 3))));
}

#[test]
fn the_watermark_gives_up_who_waits_and_refuses_who_comes_later() {
    let mut joiner = joiner();
    joiner.first(7, s(20), 'a').unwrap();
    joiner.second(8, s(25), 1).unwrap();
    // A second event of moment 30 may still come, and a first one of moment 25 not.
    assert_eq!(joiner.advance(s(30)), []);
    assert_eq!(joiner.kept(), 1);
    assert_eq!(joiner.advance(s(31)), ['a']);
    assert_eq!(joiner.kept(), 0);
    assert_eq!(joiner.second(7, s(30), 2), Err(2));
    assert_eq!(joiner.first(9, s(20), 'b'), Err('b'));
    assert_eq!(joiner.first(9, s(21), 'b'), Ok(None));
}

proptest! {
    #[test]
    fn a_cooperative_rebalance_is_even_and_moves_no_more_than_it_must(
        lanes in 1_usize..30, before in 1_usize..10, after in 1_usize..10,
    ) {
        let old = assign(lanes, before, &[], Rebalance::Eager);
        let new = assign(lanes, after, &old, Rebalance::Cooperative);
        let held = |worker| new.iter().filter(|reader| **reader == worker).count();
        let (least, most) = (lanes / after, lanes.div_ceil(after));
        for worker in 0..after {
            prop_assert!((least..=most).contains(&held(worker)), "{new:?}");
        }
        if after == before + 1 && lanes >= after {
            prop_assert!(moved(&old, &new).count() <= lanes.div_ceil(after) + before);
        }
    }

    #[test]
    fn every_event_is_counted_once_in_each_of_its_windows_or_missed(
        moments in proptest::collection::vec((0_u64..100, 0_u64..3), 1..80),
        lateness in 0_u64..20,
    ) {
        let kind = Kind::Sliding { size: s(10), slide: s(5) };
        let mut windows = Windows::new(kind, s(lateness));
        let mut told = std::collections::BTreeMap::new();
        let (mut counted, mut newest) = (0, 0);
        for &(moment, key) in &moments {
            newest = newest.max(moment);
            let rows = windows.advance(s(newest.saturating_sub(5)));
            let added = windows.add(sample(moment, key));
            counted += added.windows as u64;
            let earliest = if moment < 5 { 1 } else { 2 };
            prop_assert_eq!(added.windows + added.missed, earliest);
            for row in rows.into_iter().chain(added.again) {
                told.insert((row.key, row.start), row.events);
            }
        }
        for row in windows.advance(s(1_000)) {
            told.insert((row.key, row.start), row.events);
        }
        prop_assert_eq!(told.values().sum::<u64>(), counted);
        prop_assert_eq!(windows.kept(), 0);
    }
}
