//! `ddlab`: arguments in, exit status out. Everything else is in the library.

use ddlab::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    let done = match cli::parsed() {
        Ok(arguments) => cli::run(arguments),
        Err(error) => cli::explain(&error),
    };
    match done {
        Ok(status) => status,
        // Whoever reads our output has heard enough (`ddlab read 7 --plain | head`).
        Err(report) if cli::is_broken_pipe(&report) => ExitCode::SUCCESS,
        Err(report) => {
            cli::aside(format!("ddlab: {report:#}"));
            ExitCode::from(cli::USAGE)
        }
    }
}
