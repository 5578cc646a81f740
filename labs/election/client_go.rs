//! The loop of Kubernetes' own library, client-go, which differs from [`hold`](super::pattern) in two ways:
//!
//! - a renewal gets a fresh `RenewDeadline` when it is first *tried*, a `RetryPeriod` after the last good one: the
//!   owner gives up a retry period plus a deadline after that (12 s of 15), so clocks may differ in rate by
//!   15/12 = 1.25, and not by 15/10;
//! - an attempt that finds another holder is like one that found nobody: it is repeated until the deadline, and the
//!   work goes on meanwhile, after a pause for ten seconds beside the new owner.
//!
//! With `ReleaseOnCancel` it gives the lease up when it is told to stop, whether or not the work has ended.
//!
//! Source: kubernetes/client-go, `tools/leaderelection/leaderelection.go`, `acquire`, `renew`, `release` and
//! `tryAcquireOrRenew`.

use super::pattern::{LeaseStore, Token};
use crate::engine::env;
use futures::future::{Either, select};
use std::pin::pin;

/// Competes for the lease for ever; runs `own` while it is held.
pub async fn campaign<S: LeaseStore>(store: &S, own: impl AsyncFn(Token)) {
    loop {
        if let Ok(Some(token)) = store.acquire().await {
            let renewing = pin!(renew(store, token));
            let work = pin!(own(token));
            if let Either::Right(_) = select(renewing, work).await {
                let _ = env::timeout(store.times().retry, store.release(token)).await;
            }
        }
        store.worth_asking(store.times().retry).await;
    }
}

/// Ends when a renewal was tried for a whole deadline in vain.
async fn renew<S: LeaseStore>(store: &S, token: Token) {
    loop {
        let tries = async {
            while !matches!(store.renew(token).await, Ok(true)) {
                env::sleep(store.times().retry).await;
            }
        };
        if env::timeout(store.times().renew_deadline, tries)
            .await
            .is_err()
        {
            return;
        }
        env::sleep(store.times().retry).await;
    }
}
