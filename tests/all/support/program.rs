//! The real binary with pipes on all sides, as scripts and screen readers meet it.

use super::Holds;
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A home of its own, so that no record is shared.
pub struct Program {
    home: TempDir,
}

/// Runs `ddlab` once, in a home of its own: `lab list --json`.
#[track_caller]
pub fn ddlab(line: &str) -> Ran {
    Program::new().run(line)
}

impl Program {
    pub fn new() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        Self { home }
    }

    /// A file or a folder in the home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The binary with these arguments, which blanks part.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ddlab"));
        command
            .args(line.split_whitespace())
            .current_dir(self.home.path())
            .env("DDLAB_DATA", self.path("data"))
            .env_remove("JOB_COMPLETION_INDEX")
            .env_remove("DDLAB_SHARDS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, line: &str) -> Ran {
        self.answer(line, "")
    }

    /// Runs it with this on its standard input.
    pub fn answer(&self, line: &str, input: &str) -> Ran {
        Ran::of(&mut self.command(line), input)
    }
}

/// What came of a command.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(command: &mut Command, input: &str) -> Self {
        let mut child = command.spawn().expect("the program was built");
        let mut stdin = child.stdin.take().expect("it is piped");
        // Who asks nothing reads nothing, and may be gone already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        let text = |bytes| String::from_utf8(bytes).expect("the program prints UTF-8");
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Holds that it ended with this status.
    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        self
    }

    /// What it printed, after holding that all went well and that it complained of nothing.
    #[track_caller]
    pub fn printed(self) -> String {
        let ran = self.ended(0);
        assert_eq!(ran.err, "");
        ran.out
    }

    /// What it complained of, after holding that it was refused and printed nothing.
    #[track_caller]
    pub fn complaint(self) -> String {
        let ran = self.ended(2);
        assert_eq!(ran.out, "");
        ran.err
    }

    /// Holds that it was refused with a complaint that has these parts.
    #[track_caller]
    pub fn refused<'a>(self, parts: impl IntoIterator<Item = &'a str>) {
        self.complaint().holds(parts);
    }

    /// Holds that it printed each of these.
    #[track_caller]
    pub fn shows<'a>(&self, parts: impl IntoIterator<Item = &'a str>) {
        self.out.holds(parts);
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        let read = serde_json::from_str(&self.out);
        read.unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    /// Holds that a pipe and a screen reader are given nothing that they would have to obey.
    #[track_caller]
    pub fn plain(self) -> Self {
        let odd = |c: &char| c.is_control() && *c != '\n';
        for text in [&self.out, &self.err] {
            let odd: Vec<char> = text.chars().filter(odd).collect();
            assert!(odd.is_empty(), "{odd:?} in {text}");
        }
        self
    }
}
