//! What a system keeps of a program beside it: shell completions and manual pages, both made from the
//! declarations of the subcommands.

use super::Cli;
use clap::{Args, CommandFactory};
use eyre::{Result, WrapErr};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write a page for each subcommand into this folder, instead of the page of `ddlab` on the standard output
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// # Errors
/// When the output cannot be written.
pub fn completions(args: &CompletionsArgs, out: &mut dyn Write) -> Result<ExitCode> {
    // By way of memory: clap panics when it cannot write, as into a full disk.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "ddlab", &mut script);
    out.write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}

/// # Errors
/// When the folder or a page cannot be written.
pub fn pages(args: &ManArgs, out: &mut dyn Write) -> Result<ExitCode> {
    match &args.folder {
        None => clap_mangen::Man::new(Cli::command()).render(out)?,
        Some(folder) => {
            let into = || format!("cannot write the manual pages into {}", folder.display());
            std::fs::create_dir_all(folder).wrap_err_with(into)?;
            clap_mangen::generate_to(Cli::command(), folder).wrap_err_with(into)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
