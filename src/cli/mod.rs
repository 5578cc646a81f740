//! The subcommands.

pub mod exercise;
