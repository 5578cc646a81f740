use crate::engine::{Source, Stream};
use crate::replicated::pattern::{Balancer, Policy, Settings, Ticket};
use std::collections::BTreeMap;
use std::time::Duration;

fn balancer(policy: Policy, replicas: u32) -> Balancer<u32> {
    let mut balancer = Balancer::new(Settings {
        policy,
        stale: false,
        slow_start: None,
    });
    for number in 1..=replicas {
        balancer.add(number, number, Duration::ZERO);
    }
    balancer
}

/// Picks so often at one moment, and keeps all tickets.
fn picks(balancer: &mut Balancer<u32>, at: u64, count: u64) -> Vec<Ticket<u32>> {
    let mut stream = Stream::new(7, "dice");
    let now = Duration::from_secs(at);
    (0..count)
        .map(|user| {
            let dice = |faces: usize| stream.below(faces as u64) as usize;
            balancer.pick(user, now, dice).unwrap()
        })
        .collect()
}

fn spread(tickets: &[Ticket<u32>]) -> BTreeMap<u32, usize> {
    let mut spread = BTreeMap::new();
    for ticket in tickets {
        *spread.entry(ticket.endpoint().number).or_default() += 1;
    }
    spread
}

#[test]
fn nobody_is_picked_when_nobody_is_ready() {
    let mut balancer = balancer(Policy::Random, 0);
    assert!(balancer.pick(1, Duration::ZERO, |_| 0).is_none());
}

#[test]
fn in_turn_and_least_loaded_spread_evenly_chance_does_not() {
    for policy in [Policy::RoundRobin, Policy::LeastConnections] {
        let tickets = picks(&mut balancer(policy, 10), 0, 1_000);
        assert!(
            spread(&tickets).values().all(|count| *count == 100),
            "{policy:?}"
        );
    }
    let most = |policy| {
        *spread(&picks(&mut balancer(policy, 100), 0, 10_000))
            .values()
            .max()
            .unwrap()
    };
    // Balls into bins: the second choice leaves an excess of one or two where chance leaves tens.
    assert!(most(Policy::Random) > 115);
    assert!(most(Policy::TwoChoices) <= 103);
}

#[test]
fn a_ticket_that_is_dropped_counts_the_request_back_in() {
    let mut balancer = balancer(Policy::LeastConnections, 2);
    let first = picks(&mut balancer, 0, 1).remove(0);
    let number = first.endpoint().number;
    assert_ne!(picks(&mut balancer, 0, 1)[0].endpoint().number, number);
    drop(first);
    let both = picks(&mut balancer, 0, 2);
    assert_eq!(spread(&both).len(), 2);
}

#[test]
fn with_old_loads_all_run_to_the_one_that_was_idle() {
    let mut balancer = balancer(Policy::LeastConnections, 10);
    // Nine requests that are out make nine of ten busy, and that is what is reported.
    let nine = picks(&mut balancer, 0, 9);
    balancer.report();
    balancer.settings.stale = true;
    let busy = spread(&nine);
    let idle = (1..=10).find(|number| !busy.contains_key(number)).unwrap();
    let herd = picks(&mut balancer, 0, 100);
    assert_eq!(spread(&herd), BTreeMap::from([(idle, 100)]));
}

#[test]
fn of_those_that_are_least_busy_each_is_picked_as_often_wherever_the_busy_ones_stand() {
    let mut balancer = balancer(Policy::LeastConnections, 10);
    let nine = picks(&mut balancer, 0, 9);
    // Six of them stay out: four are idle, with runs of busy ones between them.
    let busy: Vec<_> = nine.into_iter().take(6).collect();
    balancer.report();
    balancer.settings.stale = true;
    let got = spread(&picks(&mut balancer, 0, 40_000));
    assert_eq!(got.len(), 10 - busy.len(), "{got:?}");
    // Five standard deviations of a share of a quarter.
    let even = |count: &usize| count.abs_diff(10_000) < 433;
    assert!(got.values().all(even), "{got:?}");
}

#[test]
fn a_user_stays_where_he_was_until_that_replica_goes() {
    let mut balancer = balancer(Policy::Sticky, 5);
    let first = spread(&picks(&mut balancer, 0, 100));
    let again = spread(&picks(&mut balancer, 0, 100));
    assert_eq!(first, again);
    balancer.remove(3);
    let moved = picks(&mut balancer, 0, 100);
    assert!(!spread(&moved).contains_key(&3));
}

#[test]
fn on_a_ring_only_the_users_of_a_replica_that_goes_move() {
    let mut balancer = balancer(Policy::RingHash, 5);
    let owners = |balancer: &mut Balancer<u32>| {
        let tickets = picks(balancer, 0, 1_000);
        tickets
            .iter()
            .map(|ticket| ticket.endpoint().number)
            .collect::<Vec<_>>()
    };
    let before = owners(&mut balancer);
    balancer.remove(3);
    let after = owners(&mut balancer);
    for (before, after) in before.iter().zip(&after) {
        assert!(before == after || *before == 3);
    }
}

#[test]
fn a_replica_in_its_slow_start_gets_a_tenth_then_a_quarter_then_half() {
    for policy in [Policy::RoundRobin, Policy::Random] {
        let mut balancer = balancer(policy, 9);
        balancer.settings.slow_start = Some(Duration::from_mins(1));
        // The others came long before.
        let shift = 1_000;
        balancer.add(10, 10, Duration::from_secs(shift));
        for (age, share) in [(0, 0.1), (15, 0.25), (30, 0.5), (60, 1.0)] {
            let tickets = picks(&mut balancer, shift + age, 100_000);
            let got = spread(&tickets)[&10] as f64;
            let full = 100_000.0 / (9.0 + share);
            let expected = full * share;
            assert!(
                (got / expected - 1.0).abs() < 0.08,
                "{policy:?} at {age} s: {got} of {expected}"
            );
        }
    }
}
