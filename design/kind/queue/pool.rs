//! The workers of a queue: each runs the loop of the work queue's pattern, and an autoscaler may set how many there are.

use super::Broker;
use super::broker::{Acknowledge, Extend, GiveBack, Hand, InHand, Item, Receive};
use crate::kind::{Calls, Kind};
use crate::system::call::{Answer, Whose};
use crate::system::component::Component;
use crate::system::machine::Machine;
use crate::system::visit::Visit;
use crate::system::work::{Order, Stand, Start, Work};
use crate::system::world::World;
use crate::theory::{Load, Station, Time};
use ddlab_labs::engine::{self, Draw};
use ddlab_labs::knobs;
use ddlab_labs::work_queue::Autoscale;
use ddlab_labs::work_queue::pattern::{
    Ack, Delivery, Failed, Habits, Job, LeaseLost, Nack, Receipt, Stop, Unreachable, work,
};
use ddlab_labs::work_queue::sizing::{Bounds, Scaler, Seen};
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_labs::workbench::prelude::*;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::future::pending;

/// A pool can't be larger.
const WORKERS_MAX: u32 = 500;

knobs! {
    pub struct Knobs;
    pub enum Turned { Size }

    "pool" {
        /// workers; with autoscale the least there are
        count: usize = count(4, 0, WORKERS_MAX).essential() => Size;
        /// how long the work on an item takes, without what it waits for others
        work: Distribution = distribution("lognormal:200ms,0.6").essential();
        /// items that a worker takes at a time; all but the first wait for it, on their lease
        prefetch: usize = count(1, 1, 1_000);
        /// a worker extends the leases of what it has in hand, three times before they run out
        heartbeat: bool = switch(false);
        /// a worker gives an item up after so long; what hangs and has a heartbeat has no other end
        longest: Option<Duration> = duration("1m", "10ms", "12h").or("off");
        /// a worker acknowledges after the work, or on receipt
        ack: Ack = choice();
        /// share of the items whose work fails for no reason of load
        error_ratio: f64 = share(0.0, 0.01);
        /// from the death of a worker until it is back
        restart_after: Distribution = distribution("const:2s");
        /// the pool follows the number of items, or the age of the oldest; or the number of items by the rules of
        /// Kubernetes' autoscaler, alone or behind KEDA
        autoscale: Autoscale = choice().essential() => Size;
        /// the most workers that autoscale may start
        max: usize = count(20, 1, WORKERS_MAX).essential();
        /// depth, hpa, keda: items per worker; age: seconds that the oldest item may be old
        scale_target: f64 = quantity("", 10.0, 0.1, 100_000.0);
        /// how often the autoscaler looks
        scale_poll: Duration = duration("15s", "100ms", "1h");
        /// fewer workers only after fewer were enough for this long
        scale_cooldown: Duration = duration("1m", "1ms", "1h");
        /// from the decision for a worker to its first item
        worker_start: Distribution = distribution("const:5s");
    }
}

#[derive(Debug)]
pub struct Pool;

impl Kind for Pool {
    fn word(&self) -> &'static str {
        "pool"
    }

    fn help(&self) -> &'static str {
        "the workers of a queue, written as its `workers`; in figures and faults it is called `NAME-workers`"
    }

    knob_table!();

    fn calls(&self) -> Calls {
        Calls::Many
    }

    fn machine(&self) -> &'static str {
        "worker"
    }

    fn machines(&self, settings: &KnobSettings) -> usize {
        crate::format::number(settings, "count").map_or(1, |count| count as usize)
    }

    fn station(&self, load: &Load<'_>) -> Station {
        let own = load.time("work");
        let others = load.others_ms;
        let time = Time {
            mean: own.mean + others,
            scv: if others > 0.0 { 1.0 } else { own.scv },
        };
        let station = Station::of(load.flow.rps, load.part("count"), time);
        if load.component.settings.value("autoscale").to_string() == "off" {
            station
        } else {
            station.doubted("the pool changes its size")
        }
    }

    fn start(&self, start: &Start<'_>) -> Rc<dyn Work> {
        Rc::new(Workers {
            knobs: Knobs::of(start.own),
            broker: OnceCell::new(),
            lives: RefCell::default(),
        })
    }
}

struct Workers {
    knobs: Rc<Knobs>,
    broker: OnceCell<Rc<Broker>>,
    /// Those that are up, by number.
    lives: RefCell<BTreeMap<u32, Rc<Life>>>,
}

