//! What every crate of ddlab writes and reads the same way.
//!
//! - [`number`]: how a number is printed. One rule of digits, one separator of thousands.
//! - [`span`]: how a span of time is printed and read.
//! - [`unit`]: the units of measurements: a value with its symbol, printed and read.
//! - [`quantity`]: a number with a unit as a person types it: `1.5k rps`, `3 GB`, `2 %`.
//! - [`nearest`](mod@nearest): the right name for a mistyped one.
//! - [`clean`](mod@clean): text that someone else wrote, made safe for a terminal.
//!
//! It knows nothing of labs, exercises, content or the terminal, and it does no I/O.

pub mod clean;
pub mod nearest;
pub mod number;
pub mod quantity;
pub mod span;
pub mod unit;

pub use clean::{clean, clean_code, clean_line, clip, given, wrap};
pub use nearest::{hint, nearest, suggestion};
pub use number::{counted, exact, figure, grouped, many, percent, speed, tick, whole_percent};
pub use span::{clock, clock_tick, format_span, human_span, millis, parse_span};
pub use unit::Unit;
