//! Many things at a time.

use futures::future::join_all;
use tokio::sync::Semaphore;

/// Does all of this work, at most `most` at the same time, and begins in this order; what came of
/// each.
pub async fn side_by_side<Work: Future>(
    most: usize,
    work: impl IntoIterator<Item = Work>,
) -> Vec<Work::Output> {
    let room = &Semaphore::new(most);
    let admitted = work.into_iter().map(|work| async move {
        // The semaphore is never closed, so waiting for it cannot fail.
        let _permit = room.acquire().await;
        work.await
    });
    join_all(admitted).await
}
