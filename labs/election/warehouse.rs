//! What the work writes to: it remembers the last job done and the highest token it has seen.

use super::pattern::{Fence, Token, Written};
use std::cell::Cell;

/// What travels to the storage.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    pub token: Token,
    /// None: it only raises the fence and reads.
    pub job: Option<u64>,
    /// For the meters only: which ownership of the run this is, in truth.
    pub ownership: u64,
}

#[derive(Debug, Default)]
pub struct Warehouse {
    fence: Fence,
    /// Highest that has arrived, refused or not.
    seen: Cell<Option<Token>>,
    newest_ownership: Cell<u64>,
    done: Cell<u64>,
}

/// What became of a request.
#[derive(Debug, Clone, Copy)]
pub struct Taken {
    pub answer: Written,
    /// The highest token that had been seen before.
    pub highest: Option<Token>,
    /// Let in from an owner after a newer one had come.
    pub is_stale: bool,
    /// Let in, and it had been done before.
    pub is_doubled: bool,
}

impl Warehouse {
    /// The last job done.
    pub fn done(&self) -> u64 {
        self.done.get()
    }

    pub fn highest(&self) -> Option<Token> {
        self.seen.get()
    }

    /// Without a fence it remembers the token all the same, and lets everybody in.
    pub fn take(&self, request: Request, fenced: bool) -> Taken {
        let admitted = self.fence.admits(request.token) || !fenced;
        let highest = self.seen.get();
        self.seen.set(highest.max(Some(request.token)));
        let newest = self.newest_ownership.get();
        let mut taken = Taken {
            answer: Written::Fenced,
            highest,
            is_stale: false,
            is_doubled: false,
        };
        if !admitted {
            return taken;
        }
        if let Some(job) = request.job {
            taken.is_stale = request.ownership < newest;
            taken.is_doubled = job <= self.done.get();
            self.done.set(job.max(self.done.get()));
        }
        self.newest_ownership.set(newest.max(request.ownership));
        taken.answer = Written::Accepted {
            done: self.done.get(),
        };
        taken
    }
}
