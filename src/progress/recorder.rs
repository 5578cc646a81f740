//! The record on a thread of its own: a write waits for the disk, and a screen never does.

use super::event::{Event, EventId, Stored};
use super::record::Record;
use crate::clock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// What the record says to an event.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The event as it stands in the log, or will once it can be written.
    pub stored: Stored,
    /// True when it is on the disk; false while it is in memory only.
    pub durable: bool,
    /// What the learner should know about the record, if anything.
    pub trouble: Option<String>,
}

/// The way to the record. Dropping it writes out what waits.
#[derive(Debug)]
pub struct Recorder {
    asked: Option<Sender<Event>>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Takes the record; each event is answered once it is durable, or as soon as it is known why not.
    pub fn start(record: Record, on_answer: impl Fn(Answer) + Send + 'static) -> Self {
        let (asked, events) = channel();
        let thread = std::thread::Builder::new()
            .name("record".to_owned())
            .spawn(move || keep(record, &events, on_answer))
            .ok();
        Self {
            asked: Some(asked),
            thread,
        }
    }

    pub fn record(&self, event: Event) {
        if let Some(asked) = &self.asked {
            // The thread ends only with this handle.
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

fn keep(mut record: Record, events: &Receiver<Event>, on_answer: impl Fn(Answer)) {
    while let Ok(event) = events.recv() {
        let now = clock::now();
        let receipt = record.append(event.clone(), now);
        on_answer(Answer {
            stored: Stored {
                id: receipt.id,
                at: now.at,
                day: now.day,
                machine: String::new(),
                event,
            },
            durable: receipt.durable,
            trouble: trouble(&mut record),
        });
    }
    // A last try for what could not be written so far.
    record.flush(clock::now().at);
}

fn trouble(record: &mut Record) -> Option<String> {
    let notices = record.take_notices();
    (!notices.is_empty()).then(|| {
        let sentences: Vec<String> = notices.iter().map(ToString::to_string).collect();
        sentences.join(" ")
    })
}

impl Answer {
    pub fn id(&self) -> &EventId {
        &self.stored.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_answered_in_order_and_is_on_the_disk_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("progress.db");
        let (answered, answers) = channel();
        let recorder = Recorder::start(Record::open(&path, clock::now().at), move |answer| {
            answered.send(answer).unwrap();
        });
        for of in ["a", "b", "c"] {
            recorder.record(Event::SolutionShown { of: of.to_owned() });
        }
        drop(recorder);
        let answers: Vec<Answer> = answers.iter().collect();
        assert!(
            answers
                .iter()
                .all(|answer| answer.durable && answer.trouble.is_none())
        );
        let mut record = Record::open(&path, clock::now().at);
        let kept: Vec<&str> = record
            .events()
            .map(|stored| stored.event.subject())
            .collect();
        assert_eq!(kept, ["a", "b", "c"]);
    }
}
