//! Designs that are files: each read once, and found by its path wherever a lab is found by its name.

use crate::progress::Event;
use crate::regular;
use ddlab_design::brief::grade::Grade;
use ddlab_design::brief::{self, Brief};
use ddlab_design::format::Read;
use ddlab_design::format::yaml::BYTES_MAX;
use ddlab_design::gameday;
use ddlab_design::system::{self, DesignLab};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::intervention::TimedIntervention;
use ddlab_labs::workbench::lab::{Lab, LabSpec};
use ddlab_labs::workbench::length::LENGTH_MAX;
use ddlab_labs::workbench::plan::RunPlan;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};

/// What the name of a design's file ends in.
const ENDINGS: [&str; 2] = [".yaml", ".yml"];

/// The design of the book, which is part of the program; a file of that name comes first.
const AUCTION: &str = "auction";

/// Files of a folder that are listed, at most.
const FILES_MAX: usize = 1_000;

/// Those that were read, by the path that they were asked for with: the newest of each.
static DESIGNS: LazyLock<Mutex<BTreeMap<String, &'static DesignLab>>> =
    LazyLock::new(Mutex::default);

/// Why a design can't be run: a line each, with its place in the file where it has one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Refused(pub Vec<String>);

/// Reads the file of a design, or the auction.
///
/// # Errors
/// When it is not a regular file, too large, or not text.
pub fn read(path: &Path) -> Result<Read, String> {
    if path == Path::new(AUCTION) && !path.exists() {
        return Ok(ddlab_design::read(gameday::AUCTION));
    }
    let name = path.display();
    let bytes = regular::read(path, BYTES_MAX as u64)
        .map_err(|error| format!("can't read the design {name}: {error}"))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| format!("the design {name} is not text in UTF-8; save it as UTF-8"))?;
    Ok(ddlab_design::read(&text))
}

/// The lab of what a file says now; from here on [`find`] finds it by this path.
///
/// # Errors
/// What is wrong with it.
pub fn open(path: &str) -> Result<&'static DesignLab, Refused> {
    let read = read(Path::new(path)).map_err(|error| Refused(vec![error]))?;
    let Some(design) = &read.design else {
        let errors = read.problems.iter().filter(|problem| problem.is_error());
        return Err(Refused(
            errors.map(|error| format!("{path}:{error}")).collect(),
        ));
    };
    let lab = system::lab_called(design, path).map_err(|error| Refused(vec![error.to_string()]))?;
    let mut designs = DESIGNS.lock().unwrap_or_else(PoisonError::into_inner);
    designs.insert(path.to_owned(), lab);
    Ok(lab)
}

/// The same when the file says something else than it did; none when it does not, or can't be read at the moment.
///
/// An editor may be writing it.
pub fn reread(path: &str) -> Option<Result<(), Refused>> {
    let known = known(path).map(|lab| lab.design().text.clone());
    let now = regular::read(Path::new(path), BYTES_MAX as u64).ok()?;
    if known.is_some_and(|known| known.as_bytes() == now) {
        return None;
    }
    Some(open(path).map(|_| ()))
}

/// The designs of a folder, by name; none when there is no such folder.
///
/// # Errors
/// When it can't be listed.
pub fn files(folder: &Path) -> Result<Vec<String>, String> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(format!("can't list {}: {error}", folder.display())),
    };
    let paths = entries.filter_map(|entry| entry.ok()?.path().into_os_string().into_string().ok());
    let mut files: Vec<String> = paths
        .filter(|path| is_design(path))
        .take(FILES_MAX)
        .collect();
    files.sort();
    Ok(files)
}

/// The file of this name in the folder, with this text unless it is there already.
///
/// # Errors
/// When it can't be written.
pub fn lay(folder: &Path, name: &str, text: &str) -> Result<String, String> {
    let path = folder.join(format!("{name}{}", ENDINGS[0]));
    let failed = |error: io::Error| format!("can't write {}: {error}", path.display());
    fs::create_dir_all(folder).map_err(failed)?;
    match File::create_new(&path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map_err(failed)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(error)),
    }
    Ok(path.to_string_lossy().into_owned())
}

