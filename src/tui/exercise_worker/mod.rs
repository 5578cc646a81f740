//! The exercise worker: lays out, grades and watches on a thread and a runtime of its own, so that a
//! grader never holds up the screen.
//!
//! One grade runs at a time. It ends with [`ExerciseAsk::Stop`], with the screen that asked for it, and
//! with the program; each time the learner's processes end with it.

mod requests;

use super::app::ScreenId;
use super::effect::{ExerciseAsk, ExerciseRequest};
use super::event::{ExerciseNews, Message, Proxy};
use requests::RequestHandler;
use std::path::PathBuf;
use std::thread::JoinHandle;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Where folders of exercises are laid out: `DDLAB_WORKSPACES`, else `ddlab` in the home folder, else here.
pub fn workspaces() -> PathBuf {
    std::env::var_os("DDLAB_WORKSPACES")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
        .or_else(|| Some(etcetera::home_dir().ok()?.join("ddlab")))
        .unwrap_or_default()
}

#[derive(Debug)]
pub struct ExerciseWorker {
    workspaces: PathBuf,
    proxy: Proxy,
    /// Whose grade may be running.
    owner: Option<ScreenId>,
    /// Started with the first request: most sessions never grade.
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    asks: UnboundedSender<ExerciseRequest>,
    thread: JoinHandle<()>,
}

impl ExerciseWorker {
    pub fn new(workspaces: PathBuf, proxy: Proxy) -> Self {
        Self {
            workspaces,
            proxy,
            owner: None,
            running: None,
        }
    }

    /// Hands a request of a screen over; returns at once.
    pub fn ask(&mut self, asked: ExerciseRequest, from: ScreenId) {
        if matches!(
            asked.ask,
            ExerciseAsk::Grade | ExerciseAsk::Watch | ExerciseAsk::Replay { .. }
        ) {
            self.owner = Some(from);
        }
        let slug = asked.slug.clone();
        let sent = match self.worker() {
            Ok(running) => running
                .asks
                .send(asked)
                .map_err(|_| "the grader has ended; start ddlab again to grade".to_owned()),
            Err(trouble) => Err(trouble),
        };
        if let Err(trouble) = sent {
            self.proxy
                .broadcast(Message::Exercise(slug, ExerciseNews::Trouble(trouble)));
        }
    }

    /// A screen is gone: a grade that it asked for ends.
    pub fn close(&mut self, screen: ScreenId) {
        if self.owner == Some(screen) {
            self.owner = None;
            if let Some(running) = &self.running {
                let _ = running.asks.send(ExerciseRequest {
                    slug: String::new(),
                    ask: ExerciseAsk::Stop,
                });
            }
        }
    }

    /// Ends everything and waits until it has ended: nothing of the learner's program stays behind.
    pub fn stop(&mut self) {
        if let Some(Running { asks, thread }) = self.running.take() {
            drop(asks);
            let _ = thread.join();
        }
    }

    fn worker(&mut self) -> Result<&Running, String> {
        if self.running.is_none() {
            let (asks, asked) = unbounded_channel();
            let handler = RequestHandler {
                workspaces: self.workspaces.clone(),
                proxy: self.proxy.clone(),
            };
            let cannot = |error| format!("the grader cannot start: {error}");
            // Several threads: a flood of output must not delay the servers around the program.
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("grader")
                .enable_all()
                .build()
                .map_err(cannot)?;
            let thread = std::thread::Builder::new()
                .name("exercises".to_owned())
                .spawn(move || runtime.block_on(handler.serve(asked)))
                .map_err(cannot)?;
            self.running = Some(Running { asks, thread });
        }
        self.running
            .as_ref()
            .ok_or_else(|| "the grader is not there".to_owned())
    }
}

impl Drop for ExerciseWorker {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests;
