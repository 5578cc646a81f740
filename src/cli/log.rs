//! The log: a file in the data folder, never the screen. `DDLAB_LOG=debug` says more.

use std::path::Path;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// Starts to log into `ddlab.log` of this folder until the guard is dropped. Without a folder that can
/// be written there is no log, and the program does not need one.
pub fn start(folder: Option<&Path>) -> Option<WorkerGuard> {
    let folder = folder?;
    std::fs::create_dir_all(folder).ok()?;
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("ddlab.log"))
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    let filter = EnvFilter::try_from_env("DDLAB_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_writer(writer)
        .with_ansi(false)
        .with_env_filter(filter)
        .try_init()
        .ok()?;
    Some(guard)
}
