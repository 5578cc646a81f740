//! The application: its requests, the layers through which they go, and the hop to the ambassador.

use super::checks::{LAYERS_MAX, TO_CANARIES};
use super::far::{Far, Request};
use super::pattern::{Ambassador, Failure, SendError, Terms, persist};
use super::retry::Retries;
use super::settings::Placement;
use super::split::{Version, version_for};
use super::waterfall;
use super::world::{Tamper, World};
use crate::engine::{self, Purpose, SimTime, Source as _};
use crate::workbench::workload::Rate;
use ddlab_text::many;
use futures::future::LocalBoxFuture;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// Keys that requests are about.
const KEYS: u64 = 1_000;
/// From the end of the ambassador's process until it is back.
const RESTART: Duration = Duration::from_secs(1);

pub struct Front {
    pub world: Rc<World>,
    /// A new one after each crash: what it knew is gone. One for each version of the service, the stable one first.
    ambassadors: RefCell<Vec<Rc<Ambassador<Far>>>>,
    /// The layers above it, the nearest first.
    layers: Vec<(Far, RefCell<Retries>)>,
    pub rate: Rate,
    people: Purpose,
}

/// What travels from the application to its ambassador.
struct Ask(Rc<Request>, Terms);

impl Front {
    pub fn open(world: &Rc<World>) -> Rc<Self> {
        let knobs = &world.knobs;
        let layer = |layer| {
            let world = Rc::clone(world);
            let retries = Retries::new(world.knobs.retries(world.tamper));
            let far = Far {
                world,
                layer,
                first: 0,
            };
            (far, RefCell::new(retries))
        };
        let front = Rc::new(Self {
            world: Rc::clone(world),
            ambassadors: RefCell::new(new_ambassadors(world)),
            layers: (1..LAYERS_MAX).map(layer).collect(),
            rate: Rate::new(&knobs.arrival_rps, &knobs.arrivals),
            people: world.sim.purpose("people"),
        });
        let serving = Rc::clone(&front);
        world
            .sim
            .net()
            .serve(world.ambassador, move |Ask(request, terms), _| {
                let front = Rc::clone(&serving);
                async move { front.through_the_ambassador(&request, terms).await }
            });
        world.checks.budget_is(knobs.retry_budget.get());
        world.checks.hedge_budget_is(front.hedge_budget());
        front.boot();
        world.sim.spawn_on(world.app, Rc::clone(&front).flow());
        front
    }

    /// What the ambassador does beside its calls.
    fn boot(&self) {
        for ambassador in self.ambassadors.borrow().iter() {
            let (ambassador, world) = (Rc::clone(ambassador), Rc::clone(&self.world));
            self.world.sim.spawn_on(self.world.ambassador, async move {
                let every = || world.knobs.token_refresh.get();
                ambassador.keep_credentials_fresh(every).await;
            });
        }
    }

    /// Its process dies, unless it is the application's own. Whether it did.
    pub fn crash_ambassador(self: &Rc<Self>) -> bool {
        let world = &self.world;
        if world.ambassador == world.app || !world.sim.is_up(world.ambassador) {
            return false;
        }
        world.sim.crash(world.ambassador);
        *self.ambassadors.borrow_mut() = new_ambassadors(world);
        for part in [0, TO_CANARIES] {
            world.checks.budget_is_full(part);
            world.checks.hedge_budget_is_full(part);
        }
        world.checks.breakers_are_new();
        let front = Rc::clone(self);
        world.sim.spawn(async move {
            engine::sleep(RESTART).await;
            front.world.sim.restart(front.world.ambassador);
            front.boot();
        });
        true
    }

    /// The rules of the layers are what the knobs say.
    pub fn configure(&self) {
        let (knobs, tamper) = (&self.world.knobs, self.world.tamper);
        self.world.checks.budget_is(knobs.retry_budget.get());
        let settings = knobs.settings(tamper);
        if self.ambassadors.borrow()[0].hedge() != settings.hedge {
            self.world.checks.hedge_budget_is(self.hedge_budget());
        }
        for ambassador in self.ambassadors.borrow().iter() {
            ambassador.configure(settings.clone());
        }
        for (_, retries) in &self.layers {
            retries.borrow_mut().configure(knobs.retries(tamper));
        }
    }

    async fn flow(self: Rc<Self>) {
        let mut gaps = self.world.sim.stream("arrivals");
        loop {
            self.rate.next_arrival(&mut gaps).await;
            self.come();
        }
    }

    /// One more request of the application.
    pub fn come(self: &Rc<Self>) {
        let world = &self.world;
        let counted = world.meters.requests_total.enter();
        let number = world.checks.requests.comes();
        if world.tamper == Tamper::LoseRequests && number.is_multiple_of(50) {
            return;
        }
        if !world.checks.requests.has_room(&world.sim) {
            self.turn_away();
            return;
        }
        world.checks.requests.begins();
        let front = Rc::clone(self);
        world.sim.spawn_on(world.app, async move {
            let (request, came) = (front.request(number), front.world.now());
            let outcome = front.ask(&request).await;
            front.ended(&request, came, outcome);
            front.world.checks.requests.ends();
            drop(counted);
        });
    }

    pub fn request(&self, number: u64) -> Rc<Request> {
        Rc::new(Request {
            number,
            key: self.people.draw(&[number]).below(KEYS),
            ..Request::default()
        })
    }

