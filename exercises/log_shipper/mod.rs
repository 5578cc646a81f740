//! `log-shipper`: a sidecar that reads a log and sends it to a store, and loses no line.
//!
//! - [`sink`]: the store, which keeps one document for each `_id`.
//! - [`shipper`]: the program with the log that is written for it.
//! - [`checks`]: the promises below, one function each.

mod checks;
mod shipper;
mod sink;

use checks::{delivery, files};

crate::exercise! {
    "log_shipper",
    files::ships("The pattern", "What is there and what is appended arrives, line by line as written"),
    files::half_lines("How it works", "A line without its end is not a line yet"),
    files::rotation("How it works", "A file that was rotated is read to its end, then the next one"),
    files::rotated_while_down("How it works", "What was rotated while the program was away is found"),
    delivery::batches("How it works", "Many lines are few calls, and one line does not wait for others"),
    delivery::store_away("What goes wrong", "A call that failed is repeated, in order and after a pause"),
    delivery::items("What goes wrong", "Of a call's lines those that were refused for now are sent again"),
    delivery::crash("How it works", "After SIGKILL nothing is missing, and little comes twice"),
}
