//! Whether the record has what one just did: said as it is, never hoped for.

use crate::tui::theme::Role;

/// What the record said to the last thing that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kept {
    #[default]
    Nothing,
    Waiting,
    OnDisk,
    InMemory,
}

impl Kept {
    /// Its word: on the disk, or in memory only.
    pub const fn of(durable: bool) -> Self {
        if durable {
            Self::OnDisk
        } else {
            Self::InMemory
        }
    }

    /// What to say, and how.
    pub const fn words(self) -> Option<(&'static str, Role)> {
        match self {
            Self::Nothing => None,
            Self::Waiting => Some(("saving", Role::Dim)),
            Self::OnDisk => Some(("saved", Role::Good)),
            Self::InMemory => Some(("in memory only, not saved", Role::Danger)),
        }
    }
}
