//! One card from its prompt to its grade.

use super::super::cheat::Number;
use super::super::deck::{Asked, CardId, within};
use super::super::progress::dimension_name;
use super::super::{Ask, Choice};
use crate::clock::Moment;
use crate::content::model::{InterviewQuestion, QuizKind, QuizOption, QuizQuestion, RubricPoint};
use crate::judge::{self, Verdicts};
use crate::progress::Event;
use crate::progress::event::{AnswerCommitted, InterviewAnswered, QuestionAnswered};
use crate::progress::practice::CardReviewed;
use crate::study::grade::{Confidence, Grade};
use crate::study::quiz::layout::Layout;
use crate::study::quiz::{self, typed};
use crate::study::rubric::Matcher;
use crate::study::ticks::Ticks;
use crate::study::{guess, sheet, shuffle};
use ddlab_labs::workbench::experiment::{Guess, Prediction, PredictionKind};
use std::fmt::Write;

/// A card with what it asks.
#[derive(Debug, Clone)]
pub struct Card {
    pub id: CardId,
    pub chapter: String,
    pub asks: Asks,
    /// What a lab said of it, beside what was predicted.
    pub settled: Option<String>,
    /// What the learner noted on the question.
    pub note: Option<String>,
    /// It failed before in this session.
    pub again: bool,
}

