//! Graded exercises: a learner's program, in any language, surrounded by real HTTP servers, files
//! and signals on this machine, while faults are injected. The grader says what held and what did not.
//!
//! There is nothing to link against: the contract of an exercise is environment variables, HTTP and
//! JSON on the loopback, files in a folder, signals.
//!
//! - [`harness`]: everything that grading needs: other people's processes, upstream servers that
//!   misbehave on purpose, verdicts and reports. It knows no exercise.
//! - one module an exercise: its checks, and beside them its statement, starters, solutions and the
//!   wrong programs that the grader is tried on.
//! - [`catalog`]: every exercise by its slug.
//! - [`workspace`]: the learner's folder: start, find again, watch, reset, hints, solution.
//! - [`trust`]: proves the grader on solutions that must pass and on wrong programs that must not.
//!
//! To add an exercise: a folder like [`scatter_gather_top10`], and its line in [`catalog`].
//!
//! Only the *schedule* of faults is deterministic: one seed gives one schedule. How the operating
//! system interleaves the learner's program with it is not ours to repeat.

pub mod api_composition;
pub mod catalog;
pub mod config_reloader;
pub mod exporter;
pub mod graceful_server;
pub mod harness;
pub mod hedged_requests;
pub mod lease_owner;
pub mod log_shipper;
pub mod mtls_sidecar;
pub mod partition_consumer;
pub mod queue_worker;
pub mod rate_limiter;
pub mod retry_budget;
pub mod scatter_gather_top10;
pub mod settlement;
pub mod sharding_proxy;
pub mod thumbnail_function;
pub mod trust;
pub mod two_choices;
pub mod windowed_counts;
pub mod workspace;

pub use catalog::{UnknownExercise, all, find};
pub use harness::exercise::Exercise;
