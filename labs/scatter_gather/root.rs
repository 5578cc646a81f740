//! The root: takes requests in, has the pattern gather, measures and checks what came of it.

use super::checks::Checks;
use super::client::LeafClient;
use super::cluster::Cluster;
use super::index::Query;
use super::pattern::{Ask, Budget, Completeness, Gathered, Policy, gather};
use super::request::Request;
use super::table::{Knobs, RootMeters, SPEC};
use super::waterfall;
use crate::engine::{self, Server, SimTime, Source};
use crate::workbench::instruments::Instruments;
use crate::workbench::journal::Overload;
use crate::workbench::workload::{ALIVE_MAX, Rate};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Calls in progress at most; beyond, requests are shed. It bounds the memory of an overload: an
/// open loop that is never turned away would queue up without end.
const CALLS_MAX: usize = 50_000;
/// Leaves, summed over the requests in progress, at most: what is noted of calls that are over
/// stays as long as their request.
const NOTES_MAX: usize = 500_000;

/// What goes wrong in the lab behind the back of its checks: nothing, but in tests that break it on
/// purpose.
#[derive(Clone, Copy)]
pub struct Tamper {
    /// Done to an answer between merge and check.
    pub answer: fn(&mut Gathered),
    /// So many times the hedges that the budget allows are sent.
    pub overspend: f64,
}

impl Tamper {
    pub const NONE: Self = Self {
        answer: |_| {},
        overspend: 1.0,
    };
}

/// The root of the cluster.
pub struct Root {
    cluster: Rc<Cluster>,
    pub instruments: Rc<Instruments>,
    pub meters: Rc<RootMeters>,
    checks: Checks,
    pub rate: Rate,
    policy: RefCell<Rc<Policy>>,
    knobs: Rc<Knobs>,
    /// What all clients together may ask again; none without limit.
    pub retry_budget: RefCell<Option<Budget>>,
    /// Its one core.
    core: Server,
    in_progress: Cell<usize>,
    in_progress_max: usize,
    calls: Cell<usize>,
    overload: Overload,
    /// Requests from outside so far.
    outside: Cell<u64>,
    tamper: Tamper,
}

impl Root {
    pub fn new(sim: &engine::Handle, knobs: &Rc<Knobs>, tamper: Tamper) -> Rc<Self> {
        let instruments = Instruments::new(sim, &SPEC);
        let meters = RootMeters::of(&instruments.meters);
        let utilization = Rc::clone(&meters.leaf_utilization);
        let cluster = Cluster::build(sim, knobs, Rc::clone(&meters.extra_load_ratio), utilization);
        Rc::new(Self {
            in_progress_max: (NOTES_MAX / cluster.fan_out).clamp(100, 5_000),
            calls: Cell::new(0),
            cluster,
            checks: Checks::new(&instruments),
            instruments,
            meters,
            rate: Rate::new(&knobs.arrival_rps, &knobs.arrivals),
            policy: RefCell::new(Rc::new(knobs.pattern_policy(tamper.overspend))),
            knobs: Rc::clone(knobs),
            retry_budget: RefCell::new(knobs.retry_budget.get().map(Budget::new)),
            core: Server::new(Some(1)),
            in_progress: Cell::new(0),
            overload: Overload::default(),
            outside: Cell::new(0),
            tamper,
        })
    }

    pub fn cluster(&self) -> &Rc<Cluster> {
        &self.cluster
    }

    pub fn knobs(&self) -> &Knobs {
        &self.knobs
    }

    pub fn in_progress(&self) -> usize {
        self.in_progress.get()
    }

    /// The policy of requests that arrive from now on; those in progress keep theirs.
    pub fn apply_policy(&self) {
        let policy = self.knobs.pattern_policy(self.tamper.overspend);
        *self.policy.borrow_mut() = Rc::new(policy);
    }

    pub fn apply_retry_budget(&self) {
        let budget = self.knobs.retry_budget.get().map(Budget::new);
        *self.retry_budget.borrow_mut() = budget;
    }

    /// Takes requests in for ever.
    pub async fn serve(self: Rc<Self>) {
        let mut gaps = self.cluster.sim.stream("arrivals");
        let queries = self.cluster.sim.purpose("query");
        for number in 1.. {
            self.rate.next_arrival(&mut gaps).await;
            let query = Query::number(queries.draw(&[number]).below(Query::COUNT as u64) as usize);
            let client = Rc::clone(&self).client(number, query);
            self.cluster.sim.spawn_on(self.cluster.root, client);
        }
    }

    /// One request of somebody outside; none when it is shed.
    pub async fn take_in(self: &Rc<Self>, number: u64, query: Query) -> Option<Gathered> {
        if self.has_room() {
            Some(self.answer(self.request(number, query)).await)
        } else {
            None
        }
    }

    /// Counts requests from outside, from 1.
    pub fn next_outside(&self) -> u64 {
        self.outside.set(self.outside.get() + 1);
        self.outside.get()
    }

    /// A request arrives; false when it is turned away.
    pub fn has_room(&self) -> bool {
        self.meters.requests_total.begin(1);
        let room = !self.is_full();
        if !room {
            self.shed();
        }
        room
    }

