//! The clients: requests as the load has them, each sent to the replica that the balancer picks.

use super::fleet::Fleet;
use super::pattern::Ticket;
use super::replica::{Replica, Trouble};
use super::settings::{Autoscale, Profile, State};
use super::waterfall;
use super::world::{Tamper, World};
use crate::engine::{self, Purpose, SimTime, Source as _, Stream};
use crate::workbench::occupancy::Occupancy;
use crate::workbench::workload::Rate;
use ddlab_text::many;
use std::cell::{Cell, RefCell};
use std::f64::consts::TAU;
use std::rc::Rc;
use std::time::Duration;

/// How often the profile is followed.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);
/// The crowd of the profile: so many times the load, from here to there.
const CROWD: f64 = 100.0;
const CROWD_S: std::ops::Range<f64> = 60.0..180.0;
/// The ramp: up to so many times the load, within so many seconds.
const RAMP: f64 = 10.0;
const RAMP_S: f64 = 600.0;
const DAY_S: f64 = 86_400.0;
const SWING: f64 = 0.9;
/// What it takes to ask the store for a session.
const STORE: Duration = Duration::from_micros(500);
/// A request that needs the database, while that is down, fails after this.
const GIVE_UP: Duration = Duration::from_millis(1);

pub struct Front {
    pub world: Rc<World>,
    pub fleet: Rc<Fleet>,
    rate: Rate,
    crowd: Cell<f64>,
    /// Requests that wait until a replica is ready.
    pub held: Occupancy,
    /// Which replica, in which of its lives, has the session of each user.
    sessions: RefCell<Vec<Option<(u32, u64)>>>,
    dice: RefCell<Stream>,
    service: Purpose,
    people: Purpose,
}

/// A request on its way.
#[derive(Debug, Default)]
pub struct Request {
    pub number: u64,
    /// The replica that it was sent to.
    pub replica: Cell<Option<u32>>,
    /// When it was.
    pub sent: Cell<Option<SimTime>>,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("no replica is ready")]
    Nobody,
    #[error("no answer in time")]
    TimedOut,
    #[error("too many requests are in progress")]
    Overload,
    #[error(transparent)]
    Replica(#[from] Trouble),
}

impl Front {
    pub fn open(fleet: &Rc<Fleet>) -> Rc<Self> {
        let world = &fleet.world;
        let (sim, knobs) = (&world.sim, &world.knobs);
        let front = Rc::new(Self {
            world: Rc::clone(world),
            fleet: Rc::clone(fleet),
            rate: Rate::new(&knobs.arrival_rps, &knobs.arrivals),
            crowd: Cell::new(1.0),
            held: Occupancy::default(),
            sessions: RefCell::default(),
            dice: RefCell::new(sim.stream("dice")),
            service: sim.purpose("service"),
            people: sim.purpose("user"),
        });
        front.follow_profile();
        sim.spawn(Rc::clone(&front).flow());
        sim.spawn(Rc::clone(&front).keep_following());
        front
    }

    pub fn crowd(&self, times: f64) {
        self.crowd.set(times);
        self.follow_profile();
    }

    pub fn rate_was_turned(&self) {
        self.follow_profile();
        self.rate.turned();
    }

    /// The load of this moment, in terms of the ordinary one.
    pub fn follow_profile(&self) {
        let second = self.world.now().as_secs_f64();
        let profile = match self.world.knobs.profile.get() {
            Profile::Ramp => 1.0 + (RAMP - 1.0) * (second / RAMP_S).min(1.0),
            Profile::Crowd if CROWD_S.contains(&second) => CROWD,
            Profile::Steady | Profile::Crowd => 1.0,
            Profile::Daily => 1.0 - SWING * libm::cos(TAU * second / DAY_S),
        };
        self.rate.set_factor(profile * self.crowd.get());
    }

    async fn keep_following(self: Rc<Self>) {
        loop {
            engine::sleep(FOLLOW_EVERY).await;
            if self.world.knobs.profile.get() != Profile::Steady {
                self.follow_profile();
            }
        }
    }

    async fn flow(self: Rc<Self>) {
        let mut gaps = self.world.sim.stream("arrivals");
        loop {
            self.rate.next_arrival(&mut gaps).await;
            self.come();
        }
    }

    fn come(self: &Rc<Self>) {
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
        world.sim.spawn(async move {
            let request = Request {
                number,
                ..Request::default()
            };
            let came = front.world.now();
            let outcome = front.ask(&request).await;
            front.ended(&request, came, outcome);
            front.world.checks.requests.ends();
            drop(counted);
        });
    }

