//! What somebody with a real client asks of the service: an answer, and who is ready.

use super::front::{Failure, Front, Request};
use super::replica::Trouble;
use super::table::Asked;
use crate::engine::NodeId;
use crate::workbench::outside::{Refusal, Reply, Why};
use serde_json::{Value, json};
use std::rc::Rc;

pub fn request(front: &Rc<Front>, asked: &Asked, reply: Reply) {
    let world = &front.world;
    match asked {
        Asked::Look => reply.answer(world.now(), Ok(replicas(front))),
        Asked::Bid => {
            let number = world.checks.requests.number_from_outside();
            let bid = bid(Rc::clone(front), number);
            reply.answer_after(&world.sim, NodeId::OUTSIDE, bid);
        }
    }
}

fn replicas(front: &Front) -> Value {
    let replicas = front.fleet.replicas();
    let replicas = replicas.iter().map(|replica| {
        json!({
            "replica": replica.number,
            "version": replica.version,
            "zone": replica.zone + 1,
            "ready": replica.is_ready(),
            "in_progress": replica.in_progress(),
        })
    });
    let wanted = front.fleet.desired();
    json!({"wanted": wanted, "replicas": replicas.collect::<Vec<_>>()})
}

async fn bid(front: Rc<Front>, number: u64) -> Result<Value, Refusal> {
    let request = Request {
        number,
        ..Request::default()
    };
    let _counted = front.world.meters.requests_total.enter();
    let came = front.world.now();
    let outcome = front.ask(&request).await;
    front.ended(&request, came, outcome);
    let refused = |failure: Failure| Refusal::new(why(failure), failure.to_string(), hint(failure));
    outcome.map_err(refused)?;
    Ok(json!({"replica": request.replica.get()}))
}

fn why(failure: Failure) -> Why {
    match failure {
        Failure::TimedOut => Why::TimedOut,
        Failure::Overload | Failure::Replica(Trouble::Shed) => Why::Shed,
        Failure::Nobody => Why::Down,
        Failure::Replica(_) => Why::Failed,
    }
}

fn hint(failure: Failure) -> &'static str {
    match failure {
        Failure::TimedOut | Failure::Overload | Failure::Replica(Trouble::Shed) => {
            "more replicas, or less load"
        }
        Failure::Nobody => "GET /replicas shows who is ready",
        Failure::Replica(_) => "send it again: another replica may answer",
    }
}
