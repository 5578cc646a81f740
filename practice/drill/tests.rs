//! Each generator against a second computation of another kind: sums over all cases, chains solved by
//! iteration, time stepped through, hashes counted.

use super::*;
use crate::shuffle;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The answer once more, by another way, and how far the two may be apart.
#[allow(clippy::too_many_lines, reason = "a line a generator")]
fn independent(id: &str, given: &[f64]) -> (f64, f64) {
    const EXACT: f64 = 1e-6;
    let g = |at: usize| given[at];
    let count = |at: usize| given[at] as u64;
    match id {
        "qps" => (repeated(g(0), g(1)) / (24.0 * 60.0 * 60.0) * g(2), EXACT),
        "storage" => (
            (0..count(2)).map(|_| g(0) * g(1) / 1e12).sum::<f64>() * g(3),
            EXACT,
        ),
        "bandwidth" => (g(1) / 1e3 / (1.0 / g(0)), EXACT),
        "cache-origin" => (g(0) - g(0) * g(1), EXACT),
        "cache-memory" => (g(0) * g(2) * (g(1) * 1e3) / 1e9, EXACT),
        "hot-key" => {
            let all: f64 = (1..=count(0)).map(|rank| 1.0 / rank as f64).sum();
            (100.0 / all, 1e-4)
        }
        "lambda-containers" => {
            let containers = g(2) * (0.040_48 * g(0) + 0.004_445 * g(1));
            let functions = |rps: f64| 3_600.0 * rps * (0.2 / 1e6 + g(3) * g(1) * 0.000_016_666_7);
            (bisect(|rps| functions(rps) - containers, 0.0, 1e4), EXACT)
        }
        "cold-starts" => (100.0 * many_small(g(0) * g(1) / 60.0), 1e-4),
        "little" => (stepped_occupancy(g(0), g(1) / 1e3), 1e-3),
        "mm1" => (birth_death(1, g(1)) * g(0) / g(1), 1e-6),
        "mm1-p99" => {
            let mean = birth_death(1, g(1)) * g(0) / g(1);
            (
                bisect(|t| 0.01 - (-t / mean).exp(), 0.0, mean * 100.0),
                1e-6,
            )
        }
        "erlang-c" => {
            let workers = count(0);
            let offered = g(0) * g(1);
            let waiting = birth_death(workers, offered) - offered;
            (waiting * g(2) / offered, 1e-6)
        }
        "backlog" => {
            let mut waiting = g(0);
            let mut seconds = 0u32;
            while waiting > 0.0 {
                waiting += g(1) - g(2);
                seconds += 1;
            }
            (f64::from(seconds) / 60.0, 0.02)
        }
        "autoscaler" => {
            let mut queue = 0.0;
            for _ in 0..(g(2) + g(3)) as u32 {
                queue += g(1) - g(0);
            }
            (queue, EXACT)
        }
        "workers" => (bisect(|n| n * g(2) - g(0) * g(1), 0.0, 1e6), EXACT),
        "fan-out" => {
            let mut slow = 0.0;
            for _ in 0..count(1) {
                slow += (1.0 - slow) * g(0);
            }
            (100.0 * slow, EXACT)
        }
        "fan-out-half" => (bisect(|n| 0.5 - (1.0 - g(0)).powf(n), 0.0, 1e5), EXACT),
        "hedge-load" => (g(0) * g(1) - g(0) * g(1) * g(2), EXACT),
        "hedge-tail" => {
            let mut fast = 1.0;
            for _ in 0..count(1) {
                fast *= 1.0 - g(0) * g(0);
            }
            (100.0 * (1.0 - fast), EXACT)
        }
        "hedged-latency" => {
            let late = |t: f64| (-t / g(0)).exp() * (-(t - g(1)).max(0.0) / g(0)).exp();
            (bisect(|t| 1e-3 - late(t), 0.0, 1e5), EXACT)
        }
        "error-budget" => (g(1) * 24.0 * 60.0 - g(1) * 24.0 * 60.0 * g(0), EXACT),
        "burn-rate" => (30.0 * 24.0 * (1.0 - g(0)) / g(1), EXACT),
        "series" => {
            let mut up = 1.0;
            for _ in 0..count(0) {
                up -= up * (1.0 - g(1));
            }
            ((1.0 - up) * 365.0 * 24.0, EXACT)
        }
        "parallel" => (
            all_states(count(0), 1.0 - g(1), |down| down == count(0)) * 365.0 * 24.0 * 60.0,
            EXACT,
        ),
        "quorum" => (
            100.0 * all_states(count(0), g(1), |down| 2 * (count(0) - down) <= count(0)),
            EXACT,
        ),
        "quorum-read" => (smallest_read(count(0), count(1)) as f64, EXACT),
        "retry-layers" => (calls_below(count(0), count(1)) as f64, EXACT),
        "retry-load" => {
            let mut calls = g(0);
            let mut failed = g(0);
            for _ in 0..count(2) {
                failed *= g(1);
                calls += failed;
            }
            (calls, EXACT)
        }
        "lease-failover" => (leaderless(g(0), g(1), g(2)), 0.02),
        "ring-balance" => (100.0 * ring_deviation(count(0), count(1)), 0.15),
        "keys-moved" => (100.0 * rendezvous_moved(count(0), count(1)), 0.1),
        "modulo-moved" => {
            let n = count(0);
            let moved = (0..n * (n + 1)).filter(|hash| hash % n != hash % (n + 1));
            (100.0 * moved.count() as f64 / (n * (n + 1)) as f64, EXACT)
        }
        "shards" => {
            let enough = |n: f64| n * g(1) >= g(0) && n * g(3) >= g(2);
            (
                bisect(|n| f64::from(u8::from(enough(n))) - 0.5, 0.0, 1e4),
                EXACT,
            )
        }
        "replication-lag" => {
            let mut owed = 0.0;
            for _ in 0..(g(2) * 60.0) as u32 {
                owed += g(1) - g(0);
            }
            (owed / g(0), EXACT)
        }
        "move-time" => (
            bisect(|min| min * 60.0 * g(1) - g(0) * 1e3, 0.0, 1e5),
            EXACT,
        ),
        "shuffle" => {
            let nodes = count(1);
            let each = g(0) * 1e12 / g(1) / g(1);
            let bits: f64 = (1..nodes).map(|_| each * 8.0).sum();
            (bits / (g(2) * 1e9), EXACT)
        }
        "stragglers" => {
            // The next of k running tasks ends after mean / k, since exponential tasks forget their age.
            let mut minutes = 0.0;
            for running in (1..=count(0)).rev() {
                minutes += g(1) / running as f64;
            }
            (minutes, EXACT)
        }
        "skew" => {
            let mut load = vec![(1.0 - g(2)) * g(0) / g(1); g(1) as usize];
            load[0] += g(2) * g(0);
            (60.0 * load.into_iter().fold(0.0, f64::max), EXACT)
        }
        "watermark" => {
            // The last event of the window arrives at once; the watermark passes its end `bound` later.
            let end = g(0);
            let mut now = 0.0;
            while now - g(1) <= end + 1e-9 {
                now += g(2);
            }
            (now, 0.03)
        }
        "partitions" => (bisect(|n| n * g(2) * 1e3 / g(1) - g(0), 0.0, 1e6), EXACT),
        other => panic!("{other} has no second computation: add one here"),
    }
}

