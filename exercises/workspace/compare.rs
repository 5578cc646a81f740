//! The learner's program beside the reference solution.

use super::{Result, Workspace, WorkspaceError, io_error};
use diffy::DiffOptions;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A source of more bytes than this is not compared; those of solutions have a tenth of it.
const SOURCE_BYTES_MAX: u64 = 256 * 1024;

impl Workspace {
    /// A unified diff from the learner's files to those of the reference solution; empty where they are the
    /// same. It may be seen when the solution may, see [`Workspace::solution`].
    ///
    /// # Errors
    /// None of the solution's files is in the folder, or one of them cannot be read.
    pub fn diff(&self, may_be_seen: bool) -> Result<String> {
        let solution = self.solution(may_be_seen)?;
        let mut found = false;
        let mut text = String::new();
        for (path, reference) in &solution {
            let own = source(&self.dir.join(path))?;
            found |= own.is_some();
            let own = own.unwrap_or_default();
            if own != *reference {
                let mut options = DiffOptions::new();
                options
                    .set_original_filename(format!("yours/{}", path.display()))
                    .set_modified_filename(format!("solution/{}", path.display()));
                text.push_str(&options.create_patch(&own, reference).to_string());
            }
        }
        if found {
            return Ok(text);
        }
        let files = solution.iter().map(|(path, _)| path.display().to_string());
        Err(WorkspaceError::NothingToCompare {
            dir: self.dir.clone(),
            files: files.collect::<Vec<_>>().join(", "),
        })
    }

    /// The file to edit: the source that `build` or `run` of `ddlab.yaml` names, else the one of the starter,
    /// else `ddlab.yaml` itself.
    pub fn main_source(&self) -> PathBuf {
        let words = [&self.config.run, &self.config.build].into_iter();
        let named = words
            .flat_map(|command| command.split_whitespace())
            .filter(|word| Path::new(word).extension().is_some());
        let of_starter = self.language().ok().map(|language| language.main);
        named
            .chain(of_starter)
            .map(|name| self.dir.join(name))
            .find(|file| file.is_file())
            .unwrap_or_else(|| self.dir.join(super::CONFIG))
    }
}

/// The text of a source, or none when there is no such file.
fn source(file: &Path) -> Result<Option<String>> {
    let failed = |error| io_error("read", file, error);
    match fs::metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
        Ok(meta) if !meta.is_file() => Err(WorkspaceError::NotAFile(file.to_owned())),
        Ok(meta) if meta.len() > SOURCE_BYTES_MAX => Err(failed(io::Error::other(format!(
            "it has {} bytes, and at most {SOURCE_BYTES_MAX} are compared",
            meta.len()
        )))),
        Ok(_) => {
            let bytes = fs::read(file).map_err(failed)?;
            Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
        }
    }
}
