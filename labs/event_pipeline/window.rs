//! Sums by event time: windows that a watermark closes, and the watermark of several inputs.
//!
//! All moments are spans since one fixed moment, by the clock of whoever made the event.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How an event finds its windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Side by side: an event is in one.
    Tumbling { size: Duration },
    /// A window begins every `slide`: an event is in `size / slide` of them.
    Sliding { size: Duration, slide: Duration },
    /// Ends when a key has been quiet for `gap`; an event between two of them makes one of both.
    Session { gap: Duration },
}

/// What an event adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    pub happened: Duration,
    pub key: u64,
    pub cents: u64,
}

/// The result of a window for a key: all of it, and not what is new. Whoever reads it replaces by
/// `(key, start)`; whoever adds counts a second result twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub key: u64,
    pub start: Duration,
    pub end: Duration,
    pub events: u64,
    pub cents: u64,
}

/// What became of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Added {
    /// Windows that count it; none when it came too late for all of its windows.
    pub windows: usize,
    /// Windows of the event that were closed for good.
    pub missed: usize,
    /// Better results of windows that had been told already.
    pub again: Vec<Row>,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    row: Row,
    /// Its result has been told.
    told: bool,
}

/// Windows of all keys. Cloned, it is what a checkpoint keeps.
#[derive(Debug, Clone)]
pub struct Windows {
    kind: Kind,
    /// How long after its end a window is kept for events that come late.
    lateness: Duration,
    watermark: Duration,
    open: BTreeMap<(u64, Duration), Open>,
    /// What the watermark comes to next: the end of a window, or the end of its lateness.
    due: BTreeSet<(Duration, u64, Duration)>,
}

// region: windows
impl Windows {
    pub fn new(kind: Kind, lateness: Duration) -> Self {
        Self {
            kind,
            lateness,
            watermark: Duration::ZERO,
            open: BTreeMap::new(),
            due: BTreeSet::new(),
        }
    }

    pub fn watermark(&self) -> Duration {
        self.watermark
    }

    /// Windows that are kept.
    pub fn kept(&self) -> usize {
        self.open.len()
    }

    /// Counts an event by when it happened, whenever it came.
    pub fn add(&mut self, sample: Sample) -> Added {
        match self.kind {
            Kind::Tumbling { size } => self.add_to_aligned(sample, size, size),
            Kind::Sliding { size, slide } => self.add_to_aligned(sample, size, slide),
            Kind::Session { gap } => self.add_to_session(sample, gap),
        }
    }

    /// The watermark is `mark` now, unless it was later. Returns the results of the windows that end by then, the
    /// earliest first.
    pub fn advance(&mut self, mark: Duration) -> Vec<Row> {
        self.watermark = self.watermark.max(mark);
        let mut rows = Vec::new();
        while let Some(&(moment, key, start)) = self.due.first() {
            if moment > self.watermark {
                break;
            }
            self.due.pop_first();
            // A session may have grown or gone since this was noted.
            let Some(open) = self.open.get_mut(&(key, start)) else {
                continue;
            };
            let forgotten = open.row.end + self.lateness;
            if moment == open.row.end && !open.told {
                open.told = true;
                rows.push(open.row);
            }
            if moment == forgotten {
                self.open.remove(&(key, start));
            } else if open.told {
                self.due.insert((forgotten, key, start));
            }
        }
        rows
    }

    fn add_to_aligned(&mut self, sample: Sample, size: Duration, slide: Duration) -> Added {
        let mut added = Added::default();
        let mut start = floor(sample.happened, slide);
        while start + size > sample.happened {
            if self.is_over(start + size) {
                added.missed += 1;
            } else {
                added.windows += 1;
                let row = row_of(sample, start, start + size);
                added.again.extend(self.merge(row));
            }
            let Some(before) = start.checked_sub(slide) else {
                break;
            };
            start = before;
        }
        added
    }

    /// Makes one of the event and of all sessions of its key that it touches.
    fn add_to_session(&mut self, sample: Sample, gap: Duration) -> Added {
        let mut row = row_of(sample, sample.happened, sample.happened + gap);
        let of_key = (sample.key, Duration::ZERO)..=(sample.key, row.end);
        let of_key = self.open.range(of_key);
        let touched = of_key.filter(|(_, open)| open.row.end >= sample.happened);
        let touched: Vec<Open> = touched.map(|(_, open)| *open).collect();
        if touched.is_empty() && self.is_over(row.end) {
            return Added {
                missed: 1,
                ..Added::default()
            };
        }
        for open in &touched {
            self.open.remove(&(sample.key, open.row.start));
            row.start = row.start.min(open.row.start);
            row.end = row.end.max(open.row.end);
            row.events += open.row.events;
            row.cents += open.row.cents;
        }
        // What was told of a session that goes on under another start is taken back.
        let told = touched.iter().filter(|open| open.told);
        let gone = told.filter(|open| open.row.start != row.start);
        let mut again: Vec<Row> = gone.map(|open| empty(open.row)).collect();
        again.extend(self.merge(row));
        Added {
            windows: 1,
            missed: 0,
            again,
        }
    }

    /// Adds to the window, or opens it. Returns its result if that is due already: better than the one before, or
    /// the first where the window ends in the past.
    fn merge(&mut self, row: Row) -> Option<Row> {
        let is_due = row.end <= self.watermark;
        let at = (row.key, row.start);
        let open = self.open.entry(at).or_insert_with(|| {
            let next = if is_due {
                row.end + self.lateness
            } else {
                row.end
            };
            self.due.insert((next, row.key, row.start));
            Open {
                row: empty(row),
                told: is_due,
            }
        });
        open.row.events += row.events;
        open.row.cents += row.cents;
        open.told.then_some(open.row)
    }

    fn is_over(&self, end: Duration) -> bool {
        end + self.lateness <= self.watermark
    }
}

fn floor(moment: Duration, step: Duration) -> Duration {
    let nanos = moment.as_nanos() - moment.as_nanos() % step.as_nanos();
    Duration::from_nanos(nanos as u64)
}

/// The same window with nothing in it.
fn empty(row: Row) -> Row {
    Row {
        events: 0,
        cents: 0,
        ..row
    }
}

fn row_of(sample: Sample, start: Duration, end: Duration) -> Row {
    Row {
        key: sample.key,
        start,
        end,
        events: 1,
        cents: sample.cents,
    }
}
// endregion: windows

/// The watermark of several inputs: the least of theirs.
#[derive(Debug, Clone)]
pub struct Watermarks {
    inputs: Vec<Duration>,
    least: Duration,
}

/// The mark of an input that is idle: nobody waits for it.
pub const IDLE: Duration = Duration::MAX;

// region: watermarks
impl Watermarks {
    pub fn new(inputs: usize) -> Self {
        Self {
            inputs: vec![Duration::ZERO; inputs],
            least: Duration::ZERO,
        }
    }

    /// Takes over the mark of an input. Returns the mark of all when it has moved on; it never goes back, though an
    /// input that was idle comes with an older one.
    pub fn advance(&mut self, input: usize, mark: Duration) -> Option<Duration> {
        self.inputs[input] = mark;
        let spoken = self.inputs.iter().copied().filter(|mark| *mark != IDLE);
        let least = spoken.min()?;
        (least > self.least).then(|| {
            self.least = least;
            least
        })
    }
}
// endregion: watermarks
