//! One interview question: prompt, own answer, rubric and model answer, ticks, grade.

use super::{Ended, Session};
use crate::book;
use crate::cli::paper::lab_command;
use crate::content::model::{FollowupWhen, InterviewQuestion};
use crate::progress::Event;
use crate::progress::event::{AnswerCommitted, InterviewAnswered};
use crate::study::grade::{Grade, Tick};
use crate::study::rubric::{self, Matcher, Mention, Writing};
use color_eyre::eyre::Result;
use std::collections::BTreeSet;
use std::fmt::Write;

impl Session<'_> {
    /// Asks; keeps the answer before it shows the rubric, and ticks and grade after.
    pub(super) fn interview(&mut self, question: &InterviewQuestion) -> Result<Result<(), Ended>> {
        self.lines.say(&self.paper.set(&question.prompt))?;
        self.lines.say(&format!(
            "Answer as you would say it, about {} minutes. A line with a single . ends it; a line with a single ? gives a hint.",
            question.minutes
        ))?;
        let (answer, ended) = self.free_text(question)?;
        if answer.trim().is_empty() {
            self.lines.say("Skipped.")?;
            return Ok(if ended { Err(Ended) } else { Ok(()) });
        }
        self.keep(Event::AnswerCommitted(AnswerCommitted {
            question: question.id.clone(),
            rev: question.rev,
            answer: answer.clone(),
            confidence: None,
        }))?;
        self.lines
            .say(&self.paper.set(&reveal(question, &answer)))?;
        if ended {
            return Ok(Err(Ended));
        }
        let Ok(ticked) = self.ticks(question)? else {
            return Ok(Err(Ended));
        };
        let Ok(grade) = self.grade(question, &ticked)? else {
            return Ok(Err(Ended));
        };
        let met: BTreeSet<String> = ticked
            .iter()
            .map(|at| question.rubric[*at].id.clone())
            .collect();
        self.keep(Event::InterviewAnswered(InterviewAnswered {
            question: question.id.clone(),
            rev: question.rev,
            answer,
            ticked: met.iter().cloned().collect(),
            confidence: None,
            grade,
        }))?;
        self.lines
            .say(&self.paper.set(&what_next(question, &met)))?;
        Ok(Ok(()))
    }

    /// The lines up to a single `.`, and whether the input ended instead.
    fn free_text(&mut self, question: &InterviewQuestion) -> Result<(String, bool)> {
        let mut text = String::new();
        let mut hints = question.hints.iter();
        loop {
            match self.lines.next()? {
                Err(Ended) => return Ok((text, true)),
                Ok(line) if line.trim() == "." => return Ok((text, false)),
                Ok(line) if line.trim() == "?" => match hints.next() {
                    Some(hint) => self.lines.say(&format!("Hint: {hint}"))?,
                    None => self.lines.say("There are no more hints.")?,
                },
                Ok(line) => {
                    text.push_str(&line);
                    text.push('\n');
                }
            }
        }
    }

    /// The places of the points that the learner ticks.
    fn ticks(&mut self, question: &InterviewQuestion) -> Result<Result<BTreeSet<usize>, Ended>> {
        let count = question.rubric.len();
        self.lines
            .say("Which of the points did you make? Type their numbers, such as: 1 3 4")?;
        loop {
            let Ok(line) = self.lines.next()? else {
                return Ok(Err(Ended));
            };
            match numbers(&line, count) {
                Some(ticked) => return Ok(Ok(ticked)),
                None => self
                    .lines
                    .say(&format!("The points are numbered 1 to {count}. Try again:"))?,
            }
        }
    }

    fn grade(
        &mut self,
        question: &InterviewQuestion,
        ticked: &BTreeSet<usize>,
    ) -> Result<Result<Grade, Ended>> {
        let points: Vec<(Tick, u8)> = question
            .rubric
            .iter()
            .enumerate()
            .map(|(at, point)| match (ticked.contains(&at), point.must) {
                (true, _) => (Tick::Met, point.weight),
                (false, true) => (Tick::MissedMust, point.weight),
                (false, false) => (Tick::Missed, point.weight),
            })
            .collect();
        let suggested = Grade::suggested(&points);
        self.lines.say(&format!(
            "How did it go? 1 again, 2 hard, 3 good, 4 easy; an empty line takes {}, by your ticks.",
            suggested.name()
        ))?;
        loop {
            let Ok(line) = self.lines.next()? else {
                return Ok(Err(Ended));
            };
            let grade = if line.trim().is_empty() {
                Some(suggested)
            } else {
                Grade::parse(&line)
            };
            match grade {
                Some(grade) => return Ok(Ok(grade)),
                None => self.lines.say("Type 1, 2, 3 or 4:")?,
            }
        }
    }
}

/// `1 3 4` or `1,3,4` as places from 0; none when a number is no point.
fn numbers(line: &str, count: usize) -> Option<BTreeSet<usize>> {
    line.split([' ', ',', ';', '\t'])
        .filter(|token| !token.is_empty())
        .map(|token| {
            let number: usize = token.parse().ok()?;
            (1..=count).contains(&number).then(|| number - 1)
        })
        .collect()
}

/// The rubric with what was heard of it, and the model answer.
fn reveal(question: &InterviewQuestion, answer: &str) -> String {
    let mut text = String::from("**What a strong answer has**\n\n");
    let matchers: Vec<Option<Matcher>> = question
        .rubric
        .iter()
        .map(|point| Matcher::new(&point.matches).ok())
        .collect();
    let known = question.rubric.iter().zip(&matchers);
    let heard = rubric::mentions(
        known.filter_map(|(point, matcher)| Some((point.id.as_str(), matcher.as_ref()?))),
        answer,
    );
    for (number, point) in question.rubric.iter().enumerate() {
        let must = if point.must { "must" } else { "nice" };
        let at = heard.iter().find(|mention| mention.point == point.id);
        let hint = match at.and_then(|mention: &Mention<'_>| mention.at.clone()) {
            Some(bytes) => format!("mentioned? “{}”", one_line(&answer[bytes])),
            None => "not seen".to_owned(),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}. {must}: {} ({hint})",
            number + 1,
            point.statement.trim()
        );
    }
    if let Some(note) = Writing::of(answer).note() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{note}");
    }
    text.push_str("\n**A model answer**\n\n");
    for paragraph in &question.model_answer {
        let _ = writeln!(text, "{}\n", paragraph.text.trim());
    }
    if !question.anti.is_empty() {
        text.push_str("**What makes an interviewer wince**\n\n");
        for anti in &question.anti {
            let _ = writeln!(text, "- {} {}", anti.statement.trim(), anti.why.trim());
        }
    }
    text
}

/// The learner's words inside a list of markdown: on one line, and with nothing that markdown would obey.
fn one_line(text: &str) -> String {
    let mut out = String::new();
    for c in text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
    {
        if c.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The follow-ups that these ticks call for, and the lab that settles the matter.
fn what_next(question: &InterviewQuestion, met: &BTreeSet<String>) -> String {
    let mut text = String::from("**What you would be asked next**\n\n");
    for followup in &question.followups {
        let asked = match &followup.ask {
            FollowupWhen::Always => true,
            FollowupWhen::Missed(point) => !met.contains(point),
            FollowupWhen::Met(point) => met.contains(point),
        };
        if asked {
            let _ = writeln!(
                text,
                "- {} Listen for: {}",
                followup.prompt.trim(),
                followup.listen_for.trim()
            );
        }
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