impl Work for Workers {
    fn slots(&self) -> Option<usize> {
        Some(1)
    }

    /// Nobody calls a worker.
    fn serve(self: Rc<Self>, _: Stand) {}

    fn is_listed(&self, _: &Machine) -> bool {
        false
    }

    fn opened(self: Rc<Self>, world: &Rc<World>, component: &Component) {
        let queue = world.components.iter();
        let mut queue = queue.filter(|queue| queue.inner == Some(component.place));
        let broker = queue.next().and_then(Component::broker);
        let broker = broker.expect("a pool is written within its queue");
        assert!(self.broker.set(broker).is_ok(), "a pool is opened once");
        let scaling = Rc::clone(&self).autoscale(Rc::clone(world), component.place);
        world.sim.spawn(scaling);
    }

    fn restart(&self, luck: &mut Draw) -> Duration {
        self.knobs.restart_after.borrow().sample(luck)
    }

    fn start_up(&self, luck: &mut Draw) -> Duration {
        self.knobs.worker_start.borrow().sample(luck)
    }

    fn size(&self) -> Option<usize> {
        (self.knobs.autoscale.get() == Autoscale::Off).then(|| self.knobs.count.get())
    }

    fn rose(self: Rc<Self>, world: &Rc<World>, component: &Component, machine: &Rc<Machine>) {
        let life = Rc::new(Life::default());
        let mut lives = self.lives.borrow_mut();
        lives.insert(machine.number, Rc::clone(&life));
        drop(lives);
        let worker = Worker {
            workers: self,
            world: Rc::clone(world),
            place: component.place,
            machine: Rc::clone(machine),
            life,
        };
        world.sim.spawn_on(machine.node, worker.run());
    }

    fn fell(self: Rc<Self>, _: &Rc<World>, _: &Component, machine: &Rc<Machine>) {
        let life = self.lives.borrow_mut().remove(&machine.number);
        if let Some(life) = life {
            self.broker().hand_is_over(machine.number, &life.hand);
        }
    }

    /// It finishes what it works on first.
    fn leaves(self: Rc<Self>, _: &Rc<World>, _: &Component, machine: &Rc<Machine>) {
        match self.lives.borrow().get(&machine.number) {
            Some(life) => life.stop.request(),
            None => machine.has_left(),
        }
    }
}

impl Workers {
    fn broker(&self) -> &Rc<Broker> {
        self.broker
            .get()
            .expect("a pool has its queue from the start")
    }

    fn habits(&self) -> Habits {
        let rules = &self.broker().knobs;
        let by_connection = rules.broker.get() == ddlab_labs::work_queue::BrokerName::Rabbitmq;
        Habits {
            ack: self.knobs.ack.get(),
            prefetch: self.knobs.prefetch.get(),
            lease: (!by_connection).then_some(rules.visibility_timeout.get()),
            heartbeat: self.knobs.heartbeat.get(),
            longest: self.knobs.longest.get(),
        }
    }

    /// Looks every `scale_poll` and makes the pool as large as the rule says, for ever.
    async fn autoscale(self: Rc<Self>, world: Rc<World>, place: usize) {
        let mut scaler = Scaler::default();
        loop {
            engine::sleep(self.knobs.scale_poll.get()).await;
            let component = &world.components[place];
            let by = self.knobs.autoscale.get().by(self.knobs.scale_target.get());
            let Some(by) = by else {
                scaler = Scaler::default();
                continue;
            };
            let seen = Seen {
                items: self.broker().items(),
                oldest_age: self.broker().oldest_age(),
                workers: component.size(),
            };
            let bounds = Bounds {
                least: self.knobs.count.get(),
                most: self.knobs.max.get(),
                cooldown: self.knobs.scale_cooldown.get(),
            };
            let desired = scaler.desired(by, bounds, seen, engine::now().into());
            if desired != seen.workers {
                world.info(format!(
                    "{}: {} items, the oldest {:.0} s old; {} workers become {desired}",
                    component.name,
                    seen.items,
                    seen.oldest_age.as_secs_f64(),
                    seen.workers
                ));
                component.resize(&world, desired);
            }
        }
    }
}

/// One life of a worker.
#[derive(Default)]
struct Life {
    stop: Stop,
    hand: Rc<InHand>,
    /// The delivery that it has finished and not yet acknowledged.
    finished: Cell<Option<Receipt>>,
}

