//! A sweep as a file: JSON Lines, a head that says what is swept and then one row a run, in the order of the
//! runs. A row is written as soon as its run is over, so a file that was left off is gone on with.
//!
//! ```text
//! {"format":"ddlab-sweep 2","version":"0.1.0","sweep":{"lab":"election","seeds":"0..100",…},"shard":"1/4"}
//! {"seed":0,"point":0,"set":{…},"digest":"…","metrics":{…},"tallies":{…},"invariants":[…],"check":"…"}
//! ```
//!
//! Each row ends in a `check`, so that damage is noticed.

use super::recipe::Recipe;
use crate::cli::lab::{harmless, shown};
use crate::regular;
use ddlab_labs::workbench::sweep::{Row, Shard, Sweep, SweepPlan};
use eyre::{Result, WrapErr, bail, ensure, eyre};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

pub const FORMAT: &str = "ddlab-sweep 2";
/// Another version may run a lab otherwise: results of two versions are never one.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The name of standard output as a file.
pub const STDOUT: &str = "-";
/// Bytes of a line, at most: two hundred times what the rows of our labs have.
const LINE_MAX: u64 = 16 * 1024 * 1024;
/// The first line of a file of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Head {
    /// `ddlab-sweep 2`
    pub format: String,
    /// Of the program; rows of two versions are not merged.
    pub version: String,
    pub sweep: Recipe,
    /// The part of the sweep that this file is for: `1/4` is the first of four.
    pub shard: String,
}

impl Head {
    pub fn of(plan: &SweepPlan, shard: Shard) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION.to_owned(),
            sweep: Recipe::of(plan),
            shard: shard.to_string(),
        }
    }

    /// The first line of a file, with its end.
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("a head is plain data") + "\n"
    }
}

/// A file of rows, read one by one.
pub struct Rows {
    name: PathBuf,
    lines: BufReader<File>,
    pub plan: SweepPlan,
    pub head: Head,
    /// The runs that the file is for, of which the first `read` were read.
    pub runs: Range<u64>,
    pub read: u64,
    /// Bytes of the lines that were read and are whole.
    pub whole: u64,
}

impl Rows {
    /// Reads the head.
    ///
    /// # Errors
    /// Why it is not a file of rows that this version can read.
    pub fn open(name: &Path) -> Result<Self> {
        ensure!(
            is_pipe(name) || !name.exists() || name.is_file(),
            "can't read {}: it is not a file of rows but a folder or a device",
            shown(name)
        );
        let file = if is_pipe(name) {
            File::open(name)
        } else {
            regular::open(name)
        };
        let file = file.wrap_err_with(|| format!("can't read {}", shown(name)))?;
        let mut lines = BufReader::new(file);
        let head = next_line(&mut lines).and_then(|line| head(&line.unwrap_or_default()));
        // Whatever of the file the error quotes is made harmless.
        let (head, plan, runs, length) = head
            .map_err(|error| harmless(format!("{error:#}")))
            .wrap_err_with(|| format!("can't read {}", shown(name)))?;
        Ok(Self {
            name: name.to_owned(),
            lines,
            plan,
            head,
            runs,
            read: 0,
            whole: length,
        })
    }

    pub fn name(&self) -> String {
        shown(&self.name)
    }

    /// It has the rows of all the runs that it is for.
    pub fn is_whole(&self) -> bool {
        self.read == self.runs.end - self.runs.start
    }

    fn row(&mut self) -> Result<Option<Row>> {
        let Some(line) = next_line(&mut self.lines)? else {
            return Ok(None);
        };
        // A row that was being written when the sweep came to its end is a run to be done again.
        if !line.ends_with('\n') {
            return Ok(None);
        }
        let number = self.read + 2;
        let row = Row::parse(&line).ok_or_else(|| {
            eyre!(
                "line {number} was changed or damaged: its check does not fit; remove the file and run \
                 this part of the sweep again"
            )
        })?;
        let run = self.runs.start + self.read;
        ensure!(
            run < self.runs.end,
            "line {number} is of no run of this file"
        );
        let (point, seed) = self.plan.run(run);
        ensure!(
            (row.point, row.seed) == (point, seed),
            "line {number} is the run with seed {}, point {}, where seed {seed}, point {point} comes next: \
             lines are missing or were moved",
            row.seed,
            row.point
        );
        if let Some(contradiction) = row.contradiction(&self.plan) {
            bail!(
                "line {number} is not what a run came to: {contradiction}; remove the file and run this part \
                 of the sweep again"
            );
        }
        self.read += 1;
        self.whole += line.len() as u64;
        Ok(Some(row))
    }
}

