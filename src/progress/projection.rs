//! What follows from the log. Each is a pure fold over events, oldest first; none is stored.

use super::bookmark::{Bookmark, Bookmarks};
use super::event::{
    AnswerCommitted, Event, EventId, InterviewAnswered, QuestionAnswered, Stored, Verdict,
};
use crate::content::model::Chapter;
use crate::study::chapter::{Practice, Tally};
use ddlab_labs::workbench::challenge::Medal;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A log that several look at. Whoever adds to it while another looks gets a copy.
pub type Log = Arc<Vec<Stored>>;

/// So many of the last events, at least, are taken back without a look at those before them.
const RECENT: usize = if cfg!(test) { 3 } else { 250 };

/// The events that still count: those that no standing undo takes back.
pub fn standing<'a>(events: impl IntoIterator<Item = &'a Stored>) -> Vec<&'a Stored> {
    let events: Vec<&Stored> = events.into_iter().collect();
    let mut undone: HashSet<&EventId> = HashSet::new();
    // Last first: an undo that was itself undone takes nothing back.
    for stored in events.iter().rev() {
        if let Event::Undo { of } = &stored.event
            && !undone.contains(&stored.id)
        {
            undone.insert(of);
        }
    }
    events
        .into_iter()
        .filter(|stored| {
            !undone.contains(&stored.id) && !matches!(stored.event, Event::Undo { .. })
        })
        .collect()
}

/// Where someone was in the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub chapter: String,
    pub section: String,
    pub block: u32,
}

/// How far a chapter was read, asked and defended; its lab and its exercises are [`crate::study::chapter`]'s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChapterMarks {
    /// Sections read to their end.
    pub read: Tally,
    /// Quiz questions whose last answer is right.
    pub quiz: Tally,
    /// Interview questions whose last grade is good or easy.
    pub defend: Tally,
}

/// All that screens ask of the record, kept up to date event by event.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    log: Log,
    fold: Fold,
    /// The fold of what stands of so many of the first events: a fold has no way back, but it can begin here.
    earlier: (usize, Fold),
    /// What is here is not yet what the record holds.
    being_read: bool,
}

/// The state that one pass over the log ends in.
#[derive(Debug, Clone, Default, PartialEq)]
struct Fold {
    left: Option<String>,
    last: Option<Place>,
    places: HashMap<String, Place>,
    sections: HashMap<String, HashSet<String>>,
    answers: HashMap<String, QuestionAnswered>,
    interviews: HashMap<String, InterviewAnswered>,
    drafts: HashMap<String, String>,
    committed: HashMap<String, AnswerCommitted>,
    tried: HashSet<String>,
    labs: HashSet<String>,
    passed: HashSet<String>,
    /// Briefs that a design has met.
    briefs: HashSet<String>,
    /// Lab and experiment.
    experiments: HashSet<(String, String)>,
    /// The best of each challenge, by lab and challenge.
    medals: HashMap<(String, String), Medal>,
    predictions: Vec<Predicted>,
    bookmarks: Bookmarks,
}

/// A number that was predicted, and what it came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicted {
    /// `lab/experiment`.
    pub about: String,
    pub guess: f64,
    /// What should have held it four times in five.
    pub range: Option<(f64, f64)>,
    pub actual: f64,
}

