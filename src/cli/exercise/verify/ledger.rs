//! What the runs came to, a line each in a file. A line is written as soon as its run is over, and names its program and
//! its seed: a file that was left off is gone on with, and those of several machines are one when they are put together.

use crate::regular;
use ddlab_text::clean_line;
use eyre::{Result, WrapErr, bail, ensure};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::time::Duration;

/// Another version may grade otherwise: results of two versions are never one.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// A hundred times what 50 runs of all programs come to.
const BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// What one run came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    /// Of ddlab.
    pub version: String,
    /// `retry-budget/solution-python`
    pub program: String,
    pub seed: u64,
    pub came: Came,
    pub took_ms: u64,
    /// What is wrong with the verdict.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub complaint: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Came {
    AsExpected,
    Wrong,
    /// This machine was too busy for a verdict.
    Open,
}

impl Row {
    pub fn new(program: String, seed: u64, came: Came, took: Duration, complaint: String) -> Self {
        Self {
            version: VERSION.to_owned(),
            program,
            seed,
            came,
            took_ms: took.as_millis() as u64,
            complaint,
        }
    }
}

pub(super) struct Ledger {
    file: File,
    shown: String,
    /// What was in the file.
    pub rows: Vec<Row>,
}

impl Ledger {
    /// Opens the file, or makes it. Half a line at its end is removed.
    ///
    /// # Errors
    /// When it can't be written, or has something else in it: that is not written over.
    pub fn open(path: &Path) -> Result<Self> {
        let shown = clean_line(&path.display().to_string()).into_owned();
        let text = match regular::read(path, BYTES_MAX) {
            Ok(bytes) => {
                String::from_utf8(bytes).wrap_err_with(|| format!("{shown} is no text"))?
            }
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => bail!("can't read {shown}: {error}"),
        };
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let rows = read(&text[..whole]).wrap_err_with(|| {
            format!("{shown} can't be gone on with; remove it or name another file")
        })?;
        let cannot = || format!("can't write to {shown}");
        let mut options = File::options();
        let file = options.create(true).append(true).open(path);
        let file = file.wrap_err_with(cannot)?;
        if whole < text.len() {
            file.set_len(whole as u64).wrap_err_with(cannot)?;
        }
        Ok(Self { file, shown, rows })
    }

    /// # Errors
    /// When the row can't be written; those before it are kept.
    pub fn add(&mut self, row: &Row) -> Result<()> {
        let line = serde_json::to_string(row).expect("a row is plain data") + "\n";
        let written = self.file.write_all(line.as_bytes());
        written.wrap_err_with(|| format!("can't write to {}", self.shown))
    }
}

fn read(text: &str) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let row: Row = serde_json::from_str(line).map_err(|error| {
            let error = clean_line(&error.to_string()).into_owned();
            eyre::eyre!(
                "line {} is not one of `ddlab exercise verify --out`: {error}",
                number + 1
            )
        })?;
        ensure!(
            row.version == VERSION,
            "line {} is of ddlab {} and this is {VERSION}, which may grade otherwise",
            number + 1,
            ddlab_text::given(&row.version)
        );
        rows.push(row);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(seed: u64) -> Row {
        let took = Duration::from_millis(1_200);
        Row::new(
            "log-shipper/solution-rust".to_owned(),
            seed,
            Came::AsExpected,
            took,
            String::new(),
        )
    }

    #[test]
    fn a_file_that_was_left_off_in_the_middle_of_a_line_is_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.jsonl");
        let mut ledger = Ledger::open(&path).unwrap();
        assert_eq!(ledger.rows, []);
        ledger.add(&row(1)).unwrap();
        ledger.add(&row(2)).unwrap();
        drop(ledger);
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
        let mut ledger = Ledger::open(&path).unwrap();
        assert_eq!(ledger.rows, [row(1)]);
        ledger.add(&row(2)).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), whole);
    }

    #[test]
    fn a_file_with_something_else_in_it_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("thesis.md");
        std::fs::write(&path, "years of work\n").unwrap();
        let refused = format!("{:#}", Ledger::open(&path).err().unwrap());
        assert!(refused.contains("line 1 is not one of"), "{refused}");
        let other = serde_json::to_string(&row(1))
            .unwrap()
            .replace(VERSION, "0.0.7");
        std::fs::write(&path, other + "\n").unwrap();
        let refused = format!("{:#}", Ledger::open(&path).err().unwrap());
        assert!(refused.contains("0.0.7"), "{refused}");
    }
}
