use crate::election::client_go;
use crate::election::pattern::{
    Answer, Fence, LeaseStore, Times, Token, Unreachable, Watched, campaign,
};
use crate::engine::{self, Sim, SimTime, env};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A store that grants the lease once, and whose renewals succeed, are refused or fail from some moment on.
struct Script {
    /// How long the grant takes to come back.
    grant_takes: Duration,
    granted: Cell<bool>,
    /// Since when renewals end like this, after so long.
    turn: (Duration, Duration, Answer<bool>),
    renewals: Cell<u32>,
}

impl LeaseStore for Script {
    async fn acquire(&self) -> Answer<Option<Token>> {
        if self.granted.replace(true) {
            return Ok(None);
        }
        env::sleep(self.grant_takes).await;
        Ok(Some(Token(33)))
    }

    async fn renew(&self, _: Token) -> Answer<bool> {
        self.renewals.set(self.renewals.get() + 1);
        let (since, takes, answer) = self.turn;
        if env::now() < since {
            return Ok(true);
        }
        env::sleep(takes).await;
        answer
    }

    async fn release(&self, _: Token) -> Answer<()> {
        Ok(())
    }

    async fn worth_asking(&self, retry: Duration) {
        env::sleep(retry).await;
    }

    fn times(&self) -> Times {
        Times {
            renew_deadline: s(10),
            retry: s(2),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Loop {
    Pattern,
    ClientGo,
}

/// From when to when it owned, in seconds; and how many renewals it tried.
fn owned(script: Script, by: Loop, pause: Option<(u64, u64)>) -> (Option<(f64, f64)>, u32) {
    struct Owned(Rc<RefCell<Vec<f64>>>);
    impl Drop for Owned {
        fn drop(&mut self) {
            self.0.borrow_mut().push(engine::now().as_secs_f64());
        }
    }
    let sim = Sim::new(1);
    let node = sim.add_server("candidate");
    let moments = Rc::new(RefCell::<Vec<f64>>::default());
    let script = Rc::new(script);
    let (noted, store) = (Rc::clone(&moments), Rc::clone(&script));
    sim.spawn_on(node, async move {
        let own = async |_| {
            noted.borrow_mut().push(engine::now().as_secs_f64());
            let _owned = Owned(Rc::clone(&noted));
            std::future::pending::<()>().await;
        };
        match by {
            Loop::Pattern => campaign(&*store, own).await,
            Loop::ClientGo => client_go::campaign(&*store, own).await,
        }
    });
    if let Some((at, span)) = pause {
        sim.run_until(SimTime::from_secs(at), 100_000);
        sim.pause(node, s(span));
    }
    sim.run_until(SimTime::from_secs(100), 100_000);
    let span = match moments.borrow()[..] {
        [] => None,
        [from, to] => Some((from, to)),
        ref other => panic!("one ownership that ended, not {other:?}"),
    };
    (span, script.renewals.get())
}

/// Grants at once; from `since` on renewals end like this.
fn turns(since: Duration, takes: Duration, answer: Answer<bool>) -> Script {
    Script {
        grant_takes: Duration::ZERO,
        granted: Cell::new(false),
        turn: (since, takes, answer),
        renewals: Cell::new(0),
    }
}

#[test]
fn an_owner_stops_when_its_deadline_is_over_and_no_later() {
    // The last good renewal is asked for at 4 s; those that follow fail after 0.3 s.
    let failing = || turns(s(5), Duration::from_millis(300), Err(Unreachable));
    assert_eq!(owned(failing(), Loop::Pattern, None).0, Some((0.0, 14.0)));
    // None is answered.
    let silent = || turns(s(5), s(1_000), Err(Unreachable));
    assert_eq!(owned(silent(), Loop::Pattern, None).0, Some((0.0, 14.0)));
    let refused = || turns(s(5), Duration::ZERO, Ok(false));
    assert_eq!(owned(refused(), Loop::Pattern, None).0, Some((0.0, 6.0)));
}

#[test]
fn client_go_gives_up_a_retry_and_a_deadline_after_the_last_good_renewal() {
    // The first renewal is at 0 s, the last good one at 4; a deadline begins at 6.
    let silent = turns(s(5), s(1_000), Err(Unreachable));
    assert_eq!(owned(silent, Loop::ClientGo, None).0, Some((0.0, 16.0)));
    // Another holder is no reason for it to stop earlier.
    let refused = turns(s(5), Duration::ZERO, Ok(false));
    assert_eq!(owned(refused, Loop::ClientGo, None).0, Some((0.0, 16.0)));
}

#[test]
fn a_grant_that_comes_late_counts_from_when_it_was_asked_for() {
    let granted_after = |seconds| Script {
        grant_takes: s(seconds),
        ..turns(s(0), s(1_000), Err(Unreachable))
    };
    assert_eq!(
        owned(granted_after(9), Loop::Pattern, None).0,
        Some((9.0, 10.0))
    );
    assert_eq!(owned(granted_after(14), Loop::Pattern, None).0, None);
}

#[test]
fn after_a_pause_an_owner_looks_at_its_clock_before_it_asks_anybody() {
    // Renewals at 2 and 4 s. After the pause one would succeed, and is not trusted.
    let healthy = turns(s(1_000), Duration::ZERO, Ok(true));
    let (span, renewals) = owned(healthy, Loop::Pattern, Some((5, 26)));
    assert_eq!((span, renewals), (Some((0.0, 31.0)), 2));
    // client-go tries for another deadline, as if nothing had been.
    let refused = turns(s(5), Duration::ZERO, Ok(false));
    assert_eq!(
        owned(refused, Loop::ClientGo, Some((5, 26))).0,
        Some((0.0, 41.0))
    );
}

#[test]
fn kleppmanns_story_33_is_refused_after_34_and_not_before() {
    let fence = Fence::default();
    assert!(fence.admits(Token(33)));
    assert!(fence.admits(Token(33)), "the same owner writes again");
    assert!(fence.admits(Token(34)));
    assert!(!fence.admits(Token(33)));
    assert!(fence.admits(Token(34)));
    assert_eq!(fence.highest(), Some(Token(34)));
}

#[test]
fn a_fence_stands_where_a_token_has_arrived_and_not_where_it_was_granted() {
    // 34 has been granted and has not been here yet: nothing tells 33 from a rightful owner.
    let fence = Fence::default();
    assert!(fence.admits(Token(33)));
    assert!(fence.admits(Token(33)));
}

#[test]
fn a_follower_counts_the_lease_from_when_it_saw_the_renewal_by_its_own_clock() {
    let sim = Sim::new(1);
    let node = sim.add_server("follower");
    sim.set_clock(node, 3_600_000_000_000, 1.5);
    let lease = Duration::from_secs(15);
    let done = sim.spawn_on(node, async move {
        let watched = Watched::default();
        assert!(!watched.has_stood_still(7, lease), "just seen");
        engine::sleep(Duration::from_secs(14)).await;
        assert!(!watched.has_stood_still(7, lease));
        assert!(
            !watched.has_stood_still(8, lease),
            "renewed: it counts anew"
        );
        engine::sleep(lease).await;
        assert!(watched.has_stood_still(8, lease));
        engine::now()
    });
    sim.run_until(SimTime::from_secs(60), 1_000);
    let ended = sim.enter(|| futures::FutureExt::now_or_never(done));
    // 29 s of a clock that is an hour off and half as fast again.
    let ended = ended.expect("it is over").expect("it did not fail");
    assert!((ended.as_secs_f64() - 29.0 / 1.5).abs() < 0.001, "{ended}");
}
