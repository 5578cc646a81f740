//! Where the learner's files lie.

use etcetera::{BaseStrategy, choose_base_strategy};
use std::env;
use std::path::{Path, PathBuf};

/// The name of the record in the data folder.
const RECORD: &str = "progress.db";

/// The folder of the learner's files: the one that was asked for, else `DDLAB_DATA`, else `ddlab` in
/// the data folder of the platform. None where there is no home folder.
pub fn data_folder(asked: Option<&Path>) -> Option<PathBuf> {
    let named = asked
        .map(Path::to_owned)
        .or_else(|| env::var_os("DDLAB_DATA").map(PathBuf::from))
        .filter(|path| !path.as_os_str().is_empty());
    named.or_else(|| {
        let strategy = choose_base_strategy().ok()?;
        Some(strategy.data_dir().join("ddlab"))
    })
}

/// The file of the record in that folder.
pub fn record_file(folder: &Path) -> PathBuf {
    folder.join(RECORD)
}

/// The file with the theme that was chosen.
pub fn theme_file(folder: &Path) -> PathBuf {
    folder.join("theme")
}

/// The folder of the runs that the learner saved.
pub fn runs_folder(folder: &Path) -> PathBuf {
    folder.join("runs")
}

/// The folder of the learner's designs.
pub fn designs_folder(folder: &Path) -> PathBuf {
    folder.join("designs")
}

/// The folder of the learner's own packs, read at every start.
pub fn packs_folder(folder: &Path) -> PathBuf {
    folder.join("packs")
}
