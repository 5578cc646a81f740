//! The coordinated batch in the real world: the very coordinator that the lab runs in virtual time gives its tasks to
//! real HTTP servers on the loopback, and the payers of the lab pay through a real bank, on tokio.
//!
//! Nothing here measures time: a slow worker hangs until its attempt is called off.

use super::pattern_on_tokio::{on_tokio, serve};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use ddlab_labs::coordinated_batch::commit::{Bank, Crashed, Ledger, Payout, pay};
use ddlab_labs::coordinated_batch::pattern::{Attempt, Ended, Rules, Stage, run};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Answers with the sum of a part of the sales; a slow one never does.
async fn worker(slow: bool) -> SocketAddr {
    let sum = async move |Path(part): Path<u64>| {
        if slow {
            std::future::pending::<()>().await;
        }
        (1..=10)
            .map(|sale| part * 100 + sale)
            .sum::<u64>()
            .to_string()
    };
    let router = axum::Router::new().route("/sums/{part}", get(sum));
    serve(router).await.0
}

/// An address where nobody listens.
async fn nobody() -> SocketAddr {
    let (address, server) = serve(axum::Router::new()).await;
    server.abort();
    // Until the listener is dropped.
    let _ = server.await;
    address
}

struct Sums {
    workers: Vec<SocketAddr>,
    tried: RefCell<Vec<Attempt>>,
}

impl Stage for Sums {
    type Output = u64;

    async fn attempt(&self, attempt: Attempt) -> Ended<u64> {
        self.tried.borrow_mut().push(attempt);
        let url = format!(
            "http://{}/sums/{}",
            self.workers[attempt.worker], attempt.task
        );
        match reqwest::get(url).await {
            Ok(answer) => {
                let sum = answer.text().await.expect("its answer is text");
                Ended::Done(sum.parse().expect("the sum is a number"))
            }
            Err(_) => Ended::Died,
        }
    }

    fn done(&self, _: usize, _: &u64) {}
}

const RULES: Rules = Rules {
    workers: 3,
    rest: Duration::from_mins(10),
    speculative: Some(1.0),
    quantile: 0.5,
};

fn expected(parts: u64) -> Vec<Option<u64>> {
    let sum = |part| Some(1_000 * part + 55);
    (0..parts).map(sum).collect()
}

#[test]
fn a_task_at_a_server_that_hangs_gets_a_second_attempt_and_the_first_is_called_off() {
    on_tokio(async || {
        let sums = Sums {
            workers: vec![worker(true).await, worker(false).await, worker(false).await],
            tried: RefCell::default(),
        };
        let outcome = run(&sums, RULES, vec![None; 8]).await;
        assert_eq!(outcome.outputs, expected(8));
        assert!(outcome.backups >= 1);
        let tried = sums.tried.borrow();
        let of_the_first = tried.iter().filter(|attempt| attempt.task == 0);
        assert!(of_the_first.count() >= 2, "{tried:?}");
    });
}

#[test]
fn the_task_of_a_server_that_is_gone_is_done_by_another() {
    on_tokio(async || {
        let sums = Sums {
            workers: vec![nobody().await, worker(false).await, worker(false).await],
            tried: RefCell::default(),
        };
        let patient = Rules {
            speculative: None,
            ..RULES
        };
        let outcome = run(&sums, patient, vec![None; 8]).await;
        assert_eq!(outcome.outputs, expected(8));
        assert_eq!(outcome.attempts, 9);
    });
}

/// What a bank has paid, and the keys that it has seen.
#[derive(Default)]
struct Books {
    paid: BTreeMap<u64, u64>,
    keys: BTreeSet<String>,
    /// The payment after which it answers with an error once.
    fails_after: Option<u64>,
}

async fn bank(fails_after: u64) -> (SocketAddr, Arc<Mutex<Books>>) {
    let books = Arc::new(Mutex::new(Books {
        fails_after: Some(fails_after),
        ..Books::default()
    }));
    let pays = async |State(books): State<Arc<Mutex<Books>>>,
                      Path((seller, cents)): Path<(u64, u64)>,
                      headers: HeaderMap| {
        let mut books = books.lock().expect("nobody panics with it");
        let key = headers.get("idempotency-key");
        let key = key.map(|key| key.to_str().expect("keys are text").to_owned());
        if key.is_none_or(|key| books.keys.insert(key)) {
            *books.paid.entry(seller).or_default() += cents;
        }
        // The money has moved, and nobody hears of it.
        if books
            .fails_after
            .take_if(|after| *after == seller)
            .is_some()
        {
            return StatusCode::BAD_GATEWAY;
        }
        StatusCode::NO_CONTENT
    };
    let router = axum::Router::new()
        .route("/payouts/{seller}/{cents}", post(pays))
        .with_state(Arc::clone(&books));
    (serve(router).await.0, books)
}

struct Payer {
    bank: SocketAddr,
    client: reqwest::Client,
    noted: RefCell<BTreeSet<String>>,
}

impl Bank for Payer {
    async fn pay(&self, payout: Payout, key: Option<&str>) -> Result<(), Crashed> {
        let url = format!(
            "http://{}/payouts/{}/{}",
            self.bank, payout.seller, payout.cents
        );
        let request = self.client.post(url);
        let request = match key {
            Some(key) => request.header("idempotency-key", key),
            None => request,
        };
        let answer = request.send().await.map_err(|_| Crashed)?;
        answer.error_for_status().map(drop).map_err(|_| Crashed)
    }
}

impl Ledger for Payer {
    fn knows(&self, key: &str) -> bool {
        self.noted.borrow().contains(key)
    }

    async fn note(&self, key: &str) -> Result<(), Crashed> {
        self.noted.borrow_mut().insert(key.to_owned());
        Ok(())
    }
}

#[test]
fn a_payment_whose_answer_was_lost_is_made_twice_without_a_key_and_once_with_one() {
    on_tokio(async || {
        let payout = |seller| Payout {
            night: 7,
            seller,
            cents: 100,
        };
        let plan: Vec<Payout> = (1..=4).map(payout).collect();
        for (with_key, third) in [(true, 100), (false, 200)] {
            let (address, books) = bank(3).await;
            let payer = Payer {
                bank: address,
                client: reqwest::Client::new(),
                noted: RefCell::default(),
            };
            assert_eq!(pay(&plan, &payer, &payer, with_key).await, Err(Crashed));
            assert_eq!(pay(&plan, &payer, &payer, with_key).await, Ok(()));
            let paid = books.lock().expect("nobody panics with it").paid.clone();
            assert_eq!(
                paid,
                BTreeMap::from([(1, 100), (2, 100), (3, third), (4, 100)])
            );
        }
    });
}
