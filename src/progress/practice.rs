//! What is recorded of practice: graded cards, numbers problems, the plan.

use crate::study::grade::{Confidence, Grade};
use serde::{Deserialize, Serialize};

/// A card of the review, graded by the one who answered it. It stands for the whole day, whatever else
/// was answered to its question on that day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CardReviewed {
    /// `quiz:ID`, `point:QUESTION/POINT` and so on.
    pub card: String,
    pub grade: Grade,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
}

/// An answer to a generated problem.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DrillAnswered {
    pub generator: String,
    /// The problem again: with the generator it decides it.
    pub seed: u64,
    /// In the unit of the problem, as are the others.
    pub said: f64,
    /// What should have held the answer four times in five.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<(f64, f64)>,
    pub answer: f64,
}

/// A mock interview as it stands, so that it goes on after a crash. The session knows how to read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MockKept {
    pub topic: String,
    pub state: serde_json::Value,
}

/// A mock interview that was held to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MockDone {
    pub topic: String,
    /// `mid`, `senior` or `staff`.
    pub level: String,
    /// 0: without a clock.
    pub minutes: u64,
    pub points: Vec<MockPoint>,
    /// Markdown.
    pub transcript: String,
}

/// A point of the rubric, as it was ticked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MockPoint {
    pub id: String,
    pub dimension: String,
    /// An answer of this level cannot leave it out.
    pub must: bool,
    pub met: bool,
    pub statement: String,
}

/// A model of the learner's own that gives a second opinion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgeSet {
    /// The base of an endpoint that speaks as that of `OpenAI`.
    pub url: String,
    pub model: String,
    /// Answers may leave the machine.
    pub allow_remote: bool,
    /// How long it may think about an answer, in seconds.
    #[serde(default = "judge_timeout_s")]
    pub timeout_s: u64,
}

/// What a model of a few billion weights needs on a laptop, and then some.
pub const fn judge_timeout_s() -> u64 {
    120
}

/// The learner's settings for practice; each event states all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PracticePlanned {
    /// The day of the interview, `2026-12-06`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interview: Option<String>,
    /// Cards a day at most.
    pub daily_limit: usize,
    /// 0.80 to 0.95.
    pub retention: f32,
}
