//! What every exercise stands on.
//!
//! How a grade runs: [`grade::grade`] builds the learner's program, then gives each check of the
//! [`exercise::Exercise`] a fresh [`context::CheckContext`]. In it the check starts the program
//! ([`process`], [`http_program`]), puts faulty servers before it ([`upstream`]), asks it things
//! ([`probe`]) and returns what it found ([`verdict`]). What happened becomes a [`report::Report`];
//! [`observe`] hands it to whoever watches while it happens.
//!
//! - [`conduct`]: how a program behaves as a process.
//! - [`exposition`]: what Prometheus is told, read strictly; [`redis`]: a server that says how it is, or fails to.
//! - [`journal`]: what happened in a check, in the order of time.
//! - [`language`]: the languages of the starters, and the plumbing that all exercises share.
//! - [`load`]: many things at a time.
//! - [`shared`]: what a server and a check both look at.
//! - [`mount`]: a folder that the kubelet mounts.
//! - [`tls`]: certificates, and TLS around the program.
//! - [`witness`]: whether that happened on which a check depends.
//! - [`stall`]: notices when this machine, not the program, was slow.
//!
//! Unix only: process groups and signals are part of the contract.

pub mod conduct;
pub mod context;
pub mod exercise;
pub mod exposition;
pub mod grade;
pub mod http_program;
pub mod journal;
pub mod language;
pub mod load;
pub mod mount;
pub mod observe;
pub mod probe;
pub mod process;
pub mod redis;
pub mod report;
pub mod shared;
pub mod stall;
pub mod tls;
pub mod upstream;
pub mod verdict;
pub mod witness;
