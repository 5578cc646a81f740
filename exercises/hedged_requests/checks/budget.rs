//! The budget: what hedging may cost when it cannot help.

use crate::harness::context::{CheckContext, Rng, wait_until};
use crate::harness::load::side_by_side;
use crate::harness::upstream::fault::{Fault, Gate, When};
use crate::harness::verdict::{CheckOutcome, CheckResult, Diagnosis, Failure};
use crate::hedged_requests::proxy::{Proxy, Settings, lot, open_all};
use rand::RngExt;
use std::time::Duration;

const HEDGE_MS: u64 = 150;
/// Requests that run at the same time.
const SIDE_BY_SIDE: usize = 9;

/// Fast requests, which may save up no more than the cap; then all replicas are slow, and copies are
/// counted; then fast ones again, which earn the next copy.
pub async fn budget(context: &CheckContext) -> CheckResult {
    const SLOW: usize = 36;
    let mut rng = context.rng("budget");
    let settings = Settings {
        ratio_percent: [5, 10, 25][rng.random_range(0..3)],
        cap: rng.random_range(2..=6),
        ..Settings::new(HEDGE_MS, 5000)
    };
    let mut proxy = Proxy::begin(context, settings).await?;
    let ratio = f64::from(settings.ratio_percent) / 100.0;
    // What an unbounded saver would have: four copies more than the cap.
    let earning = (4.0 / ratio).ceil() as usize;
    // A busy machine may have made some of them slow.
    let spent = run(&proxy, &mut rng, earning).await;
    slow_down(&proxy);
    let copies = run(&proxy, &mut rng, SLOW).await;
    let earned = f64::from(settings.cap) + ratio * SLOW as f64;
    // What the requests of the first moment put into a full bucket is lost.
    let lost = ratio * SIDE_BY_SIDE as f64 + 1.0;
    let least = ((earned - lost).floor() as usize).saturating_sub(spent);
    let most = earned.floor() as usize;
    let fault = if copies > most {
        Some((
            "no-budget",
            "More copies went out than the budget pays for.",
        ))
    } else if copies < least {
        Some((
            "keeps-budget",
            "The budget was not used though every replica was slow.",
        ))
    } else {
        None
    };
    let told = format!(
        "BUDGET_RATIO={ratio}, BUDGET_CAP={}, {earning} fast requests, then {SLOW} slow ones",
        settings.cap
    );
    if let Some((diagnosis, headline)) = fault {
        return Err(Failure::new(Diagnosis(diagnosis), headline)
            .sent(told)
            .got(format!("{copies} copies"))
            .expected(format!("{least} to {most} copies"))
            .into());
    }
    refills(&mut proxy, &mut rng, &told).await?;
    earns_on_arrival(&proxy, &mut rng, &told).await
}

/// While the budget is used up, many requests wait at the same time: they have arrived, and none is
/// answered.
async fn earns_on_arrival(proxy: &Proxy, rng: &mut Rng, told: &str) -> CheckResult {
    const DUE: usize = 2;
    slow_down(proxy);
    // One after the other, so that what the last answers may have earned is used up as well.
    for _ in 0..5 {
        run(proxy, rng, 1).await;
    }
    let gate = Gate::shut();
    for replica in &proxy.replicas {
        replica.inject(When::Always, Fault::Hold(gate.clone()));
    }
    let waiting = 300 / proxy.settings.ratio_percent as usize;
    let lots: Vec<String> = (0..waiting).map(|_| lot(rng)).collect();
    let before = calls(proxy);
    let copies = || (calls(proxy) - before).saturating_sub(waiting);
    let (_, came) = futures::join!(
        side_by_side(waiting, lots.iter().map(|lot| proxy.ask(lot))),
        async {
            let came = wait_until(Duration::from_millis(4500), || copies() >= DUE).await;
            gate.open();
            came
        }
    );
    if came {
        return Ok(());
    }
    let headline = "A request earns nothing before it is answered.";
    Err(Failure::new(Diagnosis("earns-late"), headline)
        .sent(format!("{told}, then {waiting} at the same time"))
        .got(format!("{} copies while all of them waited", copies()))
        .expected(format!(
            "at least {DUE}: each request adds its part when it arrives"
        ))
        .by_clock(Duration::from_millis(4500))
        .into())
}

/// All replicas, from now on.
fn slow_down(proxy: &Proxy) {
    for replica in &proxy.replicas {
        let late = Duration::from_millis(4 * HEDGE_MS);
        replica.inject(When::Always, Fault::Delay(late));
    }
}

/// Sends this many requests; says how many copies went out.
async fn run(proxy: &Proxy, rng: &mut Rng, count: usize) -> usize {
    let before = calls(proxy);
    let lots: Vec<String> = (0..count).map(|_| lot(rng)).collect();
    side_by_side(SIDE_BY_SIDE, lots.iter().map(|lot| proxy.ask(lot))).await;
    (calls(proxy) - before).saturating_sub(count)
}

/// To all replicas together.
fn calls(proxy: &Proxy) -> usize {
    let replicas = proxy.replicas.iter();
    replicas.map(|replica| replica.calls().len()).sum()
}

/// After the budget was used up, requests earn new copies.
async fn refills(proxy: &mut Proxy, rng: &mut Rng, told: &str) -> CheckResult {
    for replica in &proxy.replicas {
        replica.heal();
    }
    let earning = 200 / proxy.settings.ratio_percent as usize + 1;
    // On a busy machine some of them are slow, and spend what they earn.
    let mut tries = 0;
    while run(proxy, rng, earning).await > 0 {
        tries += 1;
        if tries == 5 {
            let reason = "this machine is so busy that fast requests were slow".to_owned();
            return Err(CheckOutcome::Inconclusive { reason });
        }
    }
    let lot = lot(rng);
    let gates = proxy.hold(&lot);
    let (_, came) = futures::join!(proxy.ask(&lot), async {
        let came = proxy
            .wait_for_calls(&lot, 2, Duration::from_millis(4500))
            .await;
        open_all(&gates);
        came
    });
    if came {
        return Ok(());
    }
    let headline = "The budget was used up, and is not earned again.";
    Err(Failure::new(Diagnosis("budget-never-refills"), headline)
        .sent(format!(
            "{told}, then {earning} fast ones and GET /lots/{lot}, which is held back"
        ))
        .got(proxy.asked(&lot))
        .in_order(&[&lot])
        .expected("a second call: two tokens were earned")
        .by_clock(Duration::from_millis(4500))
        .into())
}