    pub fn request(&self, number: u64, query: Query) -> Rc<Request> {
        Rc::new(Request::new(
            number,
            query,
            engine::now(),
            self.cluster.fan_out,
            self.knobs.budget_of_hedges(),
        ))
    }

    fn is_full(&self) -> bool {
        let unread_max = self.knobs.root_queue.get().unwrap_or(usize::MAX);
        self.core.queue_len() >= unread_max
            || self.calls.get() >= CALLS_MAX
            || self.in_progress.get() >= self.in_progress_max
            || self.cluster.sim.alive() >= ALIVE_MAX
    }

    fn shed(&self) {
        self.meters.requests_total.end(1);
        self.meters.shed_total.increment();
        self.overload.say(engine::now(), &self.instruments.journal, || {
            format!(
                "{} requests in progress, {} answers unread, {} messages under way; {} shed so far",
                self.in_progress.get(),
                self.core.queue_len(),
                self.cluster.sim.net().counters().in_flight,
                self.meters.shed_total.since_start()
            )
        });
    }

    /// The life of one request.
    pub async fn answer(self: &Rc<Self>, request: Rc<Request>) -> Gathered {
        let _in_progress = InProgress::new(self);
        let clients: Vec<LeafClient> = (0..self.cluster.fan_out)
            .map(|leaf| LeafClient {
                root: Rc::clone(self),
                request: Rc::clone(&request),
                leaf,
            })
            .collect();
        let policy = Rc::clone(&self.policy.borrow());
        let mut gathered = gather(&clients, &request.query, &policy).await;
        (self.tamper.answer)(&mut gathered);
        self.checks.answer(&request, &gathered, &self.cluster.index);
        if !request.abandoned.get() {
            self.measure(&request, &gathered);
        }
        gathered
    }

    fn in_progress_is(&self, requests: usize) {
        self.in_progress.set(requests);
        let now = self.cluster.now();
        self.meters.in_progress.set(requests as f64, now);
    }

    fn measure(&self, request: &Rc<Request>, gathered: &Gathered) {
        let (meters, now) = (&self.meters, engine::now());
        let took = now - request.arrived;
        meters.completeness_ratio.part.add(gathered.answered as u64);
        meters
            .completeness_ratio
            .whole
            .add(self.cluster.fan_out as u64);
        meters
            .extra_load_ratio
            .whole
            .add(self.cluster.fan_out as u64);
        match gathered.completeness() {
            Completeness::Complete => meters.complete_total.increment(),
            Completeness::Partial => meters.partial_total.increment(),
            Completeness::Failed => meters.failed_total.increment(),
        }
        if gathered.completeness() != Completeness::Failed {
            meters.latency_ms.record(took.into());
            meters.slow_ratio.whole.increment();
            meters
                .slow_ratio
                .part
                .add(u64::from(took > self.knobs.slow_over.get()));
        }
        self.instruments
            .traces
            .offer_later(request.number, request.arrived, now, || {
                let (request, gathered) = (Rc::clone(request), gathered.clone());
                let replicas = self.cluster.replicas;
                move || waterfall::trace(&request, &gathered, replicas, now)
            });
    }

    /// The pattern asks a leaf for this request.
    pub fn search_goes_out(&self, request: &Request, ask: Ask) {
        match (request.hedge_budget, ask.nth) {
            (Some(budget), 0) => self.checks.first_copy(budget),
            (Some(_), _) => {
                self.meters.hedges_total.begin(1);
                self.checks.hedge(request);
            }
            (None, _) => {}
        }
    }

    /// A replica has failed, and another one is asked.
    pub fn search_is_retried(&self) {
        self.meters.retries_total.increment();
    }

    /// A second copy would have gone out, were there budget for it.
    pub fn hedge_is_refused(&self) {
        self.meters.hedges_refused_total.increment();
    }

    /// A call goes out.
    pub fn call_is_open(&self) {
        self.calls.set(self.calls.get() + 1);
    }

    /// An answer has arrived: it waits for the root's core, which sends, reads and merges one at a time.
    pub async fn reads_an_answer(&self) {
        let cost = self.knobs.root_cost.get();
        if !cost.is_zero() {
            self.core.serve(cost).await;
        }
    }

    /// A call has ended; at `first_answer` if it was the first answer of its leaf.
    pub fn call_is_over(
        &self,
        request: &Request,
        nth: usize,
        cancelled: bool,
        first_answer: Option<SimTime>,
    ) {
        self.calls.set(self.calls.get() - 1);
        self.meters.cancelled_total.add(u64::from(cancelled));
        let hedge = nth > 0 && request.hedge_budget.is_some();
        self.meters.hedges_total.end(u64::from(hedge));
        if let Some(answered) = first_answer {
            self.meters
                .leaf_latency_ms
                .record((answered - request.arrived).into());
            self.meters.hedges_won_total.add(u64::from(hedge));
        }
    }
}

/// A request in progress, until its answer or until its client gives up.
struct InProgress<'a>(&'a Root);

impl<'a> InProgress<'a> {
    fn new(root: &'a Root) -> Self {
        root.in_progress_is(root.in_progress.get() + 1);
        Self(root)
    }
}

impl Drop for InProgress<'_> {
    fn drop(&mut self) {
        self.0.in_progress_is(self.0.in_progress.get() - 1);
        self.0.meters.requests_total.end(1);
    }
}
