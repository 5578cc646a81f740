//! `ddlab prove`: a question settled in the lab; a figure is predicted, then the scenario runs.

use super::keeper::Keeper;
use super::lines::Lines;
use super::session::{self, Session};
use super::{Global, refused};
use crate::practice::prove::Prove;
use crate::tui::effect::Place;
use clap::Args;
use eyre::Result;
use std::io::{BufRead, Write};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct ProveArgs {
    /// The id of an interview question, ch07-q1
    question: String,
    /// Line by line on standard input and output; implied when either is no terminal
    #[arg(long)]
    plain: bool,
}

/// # Errors
/// When the output cannot be written.
pub fn run(
    args: &ProveArgs,
    global: &Global,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<ExitCode> {
    let library = super::library_aloud(global);
    let question = match library.interview_question(&args.question) {
        Ok((_, question)) => question,
        Err(error) => return Ok(refused(error)),
    };
    let mut flow = match Prove::new(question) {
        Ok(flow) => flow,
        Err(error) => return Ok(refused(error)),
    };
    let place = Place::Prove {
        question: question.id.clone(),
    };
    if let Some(opened) = session::on_screen(global, args.plain, place) {
        return opened;
    }
    let lines = Lines::new(input, out, global);
    let keeper = Keeper::open(global);
    Session { lines, keeper }.hold(&mut flow)
}
