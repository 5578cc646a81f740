//! The file of a design: opened once, with all that is wrong with it; and a table of prices beside it.

use crate::{cli, designs, regular};
use clap::Args;
use ddlab_design::cost::Prices;
use ddlab_design::format::yaml::BYTES_MAX;
use ddlab_design::format::{Design, Read};
use ddlab_design::system::DesignLab;
use eyre::{Result, eyre};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub struct Source {
    /// As it was given.
    pub name: String,
    pub read: Read,
}

impl Source {
    /// # Errors
    /// When the file can't be read, or is not text.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self {
            read: designs::read(path).map_err(|error| eyre!(error))?,
            name: path.display().to_string(),
        })
    }

    /// Does something with the design, or says what is wrong with it.
    ///
    /// # Errors
    /// Those of what is done.
    pub fn run(&self, act: impl FnOnce(&Design) -> Result<()>) -> Result<ExitCode> {
        let Some(design) = &self.read.design else {
            return Ok(self.refuse());
        };
        act(design)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Says what is wrong with it.
    pub fn refuse(&self) -> ExitCode {
        let problems = self.read.problems.iter();
        for error in problems.filter(|problem| problem.is_error()) {
            cli::aside(format!("{}:{error}", self.name));
        }
        ExitCode::from(cli::USAGE)
    }
}

/// The lab of a file, found by its path from here on; else what is wrong was said, and this is the exit status.
///
/// # Errors
/// When its name is not one of a design's file.
pub fn lab(path: &str) -> Result<Result<&'static DesignLab, ExitCode>> {
    if !designs::is_design(path) {
        return Err(eyre!(
            "the name of a design's file ends in .yaml or .yml, and `{}` does not; give it such a name",
            ddlab_text::given(path)
        ));
    }
    Ok(designs::open(path).map_err(|refused| {
        refused.0.iter().for_each(cli::aside);
        ExitCode::from(cli::USAGE)
    }))
}

/// Whose prices a cost is reckoned by.
#[derive(Debug, Args)]
pub struct PriceArgs {
    /// A table of prices in place of the list prices that come with ddlab; `ddlab design prices` prints those
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
}

impl PriceArgs {
    /// # Errors
    /// When the table can't be read, with the place of each slip.
    pub fn table(&self) -> Result<Prices> {
        let Some(path) = &self.prices else {
            return Ok(Prices::standard().clone());
        };
        let name = path.display();
        let bytes = regular::read(path, BYTES_MAX as u64)
            .map_err(|error| eyre!("can't read the prices {name}: {error}"))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| eyre!("the prices {name} are not text in UTF-8; save them as UTF-8"))?;
        Prices::read(&text).map_err(|problems| {
            let lines: Vec<String> = problems.iter().map(|one| format!("{name}:{one}")).collect();
            eyre!("{}", lines.join("\n"))
        })
    }
}
