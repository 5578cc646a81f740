//! Where chapter folders lie: in the program itself, or in a folder of the user. Either way what comes
//! out is the text of the files of one chapter, and what could not be read.

use super::problem::{Position, Problem, Severity};
use crate::regular;
use include_dir::{Dir, include_dir};
use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/chapters");
/// The lists among them as JSON, which `build.rs` wrote.
static AS_JSON: Dir<'static> = include_dir!("$OUT_DIR/chapters");

/// A chapter is text for people; what is larger than this was not meant as one.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// What one pack may hold: files in bytes, and folders of chapters.
const PACK_BYTES_MAX: u64 = 64 << 20;
const PACK_FOLDERS_MAX: usize = 100;
/// Packs that are read from one folder.
const PACKS_MAX: usize = 100;

const PAGE: &str = "chapter.md";
const QUIZ: &str = "quiz.yaml";
const INTERVIEW: &str = "interview.yaml";
const GLOSSARY: &str = "glossary.yaml";
const APPENDIX: (&str, &str) = ("appendix-", ".md");

/// One file, as text.
#[derive(Debug, Clone)]
pub struct TextFile {
    pub path: PathBuf,
    pub text: Cow<'static, str>,
    /// The same value as JSON, which is read ten times as fast; only lists of the program itself have it.
    pub json: Option<&'static str>,
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
pub fn embedded(problems: &mut Vec<Problem>) -> Vec<ChapterFiles> {
    let mut found = Vec::new();
    for folder in EMBEDDED.dirs() {
        let mut file = |name: &str| embedded_file(&folder.path().join(name), problems);
        if let Some(page) = file(PAGE) {
            let names = folder.files().filter_map(|file| file.path().file_name());
            let names = names.map(|name| name.to_string_lossy().into_owned());
            found.push(ChapterFiles {
                page,
                quiz: file(QUIZ),
                interview: file(INTERVIEW),
                appendices: appendix_files(names)
                    .iter()
                    .filter_map(|name| file(name))
                    .collect(),
            });
        }
    }
    found
}

/// The glossary that is part of the program.
pub fn embedded_glossary(problems: &mut Vec<Problem>) -> Option<TextFile> {
    embedded_file(Path::new(GLOSSARY), problems)
}

fn embedded_file(path: &Path, problems: &mut Vec<Problem>) -> Option<TextFile> {
    let bytes = EMBEDDED.get_file(path)?.contents();
    let file = text_of(
        Path::new("chapters").join(path),
        Cow::Borrowed(bytes),
        problems,
    )?;
    let json = AS_JSON.get_file(path.with_extension("json"));
    Some(TextFile {
        json: json.and_then(include_dir::File::contents_utf8),
        ..file
    })
}

/// The glossary in `folder`, which may hold its chapters, and then this too, in `chapters/`.
pub fn glossary_on_disk(folder: &Path, problems: &mut Vec<Problem>) -> Option<TextFile> {
    Pack::at(folder, problems).file(&shelf_in(folder).join(GLOSSARY))
}

fn shelf_in(folder: &Path) -> PathBuf {
    let inner = folder.join("chapters");
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
            Ok(bytes) => text_of(path.to_owned(), Cow::Owned(bytes), self.problems),
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

fn text_of(
    path: PathBuf,
    bytes: Cow<'static, [u8]>,
    problems: &mut Vec<Problem>,
) -> Option<TextFile> {
    let text = match bytes {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed),
        Cow::Owned(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Cow::Owned(text)),
            Err(error) => {
                return refuse_bytes(path, error.as_bytes(), error.utf8_error(), problems);
            }
        },
    };
    match text {
        // Windows line ends would give every column and every diagram a hidden last character.
        Ok(text) if text.contains('\r') => Some(TextFile {
            path,
            text: Cow::Owned(text.replace("\r\n", "\n")),
            json: None,
        }),
        Ok(text) => Some(TextFile {
            path,
            text,
            json: None,
        }),
        Err(error) => refuse_bytes(path, &[], error, problems),
    }
}

fn refuse_bytes(
    path: PathBuf,
    bytes: &[u8],
    error: std::str::Utf8Error,
    problems: &mut Vec<Problem>,
) -> Option<TextFile> {
    let good = &bytes[..error.valid_up_to().min(bytes.len())];
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
