//! The record on a thread of its own: a write waits for the disk, and sometimes for another program, and
//! the screen must wait for neither.

use super::{Event, Notice, Record, Stored};
use crate::clock::Moment;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long to wait before what could not be written is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// What the record says to an event.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The event as it stands in the log, or will once it can be written.
    pub stored: Stored,
    /// On the disk, or in memory only; why, a [`News::Notice`] tells.
    pub durable: bool,
}

/// What comes from the record.
#[derive(Debug, Clone)]
pub enum News {
    Answer(Answer),
    /// Something that the learner should know about the record.
    Notice(Notice),
}

/// The way to the record. Dropping it writes out what waits.
#[derive(Debug)]
pub struct Recorder {
    asked: Option<Sender<Event>>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Takes the record. `now` gives the moment of each event; `tell` is called on the recorder's
    /// thread, first with the notices that wait already.
    pub fn start(
        record: Record,
        now: impl Fn() -> Moment + Send + 'static,
        tell: impl Fn(News) + Send + 'static,
    ) -> io::Result<Self> {
        let (asked, events) = channel();
        let thread = thread::Builder::new()
            .name("record".to_owned())
            .spawn(move || keep(record, &events, &now, &tell))?;
        Ok(Self {
            asked: Some(asked),
            thread: Some(thread),
        })
    }

    /// Hands an event over; returns at once.
    pub fn record(&self, event: Event) {
        if let Some(asked) = &self.asked {
            // The thread ends only with this handle, or by a panic that its hook has reported.
            let _ = asked.send(event);
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.asked = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn keep(
    mut record: Record,
    events: &Receiver<Event>,
    now: &dyn Fn() -> Moment,
    tell: &dyn Fn(News),
) {
    loop {
        record
            .take_notices()
            .into_iter()
            .map(News::Notice)
            .for_each(tell);
        let event = if record.waiting() > 0 {
            events.recv_timeout(RETRY_AFTER)
        } else {
            events.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match event {
            Ok(event) => {
                let (stored, durable) = record.append_stored(event, now());
                tell(News::Answer(Answer { stored, durable }));
            }
            Err(RecvTimeoutError::Timeout) => {
                record.flush(now().at);
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    // A last try for what could not be written so far.
    record.flush(now().at);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn every_event_is_answered_in_order_and_is_on_the_disk_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("progress.db");
        let record = Record::open(&path, clock::now().at);
        let (told, news) = channel();
        let recorder = Recorder::start(record, clock::now, move |n| told.send(n).unwrap()).unwrap();
        for of in ["a", "b", "c"] {
            recorder.record(Event::SolutionShown { of: of.to_owned() });
        }
        drop(recorder);
        let answered: Vec<(String, bool)> = news
            .iter()
            .map(|news| match news {
                News::Answer(answer) => (answer.stored.event.subject().to_owned(), answer.durable),
                News::Notice(notice) => panic!("{notice}"),
            })
            .collect();
        assert_eq!(answered, ["a", "b", "c"].map(|of| (of.to_owned(), true)));
        let mut again = Record::open(&path, clock::now().at);
        assert_eq!(again.events().count(), 3);
    }

    #[test]
    fn notices_from_the_opening_are_told_first() {
        let record = Record::open_in(None, clock::now().at);
        let (told, news) = channel();
        let recorder = Recorder::start(record, clock::now, move |n| told.send(n).unwrap()).unwrap();
        recorder.record(Event::SolutionShown { of: "a".to_owned() });
        drop(recorder);
        let news: Vec<News> = news.iter().collect();
        assert!(matches!(&news[..], [News::Notice(_), News::Answer(answer)] if !answer.durable));
    }
}
