//! What somebody with a real client asks of the function: to run, and for the bill.

use super::front::Front;
use super::pattern::{Failed, Start};
use super::sandbox::Call;
use super::table::Asked;
use crate::engine::{NodeId, SimTime};
use crate::workbench::outside::{Refusal, Reply, Why};
use serde_json::{Value, json};
use std::rc::Rc;

pub fn request(front: &Rc<Front>, asked: &Asked, reply: Reply) {
    let world = &front.world;
    match asked {
        Asked::Bill => reply.answer(world.now(), Ok(bill(front))),
        Asked::Invoke => {
            let number = world.checks.calls.number_from_outside();
            let invoked = invoke(Rc::clone(front), number);
            reply.answer_after(&world.sim, NodeId::OUTSIDE, invoked);
        }
    }
}

fn bill(front: &Front) -> Value {
    let meters = &front.world.meters;
    json!({
        "faas_usd_month": meters.faas_usd_month.level(),
        "containers_usd_month": meters.containers_usd_month.level(),
        "billed_ms": meters.billed_ms_total.since_start(),
    })
}

async fn invoke(front: Rc<Front>, number: u64) -> Result<Value, Refusal> {
    let call = Call {
        number,
        ..Call::default()
    };
    let _counted = front.world.meters.calls_total.enter();
    let came = front.world.now();
    let outcome = front.function.invoke(&call).await;
    front.tried(&call, came, outcome.as_ref().map_err(|refused| *refused));
    let ran = outcome.map_err(|refused| {
        let message = format!("throttled: {refused}");
        Refusal::new(
            Why::Shed,
            message,
            "raise concurrency_limit, or try again a little later",
        )
    })?;
    ran.answer.map_err(|failed| {
        let why = match failed {
            Failed::TimeLimit => Why::TimedOut,
            Failed::Handler(_) => Why::Failed,
        };
        Refusal::new(
            why,
            failed.to_string(),
            "see error_ratio, timeout and db_connections",
        )
    })?;
    let ran_on = call.ran_on.get();
    let now = front.world.now();
    Ok(json!({
        "instance": ran_on.map(|(number, _)| number),
        "start": match ran.start {
            Start::Warm => "warm",
            Start::Cold => "cold",
        },
        "waited_ms": SimTime::from(ran.waited).as_millis_f64(),
        "ran_ms": ran_on.map(|(_, since)| SimTime::from(now - since).as_millis_f64()),
    }))
}
