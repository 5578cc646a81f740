//! Everything of ddlab that runs in virtual time.
//!
//! - [`engine`]: the deterministic simulator. A lab is real async Rust, run by it instead of by an
//!   operating system.
//! - [`workbench`]: what every lab shares: knobs, actions, meters, frames, traces, runs.
//! - one module a pattern: `pattern.rs` is the pattern itself, the code that learners read; `mod.rs`
//!   makes a lab of it;
//! - `template`: what a new lab begins as.
//!
//! Nothing here knows a terminal, a file or a wall clock; the one thread and the one clock of the
//! crate are in `workbench/run.rs`.

pub mod adapter;
pub mod ambassador;
pub mod coordinated_batch;
pub mod election;
pub mod engine;
pub mod event_pipeline;
pub mod faas;
pub mod replicated;
pub mod scatter_gather;
#[cfg(test)]
mod seeds;
pub mod sharded;
pub mod sidecar;
#[cfg(test)]
mod template;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trial;
pub mod work_queue;
pub mod workbench;

#[doc(hidden)]
pub use {ddlab_text as text, pastey};

use std::sync::{LazyLock, OnceLock};
use workbench::guide::Guides;
use workbench::lab::Lab;

/// Every lab, in the order of the book. To add a lab, add its folder and its line here.
pub fn all() -> &'static [&'static dyn Lab] {
    static LABS: [&dyn Lab; 11] = [
        &sidecar::LAB,
        &ambassador::LAB,
        &adapter::LAB,
        &replicated::LAB,
        &sharded::LAB,
        &scatter_gather::LAB,
        &work_queue::LAB,
        &event_pipeline::LAB,
        &coordinated_batch::LAB,
        &faas::LAB,
        &election::LAB,
    ];
    &LABS
}

/// Labs that chapters speak of and that are still to be built.
pub const PLANNED: &[&str] = &[];

/// The lab with this id.
pub fn find(id: &str) -> Option<&'static dyn Lab> {
    all().iter().copied().find(|lab| lab.spec().id == id)
}

/// The figures, experiments and challenges of a lab of the registry, read when they are first asked for; none where the
/// file is wrong, which no file in here is: a test reads them all.
pub fn guides(lab: &str) -> &'static Guides {
    static READ: LazyLock<Vec<OnceLock<Guides>>> =
        LazyLock::new(|| all().iter().map(|_| OnceLock::new()).collect());
    static NONE: Guides = Guides {
        figures: Vec::new(),
        experiments: Vec::new(),
        challenges: Vec::new(),
    };
    let mut labs = all().iter().zip(READ.iter());
    let Some((lab, read)) = labs.find(|(known, _)| known.spec().id == lab) else {
        return &NONE;
    };
    read.get_or_init(|| Guides::parse(lab.spec().experiments, *lab).unwrap_or_default())
}

/// The lab with this id, or a sentence that names the nearest.
pub fn find_or_nearest(id: &str) -> Result<&'static dyn Lab, String> {
    find(id).ok_or_else(|| {
        let ids: Vec<&str> = all().iter().map(|lab| lab.spec().id).collect();
        let there_is = if PLANNED.contains(&id) {
            format!("the lab `{id}` is still to come")
        } else {
            format!("there is no lab `{}`", ddlab_text::given(id))
        };
        format!("{there_is}; {}", ddlab_text::suggestion(id, &ids))
    })
}
