//! Clients: requests as the load has them, each of which makes the client's calls.

use super::call::{Caller, Whose};
use super::component::Edge;
use super::meters::ClientMeters;
use super::trail::{Spot, Trails};
use super::world::{Base, Tamper, World};
use crate::format;
use crate::kind::client::{Knobs, Profile};
use ddlab_labs::ambassador::pattern::Failure;
use ddlab_labs::engine::{self, NodeId, Purpose, SimTime, Source as _};
use ddlab_labs::workbench::knob::Settings;
use ddlab_labs::workbench::ledger::Ledger;
use ddlab_labs::workbench::trace::{Outcome, Span, Trace};
use ddlab_labs::workbench::workload::Rate;
use std::cell::OnceCell;
use std::f64::consts::TAU;
use std::rc::Rc;
use std::time::Duration;

/// How often the profile is followed.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);
/// The crowd of the profile, in seconds.
const CROWD_S: std::ops::Range<f64> = 60.0..180.0;
const RAMP_S: f64 = 600.0;
const DAY_S: f64 = 86_400.0;

pub struct Client {
    pub name: Rc<str>,
    pub node: NodeId,
    pub meters: ClientMeters,
    pub requests: Ledger,
    pub calls: Vec<Edge>,
    knobs: Rc<Knobs>,
    rate: Rate,
    luck: Purpose,
    people: Purpose,
    callers: OnceCell<Vec<Caller>>,
    trails: Trails,
}

impl Client {
    pub fn new(
        world: &Base,
        spec: &format::Client,
        own: &Rc<Settings>,
        calls: Vec<Edge>,
    ) -> Rc<Self> {
        let (sim, name) = (&world.sim, spec.name.as_str());
        let knobs = Knobs::of(own);
        Rc::new(Self {
            name: name.into(),
            node: sim.add_server(name),
            meters: ClientMeters::of(&world.instruments.meters, name),
            requests: world.checks.ledger(),
            calls,
            rate: Rate::new(&knobs.rps, &knobs.arrivals),
            luck: sim.purpose(name),
            people: sim.purpose(&format!("{name} people")),
            callers: OnceCell::new(),
            trails: Trails::default(),
            knobs,
        })
    }

    pub fn open(self: &Rc<Self>, world: &Rc<World>) {
        let retries = &self.meters.retries_total;
        let caller = |edge: &Edge| Caller::new(world, edge.to, &edge.name, &edge.knobs, retries);
        let callers = self.calls.iter().map(caller).collect();
        assert!(self.callers.set(callers).is_ok(), "a client is opened once");
        self.follow_profile(world);
        world.sim.spawn(Rc::clone(self).flow(Rc::clone(world)));
        world
            .sim
            .spawn(Rc::clone(self).keep_following(Rc::clone(world)));
    }

    fn callers(&self) -> &[Caller] {
        self.callers.get().map_or(&[], Vec::as_slice)
    }

    pub fn call_turned(&self, nth: usize) {
        self.callers()[nth].configure();
    }

    pub fn rate_was_turned(&self, world: &World) {
        self.follow_profile(world);
        self.rate.turned();
    }

    /// The load of this moment, in terms of the ordinary one.
    pub fn follow_profile(&self, world: &World) {
        let (second, peak) = (world.now().as_secs_f64(), self.knobs.peak.get());
        let profile = match self.knobs.profile.get() {
            Profile::Ramp => 1.0 + (peak - 1.0) * (second / RAMP_S).min(1.0),
            Profile::Crowd if CROWD_S.contains(&second) => peak,
            Profile::Steady | Profile::Crowd => 1.0,
            Profile::Daily => 1.0 + (peak - 1.0) * (1.0 - libm::cos(TAU * second / DAY_S)) / 2.0,
        };
        self.rate.set_factor(profile * world.load());
    }

    async fn keep_following(self: Rc<Self>, world: Rc<World>) {
        loop {
            engine::sleep(FOLLOW_EVERY).await;
            if self.knobs.profile.get() != Profile::Steady {
                self.follow_profile(&world);
            }
        }
    }

    async fn flow(self: Rc<Self>, world: Rc<World>) {
        let mut gaps = world.sim.stream(&format!("{} arrivals", self.name));
        loop {
            self.rate.next_arrival(&mut gaps).await;
            self.come(&world);
        }
    }

    fn come(self: &Rc<Self>, world: &Rc<World>) {
        let counted = self.meters.requests_total.enter();
        let number = self.requests.comes();
        if world.tamper == Tamper::LoseRequests && number.is_multiple_of(50) {
            return;
        }
        if !self.requests.has_room(&world.sim) {
            self.turn_away(world);
            return;
        }
        self.requests.begins();
        let (client, world) = (Rc::clone(self), Rc::clone(world));
        let sim = world.sim.clone();
        sim.spawn_on(self.node, async move {
            let came = world.now();
            let is_traced = !world.instruments.traces.keeps_none();
            let spot = is_traced.then(|| client.trails.start());
            let outcome = client.ask(number, spot.as_ref()).await;
            client.ended(&world, (number, came), outcome, spot.as_ref());
            client.requests.ends();
            drop(counted);
            if let Some(spot) = spot {
                client.trails.end(spot);
            }
        });
    }

    /// One call after the other; it is answered when all are that are needed.
    async fn ask(&self, number: u64, spot: Option<&Spot>) -> Result<(), Failure> {
        let luck = self.luck.draw(&[number]).next_u64();
        let user = self
            .people
            .draw(&[number])
            .below(self.knobs.users.get() as u64);
        let whose = Whose {
            user,
            depth: 0,
            spot: spot.cloned(),
        };
        for caller in self.callers() {
            caller.call([luck, 1], &whose).await?;
        }
        Ok(())
    }

    fn ended(
        &self,
        world: &World,
        (number, came): (u64, SimTime),
        outcome: Result<(), Failure>,
        spot: Option<&Spot>,
    ) {
        let (meters, now) = (&self.meters, world.now());
        meters.error_ratio.whole.increment();
        match outcome {
            Ok(()) => {
                meters.answered_total.increment();
                meters.latency_ms.record((now - came).into());
            }
            Err(failure) => {
                meters.error_ratio.part.increment();
                meters.failed_total.increment();
                meters
                    .timeouts_total
                    .add(u64::from(failure == Failure::TimedOut));
            }
        }
        let Some(spot) = spot else {
            return;
        };
        world.instruments.traces.offer(number, came, now, || {
            let (text, end) = match outcome {
                Ok(()) => ("answered".to_owned(), Outcome::Ok),
                Err(Failure::TimedOut) => (Failure::TimedOut.to_string(), Outcome::TimedOut),
                Err(failure) => (failure.to_string(), Outcome::Error),
            };
            let whole = Span::new(&*self.name, came, Some(now), end);
            Trace {
                request: number,
                started: came,
                ended: now,
                outcome: text,
                spans: spot.spans(world, whole),
            }
        });
    }

    fn turn_away(&self, world: &World) {
        self.meters.shed_total.increment();
        self.meters.error_ratio.whole.increment();
        self.meters.error_ratio.part.increment();
        self.meters.failed_total.increment();
        self.requests
            .turns_away(world.now(), &world.instruments.journal, || {
                let (in_progress, alive) = (self.requests.in_progress(), world.sim.alive());
                format!(
                    "{in_progress} requests of {} in progress, {alive} tasks and calls alive",
                    self.name
                )
            });
    }
}
