//! `ddlab interview`: a mock interview on a topic, with its debrief and transcript.

use super::keeper::Keeper;
use super::lines::Lines;
use super::session::{self, Session};
use super::{Global, refused};
use crate::clock;
use crate::content::model::Level;
use crate::judge;
use crate::practice::interview::{self, Interview};
use crate::practice::prompt;
use crate::tui::effect::Place;
use clap::{Args, Subcommand, ValueEnum};
use eyre::Result;
use std::io::{BufRead, Write};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct InterviewArgs {
    #[command(subcommand)]
    command: Option<InterviewCommand>,
    /// What it is about; `ddlab interview list` shows the topics [default: another one each day]
    #[arg(long)]
    topic: Option<String>,
    /// How long it takes; 0 is without a clock
    #[arg(long, default_value_t = 45, value_parser = clap::value_parser!(u64).range(0..=180))]
    minutes: u64,
    /// Which points cannot be left out
    #[arg(long, value_enum, default_value_t = Asked::Senior)]
    level: Asked,
    /// Begin anew, also where one was left
    #[arg(long)]
    anew: bool,
    /// Line by line on standard input and output; implied when either is no terminal
    #[arg(long)]
    plain: bool,
}

#[derive(Debug, Subcommand)]
enum InterviewCommand {
    /// List the topics
    List,
    /// Print the transcript of your last interview, as Markdown
    Transcript {
        /// On this topic
        topic: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Asked {
    Mid,
    Senior,
    Staff,
}

impl From<Asked> for Level {
    fn from(asked: Asked) -> Self {
        match asked {
            Asked::Mid => Self::Mid,
            Asked::Senior => Self::Senior,
            Asked::Staff => Self::Staff,
        }
    }
}

/// # Errors
/// When the output cannot be written.
pub fn run(
    args: &InterviewArgs,
    global: &Global,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<ExitCode> {
    let library = super::library_aloud(global);
    let mut keeper = Keeper::open(global);
    match &args.command {
        Some(InterviewCommand::List) => {
            for (id, title) in prompt::topics(&library) {
                writeln!(out, "{id:<20} {title}")?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        Some(InterviewCommand::Transcript { topic }) => {
            let Some(text) = interview::transcript(keeper.log(), topic.as_deref()) else {
                return Ok(refused(
                    "no interview was held to its end yet; `ddlab interview` begins one",
                ));
            };
            out.write_all(ddlab_text::clean(text).as_bytes())?;
            return Ok(ExitCode::SUCCESS);
        }
        None => {}
    }
    let now = clock::now();
    let topic = args.topic.clone().unwrap_or_else(|| {
        let classic = prompt::classic();
        classic[now.day.number().unsigned_abs() as usize % classic.len()]
            .id
            .clone()
    });
    let prompt = match prompt::find(&library, &topic) {
        Ok(prompt) => prompt,
        Err(error) => return Ok(refused(error)),
    };
    let level = interview::level_name(args.level.into()).to_owned();
    let place = Place::Interview {
        topic,
        level,
        minutes: args.minutes,
    };
    if let Some(opened) = session::on_screen(global, args.plain, place) {
        return opened;
    }
    let resumed = Interview::resumed(&prompt, keeper.log(), now).filter(|_| !args.anew);
    let flow =
        resumed.unwrap_or_else(|| Interview::new(prompt, args.level.into(), args.minutes, now));
    let mut flow = flow.with_judge(judge::set(keeper.log()));
    let lines = Lines::new(input, out, global);
    Session { lines, keeper }.hold(&mut flow)
}
