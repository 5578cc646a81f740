use crate::election::pattern::Token;
use crate::election::store::{Backend, Session, Store, StoreReply, StoreRequest};
use crate::engine::SimTime;
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(15);
const A: Session = session(0);
const B: Session = session(1);
const C: Session = session(2);

const fn session(candidate: u32) -> Session {
    Session {
        candidate,
        boots: 0,
    }
}

const fn granted(token: u64) -> StoreReply {
    StoreReply::Granted(Token(token), LEASE)
}

fn s(seconds: f64) -> SimTime {
    SimTime::from_secs_f64(seconds)
}

fn acquire(store: &mut dyn Store, who: Session, at: f64) -> StoreReply {
    store.end(s(at));
    store.ask(StoreRequest::Acquire { who, lease: LEASE }, s(at))
}

fn renew(store: &mut dyn Store, who: Session, at: f64) -> StoreReply {
    store.end(s(at));
    store.ask(StoreRequest::Renew { who, lease: LEASE }, s(at))
}

#[test]
fn a_redis_lock_ends_at_its_ttl_and_only_its_owner_renews_or_deletes_it() {
    let store = &mut *Backend::RedisTtl.store(false);
    assert_eq!(acquire(store, A, 0.0), StoreReply::GrantedBare);
    assert_eq!(acquire(store, B, 1.0), StoreReply::No);
    assert_eq!(renew(store, A, 10.0), StoreReply::Renewed(LEASE));
    assert_eq!(acquire(store, B, 24.999), StoreReply::No);
    assert_eq!(acquire(store, B, 25.0), StoreReply::GrantedBare);
    assert_eq!(renew(store, A, 26.0), StoreReply::No);
    assert_eq!(
        store.ask(StoreRequest::Release { who: A }, s(26.0)),
        StoreReply::No
    );
    assert_eq!(store.holder().map(|holder| holder.who), Some(B));
}

#[test]
fn a_redis_that_crashed_has_forgotten_the_lock_and_the_counter() {
    let store = &mut *Backend::RedisTtl.store(false);
    assert_eq!(acquire(store, A, 0.0), StoreReply::GrantedBare);
    assert_eq!(
        store.ask(StoreRequest::Count, s(0.0)),
        StoreReply::Counted(33)
    );
    store.recover(s(1.0));
    assert_eq!(acquire(store, B, 1.0), StoreReply::GrantedBare);
    assert_eq!(
        store.ask(StoreRequest::Count, s(1.0)),
        StoreReply::Counted(33)
    );
}

#[test]
fn etcd_ends_a_lease_late_and_never_early_and_its_revisions_skip() {
    let store = &mut *Backend::Etcd.store(false);
    assert_eq!(acquire(store, A, 0.2), granted(33));
    assert_eq!(acquire(store, B, 1.0), StoreReply::No);
    assert_eq!(
        store.next_end(),
        Some(s(15.5)),
        "the leader looks twice a second"
    );
    assert_eq!(acquire(store, B, 15.4), StoreReply::No);
    store.end(s(15.5));
    assert_eq!(store.notices(), [B], "who watched is notified");
    assert_eq!(acquire(store, B, 15.6), granted(35));
}

#[test]
fn a_new_leader_of_etcd_extends_every_lease() {
    let store = &mut *Backend::Etcd.store(false);
    acquire(store, A, 0.0);
    store.recover(s(14.0));
    assert_eq!(acquire(store, B, 20.0), StoreReply::No);
    assert_eq!(renew(store, A, 20.0), StoreReply::Renewed(LEASE));
}

#[test]
fn zookeepers_line_is_first_come_first_served_and_wakes_only_the_next() {
    let store = &mut *Backend::Zookeeper.store(false);
    assert_eq!(acquire(store, A, 0.0), granted(33));
    assert_eq!(acquire(store, B, 1.0), StoreReply::No);
    assert_eq!(acquire(store, C, 1.0), StoreReply::No);
    renew(store, B, 14.0);
    renew(store, C, 14.0);
    store.end(s(15.9));
    assert_eq!(store.notices(), [], "sessions end at a whole tick");
    store.end(s(16.0));
    assert_eq!(store.notices(), [B]);
    assert_eq!(acquire(store, C, 16.1), StoreReply::No);
    assert_eq!(
        acquire(store, A, 16.2),
        StoreReply::No,
        "it is at the end of the line now"
    );
    assert_eq!(acquire(store, B, 16.3), granted(34));
}

#[test]
fn zookeeper_holds_a_timeout_between_2_and_20_ticks() {
    for (asked, seconds) in [(1, 4.0), (15, 15.0), (300, 40.0)] {
        let store = &mut *Backend::Zookeeper.store(false);
        let lease = Duration::from_secs(asked);
        let reply = store.ask(StoreRequest::Acquire { who: A, lease }, s(0.0));
        let granted = Duration::from_secs_f64(seconds);
        assert_eq!(
            reply,
            StoreReply::Granted(Token(33), granted),
            "and its client hears of it"
        );
        assert_eq!(store.promised_until(), Some(s(seconds)));
    }
}

