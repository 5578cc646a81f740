//! A practice session line by line: each step is printed, a line is read, what follows from it is kept
//! before the next step. The input may end anywhere.

use super::keeper::Keeper;
use super::lines::Lines;
use super::paper::Paper;
use super::{Global, open, status};
use crate::clock;
use crate::practice::{Ask, Flow};
use crate::progress::Event;
use crate::tui::effect::Place;
use ddlab_labs::workbench::headless;
use ddlab_text::counted;
use eyre::Result;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// The word that takes the last grade back.
const UNDO: [&str; 2] = ["u", "undo"];

/// Where a session of practice is held.
pub struct Session<'a> {
    pub lines: Lines<'a>,
    pub keeper: Keeper,
}

/// How plain text is set for a pipe.
pub fn paper(global: &Global) -> Paper {
    Paper::new(global, 80)
}

/// Opens the screen where there is one to draw on, unless the plain form was asked for.
pub fn on_screen(global: &Global, plain: bool, place: Place) -> Option<Result<ExitCode>> {
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    (terminal && !plain).then(|| open::at(global, place))
}

/// Writes Markdown as plain text.
pub fn print(global: &Global, markdown: &str, out: &mut dyn Write) -> Result<()> {
    let text = ddlab_text::clean(&paper(global).set(markdown)).into_owned();
    writeln!(out, "{}", text.trim_end())?;
    Ok(())
}

impl Session<'_> {
    /// Holds the session to its end, or to that of the input.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn hold(mut self, flow: &mut dyn Flow) -> Result<ExitCode> {
        let kept = flow.keep(clock::now());
        self.keep(flow, kept);
        loop {
            let step = flow.step(clock::now());
            if let Some(plan) = flow.run() {
                self.lines.say(step.ask.how())?;
                let report = headless::run(plan).map_err(|error| error.to_string());
                let events = flow.ran(report.as_ref().map_err(Clone::clone));
                self.keep(flow, events);
                continue;
            }
            if let Some(question) = flow.asks_judge() {
                self.lines.say(step.ask.how())?;
                let said = question.ask();
                flow.judged(said.as_ref().map_err(Clone::clone));
                continue;
            }
            if matches!(step.ask, Ask::Done) {
                self.lines.set(&step.text)?;
                break;
            }
            if !step.text.is_empty() {
                self.lines
                    .say(&format!("{} · {}\n", step.title, step.status))?;
                self.lines.set(&step.text)?;
            }
            self.lines.say(&how(&step.ask))?;
            if !self.answered(flow, &step.ask)? {
                self.lines.say("\nThe input has ended.")?;
                break;
            }
        }
        self.finish()
    }

    /// Reads until the session takes what was typed; false when the input has ended.
    fn answered(&mut self, flow: &mut dyn Flow, ask: &Ask) -> Result<bool> {
        while let Some(typed) = self.typed(ask)? {
            let is_text = matches!(ask, Ask::Text { .. });
            if !is_text && UNDO.contains(&typed.trim()) {
                let undos = flow.undo(clock::now());
                let said = if undos.is_empty() {
                    "There is no grade to take back."
                } else {
                    "The last grade is taken back."
                };
                self.keep(flow, undos);
                self.lines.say(said)?;
                return Ok(true);
            }
            match flow.reply(&typed, clock::now()) {
                Ok(events) => {
                    self.keep(flow, events);
                    return Ok(true);
                }
                Err(refusal) => self.lines.say(&format!("{refusal}. Try again:"))?,
            }
        }
        Ok(false)
    }

    /// A line, or all lines up to a single `.`; none when the input has ended.
    fn typed(&mut self, ask: &Ask) -> Result<Option<String>> {
        if !matches!(ask, Ask::Text { .. }) {
            return Ok(self.lines.next()?);
        }
        let mut text = String::new();
        loop {
            match self.lines.next()? {
                Some(line) if line.trim() == "." => return Ok(Some(text)),
                Some(line) => {
                    text.push_str(&line);
                    text.push('\n');
                }
                None if text.is_empty() => return Ok(None),
                None => return Ok(Some(text)),
            }
        }
    }

    /// Appends to the record.
    fn keep(&mut self, flow: &mut dyn Flow, events: Vec<Event>) {
        for event in events {
            let receipt = self.keeper.append(event.clone());
            flow.recorded(&receipt.id, &event);
        }
    }

    fn finish(mut self) -> Result<ExitCode> {
        let kept = self.keeper.close();
        self.lines
            .say(&format!("{} kept.", counted(self.keeper.kept(), "event")))?;
        Ok(status(kept))
    }
}

/// How to answer on a line printer.
fn how(ask: &Ask) -> String {
    match ask {
        Ask::Text { how } => format!("{how} A line with a single . ends it."),
        other => {
            let how = other.how();
            let mut letters = how.chars();
            let first: String = letters
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .collect();
            format!("{first}{}", letters.as_str())
        }
    }
}
