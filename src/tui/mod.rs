//! The screens, and the loop that drives them.
