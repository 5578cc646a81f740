//! Text files that are part of the program: a build script packs them ([`pack`]), the program unpacks them when it is
//! first asked for one ([`Archive`]).
//!
//! An archive is the number of its unpacked bytes (4 bytes, the low one first), then a raw deflate stream (RFC 1951) of
//! this text: a line `BYTES PATH` for each file, an empty line, the files one after the other.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_slice_iter_to_slice;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io;
use std::iter;
use std::path::Path;
use std::sync::OnceLock;

/// The level at which zlib is said to be best; above it is only slower.
const LEVEL: u8 = 9;

/// Files by their path below a folder, with `/` on every system.
pub type Files = BTreeMap<String, String>;

/// One file of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    /// Below the folder that was packed, with `/` on every system.
    pub path: &'static str,
    pub text: &'static str,
}

/// The files that a build script has packed; [`archive!`] declares it.
#[derive(Debug)]
pub struct Archive {
    packed: &'static [u8],
    files: OnceLock<Vec<File>>,
}

/// The archive that the build script of this crate has packed as `OUT_DIR/NAME`.
#[macro_export]
macro_rules! archive {
    ($name:literal) => {
        $crate::Archive::new(include_bytes!(concat!(env!("OUT_DIR"), "/", $name)))
    };
}

impl Archive {
    pub const fn new(packed: &'static [u8]) -> Self {
        Self {
            packed,
            files: OnceLock::new(),
        }
    }

    /// Every file, by its path. What is unpacked once is kept as long as the program runs.
    pub fn files(&self) -> &[File] {
        self.files.get_or_init(|| unpacked(self.packed))
    }

    /// The text of the file with this path.
    pub fn file(&self, path: &str) -> Option<&'static str> {
        let files = self.files();
        let place = files.binary_search_by(|file| file.path.cmp(path)).ok()?;
        Some(files[place].text)
    }

    /// The files below a folder, each with its path in that folder.
    pub fn below(&self, folder: &str) -> impl Iterator<Item = File> {
        self.files().iter().filter_map(move |file| {
            let path = file.path.strip_prefix(folder)?.strip_prefix('/')?;
            Some(File { path, ..*file })
        })
    }
}

fn unpacked(packed: &'static [u8]) -> Vec<File> {
    let (length, stream) = packed
        .split_first_chunk()
        .expect("an archive begins with its length");
    let mut text = vec![0; u32::from_le_bytes(*length) as usize];
    decompress_slice_iter_to_slice(&mut text, iter::once(stream), false, true)
        .expect("`pack` has written the stream");
    let text = String::from_utf8(text).expect("`pack` takes texts").leak();
    let mut rest: &'static str = text;
    let mut line = || {
        let (line, after) = rest.split_once('\n').expect("an empty line ends the index");
        rest = after;
        line
    };
    let index: Vec<_> = iter::from_fn(|| line().split_once(' ')).collect();
    let file = |(length, path): (&str, &'static str)| {
        let length = length.parse().expect("`pack` writes a length");
        let text;
        (text, rest) = rest.split_at(length);
        File { path, text }
    };
    index.into_iter().map(file).collect()
}

/// Writes these files as the archive `file`; for build scripts. None of the paths has a line break in it.
///
/// # Errors
/// When it cannot be written.
pub fn pack(files: &Files, file: &Path) -> io::Result<()> {
    let mut text = String::new();
    for (path, content) in files {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} {path}", content.len());
    }
    text.push('\n');
    text.extend(files.values().map(String::as_str));
    let length = u32::try_from(text.len()).map_err(io::Error::other)?;
    let mut packed = length.to_le_bytes().to_vec();
    packed.extend(compress_to_vec(text.as_bytes(), LEVEL));
    fs::write(file, packed)
}

/// Every file below a folder that is not hidden; for build scripts.
///
/// # Errors
/// When one cannot be read, or is not a text in UTF-8.
pub fn files_below(folder: &Path) -> io::Result<Files> {
    fn walk(root: &Path, folder: &Path, found: &mut Files) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let hidden = path
                .file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            if hidden {
                continue;
            }
            if path.is_dir() {
                walk(root, &path, found)?;
                continue;
            }
            let named = |error| io::Error::other(format!("{}: {error}", path.display()));
            let inner = path.strip_prefix(root).map_err(io::Error::other)?;
            let steps: Vec<_> = inner.iter().map(|step| step.to_string_lossy()).collect();
            found.insert(steps.join("/"), fs::read_to_string(&path).map_err(named)?);
        }
        Ok(())
    }
    let mut found = Files::new();
    walk(folder, folder, &mut found)?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(files: &Files) -> Archive {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("packed");
        pack(files, &file).unwrap();
        Archive::new(fs::read(file).unwrap().leak())
    }

    #[test]
    fn what_is_packed_comes_out_again() {
        let folder = tempfile::tempdir().unwrap();
        let lie = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let long = "one line and another\n\n".repeat(1000);
        lie("page.md", &long);
        lie("starter/rust/src/main.rs", "fn main() {}\n");
        lie("starter/rust/empty", "");
        lie("starter-not/x", "ä → ö");
        lie(".hidden", "x");
        let files = files_below(folder.path()).unwrap();
        assert_eq!(files.len(), 4);
        let archive = archive(&files);
        assert!(archive.packed.len() < long.len() / 10);
        let out = archive.files().iter();
        let out: Files = out
            .map(|file| (file.path.to_owned(), file.text.to_owned()))
            .collect();
        assert_eq!(out, files);
        assert_eq!(archive.file("page.md"), Some(long.as_str()));
        assert_eq!(archive.file("page"), None);
        let below: Vec<_> = archive.below("starter").map(|file| file.path).collect();
        assert_eq!(below, ["rust/empty", "rust/src/main.rs"]);
    }

    #[test]
    fn an_archive_may_be_empty() {
        assert_eq!(archive(&Files::new()).files(), []);
    }

    #[test]
    fn what_is_no_text_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("picture"), [0xff, 0xfe]).unwrap();
        let error = files_below(folder.path()).unwrap_err().to_string();
        assert!(error.contains("picture"), "{error}");
    }
}
