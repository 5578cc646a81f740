//! `ddlab`: arguments in, exit status out. Everything else is in the library.

use clap::Parser;
use ddlab::cli::{self, Cli};
use ddlab_text::clean;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Cli::parse();
    match cli::run(arguments) {
        Ok(status) => status,
        // Whoever reads our output has heard enough (`ddlab read 7 --plain | head`).
        Err(report) if cli::is_broken_pipe(&report) => ExitCode::SUCCESS,
        Err(report) => {
            cli::aside(format!("ddlab: {}", clean(&format!("{report:#}"))));
            ExitCode::from(cli::USAGE)
        }
    }
}
