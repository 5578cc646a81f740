//! Every exercise.

use crate::harness::exercise::Exercise;

/// In the order of the book.
static BUILT: &[&Exercise] = &[
    &crate::log_shipper::EXERCISE,
    &crate::config_reloader::EXERCISE,
    &crate::mtls_sidecar::EXERCISE,
    &crate::retry_budget::EXERCISE,
    &crate::exporter::EXERCISE,
    &crate::graceful_server::EXERCISE,
    &crate::rate_limiter::EXERCISE,
    &crate::two_choices::EXERCISE,
    &crate::sharding_proxy::EXERCISE,
    &crate::scatter_gather_top10::EXERCISE,
    &crate::hedged_requests::EXERCISE,
    &crate::api_composition::EXERCISE,
    &crate::queue_worker::EXERCISE,
    &crate::windowed_counts::EXERCISE,
    &crate::partition_consumer::EXERCISE,
    &crate::settlement::EXERCISE,
    &crate::thumbnail_function::EXERCISE,
    &crate::lease_owner::EXERCISE,
];

/// Every exercise, in the order of the book.
pub fn all() -> &'static [&'static Exercise] {
    BUILT
}

/// No exercise has that slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no exercise `{}`{}; `ddlab exercise list` names them all", ddlab_text::given(.slug), ddlab_text::hint(.nearest.as_deref()))]
pub struct UnknownExercise {
    pub slug: String,
    /// The known slug that is nearest to it, if any is near.
    pub nearest: Option<String>,
}

/// The exercise with this slug.
pub fn find(slug: &str) -> Result<&'static Exercise, UnknownExercise> {
    all()
        .iter()
        .copied()
        .find(|exercise| exercise.slug() == slug)
        .ok_or_else(|| UnknownExercise {
            slug: ddlab_text::clean_line(slug).into_owned(),
            nearest: ddlab_text::nearest(slug, all().iter().map(|exercise| exercise.slug()))
                .map(str::to_owned),
        })
}
