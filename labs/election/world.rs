//! The world of the lab: a lease store, a storage, candidates, and a timetable of jobs.

use super::beliefs::Beliefs;
use super::checks::Onlooker;
use super::client_go;
use super::lanes::Lanes;
use super::lease_client::{Attempts, LeaseClient};
use super::lease_server::LeaseServer;
use super::owner::Owner;
use super::pattern::{LeaseStore, Token, campaign};
use super::settings::{Client, OnStop};
use super::stop::Stop;
use super::storage::Storage;
use super::store::Session;
use super::table::{ElectionMeters, Invariants, Knobs, SPEC};
use super::timetable::Timetable;
use crate::engine::{self, Handle, Link, NodeCtx, NodeId, Purpose};
use crate::workbench::instruments::Instruments;
use crate::workbench::journal::Overload;
use std::cell::RefCell;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;

/// Candidates start one after another, as a roll-out starts them: so the first one owns first.
const STAGGER: Duration = Duration::from_millis(500);
/// How often split brain and ownerless time are counted.
const COUNT_EVERY: Duration = Duration::from_millis(100);
/// Before the first job, so that there is an owner.
const JOBS_IN_GRACE: u64 = 2;
/// With so many jobs due and not done the journal speaks of overload; a failover leaves fewer behind.
const BACKLOG: u64 = 100;

pub struct World {
    pub sim: Handle,
    pub instruments: Rc<Instruments>,
    pub meters: Rc<ElectionMeters>,
    pub beliefs: Rc<Beliefs>,
    pub lanes: Rc<Lanes>,
    pub lease_server: Rc<LeaseServer>,
    pub warehouse: Rc<Storage>,
    pub timetable: Timetable,
    pub store: NodeId,
    pub storage: NodeId,
    candidates: RefCell<Vec<NodeId>>,
    /// By candidate.
    pub attempts: Vec<Attempts>,
    /// By candidate, of its present life.
    stops: RefCell<Vec<(u32, Rc<Stop>)>>,
    pub knobs: Rc<Knobs>,
    /// A knob of the faults was turned.
    pub faults_changed: Notify,
    luck: Purpose,
    /// How fast each candidate's clock runs.
    rates: RefCell<Vec<f64>>,
    /// By candidate: its machine stands still, and not only its process.
    pub suspended: RefCell<Vec<bool>>,
    overload: Overload,
}

impl World {
    /// Builds the nodes and starts all of them. `leaky` is for tests that break the fence on purpose.
    pub fn build(sim: &Handle, knobs: &Rc<Knobs>, leaky: bool) -> Rc<Self> {
        let instruments = Instruments::new(sim, &SPEC);
        let invariants = Rc::new(Invariants::of(&instruments));
        let meters = ElectionMeters::of(&instruments.meters);
        let count = knobs.candidates.get();
        let lanes = Rc::new(Lanes::new(count));
        let store = knobs.backend.get().store(knobs.in_line.get());
        let onlooker = Onlooker {
            invariants: Rc::clone(&invariants),
            lanes: Rc::clone(&lanes),
        };
        let lease_server = LeaseServer::new(store, onlooker);
        let warehouse = Storage::new(leaky, knobs, &invariants, &lanes, &meters, &instruments);
        let world = Rc::new(Self {
            sim: sim.clone(),
            beliefs: Beliefs::new(sim, count, &meters, &lanes),
            store: lease_server.open(sim, "lease store"),
            storage: warehouse.open(sim),
            candidates: RefCell::default(),
            attempts: (0..count).map(|_| Attempts::default()).collect(),
            stops: RefCell::new((0..count).map(|_| (0, Rc::default())).collect()),
            knobs: Rc::clone(knobs),
            timetable: Timetable::default(),
            faults_changed: Notify::new(),
            luck: sim.purpose("job"),
            rates: RefCell::new(vec![1.0; count]),
            suspended: RefCell::new(vec![false; count]),
            overload: Overload::said_every(Duration::from_mins(1)),
            instruments,
            meters,
            lanes,
            lease_server,
            warehouse,
        });
        world.apply_network();
        world.apply_keepalive();
        for candidate in 0..count {
            let node = world.add_candidate(candidate);
            world.candidates.borrow_mut().push(node);
        }
        let machines = Rc::downgrade(&world);
        let kernel_answers = move |who| {
            let world = machines.upgrade();
            world.is_some_and(|world| world.kernel_answers(who))
        };
        world
            .lease_server
            .know(&world.candidates.borrow(), kernel_answers);
        sim.spawn(Rc::clone(&world).count_time());
        sim.spawn(Rc::clone(&world).keep_the_timetable());
        world
    }

    fn add_candidate(self: &Rc<Self>, candidate: usize) -> NodeId {
        let world = Rc::clone(self);
        self.sim
            .add_node(&Self::name(candidate), move |context: NodeCtx| {
                Rc::clone(&world).live(candidate, context.boots)
            })
    }

