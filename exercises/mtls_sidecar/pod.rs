//! The program between its service and the sidecars of others.

use crate::harness::context::{CheckContext, Rng};
use crate::harness::http_program::HttpProgram;
use crate::harness::mount::Mount;
use crate::harness::probe::{NoReply, Reply};
use crate::harness::process::port;
use crate::harness::tls::authority::{Authority, Credentials, Subject, roots};
use crate::harness::tls::wire::{Asked, Question, TlsServer, ask};
use crate::harness::upstream::{self, Service, Upstream, UpstreamRequest};
use crate::harness::verdict::{CheckOutcome, CheckResult, Diagnosis, Failure};
use axum::http::StatusCode;
use ddlab_text::clip;
use rand::RngExt;
use serde_json::json;
use std::time::Duration;

/// For what must be answered at once.
pub const SOON: Duration = Duration::from_secs(3);
/// From when new files count, by the statement.
pub const TAKEN_UP: Duration = Duration::from_secs(2);

/// Says what it was asked, so that no answer is like another.
struct Echo(&'static str);

impl Service for Echo {
    fn answer(&self, request: &UpstreamRequest) -> upstream::Reply {
        let heard = json!({
            "by": self.0,
            "path": request.path,
            "query": request.query,
            "body": String::from_utf8_lossy(&request.body),
        });
        upstream::Reply {
            status: match request.path.as_str() {
                "/missing" => StatusCode::NOT_FOUND,
                _ => StatusCode::OK,
            },
            ..upstream::Reply::json(&heard)
        }
    }
}

#[derive(Debug)]
pub struct Pod {
    pub authority: Authority,
    /// The names: of the program, of its peer, of two that may ask.
    pub own: String,
    pub peer_id: String,
    pub allowed: [String; 2],
    pub app: Upstream,
    pub peer: Upstream,
    /// In front of the peer.
    pub peer_tls: TlsServer,
    pub mount: Mount,
    pub tls_port: u16,
    pub program: HttpProgram,
    /// What the program was given last.
    pub shown: Credentials,
}

/// `spiffe://auction.example/ns/bids/sa/NAME`, a name that was not seen before.
pub fn spiffe(rng: &mut Rng, role: &str) -> String {
    let number: u32 = rng.random_range(0..0x0100_0000);
    format!("spiffe://auction.example/ns/bids/sa/{role}-{number:06x}")
}

impl Pod {
    pub async fn start(context: &CheckContext, timeout: Duration) -> Result<Self, CheckOutcome> {
        let mut rng = context.rng("names");
        let authority = Authority::new("auction root")?;
        let own = spiffe(&mut rng, "bid-service");
        let peer_id = spiffe(&mut rng, "wallet");
        let allowed = ["gateway", "search"].map(|role| spiffe(&mut rng, role));
        let app = context.upstream("the service", Echo("the service")).await?;
        let peer = context.upstream("the peer", Echo("the peer")).await?;
        let of_peer = authority.issue(&Subject::of(&[&peer_id]))?;
        let peer_tls = TlsServer::open(&of_peer, roots(&[&authority]), &peer).await?;
        let shown = authority.issue(&Subject::of(&[&own]))?;
        let mut mount = Mount::new(context.folder("certificates-")?);
        mount.swap(&files(&shown, &authority.pem))?;
        let tls_port = port::free()
            .map_err(|e| CheckOutcome::grader_error("could not find a free port", e))?;
        let env = [
            ("TLS_PORT", tls_port.to_string()),
            ("APP", app.url().to_owned()),
            ("PEER", format!("127.0.0.1:{}", peer_tls.port)),
            ("PEER_ID", peer_id.clone()),
            ("ALLOWED", allowed.join(",")),
            ("CERT_DIR", mount.dir().display().to_string()),
            ("TIMEOUT_MS", timeout.as_millis().to_string()),
        ];
        let program = context.start_http(&env, "/healthz").await?;
        let pod = Self {
            authority,
            own,
            peer_id,
            allowed,
            app,
            peer,
            peer_tls,
            mount,
            tls_port,
            program,
            shown,
        };
        pod.opens_tls_port(context.start_limit()).await?;
        Ok(pod)
    }

    /// It may open one port a moment after the other.
    async fn opens_tls_port(&self, limit: Duration) -> CheckResult {
        let address = ("127.0.0.1", self.tls_port);
        let connected = async {
            while tokio::net::TcpStream::connect(address).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(limit, connected).await.is_ok() {
            return Ok(());
        }
        let headline = "The program serves at PORT, and does not listen at TLS_PORT.";
        Err(Failure::new(Diagnosis("no-tls-port"), headline)
            .sent(format!("the start, TLS_PORT={}", self.tls_port))
            .got("connections are refused")
            .expected("it listens at both ports")
            .by_clock(limit)
            .into())
    }

    /// A client that may ask.
    pub fn caller(&self) -> Result<Credentials, CheckOutcome> {
        self.authority.issue(&Subject::of(&[&self.allowed[0]]))
    }

    pub async fn ask_in(
        &self,
        who: Option<&Credentials>,
        question: Question<'_>,
        limit: Duration,
    ) -> Result<Asked, CheckOutcome> {
        ask(who, self.tls_port, question, limit).await
    }

    /// As the service: plain HTTP at `PORT`.
    pub async fn ask_out(&self, question: Question<'_>, limit: Duration) -> Result<Reply, NoReply> {
        let Question {
            method,
            target,
            headers,
            body,
        } = question;
        self.program
            .send(method.clone(), target, headers, body, limit)
            .await
    }

    /// Who is allowed asks the service, and must be answered by it.
    pub async fn works_in(&self, during: &str, wrong: &'static str) -> CheckResult {
        let caller = self.caller()?;
        let asked = self.ask_in(Some(&caller), Question::get("/lots/7"), SOON * 2);
        let asked = asked.await?;
        let sent = format!("GET /lots/7 at TLS_PORT by who is allowed, {during}");
        answered(&asked.reply, 200, "the service", &sent, wrong)
    }

    /// The service asks the peer, and must be answered by it.
    pub async fn works_out(&self, during: &str, wrong: &'static str) -> CheckResult {
        let reply = self.ask_out(Question::get("/wallets/7"), SOON * 2).await;
        let sent = format!("GET /wallets/7 at PORT, {during}");
        answered(&reply, 200, "the peer", &sent, wrong)
    }
}

/// `tls.crt`, `tls.key` and `ca.crt`.
pub fn files<'a>(own: &'a Credentials, roots: &'a str) -> [(&'static str, &'a str); 3] {
    [
        ("tls.crt", &own.certificate),
        ("tls.key", &own.key),
        ("ca.crt", roots),
    ]
}

pub fn in_words(reply: &Result<Reply, NoReply>) -> String {
    match reply {
        Ok(reply) => format!("status {}, {}", reply.status, clip(&reply.text(), 160)),
        Err(no_reply) => no_reply.in_words().to_owned(),
    }
}

/// The reply must have this status and come from there.
pub fn answered(
    reply: &Result<Reply, NoReply>,
    status: u16,
    by: &str,
    sent: &str,
    wrong: &'static str,
) -> CheckResult {
    if let Ok(reply) = reply
        && reply.status == status
        && reply.json()["by"] == by
    {
        return Ok(());
    }
    let failure = Failure::new(Diagnosis(wrong), "The answer is not the one that is due.")
        .sent(sent)
        .got(in_words(reply))
        .expected(format!("status {status} and the answer of {by}"));
    Err(match reply {
        Err(NoReply::TimedOut) => failure.by_clock(SOON).into(),
        _ => failure.into(),
    })
}
