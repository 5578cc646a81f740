//! The life of the pod: how its containers start, die, are replaced, and stop together.

use super::config;
use super::lines::Lines;
use super::pattern::Shipper;
use super::settings::{Mode, Proxy, Reload};
use super::store::Store;
use super::world::{ALL, Tamper, Who, World};
use crate::engine;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;

/// From the word to stop until no client asks the pod any more: the application serves for so long.
const ENDPOINTS_LAG: Duration = Duration::from_secs(2);
/// An application that can't start is tried again after this.
const BACK_OFF: Duration = Duration::from_secs(10);
/// Peers that hold a connection to the proxy, and what a handshake costs it.
const PEERS: u32 = 20;
const HANDSHAKE: Duration = Duration::from_millis(1);
/// How often something is looked at that is waited for.
const LOOK: Duration = Duration::from_millis(10);
/// A container that is started again may take so long for what it has.
const FINISH: Duration = Duration::from_secs(1);

pub struct Pod {
    pub world: Rc<World>,
    shipper: Shipper<Rc<Lines>, Store, Rc<Lines>>,
    /// Tells the present shipper to stop.
    shipper_stops: RefCell<Rc<Notify>>,
}

/// Looks at it until it holds.
async fn until(holds: impl Fn() -> bool) {
    while !holds() {
        engine::sleep(LOOK).await;
    }
}

impl Pod {
    /// With all of its containers up.
    pub fn open(world: &Rc<World>) -> Rc<Self> {
        let pod = Rc::new(Self {
            world: Rc::clone(world),
            shipper: Shipper {
                log: Rc::clone(&world.lines),
                sink: Store(Rc::clone(world)),
                checkpoint: Rc::clone(&world.lines),
            },
            shipper_stops: RefCell::default(),
        });
        for who in ALL {
            pod.boot(who);
        }
        if world.knobs.mode.get() == Mode::NodeAgent {
            drop(pod.spawn_shipper());
        }
        pod
    }

    /// Whether the pod has this container.
    pub fn has(&self, who: Who) -> bool {
        let knobs = &self.world.knobs;
        match who {
            Who::App => true,
            Who::Shipper => knobs.mode.get() == Mode::Sidecar,
            Who::Reloader => knobs.reload.get() != Reload::Off,
            Who::Proxy => knobs.proxy.get() == Proxy::Mtls,
        }
    }

    fn spawn_shipper(self: &Rc<Self>) -> engine::JoinHandle<()> {
        let (pod, told) = (Rc::clone(self), Rc::new(Notify::new()));
        self.shipper_stops.replace(Rc::clone(&told));
        self.world.sim.spawn(async move {
            let rules = || pod.world.knobs.shipping();
            pod.shipper.run(rules, told.notified()).await;
        })
    }

    /// Tells the shipper in this container to send the rest, and waits until it has.
    async fn shipped(&self, host: Who) {
        self.shipper_stops.borrow().notify_one();
        let container = self.world.container(host);
        let at_work = || {
            container
                .task
                .borrow()
                .as_ref()
                .is_some_and(|task| !task.is_finished())
        };
        until(|| !at_work()).await;
    }

    async fn served(&self) {
        until(|| self.world.checks.requests.in_progress() == 0).await;
    }

    /// The container is ready from now on.
    fn boot(self: &Rc<Self>, who: Who) {
        let world = &self.world;
        if who != Who::Reloader && !self.has(who) {
            return;
        }
        let container = world.container(who);
        container.up.set(true);
        let task = match who {
            Who::App => {
                world.configs.running.set(world.configs.newest.get());
                (world.knobs.mode.get() == Mode::Library).then(|| self.spawn_shipper())
            }
            Who::Shipper => Some(self.spawn_shipper()),
            Who::Reloader => Some(world.sim.spawn(config::reload(Rc::clone(world)))),
            Who::Proxy => Some(world.sim.spawn(Rc::clone(self).certify())),
        };
        *container.task.borrow_mut() = task;
    }

    /// Its process ends here and now.
    fn end(&self, who: Who) {
        let (world, container) = (&self.world, self.world.container(who));
        container.up.set(false);
        container.life.set(container.life.get() + 1);
        if let Some(task) = container.task.borrow_mut().take() {
            task.abort();
        }
        match (who, world.knobs.mode.get()) {
            (Who::Shipper, Mode::Sidecar) => world.shipper_died(),
            (Who::App, Mode::Library) => drop(world.log_is_gone()),
            _ => {}
        }
    }

    /// Is started, and ready after its time.
    async fn start(self: Rc<Self>, who: Who) {
        let container = self.world.container(who);
        let life = container.life.get();
        engine::sleep(who.start()).await;
        while who == Who::App && !self.world.configs.newest.get().good {
            self.world
                .warn("the application can't start with this configuration");
            engine::sleep(BACK_OFF).await;
        }
        if container.life.get() == life && !container.up.get() {
            self.boot(who);
        }
    }

