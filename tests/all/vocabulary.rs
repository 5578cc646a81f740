//! One word a thing, and the field's word: a short list of words that this code does not use, with what to say
//! instead. Names, strings and comments of all Rust files are held to it; the book is not.

use crate::layers::{root, rust_files};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// A word, where it is not used, and what to say instead.
struct Ban {
    word: &'static str,
    within: Within,
    say: &'static str,
    /// Where it is used in another sense.
    except: &'static [&'static str],
    /// The rooms that do without it; all of them where none is named.
    only: &'static [&'static str],
}

#[derive(Clone, Copy, PartialEq)]
enum Within {
    /// As a whole word, or as a part of a name: `deed`, `DeedAt`, `the_deed`.
    All,
    /// As a part of a name: `told`, `told_of_it`.
    Names,
    /// As a part of the name of a type: `Taken`, `TakenRun`.
    Types,
    /// As these letters, in strings and comments.
    Prose,
}

const BANS: &[Ban] = &[
    ban("deed", Within::All, "intervention"),
    ban(
        "door",
        Within::All,
        "client of a run, or the module that calls it",
    ),
    ban("crank", Within::All, "drive, or step"),
    ban("doorway", Within::All, "entrance"),
    ban("plant", Within::All, "put, or place; environment"),
    // What an interviewer says, and the id of a made-up chapter.
    ban("walk", Within::All, "go through, visit, or progress").except(&[
        "src/practice/prompt.rs",
        "src/check/tests",
        "exercises/workspace",
    ]),
    ban(
        "desk",
        Within::All,
        "server, its state, or who handles requests",
    )
    .except(STILL),
    // Exercises describe with it what a program was sent; a cheat sheet has a field of that name.
    ban("told", Within::Names, TELL).except(STILL),
    ban("tell", Within::Names, TELL).except(STILL),
    ban("take", Within::Types, "segment, or measurement"),
    // An application that has not taken up its configuration; a write that a storage has taken.
    ban("taken", Within::Types, "segment, or measurement")
        .except(&["labs/sidecar", "labs/election"]),
    ban("stage", Within::Types, "the context of a check").only(&["exercises/harness"]),
    ban("manieth", Within::All, "ordinal, or index"),
    ban("it is no ", Within::Prose, "it is not a …"),
    ban("` is no ", Within::Prose, "… is not a …"),
    ban(" is no json", Within::Prose, "is not valid JSON"),
    ban("is no span of time", Within::Prose, "is not a duration"),
    ban("stands already", Within::Prose, "is already …"),
    ban("stands twice", Within::Prose, "appears twice"),
];

/// Where `told` is still a name; a new file elsewhere does without.
const STILL: &[&str] = &[
    // It implements the lab's trait.
    "design/kind/pipeline/stages.rs",
    "exercises",
    "labs/adapter",
    "labs/event_pipeline",
    "labs/sidecar",
    "labs/tests.rs",
    "src/cli/lab/play.rs",
    "src/practice/cheat.rs",
    "tests/all",
];

const TELL: &str = "emit, notify, send, print or report, whichever it is";

const fn ban(word: &'static str, within: Within, say: &'static str) -> Ban {
    Ban {
        word,
        within,
        say,
        except: &[],
        only: &[],
    }
}

impl Ban {
    const fn except(mut self, rooms: &'static [&'static str]) -> Self {
        self.except = rooms;
        self
    }

    const fn only(mut self, rooms: &'static [&'static str]) -> Self {
        self.only = rooms;
        self
    }

    fn holds_in(&self, path: &Path) -> bool {
        let among = |rooms: &[&str]| rooms.iter().any(|room| path.starts_with(room));
        !among(self.except) && (self.only.is_empty() || among(self.only))
    }
}

/// A piece of a file: code between comments and strings, or the text of one of those.
struct Piece {
    line: usize,
    is_prose: bool,
    text: String,
}

/// The pieces of a file of Rust. Enough of its grammar to tell code from text: comments to the end of the
/// line, strings with escapes, raw strings, and characters such as `'"'`.
fn pieces(source: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < source.len() {
        let rest = &source[at..];
        let (length, is_prose) =
            prose(rest).map_or_else(|| (code(rest), false), |length| (length, true));
        let text = rest[..length].to_owned();
        let lines = text.matches('\n').count();
        pieces.push(Piece {
            line,
            is_prose,
            text,
        });
        line += lines;
        at += length;
    }
    pieces
}

