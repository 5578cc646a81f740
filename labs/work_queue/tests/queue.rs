//! The queue's side alone: leases, attempts, order, and where brokers differ.

use crate::work_queue::pattern::{LeaseLost, Nack};
use crate::work_queue::queue::{QueueKind, Rules, WorkQueue};
use crate::work_queue::sizing::Backoff;
use std::time::Duration;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn queue(max_receives: Option<u32>, backoff: Backoff) -> WorkQueue<&'static str> {
    of_kind(QueueKind::PostgresTable, max_receives, backoff)
}

fn of_kind(
    kind: QueueKind,
    max_receives: Option<u32>,
    backoff: Backoff,
) -> WorkQueue<&'static str> {
    let visibility_timeout = s(30);
    WorkQueue::new(Rules {
        kind,
        visibility_timeout,
        max_receives,
        backoff,
    })
}

#[test]
fn items_are_handed_out_in_their_order_and_each_to_one() {
    let mut queue = queue(None, Backoff::None);
    queue.put("a", s(0));
    queue.put("b", s(0));
    assert_eq!(queue.receive(s(1)).unwrap().item, "a");
    assert_eq!(queue.receive(s(1)).unwrap().item, "b");
    assert_eq!(queue.receive(s(1)), None);
    assert_eq!((queue.queued(), queue.leased()), (0, 2));
}

#[test]
fn an_item_comes_back_before_all_others_when_its_lease_runs_out() {
    let mut queue = queue(None, Backoff::None);
    queue.put("a", s(0));
    queue.put("b", s(0));
    let first = queue.receive(s(1)).unwrap();
    assert_eq!(queue.next_due(), Some(s(31)));
    queue.expire(Duration::from_millis(30_999));
    assert_eq!(queue.leased(), 1);
    queue.expire(s(31));
    let again = queue.receive(s(31)).unwrap();
    assert_eq!((again.item, again.received), ("a", 2));
    assert_ne!(again.receipt, first.receipt);
}

#[test]
fn a_receipt_counts_only_while_its_lease_lasts() {
    let mut queue = queue(None, Backoff::None);
    queue.put("a", s(0));
    let late = queue.receive(s(0)).unwrap();
    // At its very end it is over, whether or not the queue has looked.
    assert_eq!(queue.ack(late.receipt, s(30)), Err(LeaseLost));
    queue.expire(s(30));
    let again = queue.receive(s(30)).unwrap();
    assert_eq!(queue.ack(late.receipt, s(31)), Err(LeaseLost));
    assert_eq!(queue.extend(late.receipt, s(31)), Err(LeaseLost));
    assert_eq!(
        queue.nack(late.receipt, Nack::Failed, s(31)),
        Err(LeaseLost)
    );
    assert_eq!(queue.ack(again.receipt, s(31)), Ok("a"));
    assert_eq!(queue.oldest_since(), None);
}

#[test]
fn extending_starts_the_lease_afresh() {
    let mut queue = queue(None, Backoff::None);
    queue.put("a", s(0));
    let held = queue.receive(s(0)).unwrap();
    queue.extend(held.receipt, s(20)).unwrap();
    queue.expire(s(45));
    assert_eq!(queue.ack(held.receipt, s(49)), Ok("a"));
}

#[test]
fn the_last_delivery_is_followed_by_the_dead_letters_and_redrive_forgives() {
    let mut queue = queue(Some(2), Backoff::None);
    queue.put("poison", s(0));
    for round in 1..=2 {
        let delivery = queue.receive(s(round)).unwrap();
        queue
            .nack(delivery.receipt, Nack::Failed, s(round))
            .unwrap();
    }
    assert_eq!(queue.dead().collect::<Vec<_>>(), [&"poison"]);
    assert_eq!((queue.receive(s(9)), queue.oldest_since()), (None, None));
    assert_eq!(queue.redrive(s(10)), 1);
    assert_eq!(queue.receive(s(10)).unwrap().received, 1);
    assert_eq!(queue.oldest_since(), Some(s(10)));
}

#[test]
fn an_item_that_came_back_stays_out_of_sight_longer_each_time() {
    let mut queue = queue(None, Backoff::Exponential(s(1)));
    queue.put("a", s(0));
    let mut now = s(0);
    for delay in [1, 2, 4, 8] {
        let delivery = queue.receive(now).unwrap();
        queue.nack(delivery.receipt, Nack::Failed, now).unwrap();
        queue.expire((now + s(delay)).saturating_sub(Duration::from_nanos(1)));
        assert_eq!(queue.receive(now), None);
        now += s(delay);
        assert_eq!(queue.next_due(), Some(now));
        queue.expire(now);
    }
    assert_eq!(
        Backoff::Exponential(s(1)).after(200),
        s(900),
        "within bounds"
    );
    assert_eq!(Backoff::Fixed(s(3)).after(7), s(3));
}

