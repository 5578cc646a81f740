//! SIGTERM, which the standard library does not show. You need not change it, and you may.
#![allow(dead_code)]

use std::sync::atomic::{AtomicUsize, Ordering};

static CAME: AtomicUsize = AtomicUsize::new(0);

/// From now on SIGTERM does not end the process: it is only counted.
pub fn catch_sigterm() {
    const SIGTERM: i32 = 15;
    // SAFETY: `signal` is in the C library that the standard library links already, and a handler
    // may add to an atomic.
    unsafe { signal(SIGTERM, on_sigterm) };
}

/// How often SIGTERM has come.
pub fn sigterms() -> usize {
    CAME.load(Ordering::Relaxed)
}

/// SIGTERM has come.
pub fn asked_to_stop() -> bool {
    sigterms() > 0
}

extern "C" fn on_sigterm(_: i32) {
    CAME.fetch_add(1, Ordering::Relaxed);
}

unsafe extern "C" {
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
}
