//! Where one stands: days, what falls due, how well memory and confidence hold, what is weak. From the log and
//! the book alone; a share always with what it is a share of, and never a prediction of an interview.
//!
//! [`tally`] is what the log says in numbers, [`page`] the text.

mod page;
pub mod tally;
#[cfg(test)]
mod tests;

use super::Lead;
use super::deck::Deck;
use super::learned::Learned;
use crate::content::Library;
use crate::content::model::Dimension;
use crate::progress::Stored;
use crate::progress::event::InterviewAnswered;
use ddlab_practice::Day;
use ddlab_practice::calibration;
use ddlab_practice::drill;
use serde::Serialize;
use std::collections::BTreeMap;
use tally::Tally;

/// Days ahead of the forecast.
const AHEAD: usize = 14;
/// Weak points that are named.
const WEAK_MAX: usize = 9;

/// Everything that the progress view shows.
#[derive(Debug, Clone, Serialize)]
pub struct Progress {
    /// The learner's day, since 1970-01-01.
    pub today: Day,
    /// What was done on each day: the number of answers, runs, grades and predictions.
    pub days: BTreeMap<Day, usize>,
    /// Cards that fall due today and on the days after.
    pub due: Vec<usize>,
    /// Of cards that were due: remembered, beside what the schedule expected.
    pub retention: Option<Retention>,
    pub chapters: Vec<ChapterProgress>,
    /// Points of the last answer to each interview question, by dimension.
    pub dimensions: Vec<Share>,
    pub calibration: Calibration,
    /// Numbers problems by kind.
    pub drills: Vec<Share>,
    pub predictions: Predictions,
    pub medals: usize,
    pub exercises_passed: usize,
    pub weak: Vec<Weak>,
    pub interview: Option<Interview>,
}

/// So many of so many.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Share {
    pub name: String,
    pub hits: usize,
    pub of: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Retention {
    pub reviews: usize,
    /// The share that was remembered, and the interval of 95 %.
    pub remembered: f64,
    pub interval: (f64, f64),
    /// What the schedule expected.
    pub predicted: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChapterProgress {
    pub chapter: String,
    pub title: String,
    pub cards: usize,
    /// The mean chance that a card of it is remembered today; none without a card.
    pub recall: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    pub bins: Vec<Bin>,
    pub answers: usize,
    pub brier: Option<f64>,
    /// The score of always saying one's own share of right answers.
    pub baseline: Option<f64>,
}

/// Answers that were given with one confidence; fewer than five are not shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bin {
    pub said: f64,
    pub right: f64,
    pub interval: (f64, f64),
    pub count: usize,
}

/// Figures of labs that were predicted, and answers of drills, with their ranges.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Predictions {
    pub count: usize,
    pub within_factor_two: usize,
    pub ranges: usize,
    /// Ranges that held; 80 % is what they promise.
    pub held: usize,
}

/// Something that was missed more than once, or whose kind is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Weak {
    pub what: String,
    pub missed: usize,
    /// Where it is trained.
    pub leads_to: Lead,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Interview {
    pub day: String,
    pub days_left: Day,
    /// The mean chance that a card is remembered on that day if nothing more is reviewed.
    pub recall: Option<f64>,
}

