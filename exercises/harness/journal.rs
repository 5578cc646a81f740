//! What happened in a check, in the order of time: what the program was asked and what it asked, against
//! the faults. A failure on time or order shows it as a timeline of a few lines.

use super::upstream::{Call, Ledger, UpstreamRequest};
use super::witness::Witnesses;
use ddlab_text::{clean_line, clip};
use serde::Serialize;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// More is not read.
pub const TIMELINE_LINES_MAX: usize = 15;
/// Of them, what was done to the program or to its servers has at most this many.
const LANDMARKS_MAX: usize = 7;
/// Of entries beside the records of the servers the latest are kept.
const ENTRIES_MAX: usize = 20_000;
/// Characters of what a line says.
const TEXT_MAX: usize = 100;

/// One line of a timeline. The JSON form is this, field by field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Moment {
    /// Since the check began: the order in which things happened, also within a millisecond.
    #[serde(skip)]
    at: Duration,
    /// Milliseconds since the check began.
    pub at_ms: u64,
    pub kind: Kind,
    pub what: String,
    /// How often the same happened, from `at_ms` to `until_ms`.
    #[serde(skip_serializing_if = "is_once")]
    pub times: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<u64>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a function of a reference"
)]
fn is_once(times: &usize) -> bool {
    *times == 1
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The grader started, paused or ended a process, or it ended.
    Process,
    /// The grader changed how a server or a file behaves.
    Fault,
    /// The program received a request of the grader.
    Received,
    /// The program sent a request to a server.
    Sent,
    /// The mistake was found.
    Found,
    /// So many moments are left out here.
    LeftOut,
}

impl Kind {
    /// In a column of text.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Fault => "fault",
            Self::Received => "received",
            Self::Sent => "sent",
            Self::Found => "found",
            Self::LeftOut => "…",
        }
    }

    fn is_landmark(self) -> bool {
        matches!(self, Self::Process | Self::Fault | Self::Found)
    }
}

impl Moment {
    /// It happened once.
    pub fn new(at: Duration, kind: Kind, what: &str) -> Self {
        Self {
            at,
            at_ms: at.as_millis() as u64,
            kind,
            what: clip(&clean_line(what), TEXT_MAX),
            times: 1,
            until_ms: None,
        }
    }

    /// As a line: `  1234 sent     shard 1: GET /hits, answered 200 after 3 ms`.
    pub fn line(&self) -> String {
        let at = match self.kind {
            Kind::LeftOut => String::new(),
            _ => self.at_ms.to_string(),
        };
        let again = match self.until_ms {
            Some(until) => format!(" ({} times, until {until})", self.times),
            None => String::new(),
        };
        format!("{at:>6} {:<8} {}{again}", self.kind.in_words(), self.what)
    }
}

/// What is written down while a check runs. Clones are the same journal.
#[derive(Debug, Clone)]
pub struct Journal {
    epoch: Instant,
    witnesses: Witnesses,
    pages: Arc<Mutex<Pages>>,
}

#[derive(Debug, Default)]
struct Pages {
    entries: VecDeque<Entry>,
    /// The record of each server, by its name.
    servers: Vec<(String, Arc<Mutex<Ledger>>)>,
    processes: usize,
}

#[derive(Debug)]
struct Entry {
    at: Duration,
    kind: Kind,
    what: String,
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            epoch: Instant::now(),
            witnesses: Witnesses::default(),
            pages: Arc::default(),
        }
    }
}

impl Journal {
    /// Since the check began: the clock of all records.
    pub fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    pub(super) fn witnesses(&self) -> &Witnesses {
        &self.witnesses
    }

    pub(super) fn note(&self, kind: Kind, what: impl Into<String>) {
        self.note_at(self.now(), kind, what);
    }

    /// Something that began at `at`.
    pub(super) fn note_at(&self, at: Duration, kind: Kind, what: impl Into<String>) {
        let mut pages = self.pages();
        if pages.entries.len() >= ENTRIES_MAX {
            pages.entries.pop_front();
        }
        let what = what.into();
        pages.entries.push_back(Entry { at, kind, what });
    }

