//! One interview question: prompt, own answer, rubric and model answer, ticks, grade.

use super::Session;
use crate::book;
use crate::cli::paper::lab_command;
use crate::content::model::InterviewQuestion;
use crate::progress::Event;
use crate::progress::event::{AnswerCommitted, InterviewAnswered};
use crate::study::grade::Grade;
use crate::study::rubric::{Matcher, Writing};
use crate::study::ticks::Ticks;
use color_eyre::eyre::Result;
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
        }))?;
        self.lines.set(&reveal(question, &answer))?;
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
            numbers(line, count)
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

/// `1 3 4` or `1,3,4` as places from 0; none when a number is no point.
fn numbers(line: &str, count: usize) -> Option<Ticks> {
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
    for (number, point) in question.rubric.iter().enumerate() {
        let must = if point.must { "must" } else { "nice" };
        let matcher = Matcher::new(&point.matches).ok();
        let hint = match matcher.and_then(|matcher| matcher.find_in_answer(answer)) {
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
    let words: Vec<&str> = text.split_whitespace().collect();
    for c in words.join(" ").chars() {
        if c.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The follow-ups that these ticks call for, and the lab that settles the matter.
fn what_next(question: &InterviewQuestion, ticked: &Ticks) -> String {
    let mut text = String::from("**What you would be asked next**\n\n");
    for followup in ticked.followups(question) {
        let (prompt, listen_for) = (followup.prompt.trim(), followup.listen_for.trim());
        let _ = writeln!(text, "- {prompt} Listen for: {listen_for}");
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
