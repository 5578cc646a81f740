//! Nothing is wrong, and the answer must be right.

use crate::harness::context::CheckContext;
use crate::harness::verdict::{CheckResult, Diagnosis, Failure};
use crate::scatter_gather_top10::corpus::{SHARDS, Shape};
use crate::scatter_gather_top10::judge::{Diagnoses, Expected, Judged};
use crate::scatter_gather_top10::search::{Search, query};
use rand::RngExt;
use std::time::Duration;

/// Texts that do not survive being pasted into a URL, and one that finds nothing anywhere.
const AWKWARD: [&str; 5] = [
    "salt & pepper",
    "50% off",
    "a+b=c?",
    "crème brûlée #1",
    "nothing like it",
];

pub async fn starts_and_stops(context: &CheckContext) -> CheckResult {
    let search = Search::begin(context, Shape::Mixed).await?;
    search.stop().await
}

pub async fn merges(context: &CheckContext) -> CheckResult {
    // Time is not the matter here, so there is plenty of it.
    let mut search = Search::begin_with(context, Shape::Mixed, Duration::from_secs(2)).await?;
    let mut rng = context.rng("queries");
    let mut queries: Vec<String> = (0..20).map(|_| query(&mut rng)).collect();
    queries.extend(AWKWARD.map(str::to_owned));
    for query in &queries {
        let expected = Expected {
            query,
            missing: &[],
            during: "",
            diagnoses: Diagnoses::USUAL,
        };
        let judged = search.expect(&expected).await;
        // A mangled query is the cause of whatever else is wrong, so it is told first.
        asked_for(&search, query)?;
        judged?;
    }
    Ok(())
}

/// Every shard that was asked in this check was asked for what the client asked for.
fn asked_for(search: &Search, query: &str) -> Judged {
    for shard in &search.shards {
        let Some(call) = shard.calls().into_iter().last() else {
            continue;
        };
        let asked = call.request.query("q").cloned().unwrap_or_default();
        if asked != query {
            return Err(Failure::new(
                Diagnosis("mangles-query"),
                "A shard was asked for something else than the client asked for.",
            )
            .sent(format!("GET {}", Search::line(query)))
            .got(format!("{} was asked for {asked:?}", shard.name()))
            .expected(format!("{query:?}, percent-encoded as it came"))
            .into());
        }
    }
    Ok(())
}

pub async fn one_shard_has_all(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("which");
    let shape = Shape::OneHasAll(rng.random_range(0..SHARDS));
    let mut search = Search::begin_with(context, shape, Duration::from_secs(2)).await?;
    for _ in 0..3 {
        let query = query(&mut rng);
        let expected = Expected {
            query: &query,
            missing: &[],
            during: "all of the best lots are on one shard",
            diagnoses: Diagnoses {
                merge: Diagnosis("too-few-per-shard"),
                ..Diagnoses::USUAL
            },
        };
        search.expect(&expected).await?;
    }
    Ok(())
}
