//! `interview.yaml`: the rubric can be held against an answer, the model answer meets it, and what is
//! asked next depends on what was said.

use super::References;
use super::coverage::codes;
use super::finder::{Finder, count_words};
use super::samples;
use crate::content::model::{Chapter, FollowupWhen, InterviewQuestion};
use crate::content::yaml::Step;
use ddlab_text::nearest;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

const POINTS: RangeInclusive<usize> = 4..=8;
const WEIGHTS: RangeInclusive<u8> = 1..=5;
const MODEL_ANSWER_WORDS: RangeInclusive<usize> = 200..=400;
const FOLLOWUPS_MIN: usize = 3;
const CONDITIONAL_FOLLOWUPS_MIN: usize = 2;

pub fn check(chapter: &Chapter, references: &References<'_>, finder: &mut Finder) {
    if chapter.interview.is_empty() && !chapter.meta.coming {
        finder.error(
            &[],
            "there is no interview question",
            "write the five of the chapter",
        );
    }
    for (at, question) in chapter.interview.iter().enumerate() {
        let mut asked = Asked {
            at,
            question,
            finder,
        };
        asked.head(chapter, references);
        asked.rubric();
        asked.model_answer();
        asked.followups();
        samples::check(&mut asked);
    }
}

/// The finder, standing at one question.
pub struct Asked<'a> {
    at: usize,
    pub question: &'a InterviewQuestion,
    finder: &'a mut Finder,
}

