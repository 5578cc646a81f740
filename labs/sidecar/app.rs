//! The application: requests of other pods, and what each costs and writes.

use super::pod::Pod;
use super::settings::Proxy;
use super::waterfall;
use super::world::{Tamper, Who, World};
use crate::engine::{self, Purpose, SimTime};
use crate::workbench::occupancy::Occupancy;
use crate::workbench::workload::Rate;
use ddlab_text::many;
use std::cell::Cell;
use std::rc::Rc;
use tokio::sync::Semaphore;

/// Requests that wait for the proxy or a worker, at most; more are refused.
const BACKLOG: usize = 1_000;
/// How many times as much a heavy application or proxy computes.
const HEAVY: u32 = 5;

pub struct App {
    pub world: Rc<World>,
    pub pod: Rc<Pod>,
    pub rate: Rate,
    workers: Semaphore,
    waiting: Occupancy,
    service: Purpose,
}

/// A request on its way, with the moments that its trace shows.
#[derive(Debug, Default)]
pub struct Request {
    pub number: u64,
    /// It has a worker, it has done its work, it has written its lines.
    pub began: Cell<Option<SimTime>>,
    pub worked: Cell<Option<SimTime>>,
    pub written: Cell<Option<SimTime>>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("the proxy is not up")]
    NoProxy,
    #[error("the application is not up")]
    NoApp,
    #[error("too many requests wait at the pod")]
    Full,
    #[error("the application died with the request in it")]
    Died,
    #[error("no answer in time")]
    TimedOut,
}

impl App {
    pub fn open(pod: &Rc<Pod>) -> Rc<Self> {
        let world = &pod.world;
        let knobs = &world.knobs;
        let app = Rc::new(Self {
            world: Rc::clone(world),
            pod: Rc::clone(pod),
            rate: Rate::new(&knobs.arrival_rps, &knobs.arrivals),
            workers: Semaphore::new(knobs.workers.get()),
            waiting: Occupancy::default(),
            service: world.sim.purpose("service"),
        });
        world.sim.spawn(Rc::clone(&app).flow());
        app
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
        if !world.accepts.get() {
            world.meters.elsewhere_total.increment();
            return;
        }
        let counted = world.meters.requests_total.enter();
        let requests = &world.checks.requests;
        let number = requests.comes();
        if world.tamper == Tamper::LoseRequests && number.is_multiple_of(50) {
            return;
        }
        if self.is_full() || !requests.has_room(&world.sim) {
            self.turn_away();
            return;
        }
        requests.begins();
        let app = Rc::clone(self);
        world.sim.spawn(async move {
            let (request, came) = (
                Rc::new(Request {
                    number,
                    ..Request::default()
                }),
                app.world.now(),
            );
            let outcome = app.ask(&request).await;
            app.ended(&request, came, outcome);
            app.world.checks.requests.ends();
            drop(counted);
        });
    }

    /// Sends it to the pod and waits for the answer, as long as the client does.
    pub async fn ask(self: &Rc<Self>, request: &Rc<Request>) -> Result<(), Failure> {
        let limit = self.world.knobs.timeout.get();
        let (app, asked) = (Rc::clone(self), Rc::clone(request));
        // A task of its own: a worker that is at it does not notice that the client has gone.
        let answer = engine::spawn(async move { app.serve(&asked).await });
        match engine::timeout(limit, answer).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Failure::Died),
            Err(_) => Err(Failure::TimedOut),
        }
    }

    pub fn is_full(&self) -> bool {
        self.waiting.get() >= BACKLOG
    }

    async fn serve(&self, request: &Request) -> Result<(), Failure> {
        let waits = self.waiting.enter();
        let (world, knobs) = (&self.world, &self.world.knobs);
        let must_be = knobs.proxy.get() == Proxy::Mtls;
        let encrypted = must_be && self.pass_the_proxy().await?;
        world.checks.request_came(encrypted, must_be);
        world.meters.plaintext_total.add(u64::from(!encrypted));
        let app = world.container(Who::App);
        if !app.up.get() {
            return Err(Failure::NoApp);
        }
        let life = app.life.get();
        let lives = || (app.life.get() == life).then_some(()).ok_or(Failure::Died);
        let _worker = self.workers.acquire().await;
        drop(waits);
        lives()?;
        request.began.set(Some(world.now()));
        let takes = knobs
            .service
            .borrow()
            .sample(&mut self.service.draw(&[request.number]));
        let computing = takes.mul_f64(knobs.cpu_ratio.get());
        engine::sleep(takes.saturating_sub(computing)).await;
        let times = if app.heavy.get() { HEAVY } else { 1 };
        world.compute(Who::App, computing * times).await;
        lives()?;
        request.worked.set(Some(world.now()));
        for _ in 0..knobs.log_lines_per_request.get() {
            world.write_line().await;
            lives()?;
        }
        request.written.set(Some(world.now()));
        Ok(())
    }

    /// Whether it comes out encrypted.
    async fn pass_the_proxy(&self) -> Result<bool, Failure> {
        let world = &self.world;
        let proxy = world.container(Who::Proxy);
        if !proxy.up.get() {
            let round = world.tamper == Tamper::GoRound;
            return if round {
                Ok(false)
            } else {
                Err(Failure::NoProxy)
            };
        }
        let life = proxy.life.get();
        let times = if proxy.heavy.get() { HEAVY } else { 1 };
        world
            .compute(Who::Proxy, world.knobs.proxy_cpu.get() * times)
            .await;
        if proxy.life.get() == life {
            Ok(true)
        } else {
            Err(Failure::NoProxy)
        }
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
            Err(_) => meters.errors_total.increment(),
        }
        let traces = &self.world.instruments.traces;
        traces.offer(request.number, came, now, || {
            waterfall::trace(request, came, now, outcome)
        });
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
            let blocked = match world.blocked.get() {
                0 => String::new(),
                lines => format!(", {} of them wait for room on the volume", many(lines)),
            };
            let shed = many(meters.shed_total.since_start());
            format!(
                "{in_progress} requests in progress, {alive} tasks alive{blocked}; {shed} turned away so far"
            )
        });
    }
}
