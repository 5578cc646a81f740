//! Being asked to end: ctrl-C, and what a shell or a cluster sends.

use tokio::signal::unix::{SignalKind, signal};

/// Returns the number of the signal that asked us to end. From the first poll on the signals no longer
/// end the program by themselves.
pub async fn interrupted() -> u8 {
    let listen = |kind: SignalKind| async move {
        match signal(kind) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = listen(SignalKind::interrupt()) => 2,
        () = listen(SignalKind::terminate()) => 15,
        () = listen(SignalKind::hangup()) => 1,
    }
}
