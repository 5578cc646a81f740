//! What a program prints: the first and the last of it are kept, whatever lies between is counted.
//! A program may print a gigabyte; we read on (a full pipe would block it and change what is
//! being graded) and keep thirty-two kilobytes.

use ddlab_text::clip;
use serde::Serialize;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Bytes kept of the beginning, and as many of the end.
const KEPT: usize = 16 * 1024;
/// Lines of one stream that the sink is given; a program that prints more is not worth a
/// flooded screen.
const EMITTED_LINES_MAX: usize = 2_000;
const EMITTED_LINE_CHARS_MAX: usize = 400;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    Stdout,
    Stderr,
    /// The grader says it.
    Grader,
}

/// Where the lines that a program prints go while it runs, harmless to draw. Clones are the same sink.
#[derive(Clone, Default)]
pub struct OutputSink(Option<Arc<EmitLine>>);

type EmitLine = dyn Fn(Stream, String) + Send + Sync;

impl OutputSink {
    pub fn new(emit: impl Fn(Stream, String) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(emit)))
    }

    pub fn emit(&self, stream: Stream, line: String) {
        if let Some(emit) = &self.0 {
            emit(stream, line);
        }
    }
}

impl fmt::Debug for OutputSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OutputSink").finish()
    }
}

/// The kept output of a program, both streams in the order in which they were read.
#[derive(Debug, Clone, Default)]
pub struct Transcript {
    head: Vec<u8>,
    tail: Vec<u8>,
    /// Everything that was printed, in bytes.
    total: u64,
}

impl Transcript {
    fn absorb(&mut self, chunk: &[u8]) {
        self.total += chunk.len() as u64;
        let (first, rest) = chunk.split_at(chunk.len().min(KEPT - self.head.len()));
        self.head.extend_from_slice(first);
        let rest = &rest[rest.len().saturating_sub(KEPT)..];
        self.tail.extend_from_slice(rest);
        if self.tail.len() > 2 * KEPT {
            self.tail.drain(..self.tail.len() - KEPT);
        }
    }

    /// The first `first` and the last `last` lines, harmless to print, with a line between them
    /// that says how much was left out.
    pub fn excerpt(&self, first: usize, last: usize) -> Vec<String> {
        let cut = self.total > (self.head.len() + self.tail.len()) as u64;
        let clean = |bytes: &[u8]| -> Vec<String> {
            let text = String::from_utf8_lossy(bytes);
            text.lines().map(|line| clip(line, 120)).collect()
        };
        if cut {
            let (head, tail) = (clean(&self.head), clean(&self.tail));
            let mut lines: Vec<String> = head.into_iter().take(first).collect();
            lines.push(format!("… {} bytes in all …", self.total));
            lines.extend(tail.iter().skip(tail.len().saturating_sub(last)).cloned());
            return lines;
        }
        let lines = clean(&[self.head.as_slice(), self.tail.as_slice()].concat());
        if lines.len() <= first + last {
            return lines;
        }
        let mut short: Vec<String> = lines[..first].to_vec();
        short.push(format!("… {} lines …", lines.len() - first - last));
        short.extend_from_slice(&lines[lines.len() - last..]);
        short
    }
}

/// Reads a stream to its end: keeps it in `transcript`, gives the sink each line.
pub(super) fn follow(
    mut pipe: impl AsyncRead + Unpin + Send + 'static,
    stream: Stream,
    transcript: &Arc<Mutex<Transcript>>,
    sink: &OutputSink,
) -> tokio::task::JoinHandle<()> {
    let transcript = Arc::clone(transcript);
    let mut splitter = LineSplitter::new(stream, sink.clone());
    tokio::spawn(async move {
        let mut chunk = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = pipe.read(&mut chunk).await {
            transcript
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .absorb(&chunk[..read]);
            splitter.push(&chunk[..read]);
        }
        splitter.finish();
    })
}

/// Cuts a stream into lines for the sink, up to a budget.
struct LineSplitter {
    stream: Stream,
    sink: OutputSink,
    pending: Vec<u8>,
    emitted: usize,
}

impl LineSplitter {
    fn new(stream: Stream, sink: OutputSink) -> Self {
        Self {
            stream,
            sink,
            pending: Vec::new(),
            emitted: 0,
        }
    }

    fn push(&mut self, mut chunk: &[u8]) {
        while self.emitted < EMITTED_LINES_MAX {
            let Some(end) = chunk.iter().position(|byte| *byte == b'\n') else {
                let room = (4 * EMITTED_LINE_CHARS_MAX).saturating_sub(self.pending.len());
                self.pending
                    .extend_from_slice(&chunk[..chunk.len().min(room)]);
                return;
            };
            self.pending.extend_from_slice(&chunk[..end]);
            chunk = &chunk[end + 1..];
            self.line();
        }
    }

    fn line(&mut self) {
        let text = clip(
            &String::from_utf8_lossy(&self.pending),
            EMITTED_LINE_CHARS_MAX,
        );
        self.pending.clear();
        self.emitted += 1;
        self.sink.emit(self.stream, text);
        if self.emitted == EMITTED_LINES_MAX {
            let line = format!("(it prints on; the first {EMITTED_LINES_MAX} lines are shown)");
            self.sink.emit(self.stream, line);
        }
    }

    fn finish(&mut self) {
        if !self.pending.is_empty() && self.emitted < EMITTED_LINES_MAX {
            self.line();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_output_is_kept_whole() {
        let mut transcript = Transcript::default();
        transcript.absorb(b"one\ntwo\n");
        transcript.absorb(b"three");
        assert_eq!(transcript.excerpt(3, 3), ["one", "two", "three"]);
        assert_eq!(transcript.excerpt(1, 1), ["one", "… 1 lines …", "three"]);
    }

    #[test]
    fn of_a_flood_the_first_and_the_last_lines_are_kept_and_the_memory_is_bounded() {
        let mut transcript = Transcript::default();
        for nr in 0..200_000 {
            transcript.absorb(format!("line {nr}\n").as_bytes());
        }
        assert!(transcript.head.len() + transcript.tail.len() <= 3 * KEPT);
        let lines = transcript.excerpt(2, 1);
        assert_eq!(lines[..2], ["line 0", "line 1"]);
        assert!(lines[2].contains("bytes in all"), "{lines:?}");
        assert_eq!(lines[3], "line 199999");
    }

    #[test]
    fn output_that_would_move_the_cursor_is_shown_harmlessly() {
        let mut transcript = Transcript::default();
        transcript.absorb(b"\x1b[2Jboo\xff\n");
        assert_eq!(transcript.excerpt(5, 5), ["␛[2Jboo\u{fffd}"]);
    }
}
