//! The score of a quiz by section: which part of the page to read again.

use crate::content::model::{QuizQuestion, Section};

/// How the questions of one section went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionScore {
    pub section: Section,
    pub right: usize,
    pub answered: usize,
    pub of: usize,
}

impl SectionScore {
    /// `2 of 3 right`, `not answered yet`; a question that was left out is said to be.
    pub fn in_words(&self) -> String {
        let Self {
            right,
            answered,
            of,
            ..
        } = self;
        match of - answered {
            0 => format!("{right} of {of} right"),
            _ if *answered == 0 => "not answered yet".to_owned(),
            open => format!("{right} of {of} right, {open} open"),
        }
    }
}

/// Scores in the order of the page; sections without a question are left out. `outcome` says whether
/// a question was answered right, or none while it was not answered.
pub fn by_section<'a>(
    sections: &[Section],
    questions: impl IntoIterator<Item = &'a QuizQuestion>,
    outcome: impl Fn(&str) -> Option<bool>,
) -> Vec<SectionScore> {
    let mut scores: Vec<SectionScore> = sections
        .iter()
        .map(|section| SectionScore {
            section: section.clone(),
            right: 0,
            answered: 0,
            of: 0,
        })
        .collect();
    for question in questions {
        let outcome = outcome(&question.id);
        let score = scores
            .iter_mut()
            .find(|score| score.section.slug == question.section);
        // A section that the page has not is the checker's to name.
        if let Some(score) = score {
            score.of += 1;
            score.answered += usize::from(outcome.is_some());
            score.right += usize::from(outcome == Some(true));
        }
    }
    scores.retain(|score| score.of > 0);
    scores
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::model::QuizKind;

    fn section(slug: &str) -> Section {
        Section {
            slug: slug.to_owned(),
            title: slug.to_uppercase(),
        }
    }

    fn question(id: &str, section: &str) -> QuizQuestion {
        QuizQuestion {
            id: id.to_owned(),
            section: section.to_owned(),
            scenario: false,
            tells_apart: false,
            prompt: String::new(),
            kind: QuizKind::Match { pairs: Vec::new() },
            explain: String::new(),
        }
    }

    #[test]
    fn questions_are_counted_where_they_belong_in_the_order_of_the_page() {
        let sections = [section("first"), section("none"), section("last")];
        let questions = [
            question("a", "last"),
            question("b", "first"),
            question("c", "last"),
            question("d", "last"),
            question("e", "gone"),
        ];
        let scores = by_section(&sections, &questions, |id| match id {
            "a" => Some(true),
            "c" => Some(false),
            _ => None,
        });
        let words: Vec<(String, String)> = scores
            .iter()
            .map(|score| (score.section.title.clone(), score.in_words()))
            .collect();
        let expected = [
            ("FIRST", "not answered yet"),
            ("LAST", "1 of 3 right, 1 open"),
        ];
        assert_eq!(words, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }
}
