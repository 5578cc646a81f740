//! Which requests are let through. The clock of the store stands still unless it is moved, so that all of
//! this is exact.

use crate::harness::context::{CheckContext, Rng};
use crate::harness::verdict::{CheckResult, Failure};
use crate::rate_limiter::limiter::{Due, Limiter, Settings, tenant};
use futures::future::join_all;
use rand::RngExt;
use std::time::Duration;

const TOO_MANY: &str = "lets-too-many-through";
const TOO_FEW: &str = "withholds-tokens";
const FRACTIONS: &str = "loses-fractions";

pub async fn burst(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("tenants");
    let mut limiter = Limiter::begin(context, Settings::new(&mut rng), 1).await?;
    limiter.copies[0].listens_on_loopback_alone()?;
    let first = tenant(&mut rng);
    // Two names that differ in case are two tenants.
    for name in [first.to_uppercase(), first] {
        let during = "by a tenant that did not come before";
        limiter.drains(&name, during).await?;
    }
    // Refusals cost nothing.
    let tenant = tenant(&mut rng);
    limiter.drains(&tenant, "by a third tenant").await?;
    limiter.store.advance(limiter.settings.token_ms + 1);
    let during = "after a refusal and the time of a token";
    limiter
        .expect(&tenant, Due::Allowed(0), during, TOO_FEW)
        .await?;
    limiter.copies.remove(0).stop().await
}

/// Twice, with rates far apart.
pub async fn refill(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("tenants");
    for token_ms in [Settings::new(&mut rng).token_ms, 2500] {
        let settings = Settings {
            token_ms,
            ..Settings::new(&mut rng)
        };
        let mut limiter = Limiter::begin(context, settings, 1).await?;
        let tenant = tenant(&mut rng);
        limiter.drains(&tenant, "by a new tenant").await?;
        let refused = Due::Refused(1);
        let steps = [
            (
                token_ms - 2,
                refused,
                TOO_MANY,
                "2 ms before a token is there",
            ),
            (4, Due::Allowed(0), TOO_FEW, "2 ms after a token is there"),
            (
                token_ms * 16 / 10,
                Due::Allowed(0),
                TOO_FEW,
                "when 1.6 tokens have come",
            ),
            (
                token_ms * 6 / 10,
                Due::Allowed(0),
                FRACTIONS,
                "when 0.6 and 0.6 have come",
            ),
            (
                token_ms * 6 / 10,
                refused,
                TOO_MANY,
                "when 0.2 and 0.6 have come",
            ),
            (
                token_ms * 25 / 10,
                Due::Allowed(2),
                FRACTIONS,
                "when 0.8 and 2.5 have come",
            ),
        ];
        for (advance, due, wrong, during) in steps {
            limiter.store.advance(advance);
            limiter.expect(&tenant, due, during, wrong).await?;
        }
        let pause = token_ms * settings.burst * rng.random_range(2..=20);
        limiter.store.advance(pause);
        limiter.drains(&tenant, "after a long pause").await?;
    }
    Ok(())
}

/// All at once, at three copies; then after a pause once more.
pub async fn shared(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("tenants");
    let settings = Settings::new(&mut rng);
    let limiter = Limiter::begin(context, settings, 3).await?;
    let tenant = tenant(&mut rng);
    let mut limiter = limiter;
    rivals(&mut limiter, &mut rng).await?;
    for gained in [settings.burst, 3] {
        let requests = 2 * gained + 4;
        let asked = (0..requests).map(|nr| limiter.take(nr as usize % 3, &tenant));
        let replies = join_all(asked).await;
        let mut allowed = 0;
        for (nr, reply) in replies.into_iter().enumerate() {
            let said = reply.as_ref().map_or(0, |reply| reply.status);
            if said == 200 {
                allowed += 1;
            } else {
                let due = Due::Refused(1);
                let during = "many at once, at three copies";
                limiter
                    .judge(nr % 3, due, during, "wrong-answer", reply)
                    .await?;
            }
        }
        if allowed != gained {
            let (diagnosis, headline) = if allowed > gained {
                (TOO_MANY, "The copies together let too many through.")
            } else {
                (TOO_FEW, "The copies together withheld tokens.")
            };
            return Err(Failure::new(diagnosis, headline)
                .sent(format!("{requests} requests at once, at three copies"))
                .got(format!("{allowed} were allowed"))
                .expected(format!("{gained}: there were so many tokens"))
                .into());
        }
        limiter.store.advance(settings.token_ms * 3 + 1);
    }
    Ok(())
}

