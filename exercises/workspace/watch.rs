//! Says when the learner's files changed, for `--watch` and the exercise screen.
//!
//! Notifications of the system say *when to look*; whether something changed is decided by the
//! content of the files. Where there are no notifications, we look every second.
//!
//! Builds and programs write into the same folder, and that must not start another grade; yet a save
//! must start one also while a grade runs. So a file that is new after a grade is taken for output,
//! unless it is of a kind that was there before (`.rs` beside `.rs`); and a file that changes during
//! three grades in a row is output from then on. What changes while no grade runs is a save.

use notify::{RecursiveMode, Watcher};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;

const POLL: Duration = Duration::from_secs(1);
/// Editors write a file in several steps; wait until they are done.
const SETTLE: Duration = Duration::from_millis(150);
/// Folders of tools, with more files than a look should cost.
const TOOL_FOLDERS: [&str; 3] = ["target", "node_modules", "__pycache__"];
/// Grades in a row during which a learner may save a file, before it is taken for output.
const IN_A_ROW_MAX: u32 = 3;
/// Of a larger file the size and the time stand for the content.
const CONTENT_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Each file that could be the learner's, and a hash of its content.
type Contents = BTreeMap<PathBuf, u64>;

pub struct Watch {
    dir: PathBuf,
    known: Contents,
    /// Changed during the last grade, saved meanwhile or written by it; and in how many grades in a row.
    suspects: BTreeMap<PathBuf, u32>,
    /// Written by grades.
    outputs: BTreeSet<PathBuf>,
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
        let watch = Self {
            dir: dir.to_owned(),
            known: contents(dir),
            suspects: BTreeMap::new(),
            outputs: BTreeSet::new(),
            wakes,
            watcher,
        };
        (watch, notice)
    }

    /// Returns once a file was saved: one that changed since the last call, by its path in the folder.
    /// Call it when a grade has ended.
    pub async fn changed(&mut self) -> PathBuf {
        if let Some(saved) = self.saved_meanwhile() {
            return saved;
        }
        loop {
            let now = contents(&self.dir);
            let saved = differing(&self.known, &now).next();
            if let Some(saved) = saved {
                self.outputs.remove(&saved);
                tokio::time::sleep(SETTLE).await;
                self.known = contents(&self.dir);
                return saved;
            }
            // Also with notifications: some file systems (shared folders) never send them, and what a
            // link leads to is not watched.
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

    /// A file that was saved while a grade ran, as far as it can be told from what the grade wrote.
    fn saved_meanwhile(&mut self) -> Option<PathBuf> {
        let now = contents(&self.dir);
        let mut saved = BTreeMap::new();
        for path in differing(&self.known, &now) {
            let is_new = !self.known.contains_key(&path);
            let in_a_row = self.suspects.get(&path).copied().unwrap_or(0) + 1;
            if is_new && !self.is_of_known_kind(&path) || in_a_row >= IN_A_ROW_MAX {
                self.outputs.insert(path);
            } else if !self.outputs.contains(&path) {
                saved.insert(path, in_a_row);
            }
        }
        self.known = now;
        self.suspects = saved;
        self.suspects.keys().next().cloned()
    }

    fn is_of_known_kind(&self, path: &Path) -> bool {
        let kind = path.extension();
        kind.is_some() && self.known.keys().any(|known| known.extension() == kind)
    }
}

/// The files that are not the same in both.
fn differing<'a>(before: &'a Contents, now: &'a Contents) -> impl Iterator<Item = PathBuf> + 'a {
    let changed = now
        .iter()
        .filter(|(path, hash)| before.get(*path) != Some(*hash));
    let removed = before.iter().filter(|(path, _)| !now.contains_key(*path));
    changed.chain(removed).map(|(path, _)| path.clone())
}

fn contents(dir: &Path) -> Contents {
    let mut found = Contents::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with('.') || name.ends_with('~') {
                continue;
            }
            let path = entry.path();
            // A link to a file counts as the file; one to a folder could lead round in a circle.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && !TOOL_FOLDERS.contains(&&*name) {
                folders.push(path);
            } else if let Some(hash) = content_hash(&path) {
                let short = path.strip_prefix(dir).unwrap_or(&path).to_owned();
                found.insert(short, hash);
            }
        }
    }
    found
}

/// Of a regular file.
fn content_hash(path: &Path) -> Option<u64> {
    let meta = std::fs::metadata(path).ok()?;
    if !meta.is_file() {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    if meta.len() > CONTENT_BYTES_MAX {
        (meta.len(), meta.modified().ok()).hash(&mut hasher);
    } else {
        std::fs::read(path).ok()?.hash(&mut hasher);
    }
    Some(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    struct Folder {
        dir: tempfile::TempDir,
        watch: Watch,
    }

    impl Folder {
        fn new(files: &[&str]) -> Self {
            let dir = tempfile::tempdir().expect("a temporary folder");
            for file in files {
                std::fs::write(dir.path().join(file), "1").expect("a file");
            }
            let (watch, _) = Watch::begin(dir.path());
            Self { dir, watch }
        }

        fn write(&self, file: &str, text: &str) {
            std::fs::write(self.dir.path().join(file), text).expect("a file");
        }

        /// What a call after a grade returns at once.
        fn saved(&mut self) -> Option<PathBuf> {
            self.watch.changed().now_or_never()
        }
    }

    #[tokio::test]
    async fn an_edit_wakes_the_watch_and_is_named() {
        let mut folder = Folder::new(&["main.py", "notes"]);
        assert_eq!(folder.saved(), None, "nothing changed");
        folder.write("main.py", "12");
        let saved = tokio::time::timeout(Duration::from_secs(20), folder.watch.changed()).await;
        assert_eq!(saved.expect("the edit is seen"), Path::new("main.py"));
        folder.write("main.py", "12");
        assert_eq!(folder.saved(), None, "the same content is no change");
    }

    #[tokio::test]
    async fn what_a_build_writes_is_no_save() {
        let mut folder = Folder::new(&["main.py"]);
        std::fs::create_dir(folder.dir.path().join("target")).expect("a folder");
        folder.write("target/out.py", "binary");
        folder.write("program", "binary");
        assert_eq!(folder.saved(), None);
    }

    #[tokio::test]
    async fn a_save_during_a_grade_is_seen_also_of_a_new_source() {
        let mut folder = Folder::new(&["main.py"]);
        folder.write("main.py", "12");
        assert_eq!(folder.saved(), Some("main.py".into()));
        assert_eq!(folder.saved(), None);
        folder.write("other.py", "1");
        assert_eq!(folder.saved(), Some("other.py".into()));
    }

    #[tokio::test]
    async fn a_log_of_the_program_starts_no_grade_and_an_old_one_at_most_two() {
        let mut folder = Folder::new(&["main.py", "old.log"]);
        folder.write("new.txt", "started");
        assert_eq!(folder.saved(), None);
        folder.write("new.txt", "started started");
        for text in ["started", "started again"] {
            folder.write("old.log", text);
            assert_eq!(folder.saved(), Some("old.log".into()));
        }
        for grade in 0..3 {
            folder.write("new.txt", &"started ".repeat(grade));
            folder.write("old.log", &"again ".repeat(grade));
            assert_eq!(folder.saved(), None, "grade {grade}");
        }
    }
}
