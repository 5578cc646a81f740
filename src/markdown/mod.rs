//! From markdown to lines on a screen.