/// A decision goes on for as long as others write the bucket meanwhile.
async fn rivals(limiter: &mut Limiter, rng: &mut Rng) -> CheckResult {
    const RIVALS: u32 = 30;
    let tenant = tenant(rng);
    let burst = limiter.settings.burst;
    let during = "by a tenant that did not come before";
    let due = Due::Allowed(burst - 1);
    limiter.expect(&tenant, due, during, TOO_FEW).await?;
    limiter.store.let_rivals_write(RIVALS);
    let during = format!("by a tenant whose bucket others write {RIVALS} times meanwhile");
    let due = Due::Allowed(burst - 2);
    limiter
        .expect(&tenant, due, &during, "gives-up-on-conflict")
        .await
}

pub async fn restart(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("tenants");
    let settings = Settings::new(&mut rng);
    let mut limiter = Limiter::begin(context, settings, 1).await?;
    let tenant = tenant(&mut rng);
    for left in (2..settings.burst).rev() {
        let during = "by a new tenant";
        limiter
            .expect(&tenant, Due::Allowed(left), during, TOO_FEW)
            .await?;
    }
    limiter.copies.remove(0).program.kill().await;
    limiter.start(context).await?;
    let during = "after the copy was killed and started again";
    for due in [Due::Allowed(1), Due::Allowed(0), Due::Refused(1)] {
        limiter.expect(&tenant, due, during, TOO_MANY).await?;
    }
    Ok(())
}

pub async fn clock(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("tenants");
    // Long, so that a busy machine takes less time to drain a bucket than one token needs.
    let settings = Settings {
        token_ms: 1000,
        ..Settings::new(&mut rng)
    };
    let mut limiter = Limiter::begin(context, settings, 1).await?;
    let tenant = tenant(&mut rng);
    limiter.drains(&tenant, "by a new tenant").await?;
    let token_ms = settings.token_ms;
    tokio::time::sleep(Duration::from_millis(token_ms + 300)).await;
    let during = "while the clock of the store stands still";
    limiter
        .expect(&tenant, Due::Refused(1), during, "own-clock")
        .await?;
    // Two tokens, of which one is taken; the rest stays through the step.
    limiter.store.advance(2 * token_ms + 1);
    let during = "when two tokens have come";
    limiter
        .expect(&tenant, Due::Allowed(1), during, TOO_FEW)
        .await?;
    // More than anybody would think of as a small step.
    let back = rng.random_range(90..=900) * token_ms;
    limiter.store.step_back(back);
    let during = "after the clock of the store stepped back";
    limiter
        .expect(&tenant, Due::Allowed(0), during, "clock-step")
        .await?;
    limiter.store.advance(back);
    let during = "when the clock has caught up after a step back";
    let reply = limiter.take(0, &tenant).await;
    let due = Due::Refused(1);
    limiter.judge(0, due, during, "clock-step", reply).await?;
    limiter.store.advance(token_ms);
    let during = "a token's time after the clock has caught up";
    limiter
        .expect(&tenant, Due::Allowed(0), during, "clock-step")
        .await?;
    limiter.store.step_back(back);
    let during = "after the clock stepped back once more";
    // It has to catch up first, and then a token's time is missing, less one millisecond.
    let due = Due::Refused((back + token_ms).div_ceil(1000));
    limiter.expect(&tenant, due, during, "clock-step").await
}

/// Far below its burst, and just below, of buckets that take minutes to fill.
pub async fn forgets(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("tenants");
    let settings = Settings {
        token_ms: [25_000, 40_000][rng.random_range(0..2)],
        ..Settings::new(&mut rng)
    };
    let mut limiter = Limiter::begin(context, settings, 1).await?;
    let token_ms = settings.token_ms;
    for taken in [1, settings.burst / 2, settings.burst] {
        let tenant = tenant(&mut rng);
        for nr in 1..=taken {
            let due = Due::Allowed(settings.burst - nr);
            limiter
                .expect(&tenant, due, "by a new tenant", TOO_FEW)
                .await?;
        }
        let full_ms = taken * token_ms;
        let keeps_ms = limiter.store.keeps_ms(&tenant);
        let (diagnosis, headline) = match keeps_ms {
            Some(ms) if ms > full_ms + 1000 => {
                ("never-forgets", "The store keeps the tenant for too long.")
            }
            Some(ms) if ms >= full_ms => continue,
            _ => (
                "forgets-too-early",
                "The store forgets a bucket that is not full yet.",
            ),
        };
        return Err(Failure::new(diagnosis, headline)
            .sent(format!(
                "{taken} requests of a new tenant, RATE={}",
                settings.rate()
            ))
            .got(format!(
                "the tenant is kept for {} ms",
                keeps_ms.unwrap_or(0)
            ))
            .expected(format!("for {full_ms} ms: then the bucket is full"))
            .into());
    }
    Ok(())
}
