//! The terms of rubrics, held against answers that a listener has ticked: how many of the points that are
//! seen were said (precision), and how many of those that were said are seen (recall).

use crate::content::Library;
use crate::content::yaml;
use crate::study::rubric::{Matcher, Mention, mentions};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// An answer to an interview question, and the points that a listener hears in it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TickedAnswer {
    pub question: String,
    /// How it is said: `terse`, `chatty`, `wrong`, …
    pub voice: String,
    pub part: Part,
    pub ticks: BTreeSet<String>,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Terms are improved by these answers.
    Tune,
    /// Written with those of `Tune`; these only measure.
    Held,
    /// Written after the terms; these only measure.
    Later,
    /// Written after the terms were widened once more; these only measure.
    Fresh,
    /// Written and ticked by somebody else, without sight of the terms.
    Blind,
}

/// Why answers cannot be held against a library.
#[derive(Debug, thiserror::Error)]
pub enum AnswersError {
    #[error("the answers cannot be read: {0}")]
    Yaml(#[from] yaml::YamlError),
    #[error("no question has the id `{0}`; give the id of an interview question of the book")]
    Question(String),
    #[error("the question `{question}` has no point `{point}`; tick points of its rubric")]
    Point { question: String, point: String },
}

/// Points of answers: seen and ticked, seen only, ticked only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Agreement {
    pub both: usize,
    pub seen_only: usize,
    pub ticked_only: usize,
}

impl Agreement {
    /// The share of seen points that are ticked, 0 to 1; 1 when none is seen.
    pub fn precision(self) -> f64 {
        share(self.both, self.seen_only)
    }

    /// The share of ticked points that are seen, 0 to 1; 1 when none is ticked.
    pub fn recall(self) -> f64 {
        share(self.both, self.ticked_only)
    }

    fn add(&mut self, seen: &BTreeSet<&str>, ticked: &BTreeSet<&str>) {
        self.both += seen.intersection(ticked).count();
        self.seen_only += seen.difference(ticked).count();
        self.ticked_only += ticked.difference(seen).count();
    }
}

fn share(of: usize, rest: usize) -> f64 {
    if of + rest == 0 {
        1.0
    } else {
        of as f64 / (of + rest) as f64
    }
}

/// How far terms and listener agree, for each part and, in it, for each voice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Agreements {
    pub parts: BTreeMap<Part, Agreement>,
    pub voices: BTreeMap<(Part, String), Agreement>,
}

/// Reads ticked answers from YAML and holds the terms of the library against them.
///
/// # Errors
/// When the text is no list of ticked answers, or names a question or a point that does not exist.
pub fn agreements(library: &Library, text: &str) -> Result<Agreements, AnswersError> {
    let answers: Vec<TickedAnswer> = yaml::read(text)?;
    let mut agreements = Agreements::default();
    for answer in &answers {
        let question = library
            .chapters()
            .flat_map(|chapter| &chapter.interview)
            .find(|question| question.id == answer.question)
            .ok_or_else(|| AnswersError::Question(answer.question.clone()))?;
        let ids: BTreeSet<&str> = question.rubric.iter().map(|p| p.id.as_str()).collect();
        if let Some(point) = answer.ticks.iter().find(|id| !ids.contains(id.as_str())) {
            return Err(AnswersError::Point {
                question: answer.question.clone(),
                point: point.clone(),
            });
        }
        let matchers: Vec<(&str, Matcher)> = question
            .rubric
            .iter()
            .filter_map(|point| Some((point.id.as_str(), Matcher::new(&point.matches).ok()?)))
            .collect();
        let points = matchers.iter().map(|(id, matcher)| (*id, matcher));
        let seen: BTreeSet<&str> = mentions(points, &answer.text)
            .into_iter()
            .filter(Mention::seen)
            .map(|mention| mention.point)
            .collect();
        let ticked = answer.ticks.iter().map(String::as_str).collect();
        let voice = (answer.part, answer.voice.clone());
        let part = agreements.parts.entry(answer.part).or_default();
        part.add(&seen, &ticked);
        let voice = agreements.voices.entry(voice).or_default();
        voice.add(&seen, &ticked);
    }
    Ok(agreements)
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Tune => "tune",
            Self::Held => "held",
            Self::Later => "later",
            Self::Fresh => "fresh",
            Self::Blind => "blind",
        })
    }
}

impl fmt::Display for Agreements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "part  voice    both  seen only  ticked only  precision  recall"
        )?;
        let all = self.parts.iter().map(|(part, sum)| (part, "all", sum));
        let voices = self.voices.iter();
        let voices = voices.map(|((part, voice), sum)| (part, voice.as_str(), sum));
        for (part, voice, sum) in all.chain(voices) {
            writeln!(
                f,
                "{part:<5} {voice:<8} {:>4}  {:>9}  {:>11}  {:>7.1} %  {:>4.1} %",
                sum.both,
                sum.seen_only,
                sum.ticked_only,
                100.0 * sum.precision(),
                100.0 * sum.recall()
            )?;
        }
        Ok(())
    }
}