impl Iterator for Rows {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.row().transpose()?;
        Some(row.wrap_err_with(|| format!("can't read {}", self.name())))
    }
}

/// A pipe has an end, such as that of a program which unpacks rows; a device has none.
fn is_pipe(name: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    std::fs::metadata(name).is_ok_and(|facts| facts.file_type().is_fifo())
}

/// The next line with its end, where it has one; none at the end of the file.
fn next_line(lines: &mut impl BufRead) -> Result<Option<String>> {
    let mut line = Vec::new();
    lines.take(LINE_MAX).read_until(b'\n', &mut line)?;
    ensure!(
        (line.len() as u64) < LINE_MAX,
        "it is not a file of rows: a line has more than {LINE_MAX} bytes"
    );
    let text = String::from_utf8(line).wrap_err("it is not a file of rows: it is not UTF-8")?;
    Ok((!text.is_empty()).then_some(text))
}

/// What a sweep to be merged says of itself, and the length of that.
fn head(line: &str) -> Result<(Head, SweepPlan, Range<u64>, u64)> {
    const WRITE: &str = "merge what `ddlab lab sweep --out FILE` has written";
    let value: serde_json::Value = serde_json::from_str(line)
        .map_err(|error| eyre!("its first line is not JSON ({error}); {WRITE}"))?;
    match value["format"].as_str() {
        Some(FORMAT) => {}
        Some(other) => bail!(
            "it has the format `{}` where `{FORMAT}` is expected; {WRITE}",
            ddlab_text::given(other)
        ),
        None => bail!("it has no `format`; {WRITE}"),
    }
    let version = value["version"].as_str().unwrap_or("an unknown version");
    ensure!(
        version == VERSION,
        "it was made by ddlab {version} and this is {VERSION}, which may run the lab otherwise; \
         sweep it again, or merge with that version"
    );
    let head: Head =
        serde_json::from_value(value).wrap_err("its first line is not as it was written")?;
    let plan = head.sweep.plan().wrap_err("its `sweep` can't be done")?;
    let runs = Shard::parse(&head.shard)?.of_runs(plan.runs())?;
    Ok((head, plan, runs, line.len() as u64))
}

/// Rows that are being written, each as soon as it is there.
pub struct Kept {
    name: String,
    out: Box<dyn Write>,
}

impl Kept {
    /// Opens the file, with its head; `-` is standard output. Rows of the same part of the same sweep that
    /// are there already stay and are taken in, and half a row at the end is removed.
    ///
    /// # Errors
    /// When the file can't be written, or has something else in it: that is not written over.
    pub fn open(name: &Path, head: &Head, sweep: &mut Sweep) -> Result<Self> {
        let cannot = || format!("can't write to {}", shown(name));
        if name == Path::new(STDOUT) {
            let mut out = Box::new(std::io::stdout());
            out.write_all(head.line().as_bytes())?;
            let name = "standard output".to_owned();
            return Ok(Self { name, out });
        }
        let mut options = File::options();
        options.create(true).append(true);
        let mut file = options.open(name).wrap_err_with(cannot)?;
        let found = file.metadata().wrap_err_with(cannot)?;
        if found.is_file() && found.len() > 0 {
            let whole = take_in(name, head, sweep).wrap_err_with(|| {
                let name = shown(name);
                format!("{name} is there and can't be gone on with; remove it or name another file")
            })?;
            file.set_len(whole).wrap_err_with(cannot)?;
        } else {
            file.write_all(head.line().as_bytes())
                .wrap_err_with(cannot)?;
        }
        Ok(Self {
            name: shown(name),
            out: Box::new(file),
        })
    }

    /// # Errors
    /// When the row can't be written; those before it are kept.
    pub fn add(&mut self, row: &Row) -> Result<()> {
        let written = self.out.write_all(row.to_line().as_bytes());
        written.wrap_err_with(|| {
            let name = &self.name;
            format!("can't write to {name}; the same command goes on after the rows that are there")
        })
    }
}

/// Takes in the rows that a file has; how many bytes of it are whole lines.
fn take_in(name: &Path, head: &Head, sweep: &mut Sweep) -> Result<u64> {
    let mut rows = Rows::open(name)?;
    ensure!(
        rows.head == *head,
        "it is of {}, shard {}",
        super::recipe::shell(&rows.head.sweep.args()),
        rows.head.shard
    );
    for row in &mut rows {
        sweep.take(&row?);
    }
    Ok(rows.whole)
}
