//! What somebody with a real client asks of the election: who owns, and that a candidate tries now.
//!
//! Nobody outside competes for the lease: a lease is worth something only to who does the work. What
//! one can ask is that a candidate does not wait for its next retry but asks the store at once. It does
//! so by its own rules, over the same network, and tells what came of it.

use super::pattern::Unreachable;
use super::table::Asked;
use super::world::World;
use crate::engine::SimTime;
use crate::workbench::outside::reply::numbered;
use crate::workbench::outside::{Refusal, Reply, Why};
use serde_json::{Value, json};
use std::rc::Rc;

pub fn request(world: &Rc<World>, asked: Asked, reply: Reply) {
    match asked {
        Asked::Owner => reply.answer(world.sim.now(), Ok(owner(world))),
        Asked::Acquire(candidate) => match chosen(world, candidate.as_deref()) {
            Ok(candidate) => {
                let (sim, node) = (world.sim.clone(), world.node(candidate));
                reply.answer_after(&sim, node, acquire(Rc::clone(world), candidate));
            }
            Err(refusal) => reply.refuse(refusal),
        },
    }
}

fn owner(world: &World) -> Value {
    let holder = world.lease_server.holder();
    let believers: Vec<Value> = (0..world.count())
        .filter_map(|candidate| {
            let token = world.beliefs.token(candidate)?;
            Some(json!({"candidate": candidate + 1, "token": token.0}))
        })
        .collect();
    json!({
        "holder": holder.map(|holder| holder.who.candidate + 1),
        "token": holder.and_then(|holder| holder.token).map(|token| token.0),
        "expires_in_s": expires_in_s(world),
        "split_brain": believers.len() > 1,
        "believers": believers,
        "storage_has_seen_token": world.warehouse.highest().map(|token| token.0),
    })
}

/// None where nobody holds it, and where the store makes no promise: with a Kubernetes Lease each
/// candidate judges by itself, and a session's lock ends with its session.
fn expires_in_s(world: &World) -> Option<f64> {
    let until = world.lease_server.promised_until()?;
    Some(SimTime::from(until - world.sim.now()).as_secs_f64())
}

/// The candidate that is to try, as a place from 0.
fn chosen(world: &World, given: Option<&str>) -> Result<usize, Refusal> {
    let is_up = |at: &usize| world.sim.is_up(world.node(*at));
    let Some(given) = given else {
        let mut idle = (0..world.count()).filter(|at| world.beliefs.token(*at).is_none());
        return idle.find(is_up).ok_or_else(|| {
            let message = "no candidate is up that does not own already";
            let hint = "POST /actions/restart with {\"argument\": 1} starts one again";
            Refusal::new(Why::Down, message, hint)
        });
    };
    let number = numbered("candidate", "candidates", given, world.count())?;
    if is_up(&(number - 1)) {
        return Ok(number - 1);
    }
    let message = format!("candidate {number} is down");
    let hint = format!("POST /actions/restart with {{\"argument\": {number}}} starts it again");
    Err(Refusal::new(Why::Down, message, hint))
}

async fn acquire(world: Rc<World>, candidate: usize) -> Result<Value, Refusal> {
    let attempt = match world.beliefs.token(candidate) {
        Some(token) => Ok(Some(token)),
        None => world.attempts[candidate].next().await,
    };
    let name = World::name(candidate);
    match attempt {
        Ok(Some(token)) => Ok(json!({
            "candidate": candidate + 1,
            "owns": true,
            "token": token.0,
            "expires_in_s": expires_in_s(&world),
        })),
        Ok(None) => {
            let holder = world.lease_server.holder().map_or_else(
                || "it may be free only when its time is over".to_owned(),
                |holder| format!("candidate {} holds it", holder.who.candidate + 1),
            );
            let message = format!("{name} did not get the lease: {holder}");
            let hint = "GET /owner says for how long";
            Err(Refusal::new(Why::Conflict, message, hint))
        }
        Err(Unreachable) => {
            let message = format!("{name} got no answer from the store");
            let hint = "GET /frame shows what is down or cut off";
            Err(Refusal::new(Why::Down, message, hint))
        }
    }
}
