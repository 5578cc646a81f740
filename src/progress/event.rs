//! What can happen. Events refer to content by ids that authors never change, so a reworded question
//! keeps its history.

use super::bookmark::Bookmark;
use super::practice::{CardReviewed, DrillAnswered, JudgeSet, MockDone, MockKept, PracticePlanned};
use crate::clock::{LocalDay, UtcMs};
use crate::study::grade::{Confidence, Grade};
use crate::study::quiz::Answer;
use ddlab_exercises::harness::report::Report;
use ddlab_exercises::harness::verdict as grader;
use ddlab_labs::workbench::challenge::Medal;
use ddlab_labs::workbench::experiment::{Prediction, PredictionKind, PredictionOutcome};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Unique over all machines, so that logs merge without doubling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub String);

/// One thing that a learner did. In the log: `kind`, and the rest as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload", rename_all = "snake_case")]
pub enum Event {
    /// A place in a chapter was reached.
    PageRead {
        chapter: String,
        /// Slug of the `##` heading.
        section: String,
        /// The block of the page, by which the place survives another width.
        block: u32,
        /// The end of the section was on the screen.
        finished: bool,
    },
    /// A question inside the text.
    CheckAnswered(QuestionAnswered),
    /// A question of the chapter's quiz.
    QuizAnswered(QuestionAnswered),
    /// What is typed so far to an interview question, so that leaving it loses nothing. Empty: dropped.
    DraftKept {
        question: String,
        text: String,
    },
    /// An answer as it stood before its author saw the rubric.
    AnswerCommitted(AnswerCommitted),
    /// The same, once its points were ticked and it was graded.
    InterviewAnswered(InterviewAnswered),
    LabRun {
        lab: String,
        knobs: BTreeMap<String, String>,
        /// What the run came to; equal for equal runs.
        digest: String,
        virtual_s: f64,
    },
    /// A guess of a figure before it was seen, with the range that should hold it in 80 of 100 cases.
    Prediction {
        /// `lab/experiment`, or the id of an interview question that a lab settled.
        about: String,
        /// Which of its predictions, by id; older records have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<String>,
        metric: String,
        guess: f64,
        low: Option<f64>,
        high: Option<f64>,
        actual: Option<f64>,
    },
    /// How the learner explains the gap between what was predicted and what a lab measured.
    GapExplained {
        /// The id of the interview question that the lab settled.
        of: String,
        said: String,
    },
    /// The same of a choice: what was said before it was seen.
    ChoicePredicted {
        /// `lab/experiment`.
        about: String,
        step: String,
        /// In words, true even after the options were reordered.
        said: String,
        right: bool,
    },
    /// An experiment of a lab was gone through to its end.
    ExperimentDone {
        lab: String,
        experiment: String,
    },
    /// Settings were handed in to a challenge of a lab.
    ChallengeScored {
        lab: String,
        challenge: String,
        /// None: the service level was missed.
        medal: Option<Medal>,
        /// What was turned.
        set: BTreeMap<String, String>,
    },
    ExerciseGraded {
        slug: String,
        verdict: Verdict,
        seed: u64,
        /// What was found wrong, by id.
        diagnoses: Vec<String>,
    },
    /// A design was graded against a brief.
    DesignGraded {
        brief: String,
        /// Its file.
        design: String,
        passed: bool,
        /// The subjects of the requirements that were missed.
        missed: Vec<String>,
    },
    HintShown {
        /// The exercise or the question.
        of: String,
        /// Counts from 1.
        number: u16,
    },
    SolutionShown {
        of: String,
    },
    /// A card of the review was graded.
    CardReviewed(CardReviewed),
    /// A generated numbers problem was answered.
    DrillAnswered(DrillAnswered),
    /// A turn of a mock interview.
    MockKept(MockKept),
    /// A mock interview was held to its end.
    MockDone(MockDone),
    /// The judge was set; none: it is off.
    JudgeSet(Option<JudgeSet>),
    /// The settings for practice were changed.
    PracticePlanned(PracticePlanned),
    /// The schedule was fitted to the learner's own log.
    ScheduleFitted {
        /// Those of FSRS-6.
        weights: Vec<f32>,
    },
    /// A place was marked, or the note on it was written anew.
    Bookmarked(Bookmark),
    /// A bookmark was taken away, with its note.
    BookmarkDropped {
        of: String,
    },
    /// The program was left here; the interface knows how to read it.
    Left {
        place: String,
    },
    /// Takes an event back. Undoing an undo brings it back.
    Undo {
        of: EventId,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuestionAnswered {
    pub question: String,
    pub answer: Answer,
    /// The answer in words, true even after the options were reordered.
    pub said: String,
    pub right: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerCommitted {
    pub question: String,
    /// The revision of the question that was answered.
    pub rev: u32,
    pub answer: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// Ids of the rubric points that were ticked when the answer was left without a grade.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ticked: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InterviewAnswered {
    pub question: String,
    /// The revision of the question that was answered.
    pub rev: u32,
    pub answer: String,
    /// Ids of the rubric points that the learner ticked.
    pub ticked: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    pub grade: Grade,
}

/// How a graded exercise ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every check was asked for, and every one held.
    Passed,
    /// What was asked for held, but it was not the whole exercise.
    PartlyPassed,
    Failed,
    /// No mistake was found, but something that had to be shown was not.
    Inconclusive,
    /// The grader itself broke; the program is not to blame.
    GraderError,
}

/// An event in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    pub id: EventId,
    pub at: UtcMs,
    /// The day that it counts for, where it was lived.
    pub day: LocalDay,
    /// Which machine's log it began in.
    pub machine: String,
    pub event: Event,
}

impl Event {
    /// What a report of the grader leaves in the record.
    pub fn graded(report: &Report) -> Self {
        Self::ExerciseGraded {
            slug: report.exercise.clone(),
            verdict: match report.verdict {
                grader::Verdict::Pass if report.solves() => Verdict::Passed,
                grader::Verdict::Pass => Verdict::PartlyPassed,
                grader::Verdict::Fail => Verdict::Failed,
                grader::Verdict::Inconclusive => Verdict::Inconclusive,
                grader::Verdict::GraderError => Verdict::GraderError,
            },
            seed: report.seed,
            diagnoses: report.diagnoses().into_iter().map(str::to_owned).collect(),
        }
    }