    /// Sends it to a replica and waits for the answer, as long as the client does.
    pub async fn ask(&self, request: &Request) -> Result<(), Failure> {
        let limit = self.world.knobs.timeout.get();
        let served = engine::timeout(limit, self.serve(request)).await;
        served.unwrap_or(Err(Failure::TimedOut))
    }

    async fn serve(&self, request: &Request) -> Result<(), Failure> {
        let world = &self.world;
        let knobs = &world.knobs;
        let users = knobs.users.get() as u64;
        let user = self.people.draw(&[request.number]).below(users);
        let ticket = match self.pick(user) {
            Some(ticket) => ticket,
            None => self.hold(user).await?,
        };
        let replica = &ticket.endpoint().replica;
        request.replica.set(Some(replica.number));
        request.sent.set(Some(world.now()));
        if knobs.readiness.get() {
            world.checks.sent(replica.number, replica.has_served.get());
        }
        self.find_session(user, replica);
        let draw = &mut self.service.draw(&[request.number]);
        let takes = knobs.service.borrow().sample(draw);
        let needs = self.service.draw(&[request.number, 1]).uniform() < knobs.database_ratio.get();
        let no_database = needs && !world.database_up.get();
        let takes = match knobs.state.get() {
            _ if no_database => GIVE_UP,
            State::External => takes + STORE,
            State::Stateless | State::InMemory => takes,
        };
        replica.serve(world, takes).await?;
        if no_database {
            return Err(Trouble::Database.into());
        }
        Ok(())
    }

    fn pick(&self, user: u64) -> Option<Ticket<Rc<Replica>>> {
        let mut dice = self.dice.borrow_mut();
        let mut balancer = self.fleet.balancer.borrow_mut();
        let now = self.world.now().into();
        balancer.pick(user, now, |faces| dice.below(faces as u64) as usize)
    }

    /// The activator: it keeps a request until a replica is ready, and calls for the first where there is to be none.
    async fn hold(&self, user: u64) -> Result<Ticket<Rc<Replica>>, Failure> {
        let (knobs, fleet) = (&self.world.knobs, &self.fleet);
        let most = knobs.activator.get().ok_or(Failure::Nobody)?;
        if self.held.get() >= most {
            return Err(Failure::Overload);
        }
        let _held = self.held.enter();
        let scales = !matches!(knobs.autoscale.get(), Autoscale::Off);
        if scales && fleet.desired() == 0 {
            self.world
                .info("a request waits at the activator: 0 become 1");
            fleet.scale_to(1);
        }
        loop {
            fleet.listed.notified().await;
            if let Some(ticket) = self.pick(user) {
                return Ok(ticket);
            }
        }
    }

    /// A session in a replica's memory is lost when the user comes to another one.
    fn find_session(&self, user: u64, replica: &Replica) {
        if self.world.knobs.state.get() != State::InMemory {
            return;
        }
        let mut sessions = self.sessions.borrow_mut();
        let known = sessions.len().max(user as usize + 1);
        sessions.resize(known, None);
        let here = Some((replica.number, replica.life.get()));
        let there = std::mem::replace(&mut sessions[user as usize], here);
        let lost = there.is_some() && there != here;
        self.world.meters.sessions_lost_total.add(u64::from(lost));
    }

    /// Counts what became of it.
    pub fn ended(&self, request: &Request, came: SimTime, outcome: Result<(), Failure>) {
        let (meters, now) = (&self.world.meters, self.world.now());
        meters.success_ratio.whole.increment();
        match outcome {
            Ok(()) => {
                meters.answered_total.increment();
                meters.success_ratio.part.increment();
                meters.latency_ms.record((now - came).into());
            }
            Err(failure) => {
                meters.errors_total.increment();
                match failure {
                    Failure::TimedOut => meters.timeouts_total.increment(),
                    Failure::Overload | Failure::Replica(Trouble::Shed) => {
                        meters.shed_total.increment();
                    }
                    Failure::Replica(trouble) if trouble.is_of_a_shutdown() => {
                        meters.dropped_at_shutdown_total.increment();
                    }
                    Failure::Nobody | Failure::Replica(_) => {}
                }
            }
        }
        let traces = &self.world.instruments.traces;
        traces.offer(request.number, came, now, || {
            waterfall::trace(request, came, now, outcome)
        });
    }

    fn turn_away(&self) {
        let (world, now) = (&self.world, self.world.now());
        let nobody = Request::default();
        self.ended(&nobody, now, Err(Failure::Overload));
        let requests = &world.checks.requests;
        requests.turns_away(now, &world.instruments.journal, || {
            let in_progress = many(requests.in_progress());
            let shed = many(world.meters.shed_total.since_start());
            format!("{in_progress} requests in progress; {shed} turned away so far")
        });
    }
}
