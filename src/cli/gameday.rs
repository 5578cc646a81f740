//! `ddlab gameday`: an evening on call for the auction, line by line.

use super::lines::Lines;
use super::{Global, refused, session};
use crate::tui::effect::Place;
use clap::Args;
use ddlab_design::gameday::console::Console;
use ddlab_design::gameday::expert::LOOK;
use ddlab_design::gameday::night::{LAST, Night, NightError};
use ddlab_design::gameday::postmortem;
use eyre::Result;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Columns of a sentence.
const WIDTH: usize = 80;
/// The word before a night that asks how an expert works it.
const EXPERT: &str = "expert";
/// Seeds of nights that nobody chose.
const SEEDS: u64 = 10_000;

#[derive(Debug, Args)]
pub struct GamedayArgs {
    /// A night that somebody shares: the line that it begins with. With `expert` before it, or alone with --night and
    /// --seed: how an expert works that night
    #[arg(value_name = "LINE", num_args = 0..)]
    line: Vec<String>,
    /// Which night, from 1 (one incident, plain to see) to 6 (three) [default: 1; on the screen, chosen from a list]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=u64::from(LAST)))]
    night: Option<u64>,
    /// Chooses the incidents and the world [default: another one each time]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Line by line on standard input and output; implied when either is no terminal
    #[arg(long)]
    plain: bool,
    /// Write the post-mortem to a file too; the night goes line by line then
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

impl GamedayArgs {
    /// Whether an expert is asked for, and the line of a night.
    fn words(&self) -> (bool, &[String]) {
        match &self.line[..] {
            [word, rest @ ..] if word == EXPERT => (true, rest),
            all => (false, all),
        }
    }

    fn night(&self) -> Result<Night, GamedayError> {
        let (_, line) = self.words();
        if line.is_empty() {
            let seed = self
                .seed
                .unwrap_or_else(|| crate::clock::now().at.0.unsigned_abs() % SEEDS);
            return Ok(Night::new(self.night.unwrap_or(1), seed)?);
        }
        if self.night.is_some() || self.seed.is_some() {
            return Err(GamedayError::Twice);
        }
        Ok(line.join(" ").parse()?)
    }

    /// The screen: of a night that was asked for, or the list of nights.
    fn place(&self, night: Night) -> Place {
        let asked = !self.line.is_empty() || self.night.is_some() || self.seed.is_some();
        Place::GameDay {
            night: asked.then(|| night.to_string()),
        }
    }
}

/// Why there is no night to be on call for.
#[derive(Debug, thiserror::Error)]
enum GamedayError {
    #[error(transparent)]
    Night(#[from] NightError),
    #[error("a line names a night with its seed; leave --night and --seed out, or the line")]
    Twice,
}

/// # Errors
/// When the output cannot be written, or the auction stands still.
pub fn run(
    args: &GamedayArgs,
    global: &Global,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<ExitCode> {
    let night = match args.night() {
        Ok(night) => night,
        Err(error) => return Ok(refused(error)),
    };
    if args.words().0 {
        let mut lines = Lines::new(input, out, global);
        lines.set(&postmortem::of_expert(night)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(opened) = session::on_screen(
        global,
        args.plain || args.write.is_some(),
        args.place(night),
    ) {
        return opened;
    }
    let mut lines = Lines::new(input, out, global);
    let mut console = Console::new(night, LOOK)?;
    print(&mut lines, &console.head())?;
    while !console.is_over() {
        let Some(line) = lines.next()? else { break };
        print(&mut lines, &console.obey(&line))?;
    }
    lines.say("\nThe evening goes on to its end; then it is written up.")?;
    let postmortem = console.end()?;
    lines.set(&postmortem)?;
    if let Some(file) = &args.write {
        std::fs::write(file, &postmortem)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Sentences are broken between words; a row of a table stays one.
fn print(lines: &mut Lines<'_>, said: &[String]) -> std::io::Result<()> {
    for text in said {
        if text.contains("  ") {
            lines.say(text)?;
            continue;
        }
        for row in ddlab_text::wrap(text, WIDTH) {
            lines.say(&row)?;
        }
    }
    Ok(())
}
