use crate::election::pattern::{Fence, Token, Watched};
use crate::engine::{self, Sim, SimTime};
use std::time::Duration;

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
