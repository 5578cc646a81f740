//! The knobs, as the types that the rooms of the lab work with.

use super::pattern::{Ack, Habits, Rules};
use super::sizing::{Backoff, Bounds, ScaleBy};
use crate::engine::Distribution;
use crate::workbench::knob::KnobSettings;
use std::time::Duration;

/// How the lab is set at this moment.
#[derive(Debug, Clone)]
pub struct Settings {
    pub service: Distribution,
    pub rules: Rules,
    pub habits: Habits,
    pub idempotent: bool,
    pub poison_ratio: f64,
    pub crash_ratio: f64,
    pub restart_after: Duration,
    pub workers: usize,
    pub worker_start: Duration,
    pub scale_by: Option<ScaleBy>,
    pub scale_bounds: Bounds,
    pub scale_poll: Duration,
}

/// Beats in a lease: one that is lost must not cost the item.
const BEATS_PER_LEASE: u32 = 3;

impl Settings {
    pub fn of(knobs: &KnobSettings) -> Self {
        let lease = span(knobs, "visibility_timeout");
        let retry_delay = span(knobs, "retry_delay");
        let workers = knobs.count("workers");
        let target = knobs.plain_number("scale_target");
        Self {
            service: knobs.distribution("service"),
            rules: Rules {
                visibility_timeout: lease,
                max_receives: knobs
                    .switch("dead_letter")
                    .then(|| knobs.count("max_receives") as u32),
                backoff: match knobs.word("retry_backoff") {
                    "none" => Backoff::None,
                    "fixed" => Backoff::Fixed(retry_delay),
                    "exponential" => Backoff::Exponential(retry_delay),
                    other => unreachable!("`{other}` is not in the table of back-offs"),
                },
            },
            habits: Habits {
                ack: match knobs.word("ack") {
                    "early" => Ack::Early,
                    _ => Ack::Late,
                },
                prefetch: knobs.count("prefetch"),
                heartbeat: knobs.switch("heartbeat").then(|| lease / BEATS_PER_LEASE),
            },
            idempotent: knobs.word("idempotency") == "key",
            poison_ratio: knobs.plain_number("poison_ratio"),
            crash_ratio: knobs.plain_number("worker_crash_ratio"),
            restart_after: span(knobs, "restart_after"),
            workers,
            worker_start: span(knobs, "worker_start"),
            scale_by: match knobs.word("autoscale") {
                "depth" => Some(ScaleBy::Depth(target)),
                "age" => Some(ScaleBy::Age(target)),
                _ => None,
            },
            scale_bounds: Bounds {
                least: workers,
                most: knobs.count("workers_max"),
                cooldown: span(knobs, "scale_cooldown"),
            },
            scale_poll: span(knobs, "scale_poll"),
        }
    }
}

fn span(knobs: &KnobSettings, name: &str) -> Duration {
    knobs
        .duration(name)
        .unwrap_or_else(|| unreachable!("`{name}` has no words in the table"))
}
