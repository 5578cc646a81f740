//! What counts as read: a section whose end was in view, after it was in view for a time that fits its length. Who
//! pages on at once has looked at it, and what one has looked at does not come up for review.

use super::page::Section;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::time::Duration;

/// Words a second at which a fast reader goes over a text that is known in part.
const PACE: f64 = 8.0;
/// The share of a section's words for which there must have been time: code and tables are skipped.
const SHARE: f64 = 0.5;

/// The time that sections were in view, as words that could be read in it.
#[derive(Debug, Default)]
pub struct Reading {
    words: HashMap<String, f64>,
    /// The same before what is in view came into view.
    before: HashMap<String, f64>,
    /// The lines in view, and for how long.
    window: Range<usize>,
    spent: Duration,
    /// Sections whose end was in view.
    ended: HashSet<String>,
}

impl Reading {
    /// These lines were in view for so long, and `words` says how many words some lines have. The sections that are
    /// now read to their end; each is told as often as it is looked at.
    pub fn looked_at(
        &mut self,
        window: Range<usize>,
        spent: Duration,
        sections: Vec<Section>,
        words: impl Fn(Range<usize>) -> usize,
    ) -> Vec<String> {
        if self.window != window {
            self.before.clone_from(&self.words);
            self.window = window.clone();
            self.spent = Duration::ZERO;
        }
        self.spent += spent;
        let in_view = words(window.clone()).max(1) as f64;
        // However long lines stand there, no more of them can be read than there is.
        let share = (self.spent.as_secs_f64() * PACE / in_view).min(1.0);
        let mut read = Vec::new();
        for Section { slug, lines } in sections {
            let seen = lines.start.max(window.start)..lines.end.min(window.end);
            if seen.is_empty() || self.spent.is_zero() {
                continue;
            }
            if seen.end == lines.end {
                self.ended.insert(slug.clone());
            }
            let before = self.before.get(&slug).copied().unwrap_or_default();
            let sum = before + words(seen) as f64 * share;
            self.words.insert(slug.clone(), sum);
            if self.ended.contains(&slug) && sum >= words(lines) as f64 * SHARE {
                read.push(slug);
            }
        }
        read
    }
}
