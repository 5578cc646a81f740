//! Template: the pattern itself, as one would ship it. It knows no simulator: time comes from `engine::env`, and
//! peers come through a small trait.

use crate::engine::env;
use std::time::Duration;

/// Whom the pattern asks.
pub trait Peer {
    /// TODO say what it is asked. True when it did it.
    fn ask(&self) -> impl Future<Output = bool>;
}

/// TODO write the pattern. This stub asks once more, after `pause`, when the first answer is no.
pub async fn ask_twice(peer: &impl Peer, pause: Duration) -> bool {
    if peer.ask().await {
        return true;
    }
    env::sleep(pause).await;
    peer.ask().await
}