    /// The number of one more process, counted from 1.
    pub(super) fn next_process(&self) -> usize {
        let mut pages = self.pages();
        pages.processes += 1;
        pages.processes
    }

    pub(super) fn add_server(&self, name: &str, ledger: &Arc<Mutex<Ledger>>) {
        let server = (name.to_owned(), Arc::clone(ledger));
        self.pages().servers.push(server);
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        lock(&self.pages)
    }

    /// The timeline until now, at most [`TIMELINE_LINES_MAX`] lines; of the requests only those that carry
    /// one of the words of `about`, if there are such words and such requests. Nothing where no request
    /// went and no fault struck.
    pub fn timeline(&self, about: &[String]) -> Vec<Moment> {
        let now = self.now();
        let mut moments = self.moments(about);
        if moments.is_empty() && !about.is_empty() {
            moments = self.moments(&[]);
        }
        if moments.is_empty() {
            return moments;
        }
        let pages = self.pages();
        let landmarks = pages.entries.iter();
        let landmarks = landmarks.filter(|entry| entry.kind.is_landmark());
        moments.extend(landmarks.map(|entry| Moment::new(entry.at, entry.kind, &entry.what)));
        moments.push(Moment::new(now, Kind::Found, "the mistake"));
        moments.sort_by_key(|moment| moment.at);
        short(moments)
    }

    /// The requests in both directions.
    fn moments(&self, about: &[String]) -> Vec<Moment> {
        let is_about =
            |text: &str| about.is_empty() || about.iter().any(|word| text.contains(word.as_str()));
        let pages = self.pages();
        let received = pages.entries.iter();
        let received = received
            .filter(|entry| entry.kind == Kind::Received && is_about(&entry.what))
            .map(|entry| Moment::new(entry.at, Kind::Received, &entry.what));
        let mut moments: Vec<Moment> = received.collect();
        for (name, ledger) in &pages.servers {
            let calls = &lock(ledger).calls;
            let calls = calls
                .iter()
                .filter(|call| carries(&call.request, &is_about));
            moments.extend(calls.map(|call| sent(name, call)));
        }
        moments
    }
}

fn carries(request: &UpstreamRequest, is_about: &impl Fn(&str) -> bool) -> bool {
    let in_query = || request.query.iter().any(|(_, value)| is_about(value));
    is_about(&request.target) || in_query() || is_about(&String::from_utf8_lossy(&request.body))
}

/// A call of the program to the server of this name.
fn sent(name: &str, call: &Call) -> Moment {
    let UpstreamRequest { method, target, .. } = &call.request;
    let what = format!(
        "{name}: {method} {}, {}",
        clip(target, TEXT_MAX / 2),
        call.outcome()
    );
    Moment::new(call.at, Kind::Sent, &what)
}

/// Not more lines than are read: first what repeats itself between two landmarks becomes one line, then
/// what is long past is left out.
fn short(mut moments: Vec<Moment>) -> Vec<Moment> {
    if moments.len() > TIMELINE_LINES_MAX {
        moments = folded(moments);
    }
    let mut kept = TIMELINE_LINES_MAX;
    loop {
        let rows = chosen(&moments, kept);
        if rows.len() <= TIMELINE_LINES_MAX {
            return rows;
        }
        kept -= 1;
    }
}

/// Requests that differ in nothing but how long they took are one line, with their number.
fn folded(moments: Vec<Moment>) -> Vec<Moment> {
    let mut rows: Vec<Moment> = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for moment in moments {
        if moment.kind.is_landmark() {
            seen.clear();
            rows.push(moment);
            continue;
        }
        let same = moment.what.split(" after ").next().unwrap_or_default();
        let same = format!("{:?} {same}", moment.kind);
        if let Some(row) = seen.get(&same).and_then(|nr| rows.get_mut(*nr)) {
            row.times += 1;
            row.until_ms = Some(moment.at_ms);
        } else {
            seen.insert(same, rows.len());
            rows.push(moment);
        }
    }
    rows
}