/// A worker as the pattern sees it: its queue and its job.
struct Worker {
    workers: Rc<Workers>,
    world: Rc<World>,
    place: usize,
    machine: Rc<Machine>,
    life: Rc<Life>,
}

impl Worker {
    async fn run(self) {
        work(&self, &self, || self.workers.habits(), &self.life.stop).await;
        let number = self.machine.number;
        self.workers.lives.borrow_mut().remove(&number);
        self.broker().hand_is_over(number, &self.life.hand);
        self.machine.has_left();
    }

    fn component(&self) -> &Component {
        &self.world.components[self.place]
    }

    fn broker(&self) -> &Broker {
        self.workers.broker()
    }
}

impl ddlab_labs::work_queue::pattern::Queue for Worker {
    type Item = Rc<Item>;

    async fn receive(&self, most: usize) -> Result<Hand, Unreachable> {
        let receive = Receive {
            worker: self.machine.number,
            most,
        };
        let hand = engine::net().call::<Receive, Hand>(self.broker().node(), receive);
        hand.await.map_err(|_| Unreachable)
    }

    async fn extend(&self, receipts: Vec<Receipt>) -> Result<Vec<Receipt>, Unreachable> {
        let node = self.broker().node();
        let lost = engine::net().call::<Extend, Vec<Receipt>>(node, Extend(receipts));
        lost.await.map_err(|_| Unreachable)
    }

    async fn ack(&self, receipt: Receipt) -> Result<(), LeaseLost> {
        let done = self.life.finished.take() == Some(receipt);
        let early = (!done).then(|| Rc::clone(&self.life.hand));
        let ack = Acknowledge { receipt, early };
        let node = self.broker().node();
        let acked = engine::net().call::<Acknowledge, Result<(), LeaseLost>>(node, ack);
        acked.await.unwrap_or(Err(LeaseLost))
    }

    async fn nack(&self, receipt: Receipt, why: Nack) {
        let back = GiveBack { receipt, why };
        // Not heard: the lease will bring it back.
        let _ = engine::net()
            .call::<GiveBack, ()>(self.broker().node(), back)
            .await;
    }
}

impl Job<Rc<Item>> for Worker {
    async fn perform(&self, delivery: &Delivery<Rc<Item>>) -> Result<(), Failed> {
        let begun = Begun {
            worker: self,
            receipt: delivery.receipt,
            visit: Some(Visit::begin(self.component(), self.world.tamper)),
        };
        let labour = async || self.labour(delivery).await;
        let answer = self.component().through_helpers(&self.machine, labour);
        let answer = answer.await;
        begun.ends(answer);
        if answer == Answer::Done {
            Ok(())
        } else {
            Err(Failed)
        }
    }
}

/// A delivery that is worked on. Dropped before its end, the worker died, or it took too long.
struct Begun<'a> {
    worker: &'a Worker,
    receipt: Receipt,
    /// None once it has ended.
    visit: Option<Visit<'a>>,
}

impl Begun<'_> {
    fn ends(mut self, answer: Answer) {
        self.is_over(answer);
    }

    fn is_over(&mut self, answer: Answer) {
        let Some(visit) = self.visit.take() else {
            return;
        };
        // One that is not up has died with its work, which is counted when the visit is dropped.
        if self.worker.machine.is_up() {
            visit.end(answer, true);
        }
        let (life, done) = (&self.worker.life, answer == Answer::Done);
        let broker = self.worker.broker();
        if !broker.early_ends(&life.hand, self.receipt, done) {
            life.finished.set(done.then_some(self.receipt));
        }
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.is_over(Answer::Failed);
    }
}

impl Worker {
    async fn labour(&self, delivery: &Delivery<Rc<Item>>) -> Answer {
        let (item, component) = (&delivery.item, self.component());
        let seat = self.machine.server.admit().await;
        if item.poison {
            // It hangs. Only a limit on the time of an item frees the worker.
            pending::<()>().await;
        }
        // The time is the item's own, the same in every delivery.
        let own = &mut component.work.draw(&[item.key]);
        let takes = self.workers.knobs.work.borrow().sample(own);
        seat.work(takes).await;
        let luck = [item.key, u64::from(delivery.received)];
        // Nobody waits for it: it is on no trail.
        let whose = Whose {
            user: item.user,
            depth: item.depth,
            spot: None,
        };
        let called = component.call_others(&self.machine, luck, &whose, Order::Sequence);
        if !called.await {
            return Answer::Failed;
        }
        component.done_unless_unlucky(luck, self.workers.knobs.error_ratio.get())
    }
}
