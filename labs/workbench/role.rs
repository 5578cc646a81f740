//! Roles: what the nodes of a lab are, as data of the lab. A screen knows none of their names.

/// What nodes of one kind are, and how a picture shows them. Two roles are the same when their words are.
#[derive(Debug)]
pub struct Role {
    /// What one is called, and how it is numbered: `leaf`, so `leaf 3`.
    pub word: &'static str,
    /// What several are called.
    pub plural: &'static str,
    pub rank: Rank,
    pub sign: Sign,
    /// Names by which actions may call them beside their numbers, the first for number 1; often none.
    pub names: &'static [&'static str],
    /// A picture says the name of each node, and not the word with a number.
    pub is_shown_by_name: bool,
}

/// Where a node stands in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rank {
    /// What sends work: clients, roots, proxies, queues.
    Head,
    /// The many that do it, which actions are aimed at.
    Member,
    /// What stands behind them: origins and stores.
    Tail,
}

/// What of a node is shown beside its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// A bar of its load, and how many wait for it.
    Load,
    /// It has no slots that could be full: how many requests it has in progress.
    InProgress,
}

impl Role {
    pub const fn new(word: &'static str, plural: &'static str, rank: Rank) -> Self {
        Self {
            word,
            plural,
            rank,
            sign: Sign::Load,
            names: &[],
            is_shown_by_name: false,
        }
    }

    /// The same, where pictures say the name of each node.
    #[must_use]
    pub const fn shown_by_name(self) -> Self {
        Self {
            is_shown_by_name: true,
            ..self
        }
    }

    /// The same, where each has a name of its own.
    #[must_use]
    pub const fn named(self, names: &'static [&'static str]) -> Self {
        Self { names, ..self }
    }

    /// The number of the one with this name.
    pub fn number_of(&self, name: &str) -> Option<u32> {
        let place = self.names.iter().position(|each| *each == name)?;
        Some(place as u32 + 1)
    }

    /// What the one with this number is called: `leaf 3`, or its name.
    pub fn called(&self, number: u32) -> String {
        let name = (number as usize)
            .checked_sub(1)
            .and_then(|place| self.names.get(place));
        name.map_or_else(
            || format!("{} {number}", self.word),
            |name| (*name).to_owned(),
        )
    }

    /// The same, with what it has in progress in place of its load.
    #[must_use]
    pub const fn that_asks(self) -> Self {
        Self {
            sign: Sign::InProgress,
            ..self
        }
    }
}

impl PartialEq for Role {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl Eq for Role {}
