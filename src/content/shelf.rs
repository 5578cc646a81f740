//! Where chapter folders lie: in the program itself, or in a folder of the user. Either way what comes
//! out is the text of the files of one chapter, and what could not be read.

use super::problem::{Position, Problem, Severity};
use crate::regular;
use ddlab_archive::{Archive, archive};
use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

/// The pages of `chapters/`, and its lists as JSON.
static EMBEDDED: Archive = archive!("chapters");
/// The lists as their authors wrote them, for who asks for lines: no start unpacks them. Empty in a release build.
static LISTS: Archive = archive!("lists");

/// A chapter is text for people; what is larger than this was not meant as one.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// What one pack may hold: files in bytes, and folders of chapters.
const PACK_BYTES_MAX: u64 = 64 << 20;
const PACK_FOLDERS_MAX: usize = 100;
/// Packs that are read from one folder.
const PACKS_MAX: usize = 100;

/// The folder of chapter folders.
const SHELF: &str = "chapters";
const PAGE: &str = "chapter.md";
const QUIZ: &str = "quiz.yaml";
const INTERVIEW: &str = "interview.yaml";
const GLOSSARY: &str = "glossary.yaml";
const APPENDIX: (&str, &str) = ("appendix-", ".md");

/// One file, as text.
#[derive(Debug, Clone)]
pub struct TextFile {
    pub path: PathBuf,
    text: Text,
}

#[derive(Debug, Clone)]
enum Text {
    Here(Cow<'static, str>),
    /// A list of the program itself; what its author wrote is in [`LISTS`].
    List {
        json: &'static str,
    },
}

impl TextFile {
    fn new(path: PathBuf, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            path,
            text: Text::Here(text.into()),
        }
    }

    pub fn text(&self) -> &str {
        match &self.text {
            Text::Here(text) => text,
            Text::List { .. } => {
                let path = self.path.strip_prefix(SHELF).ok().and_then(Path::to_str);
                path.and_then(|path| LISTS.file(path)).unwrap_or_default()
            }
        }
    }

    /// The same value as JSON, which is read ten times as fast; only lists of the program itself have it.
    pub fn json(&self) -> Option<&'static str> {
        match self.text {
            Text::Here(_) => None,
            Text::List { json } => Some(json),
        }
    }
}

/// The files of one chapter folder.
#[derive(Debug, Clone)]
pub struct ChapterFiles {
    pub page: TextFile,
    pub quiz: Option<TextFile>,
    pub interview: Option<TextFile>,
    /// By name.
    pub appendices: Vec<TextFile>,
}

/// The `NAME` of a file `appendix-NAME.md`.
pub fn appendix_name(file: &str) -> Option<&str> {
    let (prefix, suffix) = APPENDIX;
    file.strip_prefix(prefix)?.strip_suffix(suffix)
}

/// Of these file names those of appendices, in their order.
fn appendix_files(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut files: Vec<String> = names.filter(|name| appendix_name(name).is_some()).collect();
    files.sort();
    files
}

/// The chapter folders that are part of the program.
pub fn embedded() -> Vec<ChapterFiles> {
    let files = EMBEDDED.files().iter();
    let folders = files.filter_map(|file| file.path.strip_suffix(PAGE)?.strip_suffix('/'));
    folders
        .filter_map(|folder| {
            let file = |name: &str| embedded_file(&format!("{folder}/{name}"));
            let names = EMBEDDED.below(folder).map(|file| file.path.to_owned());
            Some(ChapterFiles {
                page: file(PAGE)?,
                quiz: file(QUIZ),
                interview: file(INTERVIEW),
                appendices: appendix_files(names)
                    .iter()
                    .filter_map(|name| file(name))
                    .collect(),
            })
        })
        .collect()
}

/// The glossary that is part of the program.
pub fn embedded_glossary() -> Option<TextFile> {
    embedded_file(GLOSSARY)
}

fn embedded_file(path: &str) -> Option<TextFile> {
    let shown = Path::new(SHELF).join(path);
    if let Some(text) = EMBEDDED.file(path) {
        return Some(TextFile::new(shown, text));
    }
    let json = EMBEDDED.file(&format!("{}.json", path.strip_suffix(".yaml")?))?;
    Some(TextFile {
        path: shown,
        text: Text::List { json },
    })
}

/// The glossary in `folder`, which may hold its chapters, and then this too, in [`SHELF`].
pub fn glossary_on_disk(folder: &Path, problems: &mut Vec<Problem>) -> Option<TextFile> {
    Pack::at(folder, problems).file(&shelf_in(folder).join(GLOSSARY))
}

fn shelf_in(folder: &Path) -> PathBuf {
    let inner = folder.join(SHELF);
    if inner.is_dir() {
        inner
    } else {
        folder.to_owned()
    }
}

