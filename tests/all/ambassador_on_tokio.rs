//! The ambassador in the real world: the very code that the lab runs in virtual time calls real HTTP servers on the
//! loopback, on tokio.
//!
//! Nothing here measures time: servers hang until they are told to go on, and limits are far away or none.

use super::pattern_on_tokio::{on_tokio, serve};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use ddlab_labs::ambassador::breaker::{self, State};
use ddlab_labs::ambassador::pattern::{
    Ambassador, Failure, Hedge, Routing, SendError, Settings, Terms, Token, Upstream,
};
use ddlab_labs::ambassador::retry::{self, Backoff};
use reqwest::header::AUTHORIZATION;
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

/// A server that answers with its name to whoever has the newest credentials, or fails.
async fn server(name: &'static str, fails: bool, newest: &'static str) -> SocketAddr {
    let answer = async move |headers: HeaderMap| {
        let known = headers
            .get(AUTHORIZATION)
            .is_some_and(|header| header == newest);
        match (known, fails) {
            (false, _) => Err(StatusCode::UNAUTHORIZED),
            (true, true) => Err(StatusCode::INTERNAL_SERVER_ERROR),
            (true, false) => Ok(name),
        }
    };
    serve(axum::Router::new().route("/score", get(answer)))
        .await
        .0
}

struct Servers {
    addresses: Vec<SocketAddr>,
    /// What the secret store gives out, one after the other; the last one for ever.
    tokens: RefCell<Vec<&'static str>>,
    fetched: Cell<usize>,
    sent: Cell<usize>,
    states: RefCell<Vec<(usize, State)>>,
}

impl Servers {
    fn of(addresses: Vec<SocketAddr>, tokens: &[&'static str]) -> Self {
        Self {
            addresses,
            tokens: RefCell::new(tokens.iter().rev().copied().collect()),
            fetched: Cell::new(0),
            sent: Cell::new(0),
            states: RefCell::default(),
        }
    }
}

impl Upstream for Servers {
    type Request = str;
    type Answer = String;

    async fn send(
        &self,
        instance: usize,
        path: &str,
        token: Option<&Token>,
    ) -> Result<String, SendError> {
        self.sent.set(self.sent.get() + 1);
        let url = format!("http://{}{path}", self.addresses[instance]);
        let mut request = reqwest::Client::new().get(url);
        if let Some(Token(token)) = token {
            request = request.header(AUTHORIZATION, &**token);
        }
        let answer = request.send().await.map_err(|_| SendError::Failed)?;
        match answer.status() {
            StatusCode::OK => answer.text().await.map_err(|_| SendError::Failed),
            StatusCode::UNAUTHORIZED => Err(SendError::Unauthorized),
            _ => Err(SendError::Failed),
        }
    }

    async fn fetch_token(&self) -> Token {
        self.fetched.set(self.fetched.get() + 1);
        let mut tokens = self.tokens.borrow_mut();
        let token = if tokens.len() > 1 {
            tokens.pop()
        } else {
            tokens.last().copied()
        };
        Token(token.expect("there is always one").into())
    }

    fn dice(&self) -> f64 {
        0.5
    }

    fn breaker_turned(&self, instance: usize, state: State) {
        self.states.borrow_mut().push((instance, state));
    }
}

const TERMS: Terms = Terms {
    key: 1,
    safe: true,
    patience: Duration::MAX,
};

fn ambassador(servers: Servers, attempts: usize) -> Ambassador<Servers> {
    let instances = servers.addresses.len();
    Ambassador::new(servers, instances, 4, settings(attempts))
}

fn settings(attempts: usize) -> Settings {
    Settings {
        retries: retry::Rules {
            attempts,
            backoff: Backoff::None,
            base: Duration::ZERO,
            budget: None,
        },
        hedge: None,
        timeout: Duration::from_mins(1),
        routing: Routing::RoundRobin,
        breaker: Some(breaker::Rules {
            threshold: 0.5,
            open_for: Duration::from_hours(1),
        }),
        ejected_max: 1.0,
        pace: None,
    }
}

#[test]
fn a_hedge_is_answered_by_another_server_while_the_first_one_hangs() {
    on_tokio(async || {
        let hangs = get(async || std::future::pending::<&str>().await);
        let (hanging, _) = serve(axum::Router::new().route("/score", hangs)).await;
        let addresses = vec![hanging, server("two", false, "a").await];
        let ambassador = ambassador(Servers::of(addresses, &["a"]), 1);
        ambassador.configure(Settings {
            hedge: Some(Hedge {
                after: Duration::from_millis(1),
                budget: 0.1,
            }),
            ..settings(1)
        });
        let answer = ambassador.call("/score", TERMS).await;
        assert_eq!(answer.as_deref(), Ok("two"));
        assert_eq!(ambassador.upstream.sent.get(), 2);
    });
}

#[test]
fn a_second_attempt_goes_to_another_server() {
    on_tokio(async || {
        let addresses = vec![
            server("one", true, "a").await,
            server("two", false, "a").await,
        ];
        let ambassador = ambassador(Servers::of(addresses, &["a"]), 2);
        let answer = ambassador.call("/score", TERMS).await;
        assert_eq!(answer.as_deref(), Ok("two"));
        assert_eq!(ambassador.upstream.sent.get(), 2);
    });
}

#[test]
fn credentials_that_are_refused_are_fetched_anew_once_for_all_who_wait() {
    on_tokio(async || {
        let addresses = vec![server("one", false, "new").await];
        let ambassador = Rc::new(ambassador(Servers::of(addresses, &["old", "new"]), 1));
        let calls: Vec<_> = (0..4)
            .map(|_| {
                let ambassador = Rc::clone(&ambassador);
                tokio::task::spawn_local(async move { ambassador.call("/score", TERMS).await })
            })
            .collect();
        for call in calls {
            let answer = call.await.expect("it is not aborted");
            assert_eq!(answer.as_deref(), Ok("one"));
        }
        // Once for the first of them, and once when that was refused.
        assert_eq!(ambassador.upstream.fetched.get(), 2);
    });
}

#[test]
fn a_server_that_fails_is_passed_by_once_its_breaker_is_open() {
    on_tokio(async || {
        let addresses = vec![
            server("one", true, "a").await,
            server("two", false, "a").await,
        ];
        let ambassador = ambassador(Servers::of(addresses, &["a"]), 2);
        for _ in 0..2 * breaker::WINDOW {
            assert!(ambassador.call("/score", TERMS).await.is_ok());
        }
        assert_eq!(*ambassador.upstream.states.borrow(), [(0, State::Open)]);
        let sent = ambassador.upstream.sent.get();
        assert_eq!(ambassador.call("/score", TERMS).await.as_deref(), Ok("two"));
        assert_eq!(ambassador.upstream.sent.get(), sent + 1);
    });
}

#[test]
fn with_every_breaker_open_a_call_is_refused_and_nothing_is_sent() {
    on_tokio(async || {
        let addresses = vec![server("one", true, "a").await];
        let ambassador = ambassador(Servers::of(addresses, &["a"]), 1);
        for _ in 0..breaker::WINDOW {
            let failed = ambassador.call("/score", TERMS).await;
            assert_eq!(failed, Err(Failure::Sent(SendError::Failed)));
        }
        assert_eq!(ambassador.call("/score", TERMS).await, Err(Failure::Open));
        assert_eq!(ambassador.upstream.sent.get(), breaker::WINDOW);
    });
}
