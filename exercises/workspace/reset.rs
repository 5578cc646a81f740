//! The starter again, all or nothing: what was there is put aside, or stays where it is.

use super::layout::lay_starter;
use super::{OURS, Result, Workspace, WorkspaceError, find_language, io_error, ours};
use std::fs;
use std::path::{Path, PathBuf};

impl Workspace {
    /// The starter again. What was there is moved to a new folder under `.ddlab/kept/`, which is
    /// returned; nothing is deleted.
    ///
    /// # Errors
    /// When the starter cannot be laid out or a file cannot be moved; then all is as it was.
    pub fn reset(&mut self) -> Result<PathBuf> {
        let language = find_language(self.exercise, &self.config.language)?;
        let ours = ours(&self.dir)?;
        let fresh = tempfile::tempdir_in(&ours).map_err(|e| io_error("write into", &ours, e))?;
        lay_starter(self.exercise, language, fresh.path())?;
        let kept = next_in(&ours.join("kept"));
        fs::create_dir_all(&kept).map_err(|e| io_error("make", &kept, e))?;
        let mut moves = Moves::default();
        let moved = moves
            .all(&self.dir, &kept)
            .and_then(|()| moves.all(fresh.path(), &self.dir));
        if let Err(source) = moved {
            return Err(match moves.undo() {
                Ok(()) => {
                    // It is empty now.
                    let _ = fs::remove_dir(&kept);
                    source
                }
                Err(_) => WorkspaceError::HalfReset {
                    kept,
                    source: Box::new(source),
                },
            });
        }
        *self = Self::open(&self.dir)?;
        Ok(kept)
    }
}

/// The first of `001`, `002`, … that is free.
fn next_in(folder: &Path) -> PathBuf {
    let mut number = 1;
    loop {
        let next = folder.join(format!("{number:03}"));
        if fs::symlink_metadata(&next).is_err() {
            return next;
        }
        number += 1;
    }
}

/// What was moved: from where, to where.
#[derive(Default)]
struct Moves(Vec<(PathBuf, PathBuf)>);

impl Moves {
    /// Moves all of a folder but what is ours.
    fn all(&mut self, from: &Path, to: &Path) -> Result<()> {
        let looked = |error| io_error("look into", from, error);
        for entry in fs::read_dir(from).map_err(looked)? {
            let name = entry.map_err(looked)?.file_name();
            if name == OURS {
                continue;
            }
            let (from, to) = (from.join(&name), to.join(&name));
            fs::rename(&from, &to).map_err(|e| io_error("move", &from, e))?;
            self.0.push((from, to));
        }
        Ok(())
    }

    fn undo(self) -> std::io::Result<()> {
        let mut moves = self.0.into_iter().rev();
        moves.try_for_each(|(from, to)| fs::rename(to, from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_moved_goes_back_when_the_rest_cannot_be_moved() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for name in ["a.txt", "b.txt", "z.txt"] {
            fs::write(from.path().join(name), name).unwrap();
        }
        fs::create_dir(from.path().join("built")).unwrap();
        fs::create_dir_all(to.path().join("built/in the way")).unwrap();
        let mut moves = Moves::default();
        let refused = moves.all(from.path(), to.path()).unwrap_err().to_string();
        assert!(refused.contains("could not move"), "{refused}");
        moves.undo().unwrap();
        assert_eq!(fs::read_dir(from.path()).unwrap().count(), 4);
        assert_eq!(fs::read_dir(to.path()).unwrap().count(), 1);
    }
}
