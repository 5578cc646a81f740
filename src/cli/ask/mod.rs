//! `ddlab ask` and `ddlab quiz`: the questions of a chapter, line by line. What is answered is kept before the next line is
//! read, so the input may end anywhere.
//!
//! - [`quiz`], [`interview`]: one question from its prompt to the record.

mod interview;
mod quiz;

use super::keeper::Keeper;
use super::lines::Lines;
use super::{Global, open, status};
use crate::content::model::{Chapter, InterviewQuestion, QuizQuestion};
use crate::content::{Library, UnknownName};
use crate::progress::Event;
use crate::study::quiz::score;
use crate::tui::effect::Place;
use clap::{Args, ValueEnum};
use ddlab_text::counted;
use eyre::Result;
use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct AskArgs {
    /// The chapter (7, scatter-gather), or the id of one question
    what: String,
    /// Line by line on standard input and output; implied when either is no terminal
    #[arg(long)]
    plain: bool,
    /// Only the questions of the quiz, or only those of the interview
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// Lay the options of the quiz out anew
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

/// `ddlab quiz 7` is `ddlab ask 7 --only quiz`.
#[derive(Debug, Args)]
pub struct QuizArgs {
    /// The chapter (7, scatter-gather), or the id of one question of its quiz
    what: String,
    /// Line by line on standard input and output; implied when either is no terminal
    #[arg(long)]
    plain: bool,
    /// Lay the options out anew
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

impl From<QuizArgs> for AskArgs {
    fn from(quiz: QuizArgs) -> Self {
        Self {
            what: quiz.what,
            plain: quiz.plain,
            only: Some(Only::Quiz),
            seed: quiz.seed,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Only {
    Quiz,
    Interview,
}

/// One thing to be asked.
enum Question<'a> {
    Quiz(&'a QuizQuestion),
    Interview(&'a InterviewQuestion),
}

/// Where a question is asked.
struct Session<'a> {
    lines: Lines<'a>,
    keeper: Keeper,
    seed: u64,
    /// The questions of the quiz that were answered, and whether rightly.
    marked: BTreeMap<String, bool>,
}

/// # Errors
/// When there is no such chapter or question, or the output cannot be written.
pub fn run(
    args: &AskArgs,
    global: &Global,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<ExitCode> {
    let library = super::library_aloud(global);
    let (chapter, questions) = found(&library, args)?;
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if terminal && !args.plain {
        let question = match questions.as_slice() {
            [Question::Interview(one)] => Some(one.id.as_str()),
            [Question::Quiz(one)] => Some(one.id.as_str()),
            [Question::Quiz(first), ..] if args.only == Some(Only::Quiz) => Some(first.id.as_str()),
            _ => None,
        };
        return open::at(global, Place::question(&chapter.meta.id, question));
    }
    if questions.is_empty() {
        writeln!(out, "Chapter {} has no questions yet.", chapter.meta.number)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut session = Session {
        lines: Lines::new(input, out, global),
        keeper: Keeper::open(global),
        seed: args.seed,
        marked: BTreeMap::new(),
    };
    session.all(chapter, &questions)?;
    session.score(chapter, &questions)?;
    session.finish()
}

fn found<'a>(
    library: &'a Library,
    args: &AskArgs,
) -> Result<(&'a Chapter, Vec<Question<'a>>), UnknownName> {
    if let Ok((chapter, question)) = library.quiz_question(&args.what) {
        return Ok((chapter, vec![Question::Quiz(question)]));
    }
    if args.only != Some(Only::Quiz)
        && let Ok((chapter, question)) = library.interview_question(&args.what)
    {
        return Ok((chapter, vec![Question::Interview(question)]));
    }
    let chapter = library
        .chapter(&args.what)
        .map_err(|unknown| nearest_of_all(library, unknown))?;
    let quiz = chapter.quiz.iter().map(Question::Quiz);
    let interview = chapter.interview.iter().map(Question::Interview);
    let questions = match args.only {
        Some(Only::Quiz) => quiz.collect(),
        Some(Only::Interview) => interview.collect(),
        None => quiz.chain(interview).collect(),
    };
    Ok((chapter, questions))
}

/// What looks like the id of a question is likened to those, else to chapters.
fn nearest_of_all(library: &Library, unknown: UnknownName) -> UnknownName {
    let looks_like_id = unknown.asked.contains('-') && unknown.asked.starts_with("ch");
    match library.quiz_question(&unknown.asked) {
        Err(question) if looks_like_id => question,
        _ => unknown,
    }
}

impl Session<'_> {
    fn all(&mut self, chapter: &Chapter, questions: &[Question<'_>]) -> Result<()> {
        for (number, question) in questions.iter().enumerate() {
            let place = format!("Question {} of {}", number + 1, questions.len());
            self.lines
                .say(&format!("{place} · {}\n", chapter.meta.title))?;
            let went_on = match question {
                Question::Quiz(question) => self.quiz(question)?,
                Question::Interview(question) => self.interview(question)?,
            };
            if went_on.is_none() {
                self.lines.say("\nThe input has ended.")?;
                break;
            }
            self.lines.say("")?;
        }
        Ok(())
    }

    /// How the quiz went, section by section; of the questions that were asked, not of earlier days.
    fn score(&mut self, chapter: &Chapter, questions: &[Question<'_>]) -> Result<()> {
        if self.marked.is_empty() {
            return Ok(());
        }
        let asked = questions.iter().filter_map(|question| match question {
            Question::Quiz(question) => Some(*question),
            Question::Interview(_) => None,
        });
        let scores = score::by_section(&chapter.sections, asked, |id| self.marked.get(id).copied());
        let right = self.marked.values().filter(|right| **right).count();
        let of = self.marked.len();
        self.lines.say(&format!("Score: {right} of {of} right."))?;
        for score in scores {
            let title = &score.section.title;
            self.lines
                .say(&format!("- {title}: {}", score.in_words()))?;
        }
        Ok(())
    }

    /// Appends to the record, and says so only when it is on the disk.
    fn keep(&mut self, event: Event) -> Result<()> {
        let saved = self.keeper.keep(event);
        self.say_saved(saved)
    }

    fn say_saved(&mut self, saved: bool) -> Result<()> {
        if saved {
            self.lines.say("Saved.")?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<ExitCode> {
        let all_kept = self.keeper.close();
        let kept = counted(self.keeper.kept(), "answer");
        self.lines.say(&format!("{kept} kept."))?;
        Ok(status(all_kept))
    }
}
