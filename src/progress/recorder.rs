//! The record on a thread of its own: a write waits for the disk, and sometimes for another program, and
//! the screen must wait for neither.

use super::{Event, Marks, Notice, Record, Stored};
use crate::clock::Moment;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long to wait before what could not be written is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// An event that the record has taken up.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub stored: Stored,
    /// On the disk, or in memory only; why was said by a [`News::Notice`].
    pub durable: bool,
}

/// What comes from the recorder.
#[derive(Debug, Clone)]
pub enum News {
    Recorded(Recorded),
    /// Something to be shown to the learner.
    Notice(Notice),
}

/// Takes events; answers when they are kept.
#[derive(Debug)]
pub struct Recorder {
    asks: Option<Sender<Ask>>,
    thread: Option<JoinHandle<()>>,
}

enum Ask {
    Record(Event),
    Listen(Box<dyn Fn(News) + Send>),
}

impl Recorder {
    /// Starts the thread. `now` is asked for the moment of each event; what the record holds already
    /// comes back as [`Marks`].
    pub fn start(
        mut record: Record,
        now: impl Fn() -> Moment + Send + 'static,
    ) -> std::io::Result<(Self, Marks)> {
        let marks = Marks::of_log(record.hand_over());
        let (asks, asked) = channel();
        let thread = thread::Builder::new()
            .name("record".to_owned())
            .spawn(move || keep(record, &asked, &now))?;
        let recorder = Self {
            asks: Some(asks),
            thread: Some(thread),
        };
        Ok((recorder, marks))
    }

    /// Who hears what becomes of events, in the place of whoever heard before. Called on the
    /// recorder's thread; what was sent before anyone listened comes first.
    pub fn on_news(&self, listener: impl Fn(News) + Send + 'static) {
        self.ask(Ask::Listen(Box::new(listener)));
    }

    /// Hands an event over; returns at once.
    pub fn record(&self, event: Event) {
        self.ask(Ask::Record(event));
    }

    /// Writes what is under way and stops. Dropping does the same.
    pub fn finish(&mut self) {
        self.asks = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported by the panic hook, and there is nothing left to write to.
            let _ = thread.join();
        }
    }

    fn ask(&self, ask: Ask) {
        if let Some(asks) = &self.asks {
            // It fails only when the thread is gone, which the panic hook has reported.
            let _ = asks.send(ask);
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.finish();
    }
}

fn keep(mut record: Record, asked: &Receiver<Ask>, now: &dyn Fn() -> Moment) {
    let mut listener: Option<Box<dyn Fn(News) + Send>> = None;
    loop {
        let ask = if record.waiting() > 0 {
            asked.recv_timeout(RETRY_AFTER)
        } else {
            asked.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match ask {
            Ok(Ask::Listen(new)) => listener = Some(new),
            Ok(Ask::Record(event)) => {
                let (stored, durable) = record.append_stored(event, now());
                if let Some(notify) = &listener {
                    notify(News::Recorded(Recorded { stored, durable }));
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                record.flush(now().at);
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if let Some(notify) = &listener {
            record
                .take_notices()
                .into_iter()
                .map(News::Notice)
                .for_each(notify);
        }
    }
    record.flush(now().at);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn solution(of: &str) -> Event {
        Event::SolutionShown { of: of.to_owned() }
    }

    #[test]
    fn every_event_is_answered_once_it_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("progress.db");
        let record = Record::open(&path, clock::now().at);
        let (mut recorder, marks) = Recorder::start(record, clock::now).unwrap();
        assert!(marks.log().is_empty());
        let (heard, hear) = channel();
        recorder.on_news(move |news| heard.send(news).unwrap());
        recorder.record(solution("a"));
        let News::Recorded(answer) = hear.recv().unwrap() else {
            panic!("a notice came instead of an answer");
        };
        assert!(answer.durable);
        assert_eq!(answer.stored.event, solution("a"));
        recorder.record(solution("b"));
        recorder.finish();
        let mut again = Record::open(&path, clock::now().at);
        assert_eq!(again.events().count(), 2);
    }

    #[test]
    fn notices_from_before_anyone_listened_are_reported() {
        let record = Record::open_in(None, clock::now().at);
        let (recorder, _) = Recorder::start(record, clock::now).unwrap();
        let (heard, hear) = channel();
        recorder.on_news(move |news| heard.send(news).unwrap());
        assert!(matches!(hear.recv().unwrap(), News::Notice(_)));
    }
}