impl Marks {
    /// What follows from these events.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Stored>) -> Self {
        Self::of_log(events.into_iter().cloned().collect())
    }

    /// What follows from this log, which is kept.
    pub fn of_log(log: Vec<Stored>) -> Self {
        let fold = Fold::of(&log);
        Self {
            earlier: (log.len(), fold.clone()),
            log: Arc::new(log),
            fold,
            being_read: false,
        }
    }

    /// None yet: the record is being read.
    pub fn being_read() -> Self {
        Self {
            being_read: true,
            ..Self::default()
        }
    }

    /// Whether the record is still being read, so that nothing here says anything.
    pub fn are_being_read(&self) -> bool {
        self.being_read
    }

    /// Takes up one more event.
    pub fn apply(&mut self, stored: &Stored) {
        Arc::make_mut(&mut self.log).push(stored.clone());
        if let Event::Undo { of } = &stored.event {
            self.take_back(of);
        } else {
            self.fold.take(&stored.event);
            self.go_on();
        }
    }

    fn take_back(&mut self, of: &EventId) {
        let (count, fold) = &self.earlier;
        let recent = &self.log[*count..];
        let is_it = |s: &Stored| s.id == *of && !matches!(s.event, Event::Undo { .. });
        if recent.iter().any(is_it) {
            self.fold = fold.clone();
            for stored in standing(recent) {
                self.fold.take(&stored.event);
            }
        } else {
            self.fold = Fold::of(&self.log);
            self.earlier = (self.log.len(), self.fold.clone());
        }
    }

    /// Leaves only so many events to be taken back as are recent.
    fn go_on(&mut self) {
        let (count, fold) = &mut self.earlier;
        let recent = &self.log[*count..];
        if recent.len() < 2 * RECENT {
            return;
        }
        let old: HashSet<&EventId> = recent[..RECENT].iter().map(|stored| &stored.id).collect();
        for stored in standing(recent) {
            if old.contains(&stored.id) {
                fold.take(&stored.event);
            }
        }
        *count += RECENT;
    }

    /// Every event, oldest first, undone ones too.
    pub fn log(&self) -> &[Stored] {
        &self.log
    }

    /// The same, for a thread.
    pub fn shared_log(&self) -> Log {
        Arc::clone(&self.log)
    }

    /// Where the program was left, as its interface wrote it.
    pub fn left_at(&self) -> Option<&str> {
        self.fold.left.as_deref()
    }

    /// Where the learner was last.
    pub fn last_place(&self) -> Option<&Place> {
        self.fold.last.as_ref()
    }

    /// Where the learner was last in this chapter.
    pub fn place_in(&self, chapter: &str) -> Option<&Place> {
        self.fold.places.get(chapter)
    }

    /// The sections of this chapter that were read to their end.
    pub fn sections_read(&self, chapter: &str) -> Option<&HashSet<String>> {
        self.fold.sections.get(chapter)
    }

    /// The last answer to a quiz question, whether it was asked in the text or in the quiz.
    pub fn answer(&self, question: &str) -> Option<&QuestionAnswered> {
        self.fold.answers.get(question)
    }

    /// The last answer to an interview question.
    pub fn interview(&self, question: &str) -> Option<&InterviewAnswered> {
        self.fold.interviews.get(question)
    }

    /// What was typed to an interview question and not committed yet.
    pub fn draft(&self, question: &str) -> Option<&str> {
        self.fold.drafts.get(question).map(String::as_str)
    }

    /// An answer that was committed and not graded yet.
    pub fn committed(&self, question: &str) -> Option<&AnswerCommitted> {
        self.fold.committed.get(question)
    }

    /// It was graded at least once, with whatever verdict.
    pub fn has_tried(&self, exercise: &str) -> bool {
        self.fold.tried.contains(exercise)
    }

    pub fn has_passed(&self, exercise: &str) -> bool {
        self.fold.passed.contains(exercise)
    }

    pub fn has_run(&self, lab: &str) -> bool {
        self.fold.labs.contains(lab)
    }

    /// The experiment was gone through to its end.
    pub fn has_done(&self, lab: &str, experiment: &str) -> bool {
        let key = (lab.to_owned(), experiment.to_owned());
        self.fold.experiments.contains(&key)
    }

    /// The best medal of a challenge.
    pub fn medal(&self, lab: &str, challenge: &str) -> Option<Medal> {
        let key = (lab.to_owned(), challenge.to_owned());
        self.fold.medals.get(&key).copied()
    }

    /// The challenges of this lab that have a medal.
    pub fn medals_of(&self, lab: &str) -> usize {
        self.fold.medals.keys().filter(|(of, _)| of == lab).count()
    }

    /// A design has met this brief.
    pub fn has_met(&self, brief: &str) -> bool {
        self.fold.briefs.contains(brief)
    }

    /// Every number that was predicted and then seen, oldest first.
    pub fn predictions(&self) -> &[Predicted] {
        &self.fold.predictions
    }

    /// Every bookmark, the one that was touched last at the end.
    pub fn bookmarks(&self) -> &[Bookmark] {
        self.fold.bookmarks.all()
    }

    pub fn bookmark(&self, of: &str) -> Option<&Bookmark> {
        self.fold.bookmarks.find(of)
    }

    /// What was noted on a question; nothing for a mark without a note.
    pub fn note_on_question(&self, id: &str) -> Option<&str> {
        self.fold.bookmarks.note_on_question(id)
    }

    /// How far a chapter was read, asked and defended.
    pub fn chapter(&self, chapter: &Chapter) -> ChapterMarks {
        let read = self.fold.sections.get(&chapter.meta.id);
        ChapterMarks {
            read: Tally::count(chapter.sections_to_read(), |section| {
                read.is_some_and(|read| read.contains(&section.slug))
            }),
            quiz: Tally::count(&chapter.quiz, |question| {
                self.answer(&question.id).is_some_and(|answer| answer.right)
            }),
            defend: Tally::count(&chapter.interview, |question| {
                self.interview(&question.id)
                    .is_some_and(|answer| answer.grade.holds())
            }),
        }
    }
}

