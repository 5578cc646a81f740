//! Where merged rows go: a file that is there whole or not at all, or standard output.

use super::super::shown;
use super::file::STDOUT;
use eyre::{Result, WrapErr, bail};
use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// A file that is being written.
pub(super) struct Destination<'a> {
    name: &'a Path,
    out: Out,
}

enum Out {
    /// Beside the file, so that it is on the same disk and renaming it is one step.
    Draft(BufWriter<NamedTempFile>),
    /// What is not a regular file (a pipe, a device) is written to, and not replaced.
    Straight(Box<dyn Write>),
}

impl<'a> Destination<'a> {
    /// # Errors
    /// Why no file can be written there.
    pub fn open(name: &'a Path) -> Result<Self> {
        let cannot = || format!("can't write to {}", shown(name));
        let straight = |out: Box<dyn Write>| {
            Ok(Self {
                name,
                out: Out::Straight(out),
            })
        };
        if name == Path::new(STDOUT) {
            return straight(Box::new(io::stdout()));
        }
        match fs::metadata(name) {
            Ok(found) if found.is_dir() => bail!("{}: it is a folder; name a file in it", cannot()),
            Ok(found) if !found.is_file() => {
                let file = File::options().write(true).open(name);
                return straight(Box::new(file.wrap_err_with(cannot)?));
            }
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).wrap_err_with(cannot);
            }
            _ => {}
        }
        let folder = name
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let draft = tempfile::Builder::new()
            .permissions(readable())
            .tempfile_in(folder.unwrap_or(Path::new(".")));
        let out = Out::Draft(BufWriter::new(draft.wrap_err_with(cannot)?));
        Ok(Self { name, out })
    }

    /// # Errors
    /// When there is no room for it.
    pub fn write(&mut self, line: &str) -> Result<()> {
        let written = match &mut self.out {
            Out::Draft(draft) => draft.write_all(line.as_bytes()),
            Out::Straight(out) => out.write_all(line.as_bytes()),
        };
        written.wrap_err_with(|| format!("can't write to {}", shown(self.name)))
    }

    /// Puts the file there in one step: who looks sees the old file or the new one, and nothing between.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn finish(self) -> Result<()> {
        let cannot = || format!("can't write to {}", shown(self.name));
        match self.out {
            Out::Draft(draft) => {
                let draft = draft.into_inner().map_err(io::IntoInnerError::into_error);
                let draft = draft.wrap_err_with(cannot)?;
                draft.persist(self.name).wrap_err_with(cannot)?;
            }
            Out::Straight(mut out) => out.flush().wrap_err_with(cannot)?,
        }
        Ok(())
    }
}

/// As any new file, less what the user's mask takes away; a temporary file alone is its owner's.
fn readable() -> Permissions {
    use std::os::unix::fs::PermissionsExt;
    Permissions::from_mode(0o666)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Holds;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("out.jsonl");
        fs::write(&file, "old").unwrap();
        let mut destination = Destination::open(&file).unwrap();
        destination.write("new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "old");
        destination.finish().unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        let mut given_up = Destination::open(&file).unwrap();
        given_up.write("half").unwrap();
        drop(given_up);
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_written_is_refused_before_the_work() {
        let folder = tempfile::tempdir().unwrap();
        let said = |file: &Path| format!("{:#}", Destination::open(file).err().unwrap());
        said(folder.path()).holds(["it is a folder"]);
        let nowhere = said(&folder.path().join("no/such/out.jsonl"));
        nowhere.holds(["can't write to"]);
    }
}
