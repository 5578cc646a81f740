//! What goes by the clock: the autoscaler, and the levels that change without an event.

use super::pool::Pool;
use super::sizing::{Scaler, Seen};
use crate::engine;
use crate::workbench::theory::erlang_wait;
use std::rc::Rc;
use std::time::Duration;

/// How often the age of the oldest item and the bill are brought up to date.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS_A_SECOND: usize = 10;

/// Looks every `scale_poll` and makes the pool as large as the rule says, for ever.
pub async fn autoscale(pool: Rc<Pool>) {
    let mut scaler = Scaler::default();
    loop {
        let poll = pool.world().knobs.scale_poll.get();
        pool.next_look.set(engine::now() + poll);
        engine::sleep(poll).await;
        let world = pool.world();
        let Some(by) = world.knobs.scale_by() else {
            scaler = Scaler::default();
            continue;
        };
        let seen = seen(&pool);
        let desired = scaler.desired(by, world.knobs.scale_bounds(), seen, world.clock());
        if desired != seen.workers {
            let text = format!(
                "the autoscaler sees {} items, the oldest {:.0} s old: {} workers become {desired}",
                seen.items,
                seen.oldest_age.as_secs_f64(),
                seen.workers
            );
            world.instruments.journal.info(world.now(), text);
            pool.resize(desired);
        }
    }
}

/// What the autoscaler would see now.
pub fn seen(pool: &Pool) -> Seen {
    let stock = pool.broker.stock();
    Seen {
        items: stock.queued + stock.in_flight(),
        oldest_age: pool.broker.oldest_age(),
        workers: pool.size(),
    }
}

/// Keeps the age of the oldest item and the bill, for ever.
pub async fn keep_levels(pool: Rc<Pool>) {
    let mut owed = 0;
    loop {
        engine::sleep(LOOK_EVERY).await;
        let (world, age) = (pool.world(), pool.broker.oldest_age());
        world
            .meters
            .oldest_age_s
            .set(age.as_secs_f64(), world.now());
        owed += pool.paid();
        world
            .meters
            .worker_seconds_total
            .add((owed / LOOKS_A_SECOND) as u64);
        owed %= LOOKS_A_SECOND;
    }
}

/// What the load means for the pool, in words: by Little's law and Erlang's formula.
pub fn forecast(pool: &Pool) -> Option<String> {
    let world = pool.world();
    let service = world.knobs.service.borrow().mean()?.as_secs_f64();
    let (load, workers) = (world.rate.rps() * service, world.knobs.workers.get());
    let text = match erlang_wait(workers, load) {
        Some(wait) => format!(
            "{load:.1} of {workers} workers are busy on average; if service were exponential, an \
             item would wait {:.0} ms (Erlang C)",
            wait * service * 1e3
        ),
        None => format!(
            "the load is work for {load:.1} workers, and there are {workers}: the queue grows \
             until there are more"
        ),
    };
    Some(text)
}