/// How many bytes of comment or string begin here, if any do.
fn prose(rest: &str) -> Option<usize> {
    let to = |end: &str, from: usize| {
        rest[from..]
            .find(end)
            .map_or(rest.len(), |at| from + at + end.len())
    };
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("r#\"") {
        return Some(to("\"#", 3));
    }
    if rest.starts_with("r\"") {
        return Some(to("\"", 2));
    }
    if !rest.starts_with('"') {
        return None;
    }
    let mut escaped = false;
    let end = rest[1..].find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    Some(end.map_or(rest.len(), |end| end + 2))
}

/// How many bytes of code begin here: up to the next comment or string, and at least one character.
fn code(rest: &str) -> usize {
    let mut at = 0;
    while at < rest.len() {
        let here = &rest[at..];
        let is_name = rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if at > 0 && prose(here).is_some() && !(is_name && here.starts_with('r')) {
            break;
        }
        // A quotation mark as a character is not the start of a string.
        at += if here.starts_with("'\"'") {
            3
        } else if here.starts_with("'\\\"'") {
            4
        } else {
            here.chars().next().map_or(1, char::len_utf8)
        };
    }
    at
}

/// The words of a text in lower case; those of a name are told apart by `_` and by capital letters.
fn words(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut word = String::new();
    for c in text.chars() {
        if !c.is_alphabetic() || c.is_uppercase() {
            words.insert(std::mem::take(&mut word));
        }
        if c.is_alphabetic() {
            word.extend(c.to_lowercase());
        }
    }
    words.insert(word);
    words
}

/// Whether a name that begins with a capital letter has this word in it.
fn names_type(code: &str, word: &str) -> bool {
    let is_part = |c: char| !c.is_alphanumeric() && c != '_';
    let mut types = code
        .split(is_part)
        .filter(|name| name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase));
    types.any(|name| words(name).contains(word))
}

/// `words` are those of the piece.
fn breaks(piece: &Piece, words: &BTreeSet<String>, ban: &Ban) -> bool {
    let has = |wanted: &str| words.contains(wanted);
    match ban.within {
        Within::All => has(ban.word) || has(&format!("{}s", ban.word)),
        Within::Names => !piece.is_prose && has(ban.word),
        Within::Types => !piece.is_prose && names_type(&piece.text, ban.word),
        Within::Prose => piece.is_prose && piece.text.to_lowercase().contains(ban.word),
    }
}

#[test]
fn no_file_uses_a_word_that_has_a_better_one() {
    let mut files = Vec::new();
    for room in [
        "text",
        "practice",
        "labs",
        "design",
        "exercises",
        "src",
        "tests",
        "benches",
        "xtask",
    ] {
        rust_files(&root().join(room), &mut files);
    }
    let mut broken = String::new();
    for path in files.iter().filter(|path| !path.ends_with("vocabulary.rs")) {
        let text = fs::read_to_string(path).unwrap();
        let path = path.strip_prefix(root()).unwrap();
        let bans: Vec<&Ban> = BANS.iter().filter(|ban| ban.holds_in(path)).collect();
        for piece in pieces(&text) {
            let words = words(&piece.text);
            for ban in bans.iter().filter(|ban| breaks(&piece, &words, ban)) {
                let path = path.display();
                let _ = writeln!(
                    broken,
                    "{path}:{}: not `{}`; say {}",
                    piece.line,
                    ban.word.trim(),
                    ban.say
                );
            }
        }
    }
    assert!(broken.is_empty(), "\n{broken}");
}

#[test]
fn a_word_is_found_in_names_strings_and_comments_and_only_where_it_is_banned() {
    let source = "fn theDeed() { let quote = '\"'; say(\"no deeds\"); } // a deed\nstruct indeed;";
    let found = |within| {
        let ban = ban("deed", within, "");
        pieces(source)
            .iter()
            .filter(|piece| breaks(piece, &words(&piece.text), &ban))
            .count()
    };
    assert_eq!(found(Within::All), 3);
    assert_eq!(found(Within::Names), 1);
    assert_eq!(found(Within::Types), 0, "a type begins with a capital");
    assert!(names_type("let run = TakenRun::new();", "taken"));
    let again: String = pieces(source).into_iter().map(|piece| piece.text).collect();
    assert_eq!(again, source);
}
