//! Game day: an evening on call for the auction.
//!
//! The auction is one design, run by the design bench; a [`night`] puts one to three incidents into its evening. Whoever
//! is on call sees what an engineer sees (pages, dashboards, the log, the slowest requests), says what they take for
//! the cause, and acts.
//!
//! - [`board`], [`log`]: what is seen of a run; [`alert`]: objectives, budgets, burn rates;
//! - [`incident`]: what an incident is; [`library`]: all of them; [`night`]: those of a night, drawn by its seed;
//! - [`action`]: what one can do; [`shift`]: the evening as it goes on;
//! - [`console`]: the words by which one does it; [`look`]: what they show;
//! - [`expert`]: the same night by somebody with experience; [`score`]: how it went; [`postmortem`]: in writing.

pub mod action;
pub mod alert;
pub mod board;
pub mod console;
pub mod expert;
pub mod incident;
pub mod library;
pub mod log;
pub mod look;
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

/// What is promised to those who use the auction, and to ourselves.
pub static SLOS: LazyLock<Vec<Slo>> = LazyLock::new(|| {
    let events = |name, says, part, good, bad| {
        let sli = Sli::Events { part, good, bad };
        Slo::of(name, says, sli)
    };
    let answered = |name, says, part| events(name, says, part, "answered_total", "failed_total");
    let seconds = |name, says, part, level, at_most| {
        let sli = Sli::Seconds {
            part,
            level,
            at_most,
        };
        Slo::of(name, says, sli)
    };
    vec![
        answered(
            "bids",
            "99 % of bids are taken, each step within 500 ms",
            "bidders",
        ),
        answered(
            "searches",
            "99 % of searches and pages are answered, each step within 500 ms",
            "buyers",
        ),
        answered(
            "looks",
            "99 % of looks at a price are answered within 250 ms",
            "watchers",
        ),
        answered(
            "uploads",
            "99 % of uploads are taken, with a preview within 2 s",
            "sellers",
        ),
        seconds(
            "pictures",
            "99 % of the time no upload waits for its pictures for more than a minute",
            "images",
            "oldest_age_ms",
            60_000.0,
        ),
        events(
            "closings",
            "99 % of lots are closed before the second lot after them is due",
            "closing",
            "writes_total",
            "jobs_missed_total",
        ),
        seconds(
            "payouts",
            "99 % of the time no settlement has run for more than a minute",
            "settlement",
            "night_age_s",
            60.0,
        ),
        seconds(
            "counts",
            "99 % of the time the counts of bids are at most 45 s behind",
            "analytics",
            "watermark_lag_s",
            45.0,
        ),
        // Spare machines are holes, too, and so are those of a zone that is down.
        seconds(
            "metrics",
            "99 % of the time the monitor has the figures of the gateway",
            "gateway",
            "seen_holes",
            4.0,
        ),
    ]
});
