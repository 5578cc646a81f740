//! Carries out what screens ask for: labs on their threads, the record, exercises, timers. The one part
//! of the interface that does I/O; it never waits, answers come back as events.

use super::app::{Request, ScreenId};
use super::effect::{Effect, Notice, Place, RunChange, RunId, RunSource, RunStart};
use super::event::{Event, Message, Proxy};
use super::exercise_worker::ExerciseWorker;
use super::measure_worker::MeasureWorker;
use super::serving::{Served, Serving};
use crate::clock;
use crate::designs;
use crate::markdown::highlight::Highlighter;
use crate::progress::{self, News, Recorder};
use crate::runs::{RunFileError, SavedRuns};
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::plan::{Record, RunPlan};
use ddlab_labs::workbench::run::{RunHandle, RunOptions};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

const NO_HOME: &str =
    "there is no home folder to keep runs in; start ddlab with `--data DIR` to name one";

/// What the performer works with.
pub struct Parts {
    pub highlighter: Highlighter,
    /// None where there is no home folder.
    pub saved: Option<SavedRuns>,
    /// Where the learner's designs lie; none where there is no home folder.
    pub designs: Option<PathBuf>,
    /// Where exercise folders are laid out unless the learner says otherwise.
    pub workspaces: PathBuf,
}

pub struct Performer {
    proxy: Proxy,
    recorder: Recorder,
    highlighter: Highlighter,
    saved: Option<SavedRuns>,
    designs: Option<PathBuf>,
    runs: HashMap<RunId, (ScreenId, RunHandle)>,
    serving: Serving,
    exercises: ExerciseWorker,
    measuring: MeasureWorker,
}

impl Performer {
    pub fn new(parts: Parts, recorder: Recorder, proxy: Proxy) -> Self {
        let answers = proxy.clone();
        recorder.on_news(move |news| {
            answers.send(match news {
                News::Recorded(answer) => Event::Message(Message::Recorded(answer)),
                News::Notice(notice) => Event::Notice(Notice::trouble(notice.to_string())),
            });
        });
        let redraw = proxy.clone();
        parts
            .highlighter
            .on_ready(move || redraw.broadcast(Message::Highlighted));
        Self {
            recorder,
            highlighter: parts.highlighter,
            saved: parts.saved,
            designs: parts.designs,
            runs: HashMap::new(),
            serving: Serving::new(proxy.clone()),
            exercises: ExerciseWorker::new(parts.workspaces, proxy.clone()),
            measuring: MeasureWorker::new(proxy.clone()),
            proxy,
        }
    }

