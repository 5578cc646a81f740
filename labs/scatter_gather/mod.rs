//! The scatter/gather lab.
