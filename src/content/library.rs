//! All chapters together. Embedded first; each folder of the user then replaces chapters of the same
//! id and adds others.

use super::folder;
use super::glossary::{Glossary, GlossaryFile};
use super::model::{Chapter, InterviewQuestion, QuizQuestion};
use super::problem::{Problem, Severity};
use super::shelf::{self, ChapterFiles, TextFile, appendix_name};
use ddlab_text::{hint, nearest};
use std::path::PathBuf;
use std::sync::LazyLock;

/// The book: every chapter that could be read, in the order of the book, and what is wrong with the rest.
#[derive(Debug, Clone, Default)]
pub struct Library {
    shelved: Vec<Shelved>,
    glossaries: Vec<GlossaryFile>,
    glossary: Glossary,
    problems: Vec<Problem>,
}

/// A chapter beside the files that it came from, to which problems point.
#[derive(Debug, Clone)]
pub struct Shelved {
    pub chapter: Chapter,
    pub files: ChapterFiles,
}

/// A name that is none, and the right one nearest to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} `{}`{}", ddlab_text::given(.asked), hint(.nearest.as_deref()))]
pub struct UnknownName {
    pub what: &'static str,
    pub asked: String,
    pub nearest: Option<String>,
}

impl Library {
    /// The content that is part of the program, read once: each test asks for it.
    pub fn embedded() -> Self {
        static BOOK: LazyLock<Library> = LazyLock::new(|| Library::load(&[]));
        BOOK.clone()
    }

    /// The embedded content, overlaid by these folders in turn.
    pub fn load(folders: &[PathBuf]) -> Self {
        let mut library = Self::default();
        library.shelve(shelf::embedded());
        library.add_terms(shelf::embedded_glossary());
        for folder in folders {
            library.add_folder(folder);
        }
        library.glossary = Glossary::new(&library.glossaries);
        library
    }

    /// One folder alone, without the embedded content: what a checker looks at.
    pub fn folder(folder: &std::path::Path) -> Self {
        let mut library = Self::default();
        library.add_folder(folder);
        library.glossary = Glossary::new(&library.glossaries);
        library
    }

    /// A pack, or a folder of packs.
    fn add_folder(&mut self, folder: &std::path::Path) {
        self.add_pack(folder);
        for pack in shelf::packs_in(folder) {
            self.add_pack(&pack);
        }
    }

    fn add_pack(&mut self, folder: &std::path::Path) {
        let files = shelf::on_disk(folder, &mut self.problems);
        self.shelve(files);
        let terms = shelf::glossary_on_disk(folder, &mut self.problems);
        self.add_terms(terms);
    }

    fn add_terms(&mut self, file: Option<TextFile>) {
        if let Some(file) = file {
            let read = GlossaryFile::read(file, &mut self.problems);
            self.glossaries.push(read);
        }
    }

    /// Adds what comes from one place: there an id may stand once, and replaces that of earlier places.
    fn shelve(&mut self, place: Vec<ChapterFiles>) {
        let mut fresh: Vec<Shelved> = Vec::new();
        for files in place {
            let Some(chapter) = folder::chapter(&files, &mut self.problems) else {
                continue;
            };
            let id = &chapter.meta.id;
            if let Some(first) = fresh.iter().find(|other| other.chapter.meta.id == *id) {
                self.problems.push(Problem::new(
                    Severity::Error,
                    &files.page.path,
                    None,
                    format!(
                        "the chapter id `{id}` is taken by {}; this folder is left out",
                        first.files.page.path.display()
                    ),
                    "give each chapter an id of its own",
                ));
                continue;
            }
            fresh.push(Shelved { chapter, files });
        }
        self.shelved.retain(|old| {
            fresh
                .iter()
                .all(|new| new.chapter.meta.id != old.chapter.meta.id)
        });
        self.shelved.append(&mut fresh);
        self.shelved.sort_by(|a, b| {
            let key = |s: &Shelved| (s.chapter.meta.number, s.chapter.meta.id.clone());
            key(a).cmp(&key(b))
        });
    }

    /// In the order of the book.
    pub fn chapters(&self) -> impl ExactSizeIterator<Item = &Chapter> {
        self.shelved.iter().map(|shelved| &shelved.chapter)
    }

    /// The chapters beside their files, for those who check them.
    pub fn shelved(&self) -> &[Shelved] {
        &self.shelved
    }

    /// The terms of the field.
    pub fn glossary(&self) -> &Glossary {
        &self.glossary
    }

    /// The files that the terms came from, for those who check them.
    pub fn glossaries(&self) -> &[GlossaryFile] {
        &self.glossaries
    }

