//! The accept loop of both servers: one task a connection, and the end of all of them.

use super::site::Site;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Connections at once that are told that there are too many; more are closed without a word.
const TURNED_AWAY: usize = 32;
/// Before accepting is tried again, when the system has no room for a connection.
const RETRY: Duration = Duration::from_millis(50);

/// Accepts until the site is told to stop, then waits until those that are connected have gone, as long as the site
/// drains. `connection` serves one; `turn_away` serves one that is too many.
pub async fn accept<C, T>(
    listener: std::net::TcpListener,
    site: &Arc<Site>,
    connection: impl Fn(TcpStream, Arc<Site>) -> C,
    turn_away: impl Fn(TcpStream, Arc<Site>) -> T,
) where
    C: Future<Output = ()> + Send + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    let slots = Arc::new(Semaphore::new(site.limits.connections));
    let crowd = Arc::new(Semaphore::new(TURNED_AWAY));
    let mut stopped = site.stopped.clone();
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            // An error is a gateway that was dropped: that is a stop too.
            _ = stopped.wait_for(|stopped| *stopped) => break,
            Some(_) = open.join_next(), if !open.is_empty() => {}
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    tokio::time::sleep(RETRY).await;
                    continue;
                };
                let site = Arc::clone(site);
                if let Ok(slot) = Arc::clone(&slots).try_acquire_owned() {
                    let served = connection(stream, site);
                    open.spawn(async move {
                        served.await;
                        drop(slot);
                    });
                } else if let Ok(place) = Arc::clone(&crowd).try_acquire_owned() {
                    let refused = turn_away(stream, site);
                    open.spawn(async move {
                        refused.await;
                        drop(place);
                    });
                }
            }
        }
    }
    drop(listener);
    let all_gone = async { while open.join_next().await.is_some() {} };
    // Who is still here then is cut off, with the set.
    let _ = tokio::time::timeout(site.limits.drain, all_gone).await;
}
