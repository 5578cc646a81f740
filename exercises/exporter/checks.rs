//! The promises of this exercise, one function each.

use super::targets::{AppStats, RedisStats, Target, Targets};
use super::{ROUTES_MAX, SCRAPE_MS};
use crate::harness::context::CheckContext;
use crate::harness::redis::Trouble;
use crate::harness::upstream::fault::{Fault, Garbage, When};
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use futures::future::join_all;
use rand::RngExt;
use std::collections::BTreeMap;
use std::time::Duration;

async fn begin(context: &CheckContext) -> Result<Targets, CheckOutcome> {
    Targets::begin(context, SCRAPE_MS, ROUTES_MAX).await
}

pub async fn exposes(context: &CheckContext) -> CheckResult {
    let mut targets = begin(context).await?;
    targets.program.listens_on_loopback_alone()?;
    let during = "while all targets are well";
    targets.expect(&[], during, "wrong-value").await?;
    // An empty Redis, and a service that nobody has asked yet.
    targets.redis[0].0.keys.clear();
    targets.redis[1].0.clients = 0;
    targets.apps[0].0.requests.clear();
    targets.apps[1].0.queue = 0;
    targets.publish();
    let during = "while one Redis has no keys, and one service had no requests";
    targets.expect(&[], during, "wrong-value").await?;
    targets.program.stop().await
}

pub async fn labels(context: &CheckContext) -> CheckResult {
    let mut targets = begin(context).await?;
    let names = [
        r#"GET /search?q="oak""#,
        r"GET C:\new\table",
        "GET /two\nlines",
        "GET /a,b={c}",
        "GET /größe",
        r#"GET \""#,
    ];
    for (nr, name) in names.into_iter().enumerate() {
        targets.apps[0].0.requests = vec![(name.to_owned(), nr as u64 + 1)];
        targets.publish();
        let during = format!("while a service has the route {name:?}");
        targets.expect(&[], &during, "bad-label").await?;
    }
    Ok(())
}

pub async fn counter_reset(context: &CheckContext) -> CheckResult {
    let mut targets = begin(context).await?;
    targets
        .expect(&[], "before a restart", "wrong-value")
        .await?;
    targets.redis[0].0.commands = 17;
    targets.apps[0].0.count = 2;
    for (_, count) in &mut targets.apps[0].0.requests {
        *count = 1;
    }
    targets.publish();
    let during = "after a Redis and a service began to count anew";
    targets.expect(&[], during, "hides-reset").await
}

pub async fn renamed_field(context: &CheckContext) -> CheckResult {
    let mut targets = begin(context).await?;
    targets
        .expect(&[], "before an upgrade", "wrong-value")
        .await?;
    targets.redis[0].0.renamed = true;
    targets.apps[1].0.renamed = true;
    targets.publish();
    let during = "after an upgrade renamed connected_clients and queue_depth";
    targets.expect(&[], during, "missing-is-zero").await
}

/// Each of them in turn, in each kind of trouble.
pub async fn dead_target(context: &CheckContext) -> CheckResult {
    let mut targets = Targets::begin(context, 600, ROUTES_MAX).await?;
    targets
        .expect(&[], "while all targets are well", "wrong-value")
        .await?;
    for trouble in [
        Trouble::Loading,
        Trouble::BreaksOff,
        Trouble::Drips,
        Trouble::Hangs,
    ] {
        let witness = context.witness(&format!("INFO met a Redis that {trouble:?}"));
        targets.redis[1].1.set_trouble(Some((trouble, witness)));
        let during = format!("while a Redis answers badly: {trouble:?}");
        targets
            .expect(&[Target::Redis(1)], &during, "dead-is-up")
            .await?;
        targets.redis[1].1.set_trouble(None);
    }
    for fault in [
        Fault::Status(500),
        Fault::CutBody,
        Fault::Garbage(Garbage::HalfJson),
        Fault::Garbage(Garbage::Html),
        Fault::Hang,
    ] {
        let during = format!("while a service {}", fault.in_words());
        targets.apps[0].1.server.inject(When::Always, fault);
        targets
            .expect(&[Target::App(0)], &during, "dead-is-up")
            .await?;
        targets.apps[0].1.server.heal();
    }
    targets.redis[0].1.close();
    targets.apps[1].1.server.close().await;
    let down = [Target::Redis(0), Target::App(1)];
    let during = "while a Redis and a service refuse connections";
    targets.expect(&down, during, "dead-is-up").await
}

/// All targets take most of the time. Twice, with times far apart.
pub async fn slow_target(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("times");
    for scrape_ms in [
        rng.random_range(100..=120) * 10,
        rng.random_range(280..=320) * 10,
    ] {
        let mut targets = Targets::begin(context, scrape_ms, ROUTES_MAX).await?;
        let slow = Duration::from_millis(scrape_ms * 6 / 10);
        for (_, redis) in &targets.redis {
            let witness = context.witness("INFO met a Redis that is slow");
            redis.set_trouble(Some((Trouble::Slow(slow), witness)));
        }
        for (_, app) in &targets.apps {
            app.server.inject(When::Always, Fault::Delay(slow));
        }
        let during = format!(
            "while all targets take {} ms, SCRAPE_MS={scrape_ms}",
            slow.as_millis()
        );
        let judged = targets.expect(&[], &during, "gives-up-early").await;
        // A target that was taken for dead, on a machine that was busy.
        judged.map_err(|outcome| match outcome {
            CheckOutcome::Failed(failure) if failure.diagnosis.0 == "gives-up-early" => failure
                .by_clock(Duration::from_millis(scrape_ms / 3))
                .into(),
            other => other,
        })?;
    }
    Ok(())
}

