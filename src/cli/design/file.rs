//! The file of a design: opened once, with all that is wrong with it.

use crate::{cli, regular};
use color_eyre::eyre::{Result, eyre};
use ddlab_design::format::yaml::BYTES_MAX;
use ddlab_design::format::{Design, Read};
use std::path::Path;
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
        let name = path.display().to_string();
        let bytes = regular::read(path, BYTES_MAX as u64);
        let bytes = bytes.map_err(|error| eyre!("can't read the design {name}: {error}"))?;
        let text = String::from_utf8(bytes);
        let text = text.map_err(|_| eyre!("the design {name} is not text in UTF-8"))?;
        Ok(Self {
            read: ddlab_design::read(&text),
            name,
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
