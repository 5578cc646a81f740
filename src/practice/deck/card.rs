//! The name of a card, as the record has it.

use std::fmt;

/// Names a card; it outlives every edit of the text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum CardId {
    Quiz(String),
    Interview(String),
    /// A point that an answer could not leave out, and did.
    Point {
        question: String,
        point: String,
    },
    /// `lab/experiment`, and which of its predictions.
    Prediction {
        about: String,
        step: String,
    },
    /// A number to know, of the cheat sheet of a chapter.
    Number {
        chapter: String,
        number: String,
    },
}

impl fmt::Display for CardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quiz(id) => write!(f, "quiz:{id}"),
            Self::Interview(id) => write!(f, "interview:{id}"),
            Self::Point { question, point } => write!(f, "point:{question}/{point}"),
            Self::Prediction { about, step } => write!(f, "prediction:{about}/{step}"),
            Self::Number { chapter, number } => write!(f, "number:{chapter}/{number}"),
        }
    }
}

impl CardId {
    /// Reads what is displayed.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once(':')?;
        Some(match kind {
            "quiz" => Self::Quiz(id.to_owned()),
            "interview" => Self::Interview(id.to_owned()),
            "point" => {
                let (question, point) = id.split_once('/')?;
                Self::Point {
                    question: question.to_owned(),
                    point: point.to_owned(),
                }
            }
            "prediction" => {
                let (about, step) = id.rsplit_once('/')?;
                Self::Prediction {
                    about: about.to_owned(),
                    step: step.to_owned(),
                }
            }
            "number" => {
                let (chapter, number) = id.split_once('/')?;
                Self::Number {
                    chapter: chapter.to_owned(),
                    number: number.to_owned(),
                }
            }
            _ => return None,
        })
    }
}