    /// What could not be loaded, or only in part.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The chapter with this number (`7`, `07`), id, folder name, title, or the only one whose id
    /// begins so; or the appendix with this id, `sidecar/cluster`.
    pub fn chapter(&self, asked: &str) -> Result<&Chapter, UnknownName> {
        let wanted = asked.trim().to_lowercase();
        let mut appendices = self.chapters().flat_map(|chapter| &chapter.appendices);
        if let Some(appendix) = appendices.find(|appendix| appendix.meta.id == wanted) {
            return Ok(appendix);
        }
        let number = wanted.trim_start_matches("chapter").trim().parse::<u8>();
        let exact = self.chapters().find(|chapter| {
            chapter.meta.id == wanted
                || number.as_ref() == Ok(&chapter.meta.number)
                || chapter.meta.title.to_lowercase() == wanted
                || folder_name(chapter) == Some(wanted.as_str())
        });
        if let Some(chapter) = exact {
            return Ok(chapter);
        }
        let mut begun = self
            .chapters()
            .filter(|chapter| !wanted.is_empty() && chapter.meta.id.starts_with(&wanted));
        match (begun.next(), begun.next()) {
            (Some(chapter), None) => Ok(chapter),
            _ => Err(self.unknown_chapter(asked, number.ok())),
        }
    }

    /// The chapter that a link of a page names: `../06-sharded/chapter.md` and `sharded` are the same;
    /// or its appendix, `../06-sharded/appendix-cluster.md`.
    pub fn chapter_of_link(&self, target: &str) -> Result<&Chapter, UnknownName> {
        let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        if let Some((folder, file)) = target.rsplit_once('/')
            && let Some(name) = appendix_name(file)
        {
            let chapter = self.chapter(&last(folder))?;
            return self.chapter(&format!("{}/{name}", chapter.meta.id));
        }
        self.chapter(&last(target.trim_end_matches("/chapter.md")))
    }

    fn unknown_chapter(&self, asked: &str, number: Option<u8>) -> UnknownName {
        let near = match number {
            Some(number) => self
                .chapters()
                .min_by_key(|chapter| chapter.meta.number.abs_diff(number))
                .map(|chapter| chapter.meta.number.to_string()),
            None => nearest(asked, self.chapters().map(|c| c.meta.id.as_str())).map(str::to_owned),
        };
        UnknownName {
            what: "chapter",
            asked: asked.to_owned(),
            nearest: near,
        }
    }

    /// The quiz question with this id, and its chapter.
    ///
    /// # Errors
    /// When no chapter has it, with the id that may be meant.
    pub fn quiz_question(&self, id: &str) -> Result<(&Chapter, &QuizQuestion), UnknownName> {
        let ids = || self.chapters().flat_map(|c| &c.quiz).map(|q| &q.id);
        self.find_quiz_question(id)
            .ok_or_else(|| unknown_question("quiz question", id, ids()))
    }

    /// The same, without a look for what may be meant, which takes much longer.
    pub fn find_quiz_question(&self, id: &str) -> Option<(&Chapter, &QuizQuestion)> {
        self.chapters().find_map(|chapter| {
            let question = chapter.quiz.iter().find(|question| question.id == id)?;
            Some((chapter, question))
        })
    }

    /// The interview question with this id, and its chapter.
    ///
    /// # Errors
    /// When no chapter has it, with the id that may be meant.
    pub fn interview_question(
        &self,
        id: &str,
    ) -> Result<(&Chapter, &InterviewQuestion), UnknownName> {
        let ids = || self.chapters().flat_map(|c| &c.interview).map(|q| &q.id);
        self.find_interview_question(id)
            .ok_or_else(|| unknown_question("interview question", id, ids()))
    }

    /// The same, without a look for what may be meant.
    pub fn find_interview_question(&self, id: &str) -> Option<(&Chapter, &InterviewQuestion)> {
        self.chapters().find_map(|chapter| {
            let question = chapter
                .interview
                .iter()
                .find(|question| question.id == id)?;
            Some((chapter, question))
        })
    }
}

fn unknown_question<'a>(
    what: &'static str,
    id: &str,
    ids: impl Iterator<Item = &'a String>,
) -> UnknownName {
    UnknownName {
        what,
        asked: id.to_owned(),
        nearest: nearest(id, ids.map(String::as_str)).map(str::to_owned),
    }
}

fn folder_name(chapter: &Chapter) -> Option<&str> {
    chapter.path.parent()?.file_name()?.to_str()
}
