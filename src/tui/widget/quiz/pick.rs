//! What is chosen so far, by kind of question. Places are those of the screen.

use crate::content::model::QuizKind;
use crate::study::quiz::layout::Layout;
use crate::study::quiz::{Answer, asks_for, typed};
use crate::tui::widget::field::Field;
use crossterm::event::{KeyCode, KeyEvent};
use std::collections::BTreeSet;

#[derive(Debug, Clone)]
pub(super) enum Pick {
    One(Option<usize>),
    Several(BTreeSet<usize>),
    /// The places in the order given so far, and whether the item at the cursor is taken up.
    Order {
        order: Vec<usize>,
        holding: bool,
    },
    /// For each left the place of the right that was given to it.
    Match(Vec<Option<usize>>),
    Typed(Field),
}

impl Pick {
    pub fn new(kind: &QuizKind) -> Self {
        match kind {
            QuizKind::One { .. } => Self::One(None),
            QuizKind::Several { .. } => Self::Several(BTreeSet::new()),
            QuizKind::Order { items, .. } => Self::Order {
                order: (0..items.len()).collect(),
                holding: false,
            },
            QuizKind::Match { pairs } => Self::Match(vec![None; pairs.len()]),
            QuizKind::Number { .. } => Self::Typed(Field::default()),
        }
    }

    /// Rows that the cursor may stand on.
    pub fn rows(&self, layout: &Layout) -> usize {
        match self {
            Self::Typed(_) => 0,
            _ => layout.shown().len(),
        }
    }

    pub fn is_holding(&self) -> bool {
        matches!(self, Self::Order { holding: true, .. })
    }

    pub fn toggle(&mut self, row: usize) {
        match self {
            Self::One(chosen) => *chosen = (*chosen != Some(row)).then_some(row),
            Self::Several(chosen) => {
                if !chosen.remove(&row) {
                    chosen.insert(row);
                }
            }
            Self::Order { holding, .. } => *holding = !*holding,
            Self::Match(_) => self.turn(row, 1),
            Self::Typed(_) => {}
        }
    }

    /// Moves the item of this row, when there is an order; returns where the cursor is then.
    pub fn shift(&mut self, row: usize, by: isize) -> usize {
        let Self::Order { order, .. } = self else {
            return row;
        };
        let to = row
            .saturating_add_signed(by)
            .min(order.len().saturating_sub(1));
        if row < order.len() {
            order.swap(row, to);
        }
        to
    }

    /// Brings the item of one row to another; returns where the cursor is then.
    pub fn carry(&mut self, from: usize, to: usize) -> usize {
        let Self::Order { order, .. } = self else {
            return from;
        };
        if from >= order.len() || to >= order.len() {
            return from;
        }
        let item = order.remove(from);
        order.insert(to, item);
        to
    }

    /// Gives this left a right; returns the next left that has none, if any.
    pub fn give(&mut self, row: usize, place: usize) -> Option<usize> {
        let Self::Match(given) = self else {
            return None;
        };
        *given.get_mut(row)? = Some(place);
        let after = (row + 1..given.len()).chain(0..row);
        after.into_iter().find(|left| given[*left].is_none())
    }

    /// Gives this left the next right, or the one before; after the last comes none.
    pub fn turn(&mut self, row: usize, by: isize) {
        let Self::Match(given) = self else {
            return;
        };
        let count = given.len().cast_signed();
        if let Some(right) = given.get_mut(row) {
            // None counts as one more place before the first.
            let now = right.map_or(0, |place| place.cast_signed() + 1);
            let next = (now + by).rem_euclid(count + 1);
            *right = usize::try_from(next - 1).ok();
        }
    }

    pub fn type_key(&mut self, row: usize, key: KeyEvent) -> bool {
        match self {
            Self::Typed(input) => input.key(key),
            Self::Match(given) => {
                let place = match key.code {
                    KeyCode::Char(c) => (0..given.len()).find(|place| typed::letter(*place) == c),
                    _ => None,
                };
                match (place, given.get_mut(row)) {
                    (Some(place), Some(right)) => {
                        *right = Some(place);
                        true
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// The answer that this is, or what is still missing.
    pub fn answer(&self, kind: &QuizKind, layout: &Layout) -> Result<Answer, String> {
        let places: Vec<usize> = match self {
            Self::One(chosen) => chosen.iter().copied().collect(),
            Self::Several(chosen) if chosen.is_empty() => {
                return Err("choose at least one with space".to_owned());
            }
            Self::Several(chosen) => chosen.iter().copied().collect(),
            Self::Order { order, .. } => order.clone(),
            Self::Match(given) => {
                let open = given.iter().filter(|right| right.is_none()).count();
                if open > 0 {
                    return Err(format!("{open} of {} still have no match", given.len()));
                }
                given.iter().flatten().copied().collect()
            }
            Self::Typed(input) if input.text().trim().is_empty() => {
                return Err("type a number first".to_owned());
            }
            Self::Typed(input) => {
                return typed::read(kind, layout, input.text()).map_err(|error| error.to_string());
            }
        };
        layout
            .answer(kind, &places)
            .ok_or_else(|| format!("this asks for {}", asks_for(kind)))
    }
}