/// What the record keeps of a grade.
pub fn graded(brief: &Brief, grade: &Grade, file: &str) -> Event {
    Event::DesignGraded {
        brief: brief.id.clone(),
        design: file.to_owned(),
        passed: grade.is_passed(),
        missed: grade.missed(),
    }
}

/// The brief that a design answers: it has its name, or its file has.
pub fn brief_of(lab: &DesignLab) -> Option<&'static Brief> {
    let names = [lab.design().name.as_str(), stem(lab.spec().id)];
    brief::all()
        .iter()
        .find(|brief| names.contains(&brief.id.as_str()))
}

/// The command that a lab of the book, or a design, is run by: `ddlab lab run`, `ddlab design run`.
pub fn room(id: &str) -> &'static str {
    if is_design(id) { "design" } else { "lab" }
}

/// A name without its folder and its ending, for files of runs.
pub fn stem(id: &str) -> &str {
    let name = Path::new(id).file_stem().and_then(|stem| stem.to_str());
    name.filter(|_| is_design(id)).unwrap_or(id)
}

/// What of a script a design does not do by itself.
pub fn added<'a>(
    id: &str,
    script: &'a [TimedIntervention],
) -> impl Iterator<Item = &'a TimedIntervention> {
    let own = if is_design(id) { of(id).ok() } else { None };
    let own = own.map(|lab| system::plan(lab, 0, LENGTH_MAX.into()).script);
    let own = own.unwrap_or_default();
    script.iter().filter(move |done| !own.contains(done))
}

/// Whether this names a design, by its file or as the auction, and not a lab of the book.
pub fn is_design(id: &str) -> bool {
    id == AUCTION || is_file(id)
}

/// Whether this is how the name of a file ends.
pub fn is_file(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

fn known(path: &str) -> Option<&'static DesignLab> {
    let designs = DESIGNS.lock().unwrap_or_else(PoisonError::into_inner);
    designs.get(path).copied()
}

/// The design with this path, as it was read last; read now when it was not yet.
///
/// # Errors
/// As [`open`].
pub fn of(path: &str) -> Result<&'static DesignLab, Refused> {
    known(path).map_or_else(|| open(path), Ok)
}

/// The design that this is the table of, if no other has come to its path since.
pub fn current(spec: &'static LabSpec) -> Option<&'static DesignLab> {
    known(spec.id).filter(|lab| std::ptr::eq(lab.spec(), spec))
}

/// The lab of the book with this id, or the design with this path.
///
/// # Errors
/// A sentence that names the nearest lab, or what is wrong with the design.
pub fn find(id: &str) -> Result<&'static dyn Lab, String> {
    if is_design(id) {
        return of(id)
            .map(|lab| lab as &dyn Lab)
            .map_err(|refused| refused.to_string());
    }
    ddlab_labs::find_or_nearest(id)
}

/// A run of what [`find`] finds: of a design with its faults that begin within this length.
///
/// # Errors
/// As [`find`].
pub fn plan(id: &str, seed: u64, length: SimTime) -> Result<RunPlan, String> {
    if is_design(id) {
        let lab = of(id).map_err(|refused| refused.to_string())?;
        return Ok(system::plan(lab, seed, length));
    }
    Ok(RunPlan::new(find(id)?, seed))
}

/// The same, to go on as long as somebody looks at it.
///
/// # Errors
/// As [`find`].
pub fn endless(id: &str, seed: u64) -> Result<RunPlan, String> {
    let mut plan = plan(id, seed, LENGTH_MAX.into())?;
    plan.length = RunPlan::new(plan.lab, seed).length;
    Ok(plan)
}
