//! What experiments and challenges have in common in plain mode: their names, and what is kept of them.

use super::harmless;
use crate::cli::Global;
use crate::cli::aside;
use crate::cli::lines::Lines;
use crate::cli::paper::Paper;
use crate::clock;
use crate::markdown::flow::Glyphs;
use crate::progress::{Event, Record};
use color_eyre::eyre::{Result, eyre};
use ddlab_labs::workbench::guide::Guides;
use ddlab_labs::workbench::lab::LabSpec;
use std::io;

/// Splits `LAB/ID`, and finds the lab.
pub fn split(name: &str) -> Result<(&'static LabSpec, &'static Guides, &str)> {
    let Some((lab, id)) = name.split_once('/') else {
        return Err(harmless(format!(
            "`{name}` is not an experiment or a challenge; write LAB/ID, and `ddlab lab show LAB` lists them"
        )));
    };
    let spec = super::find(lab)?.spec();
    Ok((spec, ddlab_labs::guides(spec.id), id))
}

/// A name that is not there.
pub fn unknown(error: &str, lab: &LabSpec) -> color_eyre::Report {
    harmless(format!("the lab {}: {error}", lab.id))
}

/// Markdown on paper, without blank lines around it.
pub fn set(markdown: &str, global: &Global) -> String {
    let paper = Paper {
        width: 80,
        glyphs: if global.ascii {
            Glyphs::Ascii
        } else {
            Glyphs::Unicode
        },
    };
    paper.set(markdown).trim_matches('\n').to_owned()
}

/// Says text set on paper, and a blank line after it.
pub fn say(lines: &mut Lines<'_>, markdown: &str, global: &Global) -> io::Result<()> {
    lines.say(&set(markdown, global))?;
    lines.say("")
}

/// The learner's record, opened for a session.
pub struct Keeper {
    record: Record,
}

impl Keeper {
    pub fn open(global: &Global) -> Self {
        let mut keeper = Self {
            record: global.record(),
        };
        keeper.tell();
        keeper
    }

    /// Appends; it is on the disk when this returns, or the learner was told why not.
    pub fn keep(&mut self, event: Event) {
        self.record.append(event, clock::now());
        self.tell();
    }

    /// One more try for what could not be written.
    pub fn close(mut self) -> Result<()> {
        self.record.flush(clock::now().at);
        self.tell();
        match self.record.waiting() {
            0 => Ok(()),
            waiting => Err(eyre!("{waiting} events could not be kept")),
        }
    }

    fn tell(&mut self) {
        for notice in self.record.take_notices() {
            aside(format!("ddlab: {notice}"));
        }
    }
}
