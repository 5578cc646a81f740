//! Whether a run that was done again was the same run.

use crate::engine::SimTime;
use crate::engine::time::format_span;
use std::fmt;

/// What a replay found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    Same {
        digest: u64,
    },
    /// Equal up to `equal_until`, different at `at`.
    Differs {
        equal_until: SimTime,
        at: SimTime,
        recorded: u64,
        replayed: u64,
    },
}

impl fmt::Display for Replay {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same { digest } => write!(out, "the same run again: digest {digest:016x}"),
            Self::Differs {
                equal_until,
                at,
                recorded,
                replayed,
            } => {
                let (from, to) = (
                    format_span((*equal_until).into()),
                    format_span((*at).into()),
                );
                write!(
                    out,
                    "not the same run: up to {from} nothing differs, between {from} and {to} \
                     something does (digest at {to} recorded {recorded:016x}, now {replayed:016x}). \
                     Either the file was edited or this version of ddlab runs the lab differently"
                )
            }
        }
    }
}