#[test]
fn items_that_come_back_together_do_so_in_their_order() {
    let mut queue = queue(None, Backoff::None);
    for item in ["a", "b", "c"] {
        queue.put(item, s(0));
    }
    for _ in 0..3 {
        queue.receive(s(1));
    }
    queue.expire(s(31));
    let again: Vec<_> = std::iter::from_fn(|| queue.receive(s(31))).collect();
    let items: Vec<_> = again.iter().map(|delivery| delivery.item).collect();
    assert_eq!(items, ["a", "b", "c"]);
}

#[test]
fn an_item_for_later_is_hidden_until_it_is_due() {
    let mut queue = queue(None, Backoff::None);
    queue.put_for_later("later", s(10), s(0));
    queue.put("now", s(0));
    assert_eq!(queue.receive(s(1)).unwrap().item, "now");
    assert_eq!(queue.receive(s(9)), None);
    queue.expire(s(10));
    assert_eq!(queue.receive(s(10)).unwrap().item, "later");
}

/// How often the item has been handed out when it is put aside, if each time it ends like this.
fn attempts_until_dead(kind: QueueKind, why: Option<Nack>) -> Option<u32> {
    let mut queue = of_kind(kind, Some(3), Backoff::None);
    queue.put("a", s(0));
    let mut now = s(0);
    for handed_out in 1..=10 {
        let delivery = queue.receive(now)?;
        match why {
            Some(why) => queue.nack(delivery.receipt, why, now).unwrap(),
            None => now += s(30),
        }
        queue.expire(now);
        if queue.dead().len() == 1 {
            return Some(handed_out);
        }
    }
    None
}

#[test]
fn what_counts_as_an_attempt_differs_from_broker_to_broker() {
    let of = |kind| {
        [None, Some(Nack::Failed), Some(Nack::NotBegun)].map(|why| attempts_until_dead(kind, why))
    };
    assert_eq!(of(QueueKind::PostgresTable), [Some(3), Some(3), None]);
    assert_eq!(of(QueueKind::KafkaShareGroup), [Some(3), Some(3), None]);
    assert_eq!(of(QueueKind::SqsStandard), [Some(3), Some(3), Some(3)]);
    // Neither `basic.nack` nor a consumer timeout counts since 4.3.
    assert_eq!(of(QueueKind::RabbitQuorum), [None, Some(3), None]);
}

#[test]
fn sqs_takes_a_late_acknowledgement_as_long_as_nobody_else_has_the_item() {
    let mut queue = of_kind(QueueKind::SqsStandard, None, Backoff::None);
    queue.put("a", s(0));
    let late = queue.receive(s(0)).unwrap();
    queue.expire(s(30));
    assert_eq!(queue.ack(late.receipt, s(31)), Ok("a"));
    assert_eq!((queue.queued(), queue.oldest_since()), (0, None));
    queue.put("b", s(40));
    let late = queue.receive(s(40)).unwrap();
    queue.expire(s(70));
    queue.receive(s(70)).unwrap();
    assert_eq!(queue.ack(late.receipt, s(71)), Err(LeaseLost));
}

#[test]
fn sqs_sends_an_item_to_the_back_from_its_third_receive_on() {
    let mut queue = of_kind(QueueKind::SqsStandard, None, Backoff::None);
    queue.put("a", s(0));
    queue.put("b", s(0));
    for round in 0..3 {
        let first = queue.receive(s(round)).unwrap();
        assert_eq!(first.item, "a");
        queue.nack(first.receipt, Nack::Failed, s(round)).unwrap();
    }
    assert_eq!(queue.receive(s(3)).unwrap().item, "b");
}

#[test]
fn a_quorum_queue_counts_what_a_lost_connection_had_and_a_share_group_does_not() {
    // How often it has been handed out, the second time; none if it has not come back.
    let again = |kind| {
        let mut queue = of_kind(kind, None, Backoff::None);
        queue.put("a", s(0));
        let first = queue.receive(s(0)).unwrap();
        queue.connection_lost(first.receipt, s(1));
        Some(queue.receive(s(1))?.received)
    };
    assert_eq!(again(QueueKind::RabbitQuorum), Some(2));
    assert_eq!(again(QueueKind::KafkaShareGroup), Some(1));
    // The others wait for the lease.
    assert_eq!(again(QueueKind::PostgresTable), None);
    assert_eq!(again(QueueKind::SqsStandard), None);
}

#[test]
fn a_quorum_queue_hands_out_first_what_came_back_first() {
    let order = |kind| {
        let mut queue = of_kind(kind, None, Backoff::None);
        for item in ["a", "b", "c"] {
            queue.put(item, s(0));
        }
        let [a, b] = [0, 0].map(|at| queue.receive(s(at)).unwrap().receipt);
        queue.nack(b, Nack::Failed, s(1)).unwrap();
        queue.nack(a, Nack::Failed, s(1)).unwrap();
        [1, 1, 1].map(|at| queue.receive(s(at)).unwrap().item)
    };
    assert_eq!(order(QueueKind::RabbitQuorum), ["b", "a", "c"]);
    assert_eq!(order(QueueKind::KafkaShareGroup), ["a", "b", "c"]);
}
