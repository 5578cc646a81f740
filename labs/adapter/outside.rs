//! What somebody with a real client asks: the page of a service, and what the board shows beside the truth.

use super::table::Asked;
use super::world::World;
use crate::workbench::outside::reply::numbered;
use crate::workbench::outside::{Refusal, Reply, Why};
use serde_json::{Value, json};
use std::rc::Rc;

pub fn request(world: &Rc<World>, asked: Asked, reply: Reply) {
    match asked {
        Asked::Look => reply.answer(world.now(), Ok(services(world))),
        Asked::Scrape(target) => {
            let count = world.services.len();
            let place = match numbered("service", "services", &target, count) {
                Ok(number) => number - 1,
                Err(refusal) => return reply.refuse(refusal),
            };
            let world = Rc::clone(world);
            let sim = world.sim.clone();
            sim.spawn(async move {
                let page = world.page(&world.services[place]).await;
                let page = page.map(|(text, _)| Value::String(text)).map_err(|error| {
                    let hint = "GET /services shows what is up";
                    Refusal::new(Why::Failed, error.to_string(), hint)
                });
                reply.answer(world.now(), page);
            });
        }
    }
}

fn services(world: &World) -> Value {
    let services = world.services.iter().map(|service| {
        let shown = world.shown(service);
        json!({
            "service": service.number,
            "dialect": format!("{:?}", service.dialect).to_lowercase(),
            "up": service.up.get(),
            "shown": {"up": shown.up, "rps": shown.rps, "queue": shown.queue},
            "requests_ever": service.ever.get(),
        })
    });
    json!({ "services": services.collect::<Vec<_>>() })
}
