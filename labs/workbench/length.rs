//! How long a run, and anything in it, may be.

use crate::engine::time::format_span;
use std::time::Duration;

/// The longest run, and so the longest span of anything in it.
pub const LENGTH_MAX: Duration = Duration::from_hours(1_000);

/// Why a span is refused, for the end of a sentence.
pub fn longer_than_a_run(span: Duration) -> String {
    let (span, most) = (format_span(span), format_span(LENGTH_MAX));
    format!("{span} is too long: a run takes at most {most}")
}
