//! The deterministic simulator: real async Rust in virtual time, on one thread, with no wall clock.
//!
//! ```
//! use ddlab_labs::engine::{self, Sim, SimTime, Server};
//! use std::time::Duration;
//!
//! let sim = Sim::new(7);
//! let leaf = sim.add_server("leaf");
//! let server = Server::new(Some(1));
//! sim.net().serve(leaf, move |word: String, _| {
//!     let served = server.serve(Duration::from_millis(10));
//!     async move {
//!         served.await;
//!         word.len()
//!     }
//! });
//! let answer = sim.spawn(async move {
//!     engine::net().call::<String, usize>(leaf, "gather".into()).await
//! });
//! sim.run_until(SimTime::from_secs(1), 1_000);
//! assert!(answer.is_finished());
//! ```
//!
//! Events happen in the order (time, sequence number); nothing else orders them, and nothing of a run depends on
//! an address, a hash map's order or a clock. So a seed is a run: [`Sim::digest`] tells two of them apart.
//!
//! | room | idea |
//! |---|---|
//! | [`sim`] | [`Sim`]: drives it; [`Handle`]: what can be done to a simulation |
//! | [`task`] | what code does in a task: [`now`], [`sleep`], [`timeout`](task::timeout), [`interval`], [`spawn`] |
//! | [`unordered`] | [`FuturesUnordered`]: many futures at once, as they come |
//! | [`node`] | crash, restart, pause, clocks, disks |
//! | [`net`](mod@net) | typed calls and messages over links |
//! | [`server`] | slots and a queue |
//! | [`rng`] | streams and keyed draws |
//! | [`distribution`] | `lognormal:10ms,0.5` |
//! | [`ranks`] | which of many is picked, such as by Zipf's law |
//! | [`env`] | the seam by which a pattern runs here and on a real runtime |
//! | [`time`] | [`SimTime`] and spans as text |
//! | `world`, `executor`, `wake`, `timer`, `digest` | inside: the current simulation, its tasks, whom to wake, its time queue, its digest |
//! | `hash` | maps that are looked up for each message |
//!
//! Inside a simulation, channels, semaphores and locks of `tokio::sync` and the combinators of `futures` work as
//! they are. Two things to keep in mind: say `biased;` in `select!` (otherwise it draws from a random source of
//! its own), and don't wait on one `watch` from many tasks (its wake order is random).

pub mod distribution;
pub mod env;
pub mod net;
pub mod node;
pub mod ranks;
pub mod rng;
pub mod server;
pub mod sim;
pub mod task;
pub mod time;
pub mod unordered;

mod digest;
mod executor;
pub(crate) mod hash;
mod timer;
mod wake;
mod world;

#[cfg(test)]
mod tests;

pub use distribution::{Distribution, DistributionError};
pub use net::{
    Call, CallError, CallTrace, CallTraces, Counters, Flight, FlightKind, Link, Net, Phases,
    RequestCtx, net,
};
pub use node::{Disk, NodeCtx, NodeId};
pub use ranks::Ranks;
pub use rng::{Draw, Purpose, Source, Stream, keyed};
pub use server::{Admit, Seat, Serve, Served, Server};
pub use sim::{Census, Handle, Ran, Sim, Stepped};
pub use task::{
    Aborted, Elapsed, Interval, JoinHandle, Sleep, current_node, handle, interval, node_now, now,
    sleep, sleep_until, spawn, timeout, timeout_at, yield_now,
};
pub use time::SimTime;
pub use unordered::FuturesUnordered;
