//! What somebody with a real client asks: to place a bid and hear when it was counted, the result of a lot, the stages.

use super::crowd::{AUCTIONS, Bid};
use super::job::Job;
use super::source::happens;
use super::table::{Asked, STAGES};
use super::window::Added;
use crate::engine;
use crate::workbench::outside::reply::numbered;
use crate::workbench::outside::{NUMBERS_FROM, Refusal, Reply, Why};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::oneshot;

/// A client waits no longer than this for its bid to be counted.
const PATIENCE: Duration = Duration::from_mins(1);

/// Clients that wait for their bids, by the number of the bid.
#[derive(Debug, Default)]
pub struct Clients {
    asked: Cell<u64>,
    waiting: RefCell<BTreeMap<u64, oneshot::Sender<bool>>>,
}

impl Clients {
    /// A bid has been counted, or was too late for all of its windows.
    pub fn counted(&self, bid: &Bid, added: &Added) {
        if bid.number > NUMBERS_FROM
            && let Some(client) = self.waiting.borrow_mut().remove(&bid.number)
        {
            // The client may have gone away.
            let _ = client.send(added.windows > 0);
        }
    }
}

pub fn request(job: &Rc<Job>, asked: &Asked, reply: Reply) {
    let now = job.world.now();
    match asked {
        Asked::Look => reply.answer(now, Ok(stages(job))),
        Asked::Result(auction) => reply.answer(now, result(job, auction)),
        Asked::Bid(auction) => match numbered("lot", "lots", auction, AUCTIONS) {
            Ok(auction) => {
                let bid = bid(Rc::clone(job), auction as u64);
                reply.answer_after(&job.world.sim, job.world.outside, bid);
            }
            Err(refusal) => reply.refuse(refusal),
        },
    }
}

async fn bid(job: Rc<Job>, auction: u64) -> Result<Value, Refusal> {
    let (world, clients) = (&job.world, &job.clients);
    clients.asked.set(clients.asked.get() + 1);
    let number = NUMBERS_FROM + clients.asked.get();
    let (client, counted) = oneshot::channel();
    clients.waiting.borrow_mut().insert(number, client);
    let placed = world.crowd.bid_from_outside(number, auction, world.now());
    let happened = placed.happened;
    if happens(&job, placed).is_none() {
        clients.waiting.borrow_mut().remove(&number);
        let message = format!("nobody can bid on lot {auction}: its partition is silent");
        return Err(Refusal::new(
            Why::Failed,
            message,
            "`silence` it again to end that",
        ));
    }
    let answer = engine::timeout(PATIENCE, counted).await;
    clients.waiting.borrow_mut().remove(&number);
    match answer {
        Ok(Ok(true)) => Ok(json!({
            "bid": number - NUMBERS_FROM,
            "auction": auction,
            "happened_s": happened.as_secs_f64(),
        })),
        Ok(_) => Err(Refusal::new(
            Why::TimedOut,
            "the bid came after its window was forgotten",
            "raise watermark_delay or allowed_lateness",
        )),
        Err(_) => Err(Refusal::new(
            Why::TimedOut,
            "the bid was not counted within a minute",
            "GET /stages shows where events wait, or whether they are dropped",
        )),
    }
}

fn result(job: &Job, auction: &str) -> Result<Value, Refusal> {
    let auction = numbered("lot", "lots", auction, AUCTIONS)? as u64;
    let row = job.world.store.newest(auction).ok_or_else(|| {
        let message = format!("there is no result of lot {auction} yet");
        Refusal::new(
            Why::NotFound,
            message,
            "a window is told when the watermark passes its end",
        )
    })?;
    Ok(json!({
        "auction": auction,
        "from_s": row.start.as_secs_f64(),
        "to_s": row.end.as_secs_f64(),
        "bids": row.events,
        "cents": row.cents,
    }))
}

fn stages(job: &Job) -> Value {
    let depths = job.world.depths();
    let stage = |(place, name): (usize, &&str)| {
        let account = &job.world.accounts[place];
        json!({
            "stage": name,
            "up": job.is_up(),
            "workers": account.workers.get(),
            "waiting": depths[place],
            "dropped": account.dropped.get(),
        })
    };
    json!({"stages": STAGES.iter().enumerate().map(stage).collect::<Vec<_>>()})
}