#[test]
fn a_kubernetes_lease_is_swapped_once_a_version_and_counts_transitions() {
    let store = &mut *Backend::K8sLease.store(false);
    let swap = |version, who: Option<Session>| StoreRequest::Swap {
        version,
        holder: who,
        lease: LEASE,
    };
    let StoreReply::Record(record) = store.ask(swap(1, Some(A)), s(0.0)) else {
        panic!("the first one gets it")
    };
    assert_eq!((record.transitions, record.lease), (33, LEASE));
    assert_eq!(
        store.ask(swap(1, Some(B)), s(0.0)),
        StoreReply::No,
        "conflict"
    );
    let StoreReply::Record(record) = store.ask(swap(2, Some(A)), s(2.0)) else {
        panic!("a renewal")
    };
    assert_eq!(record.transitions, 33, "a renewal is no transition");
    assert_eq!(store.next_end(), None, "the store has no clock of its own");
    let StoreReply::Record(record) = store.ask(swap(3, Some(B)), s(2.0)) else {
        panic!("it enforces nothing: who swaps has it")
    };
    assert_eq!(record.transitions, 34);
}

#[test]
fn an_advisory_lock_has_no_expiry_unless_the_server_minds_silence() {
    let store = &mut *Backend::SqlLock.store(false);
    assert_eq!(acquire(store, A, 0.0), granted(33));
    assert_eq!(acquire(store, B, 1_000_000.0), StoreReply::No);
    assert_eq!(
        acquire(store, A, 1_000_000.0),
        granted(33),
        "its session has it"
    );
    store.set_keepalive(Some(Duration::from_secs(30)));
    assert_eq!(acquire(store, B, 1_000_030.0), granted(34));
    store.recover(s(1_000_031.0));
    assert_eq!(acquire(store, A, 1_000_031.0), granted(35));
}

#[test]
fn etcd_grants_no_lease_below_two_seconds() {
    let store = &mut *Backend::Etcd.store(false);
    let lease = Duration::from_millis(300);
    let reply = store.ask(StoreRequest::Acquire { who: A, lease }, s(0.0));
    assert_eq!(
        reply,
        StoreReply::Granted(Token(33), Duration::from_secs(2))
    );
}

#[test]
fn candidates_of_etcd_may_queue_by_revision_and_only_the_next_is_notified() {
    let store = &mut *Backend::Etcd.store(true);
    assert_eq!(acquire(store, A, 0.0), granted(33));
    assert_eq!(acquire(store, B, 1.0), StoreReply::No);
    assert_eq!(acquire(store, C, 1.0), StoreReply::No);
    assert_eq!(
        store.ask(StoreRequest::Release { who: A }, s(2.0)),
        StoreReply::Yes
    );
    assert_eq!(store.notices(), [B]);
    assert_eq!(acquire(store, C, 2.1), StoreReply::No);
    assert_eq!(
        acquire(store, A, 2.2),
        StoreReply::No,
        "at the end of the line"
    );
    assert_eq!(
        acquire(store, B, 2.3),
        granted(34),
        "the revision of its own key"
    );
}

#[test]
fn a_redis_lock_ends_early_when_the_wall_clock_is_set_forward() {
    let store = &mut *Backend::RedisTtl.store(false);
    assert_eq!(acquire(store, A, 0.0), StoreReply::GrantedBare);
    store.wall_clock_jumps(Duration::from_secs(10));
    assert_eq!(acquire(store, B, 4.9), StoreReply::No);
    assert_eq!(acquire(store, B, 5.0), StoreReply::GrantedBare);
    // The others count by a monotonic clock.
    let store = &mut *Backend::Etcd.store(false);
    assert_eq!(acquire(store, A, 0.0), granted(33));
    store.wall_clock_jumps(Duration::from_secs(10));
    assert_eq!(acquire(store, B, 14.9), StoreReply::No);
}

#[test]
fn an_advisory_lock_is_free_when_the_process_ends_and_its_machine_says_so() {
    let store = &mut *Backend::SqlLock.store(false);
    assert_eq!(acquire(store, A, 0.0), granted(33));
    store.hangs_up(B);
    assert_eq!(
        acquire(store, B, 1.0),
        StoreReply::No,
        "that was another session"
    );
    store.hangs_up(A);
    assert_eq!(acquire(store, B, 1.0), granted(34));
}

#[test]
fn a_keepalive_is_answered_by_the_kernel_of_a_process_that_stands_still() {
    let store = &mut *Backend::SqlLock.store(false);
    assert_eq!(acquire(store, A, 0.0), granted(33));
    store.set_keepalive(Some(Duration::from_secs(30)));
    store.kernel_answers(true);
    store.end(s(30.0));
    assert_eq!(acquire(store, B, 59.0), StoreReply::No);
    store.kernel_answers(false);
    assert_eq!(
        acquire(store, B, 60.0),
        granted(34),
        "the machine stands still"
    );
}
