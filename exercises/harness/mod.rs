//! What every exercise stands on.
//!
//! How a grade runs: [`grade::grade`] builds the learner's program, then gives each check of the
//! [`exercise::Exercise`] a fresh [`stage::Stage`]. On it the check starts the program
//! ([`process`], [`http_program`]), puts faulty servers before it ([`upstream`], [`fault`]), asks it things
//! ([`probe`]) and either returns or stops with a reason ([`verdict`]). What happened becomes a
//! [`report::Report`]; who watches is told by [`observe`] while it happens.
//!
//! - [`workspace`]: the learner's folder: start, find again, reset, hints, solution.
//! - [`watch`]: says when the learner's files changed.
//! - [`stall`]: notices when this machine, not the program, was slow.
//! - [`trust`]: proves the grader on solutions that must pass and on wrong programs that must not.
//!
//! Unix only: process groups and signals are part of the contract.

pub mod exercise;
pub mod fault;
pub mod grade;
pub mod http_program;
pub mod observe;
pub mod probe;
pub mod process;
pub mod report;
pub mod stage;
pub mod stall;
pub mod trust;
pub mod upstream;
pub mod verdict;
pub mod watch;
pub mod workspace;
