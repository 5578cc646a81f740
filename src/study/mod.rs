//! How people learn, as pure functions: no I/O, no clock.