impl Asked<'_> {
    pub fn error(&mut self, steps: &[Step<'_>], message: &str, cure: &str) {
        let steps = [&[self.at.into()], steps].concat();
        self.finder.error(&steps, message, cure);
    }

    pub fn warning(&mut self, steps: &[Step<'_>], message: &str, cure: &str) {
        let steps = [&[self.at.into()], steps].concat();
        self.finder.warning(&steps, message, cure);
    }

    fn head(&mut self, chapter: &Chapter, references: &References<'_>) {
        let question = self.question;
        if question.prompt.trim().is_empty() {
            self.error(&["prompt".into()], "the prompt is empty", "ask something");
        }
        if question.rev == 0 {
            self.error(&["rev".into()], "revisions count from 1", "write `rev: 1`");
        }
        let known: BTreeSet<String> = codes().into_iter().map(|code| code.text).collect();
        for (number, code) in question.covers.iter().enumerate() {
            if !known.contains(code) {
                let near = nearest(code, known.iter().map(String::as_str)).unwrap_or("ch07-q1");
                self.error(
                    &["covers".into(), number.into()],
                    &format!("`{code}` is not a code of the curriculum"),
                    &format!("did you mean `{near}`?"),
                );
            }
        }
        for (number, source) in question.sources.iter().enumerate() {
            if chapter.meta.sources.iter().all(|known| known.id != *source) {
                self.error(
                    &["sources".into(), number.into()],
                    &format!("the chapter has no source `{source}`"),
                    "add it to `sources:` of chapter.md",
                );
            }
        }
        if question.sources.is_empty() {
            self.warning(
                &["id".into()],
                "the question has no source",
                "add `sources:` with ids of the chapter's",
            );
        }
        if let Some(scenario) = &question.lab
            && !references.is_planned(&scenario.lab)
        {
            if references
                .labs
                .is_some_and(|labs| !labs.contains(&scenario.lab))
            {
                self.error(
                    &["lab".into(), "lab".into()],
                    &format!("there is no lab `{}`", scenario.lab),
                    "name the id of a lab; `ddlab lab list` shows them",
                );
            } else if let Err(refusal) = (references.scenario)(scenario) {
                self.error(
                    &["lab".into()],
                    &format!("the lab refuses this scenario: {refusal}"),
                    "`ddlab lab show` lists knobs and actions",
                );
            }
        }
    }

    fn rubric(&mut self) {
        let points = &self.question.rubric;
        if !POINTS.contains(&points.len()) {
            self.error(
                &["rubric".into()],
                &format!(
                    "the rubric has {} points; it should have 4 to 8",
                    points.len()
                ),
                "merge points that belong together, split those that do not",
            );
        }
        if points.iter().all(|point| !point.must) {
            self.error(
                &["rubric".into()],
                "no point has `must: true`",
                "mark what a strong answer cannot leave out with `must: true`",
            );
        }
        for (number, point) in points.iter().enumerate() {
            let place = |field: &'static str| -> [Step<'static>; 3] {
                ["rubric".into(), number.into(), field.into()]
            };
            if !WEIGHTS.contains(&point.weight) {
                self.error(
                    &place("weight"),
                    &format!("weight {} is not 1 to 5", point.weight),
                    "give 1 to 5",
                );
            }
            if points[..number].iter().any(|other| other.id == point.id) {
                self.error(
                    &place("id"),
                    &format!("the point `{}` appears twice", point.id),
                    "give each point an id of its own",
                );
            }
            if point.statement.trim().is_empty() {
                self.error(
                    &place("statement"),
                    "the statement is empty",
                    "write one sentence",
                );
            }
        }
    }

    /// The nearest id of a point, for the cure of a wrong one.
    pub fn no_point(&mut self, steps: &[Step<'_>], id: &str) {
        let ids = self.question.rubric.iter().map(|point| point.id.as_str());
        let cure = nearest(id, ids).map_or_else(
            || "name a point of the rubric".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        self.error(steps, &format!("the rubric has no point `{id}`"), &cure);
    }

    pub fn has_point(&self, id: &str) -> bool {
        self.question.rubric.iter().any(|point| point.id == id)
    }

    fn model_answer(&mut self) {
        let question = self.question;
        let words: usize = question
            .model_answer
            .iter()
            .map(|p| count_words(&p.text))
            .sum();
        if !MODEL_ANSWER_WORDS.contains(&words) {
            self.error(
                &["model_answer".into()],
                &format!("the model answer has {words} words; it should have 200 to 400"),
                "that is what one says in two minutes; cut or add",
            );
        }
        for (number, paragraph) in question.model_answer.iter().enumerate() {
            for (index, id) in paragraph.meets.iter().enumerate() {
                if !self.has_point(id) {
                    self.no_point(
                        &[
                            "model_answer".into(),
                            number.into(),
                            "meets".into(),
                            index.into(),
                        ],
                        id,
                    );
                }
            }
        }
        for (number, point) in question.rubric.iter().enumerate() {
            if !question
                .model_answer
                .iter()
                .any(|p| p.meets.contains(&point.id))
            {
                self.error(
                    &["rubric".into(), number.into(), "id".into()],
                    &format!("no paragraph of the model answer meets `{}`", point.id),
                    "say it in the model answer, and name it in `meets:`",
                );
            }
        }
    }

    fn followups(&mut self) {
        let followups = &self.question.followups;
        let conditional = followups
            .iter()
            .filter(|f| f.ask != FollowupWhen::Always)
            .count();
        if followups.len() < FOLLOWUPS_MIN || conditional < CONDITIONAL_FOLLOWUPS_MIN {
            self.error(
                &["followups".into()],
                &format!(
                    "there are {} follow-ups, {conditional} of them conditional; three are needed, two conditional",
                    followups.len()
                ),
                "add one with `ask: {missed: POINT}` or `ask: {met: POINT}`",
            );
        }
        for (number, followup) in followups.iter().enumerate() {
            if let FollowupWhen::Missed(id) | FollowupWhen::Met(id) = &followup.ask
                && !self.has_point(id)
            {
                self.no_point(&["followups".into(), number.into(), "ask".into()], id);
            }
            if followups[..number]
                .iter()
                .any(|other| other.id == followup.id)
            {
                self.error(
                    &["followups".into(), number.into(), "id".into()],
                    &format!("the follow-up `{}` appears twice", followup.id),
                    "give each an id of its own",
                );
            }
        }
    }
}
