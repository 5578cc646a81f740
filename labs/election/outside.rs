//! What somebody with a real client asks of the election: who owns, and that a candidate tries now.
//!
//! Nobody outside competes for the lease: a lease is worth something only to who does the work. What
//! one can ask is that a candidate does not wait for its next retry but asks the store at once. It does
//! so by its own rules, over the same network, and tells what came of it.

use super::pattern::Unreachable;
use super::world::World;
use crate::engine::{self, Sim, SimTime};
use crate::workbench::outside::{
    Effect, EndpointSpec, Method, Outside, QuerySpec, Refusal, Reply, Why,
};
use serde_json::{Value, json};
use std::rc::Rc;

pub fn endpoints() -> Vec<EndpointSpec> {
    vec![
        EndpointSpec {
            method: Method::Get,
            path: "/owner",
            query: None,
            body: None,
            effect: Effect::Looks,
            help: "who holds the lease by the store's own account, and who believes to own",
            example: "/owner",
        },
        EndpointSpec {
            method: Method::Post,
            path: "/acquire",
            query: Some(QuerySpec {
                name: "candidate",
                needed: false,
            }),
            body: None,
            effect: Effect::Travels,
            help: "a candidate (by number; else the first that does not own) asks the store for the lease now",
            example: "/acquire?candidate=2",
        },
    ]
}

pub fn request(world: &Rc<World>, sim: &Sim, outside: &Outside, reply: Reply) {
    match outside.endpoint.method {
        Method::Get => reply.tell(sim.now(), owner(world)),
        Method::Put | Method::Post => match candidate(world, sim, outside) {
            Ok(candidate) => acquire(world, sim, candidate, reply),
            Err(Refusal { why, message, hint }) => reply.refuse(why, message, hint),
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
fn candidate(world: &World, sim: &Sim, outside: &Outside) -> Result<usize, Refusal> {
    let count = world.count();
    let Some(given) = &outside.argument else {
        let mut idle = (0..count).filter(|at| world.beliefs.token(*at).is_none());
        let up = idle.find(|at| sim.is_up(world.node(*at)));
        return up.ok_or_else(|| {
            Refusal::new(
                Why::Down,
                "no candidate is up that does not own already",
                "POST /actions/restart with {\"argument\": 1} starts one again",
            )
        });
    };
    let number = given.parse::<usize>().ok();
    let Some(number) = number.filter(|number| (1..=count).contains(number)) else {
        let message = format!("there is no candidate `{given}`");
        let hint = format!("candidates are numbered from 1 to {count}");
        return Err(Refusal::new(Why::NotFound, message, hint));
    };
    if sim.is_up(world.node(number - 1)) {
        return Ok(number - 1);
    }
    Err(Refusal::new(
        Why::Down,
        format!("candidate {number} is down"),
        format!("POST /actions/restart with {{\"argument\": {number}}} starts it again"),
    ))
}

/// On the candidate's own node: if it stands still this waits, if it dies the answer is lost with it.
fn acquire(world: &Rc<World>, sim: &Sim, candidate: usize, reply: Reply) {
    let (world, node) = (Rc::clone(world), world.node(candidate));
    sim.spawn_on(node, async move {
        let began = engine::now();
        let attempt = match world.beliefs.token(candidate) {
            Some(token) => Ok(Some(token)),
            None => world.attempts[candidate].next().await,
        };
        let now = engine::now();
        let took_ms = SimTime::from(now - began).as_millis_f64();
        match attempt {
            Ok(Some(token)) => reply.tell(
                now,
                json!({
                    "candidate": candidate + 1,
                    "owns": true,
                    "token": token.0,
                    "expires_in_s": expires_in_s(&world),
                    "took_ms": took_ms,
                }),
            ),
            Ok(None) => {
                let holder = world.lease_server.holder().map_or_else(
                    || "it may be free only when its time is over".to_owned(),
                    |holder| format!("candidate {} holds it", holder.who.candidate + 1),
                );
                let message = format!(
                    "candidate {} did not get the lease: {holder}",
                    candidate + 1
                );
                reply.refuse(Why::Conflict, message, "GET /owner says for how long");
            }
            Err(Unreachable) => {
                let message = format!("candidate {} got no answer from the store", candidate + 1);
                reply.refuse(
                    Why::Down,
                    message,
                    "GET /frame shows what is down or cut off",
                );
            }
        }
    });
}
