//! The black-box tests, as one program: each test program links all of ddlab, so thirteen cost thirteen links.
//! `cargo test --test all plain::` runs one module of it.

mod support;

mod adapter_and_prometheus;
mod ambassador_on_tokio;
mod batch_on_tokio;
mod bounds;
mod commands;
mod content;
mod design_cli;
mod durability;
mod exercise_cli;
mod exercise_screen;
mod functions_on_tokio;
mod fuzz;
mod gameday;
mod guide_cli;
mod install;
mod judge;
mod lab_cli;
mod lab_sweep;
mod layers;
mod leftovers;
mod pack;
mod pattern_on_tokio;
mod pipeline_on_tokio;
mod plain;
mod practice;
mod schemas;
mod serve_cli;
mod sidecar_on_tokio;
mod slurm;
mod snippets;
mod soak;
mod terminal;
mod tour;
mod vocabulary;
