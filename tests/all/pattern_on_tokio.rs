//! The scatter/gather pattern in the real world: the very code that the lab runs in virtual time
//! asks real HTTP servers on the loopback, on tokio, through the seam of `engine::env`.
//!
//! Nothing here measures time. Slow servers hang until they are called off, so a test that passes
//! has seen the policy act and not a lucky race.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use ddlab_labs::engine::env::{self, Environment};
use ddlab_labs::scatter_gather::pattern::{
    Answer, Ask, Completeness, Copies, Gathered, HedgeAfter, Hedging, Hit, Leaf, LeafError,
    Missing, Policy, Why, gather,
};
use futures::future::LocalBoxFuture;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// The seam's other side: patterns on a current-thread tokio runtime.
struct OnTokio {
    began: Instant,
}

impl Environment for OnTokio {
    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn sleep(&self, span: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(span))
    }

    fn spawn(&self, task: LocalBoxFuture<'static, ()>) {
        tokio::task::spawn_local(task);
    }
}

/// How a server behaves.
#[derive(Clone, Copy)]
enum Mood {
    Healthy,
    /// Takes the request and never answers.
    Hangs,
    /// Answers 500.
    Broken,
}

/// A leaf's replica: an HTTP server with its own hits, that knows who was called off.
struct Server {
    url: String,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    asked: AtomicUsize,
    called_off: AtomicUsize,
    changed: Notify,
}

impl Seen {
    /// Waits until a request was dropped half-way.
    async fn a_cancellation(&self) {
        let wait = async {
            while self.called_off.load(Ordering::SeqCst) == 0 {
                self.changed.notified().await;
            }
        };
        // Only ends a test that would hang.
        let limit = tokio::time::timeout(Duration::from_mins(1), wait).await;
        assert!(
            limit.is_ok(),
            "the server was never told that nobody waits any more"
        );
    }
}

/// Counts a request that ends without an answer.
struct Unanswered<'a>(&'a Seen);

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        self.0.called_off.fetch_add(1, Ordering::SeqCst);
        self.0.changed.notify_one();
    }
}

#[derive(serde::Deserialize)]
struct Asked {
    q: String,
}

async fn search(
    State((mood, hits, seen)): State<(Mood, Vec<Hit>, Arc<Seen>)>,
    Query(asked): Query<Asked>,
) -> Response {
    assert_eq!(asked.q, "oak chair");
    seen.asked.fetch_add(1, Ordering::SeqCst);
    match mood {
        Mood::Healthy => {
            let pairs: Vec<(u32, u32)> = hits.iter().map(|hit| (hit.score, hit.document)).collect();
            Json(pairs).into_response()
        }
        Mood::Broken => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Mood::Hangs => {
            let _unanswered = Unanswered(&seen);
            std::future::pending().await
        }
    }
}

/// A port of its own on the loopback.
pub async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("the loopback has a free port");
    let address = listener
        .local_addr()
        .expect("a bound listener has an address");
    (listener, address)
}

/// Serves it on a port of its own until the task is aborted or the runtime ends.
pub async fn serve(router: axum::Router) -> (SocketAddr, JoinHandle<()>) {
    let (listener, address) = listen().await;
    let task = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
    (address, task)
}

async fn server(mood: Mood, hits: &[Hit]) -> Server {
    let seen = Arc::new(Seen::default());
    let state = (mood, hits.to_vec(), Arc::clone(&seen));
    let router = axum::Router::new()
        .route("/search", get(search))
        .with_state(state);
    let (address, _) = serve(router).await;
    Server {
        url: format!("http://{address}/search"),
        seen,
    }
}

/// A leaf behind HTTP: dropping a request closes its connection, which is how the server hears.
struct HttpLeaf {
    client: reqwest::Client,
    replicas: Vec<Server>,
}

impl HttpLeaf {
    async fn of(moods: &[Mood], hits: &[Hit]) -> Self {
        let mut replicas = Vec::new();
        for mood in moods {
            replicas.push(server(*mood, hits).await);
        }
        Self {
            client: reqwest::Client::new(),
            replicas,
        }
    }
}

impl Leaf for HttpLeaf {
    type Query = str;

    fn replicas(&self) -> usize {
        self.replicas.len()
    }

    async fn search(&self, query: &str, ask: Ask) -> Answer {
        let failed = |error: reqwest::Error| LeafError::Failed(error.without_url().to_string());
        let url = &self.replicas[ask.nth].url;
        let url = reqwest::Url::parse_with_params(url, [("q", query)])
            .expect("a bound listener's address makes a URL");
        let request = self.client.get(url);
        let answer = request
            .send()
            .await
            .and_then(reqwest::Response::error_for_status);
        let pairs: Vec<(u32, u32)> = answer.map_err(failed)?.json().await.map_err(failed)?;
        Ok(pairs
            .into_iter()
            .map(|(score, document)| Hit { score, document })
            .collect())
    }
}

