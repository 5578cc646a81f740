//! Prose with measurements in it: `the p99 was {plain_p99}`.

use super::measure::find;
use super::{Fault, Measure, Readings};
use serde_yaml::{Location, Spanned};

/// Markdown in which `{name}` stands for what was measured.
#[derive(Debug, Clone)]
pub struct Text {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
enum Piece {
    Prose(String),
    Measured(Measure),
}

impl Text {
    pub(crate) fn read(text: &Spanned<String>, measures: &[Measure]) -> Result<Self, Fault> {
        let mut pieces = Vec::new();
        let mut rest = text.value.as_str();
        while let Some((prose, after)) = rest.split_once('{') {
            pieces.push(Piece::Prose(prose.to_owned()));
            let Some((name, after)) = after.split_once('}') else {
                return Err(Fault::new(text.referenced, "a `{` in the text has no `}`"));
            };
            pieces.push(Piece::Measured(measured(name, text.referenced, measures)?));
            rest = after;
        }
        pieces.push(Piece::Prose(rest.to_owned()));
        Ok(Self { pieces })
    }

    /// The names of the measurements that it speaks of.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Measured(measure) => Some(measure.name.as_str()),
            Piece::Prose(_) => None,
        })
    }

    /// With the numbers in their places; a dash where nothing was measured.
    pub fn fill(&self, readings: &Readings) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Prose(prose) => prose.clone(),
            Piece::Measured(measure) => readings
                .get(&measure.name)
                .map_or_else(|| "–".to_owned(), |value| measure.show(*value)),
        };
        let text: String = self.pieces.iter().map(piece).collect();
        text.trim().to_owned()
    }
}

fn measured(name: &str, place: Location, measures: &[Measure]) -> Result<Measure, Fault> {
    let name = Spanned {
        value: name.trim().to_owned(),
        referenced: place,
        defined: place,
    };
    find(measures, &name).cloned()
}