/// The chapter folders in `folder`, which may be one itself or hold them in `chapters/`.
pub fn on_disk(folder: &Path, problems: &mut Vec<Problem>) -> Vec<ChapterFiles> {
    if folder.join(PAGE).is_file() {
        return Vec::from_iter(Pack::at(folder, problems).chapter(folder));
    }
    let shelf = shelf_in(folder);
    let entries = match fs::read_dir(&shelf) {
        Ok(entries) => entries,
        Err(error) => {
            problems.push(Problem::new(
                Severity::Error,
                shelf,
                None,
                format!("the content folder cannot be read: {error}"),
                "name a folder that holds chapter folders, or leave the option out",
            ));
            return Vec::new();
        }
    };
    let mut folders: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir() && !is_hidden(path))
        .collect();
    folders.sort();
    let mut pack = Pack::at(folder, problems);
    let chapters = folders.iter().filter(|folder| !is_pack(folder));
    let found: Vec<_> = chapters
        .take(PACK_FOLDERS_MAX)
        .filter_map(|folder| pack.chapter(folder))
        .collect();
    if folders.len() > PACK_FOLDERS_MAX + PACKS_MAX {
        let what = format!("it holds {} folders, too many for a pack", folders.len());
        let cure = format!("keep at most {PACK_FOLDERS_MAX} chapters and {PACKS_MAX} packs in it");
        problems.push(Problem::new(Severity::Error, &shelf, None, what, cure));
    }
    if folders.is_empty() && !shelf.join(GLOSSARY).exists() {
        problems.push(Problem::new(
            Severity::Warning,
            shelf,
            None,
            "there is no chapter folder in it",
            "a chapter is a folder with a chapter.md, such as 07-scatter-gather/chapter.md",
        ));
    }
    found
}

/// The packs that lie in `folder`, by name: folders that hold chapters of their own.
pub fn packs_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(shelf_in(folder)).into_iter().flatten();
    let mut packs: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| !is_hidden(path) && is_pack(path))
        .collect();
    packs.sort();
    packs.truncate(PACKS_MAX);
    packs
}

fn is_pack(path: &Path) -> bool {
    let holds_chapters = || {
        let entries = fs::read_dir(shelf_in(path)).into_iter().flatten();
        entries
            .flatten()
            .any(|entry| entry.path().join(PAGE).is_file())
    };
    !path.join(PAGE).exists() && (path.join(GLOSSARY).is_file() || holds_chapters())
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// The reading of one pack: nothing of it lies outside its folder, and all of it has a limit.
struct Pack<'a> {
    /// Its folder, without links.
    root: PathBuf,
    bytes_left: u64,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Pack<'a> {
    fn at(folder: &Path, problems: &'a mut Vec<Problem>) -> Self {
        Self {
            root: fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned()),
            bytes_left: PACK_BYTES_MAX,
            problems,
        }
    }

    fn chapter(&mut self, folder: &Path) -> Option<ChapterFiles> {
        let mut file = |name: &str| self.file(&folder.join(name));
        let (page, quiz, interview) = (file(PAGE), file(QUIZ), file(INTERVIEW));
        if let Some(page) = page {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
            return Some(ChapterFiles {
                page,
                quiz,
                interview,
                appendices: appendix_files(names)
                    .iter()
                    .filter_map(|name| file(name))
                    .collect(),
            });
        }
        if !folder.join(PAGE).exists() {
            self.problems.push(Problem::new(
                Severity::Warning,
                folder,
                None,
                "the folder has no chapter.md, so nothing of it is loaded",
                "add a chapter.md that starts with front matter, or move the folder away",
            ));
        }
        None
    }

    fn file(&mut self, path: &Path) -> Option<TextFile> {
        fs::metadata(path).ok()?;
        match self.read(path) {
            Ok(bytes) => text_of(path.to_owned(), bytes, self.problems),
            Err(refusal) => {
                self.problems.push(Problem::new(
                    Severity::Error,
                    path,
                    None,
                    format!("the file cannot be read: {refusal}"),
                    "make it a readable text file",
                ));
                None
            }
        }
    }

    fn read(&mut self, path: &Path) -> Result<Vec<u8>, String> {
        if !fs::canonicalize(path).is_ok_and(|real| real.starts_with(&self.root)) {
            return Err("it is a link that leads out of the pack".to_owned());
        }
        let bytes = regular::read(path, FILE_BYTES_MAX).map_err(|error| error.to_string())?;
        let left = self.bytes_left.checked_sub(bytes.len() as u64);
        self.bytes_left =
            left.ok_or_else(|| format!("the pack is larger than {PACK_BYTES_MAX} bytes"))?;
        Ok(bytes)
    }
}

fn text_of(path: PathBuf, bytes: Vec<u8>, problems: &mut Vec<Problem>) -> Option<TextFile> {
    match String::from_utf8(bytes) {
        // Windows line ends would give every column and every diagram a hidden last character.
        Ok(text) if text.contains('\r') => Some(TextFile::new(path, text.replace("\r\n", "\n"))),
        Ok(text) => Some(TextFile::new(path, text)),
        Err(error) => {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = 1 + String::from_utf8_lossy(good).matches('\n').count();
            problems.push(Problem::new(
                Severity::Error,
                path,
                Some(Position::line(line)),
                "the file is not UTF-8 text",
                "save it in UTF-8",
            ));
            None
        }
    }
}
