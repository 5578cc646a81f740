//! What somebody with a real client asks: to pay a seller by hand, what is known of a seller, how the night stands.

use super::bank::Teller;
use super::commit::Payout;
use super::nights::Nights;
use super::table::Asked;
use crate::engine::NodeId;
use crate::workbench::outside::reply::numbered;
use crate::workbench::outside::{Refusal, Reply, Why};
use serde_json::{Value, json};
use std::rc::Rc;

pub fn request(nights: &Rc<Nights>, asked: &Asked, reply: Reply) {
    let world = &nights.world;
    match asked {
        Asked::Look => reply.answer(world.now(), Ok(night(nights))),
        Asked::Seller(seller) => reply.answer(world.now(), look(nights, seller)),
        Asked::Pay(seller) => match planned(nights, seller) {
            Ok(payout) => {
                let pay = pay(Rc::clone(nights), payout);
                reply.answer_after(&world.sim, NodeId::OUTSIDE, pay);
            }
            Err(refusal) => reply.refuse(refusal),
        },
    }
}

fn night(nights: &Nights) -> Value {
    let world = &nights.world;
    let (night, running) = (world.night(), world.running());
    let stage = running.map_or("none", |running| running.step.word());
    json!({
        "night": night.number,
        "stage": stage,
        "tasks": running.map(|running| running.tasks),
        "done": running.map(|running| running.done),
        "owed_cents": night.owed_cents,
        "paid_cents": world.accounts.cents(),
        "unmatched_cents": world.shelf.manifest.get().unmatched_cents,
    })
}

fn number(nights: &Nights, seller: &str) -> Result<u64, Refusal> {
    let sellers = nights.world.knobs.sellers.get();
    Ok(numbered("seller", "sellers", seller, sellers)? as u64)
}

fn look(nights: &Nights, seller: &str) -> Result<Value, Refusal> {
    let world = &nights.world;
    let number = number(nights, seller)?;
    let plan = world.shelf.seen();
    let of_seller = plan.iter().filter(|payout| payout.seller == number);
    let cents: u64 = of_seller.map(|payout| payout.cents).sum();
    let paid = world.accounts.of(number);
    Ok(json!({
        "seller": number,
        "night": world.night().number,
        "planned_cents": cents,
        "payments": paid.payments,
        "paid_cents": paid.cents,
    }))
}

fn planned(nights: &Nights, seller: &str) -> Result<Payout, Refusal> {
    let number = number(nights, seller)?;
    let plan = nights.world.shelf.seen();
    let found = plan.into_iter().find(|payout| payout.seller == number);
    found.ok_or_else(|| {
        let message = format!("tonight's list has no payout for seller {number}");
        let hint = "the list is there when the reduce is over: GET /night shows the stage";
        Refusal::new(Why::NotFound, message, hint)
    })
}

async fn pay(nights: Rc<Nights>, payout: Payout) -> Result<Value, Refusal> {
    let world = &nights.world;
    let teller = Teller {
        world,
        payer: "somebody by hand".to_owned(),
        slower: 1.0,
    };
    if !world.pays(&[payout], &teller).await {
        let message = "the bank did not answer";
        return Err(Refusal::new(Why::Failed, message, "ask again"));
    }
    let paid = world.accounts.of(payout.seller);
    Ok(json!({
        "seller": payout.seller,
        "night": payout.night,
        "planned_cents": payout.cents,
        "payments": paid.payments,
        "paid_cents": paid.cents,
    }))
}