/// The latest `kept` of them, with room for the latest landmarks before; a line says how many are left out.
fn chosen(moments: &[Moment], kept: usize) -> Vec<Moment> {
    let landmarks = moments.iter().enumerate().rev();
    let landmarks = landmarks
        .filter(|(_, moment)| moment.kind.is_landmark())
        .map(|(nr, _)| nr)
        .take(LANDMARKS_MAX.min(kept));
    let mut chosen: Vec<usize> = landmarks.collect();
    let others = (0..moments.len()).rev();
    let others: Vec<usize> = others.filter(|nr| !chosen.contains(nr)).collect();
    let room = kept - chosen.len();
    chosen.extend(others.into_iter().take(room));
    chosen.sort_unstable();
    let mut rows = Vec::new();
    let mut next = 0;
    for nr in chosen {
        if nr > next {
            let what = format!("{} left out", nr - next);
            rows.push(Moment::new(moments[next].at, Kind::LeftOut, &what));
        }
        rows.push(moments[nr].clone());
        next = nr + 1;
    }
    rows
}

/// Each change to what is locked here is a single step, so it is whole even after a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(at_ms: u64, kind: Kind, what: &str) -> Moment {
        Moment::new(Duration::from_millis(at_ms), kind, what)
    }

    fn lines(moments: Vec<Moment>) -> Vec<String> {
        short(moments).iter().map(Moment::line).collect()
    }

    #[test]
    fn a_short_story_is_told_whole() {
        let moments = vec![
            moment(0, Kind::Process, "process 1 starts"),
            moment(70, Kind::Received, "GET /, answered 200 after 5 ms"),
            moment(72, Kind::Sent, "a: GET /, answered 200 after 1 ms"),
        ];
        assert_eq!(
            lines(moments),
            [
                "     0 process  process 1 starts",
                "    70 received GET /, answered 200 after 5 ms",
                "    72 sent     a: GET /, answered 200 after 1 ms",
            ]
        );
    }

    #[test]
    fn what_repeats_itself_between_two_faults_is_one_line() {
        let polls = |from: u64| {
            let poll = move |nr| {
                moment(
                    from + nr,
                    Kind::Sent,
                    &format!("q: GET /, answered 204 after {nr} ms"),
                )
            };
            (0..40).map(poll)
        };
        let mut moments: Vec<Moment> = polls(0).collect();
        moments.push(moment(100, Kind::Fault, "q answers 503"));
        moments.extend(polls(200));
        assert_eq!(
            lines(moments),
            [
                "     0 sent     q: GET /, answered 204 after 0 ms (40 times, until 39)",
                "   100 fault    q answers 503",
                "   200 sent     q: GET /, answered 204 after 0 ms (40 times, until 239)",
            ]
        );
    }

    #[test]
    fn of_a_long_story_the_end_and_the_latest_faults_stay_and_the_rest_is_counted() {
        let mut moments = vec![moment(0, Kind::Fault, "the store hangs")];
        moments.extend(
            (1..100).map(|nr| moment(nr, Kind::Sent, &format!("s: PUT /{nr}, answered 200"))),
        );
        let lines = lines(moments);
        assert_eq!(lines.len(), TIMELINE_LINES_MAX, "{lines:#?}");
        assert_eq!(lines[0], "     0 fault    the store hangs");
        assert_eq!(lines[1], "       …        86 left out");
        assert_eq!(lines[14], "    99 sent     s: PUT /99, answered 200");
    }

    #[test]
    fn a_check_in_which_no_request_went_has_no_timeline() {
        let journal = Journal::default();
        journal.note(Kind::Process, "process 1 starts");
        assert_eq!(journal.timeline(&[]), []);
    }

    #[test]
    fn a_timeline_about_something_leaves_out_other_requests_but_no_fault() {
        let journal = Journal::default();
        journal.note(Kind::Received, "GET /lots/7, answered 200 after 5 ms");
        journal.note(Kind::Received, "GET /lots/8, answered 200 after 5 ms");
        journal.note(Kind::Fault, "replica 1 hangs");
        let kinds = |about: &[String]| {
            let timeline = journal.timeline(about);
            timeline
                .iter()
                .map(|moment| moment.kind)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            kinds(&["/lots/7".to_owned()]),
            [Kind::Received, Kind::Fault, Kind::Found]
        );
        assert_eq!(kinds(&["/lots/9".to_owned()]).len(), 4);
    }
}
