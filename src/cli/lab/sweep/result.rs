//! What is wanted of a result: which columns, in which file, in which form. A merged sweep is told as the
//! one sweep that it stands for, so both subcommands ask alike and tell by the same lines.

use super::column::Column;
use super::destination::Destination;
use super::{file, table};
use crate::cli::lab::print;
use clap::Args;
use color_eyre::eyre::Result;
use ddlab_labs::workbench::sweep::{Shard, Sweep, SweepPlan};
use std::io::Write;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct ResultArgs {
    /// A column of the table (`latency_ms.p99`); may be given more than once [default: what the lab's
    /// screen charts; every figure when no knob is varied]
    #[arg(long, value_name = "NAME[.FIGURE]")]
    metric: Vec<String>,
    /// Write the result as JSON to a file, as `ddlab lab merge` reads it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print JSON
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

    /// Where the result is to go. It is asked for before the work: what can't be kept is said at once.
    ///
    /// # Errors
    /// Why no file can be written there.
    pub fn destination(&self) -> Result<Option<Destination<'_>>> {
        self.out.as_deref().map(Destination::prepare).transpose()
    }

    /// Keeps the result, and prints it.
    ///
    /// # Errors
    /// When the file or the output can't be written.
    pub fn tell(
        &self,
        out: &mut impl Write,
        sweep: &Sweep,
        shard: Shard,
        columns: &[Column],
        destination: Option<Destination<'_>>,
    ) -> Result<()> {
        let json = file::write(sweep, shard);
        if let Some(destination) = destination {
            destination.write(&format!("{json:#}\n"))?;
        }
        if self.json {
            print(out, &json)
        } else {
            table::print(out, sweep, shard, columns, self.metric.is_empty())
        }
    }
}