    /// What a prediction leaves in the record once it is revealed; nothing when none was made.
    pub fn predicted(
        about: &str,
        prediction: &Prediction,
        outcome: &PredictionOutcome,
    ) -> Option<Self> {
        match (&prediction.kind, outcome) {
            (
                PredictionKind::Number { measure, .. },
                PredictionOutcome::Number {
                    guess,
                    range,
                    measured,
                },
            ) => Some(Self::Prediction {
                about: about.to_owned(),
                step: Some(prediction.id.clone()),
                metric: measure.name.clone(),
                guess: *guess,
                low: range.map(|(low, _)| low),
                high: range.map(|(_, high)| high),
                actual: Some(*measured),
            }),
            (
                PredictionKind::Choice { options, .. },
                PredictionOutcome::Choice { guess, right },
            ) => Some(Self::ChoicePredicted {
                about: about.to_owned(),
                step: prediction.id.clone(),
                said: options.get(*guess)?.say.clone(),
                right: guess == right,
            }),
            _ => None,
        }
    }

    /// The name of its kind in the log.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::PageRead { .. } => "page_read",
            Self::CheckAnswered(_) => "check_answered",
            Self::QuizAnswered(_) => "quiz_answered",
            Self::DraftKept { .. } => "draft_kept",
            Self::AnswerCommitted(_) => "answer_committed",
            Self::InterviewAnswered(_) => "interview_answered",
            Self::LabRun { .. } => "lab_run",
            Self::Prediction { .. } => "prediction",
            Self::GapExplained { .. } => "gap_explained",
            Self::ChoicePredicted { .. } => "choice_predicted",
            Self::ExperimentDone { .. } => "experiment_done",
            Self::ChallengeScored { .. } => "challenge_scored",
            Self::ExerciseGraded { .. } => "exercise_graded",
            Self::DesignGraded { .. } => "design_graded",
            Self::HintShown { .. } => "hint_shown",
            Self::SolutionShown { .. } => "solution_shown",
            Self::CardReviewed(_) => "card_reviewed",
            Self::DrillAnswered(_) => "drill_answered",
            Self::MockKept(_) => "mock_kept",
            Self::MockDone(_) => "mock_done",
            Self::JudgeSet(_) => "judge_set",
            Self::PracticePlanned(_) => "practice_planned",
            Self::ScheduleFitted { .. } => "schedule_fitted",
            Self::Bookmarked(_) => "bookmarked",
            Self::BookmarkDropped { .. } => "bookmark_dropped",
            Self::Left { .. } => "left",
            Self::Undo { .. } => "undo",
        }
    }

    /// The id of what it is about.
    pub fn subject(&self) -> &str {
        match self {
            Self::PageRead { chapter, .. } => chapter,
            Self::CheckAnswered(answered) | Self::QuizAnswered(answered) => &answered.question,
            Self::DraftKept { question, .. } => question,
            Self::AnswerCommitted(committed) => &committed.question,
            Self::InterviewAnswered(answered) => &answered.question,
            Self::LabRun { lab, .. } => lab,
            Self::Prediction { about, .. } | Self::ChoicePredicted { about, .. } => about,
            Self::ExperimentDone { experiment, .. } => experiment,
            Self::ChallengeScored { challenge, .. } => challenge,
            Self::ExerciseGraded { slug, .. } => slug,
            Self::DesignGraded { brief, .. } => brief,
            Self::HintShown { of, .. }
            | Self::SolutionShown { of }
            | Self::BookmarkDropped { of }
            | Self::GapExplained { of, .. } => of,
            Self::CardReviewed(reviewed) => &reviewed.card,
            Self::DrillAnswered(answered) => &answered.generator,
            Self::MockKept(mock) => &mock.topic,
            Self::MockDone(mock) => &mock.topic,
            Self::JudgeSet(_) | Self::PracticePlanned(_) | Self::ScheduleFitted { .. } => {
                "practice"
            }
            Self::Bookmarked(bookmark) => &bookmark.of,
            Self::Left { .. } => "program",
            Self::Undo { of } => &of.0,
        }
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_kind_is_the_one_that_is_stored() {
        let events = [
            Event::CardReviewed(CardReviewed {
                card: "x".to_owned(),
                grade: Grade::Hard,
                confidence: None,
            }),
            Event::DrillAnswered(DrillAnswered {
                generator: "x".to_owned(),
                seed: u64::MAX,
                said: 1.5,
                range: Some((1.0, 2.0)),
                answer: 1.25,
            }),
            Event::SolutionShown { of: "x".to_owned() },
            Event::Bookmarked(Bookmark {
                of: "x".to_owned(),
                title: "The tail".to_owned(),
                place: "{}".to_owned(),
                note: "ask why".to_owned(),
            }),
            Event::BookmarkDropped { of: "x".to_owned() },
            Event::ExerciseGraded {
                slug: "x".to_owned(),
                verdict: Verdict::Passed,
                seed: u64::MAX,
                diagnoses: vec![],
            },
            Event::InterviewAnswered(InterviewAnswered {
                question: "x".to_owned(),
                rev: 1,
                answer: "…".to_owned(),
                ticked: vec!["a".to_owned()],
                confidence: Some(Confidence::Sure),
                grade: Grade::Good,
            }),
            Event::ChoicePredicted {
                about: "x".to_owned(),
                step: "which-way".to_owned(),
                said: "it falls".to_owned(),
                right: false,
            },
            Event::ExperimentDone {
                lab: "scatter-gather".to_owned(),
                experiment: "x".to_owned(),
            },
            Event::ChallengeScored {
                lab: "scatter-gather".to_owned(),
                challenge: "x".to_owned(),
                medal: Some(Medal::Gold),
                set: BTreeMap::new(),
            },
            Event::DesignGraded {
                brief: "x".to_owned(),
                design: "chat.yaml".to_owned(),
                passed: false,
                missed: vec!["cost".to_owned()],
            },
            Event::DraftKept {
                question: "x".to_owned(),
                text: "so far".to_owned(),
            },
            Event::AnswerCommitted(AnswerCommitted {
                question: "x".to_owned(),
                rev: 1,
                answer: "…".to_owned(),
                confidence: None,
                ticked: vec!["parallel".to_owned()],
            }),
            Event::CheckAnswered(QuestionAnswered {
                question: "x".to_owned(),
                answer: Answer::Number("63 %".to_owned()),
                said: "63 %".to_owned(),
                right: true,
                confidence: None,
            }),
        ];
        for event in events {
            let json = serde_json::to_value(&event).unwrap();
            assert_eq!(json["kind"], event.kind());
            assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
            assert_eq!(event.subject(), "x");
        }
    }

    #[test]
    fn a_prediction_of_an_older_record_is_still_read() {
        let old = r#"{"kind":"prediction","payload":{"about":"scatter-gather","metric":"latency_ms",
            "guess":10.0,"low":null,"high":null,"actual":74.0}}"#;
        let event: Event = serde_json::from_str(old).unwrap();
        assert!(matches!(event, Event::Prediction { step: None, .. }));
    }
}
