//! A log of bounded size: a new file begins when the last one is full, and so many files are kept.
//!
//! The bound belongs here and not to the disk: a pod whose volume outgrows its limit is evicted, application, backlog
//! and all.

use std::collections::VecDeque;

/// What to do with a line for which there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFull {
    /// Whoever writes it waits.
    Block,
    /// It is lost.
    DropNew,
    /// The oldest file is lost.
    DropOld,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Bytes of one file.
    pub file: u64,
    /// Bytes of all files together.
    pub total: u64,
    pub on_full: OnFull,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    Yes,
    /// Lines are lost: this one, or so many of the oldest that nobody had shipped.
    Lost(u64),
    /// There is no room, and the writer has to wait.
    Full,
}

/// Lines are numbered in the order in which they are written.
#[derive(Debug, Default)]
pub struct RotatingLog {
    files: VecDeque<File>,
    /// The number of the next line.
    next: u64,
}

#[derive(Debug)]
struct File {
    first: u64,
    bytes: u64,
}

impl RotatingLog {
    /// The first line that is still there.
    pub fn first(&self) -> u64 {
        self.files.front().map_or(self.next, |file| file.first)
    }

    /// The number of the next line.
    pub fn end(&self) -> u64 {
        self.next
    }

    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    // region: append
    /// Writes a line of so many bytes. What lies before `shipped` may go without a loss.
    pub fn append(&mut self, bytes: u64, shipped: u64, rules: &Rules) -> Appended {
        let mut lost = 0;
        let fits = self
            .files
            .back()
            .is_some_and(|last| last.bytes + bytes <= rules.file);
        if !fits {
            let most = (rules.total / rules.file).max(1) as usize;
            while self.files.len() >= most {
                let behind = self.files.get(1).map_or(self.next, |second| second.first);
                let unshipped = behind.saturating_sub(shipped.max(self.first()));
                match rules.on_full {
                    _ if unshipped == 0 => {}
                    OnFull::Block => return Appended::Full,
                    OnFull::DropNew => return Appended::Lost(1),
                    OnFull::DropOld => lost += unshipped,
                }
                self.files.pop_front();
            }
            self.files.push_back(File {
                first: self.next,
                bytes: 0,
            });
        }
        if let Some(last) = self.files.back_mut() {
            last.bytes += bytes;
        }
        self.next += 1;
        if lost > 0 {
            Appended::Lost(lost)
        } else {
            Appended::Yes
        }
    }
    // endregion: append
}

impl RotatingLog {
    /// An empty one, whose next line has this number.
    pub fn from(next: u64) -> Self {
        Self {
            files: VecDeque::new(),
            next,
        }
    }
}
