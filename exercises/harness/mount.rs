//! A mounted volume of a `ConfigMap` or a `Secret`, as the kubelet writes it
//! (`pkg/volume/util/atomic_writer.go`).

use super::verdict::{CheckOutcome, CheckResult};
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Each file is a link to `..data/NAME`, and `..data` one to the folder of a version.
#[derive(Debug)]
pub struct Mount {
    dir: PathBuf,
    nr: u32,
    /// Every version has this time stamp.
    stamp: SystemTime,
}

impl Mount {
    /// On an empty folder.
    pub fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            nr: 0,
            stamp: SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000),
        }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A new version with these files and no others; all of them change at once.
    pub fn swap(&mut self, files: &[(&str, &str)]) -> CheckResult {
        self.write(files)
            .map_err(|e| CheckOutcome::grader_error("could not write the mounted folder", e))
    }

    fn write(&mut self, files: &[(&str, &str)]) -> io::Result<()> {
        let version = |nr: u32| format!("..2026_11_29_{nr:04}");
        let folder = self.dir.join(version(self.nr + 1));
        fs::create_dir_all(&folder)?;
        for (name, text) in files {
            let file = folder.join(name);
            fs::write(&file, text)?;
            let file = fs::File::options().write(true).open(&file)?;
            file.set_modified(self.stamp)?;
        }
        let (data, fresh) = (self.dir.join("..data"), self.dir.join("..data_tmp"));
        symlink(version(self.nr + 1), &fresh)?;
        fs::rename(&fresh, &data)?;
        for (name, _) in files {
            let link = self.dir.join(name);
            if link.symlink_metadata().is_err() {
                symlink(format!("..data/{name}"), link)?;
            }
        }
        if self.nr > 0 {
            fs::remove_dir_all(self.dir.join(version(self.nr)))?;
        }
        self.nr += 1;
        Ok(())
    }
}
