//! The platform of functions and the balancer of replicas in the real world: the very code that the labs run in
//! virtual time starts and ends real HTTP servers on the loopback, on tokio.
//!
//! Nothing here measures time: a handler that is to be busy waits until it is told to go on.

use super::pattern_on_tokio::{on_tokio, serve};
use axum::routing::get;
use ddlab_labs::faas::account::{Account, ScaleRate, Share};
use ddlab_labs::faas::keep_alive::KeepAlive;
use ddlab_labs::faas::pattern::{
    Function, HandlerError, Reason, Runtime, Settings, Start, Throttled,
};
use ddlab_labs::replicated::pattern::{Balancer, Policy, Settings as Balancing};
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

/// A server of its own for each instance; it ends when the instance is dropped.
struct Instance {
    address: SocketAddr,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn instance(name: String, go_on: Arc<Semaphore>) -> Instance {
    let answer = name.clone();
    let waits = async move || {
        let permit = go_on.acquire().await;
        permit.expect("nobody closes it").forget();
        answer
    };
    let router = axum::Router::new()
        .route("/", get(async move || name))
        .route("/busy", get(waits));
    let (address, server) = serve(router).await;
    Instance { address, server }
}

async fn ask(address: SocketAddr, path: &str) -> String {
    let answer = reqwest::get(format!("http://{address}{path}")).await;
    answer
        .expect("the server is up")
        .text()
        .await
        .expect("its answer is text")
}

struct Servers {
    started: Cell<u32>,
    /// Busy handlers that may go on.
    go_on: Arc<Semaphore>,
    last: Cell<Option<SocketAddr>>,
}

impl Runtime for Servers {
    type Instance = Instance;
    type Event = &'static str;
    type Answer = String;

    async fn start(&self, _: Reason) -> Instance {
        self.started.set(self.started.get() + 1);
        let name = format!("instance {}", self.started.get());
        let started = instance(name, Arc::clone(&self.go_on)).await;
        self.last.set(Some(started.address));
        started
    }

    async fn run(&self, instance: &Instance, path: &&'static str) -> Result<String, HandlerError> {
        Ok(ask(instance.address, path).await)
    }
}

fn function(limit: usize, keep: Duration) -> Rc<Function<Servers>> {
    Function::new(
        Servers {
            started: Cell::new(0),
            go_on: Arc::new(Semaphore::new(0)),
            last: Cell::new(None),
        },
        Share::of(&Account::new(limit)),
        ScaleRate::new(1_000),
        KeepAlive::Fixed(keep),
        Settings {
            per_instance: 1,
            target: 1.0,
            patience: None,
            time_limit: Duration::from_mins(1),
            provisioned: 0,
        },
    )
}

#[test]
fn the_second_call_finds_the_server_that_the_first_one_started() {
    on_tokio(async || {
        let function = function(10, Duration::from_mins(10));
        let first = function.invoke(&"/").await.expect("there is room");
        let second = function.invoke(&"/").await.expect("there is room");
        assert_eq!((first.start, second.start), (Start::Cold, Start::Warm));
        assert_eq!(first.answer.as_deref(), Ok("instance 1"));
        assert_eq!(second.answer.as_deref(), Ok("instance 1"));
    });
}

#[test]
fn a_call_beside_a_busy_one_starts_a_server_of_its_own_and_one_over_the_limit_is_refused() {
    on_tokio(async || {
        let function = function(2, Duration::from_mins(10));
        let busy = Rc::clone(&function);
        let busy = tokio::task::spawn_local(async move { busy.invoke(&"/busy").await });
        while function.count().busy == 0 {
            tokio::task::yield_now().await;
        }
        let beside = function.invoke(&"/").await.expect("there is room for two");
        assert_eq!(beside.answer.as_deref(), Ok("instance 2"));
        let other = Rc::clone(&function);
        let other = tokio::task::spawn_local(async move { other.invoke(&"/busy").await });
        while function.count().calls < 2 {
            tokio::task::yield_now().await;
        }
        let refused = function.invoke(&"/").await;
        assert_eq!(refused, Err(Throttled::Concurrency));
        function.runtime.go_on.add_permits(2);
        for call in [busy, other] {
            let ran = call.await.expect("it is not aborted").expect("it has room");
            assert!(ran.answer.is_ok());
        }
    });
}

#[test]
fn an_instance_whose_time_is_over_takes_its_server_with_it() {
    on_tokio(async || {
        let function = function(10, Duration::ZERO);
        tokio::task::spawn_local(Rc::clone(&function).retire_idle());
        function
            .invoke(&"/")
            .await
            .expect("there is room")
            .answer
            .expect("it answers");
        let address = function.runtime.last.get().expect("one was started");
        while function.count().instances() > 0 {
            tokio::task::yield_now().await;
        }
        // The listener goes with its task, at the runtime's next turn.
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn a_balancer_sends_nothing_more_to_a_server_that_is_busy() {
    on_tokio(async || {
        let go_on = Arc::new(Semaphore::new(0));
        let mut balancer = Balancer::new(Balancing {
            policy: Policy::LeastConnections,
            stale: false,
            slow_start: None,
        });
        for number in 1..=2 {
            let server = instance(format!("replica {number}"), Arc::clone(&go_on)).await;
            balancer.add(number, server, Duration::ZERO);
        }
        let mut pick = || {
            balancer
                .pick(1, Duration::ZERO, |_| 0)
                .expect("two are ready")
        };
        let busy = pick();
        let hanging = ask(busy.endpoint().replica.address, "/busy");
        let mut hanging = Box::pin(hanging);
        for _ in 0..5 {
            let other = pick();
            let answer = ask(other.endpoint().replica.address, "/");
            tokio::select! {
                biased;
                answer = answer => assert_ne!(answer, format!("replica {}", busy.endpoint().number)),
                _ = &mut hanging => panic!("nobody has told it to go on"),
            }
        }
        drop((hanging, busy));
    });
}
