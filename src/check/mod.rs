//! What must hold of good content, and how to cure what does not: `ddlab content check`, and the same in
//! `cargo test`. It stands above content, markdown and study, since it holds each against the others.
//!
//! - [`page`]: the text of a chapter, its fences, figures and sources.
//! - [`quiz`], [`interview`], [`samples`]: the questions.
//! - [`answers`]: the terms of rubrics against ticked answers; what they come to is printed, not checked.
//! - [`across`]: what holds between chapters: ids, prerequisites, coverage of the curriculum.
//! - [`links`]: those of the running text.
//! - [`glossary`]: the terms of the field.
//! - [`abbreviations`]: those of the running text, which a glossary explains.
//! - [`coverage`]: the codes of the curriculum.
//! - [`finder`]: from a fault in the typed model to its line and column.
//!
//! It knows no lab and no exercise: what content may refer to comes in as [`References`].

mod abbreviations;
mod across;
pub mod answers;
mod coverage;
mod finder;
mod glossary;
mod interview;
mod links;
mod page;
mod quiz;
mod samples;

use crate::content::model::{Chapter, LabScenario};
use crate::content::{Library, Problem, Severity, Shelved};
use crate::markdown::Include;
use finder::Finder;
use std::collections::BTreeSet;
use std::path::Path;

/// What content may refer to. Where a set is not known, references to it are not checked.
#[derive(Clone, Copy)]
pub struct References<'a> {
    /// Ids of labs.
    pub labs: Option<&'a BTreeSet<String>>,
    /// `lab/figure`
    pub figures: Option<&'a BTreeSet<String>>,
    /// Slugs of graded exercises.
    pub exercises: Option<&'a BTreeSet<String>>,
    /// Labs and exercises that are announced and still to be built: to refer to them is no fault.
    pub planned: &'a [&'a str],
    /// Why a lab would refuse this scenario.
    pub scenario: &'a dyn Fn(&LabScenario) -> Result<(), String>,
    /// The code that an `include=` fence shows.
    pub include: &'a dyn Fn(&Include) -> Result<String, String>,
}

impl References<'_> {
    fn is_planned(&self, name: &str) -> bool {
        self.planned.contains(&name)
    }

    /// Refers to nothing that could be missing: for packs that are looked at without a program around them.
    pub const UNKNOWN: References<'static> = References {
        labs: None,
        figures: None,
        exercises: None,
        planned: &[],
        scenario: &|_| Ok(()),
        include: &|_| Ok(String::new()),
    };
}

/// Everything that is wrong with the content, in the order of files and lines: what could not be loaded,
/// and what was loaded but breaks a rule.
pub fn check(library: &Library, references: &References<'_>) -> Vec<Problem> {
    check_within(library, references, None)
}

/// As [`check`], of the files in this folder alone: the rest of the library is there to be pointed to.
pub fn check_within(
    library: &Library,
    references: &References<'_>,
    folder: Option<&Path>,
) -> Vec<Problem> {
    let within = |path: &Path| folder.is_none_or(|folder| path.starts_with(folder));
    let mut chapters: Vec<Finders<'_>> = library.shelved().iter().map(Finders::new).collect();
    across::check(library, &mut chapters);
    chapters.retain(|finders| within(&finders.shelved.chapter.path));
    for finders in &mut chapters {
        finders.check_alone(references);
    }
    links::check(library, &mut chapters);
    abbreviations::check(library, &mut chapters);
    let mut problems = library.problems().to_vec();
    problems.extend(chapters.into_iter().flat_map(Finders::finish));
    for file in library.glossaries() {
        problems.extend(glossary::check(library, file));
    }
    problems.retain(|problem| within(&problem.path));
    problems.sort_by(Problem::by_place);
    problems.dedup();
    problems
}

/// A chapter and the finders of its files.
struct Finders<'a> {
    shelved: &'a Shelved,
    page: Finder,
    /// Beside `chapter.appendices`.
    appendices: Vec<Finder>,
    quiz: Option<Finder>,
    interview: Option<Finder>,
}

impl<'a> Finders<'a> {
    fn new(shelved: &'a Shelved) -> Self {
        let files = &shelved.files;
        let appendices = shelved.chapter.appendices.iter();
        Self {
            shelved,
            page: Finder::in_page(&files.page, shelved.chapter.body_line),
            appendices: appendices
                .map(|appendix| Finder::of_text(&appendix.path))
                .collect(),
            quiz: files.quiz.as_ref().map(Finder::in_yaml),
            interview: files.interview.as_ref().map(Finder::in_yaml),
        }
    }

    /// The page of the chapter and its appendices, each with its finder.
    fn pages(&mut self) -> impl Iterator<Item = (&'a Chapter, &mut Finder)> {
        let chapter = &self.shelved.chapter;
        let appendices = chapter.appendices.iter().zip(&mut self.appendices);
        std::iter::once((chapter, &mut self.page)).chain(appendices)
    }

    /// What can be said of the chapter without looking at another.
    fn check_alone(&mut self, references: &References<'_>) {
        let Shelved { chapter, files } = self.shelved;
        self.page.control_characters(files.page.text());
        let mut documents = vec![page::check(chapter, references, &mut self.page)];
        for (appendix, finder) in chapter.appendices.iter().zip(&mut self.appendices) {
            finder.control_characters(&appendix.body);
            documents.push(page::text(appendix, references, finder));
        }
        page::used_sources(chapter, &documents, &mut self.page);
        match (&mut self.quiz, &files.quiz) {
            (Some(finder), Some(file)) => {
                finder.control_characters(file.text());
                quiz::check(chapter, finder);
            }
            _ => self.missing("quiz.yaml"),
        }
        match (&mut self.interview, &files.interview) {
            (Some(finder), Some(file)) => {
                finder.control_characters(file.text());
                interview::check(chapter, references, finder);
            }
            _ => self.missing("interview.yaml"),
        }
    }

    fn missing(&mut self, file: &str) {
        if !self.shelved.chapter.meta.coming {
            self.page.at(
                Severity::Error,
                None,
                format!("the chapter has no {file}"),
                "write it beside chapter.md, or say `coming: true` in the front matter",
            );
        }
    }

    fn finish(self) -> Vec<Problem> {
        [Some(self.page), self.quiz, self.interview]
            .into_iter()
            .flatten()
            .chain(self.appendices)
            .flat_map(Finder::finish)
            .collect()
    }
}

#[cfg(test)]
mod tests;