pub async fn many_routes(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("routes");
    let most = rng.random_range(4..=9);
    let mut targets = Targets::begin(context, SCRAPE_MS, most).await?;
    let mut count = || rng.random_range(1..9000_u64);
    let early: Vec<(String, u64)> = (0..most - 2)
        .map(|nr| (format!("GET /m{nr}"), count()))
        .collect();
    let mut late: Vec<(String, u64)> = (0..300)
        .map(|nr| {
            (
                format!("GET /{}rawled/{nr:03}", if nr % 2 == 0 { 'c' } else { 'C' }),
                count(),
            )
        })
        .collect();
    late.sort();
    late.reverse();
    targets.apps[0].0.requests.clone_from(&early);
    targets.publish();
    let during = format!("while a service has {} routes, ROUTES_MAX={most}", most - 2);
    targets.expect(&[], &during, "wrong-value").await?;
    let all = [early.clone(), late.clone()].concat();
    let crawled = AppStats {
        requests: all,
        ..targets.apps[0].0.clone()
    };
    // Two more have room: the first in the order of their bytes.
    let kept: Vec<(String, u64)> = [early.clone(), late[298..].to_vec()].concat();
    let sum = |routes: &[(String, u64)]| routes.iter().map(|(_, count)| count).sum::<u64>();
    let told = |all: &[(String, u64)]| {
        let other = all
            .iter()
            .filter(|(route, _)| kept.iter().all(|(kept, _)| kept != route));
        let other: Vec<_> = other.cloned().collect();
        let own = all
            .iter()
            .filter(|(route, _)| kept.iter().any(|(kept, _)| kept == route));
        let mut told: Vec<(String, u64)> = own.cloned().collect();
        told.push(("other".to_owned(), sum(&other)));
        told
    };
    let grown: Vec<(String, u64)> = crawled
        .requests
        .iter()
        .map(|(r, n)| (r.clone(), n * 2 + 1))
        .collect();
    let grown = [vec![("GET /a".to_owned(), 77_777)], grown].concat();
    for (requests, during, wrong) in [
        (
            crawled.requests.clone(),
            "after a crawler came by",
            "unbounded-routes",
        ),
        (grown, "later, with one route more", "routes-change"),
        (
            vec![("GET /a".to_owned(), 5), (early[0].0.clone(), 3)],
            "after the service began anew, without most of its routes",
            "routes-change",
        ),
    ] {
        let base = targets.apps[0].0.clone();
        targets.apps[0].0.requests = told(&requests);
        let due = targets.due(&[]);
        targets.apps[0].0 = AppStats { requests, ..base };
        targets.publish();
        let during = format!("{during}, ROUTES_MAX={most}");
        targets.expect_samples(&due, &[], &during, wrong).await?;
        targets.apps[0]
            .1
            .server
            .inject(When::Always, Fault::Status(500));
        let away = "while that service answers 500";
        targets
            .expect(&[Target::App(0)], away, "dead-is-up")
            .await?;
        targets.apps[0].1.server.heal();
        let during = format!("{during}, and the service was away meanwhile");
        targets
            .expect_samples(&due, &[], &during, "routes-change")
            .await?;
    }
    Ok(())
}

/// Numbers change between two questions; and several questions at once.
pub async fn asks_once(context: &CheckContext) -> CheckResult {
    let mut targets = begin(context).await?;
    let mut rng = context.rng("numbers");
    for _ in 0..3 {
        for (stats, _) in &mut targets.redis {
            *stats = RedisStats::new(&mut rng);
        }
        for (stats, _) in &mut targets.apps {
            *stats = AppStats::new(&mut rng);
        }
        targets.publish();
        let during = "a moment after the numbers changed";
        targets.expect(&[], during, "keeps-old-answers").await?;
    }
    let asked = |targets: &Targets| -> BTreeMap<String, usize> {
        let redis = targets
            .redis
            .iter()
            .map(|(_, redis)| (redis.address.clone(), redis.asked()));
        let apps = targets
            .apps
            .iter()
            .map(|(_, app)| (app.server.url().to_owned(), app.server.calls().len()));
        redis.chain(apps).collect()
    };
    let before = asked(&targets);
    join_all((0..4).map(|_| targets.get())).await;
    targets
        .expect(&[], "after four at once", "keeps-old-answers")
        .await?;
    for (target, count) in asked(&targets) {
        let count = count - before[&target];
        if !(1..=5).contains(&count) {
            return Err(
                Failure::new("asks-too-often", "A target is asked too often.")
                    .sent("GET /metrics, five times")
                    .got(format!("{target} was asked {count} times"))
                    .expected("at most once for each")
                    .into(),
            );
        }
    }
    Ok(())
}
