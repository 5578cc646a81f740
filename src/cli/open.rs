//! `ddlab` alone: the program, where it was left; and the program opened at a place.

use super::Global;
use crate::clock;
use crate::markdown::highlight::Highlighter;
use crate::progress::{Recorder, place};
use crate::runs::SavedRuns;
use crate::search::Catalogue;
use crate::tui::app::Services;
use crate::tui::effect::{Notice, Place};
use crate::tui::exercise_worker;
use crate::tui::run::{self, PerformerParts, Start};
use crate::tui::theme::{Ground, Theme};
use color_eyre::eyre::{Result, WrapErr, bail};
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

/// # Errors
/// When there is no terminal to draw on.
pub fn run(global: &Global) -> Result<ExitCode> {
    open(global, None)
}

/// # Errors
/// When there is no terminal to draw on.
pub fn at(global: &Global, place: Place) -> Result<ExitCode> {
    open(global, Some(place))
}

fn open(global: &Global, asked: Option<Place>) -> Result<ExitCode> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        bail!(
            "the program needs a terminal on its input and output; without one use the plain forms, \
             such as `ddlab read 7 --plain`, `ddlab lab run scatter-gather` or `ddlab ask 7 --plain`"
        );
    }
    let _log = super::log::start(place::data_folder(global.data.as_deref()).as_deref());
    let (recorder, marks) = Recorder::start(global.record(), clock::now)
        .wrap_err("cannot start the thread that keeps the record")?;
    // A place that no longer exists, or that an older program wrote, is not worth a word: begin at home.
    let left = || serde_json::from_str(marks.left_at()?).ok();
    let place = asked.or_else(left).unwrap_or(Place::Home);
    let highlighter = Highlighter::default();
    let library = global.library();
    let notice = super::problems_in(&library, global).map(Notice::warning);
    let library = Arc::new(library);
    let catalogue = Catalogue::default();
    catalogue.prepare(Arc::clone(&library));
    let services = Services {
        library,
        marks,
        theme: theme(global),
        highlighter: highlighter.clone(),
        catalogue,
        now: clock::now,
    };
    let parts = PerformerParts {
        recorder,
        highlighter,
        saved: place::data_folder(global.data.as_deref())
            .map(|folder| SavedRuns::in_folder(place::runs_folder(&folder))),
        workspaces: exercise_worker::workspaces(),
    };
    let start = Start {
        place,
        notice,
        mouse: !global.no_mouse,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .wrap_err("cannot start the event loop")?;
    let left = runtime.block_on(run::run(services, parts, start));
    // What still reads or writes a slow file keeps nobody waiting.
    runtime.shutdown_background();
    left.wrap_err("the terminal failed")?;
    Ok(ExitCode::SUCCESS)
}

/// The theme of the options and of the terminal.
pub fn theme(global: &Global) -> Theme {
    let ground = global.theme.map(|choice| match choice {
        super::ThemeChoice::Dark => Ground::Dark,
        super::ThemeChoice::Light => Ground::Light,
    });
    Theme::detect(ground, global.ascii, |name| std::env::var(name).ok())
}
