//! How a question is laid out for one asking: which option stands where. The seed decides, so that a
//! question asked again after a crash looks the same, and the place of an option is never learnt.

use super::Answer;
use crate::content::model::QuizKind;
use crate::study::shuffle::{disordered, shuffled};

/// The order of what is shown: `shown[place]` is the author's index of what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    shown: Vec<usize>,
}

impl Layout {
    /// Options in any order; what is to be put in order, or matched, never already right.
    pub fn new(kind: &QuizKind, seed: u64) -> Self {
        let shown = match kind {
            QuizKind::One { options } | QuizKind::Several { options } => {
                shuffled(options.len(), seed)
            }
            QuizKind::Order { items, .. } => disordered(items.len(), seed),
            QuizKind::Match { pairs } => disordered(pairs.len(), seed),
            QuizKind::Number { .. } => Vec::new(),
        };
        Self { shown }
    }

    /// The author's index of what stands at each place.
    pub fn shown(&self) -> &[usize] {
        &self.shown
    }

    /// The choices of a question in the order of the screen: options, items, or the rights of the pairs.
    pub fn choices<'a>(&self, kind: &'a QuizKind) -> Vec<&'a str> {
        self.shown
            .iter()
            .filter_map(|at| match kind {
                QuizKind::One { options } | QuizKind::Several { options } => {
                    options.get(*at).map(|option| option.text.as_str())
                }
                QuizKind::Order { items, .. } => items.get(*at).map(String::as_str),
                QuizKind::Match { pairs } => pairs.get(*at).map(|pair| pair.right.as_str()),
                QuizKind::Number { .. } => None,
            })
            .collect()
    }

    /// The answer that these places mean; none when there is no such place, or the kind takes no places.
    pub fn answer(&self, kind: &QuizKind, places: &[usize]) -> Option<Answer> {
        let authored: Vec<usize> = places
            .iter()
            .map(|place| self.shown.get(*place).copied())
            .collect::<Option<_>>()?;
        match kind {
            QuizKind::One { .. } => match authored[..] {
                [one] => Some(Answer::One(one)),
                _ => None,
            },
            QuizKind::Several { .. } => Some(Answer::Several(authored.into_iter().collect())),
            QuizKind::Order { .. } => Some(Answer::Order(authored)),
            QuizKind::Match { .. } => Some(Answer::Match(authored)),
            QuizKind::Number { .. } => None,
        }
    }
}
