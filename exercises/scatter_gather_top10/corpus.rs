//! What the shards contain, and what the right answer is.
//!
//! Contents are a function of seed, query and shard, so nothing is stored and any query may be
//! asked. Scores are few, so ties are many; some lots are on two shards with different scores.
//! Every id carries a mark of its query: a hit that leaked from another request gives itself away.

use crate::harness::upstream::{Reply, Service, UpstreamRequest};
use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

pub const SHARDS: usize = 3;
/// How many hits an answer has at most.
pub const TOP: usize = 10;

/// In an answer of the program the score may be any number; that it is a whole one is checked by
/// comparing, not by failing to read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    pub id: String,
    pub score: f64,
}

/// How the hits lie on the shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Anywhere; sometimes a shard has none.
    Mixed,
    /// All of the best lie on this shard.
    OneHasAll(usize),
}

#[derive(Debug)]
pub struct Corpus {
    pub seed: u64,
    pub shape: Shape,
}

impl Corpus {
    /// All hits of a shard for a query, best first.
    pub fn hits(&self, query: &str, shard: usize) -> Vec<Hit> {
        if query.starts_with("nothing") {
            return Vec::new();
        }
        let mark = mark(query);
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(
            self.seed ^ hash(query).rotate_left(u32::try_from(shard).unwrap_or(0) * 16 + 1),
        );
        let (count, scores) = match self.shape {
            // Too few for ten: lots that nobody rates count as well.
            Shape::Mixed if hash(query).is_multiple_of(3) => (rng.random_range(0..=4), 0..=1),
            Shape::Mixed => (rng.random_range(0..=24), 1..=20),
            Shape::OneHasAll(rich) if rich == shard => (15, 500..=999),
            Shape::OneHasAll(_) => (15, 1..=400),
        };
        let mut best = BTreeMap::new();
        for _ in 0..count {
            // Few numbers for many hits: some lots are on two shards.
            let nr = rng.random_range(0..60);
            // Byte by byte, a capital is lower than every small letter, and 10 lower than 9.
            let lot = if nr % 3 == 0 { "LOT" } else { "lot" };
            let id = format!("{lot}-{mark}-{nr}");
            let score: u32 = rng.random_range(scores.clone());
            let kept: &mut u32 = best.entry(id).or_default();
            *kept = score.max(*kept);
        }
        ranked(
            best.into_iter()
                .map(|(id, score)| Hit {
                    id,
                    score: f64::from(score),
                })
                .collect(),
        )
    }

    /// The right answer when these shards are ok: everything they have, each lot once with its best
    /// score, ranked, cut. Written to be obviously right.
    pub fn oracle(&self, query: &str, shards: &[usize]) -> Vec<Hit> {
        let mut all: Vec<Hit> = shards
            .iter()
            .flat_map(|shard| self.hits(query, *shard))
            .collect();
        all.sort_by(|a, b| a.id.cmp(&b.id).then(b.score.total_cmp(&a.score)));
        all.dedup_by(|later, kept| later.id == kept.id);
        let mut best = ranked(all);
        best.truncate(TOP);
        best
    }
}

/// Best score first, ties by id.
fn ranked(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.id.cmp(&b.id)));
    hits
}

/// The part of every id that belongs to the query.
pub fn mark(query: &str) -> String {
    format!("{:04x}", hash(query) & 0xffff)
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// One shard of a corpus, as a server.
#[derive(Debug)]
pub struct Shard {
    pub corpus: Arc<Corpus>,
    pub nr: usize,
}

impl Shard {
    fn best(&self, request: &UpstreamRequest) -> Result<Vec<Hit>, Reply> {
        if request.path != "/search" {
            return Err(Reply::not_found("ask GET /search?q=TEXT&k=10"));
        }
        let query = request
            .query("q")
            .ok_or_else(|| Reply::bad_request("there is no q"))?;
        let k = request
            .query("k")
            .and_then(|k| k.parse().ok())
            .unwrap_or(TOP);
        let mut hits = self.corpus.hits(query, self.nr);
        hits.truncate(k);
        Ok(hits)
    }
}

/// Scores travel as whole numbers, which is what the statement promises.
fn body(hits: &[Hit]) -> Reply {
    let hits: Vec<_> = hits
        .iter()
        .map(|hit| serde_json::json!({ "id": hit.id, "score": hit.score as u64 }))
        .collect();
    Reply::json(&serde_json::json!({ "hits": hits }))
}

impl Service for Shard {
    fn answer(&self, request: &UpstreamRequest) -> Reply {
        self.best(request)
            .map_or_else(|refusal| refusal, |hits| body(&hits))
    }

    /// The right hits, worst first.
    fn lie(&self, request: &UpstreamRequest) -> Reply {
        self.best(request).map_or_else(
            |refusal| refusal,
            |mut hits| {
                hits.reverse();
                body(&hits)
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_ten_best_of_each_shard_suffice_for_the_ten_best_of_all(
            seed: u64, query in "[a-z ]{1,12}", down in 0..=SHARDS
        ) {
            let corpus = Corpus { seed, shape: Shape::Mixed };
            let shards: Vec<usize> = (0..SHARDS).filter(|shard| *shard != down).collect();
            let mut best: BTreeMap<String, f64> = BTreeMap::new();
            for shard in &shards {
                for hit in corpus.hits(&query, *shard).into_iter().take(TOP) {
                    let kept = best.entry(hit.id).or_insert(hit.score);
                    *kept = kept.max(hit.score);
                }
            }
            let mut top = ranked(best.into_iter().map(|(id, score)| Hit { id, score }).collect());
            top.truncate(TOP);
            prop_assert_eq!(top, corpus.oracle(&query, &shards));
        }

        #[test]
        fn when_one_shard_has_all_the_best_no_other_is_in_the_answer(
            seed: u64, rich in 0..SHARDS
        ) {
            let corpus = Corpus { seed, shape: Shape::OneHasAll(rich) };
            let top = corpus.oracle("brass lamp", &[0, 1, 2]);
            let mut own = corpus.hits("brass lamp", rich);
            own.truncate(TOP);
            prop_assert!(own.len() > TOP / 2, "enough to notice");
            prop_assert_eq!(&top[..own.len()], &own[..]);
        }
    }

    #[test]
    fn ties_and_lots_on_two_shards_are_common() {
        let corpus = Corpus {
            seed: 7,
            shape: Shape::Mixed,
        };
        let (mut ties, mut doubles) = (0, 0);
        for nr in 0..50 {
            let query = format!("lamp {nr}");
            let top = corpus.oracle(&query, &[0, 1, 2]);
            ties += usize::from(
                top.windows(2)
                    .any(|pair| pair[0].score.total_cmp(&pair[1].score).is_eq()),
            );
            let ids = |shard| corpus.hits(&query, shard).into_iter().map(|hit| hit.id);
            doubles += usize::from(ids(0).any(|id| ids(1).any(|other| other == id)));
        }
        assert!(
            ties > 40 && doubles > 15,
            "{ties} answers with ties, {doubles} with doubles"
        );
    }
}
