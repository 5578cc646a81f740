//! An answer as people type it: `b`, `2`, `1 3`, `c a b`, `100 ms`.

use super::layout::Layout;
use super::{Answer, AnswerError, asks_for};
use crate::content::model::QuizKind;

/// Reads a typed answer to a question that is laid out so. Places are letters or numbers from 1,
/// parted by blanks or commas; letters may also stand together (`cab`).
pub fn read(kind: &QuizKind, layout: &Layout, text: &str) -> Result<Answer, AnswerError> {
    if let QuizKind::Number { unit, .. } = kind {
        ddlab_text::quantity::readings(text, unit)?;
        return Ok(Answer::Number(text.trim().to_owned()));
    }
    let wrong = || AnswerError::WrongKind(asks_for(kind));
    let count = layout.shown().len();
    let places = places(text).ok_or_else(wrong)?;
    if let Some(stray) = places.iter().find(|place| **place >= count) {
        return Err(AnswerError::OutOfRange(stray.saturating_add(1), count));
    }
    let needed = match kind {
        QuizKind::One { .. } => places.len() == 1,
        QuizKind::Several { .. } => !places.is_empty(),
        _ => places.len() == count,
    };
    if !needed {
        return Err(match kind {
            QuizKind::Order { .. } | QuizKind::Match { .. } => AnswerError::NotEachOnce(count),
            _ => wrong(),
        });
    }
    layout.answer(kind, &places).ok_or_else(wrong)
}

/// How to answer, for the prompt.
pub fn how_to(kind: &QuizKind) -> String {
    match kind {
        QuizKind::One { .. } => "Type the letter of one option.".to_owned(),
        QuizKind::Several { .. } => {
            "Type the letters of all that are right, such as: a c.".to_owned()
        }
        QuizKind::Order { .. } => "Type the letters in the right order, such as: c a b.".to_owned(),
        QuizKind::Match { .. } => {
            "Type the letter that belongs to 1, to 2 and so on, such as: b a c.".to_owned()
        }
        QuizKind::Number { unit, .. } if unit.is_empty() => "Type a number.".to_owned(),
        QuizKind::Number { unit, .. } => {
            format!("Type a number, in {unit} unless you say otherwise.")
        }
    }
}

/// The letter of a place: a, b, c …
pub fn letter(place: usize) -> char {
    u8::try_from(place)
        .ok()
        .filter(|place| *place < 26)
        .map_or('?', |place| char::from(b'a' + place))
}

fn places(text: &str) -> Option<Vec<usize>> {
    let mut places = Vec::new();
    let tokens = text
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ')' | '.' | '>' | '→'))
        .filter(|token| !token.is_empty());
    for token in tokens {
        if let Ok(number) = token.parse::<usize>() {
            places.push(number.checked_sub(1)?);
        } else if token.chars().all(|c| c.is_ascii_alphabetic()) {
            places.extend(
                token
                    .bytes()
                    .map(|byte| usize::from(byte.to_ascii_lowercase() - b'a')),
            );
        } else {
            return None;
        }
    }
    Some(places)
}