    fn start_again(self: &Rc<Self>, who: Who) {
        if who == Who::App {
            self.world.meters.app_restarts_total.increment();
        }
        self.world.sim.spawn(Rc::clone(self).start(who));
    }

    /// Its process dies. False when there is none.
    pub fn crash(self: &Rc<Self>, who: Who) -> bool {
        let up = self.world.container(who).up.get();
        if up {
            self.end(who);
            self.start_again(who);
        }
        up
    }

    /// It ends what it has, and is started again. False when there is none.
    pub fn restart(self: &Rc<Self>, who: Who) -> bool {
        let up = self.world.container(who).up.get();
        if up {
            let pod = Rc::clone(self);
            self.world.sim.spawn(async move {
                let life = pod.world.container(who).life.get();
                pod.finish(who).await;
                if pod.world.container(who).life.get() == life {
                    pod.end(who);
                    pod.start_again(who);
                }
            });
        }
        up
    }

    /// A new version of what this container does: where it is a library, that is a new application.
    pub fn upgrade(self: &Rc<Self>, who: Who) -> bool {
        let in_the_app = who == Who::Shipper && self.world.knobs.mode.get() == Mode::Library;
        self.restart(if in_the_app { Who::App } else { who })
    }

    /// Waits for what it has: the lines of the shipper, the requests of the application.
    async fn finish(&self, who: Who) {
        let finished = async {
            match who {
                Who::App => {
                    self.served().await;
                    if self.world.knobs.mode.get() == Mode::Library {
                        self.shipped(Who::App).await;
                    }
                }
                Who::Shipper => self.shipped(Who::Shipper).await,
                Who::Reloader | Who::Proxy => {}
            }
        };
        // Requests keep coming to a pod that is not told to stop.
        let _ = engine::timeout(FINISH, finished).await;
    }

    /// The pod is told to stop; another one takes its place. False when it is on its way already.
    pub fn terminate(self: &Rc<Self>) -> bool {
        let there = self.world.accepts.get() && self.world.container(Who::App).up.get();
        if there {
            let pod = Rc::clone(self);
            self.world.sim.spawn(async move {
                pod.stop().await;
                pod.begin().await;
            });
        }
        there
    }

    async fn stop(self: &Rc<Self>) {
        let world = &self.world;
        let (native, grace) = (world.knobs.native_sidecar.get(), world.knobs.grace.get());
        if !native || world.tamper == Tamper::StopTheShipperFirst {
            // All are told at once. A shipper sends what there is now, and leaves.
            self.end(Who::Reloader);
            self.end(Who::Proxy);
            let (pod, life) = (Rc::clone(self), world.container(Who::Shipper).life.get());
            world.sim.spawn(async move {
                pod.finish(Who::Shipper).await;
                if pod.world.container(Who::Shipper).life.get() == life {
                    pod.end(Who::Shipper);
                }
            });
        }
        let in_order = async {
            engine::sleep(ENDPOINTS_LAG).await;
            world.accepts.set(false);
            self.served().await;
            match world.knobs.mode.get() {
                Mode::Sidecar if native => self.shipped(Who::Shipper).await,
                Mode::Library => self.shipped(Who::App).await,
                Mode::Sidecar | Mode::NodeAgent => {}
            }
        };
        let in_time = engine::timeout(grace, in_order).await.is_ok();
        world.accepts.set(false);
        let store_up = world.lines.store_up.get();
        // An agent of the machine outlives the pod, and its log does.
        let lost = match world.knobs.mode.get() {
            Mode::NodeAgent => 0,
            Mode::Library | Mode::Sidecar => world.log_is_gone(),
        };
        for who in ALL {
            self.end(who);
        }
        world.info(format!("the pod has ended; {lost} lines went with it"));
        if native && in_time && store_up && world.knobs.mode.get() == Mode::Sidecar {
            world.checks.ended_clean(lost);
        }
    }

    /// Another pod: native sidecars start one after the other, and before the application.
    async fn begin(self: &Rc<Self>) {
        let world = &self.world;
        if world.knobs.native_sidecar.get() {
            for who in [Who::Shipper, Who::Reloader, Who::Proxy, Who::App] {
                if self.has(who) {
                    Rc::clone(self).start(who).await;
                }
            }
        } else {
            for who in ALL {
                world.sim.spawn(Rc::clone(self).start(who));
            }
            engine::sleep(Who::App.start()).await;
        }
        world.accepts.set(true);
        world.info("another pod is ready");
    }

    /// The proxy's connections: a handshake for each at its start, and again with each new certificate.
    async fn certify(self: Rc<Self>) {
        let world = &self.world;
        loop {
            world.meters.handshakes_total.add(u64::from(PEERS));
            world.compute(Who::Proxy, HANDSHAKE * PEERS).await;
            engine::sleep(world.knobs.cert_ttl.get() / 2).await;
        }
    }
}
