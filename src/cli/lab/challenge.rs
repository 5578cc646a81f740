//! `ddlab lab challenge`: settings against a service level. With `--set` they are tried once; without,
//! they are read line by line.

use super::guided;
use super::progress::Progress;
use super::{harmless, json, print};
use crate::cli::keeper::Keeper;
use crate::cli::lines::Lines;
use crate::cli::{Global, status};
use crate::progress::Event;
use clap::Args;
use ddlab_labs::engine::SimTime;
use ddlab_labs::engine::time::format_span;
use ddlab_labs::workbench::challenge::score::Row;
use ddlab_labs::workbench::challenge::{Challenge, Medal, Score, WORLDS};
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_labs::workbench::lab::LabSpec;
use eyre::{Result, WrapErr};
use std::io::{self, BufRead, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct ChallengeArgs {
    /// The challenge, as `ddlab lab show LAB` lists it: LAB/ID
    name: String,
    /// Turn a knob and hand the settings in; may be given more than once
    #[arg(long, value_name = "KNOB=VALUE")]
    set: Vec<String>,
    /// Print the score as one JSON object
    #[arg(long)]
    json: bool,
}

/// # Errors
/// When there is no such challenge, a knob may not be turned so, or the output cannot be written.
pub fn run(
    args: &ChallengeArgs,
    global: &Global,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<ExitCode> {
    let (spec, guides, id) = guided::split(&args.name)?;
    let challenge = guides
        .challenge(id)
        .map_err(|error| guided::unknown(&error, spec))?;
    let knobs = challenge
        .knobs(args.set.iter().map(String::as_str))
        .map_err(harmless)?;
    let mut keeper = Keeper::open(global);
    let best = if args.json {
        let score = scored(challenge, &knobs)?;
        keeper.keep(event(spec, challenge, &knobs, &score));
        print(
            &mut &mut *out,
            &json::score(spec, challenge, &knobs, &score),
        )?;
        score.medal
    } else {
        let mut session = Session {
            lines: Lines::new(input, out, global),
            spec,
            challenge,
            knobs,
            hints: 0,
            best: None,
        };
        session.head()?;
        if args.set.is_empty() {
            session.talk(&mut keeper)?;
        } else {
            session.hand_in(&mut keeper)?;
        }
        session.best
    };
    Ok(status(keeper.close() && best.is_some()))
}

/// Tries the settings in all worlds, with a line of progress while it takes long.
fn scored(challenge: &Challenge, knobs: &KnobSettings) -> Result<Score> {
    let length = SimTime(challenge.run.plan.length.0 * WORLDS);
    let mut progress = Progress::of(length);
    challenge
        .score(knobs, &mut |share| {
            progress.show(SimTime((share * length.0 as f64) as u64));
            ControlFlow::Continue(())
        })
        .map_err(harmless)
        .wrap_err("the run failed")
}

fn event(spec: &LabSpec, challenge: &Challenge, knobs: &KnobSettings, score: &Score) -> Event {
    Event::ChallengeScored {
        lab: spec.id.to_owned(),
        challenge: challenge.id.clone(),
        medal: score.medal,
        set: challenge.turned(knobs),
    }
}

struct Session<'a> {
    lines: Lines<'a>,
    spec: &'static LabSpec,
    challenge: &'static Challenge,
    knobs: KnobSettings,
    hints: usize,
    best: Option<Medal>,
}

impl Session<'_> {
    fn head(&mut self) -> Result<()> {
        let challenge = self.challenge;
        let plan = &challenge.run.plan;
        let title = format!("{} · {} · challenge\n", self.spec.title, challenge.title);
        self.lines.say(&title)?;
        self.lines.paragraph(&challenge.brief)?;
        for done in &plan.script {
            let at = format_span(done.at.into());
            self.lines.say(&format!("  at {at} {}", done.what))?;
        }
        let (length, warmup) = (
            format_span(plan.length.into()),
            format_span(plan.warmup.into()),
        );
        self.lines.say(&format!(
            "  {length} of virtual time, the first {warmup} left out; scored in {WORLDS} worlds, the worst counts\n"
        ))?;
        self.lines.say("Asked")?;
        for (of, statement) in challenge.conditions() {
            let label = &statement.label;
            let of = of.map_or("every medal", Medal::name);
            self.lines
                .say(&format!("  {of:12} {label} {}", statement.asked()))?;
        }
        self.lines.say("\nYou may turn")?;
        for turn in &challenge.turn {
            let name = turn.knob.name;
            let now = self.knobs.value(name);
            self.lines
                .say(&format!("  {name:18} {now:<12} {}", turn.range()))?;
        }
        self.lines.say("")?;
        Ok(())
    }

    /// Reads settings until a medal is not worth bettering, or the input ends.
    fn talk(&mut self, keeper: &mut Keeper) -> Result<()> {
        let turn = self.challenge.turn.iter();
        let forms: Vec<String> = turn
            .take(2)
            .map(|turn| format!("{}={}", turn.knob.name, turn.knob.default))
            .collect();
        self.lines.say(&format!(
            "Type settings (`{}`), `run` to hand them in, `hint` for a hint.",
            forms.join(" ")
        ))?;
        while let Some(line) = self.lines.next()? {
            match line.trim() {
                "" => {}
                "hint" => self.hint()?,
                "run" => {
                    self.hand_in(keeper)?;
                    if self.best == Some(Medal::Gold) {
                        return Ok(());
                    }
                }
                settings => self.turn(settings)?,
            }
        }
        self.lines.say("\nThe input has ended.")?;
        Ok(())
    }

    fn turn(&mut self, settings: &str) -> io::Result<()> {
        let turned = self.challenge.turned(&self.knobs);
        let before = turned.iter().map(|(knob, value)| format!("{knob}={value}"));
        let all: Vec<String> = before
            .chain(settings.split_whitespace().map(str::to_owned))
            .collect();
        match self.challenge.knobs(all.iter().map(String::as_str)) {
            Ok(knobs) => self.knobs = knobs,
            Err(error) => return self.lines.say(&error.to_string()),
        }
        let turned = self.challenge.turned(&self.knobs);
        let turned = turned.iter().map(|(knob, value)| format!("{knob}={value}"));
        self.lines.say(&turned.collect::<Vec<_>>().join(" "))
    }

    fn hint(&mut self) -> io::Result<()> {
        let hints = &self.challenge.hints;
        let text = match hints.get(self.hints) {
            Some(hint) => format!("{} of {}: {hint}", self.hints + 1, hints.len()),
            None => "That was the last hint.".to_owned(),
        };
        self.hints += 1;
        self.lines.paragraph(&text)
    }

    fn hand_in(&mut self, keeper: &mut Keeper) -> Result<()> {
        let score = scored(self.challenge, &self.knobs)?;
        keeper.keep(event(self.spec, self.challenge, &self.knobs, &score));
        self.best = self.best.max(score.medal);
        for row in &score.rows {
            self.lines.say(&line(row))?;
        }
        for name in &score.broken {
            self.lines.say(&format!("  BROKEN  {name}"))?;
        }
        self.lines.say("")?;
        let medal = score.medal.map_or("no medal", Medal::name);
        self.lines.say(&format!("Medal: {medal}\n"))?;
        if let Some(why) = self.challenge.word_on(&self.knobs, &score) {
            self.lines.paragraph(&why)?;
        }
        Ok(())
    }
}

/// One condition beside what was measured.
fn line(row: &Row) -> String {
    let met = if row.met { "met   " } else { "MISSED" };
    let of = row.medal.map_or("every medal", Medal::name);
    format!(
        "  {met}  {:28} {:>12}   {} ({of})",
        row.statement.label,
        row.shown(),
        row.statement.asked()
    )
}
