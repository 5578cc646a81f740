//! The secret store, and which of its credentials the service accepts.

use super::pattern::Token;
use std::cell::Cell;

/// Credentials are numbered in the order in which they were issued.
#[derive(Debug)]
pub struct Vault {
    newest: Cell<u64>,
    /// Up to this one none is accepted.
    revoked: Cell<u64>,
}

impl Default for Vault {
    fn default() -> Self {
        Self {
            newest: Cell::new(1),
            revoked: Cell::new(0),
        }
    }
}

impl Vault {
    pub fn token(&self) -> Token {
        Token(self.newest.get().to_string().into())
    }

    /// New credentials. Those before are still accepted.
    pub fn rotate(&self) {
        self.newest.set(self.newest.get() + 1);
    }

    /// The newest, and all before, are accepted no more.
    pub fn revoke(&self) {
        self.revoked.set(self.newest.get());
    }

    pub fn accepts(&self, token: &Token) -> bool {
        token
            .0
            .parse()
            .is_ok_and(|number: u64| number > self.revoked.get())
    }
}