impl Progress {
    /// Where one stands on this day, by this log.
    pub fn of<'a>(
        library: &Library,
        log: impl IntoIterator<Item = &'a Stored>,
        today: Day,
    ) -> Self {
        Self::from(library, &Learned::of(library, log), today)
    }

    /// The same, by what was learned of the log.
    pub fn from(library: &Library, Learned { deck, tally }: &Learned, today: Day) -> Self {
        let scheduler = deck.plan.scheduler();
        let states = deck.states();
        let mean_recall = |day: Day| {
            let recalls = states.iter().map(|(_, s)| scheduler.recall(s, day));
            mean(&recalls.collect::<Vec<f64>>())
        };
        let mut recalls: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for (card, state) in &states {
            if let Some((chapter, _)) = deck.asked(library, card) {
                let of_chapter = recalls.entry(&chapter.meta.id).or_default();
                of_chapter.push(scheduler.recall(state, today));
            }
        }
        let chapters = library.chapters().map(|chapter| {
            let recalls = recalls.remove(chapter.meta.id.as_str());
            let recalls = recalls.unwrap_or_default();
            ChapterProgress {
                chapter: chapter.meta.id.clone(),
                title: format!("{} {}", chapter.meta.number, chapter.meta.title),
                cards: recalls.len(),
                recall: mean(&recalls),
            }
        });
        let brier = calibration::brier(&tally.forecasts);
        Self {
            today,
            due: deck.forecast(library, today, AHEAD),
            retention: retention(deck),
            chapters: chapters.collect(),
            dimensions: dimensions(library, &tally.interviews),
            calibration: Calibration {
                bins: calibration::reliability(&tally.forecasts)
                    .into_iter()
                    .map(|bin| Bin {
                        said: bin.said,
                        right: bin.came,
                        interval: bin.interval,
                        count: bin.count,
                    })
                    .collect(),
                answers: tally.forecasts.len(),
                brier: brier.map(|brier| brier.score),
                baseline: brier.map(|brier| brier.baseline),
            },
            weak: weak(library, deck, tally),
            drills: tally
                .drills
                .iter()
                .map(|(kind, (near, of))| Share {
                    name: drill::find(kind).map_or(kind.clone(), |known| known.title.to_owned()),
                    hits: *near,
                    of: *of,
                })
                .collect(),
            predictions: tally.predictions.clone(),
            medals: tally.medals.len(),
            exercises_passed: tally.passed.len(),
            days: tally.days.clone(),
            interview: deck.plan.interview.map(|day| Interview {
                day: day.to_string(),
                days_left: day.number() - today,
                recall: mean_recall(day.number().max(today)),
            }),
        }
    }

    /// The ids of the chapters, those that are remembered least first; those without a card stand last.
    pub fn weakest_chapters(&self) -> Vec<String> {
        let mut chapters: Vec<&ChapterProgress> = self.chapters.iter().collect();
        let recall = |chapter: &ChapterProgress| chapter.recall.unwrap_or(1.0);
        chapters.sort_by(|a, b| recall(a).total_cmp(&recall(b)));
        chapters.iter().map(|c| c.chapter.clone()).collect()
    }
}

fn retention(deck: &Deck) -> Option<Retention> {
    let recalled = deck.recalled();
    let of = recalled.reviews as f64;
    (recalled.reviews > 0).then(|| Retention {
        reviews: recalled.reviews,
        predicted: recalled.expected / of,
        remembered: recalled.remembered as f64 / of,
        interval: calibration::wilson(recalled.remembered, recalled.reviews),
    })
}

fn dimensions(library: &Library, answers: &BTreeMap<String, InterviewAnswered>) -> Vec<Share> {
    let mut shares: BTreeMap<Dimension, (usize, usize)> = BTreeMap::new();
    for answered in answers.values() {
        let Some((_, question)) = library.find_interview_question(&answered.question) else {
            continue;
        };
        for point in &question.rubric {
            let (met, of) = shares.entry(point.dim).or_default();
            *met += usize::from(answered.ticked.contains(&point.id));
            *of += 1;
        }
    }
    let share = |(dimension, (hits, of)): (Dimension, (usize, usize))| Share {
        name: format!("points on {}", dimension_name(dimension)),
        hits,
        of,
    };
    shares.into_iter().map(share).collect()
}

/// As people call it.
pub const fn dimension_name(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Requirements => "requirements",
        Dimension::Estimation => "estimation",
        Dimension::HighLevel => "high-level design",
        Dimension::DeepDive => "deep dive",
        Dimension::TradeOffs => "trade-offs",
        Dimension::Failure => "failure",
        Dimension::Evolution => "evolution",
    }
}

/// What was missed most, by name, each with the way to train it.
fn weak(library: &Library, deck: &Deck, tally: &Tally) -> Vec<Weak> {
    let points = deck.missed().iter().filter_map(|((question, id), missed)| {
        let (chapter, question) = library.find_interview_question(question)?;
        let point = question.rubric.iter().find(|point| point.id == *id)?;
        Some(Weak {
            what: point.statement.trim().to_owned(),
            missed: *missed,
            leads_to: Lead::Question {
                chapter: chapter.meta.id.clone(),
                question: question.id.clone(),
            },
        })
    });
    let numbers = tally.drills.iter().filter_map(|(kind, (near, of))| {
        let known = drill::find(kind)?;
        Some(Weak {
            what: known.title.to_owned(),
            missed: of - near,
            leads_to: Lead::Drill {
                kind: Some(kind.clone()),
            },
        })
    });
    let mocks = tally.mocks.iter().map(|((topic, statement), missed)| Weak {
        what: statement.clone(),
        missed: *missed,
        leads_to: Lead::Interview {
            topic: topic.clone(),
        },
    });
    let mut weak: Vec<Weak> = points
        .chain(numbers)
        .chain(mocks)
        .filter(|weak| weak.missed > 0)
        .collect();
    weak.sort_by(|a, b| b.missed.cmp(&a.missed).then_with(|| a.what.cmp(&b.what)));
    weak.truncate(WEAK_MAX);
    weak
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
