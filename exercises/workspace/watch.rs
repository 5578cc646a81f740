//! Says when the learner's files changed, for `--watch` and the exercise screen.
//!
//! Notifications of the system say *when to look*; whether something changed is decided by
//! comparing the files, because a build writes into the same folder and must not start a grade
//! that builds again. Where there are no notifications, we look every second.

use notify::{RecursiveMode, Watcher};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;

const POLL: Duration = Duration::from_secs(1);
/// Editors write a file in several steps; wait until they are done.
const SETTLE: Duration = Duration::from_millis(150);
/// Folders that builds write into.
const BUILD_FOLDERS: [&str; 7] = [
    "target",
    "build",
    "bin",
    "obj",
    "dist",
    "node_modules",
    "__pycache__",
];

type Fingerprint = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

pub struct Watch {
    dir: PathBuf,
    baseline: Fingerprint,
    wakes: mpsc::UnboundedReceiver<()>,
    /// Dropping it ends the notifications.
    watcher: Option<Box<dyn Watcher + Send>>,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch")
            .field("dir", &self.dir)
            .finish_non_exhaustive()
    }
}

impl Watch {
    /// Begins to watch. The notice, if any, is for the learner: changes are seen by polling.
    pub fn begin(dir: &Path) -> (Self, Option<String>) {
        let (wake, wakes) = mpsc::unbounded_channel();
        let watching = notify::recommended_watcher(move |_| {
            let _ = wake.send(());
        })
        .and_then(|mut watcher| {
            watcher
                .watch(dir, RecursiveMode::Recursive)
                .map(|()| watcher)
        });
        let (watcher, notice): (Option<Box<dyn Watcher + Send>>, _) = match watching {
            Ok(watcher) => (Some(Box::new(watcher)), None),
            Err(error) => {
                let reason = ddlab_text::clean_line(&error.to_string()).into_owned();
                (
                    None,
                    Some(format!(
                        "file notifications do not work here ({reason}); looking every second instead"
                    )),
                )
            }
        };
        let baseline = fingerprint(dir);
        (
            Self {
                dir: dir.to_owned(),
                baseline,
                wakes,
                watcher,
            },
            notice,
        )
    }

    /// What is there now is known: to be called when a build ended, so that what it wrote is no news.
    pub fn settle(&mut self) {
        self.baseline = fingerprint(&self.dir);
    }

    /// Returns once a file differs from what is known, and then knows it.
    pub async fn changed(&mut self) {
        loop {
            let now = fingerprint(&self.dir);
            if now != self.baseline {
                tokio::time::sleep(SETTLE).await;
                self.settle();
                return;
            }
            // Also with notifications: some file systems (shared folders) never send them.
            let woken = async {
                match self.watcher {
                    Some(_) => self.wakes.recv().await,
                    None => std::future::pending().await,
                }
            };
            let _ = tokio::time::timeout(POLL, woken).await;
            while self.wakes.try_recv().is_ok() {}
        }
    }
}

/// Name, size and time of every file that could be the learner's.
fn fingerprint(dir: &Path) -> Fingerprint {
    let mut found = Fingerprint::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            // Symbolic links are not followed: they could lead round in a circle.
            let Ok(meta) = entry.metadata() else { continue };
            if name.starts_with('.') || name.ends_with('~') {
                continue;
            }
            if meta.is_dir() {
                if !BUILD_FOLDERS.contains(&&*name) {
                    folders.push(entry.path());
                }
            } else {
                found.insert(entry.path(), (meta.len(), meta.modified().ok()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[tokio::test]
    async fn an_edit_wakes_the_watch_and_a_build_does_not() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(dir.path().join("target")).expect("a folder");
        std::fs::write(dir.path().join("main.py"), "1").expect("a file");
        let (mut watch, _) = Watch::begin(dir.path());
        std::fs::write(dir.path().join("target/out"), "binary").expect("a file");
        assert!(
            watch.changed().now_or_never().is_none(),
            "a build folder is no news"
        );
        std::fs::write(dir.path().join("program"), "binary").expect("a file");
        watch.settle();
        assert!(
            watch.changed().now_or_never().is_none(),
            "what a build left is no news"
        );
        std::fs::write(dir.path().join("main.py"), "12").expect("a file");
        tokio::time::timeout(Duration::from_secs(10), watch.changed())
            .await
            .expect("the edit is seen");
    }
}
