//! What is wanted of a result: which columns, in which file, in which form. A merged sweep is printed as the
//! one sweep that it stands for, so both subcommands ask alike and print the same lines.

use super::column::Column;
use super::file::STDOUT;
use super::{summary, table};
use crate::cli::lab::print;
use clap::Args;
use ddlab_labs::workbench::sweep::{Shard, Sweep, SweepPlan};
use eyre::Result;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct ResultArgs {
    /// A column of the table (`latency_ms.p99`); may be given more than once [default: what the lab's
    /// screen charts; every figure when no knob is varied]
    #[arg(long, value_name = "NAME[.FIGURE]")]
    metric: Vec<String>,
    /// Write a row a run to a file, as `ddlab lab merge` reads it (JSON Lines); `-` prints the rows and
    /// nothing else. A sweep goes on with the rows that are in its file already
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print what all runs came to as JSON
    #[arg(long)]
    json: bool,
}

impl ResultArgs {
    /// The columns of the table.
    ///
    /// # Errors
    /// Which name is none of this lab's, and what would do.
    pub fn columns(&self, plan: &SweepPlan) -> Result<Vec<Column>> {
        Column::chosen(plan.base().lab.spec(), &self.metric)
    }

    /// The file for the rows.
    pub fn out(&self) -> Option<&Path> {
        self.out.as_deref()
    }

    /// Prints what the sweep came to.
    ///
    /// # Errors
    /// When the output can't be written.
    pub fn print(
        &self,
        out: &mut impl Write,
        sweep: &Sweep,
        shard: Shard,
        columns: &[Column],
    ) -> Result<()> {
        if self.out() == Some(Path::new(STDOUT)) {
            Ok(())
        } else if self.json {
            print(out, &summary::json(sweep, shard))
        } else {
            table::print(out, sweep, shard, columns, self.metric.is_empty())
        }
    }
}