    /// One life of a candidate.
    async fn live(self: Rc<Self>, candidate: usize, boots: u32) {
        if boots == 0 {
            engine::sleep(STAGGER * candidate as u32).await;
        }
        let who = Session {
            candidate: candidate as u32,
            boots,
        };
        let stop = Rc::new(Stop::default());
        self.stops.borrow_mut()[candidate] = (boots, Rc::clone(&stop));
        let store = LeaseClient::new(&self, who);
        let owns = async |token| self.owns(&store, &stop, token).await;
        let by_client_go = self.by_own_clock() && self.knobs.client.get() == Client::ClientGo;
        let competing = async {
            if by_client_go {
                client_go::campaign(&store, owns).await;
            } else {
                campaign(&store, owns).await;
            }
        };
        tokio::select! {
            biased;
            () = stop.left() => {}
            () = competing => {}
        }
        let world = Rc::clone(&self);
        // Not from within the process that ends by it.
        self.sim.spawn(async move { world.crash(candidate) });
    }

    /// One ownership, until the work is done.
    async fn owns(self: &Rc<Self>, store: &LeaseClient, stop: &Rc<Stop>, token: Token) {
        let candidate = store.who.candidate as usize;
        let (ownership, _believing) = self.beliefs.begins(candidate, token);
        let text = format!("{} owns, token {token}", Self::name(candidate));
        self.instruments.journal.info(engine::now(), text);
        let work = Owner::new(self, candidate, ownership, stop).on_its_own_thread(token);
        let release = async {
            stop.requested().await;
            if self.knobs.on_stop.get() == OnStop::ReleaseThenDrain {
                let _ = store.release(token).await;
            }
            pending::<()>().await;
        };
        tokio::select! {
            biased;
            () = work.ended() => {}
            () = release => {}
        }
    }

    /// How this life of a candidate is asked to stop.
    pub fn stops(&self, who: Session) -> Rc<Stop> {
        let stops = self.stops.borrow();
        Rc::clone(&stops[who.candidate as usize].1)
    }

    /// The candidate as the store knows it.
    pub fn session(&self, candidate: usize) -> Session {
        Session {
            candidate: candidate as u32,
            boots: self.stops.borrow()[candidate].0,
        }
    }

    /// Whether the kernel of the machine on which this life runs answers the lease store, whatever the process does.
    /// After a new start of the machine nobody there knows the connections from before.
    pub fn kernel_answers(&self, who: Session) -> bool {
        let candidate = who.candidate as usize;
        let node = self.node(candidate);
        self.session(candidate) == who
            && self.sim.is_up(node)
            && !self.suspended.borrow()[candidate]
            && self.sim.net().passes(node, self.store)
    }

    async fn count_time(self: Rc<Self>) {
        let mut ticks = engine::interval(COUNT_EVERY);
        loop {
            ticks.tick().await;
            self.beliefs.settle();
        }
    }

    /// Jobs fall due whether or not there is an owner. One that is not done when two more have fallen due
    /// was missed; whoever owns next makes it up.
    async fn keep_the_timetable(self: Rc<Self>) {
        loop {
            engine::sleep(self.knobs.job_every.get()).await;
            let job = self.timetable.next();
            let late = job.saturating_sub(JOBS_IN_GRACE);
            if self.warehouse.done() < late {
                self.meters.jobs_missed_total.increment();
                self.report_backlog(job - self.warehouse.done());
            }
        }
    }

    /// What is due is a number and takes no room, however long the owner does not keep up.
    fn report_backlog(&self, backlog: u64) {
        if backlog >= BACKLOG {
            let journal = &self.instruments.journal;
            let how = || format!("{backlog} jobs are due and not done");
            self.overload.say(self.sim.now(), journal, how);
        }
    }

    /// The name of a candidate, from its place.
    pub fn name(candidate: usize) -> String {
        format!("candidate {}", candidate + 1)
    }

    pub fn node(&self, candidate: usize) -> NodeId {
        self.candidates.borrow()[candidate]
    }

    pub fn count(&self) -> usize {
        self.candidates.borrow().len()
    }

    /// Candidates judge by their own clocks; else the store decides.
    pub fn by_own_clock(&self) -> bool {
        self.knobs.backend.get().goes_by_clients_clocks()
    }

    pub fn lease(&self) -> Duration {
        self.knobs.lease.get()
    }

    pub fn job_takes(&self, job: u64) -> Duration {
        let mut luck = self.luck.draw(&[job]);
        self.knobs.job_takes.borrow().sample(&mut luck)
    }

    pub fn apply_network(&self) {
        let link = Link::new(self.knobs.network.borrow().clone());
        self.sim.net().set_default_link(link);
    }

    pub fn apply_keepalive(&self) {
        self.lease_server.set_keepalive(self.knobs.keepalive.get());
    }

    /// The knob is for the first candidate.
    pub fn apply_clock_rate(&self) {
        self.set_rate(0, self.knobs.clock_rate.get());
    }

    pub fn rate(&self, candidate: usize) -> f64 {
        self.rates.borrow()[candidate]
    }

    /// A candidate's clock runs at this rate from now on; it does not jump.
    pub fn set_rate(&self, candidate: usize, rate: f64) {
        let node = self.node(candidate);
        let offset = i128::from(self.sim.node_now(node).0) - i128::from(self.sim.now().0);
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        self.sim.set_clock(node, offset, rate);
        self.rates.borrow_mut()[candidate] = rate;
    }
}
