//! Carries out what screens ask for: labs on their threads, the record, exercises, timers. The one part
//! of the interface that does I/O; it never waits, answers come back as events.

use super::app::{Request, ScreenId};
use super::effect::{Effect, Place, RunId};
use super::event::{Event, Proxy};
use super::exercise_worker::ExerciseWorker;
use crate::clock;
use crate::progress::{Event as Happened, News, Record, Recorder};
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::run::{Command, RunHandle};
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// What the performer works with.
pub struct Parts {
    pub record: Record,
    /// Where exercise folders are laid out unless the learner says otherwise.
    pub workspaces: PathBuf,
}

pub struct Performer {
    proxy: Proxy,
    recorder: Recorder,
    runs: HashMap<RunId, (ScreenId, RunHandle)>,
    exercises: ExerciseWorker,
}

impl Performer {
    /// # Errors
    /// When the system gives no thread to keep the record.
    pub fn new(parts: Parts, proxy: Proxy) -> io::Result<Self> {
        let answers = proxy.clone();
        let recorder = Recorder::start(parts.record, clock::now, move |news| {
            answers.send(match news {
                News::Answer(answer) => Event::Recorded(answer),
                News::Notice(notice) => Event::RecordNotice(notice),
            });
        })?;
        Ok(Self {
            recorder,
            runs: HashMap::new(),
            exercises: ExerciseWorker::new(parts.workspaces, proxy.clone()),
            proxy,
        })
    }

    pub fn perform(&mut self, request: Request) {
        match request.effect {
            Effect::StartLab {
                run,
                lab,
                seed,
                knobs,
                speed,
            } => {
                let proxy = self.proxy.clone();
                let wake = Box::new(move || proxy.send(Event::LabFrame(run)));
                if let Some(lab) = ddlab_labs::find(lab) {
                    let handle = RunHandle::start(lab, seed, knobs, wake);
                    handle.send(Command::Speed(speed));
                    handle.send(Command::Play);
                    self.runs.insert(run, (request.from, handle));
                }
            }
            Effect::Lab(run, command) => {
                if let Some((_, handle)) = self.runs.get(&run) {
                    handle.send(command);
                }
            }
            Effect::StopLab(run) => {
                self.runs.remove(&run);
            }
            Effect::Record(event) => self.recorder.record(event),
            Effect::Exercise(asked) => self.exercises.ask(asked),
            Effect::Tick(after) => {
                let proxy = self.proxy.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    proxy.send(Event::Tick);
                });
            }
            // The application follows these itself.
            Effect::Open(_)
            | Effect::Replace(_)
            | Effect::Back
            | Effect::Quit
            | Effect::Highlight { .. }
            | Effect::Notice(_)
            | Effect::Editor(_) => {}
        }
    }

    /// The newest picture of a run, and whose it is.
    pub fn frame(&self, run: RunId) -> Option<(ScreenId, Arc<Frame>)> {
        self.runs
            .get(&run)
            .map(|(owner, handle)| (*owner, handle.frame()))
    }

    /// A screen is gone: what it started stops.
    pub fn close(&mut self, screen: ScreenId) {
        self.runs.retain(|_, (owner, _)| *owner != screen);
    }

    /// The program ends here: labs and graders stop, and the record knows the place.
    pub fn finish(&mut self, place: &Place) {
        self.runs.clear();
        self.exercises.stop();
        if let Ok(place) = serde_json::to_string(place) {
            self.recorder.record(Happened::Left { place });
        }
    }
}
