//! What interviewer and candidate say: the questions of each phase, answers to the candidate's own, the pad.

use super::{Interview, Said};
use crate::study::sheet;
use ddlab_practice::mock::Phase;
use ddlab_practice::shuffle;
use std::fmt::Write as _;

/// Questions of the deep dive.
pub(super) const DEEP_QUESTIONS: usize = 3;
/// A line that begins so draws on the pad.
const DRAWS: char = '/';

impl Interview {
    /// All that the candidate has said, drawings too.
    pub(super) fn said(&self) -> String {
        let own = self.state.turns.iter().filter(|said| !said.is_interviewer);
        own.map(|said| said.text.as_str())
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn speak(&mut self, phase: Phase, text: impl Into<String>, listen_for: Option<String>) {
        self.state.turns.push(Said {
            phase,
            is_interviewer: true,
            text: text.into(),
            listen_for,
        });
    }

    /// The next phase begins, with what the interviewer says to it.
    fn go_on(&mut self, phase: Phase) {
        let Some(next) = phase.next() else {
            self.state.phase = None;
            return;
        };
        self.state.phase = Some(next);
        let prompt = &self.prompt;
        let pick = |n: usize| shuffle::shuffled(n.max(1), self.state.seed)[0];
        self.state.to_ask = match next {
            Phase::DeepDive => {
                let asked = prompt.followups(&self.said());
                let asked = asked.into_iter().take(DEEP_QUESTIONS);
                let asked = asked.map(|a| (a.prompt.clone(), a.listen_for.clone()));
                asked.collect()
            }
            Phase::Failure => prompt
                .curveballs
                .get(pick(prompt.curveballs.len()))
                .map(|turn| (turn.ask.clone(), turn.listen_for.clone()))
                .into_iter()
                .collect(),
            Phase::Evolution => [&prompt.pushback, &prompt.evolution]
                .map(|turn| (turn.ask.clone(), turn.listen_for.clone()))
                .to_vec(),
            Phase::Requirements | Phase::Estimation | Phase::HighLevel => Vec::new(),
        };
        match next {
            Phase::Estimation => {
                let unasked = self.unasked();
                self.speak(
                    next,
                    format!("Now give me the numbers that decide the design: rates, sizes, what they follow from.\n\n{unasked}"),
                    None,
                );
            }
            Phase::HighLevel => self.speak(
                next,
                "Draw it. What are the parts, and how does a request travel through them?",
                None,
            ),
            _ => self.ask_next(next),
        }
    }

    fn ask_next(&mut self, phase: Phase) {
        if self.state.to_ask.is_empty() {
            return self.go_on(phase);
        }
        let (ask, listen_for) = self.state.to_ask.remove(0);
        self.speak(phase, ask, Some(listen_for));
    }

    /// What could have been asked and was not.
    fn unasked(&self) -> String {
        let facts = self.prompt.facts.iter().enumerate();
        let unasked: Vec<&str> = facts
            .filter(|(at, _)| !self.state.given.contains(at))
            .map(|(_, fact)| fact.say.as_str())
            .collect();
        if unasked.is_empty() {
            return String::new();
        }
        let mut text =
            "You could also have asked; here it is, so that we have the same picture:\n\n"
                .to_owned();
        for fact in unasked {
            let _ = writeln!(text, "- {fact}");
        }
        text.push('\n');
        text
    }

    /// Answers to questions about the scenario.
    fn answer_questions(&mut self, typed: &str) {
        let facts = self.prompt.facts.iter().enumerate();
        let asked: Vec<usize> = facts
            .filter(|(_, fact)| fact.is_asked(typed))
            .map(|(at, _)| at)
            .collect();
        let given: Vec<&str> = asked
            .iter()
            .map(|at| self.prompt.facts[*at].say.as_str())
            .collect();
        let answer = if given.is_empty() {
            "Nothing is given about that: assume something, and say so. What else?".to_owned()
        } else {
            format!("{} What else?", given.join(" "))
        };
        self.state.given.extend(asked);
        self.speak(Phase::Requirements, answer, None);
    }

    /// Draws what is to be drawn; what is left is said.
    fn draw(&mut self, typed: &str) -> Result<String, String> {
        let mut pad = self.state.pad.clone();
        let mut said = Vec::new();
        for line in typed.lines() {
            match line.trim().strip_prefix(DRAWS) {
                Some(command) => pad.command(command).map_err(|error| error.to_string())?,
                None => said.push(line),
            }
        }
        self.state.pad = pad;
        Ok(said.join("\n").trim().to_owned())
    }

    pub(super) fn turn(&mut self, phase: Phase, typed: &str) -> Result<(), String> {
        let drew = !self.state.pad.is_empty();
        let said = self.draw(typed)?;
        if !typed.trim().is_empty() {
            let text = if said.is_empty() {
                "(draws)".to_owned()
            } else {
                said.clone()
            };
            self.state.turns.push(Said {
                phase,
                is_interviewer: false,
                text,
                listen_for: None,
            });
        }
        match phase {
            Phase::Requirements if !said.is_empty() => self.answer_questions(&said),
            Phase::HighLevel if !typed.trim().is_empty() => {
                let hint = if self.state.pad.is_empty() && !drew {
                    " You can draw: /box root, /arrow root leaf search."
                } else {
                    ""
                };
                self.speak(phase, format!("Go on.{hint}"), None);
            }
            Phase::DeepDive | Phase::Failure | Phase::Evolution => self.ask_next(phase),
            _ => self.go_on(phase),
        }
        Ok(())
    }

    /// The task, and what was said in this phase before the last turn of the interviewer.
    pub(super) fn before(&self, phase: Phase) -> String {
        let turns = &self.state.turns;
        let last = turns.iter().rposition(|said| said.is_interviewer);
        let mut text = String::new();
        for (at, said) in turns.iter().enumerate() {
            if Some(at) == last || at > 0 && said.phase != phase {
                continue;
            }
            // Writing to a string cannot fail.
            let _ = if said.is_interviewer {
                writeln!(text, "{}\n", said.text.trim())
            } else {
                writeln!(text, "You: {}\n", sheet::quoted(&said.text))
            };
        }
        text
    }
}
