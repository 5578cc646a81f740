//! `scatter-gather-top10`: the root of a search over three shards.
//!
//! - [`corpus`]: what the shards contain, and the oracle that knows the right answer.
//! - [`search`]: the program with its three shards, asked as a client would.
//! - [`answer`]: from what the program said to what is wrong with it.
//! - [`checks`]: the promises of `exercise.yaml`, one function each.

mod answer;
mod checks;
mod corpus;
mod search;

use crate::harness::exercise::{Check, Exercise, Manifest};
use include_dir::{Dir, include_dir};
use std::sync::LazyLock;

#[derive(Debug, Clone, Copy)]
pub struct ScatterGatherTop10;

static FOLDER: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/scatter_gather_top10");

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("exercise.yaml"))
        .expect("exercise.yaml is embedded, and a test reads it")
});

impl Exercise for ScatterGatherTop10 {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn folder(&self) -> &'static Dir<'static> {
        &FOLDER
    }

    fn checks(&self) -> &'static [Check] {
        checks::ALL
    }
}
