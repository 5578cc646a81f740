//! `ddlab review`: what is due, over all chapters; its settings, and the fit to one's own log.

use super::keeper::Keeper;
use super::lines::Lines;
use super::session::{self, Session};
use super::{Global, refused, status};
use crate::clock::{self, LocalDay};
use crate::content::Library;
use crate::judge;
use crate::practice::deck::Deck;
use crate::practice::plan::Plan;
use crate::practice::review::Review;
use crate::progress::Event;
use crate::tui::effect::Place;
use clap::{Args, Subcommand};
use ddlab_practice::schedule;
use ddlab_text::counted;
use eyre::Result;
use std::io::{BufRead, Write};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct ReviewArgs {
    #[command(subcommand)]
    command: Option<ReviewCommand>,
    /// Line by line on standard input and output; implied when either is no terminal
    #[arg(long)]
    plain: bool,
}

#[derive(Debug, Subcommand)]
enum ReviewCommand {
    /// Say what is due today and in the next days
    Due,
    /// Settle the day of your interview, how much a day, and how well to remember
    Set {
        /// The day of your interview, 2026-12-06, or `none`: no card falls due after it
        #[arg(long, value_name = "DAY")]
        interview: Option<String>,
        /// Cards a day at most
        #[arg(long, value_name = "CARDS", value_parser = clap::value_parser!(u16).range(1..))]
        limit: Option<u16>,
        /// The share of due cards that you want to remember, 0.80 to 0.95
        #[arg(long, value_name = "SHARE")]
        retention: Option<f32>,
    },
    /// Fit the schedule to your own log, from 400 reviews on
    Fit {
        /// Go back to the weights of the model
        #[arg(long)]
        reset: bool,
    },
}

/// # Errors
/// When the output cannot be written.
pub fn run(
    args: &ReviewArgs,
    global: &Global,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<ExitCode> {
    if args.command.is_none()
        && let Some(opened) = session::on_screen(global, args.plain, Place::Review)
    {
        return opened;
    }
    let library = super::library_aloud(global);
    let mut keeper = Keeper::open(global);
    let deck = Deck::of(&library, keeper.log());
    match &args.command {
        None => {
            let judge = judge::set(keeper.log());
            let mut flow = Review::new(&library, &deck, clock::now()).with_judge(judge);
            let lines = Lines::new(input, out, global);
            Session { lines, keeper }.hold(&mut flow)
        }
        Some(ReviewCommand::Due) => {
            print_due(&library, &deck, out)?;
            Ok(ExitCode::SUCCESS)
        }
        Some(ReviewCommand::Set {
            interview,
            limit,
            retention,
        }) => {
            let plan = changed(deck.plan, interview.as_deref(), *limit, *retention);
            settle(
                &mut keeper,
                plan.map(|plan| (plan.event(), plan.in_words())),
                out,
            )
        }
        Some(ReviewCommand::Fit { reset }) => {
            let reviews: Vec<Vec<schedule::Review>> =
                deck.reviews().map(|(_, reviews)| reviews).collect();
            let weights = if *reset {
                Ok(Vec::new())
            } else {
                schedule::fit(reviews.iter().map(Vec::as_slice)).map_err(|error| error.to_string())
            };
            let said = if *reset {
                "the schedule has the weights of the model again"
            } else {
                "the schedule is fitted to your own log; `ddlab review fit --reset` undoes it"
            };
            let fitted =
                weights.map(|weights| (Event::ScheduleFitted { weights }, said.to_owned()));
            settle(&mut keeper, fitted, out)
        }
    }
}

/// Keeps a setting and says it, or says why not.
fn settle(
    keeper: &mut Keeper,
    setting: Result<(Event, String), String>,
    out: &mut dyn Write,
) -> Result<ExitCode> {
    let (event, said) = match setting {
        Ok(setting) => setting,
        Err(error) => return Ok(refused(error)),
    };
    let kept = keeper.keep(event);
    writeln!(out, "{said}")?;
    Ok(status(kept))
}

fn changed(
    mut plan: Plan,
    interview: Option<&str>,
    limit: Option<u16>,
    retention: Option<f32>,
) -> Result<Plan, String> {
    if let Some(day) = interview {
        plan.set_interview(day)?;
    }
    if let Some(limit) = limit {
        plan.daily_limit = limit.into();
    }
    if let Some(retention) = retention {
        plan.retention = Plan::check_retention(retention)?;
    }
    Ok(plan)
}

fn print_due(library: &Library, deck: &Deck, out: &mut dyn Write) -> Result<()> {
    let today = clock::now().day;
    let due = deck.due(library, today.number());
    writeln!(
        out,
        "Due today: {}, about {} min.",
        counted(due.cards.len(), "card"),
        due.minutes
    )?;
    if due.left_over > 0 {
        writeln!(
            out,
            "Over the daily limit: {}.",
            counted(due.left_over, "card")
        )?;
    }
    let days = deck.forecast(library, today.number(), 8);
    for (ahead, cards) in days.iter().enumerate().skip(1) {
        let day = LocalDay::of_number(today.number() + ahead as i32);
        writeln!(out, "{day}: {}", counted(*cards, "card"))?;
    }
    writeln!(out, "{}.", deck.plan.in_words())?;
    Ok(())
}
