//! The knobs as the types that the pattern works with.

use super::commit::Protocol;
use super::table::Knobs;
use crate::choices;

choices! {
    /// How sales find their payments.
    pub enum Joining {
        /// Both sides go to the worker of their part; the payments of a part are kept in memory.
        Hash,
        /// Both sides go to the worker of their part, and are sorted.
        SortMerge,
        /// All payments go to every worker, and the sales stay where they are.
        Broadcast,
    }
}

choices! {
    /// How results become visible, and what is remembered of payouts.
    pub enum Committing {
        /// One pointer is changed; the bank recognises a payout by its key.
        Transaction,
        /// Written aside, then renamed one by one; each payout is noted when it is made.
        Rename,
        /// Written where readers look; payouts are noted with their task.
        Direct,
    }
}

choices! {
    /// What of a night survives a crash.
    pub enum Checkpoint {
        /// Stages that are over.
        Stage,
        /// Tasks that are done.
        Task,
        /// Nothing but what has been committed.
        None,
    }
}

impl Committing {
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::Transaction => Protocol::Transaction,
            Self::Rename => Protocol::Rename,
            Self::Direct => Protocol::Direct,
        }
    }
}

impl Knobs {
    /// Tasks of the join: the parts of the map where the sales stay there, or as many as there are reducers.
    pub fn join_tasks(&self) -> usize {
        match self.join.get() {
            Joining::Broadcast => self.map_tasks.get(),
            Joining::Hash | Joining::SortMerge => self.reducers.get(),
        }
    }

    /// Rows that travel to the join.
    pub fn rows_to_join(&self, sales: usize, payments: usize) -> usize {
        match self.join.get() {
            Joining::Broadcast => payments * self.map_workers.get(),
            Joining::Hash | Joining::SortMerge => sales + payments,
        }
    }
}
