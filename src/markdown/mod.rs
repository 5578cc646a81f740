//! From markdown to lines on a screen.
pub mod highlight;
