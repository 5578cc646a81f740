//! `ddlab` alone: the program, where it was left; and the program opened at a place.

use super::{Global, ThemeChoice};
use crate::clock;
use crate::markdown::highlight::Highlighter;
use crate::practice::learned::Learner;
use crate::progress::{Marks, Recorder, place};
use crate::regular;
use crate::runs::SavedRuns;
use crate::search::Catalogue;
use crate::tui::app::Services;
use crate::tui::effect::{Notice, Place};
use crate::tui::exercise_worker;
use crate::tui::run::{self, PerformerParts, Start};
use crate::tui::theme::{Depth, Ground, Theme};
use clap::ValueEnum;
use eyre::{Result, WrapErr, bail};
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// The file of the theme is one word.
const THEME_BYTES_MAX: u64 = 64;

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
    // A record of years takes longer to read than the book: a thread of its own does it.
    let (read, record) = std::sync::mpsc::sync_channel(1);
    let reader = global.clone();
    std::thread::Builder::new()
        .name("read".to_owned())
        .spawn(move || {
            // Nobody receives it when the program has ended meanwhile.
            let _ = read.send(Recorder::start(reader.record(), clock::now));
        })
        .wrap_err("cannot start the thread that reads the record")?;
    let library = global.library();
    let places = |marks: &Marks| {
        let left = || marks.left_at().map(places).unwrap_or_default();
        asked.map_or_else(left, |place| vec![place])
    };
    let highlighter = Highlighter::default();
    let notice = super::problems_in(&library, global).map(Notice::warning);
    let library = Arc::new(library);
    let theme = theme(global);
    // Colours that nobody shows need no ground; the console of Linux knows no such question.
    let ask_ground = theme.ground == Ground::Unknown
        && theme.depth != Depth::None
        && std::env::var_os("TERM").is_none_or(|term| term != "linux");
    let services = Services {
        library,
        marks: Marks::being_read(),
        theme,
        highlighter: highlighter.clone(),
        catalogue: Catalogue::default(),
        learner: Learner::default(),
        now: clock::now,
    };
    let parts = PerformerParts {
        highlighter,
        saved: place::data_folder(global.data.as_deref())
            .map(|folder| SavedRuns::in_folder(place::runs_folder(&folder))),
        designs: place::data_folder(global.data.as_deref())
            .map(|folder| place::designs_folder(&folder)),
        workspaces: exercise_worker::workspaces(),
    };
    let start = Start {
        record,
        places: Box::new(places),
        notice,
        mouse: !global.no_mouse,
        ask_ground,
        still: global.still,
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

/// The places that the program was left at. One that no longer exists is not worth a word: begin at home. Records
/// of before have one place instead of a list.
fn places(left: &str) -> Vec<Place> {
    let one = || serde_json::from_str(left).map(|place| vec![place]);
    serde_json::from_str(left)
        .or_else(|_| one())
        .unwrap_or_default()
}

/// The theme of the options and of the terminal.
pub fn theme(global: &Global) -> Theme {
    let ground = chosen(global).and_then(|choice| match choice {
        ThemeChoice::Dark => Some(Ground::Dark),
        ThemeChoice::Light => Some(Ground::Light),
        ThemeChoice::Auto => None,
    });
    Theme::detect(ground, global.ascii, |name| std::env::var(name).ok())
}

/// What `--theme` says now, or said the last time.
fn chosen(global: &Global) -> Option<ThemeChoice> {
    let folder = place::data_folder(global.data.as_deref());
    let file = folder.map(|folder| place::theme_file(&folder));
    let Some(choice) = global.theme else {
        let text = regular::read(&file?, THEME_BYTES_MAX).ok()?;
        let text = String::from_utf8(text).ok()?;
        return ThemeChoice::from_str(text.trim(), true).ok();
    };
    if let (Some(file), Some(value)) = (file, choice.to_possible_value()) {
        // Where it cannot be kept, it holds for this time.
        let _ = keep(&file, value.get_name());
    }
    Some(choice)
}

/// In a file of its own that takes the place of the old one: what a link points to stays as it is.
fn keep(file: &Path, text: &str) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(file);
    std::fs::create_dir_all(folder)?;
    let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(fresh, "{text}")?;
    fresh.persist(file)?;
    Ok(())
}
