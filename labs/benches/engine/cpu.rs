//! The time that this thread has been on a core, so that what else is at work on the machine counts little.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// To a few milliseconds; wall time where the kernel does not tell.
pub fn on_cpu() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|nanos| nanos.parse().ok());
    nanos.map_or_else(|| START.elapsed(), Duration::from_nanos)
}
