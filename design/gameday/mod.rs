//! Game day: an evening on call for the auction.
//!
//! The auction is one design, run by the design bench; a [`night`] puts one to three incidents into its evening. Whoever
//! is on call sees what an engineer sees (pages, dashboards, the log, the slowest requests), says what they take for
//! the cause, and acts.
//!
//! - [`board`], [`log`]: what is seen of a run; [`alert`]: objectives, budgets, burn rates;
//! - [`incident`]: what an incident is; [`library`]: all of them; [`night`]: those of a night, drawn by its seed;
//! - [`action`]: what one can do; [`shift`]: the evening as it goes on;
//! - [`console`]: the words by which one does it;
//! - [`expert`]: the same night by somebody with experience; [`score`]: how it went; [`postmortem`]: in writing.

pub mod action;
pub mod alert;
pub mod board;
pub mod console;
pub mod expert;
pub mod incident;
pub mod library;
pub mod log;
pub mod night;
pub mod postmortem;
pub mod score;
pub mod shift;
#[cfg(test)]
mod tests;

use crate::format::Design;
use crate::system::{self, DesignLab};
use alert::{Sli, Slo};
use std::sync::LazyLock;

/// The design of the auction.
pub const AUCTION: &str = include_str!("../auction.yaml");

/// Machines of each service that stand ready and are not started: the last ones.
const SPARES: u32 = 2;

/// The auction as a lab.
///
/// # Panics
/// Never: its file is part of the program, and a test reads it.
pub fn auction() -> &'static DesignLab {
    static LAB: LazyLock<&'static DesignLab> = LazyLock::new(|| {
        let read = crate::read(AUCTION);
        let design: Design = read.design.expect("a test reads the file of the auction");
        system::lab(&design).expect("the first design of a process is not one too many")
    });
    *LAB
}

/// What is promised to those who use the auction.
pub static SLOS: LazyLock<Vec<Slo>> = LazyLock::new(|| {
    let answered = |name, says, part| Slo {
        name,
        says,
        objective: 0.99,
        sli: Sli::Events {
            part,
            good: "answered_total",
            bad: "failed_total",
        },
    };
    vec![
        answered(
            "bids",
            "99 % of bids are taken, each step within 500 ms",
            "bidders",
        ),
        answered(
            "searches",
            "99 % of searches are answered, each step within 500 ms",
            "buyers",
        ),
    ]
});