    pub fn perform(&mut self, request: Request) {
        match request.effect {
            Effect::Start(run, start) => match self.start(run, start) {
                Ok(handle) => {
                    self.runs.insert(run, (request.from, handle));
                }
                Err(reason) => self.proxy.broadcast(Message::RunFailed(run, reason)),
            },
            Effect::Measure(job, what) => self.measuring.start(job, request.from, what),
            Effect::StopMeasuring(job) => self.measuring.stop(job),
            Effect::Steer(run, command) => {
                if let Some((_, handle)) = self.runs.get(&run) {
                    handle.send(command);
                }
            }
            Effect::SaveRun(run) => self.save(run),
            Effect::ListRuns => self.with_saved(|_| Ok(())),
            Effect::ChangeRun { file, change } => self.with_saved(move |saved| match change {
                RunChange::Rename(to) => saved.rename(&file, &to).map(drop),
                RunChange::Delete => saved.delete(&file),
            }),
            Effect::ListDesigns => self.list_designs(),
            Effect::NewDesign { name, text, .. } => {
                if let Some(path) = self.lay_design(name, &text) {
                    self.open_design(path);
                }
            }
            Effect::OpenDesign(path) => self.open_design(path),
            Effect::ReadDesign(path) => self.read_design(path),
            Effect::StopRun(run) => {
                if let Some((_, handle)) = self.runs.remove(&run) {
                    self.leave(run, handle);
                }
            }
            Effect::Serve(run, true) => {
                if let Some((_, handle)) = self.runs.get(&run) {
                    self.serving.start(run, &handle.client());
                }
            }
            Effect::Serve(run, false) => self.serving.stop(run),
            Effect::Record(event) => self.recorder.record(event),
            Effect::Exercise(asked) => self.exercises.ask(asked, request.from),
            Effect::Tick(after) => {
                let proxy = self.proxy.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    proxy.broadcast(Message::Tick);
                });
            }
            Effect::Highlight { lang, code } => self.highlighter.schedule(&lang, &code),
            // The application follows these itself.
            Effect::Open(_)
            | Effect::Replace(_)
            | Effect::Back
            | Effect::Quit
            | Effect::Notice(_)
            // And the loop these: it has the terminal.
            | Effect::Editor { .. }
            | Effect::EditDesign(_)
            | Effect::EditFile(_)
            | Effect::Redraw
            | Effect::ToggleMouse
            | Effect::Copy(_) => {}
        }
    }

    fn start(&self, run: RunId, start: RunStart) -> Result<RunHandle, String> {
        let mut options = match start.source {
            RunSource::Lab {
                lab,
                seed,
                knobs,
                script,
            } => {
                let lab = designs::find(lab)?;
                let plan = RunPlan::new(lab, seed);
                RunOptions::of_plan(RunPlan {
                    knobs,
                    script,
                    ..plan
                })
            }
            RunSource::Plan(plan) => RunOptions::of_plan(plan),
            RunSource::Saved(file) => RunOptions::saved(self.open_saved(&file)?),
        };
        (options.speed, options.playing) = (start.speed, start.playing);
        let proxy = self.proxy.clone();
        let wake = Box::new(move || proxy.send(Event::LabFrame(run)));
        RunHandle::start(options, wake)
            .map_err(|error| format!("cannot start a thread for the lab: {error}"))
    }

    /// Reads a saved run right here: a few hundred bytes, as soon done as the start of the thread.
    fn open_saved(&self, file: &str) -> Result<Record, String> {
        let saved = self.saved.as_ref().ok_or(NO_HOME)?;
        let opened = saved.open(file).map_err(|error| error.to_string())?;
        if let Some(warning) = opened.warning {
            self.proxy.send(Event::Notice(Notice::warning(warning)));
        }
        Ok(opened.record)
    }

    /// Saves what is seen of a run. The run tells it within a slice; a slow disk keeps nobody waiting.
    fn save(&self, run: RunId) {
        let Some((_, handle)) = self.runs.get(&run) else {
            return;
        };
        let record = match handle.record() {
            Ok(record) => record,
            Err(why) => {
                return self
                    .proxy
                    .send(Event::Notice(Notice::trouble(why.to_string())));
            }
        };
        let (saved, proxy) = (self.saved.clone(), self.proxy.clone());
        tokio::task::spawn_blocking(move || {
            let name = saved.ok_or_else(|| NO_HOME.to_owned()).and_then(|saved| {
                let at = clock::now().at;
                saved.save(&record, at).map_err(|error| error.to_string())
            });
            proxy.send(Event::Notice(match name {
                Ok(name) => Notice::info(format!("saved as {name}; W lists the saved runs")),
                Err(why) => Notice::trouble(why),
            }));
        });
    }

    /// Does this with the saved runs, and sends what is there then.
    fn with_saved(
        &self,
        change: impl FnOnce(&SavedRuns) -> Result<(), RunFileError> + Send + 'static,
    ) {
        let (saved, proxy) = (self.saved.clone(), self.proxy.clone());
        tokio::task::spawn_blocking(move || {
            let found = saved.ok_or_else(|| NO_HOME.to_owned()).and_then(|saved| {
                if let Err(error) = change(&saved) {
                    proxy.send(Event::Notice(Notice::trouble(error.to_string())));
                }
                saved.list().map_err(|error| error.to_string())
            });
            proxy.broadcast(Message::Runs(found.map(Arc::new)));
        });
    }

    /// Sends the files of the folder of designs.
    fn list_designs(&self) {
        let (folder, proxy) = (self.designs.clone(), self.proxy.clone());
        tokio::task::spawn_blocking(move || {
            let found = folder.ok_or_else(|| NO_HOME.to_owned());
            let found = found.and_then(|folder| designs::files(&folder));
            proxy.broadcast(Message::Designs(found.map(Arc::new)));
        });
    }

    /// Lays a design into the folder unless it is there; its path, or none when that was not possible, which is said.
    pub fn lay_design(&self, name: &'static str, text: &str) -> Option<String> {
        let folder = self.designs.as_deref().ok_or_else(|| NO_HOME.to_owned());
        let laid = folder.and_then(|folder| designs::lay(folder, name, text));
        laid.map_err(|why| self.proxy.send(Event::Notice(Notice::trouble(why))))
            .ok()
    }

    /// Reads it right here: a file of a page or two.
    fn open_design(&self, path: String) {
        let read = designs::open(&path)
            .map(|_| ())
            .map_err(|refused| refused.0);
        self.proxy.broadcast(Message::Design(path, read));
    }

    /// Sends what a design's file has come to, where that is something else than before.
    fn read_design(&self, path: String) {
        let proxy = self.proxy.clone();
        tokio::task::spawn_blocking(move || {
            if let Some(read) = designs::reread(&path) {
                let read = read.map_err(|refused| refused.0);
                proxy.broadcast(Message::Design(path, read));
            }
        });
    }

    /// The newest picture of a run, and whose it is.
    pub fn frame(&self, run: RunId) -> Option<(ScreenId, Arc<Frame>)> {
        self.runs
            .get(&run)
            .map(|(owner, handle)| (*owner, handle.frame()))
    }

    /// A screen is gone: what it started stops.
    pub fn close(&mut self, screen: ScreenId) {
        let of_screen = |_: &RunId, (owner, _): &mut (ScreenId, RunHandle)| *owner == screen;
        let left: Vec<_> = self.runs.extract_if(of_screen).collect();
        for (run, (_, handle)) in left {
            self.leave(run, handle);
        }
        self.exercises.close(screen);
        self.measuring.close(screen);
    }

    /// Ends a run, or lets its gateway end it.
    fn leave(&mut self, run: RunId, handle: RunHandle) {
        let Some(handle) = self.serving.keep_until_answered(run, handle) else {
            return;
        };
        if handle.leave().is_err() {
            let what = "the lab that was left did not end; it takes a core until ddlab ends";
            self.proxy.send(Event::Notice(Notice::trouble(what)));
        }
    }

    /// Somebody who serves a run has something to tell.
    pub fn on_served(&mut self, run: RunId, served: &Served) {
        self.serving.on_served(run, served);
    }

    /// The program ends here: labs and graders stop, and the record knows the places.
    pub fn finish(&mut self, places: &[Place]) {
        self.serving.finish();
        self.runs.clear();
        self.measuring.finish();
        self.exercises.stop();
        if let Ok(place) = serde_json::to_string(places) {
            self.recorder.record(progress::Event::Left { place });
        }
        self.recorder.finish();
    }
}
