//! The workload on tokio's paused clock, as one would write it there.
//!
//! An RPC is a task of the leaf: it sleeps for the request's latency, takes the leaf's semaphore (whose queue is
//! first come, first served), sleeps for the service, sleeps for the reply's latency, and answers by a oneshot.
//! That is one task, three timers and two wakes of the caller's side an RPC, as in the simulator. There are no
//! nodes to crash, no links to cut, no cancellation and no digest: what the simulator does beyond is its own cost.

use crate::workload::{Found, Meters, Outcome, Service, Workload, gather};
use ddlab_labs::engine::{Purpose, SimTime};
use futures::FutureExt;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{Instant, sleep};

struct Leaf {
    slots: Semaphore,
    service: Service,
}

pub fn run(workload: Workload) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a current-thread runtime needs no more than memory");
    let leaf = |_| {
        Rc::new(Leaf {
            slots: Semaphore::new(1),
            service: workload.service(Purpose::new(1, "service")),
        })
    };
    let leaves: Rc<[Rc<Leaf>]> = (0..workload.fan_out).map(leaf).collect();
    let meters = Rc::new(Meters::default());
    let root = root(leaves, workload, Rc::clone(&meters));
    runtime.block_on(LocalSet::new().run_until(root));
    meters.outcome()
}

async fn root(leaves: Rc<[Rc<Leaf>]>, workload: Workload, meters: Rc<Meters>) {
    let begin = Instant::now();
    let now = move || SimTime(begin.elapsed().as_nanos() as u64);
    let mut last = None;
    for query in 0..workload.queries() {
        let (leaves, meters) = (Rc::clone(&leaves), Rc::clone(&meters));
        last = Some(spawn_local(async move {
            let calls = leaves
                .iter()
                .enumerate()
                .map(|(number, leaf)| call(Rc::clone(leaf), workload.latency(), number, query));
            gather(query, calls, &meters, now).await;
        }));
        sleep(workload.every()).await;
    }
    if let Some(last) = last {
        // Queues are first come, first served: when the last query has its answers, so have all before it.
        let _ = last.await;
    }
}

fn call(
    leaf: Rc<Leaf>,
    latency: Duration,
    number: usize,
    query: u64,
) -> impl Future<Output = Option<Found>> + Unpin {
    let (reply, answer) = oneshot::channel();
    spawn_local(async move {
        sleep(latency).await;
        if let Ok(_slot) = leaf.slots.acquire().await {
            sleep(leaf.service.of(query, number)).await;
        }
        sleep(latency).await;
        let _ = reply.send(Found(query));
    });
    answer.map(Result::ok)
}
