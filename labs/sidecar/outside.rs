//! What somebody with a real client asks of the pod: an answer, and how its containers are.

use super::app::{App, Failure, Request};
use super::table::Asked;
use super::world::ALL;
use crate::engine::NodeId;
use crate::workbench::outside::{Refusal, Reply, Why};
use serde_json::{Value, json};
use std::rc::Rc;

pub fn request(app: &Rc<App>, asked: &Asked, reply: Reply) {
    let world = &app.world;
    match asked {
        Asked::Look => reply.answer(world.now(), Ok(pod(app))),
        Asked::Bid => {
            let number = world.checks.requests.number_from_outside();
            reply.answer_after(&world.sim, NodeId::OUTSIDE, bid(Rc::clone(app), number));
        }
    }
}

fn pod(app: &App) -> Value {
    let world = &app.world;
    let there = ALL.into_iter().filter(|who| app.pod.has(*who));
    let containers =
        there.map(|who| json!({"container": who.name(), "up": world.container(who).up.get()}));
    json!({
        "containers": containers.collect::<Vec<_>>(),
        "offset": world.lines.offset(),
        "lines_waiting": world.lines.pending(),
        "configuration": world.configs.running.get().version,
    })
}

async fn bid(app: Rc<App>, number: u64) -> Result<Value, Refusal> {
    let request = Rc::new(Request {
        number,
        ..Request::default()
    });
    let _counted = app.world.meters.requests_total.enter();
    let came = app.world.now();
    let outcome = if app.is_full() {
        Err(Failure::Full)
    } else {
        app.ask(&request).await
    };
    app.ended(&request, came, outcome);
    outcome.map_err(|failure| {
        let why = match failure {
            Failure::TimedOut => Why::TimedOut,
            Failure::Full => Why::Shed,
            Failure::NoProxy | Failure::NoApp => Why::Down,
            Failure::Died => Why::Failed,
        };
        Refusal::new(
            why,
            failure.to_string(),
            "GET /pod shows its containers and its log",
        )
    })?;
    Ok(json!({"lines": app.world.knobs.log_lines_per_request.get()}))
}