    /// Asks by way of all layers, for as long as the application waits.
    pub async fn ask(&self, request: &Rc<Request>) -> Result<(), Failure> {
        let knobs = &self.world.knobs;
        let patience = knobs.deadline.get();
        let terms = Terms {
            key: request.key,
            safe: self
                .people
                .draw(&[request.number, 1])
                .chance(knobs.safe_ratio.get()),
            patience: patience.unwrap_or(Duration::MAX),
        };
        let asked = self.through(knobs.layers.get(), request, terms);
        match patience {
            Some(limit) => engine::timeout(limit, asked)
                .await
                .unwrap_or(Err(Failure::TimedOut)),
            None => asked.await,
        }
    }

    /// By way of so many layers, of which the last is the ambassador.
    fn through<'a>(
        &'a self,
        layers: usize,
        request: &'a Rc<Request>,
        terms: Terms,
    ) -> LocalBoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            if layers <= 1 {
                return self.to_the_ambassador(request, terms).await;
            }
            let (far, retries) = &self.layers[layers - 2];
            self.world.checks.request(far.layer);
            persist(far, retries, terms, async || {
                self.through(layers - 1, request, terms).await
            })
            .await
        })
    }

    async fn to_the_ambassador(&self, request: &Rc<Request>, terms: Terms) -> Result<(), Failure> {
        match self.world.knobs.placement.get() {
            Placement::Library => self.through_the_ambassador(request, terms).await,
            Placement::Ambassador => {
                let ask = Ask(Rc::clone(request), terms);
                let call =
                    engine::net().call::<Ask, Result<(), Failure>>(self.world.ambassador, ask);
                call.await.unwrap_or(Err(Failure::Sent(SendError::Failed)))
            }
        }
    }

    async fn through_the_ambassador(
        &self,
        request: &Rc<Request>,
        terms: Terms,
    ) -> Result<(), Failure> {
        let knobs = &self.world.knobs;
        if knobs.placement.get() == Placement::Ambassador {
            let mut luck = self.people.draw(&[request.number, 2]);
            let takes = knobs.ambassador_latency.borrow().sample(&mut luck);
            engine::sleep(takes).await;
        }
        let version = self.version_for(request);
        request.version.set(Some(version));
        let part = version as usize;
        let ambassador = Rc::clone(&self.ambassadors.borrow()[part]);
        self.world.checks.request(ambassador.upstream.layer);
        ambassador.call(request, terms).await
    }

    fn version_for(&self, request: &Request) -> Version {
        let knobs = &self.world.knobs;
        if knobs.canaries.get() == 0 {
            return Version::Stable;
        }
        let dice = self.people.draw(&[request.number, 3]).uniform();
        version_for(request.key, knobs.split_by.get(), knobs.split.get(), dice)
    }

    fn hedge_budget(&self) -> Option<f64> {
        let knobs = &self.world.knobs;
        knobs.hedge_after.get().map(|_| knobs.hedge_budget.get())
    }

    /// Counts what became of it.
    pub fn ended(&self, request: &Request, came: SimTime, outcome: Result<(), Failure>) {
        let (meters, now) = (&self.world.meters, self.world.now());
        meters.success_ratio.whole.increment();
        // Both at the end: a request that has begun has no calls yet.
        meters.attempts_per_request.whole.increment();
        meters.attempts_per_request.part.add(request.calls.get());
        let took = (now - came).into();
        if self.world.knobs.canaries.get() > 0 {
            self.version_ended(request.version.get(), took, outcome.is_ok());
        }
        match outcome {
            Ok(()) => {
                meters.answered_total.increment();
                meters.success_ratio.part.increment();
                meters.latency_ms.record(took);
            }
            Err(failure) => {
                meters.errors_total.increment();
                meters.failure_ms.record(took);
                let refused = matches!(failure, Failure::Open | Failure::Limited);
                meters.rejected_total.add(u64::from(refused));
            }
        }
        let traces = &self.world.instruments.traces;
        traces.offer(request.number, came, now, || {
            waterfall::trace(request, came, now, outcome)
        });
    }

    /// Counts what became of a request by its version; one that no ambassador has seen went to none.
    fn version_ended(&self, version: Option<Version>, took: SimTime, answered: bool) {
        let meters = &self.world.meters;
        let failed = match version {
            None => return,
            Some(Version::Stable) => &meters.stable_failed_ratio,
            Some(Version::Canary) => &meters.canary_failed_ratio,
        };
        failed.whole.increment();
        failed.part.add(u64::from(!answered));
        meters.canary_ratio.whole.increment();
        if version == Some(Version::Canary) {
            meters.canary_ratio.part.increment();
            if answered {
                meters.canary_latency_ms.record(took);
            }
        }
    }

    fn turn_away(&self) {
        let (world, now) = (&self.world, self.world.now());
        let meters = &world.meters;
        meters.shed_total.increment();
        meters.errors_total.increment();
        meters.success_ratio.whole.increment();
        let requests = &world.checks.requests;
        requests.turns_away(now, &world.instruments.journal, || {
            let (in_progress, alive) = (many(requests.in_progress()), many(world.sim.alive()));
            let shed = many(meters.shed_total.since_start());
            format!("{in_progress} requests in progress, {alive} tasks and calls alive; {shed} turned away so far")
        });
    }
}

fn new_ambassadors(world: &Rc<World>) -> Vec<Rc<Ambassador<Far>>> {
    let knobs = &world.knobs;
    let stable = knobs.upstreams.get();
    let versions = [(0, 0, stable), (TO_CANARIES, stable, knobs.canaries.get())];
    let ambassador = |(layer, first, instances)| {
        let far = Far {
            world: Rc::clone(world),
            layer,
            first,
        };
        let settings = knobs.settings(world.tamper);
        Rc::new(Ambassador::new(far, instances, knobs.pool.get(), settings))
    };
    let there = versions
        .into_iter()
        .filter(|(.., instances)| *instances > 0);
    there.map(ambassador).collect()
}