/// What a card asks, of its own: the session outlives the borrow of the book.
#[derive(Debug, Clone)]
pub enum Asks {
    Quiz(Box<QuizQuestion>),
    Interview(Box<InterviewQuestion>),
    Point(Box<InterviewQuestion>, Box<RubricPoint>),
    Prediction(&'static Prediction, f64),
    Number(&'static Number),
}

impl Asks {
    pub fn of(asked: Asked<'_>) -> Self {
        match asked {
            Asked::Quiz(question) => Self::Quiz(Box::new(question.clone())),
            Asked::Interview(question) => Self::Interview(Box::new(question.clone())),
            Asked::Point(question, point) => {
                Self::Point(Box::new(question.clone()), Box::new(point.clone()))
            }
            Asked::Prediction(prediction, measured) => Self::Prediction(prediction, measured),
            Asked::Number(number) => Self::Number(number),
        }
    }
}

/// The card that is asked now.
#[derive(Debug, Clone)]
pub struct Turn {
    pub card: Card,
    pub layout: Option<Layout>,
    pub stage: Stage,
    pub confidence: Option<Confidence>,
    /// What was answered; empty when it was only looked at.
    pub answer: String,
    /// Places of the points that were ticked.
    pub ticked: Ticks,
    /// What the judge said of the answer.
    pub judged: Option<Result<Verdicts, String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Asked,
    /// The answer is committed: how sure?
    Sure,
    /// Interview questions only: which points were made?
    Ticking,
    /// The judge is asked which.
    Judging,
    Graded(Grade),
}

/// Options lie anew each time that a card is asked.
pub const fn asking(now: Moment) -> u64 {
    now.at.0.unsigned_abs()
}

impl Turn {
    pub fn new(card: Card, asking: u64) -> Self {
        let layout = match &card.asks {
            Asks::Quiz(question) => {
                let seed = shuffle::seed_of(&question.id).wrapping_add(asking);
                Some(Layout::new(&question.kind, seed))
            }
            _ => None,
        };
        Self {
            card,
            layout,
            stage: Stage::Asked,
            confidence: None,
            answer: String::new(),
            ticked: Ticks::default(),
            judged: None,
        }
    }

    pub fn prompt(&self) -> String {
        match (&self.card.asks, &self.layout) {
            (Asks::Quiz(question), Some(layout)) => sheet::prompt(question, layout),
            (Asks::Quiz(question), None) => question.prompt.clone(),
            (Asks::Interview(question), _) => question.prompt.clone(),
            (Asks::Point(question, point), _) => format!(
                "{}\n\n**One point of a strong answer ({}) was missing from yours. Which?** Say it in a sentence.",
                question.prompt.trim(),
                dimension_name(point.dim)
            ),
            (Asks::Prediction(prediction, _), _) => prediction.question.clone(),
            (Asks::Number(number), _) => number.ask.clone(),
        }
    }

    pub fn ask(&self) -> Ask {
        let look = "An empty line shows the answer.";
        match self.stage {
            Stage::Asked => match &self.card.asks {
                Asks::Quiz(question) => Ask::Line {
                    how: format!("{} {look}", typed::how_to(&question.kind)),
                },
                Asks::Interview(_) => Ask::Text {
                    how: "Answer as you would say it; key points suffice in a review.".to_owned(),
                },
                Asks::Point(..) => Ask::Line {
                    how: format!("Type the point. {look}"),
                },
                Asks::Number(number) => Ask::Line {
                    how: match number.unit.as_str() {
                        "" => format!("Type a number. {look}"),
                        unit => format!("Type a number, in {unit} unless you say otherwise. {look}"),
                    },
                },
                Asks::Prediction(..) => Ask::Line {
                    how: format!("Type a number, and a range if you like: 63 % 40..80. {look}"),
                },
            },
            Stage::Sure => Ask::Choice {
                how: "How sure are you? 1: 10 %, 2: 30 %, 3: 50 %, 4: 70 %, 5: 90 %; enter leaves it open."
                    .to_owned(),
                of: Choice::Sure,
            },
            Stage::Ticking => Ask::Line {
                how: "Which points did you make? Type their numbers: 1 3 4".to_owned(),
            },
            Stage::Judging => Ask::Wait {
                how: judge::WAITS.to_owned(),
            },
            Stage::Graded(suggested) => Ask::Choice {
                how: format!(
                    "1 again, 2 hard, 3 good, 4 easy; enter takes {}; u takes the last grade back.",
                    suggested.name()
                ),
                of: Choice::Grade,
            },
        }
    }

    /// The answer is here: what is recorded before anything is revealed.
    pub fn answered(&mut self, typed: &str) -> Result<Vec<Event>, String> {
        let typed = typed.trim();
        if let (Asks::Quiz(question), Some(layout), false) =
            (&self.card.asks, &self.layout, typed.is_empty())
        {
            // Only whether it can be read; it is marked once it is known how sure one is.
            typed::read(&question.kind, layout, typed).map_err(|error| error.to_string())?;
        }
        if let (Asks::Prediction(prediction, _), false) = (&self.card.asks, typed.is_empty()) {
            guessed(prediction, typed)?;
        }
        if let (Asks::Number(number), false) = (&self.card.asks, typed.is_empty()) {
            number.is(typed)?;
        }
        if let Asks::Point(question, point) = &self.card.asks
            && !makes(point, typed)
            && let Some(other) = question.rubric.iter().find(|other| makes(other, typed))
        {
            return Err(format!(
                "that is another point ({}); the missing one belongs to: {}",
                dimension_name(other.dim),
                dimension_name(point.dim)
            ));
        }
        typed.clone_into(&mut self.answer);
        let is_guess = matches!(self.card.asks, Asks::Prediction(..) | Asks::Number(_));
        self.stage = if typed.is_empty() || is_guess {
            self.revealed()
        } else {
            Stage::Sure
        };
        match &self.card.asks {
            Asks::Interview(question) if !typed.is_empty() => {
                Ok(vec![Event::AnswerCommitted(AnswerCommitted {
                    question: question.id.clone(),
                    rev: question.rev,
                    answer: self.answer.clone(),
                    confidence: None,
                    ticked: Vec::new(),
                })])
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The stage after the reveal, with the grade that the answer suggests.
    pub fn revealed(&self) -> Stage {
        if self.answer.is_empty() {
            return Stage::Graded(Grade::Again);
        }
        let right = match &self.card.asks {
            Asks::Interview(_) => return Stage::Ticking,
            Asks::Quiz(question) => self.marking(question).is_some_and(|marking| marking.right),
            Asks::Point(_, point) => makes(point, &self.answer),
            Asks::Number(number) => number.is(&self.answer).unwrap_or_default(),
            Asks::Prediction(prediction, measured) => {
                guessed(prediction, &self.answer).is_ok_and(|guess| within(guess, *measured, 1.5))
            }
        };
        Stage::Graded(if right { Grade::Good } else { Grade::Again })
    }

    fn marking(&self, question: &QuizQuestion) -> Option<quiz::Marking> {
        let answer = typed::read(&question.kind, self.layout.as_ref()?, &self.answer).ok()?;
        quiz::mark(&question.kind, &answer).ok()
    }

    /// What is right, beside what was said.
    pub fn solution(&self) -> String {
        let mut text = self.right();
        if let (Asks::Interview(question), Some(said)) = (&self.card.asks, &self.judged) {
            let report = judge::report(&judge::points(question), said);
            text = format!("{report}\n{text}");
        }
        let stands_beside = matches!(self.card.asks, Asks::Quiz(_) | Asks::Interview(_));
        if !stands_beside && !self.answer.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "\nYou said {}.", sheet::quoted(&self.answer));
        }
        if let Some(settled) = &self.card.settled {
            let _ = writeln!(text, "\n{settled}");
        }
        if let Some(note) = &self.card.note {
            let _ = writeln!(text, "\nYour note: {}", sheet::quoted(note));
        }
        text
    }

    fn right(&self) -> String {
        match &self.card.asks {
            Asks::Quiz(question) => match self.marking(question) {
                Some(marking) if marking.right => sheet::verdict(question, &marking),
                marking => {
                    let verdict = marking.map_or_else(
                        || question.explain.trim().to_owned(),
                        |marking| sheet::verdict(question, &marking),
                    );
                    format!(
                        "**The right answer:** {}\n\n{verdict}\n",
                        right_answer(question)
                    )
                }
            },
            Asks::Interview(question) => sheet::reveal(question, &self.answer),
            Asks::Point(question, point) => {
                let model = question
                    .model_answer
                    .iter()
                    .find(|paragraph| paragraph.meets.contains(&point.id));
                let model = model.map_or("", |paragraph| paragraph.text.trim());
                format!(
                    "**The point:** {}\n\nAs one would say it: {}\n\n{model}\n",
                    point.statement.trim(),
                    point.good.trim()
                )
            }
            Asks::Number(number) => format!("**{}.** {}\n", number.shown(), number.why),
            Asks::Prediction(prediction, measured) => {
                let PredictionKind::Number { measure, tempting } = &prediction.kind else {
                    return String::new();
                };
                let tempting = tempting.as_ref().map_or_else(String::new, |tempting| {
                    format!(
                        "\nTempting, since {}.\n",
                        tempting.because.trim_end_matches('.')
                    )
                });
                format!("**It was {}.**\n{tempting}", measure.show(*measured))
            }
        }
    }

    /// What is recorded with the grade. The grade comes first: it stands for the day.
    pub fn graded(&self, grade: Grade) -> Vec<Event> {
        let mut events = vec![Event::CardReviewed(CardReviewed {
            card: self.card.id.to_string(),
            grade,
            confidence: self.confidence,
        })];
        match &self.card.asks {
            Asks::Quiz(question) => {
                let answer = self
                    .layout
                    .as_ref()
                    .and_then(|layout| typed::read(&question.kind, layout, &self.answer).ok());
                if let (Some(answer), Some(marking)) = (answer, self.marking(question)) {
                    events.push(Event::QuizAnswered(QuestionAnswered {
                        question: question.id.clone(),
                        said: quiz::in_words(&question.kind, &answer),
                        answer,
                        right: marking.right,
                        confidence: self.confidence,
                    }));
                }
            }
            Asks::Interview(question) => {
                events.push(Event::InterviewAnswered(InterviewAnswered {
                    question: question.id.clone(),
                    rev: question.rev,
                    answer: self.answer.clone(),
                    ticked: self.ticked.ids(question),
                    confidence: self.confidence,
                    grade,
                }));
            }
            Asks::Point(..) | Asks::Prediction(..) | Asks::Number(_) => {}
        }
        events
    }
}

/// Whether these words seem to make the point.
fn makes(point: &RubricPoint, said: &str) -> bool {
    Matcher::new(&point.matches).is_ok_and(|matcher| matcher.find_in_answer(said).is_some())
}

/// A card as two sides of Markdown, for other programs.
pub fn sides(asked: &Asked<'_>) -> (String, String) {
    let turn = Turn::new(
        Card {
            id: CardId::Quiz(String::new()),
            chapter: String::new(),
            asks: Asks::of(*asked),
            settled: None,
            note: None,
            again: false,
        },
        0,
    );
    (turn.prompt(), turn.solution())
}

/// What is right, in words.
fn right_answer(question: &QuizQuestion) -> String {
    let all_right = |options: &[QuizOption]| {
        let right = options.iter().filter(|option| option.right);
        right
            .map(|option| option.text.trim())
            .collect::<Vec<_>>()
            .join(" + ")
    };
    match &question.kind {
        QuizKind::One { options } | QuizKind::Several { options } => all_right(options),
        QuizKind::Order { items, .. } => items.join(" → "),
        QuizKind::Match { pairs } => {
            let pairs = pairs
                .iter()
                .map(|pair| format!("{} – {}", pair.left, pair.right));
            pairs.collect::<Vec<_>>().join("; ")
        }
        QuizKind::Number { answer, unit, .. } => format!("{} {unit}", ddlab_text::exact(*answer)),
    }
}

/// The number of a prediction, in the unit of what is measured.
fn guessed(prediction: &Prediction, typed: &str) -> Result<f64, String> {
    let PredictionKind::Number { measure, .. } = &prediction.kind else {
        return Err("this prediction is not a number".to_owned());
    };
    match guess::number(typed, measure.unit) {
        Ok(Guess::Number { value, .. }) => Ok(value),
        Ok(Guess::Choice(_) | Guess::Pass) => Err("type a number".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
