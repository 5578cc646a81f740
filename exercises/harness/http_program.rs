//! A learner's program that serves HTTP: started and ready, asked, stopped; and for each way in which
//! that goes wrong, what to tell the learner.

use super::conduct;
use super::journal::Kind;
use super::probe::{self, NoReply, Reply};
use super::process::limits::Over;
use super::process::ready::NotReady;
use super::process::{PATIENCE, Program};
use super::verdict::{CheckResult, Diagnosis, Failure};
use axum::http::Method;
use std::time::Duration;

/// A learner's program that serves HTTP on `127.0.0.1:port`.
#[derive(Debug)]
pub struct HttpProgram {
    pub program: Program,
    port: u16,
}

impl HttpProgram {
    /// Waits until `GET path` is answered with 200, at most `limit`.
    pub(super) async fn ready(
        mut program: Program,
        port: u16,
        path: &str,
        limit: Duration,
    ) -> Result<Self, Box<Failure>> {
        let Err(not_ready) = program.wait_for_http(port, path, limit).await else {
            program.has_started();
            return Ok(Self { program, port });
        };
        let mut failure = explain_start(&program, not_ready, port, limit);
        failure.sent = format!("the start, PORT={port}, then GET {path}");
        failure.program = program.transcript().await.excerpt(4, 4);
        Err(failure.into())
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// A failure if the program can be reached from another machine.
    pub fn listens_on_loopback_alone(&self) -> CheckResult {
        let addresses = self.program.listens_on();
        let open: Vec<String> = addresses
            .iter()
            .filter(|address| !address.ip().is_loopback())
            .map(ToString::to_string)
            .collect();
        if open.is_empty() {
            return Ok(());
        }
        Err(Failure::new(
            Diagnosis("listens-on-all-addresses"),
            "The program can be reached from other machines.",
        )
        .sent(format!("the start, PORT={}", self.port))
        .got(format!("it listens on {}", open.join(", ")))
        .expected(format!("127.0.0.1:{} alone", self.port))
        .why("What listens on every address is open to everybody in the network")
        .into())
    }

    /// `GET path_and_query`, the whole answer within `limit`.
    pub async fn get(&self, path_and_query: &str, limit: Duration) -> Result<Reply, NoReply> {
        self.send(Method::GET, path_and_query, &[], "", limit).await
    }

    /// Sends a request, and reads the whole answer within `limit`.
    pub async fn send(
        &self,
        method: Method,
        path_and_query: &str,
        headers: &[(&str, &str)],
        body: &str,
        limit: Duration,
    ) -> Result<Reply, NoReply> {
        let journal = self.program.journal();
        let begun = journal.now();
        let url = format!("http://127.0.0.1:{}{path_and_query}", self.port);
        let asked = format!("{method} {path_and_query}");
        let reply = probe::send(method, &url, headers, body, limit).await;
        let outcome = match &reply {
            Ok(reply) => format!("answered {}", reply.status),
            Err(no_reply) => no_reply.in_words().to_owned(),
        };
        let took = journal.now().saturating_sub(begun).as_millis();
        let what = format!("{asked}, {outcome} after {took} ms");
        journal.note_at(begun, Kind::Received, what);
        reply
    }

    /// Makes a failure of "no answer": if the program is gone, that is the mistake, with its last
    /// words; else how the connection went.
    pub async fn explain(&mut self, sent: &str, no_reply: NoReply) -> Failure {
        // The connection breaks a moment before the exit is known.
        let ended = self.program.wait_ended(Duration::from_millis(200)).await;
        let over = self.program.over_limit();
        let mut failure = match (over, ended, no_reply) {
            (Some(over), ..) => over_limit(over),
            (None, Some(ended), _) => Failure::new(
                Diagnosis("exited-under-way"),
                format!("The program {} while it was being asked.", ended.in_words()),
            )
            .got(format!("{}; it {}", no_reply.in_words(), ended.in_words()))
            .why("A request that goes wrong must cost that request, not the process"),
            (None, None, NoReply::NotHttp) => Failure::new(
                Diagnosis("not-http"),
                "The program answered with something that is not HTTP.",
            ),
            (None, None, NoReply::TimedOut) => Failure::new(
                Diagnosis("no-answer"),
                "The program gave no complete answer in time.",
            )
            .by_clock(PATIENCE),
            (None, None, NoReply::Closed | NoReply::Refused) => Failure::new(
                Diagnosis("closed-without-answer"),
                "The program lives, but dropped the request.",
            )
            .why("A client must get an answer, even if it is an error"),
        };
        failure.sent = sent.to_owned();
        if failure.got.is_empty() {
            no_reply.in_words().clone_into(&mut failure.got);
        }
        if failure.expected.is_empty() {
            "an HTTP answer".clone_into(&mut failure.expected);
        }
        failure.program = self.program.transcript().await.excerpt(4, 5);
        failure
    }

    /// SIGTERM, and a failure if it does not go, see [`conduct::stops`].
    pub async fn stop(self) -> CheckResult {
        conduct::stops(self.program).await
    }
}

/// Why a program does not serve. The last words are the caller's to add.
fn explain_start(program: &Program, not_ready: NotReady, port: u16, limit: Duration) -> Failure {
    let limit_s = limit.as_secs();
    let over = program.over_limit();
    let mut failure = match (over, not_ready) {
        (Some(over), _) => over_limit(over),
        (None, NotReady::Exited(ended)) => Failure::new(
            Diagnosis("exited-before-listening"),
            format!(
                "The program {} before it listened on $PORT.",
                ended.in_words()
            ),
        )
        .got(format!(
            "it {} after {} ms",
            ended.in_words(),
            program.age().as_millis()
        )),
        (None, NotReady::NotListening { elsewhere }) => Failure::new(
            Diagnosis("not-listening"),
            format!("The program is alive but not listening on $PORT after {limit_s} s."),
        )
        .got(match elsewhere.as_slice() {
            [] => format!("alive, and no TCP port open; 127.0.0.1:{port} refused"),
            others => format!(
                "it listens on {}, not on 127.0.0.1:{port}; does it read $PORT?",
                others
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
        })
        .by_clock(limit),
        (None, NotReady::NotHealthy(what)) => Failure::new(
            Diagnosis("not-healthy"),
            format!("The program listens, but is not healthy after {limit_s} s."),
        )
        .got(what)
        .by_clock(limit),
    };
    if failure.expected.is_empty() {
        failure.expected = format!("status 200 within {limit_s} s of the start");
    }
    "Nothing else can be checked on a program that does not serve; keep it in the foreground, on \
     127.0.0.1:$PORT"
        .clone_into(&mut failure.why);
    failure
}

/// The program went over a limit and was killed for it.
fn over_limit(over: Over) -> Failure {
    let mb = |bytes: u64| bytes / (1024 * 1024);
    match over {
        Over::Memory { used, limit } => Failure::new(
            Diagnosis("over-memory"),
            "The program used more memory than the exercise allows, and was stopped.",
        )
        .got(format!("{} MB resident, with its children", mb(used)))
        .expected(format!("at most {} MB", mb(limit))),
        Over::Processes { used, limit } => Failure::new(
            Diagnosis("over-processes"),
            "The program became more processes than the exercise allows, and was stopped.",
        )
        .got(format!("{used} processes"))
        .expected(format!("at most {limit}")),
    }
}
