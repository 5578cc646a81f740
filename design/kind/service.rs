//! A service: equal replicas behind a balancer, as in the lab of the replicated service.

use super::{Calls, Kind};
use crate::system::call::Answer;
use crate::system::work::{Here, Order, Stand, Start, Work};
use crate::system::world::Tamper;
use crate::theory::{Load, Station, Time};
use ddlab_labs::engine::Draw;
use ddlab_labs::knobs;
use ddlab_labs::replicated::pattern::Policy;
use ddlab_labs::workbench::prelude::*;

knobs! {
    pub struct Knobs;
    pub enum Turned { Replicas, Slots, Balance }

    "service" {
        /// copies of the service
        replicas: usize = count(1, 1, 200).essential() => Replicas;
        /// requests that a replica works on at once; more wait in line
        slots: usize = count(4, 1, 10_000).essential() => Slots;
        /// how long a replica works on a request, without what it waits for others
        work: Distribution = distribution("exp:10ms").essential();
        /// requests that may wait in line at a replica; more are refused at once
        shed: Option<usize> = count(100, 0, 100_000).or("off");
        /// how a replica is picked for each request
        balance: Policy = choice() => Balance;
        /// one call after the other, or all at once
        calls_in: Order = choice();
        /// a request keeps its slot while it waits for others, as with a thread for each request
        blocking: bool = switch(true);
        /// share of the requests that fail for no reason of load
        error_ratio: f64 = share(0.0, 0.01);
        /// from the death of a replica until a new one serves
        cold_start: Distribution = distribution("const:20s");
        /// from a change of a replica until the balancer knows it
        endpoints_lag: Duration = duration("2s", "0ms", "1m");
    }
}

#[derive(Debug)]
pub struct Service;

impl Kind for Service {
    fn word(&self) -> &'static str {
        "service"
    }

    fn help(&self) -> &'static str {
        "equal replicas behind a balancer, which work and call others"
    }

    knob_table!();

    fn calls(&self) -> Calls {
        Calls::Many
    }

    fn station(&self, load: &Load<'_>) -> Station {
        let (own, others) = (load.time("work"), load.others_ms);
        let kept = load.is_on("blocking") && others > 0.0;
        let station = Station::of(load.each_machine(), load.part("slots"), own);
        if !kept {
            return station.then(others);
        }
        Station {
            time: Time {
                mean: own.mean + others,
                scv: 1.0,
            },
            ..station
        }
        .doubted("its slots are kept while it waits for others")
    }

    fn start(&self, start: &Start<'_>) -> Rc<dyn Work> {
        Rc::new(Replicas(Knobs::of(start.own)))
    }
}

struct Replicas(Rc<Knobs>);

impl Work for Replicas {
    fn slots(&self) -> Option<usize> {
        Some(self.0.slots.get())
    }

    fn serve(self: Rc<Self>, stand: Stand) {
        stand.answers(self, Self::answer);
    }

    fn size(&self) -> Option<usize> {
        Some(self.0.replicas.get())
    }

    fn balance(&self) -> Policy {
        self.0.balance.get()
    }

    fn endpoints_lag(&self) -> Duration {
        self.0.endpoints_lag.get()
    }

    fn restart(&self, luck: &mut Draw) -> Duration {
        self.0.cold_start.borrow().sample(luck)
    }
}

impl Replicas {
    async fn answer(&self, here: Here<'_>) -> Answer {
        let knobs = &self.0;
        if here.is_line_full(knobs.shed.get()) {
            return Answer::Shed;
        }
        let server = &here.machine.server;
        let takes = knobs.work.borrow().sample(&mut here.luck());
        let order = knobs.calls_in.get();
        let done = if knobs.blocking.get() {
            let seat = server.admit().await;
            seat.work(takes).await;
            let done = here.call_others(order).await;
            if here.is_tampered(Tamper::LeakSlots) {
                std::mem::forget(seat);
            }
            done
        } else {
            server.serve(takes).await;
            here.call_others(order).await
        };
        if done {
            here.done_unless_unlucky(knobs.error_ratio.get())
        } else {
            Answer::Failed
        }
    }
}
