//! One interview question: prompt, own answer, rubric and model answer, ticks, grade.

use super::Session;
use crate::book;
use crate::cli::paper::lab_command;
use crate::content::model::InterviewQuestion;
use crate::progress::Event;
use crate::progress::event::{AnswerCommitted, InterviewAnswered};
use crate::study::grade::Grade;
use crate::study::sheet;
use crate::study::ticks::Ticks;
use eyre::Result;
use std::fmt::Write;

impl Session<'_> {
    /// Asks; keeps the answer before it shows the rubric, and ticks and grade after.
    pub(super) fn interview(&mut self, question: &InterviewQuestion) -> Result<Option<()>> {
        self.lines.set(&question.prompt)?;
        self.lines.say(&format!(
            "Answer as you would say it, about {} minutes. A line with a single . ends it; a line with a single ? gives a hint.",
            question.minutes
        ))?;
        let (answer, ended) = self.free_text(question)?;
        let go_on = (!ended).then_some(());
        if answer.trim().is_empty() {
            self.lines.say("Skipped.")?;
            return Ok(go_on);
        }
        self.keep(Event::AnswerCommitted(AnswerCommitted {
            question: question.id.clone(),
            rev: question.rev,
            answer: answer.clone(),
            confidence: None,
            ticked: Vec::new(),
        }))?;
        self.lines.set(&sheet::reveal(question, &answer))?;
        if ended {
            return Ok(None);
        }
        let Some(ticked) = self.ticks(question)? else {
            return Ok(None);
        };
        let Some(grade) = self.grade(ticked.suggested(question))? else {
            return Ok(None);
        };
        self.keep(Event::InterviewAnswered(InterviewAnswered {
            question: question.id.clone(),
            rev: question.rev,
            answer,
            ticked: ticked.ids(question),
            confidence: None,
            grade,
        }))?;
        self.lines.set(&what_next(question, &ticked))?;
        Ok(Some(()))
    }

    /// The lines up to a single `.`, and whether the input ended instead.
    fn free_text(&mut self, question: &InterviewQuestion) -> Result<(String, bool)> {
        let mut text = String::new();
        let mut hints = question.hints.iter();
        while let Some(line) = self.lines.next()? {
            match line.trim() {
                "." => return Ok((text, false)),
                "?" => match hints.next() {
                    Some(hint) => self.lines.say(&format!("Hint: {hint}"))?,
                    None => self.lines.say("There are no more hints.")?,
                },
                _ => {
                    text.push_str(&line);
                    text.push('\n');
                }
            }
        }
        Ok((text, true))
    }

    /// The places of the points that the learner ticks.
    fn ticks(&mut self, question: &InterviewQuestion) -> Result<Option<Ticks>> {
        let count = question.rubric.len();
        self.lines
            .say("Which of the points did you make? Type their numbers, such as: 1 3 4")?;
        let ticked = self.lines.until(|line| {
            sheet::numbers(line, count)
                .ok_or_else(|| format!("The points are numbered 1 to {count}. Try again:"))
        })?;
        Ok(ticked)
    }

    fn grade(&mut self, suggested: Grade) -> Result<Option<Grade>> {
        self.lines.say(&format!(
            "How did it go? 1 again, 2 hard, 3 good, 4 easy; an empty line takes {}, by your ticks.",
            suggested.name()
        ))?;
        let grade = self.lines.until(|line| {
            if line.trim().is_empty() {
                return Ok(suggested);
            }
            Grade::parse(line).ok_or("Type 1, 2, 3 or 4:")
        })?;
        Ok(grade)
    }
}

/// The follow-ups that these ticks call for, and the lab that settles the matter.
fn what_next(question: &InterviewQuestion, ticked: &Ticks) -> String {
    let mut text = String::from("**What you would be asked next**\n\n");
    for followup in ticked.followups(question) {
        let (prompt, listen_for) = (followup.prompt.trim(), followup.listen_for.trim());
        let _ = writeln!(text, "- {prompt} Listen for: {listen_for}");
    }
    for brief in ddlab_design::brief::after(&question.id) {
        let id = &brief.id;
        let _ = write!(
            text,
            "\nPut the design together and see whether it stands: `ddlab design new {id} --out {id}.yaml`, then \
             `ddlab design grade {id} {id}.yaml`\n\n"
        );
    }
    if let Some(lab) = &question.lab {
        let command = lab_command(&lab.lab, &lab.set, &lab.at);
        let coming = if book::is_coming(&lab.lab) {
            " (still to come)"
        } else {
            ""
        };
        let _ = write!(
            text,
            "\nSettle it in the lab{coming}: `{command}`\n\n{}\n",
            lab.look.trim()
        );
    }
    text
}
