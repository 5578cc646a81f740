//! What comes from outside, changed at random: nothing of it may panic, hang, or be lost without a word.
//!
//! Each target tries a few cases here; `DDLAB_FUZZ_CASES=10000 cargo test --test all fuzz::` tries many. The
//! seed is fixed, so that a failure is found again; `DDLAB_FUZZ_SEED=7` takes another.

mod answers;
mod http;
mod knobs;
mod packs;
mod record;
mod runs;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// The only seed of all targets.
const SEED: u64 = 20_260_921;
const CASES: u32 = 24;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Holds a property over so many cases; the smallest case that breaks it is told.
fn hold<S: Strategy>(of: S, property: impl Fn(S::Value))
where
    S::Value: std::fmt::Debug,
{
    let cases = number("DDLAB_FUZZ_CASES").map_or(CASES, |cases| cases as u32);
    let seed = number("DDLAB_FUZZ_SEED").unwrap_or(SEED);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let held = runner.run(&of, |value| {
        property(value);
        Ok(())
    });
    if let Err(broken) = held {
        panic!("{broken}\nseed {seed}");
    }
}

/// One change of a text at a place in it.
#[derive(Debug, Clone)]
enum Change {
    Flip(u8),
    Insert(String),
    Delete(usize),
    Repeat(usize),
}

/// A text with a few changes. `words` are what such texts are made of.
fn changed(text: String, words: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let change = prop_oneof![
        (1u8..).prop_map(Change::Flip),
        proptest::sample::select(words).prop_map(|word| Change::Insert(word.to_owned())),
        any::<String>().prop_map(Change::Insert),
        (1usize..200).prop_map(Change::Delete),
        (1usize..200).prop_map(Change::Repeat),
    ];
    proptest::collection::vec((any::<Index>(), change), 1..6).prop_map(move |changes| {
        let mut bytes = text.clone().into_bytes();
        for (place, change) in changes {
            let at = place.index(bytes.len() + 1);
            let end = |length: usize| (at + length).min(bytes.len());
            match change {
                Change::Flip(mask) => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= mask;
                    }
                }
                Change::Insert(word) => drop(bytes.splice(at..at, word.into_bytes())),
                Change::Delete(length) => drop(bytes.drain(at..end(length))),
                Change::Repeat(length) => {
                    let again = bytes[at..end(length)].to_vec();
                    drop(bytes.splice(at..at, again));
                }
            }
        }
        bytes
    })
}
