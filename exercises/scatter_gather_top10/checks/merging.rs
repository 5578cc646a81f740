//! Nothing is wrong, and the answer must be right.

use crate::harness::context::CheckContext;
use crate::harness::verdict::{CheckResult, Diagnosis, Failure};
use crate::scatter_gather_top10::corpus::{SHARDS, Shape, TOP};
use crate::scatter_gather_top10::judge::{Expected, Judged};
use crate::scatter_gather_top10::search::{Search, calls, query};
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
    search.program.listens_on_loopback_alone()?;
    search.stop().await
}

pub async fn merges(context: &CheckContext) -> CheckResult {
    // Time is not the matter here, so there is plenty of it.
    let mut search = Search::begin_with(context, Shape::Mixed, Duration::from_secs(2)).await?;
    let mut rng = context.rng("queries");
    let mut queries: Vec<String> = (0..20).map(|_| query(&mut rng)).collect();
    queries.extend(AWKWARD.map(str::to_owned));
    for (nr, query) in queries.iter().enumerate() {
        let judged = search.expect(&Expected::whole(query)).await;
        // A mangled query is the cause of whatever else is wrong, so it is told first.
        asked_for(&search, query)?;
        judged?;
        // The same text may come again in the sequence; only a new one says how often it was asked.
        if !queries[..nr].contains(query) {
            asked_once(&search, query)?;
        }
    }
    Ok(())
}

/// Every shard that was asked last was asked for what the client asked for, and for ten hits.
fn asked_for(search: &Search, query: &str) -> Judged {
    for shard in &search.shards {
        let Some(call) = shard.calls().into_iter().last() else {
            continue;
        };
        let asked = |name: &str| call.request.query(name).cloned().unwrap_or_default();
        let (q, k) = (asked("q"), asked("k"));
        let has_plus = call.request.target.contains('+');
        let failure = if q != query || has_plus {
            Failure::new(
                Diagnosis("mangles-query"),
                "A shard was asked for something else than the client asked for.",
            )
            .got(format!(
                "{} was asked {}",
                shard.name(),
                call.request.target
            ))
            .expected(format!("{query:?}, percent-encoded as it came"))
        } else if k != TOP.to_string() {
            Failure::new(
                Diagnosis("wrong-k"),
                "A shard was asked for another number of hits than ten.",
            )
            .got(format!("{} was asked with k={k}", shard.name()))
            .expected(format!("k={TOP}"))
        } else {
            continue;
        };
        return Err(failure.sent(format!("GET {}", Search::line(query))).into());
    }
    Ok(())
}

/// Every shard was asked one time for this search.
fn asked_once(search: &Search, query: &str) -> Judged {
    for shard in &search.shards {
        let times = calls(shard, query).len();
        if times > 1 {
            let headline = "A healthy shard was asked more than once for one search.";
            return Err(Failure::new(Diagnosis("asks-too-often"), headline)
                .sent(format!("GET {}", Search::line(query)))
                .got(format!("{} was asked {times} times", shard.name()))
                .expected("one call to each shard")
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
        let expected = Expected::whole(&query)
            .during("all of the best lots are on one shard")
            .names(|names| names.merge = Diagnosis("too-few-per-shard"));
        search.expect(&expected).await?;
    }
    Ok(())
}
