//! A found passage in one line: the hit with what stands around it, and the words marked.

use super::lower;
use std::ops::Range;
use unicode_width::UnicodeWidthChar;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    pub text: String,
    /// The words that were looked for, in characters of `text`, from left to right.
    pub marked: Vec<Range<usize>>,
}

/// The window of the text that has the hit a third from its left, where the eye looks first; `mark`, one
/// column wide, stands where the text goes on.
pub fn cut(text: &str, words: &[String], hit: usize, columns: usize, mark: char) -> Snippet {
    let letters: Vec<char> = text.chars().collect();
    let widths: Vec<usize> = letters.iter().map(|c| c.width().unwrap_or(0)).collect();
    let all: usize = widths.iter().sum();
    let mut first = 0;
    if all > columns {
        let mut before = columns / 3;
        first = hit.min(letters.len());
        while first > 0 && widths[first - 1] <= before {
            first -= 1;
            before -= widths[first];
        }
        // As far left as the end of the text leaves room for.
        let mut rest: usize = widths[first..].iter().sum();
        while first > 0 && rest + widths[first - 1] < columns {
            first -= 1;
            rest += widths[first];
        }
    }
    let mut room = columns.saturating_sub(usize::from(first > 0));
    let mut last = first;
    while last < letters.len() && widths[last] <= room {
        room -= widths[last];
        last += 1;
    }
    // The mark of the cut takes the place of the last letter.
    if last < letters.len() && last > first && room == 0 {
        last -= 1;
    }
    let mut shown: Vec<char> = Vec::with_capacity(last - first + 2);
    shown.extend((first > 0 && columns > 0).then_some(mark));
    shown.extend(&letters[first..last]);
    shown.extend((last < letters.len() && last > first).then_some(mark));
    let text: String = shown.into_iter().collect();
    Snippet {
        marked: marked(&text, words),
        text,
    }
}

fn marked(text: &str, words: &[String]) -> Vec<Range<usize>> {
    let text = lower(text);
    let mut ranges: Vec<Range<usize>> = words
        .iter()
        .flat_map(|word| text.match_indices(word.as_str()))
        .map(|(at, word)| {
            let start = text[..at].chars().count();
            start..start + word.chars().count()
        })
        .collect();
    ranges.sort_by_key(|range| (range.start, range.end));
    ranges
}