impl Practice for Marks {
    fn has_run(&self, lab: &str) -> bool {
        self.has_run(lab)
    }

    fn has_done(&self, lab: &str, experiment: &str) -> bool {
        self.has_done(lab, experiment)
    }

    fn has_passed(&self, exercise: &str) -> bool {
        self.has_passed(exercise)
    }
}

impl Fold {
    fn of(log: &[Stored]) -> Self {
        let mut fold = Self::default();
        for stored in standing(log) {
            fold.take(&stored.event);
        }
        fold
    }

    /// A later answer takes the place of an earlier one.
    fn take(&mut self, event: &Event) {
        match event {
            Event::PageRead {
                chapter,
                section,
                block,
                finished,
            } => {
                let place = Place {
                    chapter: chapter.clone(),
                    section: section.clone(),
                    block: *block,
                };
                self.places.insert(chapter.clone(), place.clone());
                self.last = Some(place);
                if *finished {
                    let read = self.sections.entry(chapter.clone()).or_default();
                    read.insert(section.clone());
                }
            }
            Event::CheckAnswered(answered) | Event::QuizAnswered(answered) => {
                self.answers
                    .insert(answered.question.clone(), answered.clone());
            }
            Event::DraftKept { question, text } => {
                if text.is_empty() {
                    self.drafts.remove(question);
                } else {
                    self.drafts.insert(question.clone(), text.clone());
                }
            }
            Event::AnswerCommitted(committed) => {
                self.drafts.remove(&committed.question);
                self.committed
                    .insert(committed.question.clone(), committed.clone());
            }
            Event::InterviewAnswered(answered) => {
                self.drafts.remove(&answered.question);
                self.committed.remove(&answered.question);
                self.interviews
                    .insert(answered.question.clone(), answered.clone());
            }
            Event::LabRun { lab, .. } => {
                self.labs.insert(lab.clone());
            }
            Event::Prediction {
                about,
                guess,
                low,
                high,
                actual: Some(actual),
                ..
            } => self.predictions.push(Predicted {
                about: about.clone(),
                guess: *guess,
                range: low.zip(*high),
                actual: *actual,
            }),
            // Who was led through a lab has run it.
            Event::ExperimentDone { lab, experiment } => {
                self.labs.insert(lab.clone());
                self.experiments.insert((lab.clone(), experiment.clone()));
            }
            // A worse try takes no medal away.
            Event::ChallengeScored {
                lab,
                challenge,
                medal,
                ..
            } => {
                self.labs.insert(lab.clone());
                if let Some(medal) = medal {
                    let best = self.medals.entry((lab.clone(), challenge.clone()));
                    best.and_modify(|best| *best = (*best).max(*medal))
                        .or_insert(*medal);
                }
            }
            Event::DesignGraded {
                brief,
                passed: true,
                ..
            } => {
                self.briefs.insert(brief.clone());
            }
            Event::Bookmarked(_) | Event::BookmarkDropped { .. } => self.bookmarks.take(event),
            Event::Left { place } => self.left = Some(place.clone()),
            // Once passed stays passed: what is tried afterwards is play.
            Event::ExerciseGraded { slug, verdict, .. } => {
                self.tried.insert(slug.clone());
                if *verdict == Verdict::Passed {
                    self.passed.insert(slug.clone());
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
