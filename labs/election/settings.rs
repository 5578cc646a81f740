//! The words of the lab's knobs.

use crate::choices;

choices! {
    /// What an owner does that is told to stop: it finishes its job, then releases the lease; it releases at once, as
    /// client-go's `ReleaseOnCancel` does, and then finishes its job; or it ends, and leaves the lease to run out.
    pub enum OnStop { DrainThenRelease, ReleaseThenDrain, Keep }
    /// How the owner of a Kubernetes Lease goes about keeping it.
    pub enum Client { ClientGo, Strict }
    /// `ZooKeeper`: at which word an owner stops.
    pub enum StopAt { Disconnected, Expired }
}
