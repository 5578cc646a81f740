//! What every lab shares.
//!
//! A lab brings its table ([`spec::LabSpec`]) and its world ([`lab::Lab::start`]); everything else is
//! here, once for all labs:
//!
//! - [`knob`], [`action`], [`figure`]: what can be set, done and shown, checked by name;
//! - [`intervention`]: what is done to a run while it goes on, the same from a key press to a script;
//! - [`meter`], [`trace`], [`invariant`], [`journal`], bundled in [`instruments`]: what is measured;
//! - [`workload`]: how requests or items arrive; [`ledger`]: that each of them ends; [`outside`]: what somebody with
//!   a real client asks;
//! - [`frame`]: what a screen sees of it, immutable; [`drawing`]: how a lab fills it; [`scene`]: what a lab's own
//!   picture is drawn from;
//! - [`session`]: a lab in its simulator with its script of interventions;
//! - [`compare`]: one session, or two of one world in lockstep;
//! - [`plan`]: a run as data (seed, knobs, script) and as a small text file;
//! - [`headless`]: a whole run in one go, for scripts and tests; [`replay`]: what a run done again shows;
//! - [`markdown`]: the tables of a lab, for its README;
//! - [`json`]: numbers, metrics and invariants as programs read them;
//! - [`sweep`]: many seeds of the same plan, added up; whoever has threads spreads it over them;
//! - [`limit`]: the load at which a lab stops meeting an objective;
//! - [`story`]: what happened in the last minute of a run, and in which order;
//! - [`theory`]: what closed forms say of the figures, and where none holds;
//! - [`claim`]: what a text says of a run, as data that can be measured and held;
//! - [`experiment`], [`challenge`], both read by [`guide`]: guided tours and service levels to meet;
//! - [`run`]: a session on its own thread against the wall clock, for screens;
//! - [`prelude`]: what the table of a lab and its `mod.rs` are written with.

pub mod action;
pub mod challenge;
pub mod claim;
pub mod compare;
mod declare;
pub mod drawing;
pub mod experiment;
pub mod figure;
pub mod frame;
pub mod guide;
pub mod headless;
pub mod instruments;
pub mod intervention;
pub mod invariant;
pub mod journal;
pub mod json;
pub mod knob;
pub mod lab;
pub mod ledger;
pub mod length;
pub mod limit;
pub mod markdown;
pub mod meter;
pub mod occupancy;
pub mod outside;
pub mod plan;
pub mod prelude;
pub mod replay;
pub mod role;
pub mod run;
pub mod scene;
pub mod session;
pub mod spec;
pub mod story;
pub mod sweep;
pub mod theory;
pub mod trace;
pub mod workload;
