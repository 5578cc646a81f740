//! What somebody with a real client asks: a request by way of the ambassador, and how the instances are.

use super::breaker::State;
use super::front::Front;
use super::pattern::{Failure, SendError};
use super::table::Asked;
use super::world::World;
use crate::workbench::outside::{Refusal, Reply, Why};
use serde_json::{Value, json};
use std::rc::Rc;

pub fn request(front: &Rc<Front>, asked: &Asked, reply: Reply) {
    let world = &front.world;
    match asked {
        Asked::Look => reply.answer(world.now(), Ok(instances(world))),
        Asked::Score => {
            let number = world.checks.requests.number_from_outside();
            let score = score(Rc::clone(front), number);
            reply.answer_after(&world.sim, world.app, score);
        }
    }
}

fn instances(world: &World) -> Value {
    let instance = |(place, instance): (usize, &Rc<super::instance::Instance>)| {
        json!({
            "instance": instance.number,
            "up": world.sim.is_up(instance.node),
            "breaker": match world.checks.breaker(place) {
                State::Closed => "closed",
                State::Open => "open",
                State::HalfOpen => "half_open",
            },
            "waiting": instance.waiting(),
        })
    };
    let instances = world.instances.iter().enumerate().map(instance);
    json!({"instances": instances.collect::<Vec<_>>()})
}

async fn score(front: Rc<Front>, number: u64) -> Result<Value, Refusal> {
    let _counted = front.world.meters.requests_total.enter();
    let (request, came) = (front.request(number), front.world.now());
    let outcome = front.ask(&request).await;
    front.ended(&request, came, outcome);
    let refused = |failure: Failure| Refusal::new(why(failure), failure.to_string(), hint(failure));
    outcome.map_err(refused)?;
    let last = request
        .shown
        .borrow()
        .last()
        .map(|attempt| attempt.instance);
    Ok(json!({"instance": last, "calls": request.calls.get()}))
}

fn why(failure: Failure) -> Why {
    match failure {
        Failure::TimedOut => Why::TimedOut,
        Failure::Open | Failure::Limited => Why::Shed,
        Failure::Sent(_) => Why::Failed,
    }
}

fn hint(failure: Failure) -> &'static str {
    match failure {
        Failure::TimedOut => "see timeout, and GET /instances for who is overloaded",
        Failure::Open => "GET /instances shows the breakers; they probe after breaker_open_for",
        Failure::Limited => "come again later, or raise rate_limit",
        Failure::Sent(SendError::Failed) => "GET /instances shows who is up",
        Failure::Sent(SendError::Unauthorized) => "rotate_credentials gives out new ones",
    }
}
