//! `ddlab design cost`: what a month of a design costs, and of what.

use super::aligned;
use super::file::{PriceArgs, Source};
use crate::cli::lab::print;
use clap::Args;
use ddlab_design::cost::{self, Line, Prices};
use ddlab_design::format::Design;
use ddlab_labs::workbench::json::Number;
use ddlab_text::figure;
use eyre::Result;
use schemars::JsonSchema;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct CostArgs {
    /// A file of YAML
    file: PathBuf,
    #[command(flatten)]
    prices: PriceArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// # Errors
/// When the design or the prices can't be read.
pub fn run(out: &mut impl Write, args: &CostArgs) -> Result<ExitCode> {
    let prices = args.prices.table()?;
    Source::open(&args.file)?.run(|design| {
        if args.json {
            return print(out, &CostJson::of(design, &prices));
        }
        let lines = cost::lines(design, &prices);
        let usd = |value: f64| {
            if value == 0.0 {
                "–".to_owned()
            } else {
                figure(value)
            }
        };
        let row = |line: &Line| {
            [
                line.part.clone(),
                usd(line.machines),
                usd(line.requests),
                usd(line.storage),
                usd(line.egress),
                usd(line.total()),
                line.what.clone(),
            ]
        };
        let heads = [
            "",
            "machines",
            "requests",
            "storage",
            "egress",
            "USD/month",
            "",
        ];
        let sum = |of: fn(&Line) -> f64| usd(lines.iter().map(of).sum());
        let total = [
            "total".to_owned(),
            sum(|line| line.machines),
            sum(|line| line.requests),
            sum(|line| line.storage),
            sum(|line| line.egress),
            sum(Line::total),
            String::new(),
        ];
        let rows = lines.iter().map(row);
        let rows = std::iter::once(heads.map(str::to_owned)).chain(rows);
        aligned(out, &rows.chain([total]).collect::<Vec<_>>())?;
        writeln!(
            out,
            "\n  By {}; each client at its mean rate, without retries.",
            prices.name
        )?;
        Ok(())
    })
}

/// What `design cost --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CostJson {
    prices: String,
    /// US dollars a month.
    total: Number,
    parts: Vec<PartJson>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PartJson {
    /// The client or component.
    part: String,
    machines: Number,
    requests: Number,
    storage: Number,
    /// What leaves for the internet.
    egress: Number,
}

impl CostJson {
    fn of(design: &Design, prices: &Prices) -> Self {
        let lines = cost::lines(design, prices);
        let part = |line: &Line| PartJson {
            part: line.part.clone(),
            machines: Number(line.machines),
            requests: Number(line.requests),
            storage: Number(line.storage),
            egress: Number(line.egress),
        };
        Self {
            prices: prices.name.clone(),
            total: Number(cost::total(design, prices)),
            parts: lines.iter().map(part).collect(),
        }
    }
}
