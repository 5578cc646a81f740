//! What one request does must not reach another: not its late answers, not its calls, not its
//! state, not its slowness.

use crate::harness::context::CheckContext;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckResult, Diagnosis, Failure};
use crate::scatter_gather_top10::corpus::{SHARDS, Shape, TOP};
use crate::scatter_gather_top10::judge::Expected;
use crate::scatter_gather_top10::search::{Search, query, query_where};
use futures::future::join_all;
use rand::RngExt;
use std::collections::BTreeSet;
use std::time::Duration;

/// One shard keeps its answer to a search until that search has been answered without it, and then
/// sends it, just before the next search.
pub async fn late_answers(context: &CheckContext) -> CheckResult {
    let mut search = Search::begin(context, Shape::Mixed).await?;
    let mut rng = context.rng("fault");
    for _ in 0..3 {
        let late = rng.random_range(0..SHARDS);
        let others: Vec<usize> = (0..SHARDS).filter(|nr| *nr != late).collect();
        let first = query_where(&mut rng, |query| {
            !search.corpus.hits(query, late).is_empty()
        })?;
        let late_best = search.corpus.hits(&first, late)[0].score;
        // A late answer that does not make it into the ten best would leak unseen.
        let second = query_where(&mut rng, |query| {
            let fresh = search.corpus.oracle(query, &others);
            fresh.len() < TOP || fresh[TOP - 1].score < late_best
        })?;
        let gate = search.shards[late].hold(When::query("q", &first));
        let missing = [late];
        let partial = Expected::partial(&first, &missing);
        let during = format!("shard {} keeps its answer back", late + 1);
        search.expect(&partial.during(during)).await?;
        gate.open();
        // Either it is sent now, or the program hung up long ago, which is as good.
        search.shards[late]
            .wait_until(Duration::from_secs(1), |shard| shard.in_flight() == 0)
            .await;
        // The late answer has a head start on the new ones, and what it would be mistaken for
        // comes last.
        for (nr, shard) in search.shards.iter().enumerate() {
            let delay = Duration::from_millis(if nr == late { 120 } else { 30 });
            shard.inject(When::query("q", &second), Fault::Delay(delay));
        }
        let whole = Expected::whole(&second)
            .during(format!(
                "shard {} has just sent its late answer to {first:?}",
                late + 1
            ))
            .names(|names| names.foreign = Diagnosis("leaks-late-answers"));
        search.expect(&whole).await?;
    }
    Ok(())
}

/// Six searches meet a hanging shard; once they are answered, their calls to it must end.
pub async fn calls_end(context: &CheckContext) -> CheckResult {
    const SEARCHES: usize = 6;
    const GRACE: Duration = Duration::from_millis(400);
    /// Longer calls are not waited for.
    const PATIENCE: Duration = Duration::from_millis(1500);
    let mut search = Search::begin(context, Shape::Mixed).await?;
    let mut rng = context.rng("fault");
    let hanging = rng.random_range(0..SHARDS);
    search.shards[hanging].inject(When::Always, Fault::Hang);
    let queries: Vec<String> = (0..SEARCHES).map(|_| query(&mut rng)).collect();
    let replies = join_all(queries.iter().map(|query| search.ask(query))).await;
    let shard = &search.shards[hanging];
    let answered = context.now();
    shard
        .wait_until(PATIENCE, |shard| shard.in_flight() == 0)
        .await;
    let lingered = context.now().saturating_sub(answered);
    if lingered > GRACE && replies.iter().all(Result::is_ok) {
        return Err(Failure::new(
            Diagnosis("piles-up-calls"),
            "The searches were answered, but their calls to the hanging shard go on.",
        )
        .sent(format!(
            "{SEARCHES} searches at once, while shard {} hangs",
            hanging + 1
        ))
        .got(format!(
            "calls open for {} ms after the last answer, {} of them still now",
            lingered.as_millis(),
            shard.in_flight()
        ))
        .expected("no call outlives its request: the connection is closed at the deadline")
        .by_clock(lingered)
        .into());
    }
    let during = format!("shard {} hangs, and six searches come at once", hanging + 1);
    let missing = [hanging];
    for (query, reply) in queries.iter().zip(replies) {
        let expected = Expected::partial(query, &missing).during(&during);
        search.judge(&expected, reply).await?;
    }
    Ok(())
}

pub async fn concurrent(context: &CheckContext) -> CheckResult {
    let mut search = Search::begin_with(context, Shape::Mixed, Duration::from_millis(1500)).await?;
    let mut rng = context.rng("queries");
    let queries: BTreeSet<String> = (0..8).map(|_| query(&mut rng)).collect();
    for query in &queries {
        for shard in &search.shards {
            let delay = Duration::from_millis(rng.random_range(0..80));
            shard.inject(When::query("q", query), Fault::Delay(delay));
        }
    }
    let replies = join_all(queries.iter().map(|query| search.ask(query))).await;
    for (query, reply) in queries.iter().zip(replies) {
        let expected = Expected::whole(query).during("seven other searches run at the same time");
        search.judge(&expected, reply).await?;
    }
    Ok(())
}

/// While others wait for a hanging shard, more than a pool of threads would have places for, another
/// search must come and go.
pub async fn not_blocked(context: &CheckContext) -> CheckResult {
    const SLOW: usize = 40;
    let mut search = Search::begin_with(context, Shape::Mixed, Duration::from_secs(2)).await?;
    let mut rng = context.rng("fault");
    let hanging = rng.random_range(0..SHARDS);
    let slow = query(&mut rng);
    let quick = query_where(&mut rng, |query| query != slow)?;
    search.shards[hanging].inject(When::query("q", &slow), Fault::Hang);
    let then_quick = async {
        let shard = &search.shards[hanging];
        shard
            .wait_until(search.deadline / 2, |shard| shard.in_flight() >= SLOW)
            .await;
        let stuck = shard.in_flight() > 0;
        let sent_at = context.now();
        let reply = search.ask(&quick).await;
        // If the slow search is not stuck at all, there is nothing to be blocked by.
        (reply, sent_at, stuck.then(|| context.now()))
    };
    let slow_one = async || (search.ask(&slow).await, context.now());
    let slow_ones = join_all((0..SLOW).map(|_| slow_one()));
    let (slow_replies, (quick_reply, sent_at, back)) = futures::join!(slow_ones, then_quick);
    let over = slow_replies.iter().map(|(_, over)| *over).min();
    if let (Some(back), Some(over)) = (back, over)
        && back > over
    {
        return Err(Failure::new(
            Diagnosis("blocks-next-request"),
            "A search had to wait until others, stuck on a hanging shard, were done.",
        )
        .sent(format!(
            "GET {}, while {SLOW} other searches wait for shard {}",
            Search::line(&quick),
            hanging + 1,
        ))
        .got(format!(
            "an answer after {} ms, and only after the slow searches were over",
            back.saturating_sub(sent_at).as_millis(),
        ))
        .expected("an answer within some milliseconds: every shard answers this search at once")
        .by_clock(search.deadline / 2)
        .into());
    }
    let during = format!("{SLOW} other searches wait for shard {}", hanging + 1);
    let expected = Expected::whole(&quick).during(during);
    search.judge(&expected, quick_reply).await?;
    let during = format!("shard {} hangs for this search alone", hanging + 1);
    let missing = [hanging];
    let expected = Expected::partial(&slow, &missing).during(during);
    for (reply, _) in slow_replies {
        search.judge(&expected, reply).await?;
    }
    Ok(())
}
