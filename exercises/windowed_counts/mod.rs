//! `windowed-counts`: counts events in windows of event time, and survives crashes.
//!
//! - [`stream`]: the log of events, the sink, and the results that are due of a log.
//! - [`counter`]: the program between them.
//! - [`checks`]: the promises below, one function each.

mod checks;
mod counter;
mod stream;

crate::exercise! {
    "windowed_counts",
    checks::counts("The pattern", "Events are counted by key and window, each window one time"),
    checks::out_of_order("How it works", "Events out of order count in their own window while it waits"),
    checks::edges("How it works", "At the edges of windows and of lateness a millisecond decides"),
    checks::late("How it works", "An event that comes too late is told and not counted"),
    checks::duplicates("How it works", "An event that stands in the log twice counts once"),
    checks::crash("What goes wrong", "After SIGKILL no result is missing and none is different"),
    checks::sink_away("What goes wrong", "What the sink did not get is repeated"),
    checks::source_away("What goes wrong", "A source that fails or is empty is asked again, after a pause"),
    checks::backpressure("What goes wrong", "While results wait no more events are asked for"),
}
