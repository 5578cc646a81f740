//! A shard fails, lies or talks nonsense; or all of them do.

use crate::harness::context::CheckContext;
use crate::harness::upstream::fault::{Fault, Garbage, When};
use crate::harness::verdict::{CheckResult, Diagnosis, Failure};
use crate::scatter_gather_top10::corpus::{SHARDS, Shape};
use crate::scatter_gather_top10::judge::Expected;
use crate::scatter_gather_top10::search::{Search, query, query_where};
use rand::RngExt;
use std::time::Duration;

/// The body under the error status is a good one, so a program that does not look at the status
/// takes it for an answer. Then the shard is well again, and the same search finds all; and then it
/// fails once more, and what it said before is no answer.
pub async fn shard_errors(context: &CheckContext) -> CheckResult {
    let mut search = Search::begin(context, Shape::Mixed).await?;
    let mut rng = context.rng("fault");
    for status in [500, 203, 503, 429] {
        let failing = rng.random_range(0..SHARDS);
        let query = query(&mut rng);
        let missing = [failing];
        for hides in ["swallows-errors", "answers-from-memory"] {
            search.shards[failing].inject(When::query("q", &query), Fault::Status(status));
            let expected = Expected::partial(&query, &missing)
                .during(format!("shard {} answers {status}", failing + 1))
                .names(|names| names.hides = Diagnosis(hides));
            // A shard that keeps failing is asked all the same.
            for _ in 0..3 {
                search.expect(&expected).await?;
            }
            search.shards[failing].heal();
            let during = format!("shard {} is well again after {status}", failing + 1);
            let expected = Expected::whole(&query)
                .during(during)
                .names(|names| names.blames = Diagnosis("caches-partial-answer"));
            search.expect(&expected).await?;
        }
    }
    Ok(())
}

pub async fn shard_lies(context: &CheckContext) -> CheckResult {
    let mut search = Search::begin_with(context, Shape::Mixed, Duration::from_millis(1200)).await?;
    let mut rng = context.rng("fault");
    let lying = rng.random_range(0..SHARDS);
    search.shards[lying].inject(When::Always, Fault::Lie);
    for _ in 0..3 {
        // A lie that cannot change the answer would prove nothing.
        let query = query_where(&mut rng, |query| {
            let hits = search.corpus.hits(query, lying);
            let top = search.corpus.oracle(query, &[0, 1, 2]);
            let spread = hits.first().map(|hit| hit.score) != hits.last().map(|hit| hit.score);
            let counts = hits.iter().take(10).filter(|hit| top.contains(hit)).count();
            spread && counts >= 3
        })?;
        let expected = Expected::whole(&query)
            .during(format!("shard {} sends its hits worst first", lying + 1))
            .names(|names| {
                names.order = Diagnosis("trusts-order");
                names.merge = names.order;
            });
        search.expect(&expected).await?;
    }
    Ok(())
}

pub async fn shard_garbage(context: &CheckContext) -> CheckResult {
    let mut search = Search::begin(context, Shape::Mixed).await?;
    let mut rng = context.rng("fault");
    let garbage = Garbage::ALL.map(Fault::Garbage).into_iter();
    for fault in garbage.chain([Fault::CutBody]) {
        let failing = rng.random_range(0..SHARDS);
        let query = query_where(&mut rng, |query| {
            search.corpus.hits(query, failing).len() >= 2
        })?;
        let during = format!("shard {} {}", failing + 1, fault.in_words());
        search.shards[failing].inject(When::query("q", &query), fault);
        let missing = [failing];
        let expected = Expected::partial(&query, &missing)
            .during(during)
            .names(|names| names.hides = Diagnosis("trusts-garbage"));
        search.expect(&expected).await?;
    }
    Ok(())
}

pub async fn all_down(context: &CheckContext) -> CheckResult {
    let mut search = Search::begin(context, Shape::Mixed).await?;
    let mut rng = context.rng("fault");
    for fault in [Fault::Status(500), Fault::Hang] {
        for shard in &search.shards {
            shard.inject(When::Always, fault.clone());
        }
        let during = format!("every shard {}", fault.in_words());
        unavailable(&mut search, &query(&mut rng), &during).await?;
    }
    for shard in &search.shards {
        shard.close().await;
    }
    unavailable(
        &mut search,
        &query(&mut rng),
        "every shard refuses connections",
    )
    .await
}

async fn unavailable(search: &mut Search, query: &str, during: &str) -> CheckResult {
    let reply = search.ask(query).await;
    let Ok(reply) = reply else {
        let expected = Expected::partial(query, &[0, 1, 2]).during(during);
        return search.judge(&expected, reply).await;
    };
    let (status, took, said) = (reply.status, reply.took, reply.text());
    let failure = if took > search.bound() {
        search.late(Diagnosis("misses-deadline"), took)
    } else if status == 503 {
        return Ok(());
    } else if status == 200 {
        Failure::new(
            Diagnosis("empty-200-when-all-down"),
            "No shard answered, and the program says 200.",
        )
        .got(format!("status 200, {said}"))
        .expected("status 503")
    } else {
        Failure::new(
            Diagnosis("wrong-status"),
            "No shard answered, and the status is not 503.",
        )
        .got(format!("status {status}, {said}"))
        .expected("status 503: try again later, it is not the client's fault")
    };
    Err(failure
        .sent(format!("GET {}, while {during}", Search::line(query)))
        .into())
}
