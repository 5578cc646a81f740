//! What the log says in numbers.

use super::super::deck::within;
use super::Predictions;
use crate::progress::event::{InterviewAnswered, Verdict};
use crate::progress::{Event, Stored};
use crate::study::grade::Confidence;
use ddlab_practice::Day;
use ddlab_practice::calibration::Forecast;
use std::collections::{BTreeMap, BTreeSet};

/// Counted event by event.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub days: BTreeMap<Day, usize>,
    pub forecasts: Vec<Forecast>,
    pub interviews: BTreeMap<String, InterviewAnswered>,
    /// Near and all, by kind.
    pub drills: BTreeMap<String, (usize, usize)>,
    pub predictions: Predictions,
    /// How often a point that cannot be left out was missed: topic and statement.
    pub mocks: BTreeMap<(String, String), usize>,
    pub medals: BTreeSet<(String, String)>,
    pub passed: BTreeSet<String>,
}

impl Tally {
    pub fn take(&mut self, stored: &Stored) {
        let is_work = !matches!(
            stored.event,
            Event::Left { .. }
                | Event::DraftKept { .. }
                | Event::MockKept(_)
                | Event::JudgeSet(_)
                | Event::PracticePlanned(_)
        );
        if is_work {
            *self.days.entry(stored.day.number()).or_default() += 1;
        }
        match &stored.event {
            Event::QuizAnswered(answered) | Event::CheckAnswered(answered) => {
                self.said(answered.confidence, answered.right);
            }
            Event::InterviewAnswered(answered) => {
                self.said(answered.confidence, answered.grade.holds());
                self.interviews
                    .insert(answered.question.clone(), answered.clone());
            }
            // The answers of other cards are events of their own.
            Event::CardReviewed(reviewed) if reviewed.card.starts_with("point:") => {
                self.said(reviewed.confidence, reviewed.grade.holds());
            }
            Event::MockDone(mock) => {
                for point in mock.points.iter().filter(|point| point.must && !point.met) {
                    let key = (mock.topic.clone(), point.statement.clone());
                    *self.mocks.entry(key).or_default() += 1;
                }
            }
            Event::DrillAnswered(answered) => {
                let near = within(answered.said, answered.answer, 2.0);
                let (hits, of) = self.drills.entry(answered.generator.clone()).or_default();
                *hits += usize::from(near);
                *of += 1;
                self.predicted(answered.said, answered.answer, answered.range);
            }
            Event::Prediction {
                guess,
                low,
                high,
                actual: Some(actual),
                ..
            } => self.predicted(*guess, *actual, low.zip(*high)),
            Event::ChallengeScored {
                lab,
                challenge,
                medal: Some(_),
                ..
            } => {
                self.medals.insert((lab.clone(), challenge.clone()));
            }
            Event::ExerciseGraded {
                slug,
                verdict: Verdict::Passed,
                ..
            } => {
                self.passed.insert(slug.clone());
            }
            _ => {}
        }
    }

    fn said(&mut self, confidence: Option<Confidence>, came: bool) {
        self.forecasts.extend(confidence.map(|said| Forecast {
            said: f64::from(said.percent()) / 100.0,
            came,
        }));
    }

    fn predicted(&mut self, said: f64, actual: f64, range: Option<(f64, f64)>) {
        self.predictions.count += 1;
        self.predictions.within_factor_two += usize::from(within(said, actual, 2.0));
        if let Some((low, high)) = range {
            self.predictions.ranges += 1;
            self.predictions.held += usize::from((low..=high).contains(&actual));
        }
    }
}
