//! Where a result goes: a file that is there whole or not at all.

use super::super::shown;
use color_eyre::eyre::{Result, WrapErr, bail};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A file to be written at the end of long work.
#[derive(Debug)]
pub(super) struct Destination<'a> {
    file: &'a Path,
    /// None where `file` is not a regular file (`/dev/stdout`, a pipe): such are written to, not replaced.
    draft: Option<PathBuf>,
}

impl<'a> Destination<'a> {
    /// Makes sure now, before hours of work, that the file can be written then.
    pub fn prepare(file: &'a Path) -> Result<Self> {
        let cannot = || format!("can't write to {}", shown(file));
        match fs::metadata(file) {
            Ok(found) if found.is_dir() => bail!("{}: it is a folder; name a file in it", cannot()),
            Ok(found) if !found.is_file() => return Ok(Self { file, draft: None }),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error).wrap_err_with(cannot),
        }
        let Some(name) = file.file_name() else {
            bail!("{}: it is not the name of a file", cannot());
        };
        // Beside it, so that it is on the same disk and renaming it is one step.
        let name = format!(".{}.{}.part", name.to_string_lossy(), std::process::id());
        let draft = file.with_file_name(name);
        fs::write(&draft, "").wrap_err_with(cannot)?;
        fs::remove_file(&draft).wrap_err_with(cannot)?;
        let draft = Some(draft);
        Ok(Self { file, draft })
    }

    /// Puts the text there in one step: who looks sees the old file or the new one, and nothing between.
    pub fn write(&self, text: &str) -> Result<()> {
        let place = self.draft.as_deref().unwrap_or(self.file);
        let written = fs::write(place, text).and_then(|()| match &self.draft {
            Some(draft) => fs::rename(draft, self.file),
            None => Ok(()),
        });
        if let (Err(_), Some(draft)) = (&written, &self.draft) {
            // It may not even be there; what went wrong is told below.
            let _ = fs::remove_file(draft);
        }
        written.wrap_err_with(|| {
            format!(
                "the work was done, but can't be saved to {}",
                shown(self.file)
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("out.json");
        fs::write(&file, "old").unwrap();
        let destination = Destination::prepare(&file).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "old");
        destination.write("new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_written_is_told_before_the_work() {
        let folder = tempfile::tempdir().unwrap();
        let error = Destination::prepare(folder.path()).unwrap_err();
        assert!(format!("{error:#}").contains("it is a folder"));
        let nowhere = folder.path().join("no/such/out.json");
        let error = Destination::prepare(&nowhere).unwrap_err();
        assert!(format!("{error:#}").contains("can't write to"), "{error:#}");
    }
}
