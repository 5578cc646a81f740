//! The learner's record: what was read, answered, run and graded, and when.
//!
//! - [`event`]: what can happen, as one append-only log.
//! - [`bookmark`]: places that were marked, and what was noted there.
//! - [`exchange`]: the log as text, for a copy and for another machine.
//! - [`practice`]: what is recorded of reviews and drills.
//! - [`store`]: the log in `SQLite`; what it acknowledges survives `kill -9` and a power cut.
//! - [`record`]: the log as the program uses it: whatever is wrong with the file, the program goes on and says so.
//! - [`projection`]: what follows from the log, as pure folds.
//! - [`recorder`]: the record on a thread of its own.
//! - [`place`]: where the file lies.
//!
//! There is one table and nothing in it is ever changed: marks, due dates and charts are computed from
//! it and can be computed anew. So undo is an event, two programs need no agreement beyond the lock of
//! `SQLite`, and the logs of two machines merge by taking the union.

pub mod bookmark;
pub mod event;
pub mod exchange;
pub mod place;
pub mod practice;
pub mod projection;
mod record;
mod recorder;
mod store;

pub use event::{Event, EventId, Stored};
pub use projection::{Log, Marks};
pub use record::{Notice, Receipt, Record};
pub use recorder::{News, Recorded, Recorder};
