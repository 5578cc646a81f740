//! A configuration reloader: notice a change, validate it, tell the application, and see that it has taken it.

use std::future::Future;

/// The application and where its configuration comes from.
pub trait Reloadable {
    type Config: Clone + PartialEq;

    /// What the source has now.
    fn source(&self) -> Self::Config;
    /// Whether the application could run with it.
    fn is_valid(&self, config: &Self::Config) -> bool;
    /// Has the application take it, and tells which one it runs with afterwards.
    fn apply(&self, config: &Self::Config) -> impl Future<Output = Self::Config>;
}

/// What a look at the source came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    Unchanged,
    Applied,
    /// It is wrong; the application keeps the last good one.
    Rejected,
    /// The application did not take it; look again.
    NotTaken,
}

// region: look
/// Looks at the source once. `seen` is the configuration that the last look has dealt with.
pub async fn look<R: Reloadable>(app: &R, seen: &mut Option<R::Config>) -> Looked {
    let config = app.source();
    if seen.as_ref() == Some(&config) {
        return Looked::Unchanged;
    }
    if !app.is_valid(&config) {
        *seen = Some(config);
        return Looked::Rejected;
    }
    // By version, and not by the signal's having been sent.
    if app.apply(&config).await != config {
        return Looked::NotTaken;
    }
    *seen = Some(config);
    Looked::Applied
}
// endregion: look
