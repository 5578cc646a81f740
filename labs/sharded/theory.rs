//! What theory says of the caches.

use super::hot::MitigationName;
use super::memory::Eviction;
use super::table::Knobs;
use crate::workbench::frame::Statistic;
use crate::workbench::theory::{Theory, unless};

pub fn theory(knobs: &Knobs) -> Vec<Theory> {
    let room = knobs.shards.get() * knobs.shard_memory.get();
    let holds = unless(&[
        (
            knobs.eviction.get() != Eviction::Lru,
            "Che's approximation is of the least recently used",
        ),
        (knobs.ttl.borrow().is_some(), "entries end by their age"),
        (
            knobs.mitigation.get() != MitigationName::None,
            "hot keys live in several places",
        ),
        (knobs.first_size.get() > 1, "shards are of several sizes"),
        (
            knobs.router_lag.borrow().is_some(),
            "two routers know different maps",
        ),
    ]);
    let hits = holds.map(|()| hit_ratio(&popularity(knobs), room, knobs.read_ratio.get()));
    let law = "Che, Tung and Wang (2002), once the caches are warm; a write empties its key";
    vec![Theory::new("hit_ratio", Statistic::Value, law, hits)]
}

/// Each key's share of the requests: Zipf's law, and a celebrity whatever its rank.
fn popularity(knobs: &Knobs) -> Vec<f64> {
    let skew = knobs.skew.get();
    let ranks = 1..=knobs.keys.get();
    let mut shares: Vec<f64> = ranks.map(|rank| libm::pow(rank as f64, -skew)).collect();
    let all: f64 = shares.iter().sum();
    let celebrity = *knobs.celebrity_key.borrow();
    let own = celebrity.map_or(0.0, |_| knobs.celebrity_share.get());
    for share in &mut shares {
        *share *= (1.0 - own) / all;
    }
    if let Some(share) = celebrity.and_then(|key| shares.get_mut(key - 1)) {
        *share += own;
    }
    shares
}

/// Che's approximation: a key is there when its last request is younger than T, and was a read, where T is such that
/// the keys that are there fill the room. Where all fit only writes empty a place. `shares` are those of the keys in
/// all requests, `reads` is the share of those that read; the result is the share of the reads that find their key.
pub fn hit_ratio(shares: &[f64], room: usize, reads: f64) -> f64 {
    let is_there = |share: f64, age: f64| -reads * libm::expm1(-share * age);
    let there = |age: f64| -> f64 { shares.iter().map(|share| is_there(*share, age)).sum() };
    if room as f64 >= reads * shares.len() as f64 {
        return reads;
    }
    let (mut low, mut high) = (0.0, 1.0);
    while there(high) < room as f64 {
        high *= 2.0;
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if there(middle) < room as f64 {
            low = middle;
        } else {
            high = middle;
        }
    }
    let hit = shares.iter().map(|share| share * is_there(*share, high));
    hit.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_all_alike_hit_as_often_as_they_fit() {
        let shares = vec![0.001; 1_000];
        assert!((hit_ratio(&shares, 250, 1.0) - 0.25).abs() < 1e-6);
        assert!((hit_ratio(&shares, 1_000, 0.9) - 0.9).abs() < 1e-12);
    }
}
