//! The log shipper in the real world: the very code that the lab runs in virtual time reads a real file, sends its lines
//! to a real HTTP server on the loopback, and keeps its offset in another file.
//!
//! Nothing here measures time: a crash comes when the server has the lines and has not answered.

use super::pattern_on_tokio::{on_tokio, serve};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use ddlab_labs::sidecar::pattern::{
    Checkpoint, Log, NotStored, Read, Rules, SaveOn, Shipper, Sink,
};
use std::collections::VecDeque;
use std::fs;
use std::future::pending;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// What a log store does with a batch.
#[derive(Clone, Copy)]
enum Does {
    /// It answers 503.
    Refuses,
    /// It stores the lines, and its answer never comes.
    StoresInSilence,
    /// It neither stores nor answers.
    Hangs,
}

/// A log store: it stores what it gets, but for the first batches, with which it does as it is told.
#[derive(Default)]
struct Store {
    first: Mutex<VecDeque<Does>>,
    lines: Mutex<Vec<String>>,
    silent: Notify,
}

impl Store {
    async fn takes(State(store): State<Arc<Self>>, batch: String) -> StatusCode {
        let does = store.first.lock().expect("nobody panics").pop_front();
        if matches!(does, None | Some(Does::StoresInSilence)) {
            let mut lines = store.lines.lock().expect("nobody panics");
            lines.extend(batch.lines().map(str::to_owned));
        }
        match does {
            None => StatusCode::OK,
            Some(Does::Refuses) => StatusCode::SERVICE_UNAVAILABLE,
            Some(Does::StoresInSilence | Does::Hangs) => {
                store.silent.notify_one();
                pending().await
            }
        }
    }

    fn has(&self) -> String {
        self.lines.lock().expect("nobody panics").join(" ")
    }
}

/// The file to which an application writes.
struct AppLog(PathBuf);

impl Log for AppLog {
    type Batch = String;

    fn read(&self, offset: u64, most: usize) -> Option<Read<String>> {
        let text = fs::read_to_string(&self.0).expect("the log is there");
        let lines = text[offset as usize..].split_inclusive('\n');
        // What has no end yet is still being written.
        let whole: Vec<&str> = lines
            .take(most)
            .filter(|line| line.ends_with('\n'))
            .collect();
        let (full, batch) = (whole.len() == most, whole.concat());
        let behind = offset + batch.len() as u64;
        (!whole.is_empty()).then_some(Read {
            batch,
            behind,
            full,
        })
    }
}

struct OverHttp(String);

impl Sink<String> for OverHttp {
    async fn deliver(&self, batch: &String) -> Result<(), NotStored> {
        let request = reqwest::Client::new().post(&self.0).body(batch.clone());
        let answer = request.send().await.map_err(|_| NotStored)?;
        answer.error_for_status().map(|_| ()).map_err(|_| NotStored)
    }
}

/// A file with a number in it.
struct Offset(PathBuf);

impl Checkpoint for Offset {
    fn load(&self) -> u64 {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        text.parse().unwrap_or(0)
    }

    fn save(&self, offset: u64) {
        fs::write(&self.0, offset.to_string()).expect("the folder is there");
    }
}

struct World {
    folder: tempfile::TempDir,
    store: Arc<Store>,
    url: String,
}

impl World {
    async fn with(first: &[Does]) -> Self {
        let store = Arc::new(Store {
            first: Mutex::new(first.iter().copied().collect()),
            ..Store::default()
        });
        let router = axum::Router::new()
            .route("/lines", post(Store::takes))
            .with_state(Arc::clone(&store));
        let (address, _) = serve(router).await;
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let url = format!("http://{address}/lines");
        Self { folder, store, url }
    }

    fn path(&self, file: &str) -> PathBuf {
        Path::join(self.folder.path(), file)
    }

    fn writes(&self, text: &str) {
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path("app.log"));
        let mut log = log.expect("the log can be opened");
        log.write_all(text.as_bytes())
            .expect("there is room for a line");
    }

    /// The process of a shipper: another one knows of the last only what is in the files.
    fn shipper(&self) -> Rc<Shipper<AppLog, OverHttp, Offset>> {
        Rc::new(Shipper {
            log: AppLog(self.path("app.log")),
            sink: OverHttp(self.url.clone()),
            checkpoint: Offset(self.path("offset")),
        })
    }

    /// Ships a batch, and dies when the store has it and does not answer.
    async fn ships_and_dies(&self, rules: Rules) {
        let shipper = self.shipper();
        let process = tokio::task::spawn_local(async move { shipper.ship(&rules).await });
        self.store.silent.notified().await;
        process.abort();
        assert!(process.await.is_err_and(|error| error.is_cancelled()));
    }
}

const fn rules(save_on: SaveOn) -> Rules {
    Rules {
        batch: 2,
        every: Duration::ZERO,
        save_on,
        attempts: None,
    }
}

#[test]
fn whole_lines_of_a_file_arrive_in_order_and_the_offset_outlives_the_process() {
    on_tokio(async || {
        let (world, rules) = (World::with(&[]).await, rules(SaveOn::Acknowledged));
        world.writes("a\nb\nc\nhal");
        let first = world.shipper();
        assert!(first.ship(&rules).await, "there are more");
        assert!(!first.ship(&rules).await);
        assert_eq!(world.store.has(), "a b c");
        world.writes("f\n");
        world.shipper().ship(&rules).await;
        assert_eq!(world.store.has(), "a b c half");
    });
}

#[test]
fn a_batch_that_is_refused_is_sent_until_it_is_stored() {
    on_tokio(async || {
        let world = World::with(&[Does::Refuses]).await;
        world.writes("a\nb\n");
        world.shipper().ship(&rules(SaveOn::Acknowledged)).await;
        assert_eq!(world.store.has(), "a b");
    });
}

#[test]
fn saved_when_acknowledged_a_crash_before_the_answer_repeats_the_batch() {
    on_tokio(async || {
        let world = World::with(&[Does::StoresInSilence]).await;
        world.writes("a\nb\nc\n");
        let rules = rules(SaveOn::Acknowledged);
        world.ships_and_dies(rules).await;
        let next = world.shipper();
        while next.ship(&rules).await {}
        assert_eq!(world.store.has(), "a b a b c");
    });
}

#[test]
fn saved_when_read_a_crash_before_the_lines_are_stored_loses_the_batch() {
    on_tokio(async || {
        let world = World::with(&[Does::Hangs]).await;
        world.writes("a\nb\nc\n");
        let rules = rules(SaveOn::Read);
        world.ships_and_dies(rules).await;
        let next = world.shipper();
        while next.ship(&rules).await {}
        assert_eq!(world.store.has(), "c");
    });
}