fn hit(score: u32, document: u32) -> Hit {
    Hit { score, document }
}

const LEFT: [Hit; 2] = [
    Hit {
        score: 90,
        document: 1,
    },
    Hit {
        score: 30,
        document: 4,
    },
];
const RIGHT: [Hit; 2] = [
    Hit {
        score: 70,
        document: 2,
    },
    Hit {
        score: 50,
        document: 5,
    },
];

/// Runs a test where patterns find tokio behind the seam.
pub fn on_tokio(test: impl AsyncFnOnce()) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a current-thread runtime needs nothing that can be missing");
    let _installed = env::install(Rc::new(OnTokio {
        began: Instant::now(),
    }));
    tokio::task::LocalSet::new().block_on(&runtime, test());
}

fn wait_all() -> Policy {
    Policy {
        copies: Copies::One,
        deadline: None,
        enough: 1.0,
    }
}

async fn ask(leaves: &[HttpLeaf], policy: Policy) -> Gathered {
    gather(leaves, "oak chair", &policy).await
}

#[test]
fn healthy_servers_give_one_merged_list() {
    on_tokio(async || {
        let leaves = [
            HttpLeaf::of(&[Mood::Healthy], &LEFT).await,
            HttpLeaf::of(&[Mood::Healthy], &RIGHT).await,
        ];
        let gathered = ask(&leaves, wait_all()).await;
        assert_eq!(
            gathered.top,
            [hit(90, 1), hit(70, 2), hit(50, 5), hit(30, 4)]
        );
        assert_eq!(gathered.completeness(), Completeness::Complete);
    });
}

#[test]
fn a_deadline_returns_without_the_server_that_hangs_names_it_and_calls_it_off() {
    on_tokio(async || {
        let leaves = [
            HttpLeaf::of(&[Mood::Healthy], &LEFT).await,
            HttpLeaf::of(&[Mood::Hangs], &RIGHT).await,
        ];
        let gathered = ask(
            &leaves,
            Policy {
                deadline: Some(Duration::from_secs(1)),
                ..wait_all()
            },
        )
        .await;
        assert_eq!(gathered.top, LEFT);
        assert_eq!(
            gathered.missing,
            [Missing {
                leaf: 1,
                why: Why::Late
            }]
        );
        assert_eq!(gathered.completeness(), Completeness::Partial);
        leaves[1].replicas[0].seen.a_cancellation().await;
    });
}

#[test]
fn a_hedge_wins_on_the_other_replica_and_the_one_that_hangs_is_called_off() {
    on_tokio(async || {
        let leaves = [
            HttpLeaf::of(&[Mood::Healthy, Mood::Healthy], &LEFT).await,
            HttpLeaf::of(&[Mood::Hangs, Mood::Healthy], &RIGHT).await,
        ];
        let hedging = Hedging::new(HedgeAfter::Delay(Duration::from_millis(100)), 1.0);
        let gathered = ask(
            &leaves,
            Policy {
                copies: Copies::Hedged(hedging),
                ..wait_all()
            },
        )
        .await;
        assert_eq!(gathered.completeness(), Completeness::Complete);
        assert_eq!(
            gathered.top,
            [hit(90, 1), hit(70, 2), hit(50, 5), hit(30, 4)]
        );
        let [slow, fast] = &leaves[1].replicas[..] else {
            unreachable!("it has two replicas")
        };
        assert_eq!(fast.seen.asked.load(Ordering::SeqCst), 1);
        slow.seen.a_cancellation().await;
    });
}

#[test]
fn a_server_that_errs_is_a_missing_leaf_with_a_reason_and_not_an_empty_one() {
    on_tokio(async || {
        let leaves = [
            HttpLeaf::of(&[Mood::Healthy], &LEFT).await,
            HttpLeaf::of(&[Mood::Broken], &RIGHT).await,
        ];
        let gathered = ask(&leaves, wait_all()).await;
        assert_eq!(gathered.completeness(), Completeness::Partial);
        let [
            Missing {
                leaf: 1,
                why: Why::Failed(LeafError::Failed(reason)),
            },
        ] = &gathered.missing[..]
        else {
            panic!("{:?}", gathered.missing)
        };
        assert!(reason.contains("500"), "{reason}");
    });
}

#[test]
fn servers_that_are_all_down_are_a_failure() {
    on_tokio(async || {
        let leaves = [HttpLeaf::of(&[Mood::Broken], &LEFT).await];
        let gathered = ask(&leaves, wait_all()).await;
        assert_eq!(gathered.completeness(), Completeness::Failed);
    });
}