fn repeated(value: f64, times: f64) -> f64 {
    (0..times as u64).map(|_| value).sum()
}

fn bisect(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if f(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// That nothing happens in a span where `expected` is expected: in each of a million small parts it does not.
fn many_small(expected: f64) -> f64 {
    let parts = 1_000_000;
    (1.0 - expected / f64::from(parts)).powi(parts)
}

/// Requests come evenly and stay `seconds`: how many are inside, counted one by one.
fn stepped_occupancy(rps: f64, seconds: f64) -> f64 {
    let arrivals = (0..(2.0 * rps) as u64).map(|n| n as f64 / rps);
    let now = 1.0 + 0.5 / rps;
    let inside = arrivals.filter(|came| *came <= now && now < came + seconds);
    inside.count() as f64
}

/// The mean number in an M/M/c system that is offered this load: its chain, state by state.
fn birth_death(workers: u64, offered: f64) -> f64 {
    let (mut weight, mut all, mut sum) = (1.0, 1.0, 0.0);
    for n in 1..20_000u64 {
        weight *= offered / n.min(workers) as f64;
        all += weight;
        sum += n as f64 * weight;
    }
    sum / all
}

/// The probability of the states that `wanted` takes, by the number of nodes that are down: all 2^n of them.
fn all_states(nodes: u64, down: f64, wanted: impl Fn(u64) -> bool) -> f64 {
    (0..1u64 << nodes)
        .map(|state| u64::from(state.count_ones()))
        .filter(|count| wanted(*count))
        .map(|count| down.powi(count as i32) * (1.0 - down).powi((nodes - count) as i32))
        .sum()
}

/// Every read set against every write set.
fn smallest_read(replicas: u64, writes: u64) -> u64 {
    let sets =
        |size: u64| (0..1u64 << replicas).filter(move |set| u64::from(set.count_ones()) == size);
    let always_meets =
        |reads: &u64| sets(*reads).all(|read| sets(writes).all(|write| read & write != 0));
    (1..=replicas).find(always_meets).unwrap()
}

fn calls_below(retries: u64, layers: u64) -> u64 {
    if layers == 0 {
        return 1;
    }
    (0..=retries)
        .map(|_| calls_below(retries, layers - 1))
        .sum()
}

/// Steps of 10 ms: the others find the lease expired at a poll just missed.
fn leaderless(lease: f64, poll: f64, takeover: f64) -> f64 {
    let step = 0.01;
    let mut now = 0.0;
    // A poll falls just before the lease runs out.
    let mut next_poll = lease - step;
    while now < lease || now < next_poll {
        if now >= next_poll && now < lease {
            next_poll += poll;
        }
        now += step;
    }
    now + takeover
}

fn hashed(value: u64) -> u64 {
    let mut state = value;
    shuffle::next(&mut state)
}

/// Over many rings: the deviation of all nodes' shares from the mean.
fn ring_deviation(nodes: u64, virtual_nodes: u64) -> f64 {
    let mut squares = 0.0;
    let rings = 400;
    for ring in 0..rings {
        let mut points: Vec<(u64, u64)> = (0..nodes)
            .flat_map(|node| {
                (0..virtual_nodes).map(move |point| (hashed(ring << 40 | node << 20 | point), node))
            })
            .collect();
        points.sort_unstable();
        let mut shares = vec![0.0; nodes as usize];
        for (at, (point, node)) in points.iter().enumerate() {
            let before = points[(at + points.len() - 1) % points.len()].0;
            let arc = if points.len() == 1 {
                u64::MAX
            } else {
                point.wrapping_sub(before)
            };
            shares[*node as usize] += arc as f64 / 2f64.powi(64);
        }
        let mean = 1.0 / nodes as f64;
        squares += shares.iter().map(|s| (s / mean - 1.0).powi(2)).sum::<f64>();
    }
    (squares / (rings * nodes) as f64).sqrt()
}

/// Keys of which the highest hash changes its node.
fn rendezvous_moved(nodes: u64, added: u64) -> f64 {
    let keys = 20_000;
    let owner = |key: u64, nodes: u64| {
        (0..nodes)
            .max_by_key(|node| hashed(key << 16 | node))
            .unwrap()
    };
    let moved = (0..keys).filter(|key| owner(*key, nodes) != owner(*key, nodes + added));
    moved.count() as f64 / keys as f64
}

#[test]
fn there_are_many_generators_with_ids_of_their_own() {
    let ids: BTreeSet<&str> = all().map(|generator| generator.id).collect();
    assert_eq!(ids.len(), all().count());
    assert!(ids.len() >= 24, "{}", ids.len());
}

#[test]
fn every_problem_agrees_with_a_second_computation() {
    let mut seen = BTreeSet::new();
    for generator in all() {
        for seed in 0..40 {
            let problem = generator.problem(seed);
            let key = format!("{} {:?}", generator.id, problem.given);
            // Problems come again: there are not that many round numbers.
            if !seen.insert(key.clone()) {
                continue;
            }
            let (again, apart) = independent(generator.id, &problem.given);
            let off = (problem.answer / again - 1.0).abs();
            assert!(off <= apart, "{key}: {} or {again}", problem.answer);
        }
    }
}

#[test]
fn an_answer_is_scored_by_its_factor_and_its_range_by_whether_it_held() {
    let problem = find("fan-out").unwrap().problem(3);
    let said = |factor: f64| Ranged {
        value: problem.answer * factor,
        range: Some((problem.answer * factor * 0.6, problem.answer * factor * 1.2)),
    };
    for (factor, closeness, held) in [
        (1.0, Closeness::Exact, true),
        (1.09, Closeness::Exact, true),
        (0.5, Closeness::Near, false),
        (2.0, Closeness::Near, false),
        (30.0, Closeness::Missed, false),
    ] {
        let score = problem.score(&said(factor));
        assert_eq!(
            (score.closeness(), score.held),
            (closeness, Some(held)),
            "{factor}"
        );
    }
}

#[test]
fn an_answer_takes_its_unit_from_the_problem_and_says_what_it_cannot_read() {
    let problem = find("qps").unwrap().problem(1);
    for text in ["1.5k rps", "1,500", "1500 /s", "1500 1k..2k"] {
        assert!(
            (problem.read(text).unwrap().value - 1_500.0).abs() < 1e-9,
            "{text}"
        );
    }
    for text in ["many", "3 GB", "0", "-4", "1500 9..10"] {
        assert!(problem.read(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn the_same_seed_gives_the_same_problem_and_its_own_answer_is_exact(seed: u64) {
        for generator in all() {
            let problem = generator.problem(seed);
            prop_assert_eq!(&problem, &generator.problem(seed));
            prop_assert!(problem.answer.is_finite() && problem.answer > 0.0, "{}", generator.id);
            let said = problem.read(&format!("{} {}", problem.answer, problem.unit)).unwrap();
            prop_assert_eq!(problem.score(&said).closeness(), Closeness::Exact);
            prop_assert!(!problem.worked.is_empty());
        }
    }
}
