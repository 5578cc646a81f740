//! One life of a candidate: how it gets the lease, and what it does while it owns it.

use super::Group;
use crate::system::call::Whose;
use crate::system::machine::Machine;
use crate::system::work::{Stand, call_all};
use ddlab_labs::election::asking::Asking;
use ddlab_labs::election::lease_server::Notice;
use ddlab_labs::election::pattern::{
    Answer, LeaseStore, Storage, Times, Token, Unreachable, Written, campaign, own,
};
use ddlab_labs::election::store::Session;
use ddlab_labs::election::warehouse::Request;
use ddlab_labs::election::{Client as Loop, client_go};
use ddlab_labs::engine::{self, JoinHandle, Source as _, Stream};
use std::cell::{Cell, RefCell};
use std::future::ready;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;

/// Candidates start one after another, as a roll-out starts them: so the first one owns first.
const STAGGER: Duration = Duration::from_millis(500);
/// Before a write that found nobody, or a job whose calls failed, is tried again.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

/// What the store knows this life of a candidate by.
pub fn session(machine: &Machine, life: u64) -> Session {
    Session {
        candidate: machine.number - 1,
        boots: life as u32,
    }
}

/// A life of the candidate on this machine begins.
pub fn begin(group: &Rc<Group>, stand: Stand) {
    let (sim, node, group) = (
        stand.world.sim.clone(),
        stand.machine.node,
        Rc::clone(group),
    );
    sim.spawn_on(node, live(group, Rc::new(stand)));
}

async fn live(group: Rc<Group>, stand: Rc<Stand>) {
    let who = session(&stand.machine, stand.machine.life.get());
    if who.boots == 0 {
        engine::sleep(STAGGER * who.candidate).await;
    }
    let client = Client::new(&group, who);
    let owns = async |token| owns(&group, &stand, token).await;
    let (backend, by) = (group.knobs.backend.get(), group.knobs.client.get());
    if backend.goes_by_clients_clocks() && by == Loop::ClientGo {
        client_go::campaign(&client, owns).await;
    } else {
        campaign(&client, owns).await;
    }
}

/// One ownership.
async fn owns(group: &Rc<Group>, stand: &Rc<Stand>, token: Token) {
    let number = stand.machine.number;
    let (ownership, _believing) = group.beliefs.begins(number as usize - 1);
    let text = format!("{} {number} owns the lease, token {token}", group.name);
    stand.world.info(text);
    let owner = Rc::new(Owner {
        group: Rc::clone(group),
        stand: Rc::clone(stand),
        ownership,
        in_a_job: Cell::new(false),
        is_dropped: Cell::new(false),
    });
    Thread::of(owner, token).ended().await;
}

/// The lease store, as one life of a candidate sees it.
struct Client {
    group: Rc<Group>,
    asking: Asking,
    jitter: RefCell<Stream>,
    /// The store has said that the lease may be free.
    notice: Rc<Notify>,
}

impl Client {
    fn new(group: &Rc<Group>, who: Session) -> Self {
        let notice = Rc::new(Notify::new());
        let notified = Rc::clone(&notice);
        engine::net().receive(engine::current_node(), move |_: Notice, _| {
            notified.notify_waiters();
            ready(())
        });
        let stream = format!("{} retry {} {}", group.name, who.candidate, who.boots);
        Self {
            group: Rc::clone(group),
            asking: Asking::new(who, group.knobs.backend.get(), group.store),
            jitter: RefCell::new(engine::handle().stream(&stream)),
            notice,
        }
    }
}

impl LeaseStore for Client {
    async fn acquire(&self) -> Answer<Option<Token>> {
        self.asking.acquire(self.group.knobs.lease.get()).await
    }

    async fn renew(&self, _: Token) -> Answer<bool> {
        self.asking.renew(self.group.knobs.lease.get()).await
    }

    async fn release(&self, _: Token) -> Answer<()> {
        self.asking.release().await
    }

    async fn worth_asking(&self, retry: Duration) {
        // client-go's: from the period to 2.2 times as much.
        let factor = 1.0 + 1.2 * self.jitter.borrow_mut().uniform();
        let _ = engine::timeout(retry.mul_f64(factor), self.notice.notified()).await;
    }

    fn times(&self) -> Times {
        let knobs = &self.group.knobs;
        let (lease, deadline) = (knobs.lease.get(), knobs.renew_deadline.get());
        self.asking.times(lease, deadline, knobs.retry_period.get())
    }
}

/// The work of one ownership.
struct Owner {
    group: Rc<Group>,
    stand: Rc<Stand>,
    /// Which one of the run it is.
    ownership: u64,
    /// It has begun a job, and hasn't heard what became of the write.
    in_a_job: Cell<bool>,
    /// Nobody waits for its work any more.
    is_dropped: Cell<bool>,
}

impl Owner {
    async fn send(&self, token: Token, job: Option<u64>) -> Answer<Written> {
        let request = Request {
            token,
            job,
            ownership: self.ownership,
        };
        let call = engine::net().call::<Request, Written>(self.group.storage, request);
        call.await.map_err(|_| Unreachable)
    }
}

impl Storage for Owner {
    async fn raise(&self, token: Token) -> Answer<Written> {
        self.send(token, None).await
    }

    async fn due(&self, job: u64) -> bool {
        if !self.is_dropped.get() {
            self.group.timetable.due(job).await;
        }
        !self.is_dropped.get()
    }

    /// The work on a job, with the calls that it takes: again and again until they succeed.
    async fn decide(&self, job: u64) {
        self.in_a_job.set(true);
        let (knobs, stand) = (&self.group.knobs, &self.stand);
        let usual = knobs
            .job_takes
            .borrow()
            .sample(&mut self.group.jobs.draw(&[job]));
        let takes = usual.mul_f64(stand.machine.server.factor());
        if knobs.work_blocks.get() {
            // One thread: while it decides, nothing else of this process runs, its renewals neither.
            stand.world.sim.pause(stand.machine.node, takes);
        }
        engine::sleep(takes).await;
        for attempt in 0.. {
            let callers = Rc::clone(&stand.machine.callers.borrow());
            let whose = Whose {
                user: job,
                depth: 0,
                spot: None,
            };
            if call_all(&callers, knobs.calls_in.get(), [job, attempt], &whose).await {
                if let Some(lots) = &self.group.lots {
                    lots.reads(job);
                }
                return;
            }
            engine::sleep(AGAIN_AFTER).await;
        }
    }

    async fn write(&self, token: Token, job: u64) -> Answer<Written> {
        let written = self.send(token, Some(job)).await;
        self.in_a_job.set(false);
        written
    }

    async fn pause(&self) {
        engine::sleep(AGAIN_AFTER).await;
    }
}

/// The work on a thread of its own. Whoever drops it can't stop a job that has begun: that one is written to its end,
/// and only then the thread looks up.
struct Thread {
    task: JoinHandle<()>,
    owner: Rc<Owner>,
}

impl Thread {
    fn of(owner: Rc<Owner>, token: Token) -> Self {
        let working = Rc::clone(&owner);
        let task = engine::spawn(async move { own(&*working, token).await });
        Self { task, owner }
    }

    async fn ended(mut self) {
        let _ = (&mut self.task).await;
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        if self.owner.in_a_job.get() {
            self.owner.is_dropped.set(true);
        } else {
            self.task.abort();
        }
    }
}
