//! The learner's program with its shards.

use crate::harness::context::{CheckContext, Rng};
use crate::harness::http_program::HttpProgram;
use crate::harness::load::side_by_side;
use crate::harness::probe::{NoReply, Reply};
use crate::harness::upstream::{self, Service, Upstream, UpstreamRequest};
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use axum::http::{Method, StatusCode};
use rand::RngExt;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the statement allows for a file that has changed, and on top of `TRY_MS`.
pub const SLACK: Duration = Duration::from_secs(1);
/// How much longer we listen.
const PATIENCE: Duration = Duration::from_secs(3);
/// Requests at a time.
const AT_ONCE: usize = 6;

/// Says who it is and what it was asked, spaced as no library writes it.
struct Shard {
    name: String,
}

impl Service for Shard {
    fn answer(&self, request: &UpstreamRequest) -> upstream::Reply {
        let body = String::from_utf8_lossy(&request.body);
        let told = format!("{} {} {body}", request.method, request.path);
        upstream::Reply {
            status: if request.path.ends_with("-missing") {
                StatusCode::NOT_FOUND
            } else {
                StatusCode::OK
            },
            body: format!("{{ \"from\":{:?} ,\"told\":  {told:?}}}\n", self.name),
            ..upstream::Reply::json(&())
        }
    }
}

/// How the program is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    pub hot: Vec<String>,
    pub copies: usize,
    pub try_ms: u64,
}

impl Settings {
    pub const USUAL: Self = Self {
        hot: Vec::new(),
        copies: 3,
        try_ms: 3000,
    };
}

#[derive(Debug)]
pub struct Proxy {
    pub settings: Settings,
    pub shards: Vec<Upstream>,
    pub program: HttpProgram,
    files: Files,
}

#[derive(Debug)]
struct Files {
    shards: PathBuf,
    hot: PathBuf,
}

impl Proxy {
    /// With so many shards, whose names the seed decides.
    pub async fn begin(
        context: &CheckContext,
        settings: Settings,
        count: usize,
    ) -> Result<Self, CheckOutcome> {
        let mut rng = context.rng("shards");
        let mut shards = Vec::new();
        for _ in 0..count {
            shards.push(shard(context, &mut rng).await?);
        }
        let files = Files {
            shards: context.scratch().join("shards"),
            hot: context.scratch().join("hot"),
        };
        write(&files.shards, &list(&shards))?;
        write(&files.hot, &(settings.hot.join("\n") + "\n"))?;
        let program = start(context, &settings, &files).await?;
        Ok(Self {
            settings,
            shards,
            program,
            files,
        })
    }

    /// One more shard, which the program does not know before [`Self::publish`].
    pub async fn add(&mut self, context: &CheckContext) -> CheckResult {
        self.shards
            .push(shard(context, &mut context.rng("one more")).await?);
        Ok(())
    }

    /// Another server under the name of this shard, and the old one is gone.
    pub async fn replace(&mut self, context: &CheckContext, nr: usize) -> CheckResult {
        let name = self.shards[nr].name().to_owned();
        let server = context
            .upstream(&name, Shard { name: name.clone() })
            .await?;
        self.shards[nr] = server;
        Ok(())
    }

    /// The file has these shards from now on; returns when the program had time to notice.
    pub async fn publish(&self) -> CheckResult {
        self.publish_text(&list(&self.shards)).await
    }

    pub async fn publish_text(&self, text: &str) -> CheckResult {
        write(&self.files.shards, text)?;
        tokio::time::sleep(SLACK + Duration::from_millis(100)).await;
        Ok(())
    }

    /// These keys are hot from now on, and no others.
    pub async fn heat(&self, keys: &[String]) -> CheckResult {
        write(&self.files.hot, &(keys.join("\n") + "\n"))?;
        tokio::time::sleep(SLACK + Duration::from_millis(100)).await;
        Ok(())
    }

    /// What the file says.
    pub fn list(&self) -> String {
        list(&self.shards)
    }

    /// One more copy of the program, with the shards in this order.
    pub async fn twin(
        &self,
        context: &CheckContext,
        text: &str,
    ) -> Result<HttpProgram, CheckOutcome> {
        let files = Files {
            shards: context.scratch().join("shards-of-the-twin"),
            hot: self.files.hot.clone(),
        };
        write(&files.shards, text)?;
        start(context, &self.settings, &files).await
    }

    pub fn try_time(&self) -> Duration {
        Duration::from_millis(self.settings.try_ms)
    }

    pub async fn get(&self, key: &str) -> Result<Reply, NoReply> {
        self.send(&self.program, Method::GET, key, "").await
    }

    pub async fn put(&self, key: &str, body: &str) -> Result<Reply, NoReply> {
        self.send(&self.program, Method::PUT, key, body).await
    }

    async fn send(
        &self,
        program: &HttpProgram,
        method: Method,
        key: &str,
        body: &str,
    ) -> Result<Reply, NoReply> {
        let path = format!("/keys/{key}");
        let limit = self.try_time() * self.settings.copies as u32 + PATIENCE;
        program.send(method, &path, &[], body, limit).await
    }

    /// The shard of each key, by name, as the program sees it; it must be one of those that there are.
    pub async fn owners(
        &mut self,
        keys: &[String],
        during: &str,
    ) -> Result<BTreeMap<String, String>, CheckOutcome> {
        let asked = keys.iter().map(|key| self.get(key));
        let replies = side_by_side(AT_ONCE, asked).await;
        self.names(keys, replies, during).await
    }

    /// As [`Self::owners`], of the other copy.
    pub async fn owners_of(
        &mut self,
        twin: &HttpProgram,
        keys: &[String],
        during: &str,
    ) -> Result<BTreeMap<String, String>, CheckOutcome> {
        let asked = keys.iter().map(|key| self.send(twin, Method::GET, key, ""));
        let replies = side_by_side(AT_ONCE, asked).await;
        self.names(keys, replies, during).await
    }

    async fn names(
        &mut self,
        keys: &[String],
        replies: Vec<Result<Reply, NoReply>>,
        during: &str,
    ) -> Result<BTreeMap<String, String>, CheckOutcome> {
        let mut owners = BTreeMap::new();
        for (key, reply) in keys.iter().zip(replies) {
            let from = self.expect(key, Method::GET, "", reply, during).await?;
            owners.insert(key.clone(), from);
        }
        Ok(owners)
    }

    /// The answer must be that of a shard, byte by byte; says which.
    pub async fn expect(
        &mut self,
        key: &str,
        method: Method,
        body: &str,
        reply: Result<Reply, NoReply>,
        during: &str,
    ) -> Result<String, CheckOutcome> {
        let sent = format!("{method} /keys/{key}, {during}");
        let reply = match reply {
            Ok(reply) => reply,
            Err(no_reply) => return Err(self.program.explain(&sent, no_reply).await.into()),
        };
        let told = format!("{method} /keys/{key} {body}");
        let status = if key.ends_with("-missing") { 404 } else { 200 };
        let text = reply.text();
        let is_of = |shard: &&Upstream| {
            text == format!("{{ \"from\":{:?} ,\"told\":  {told:?}}}\n", shard.name())
        };
        if let Some(shard) = self.shards.iter().find(is_of)
            && reply.status == status
        {
            return Ok(shard.name().to_owned());
        }
        let was_asked_otherwise = reply.json()["told"]
            .as_str()
            .is_some_and(|said| said != told);
        let (diagnosis, headline) = if was_asked_otherwise {
            ("changes-request", "The shard was asked something else.")
        } else if reply.status == 503 {
            (
                "drops-the-rest",
                "A key cannot be had though its shard is well.",
            )
        } else {
            ("changes-answer", "The answer is not that of a shard.")
        };
        let said = ddlab_text::clip(&text, 150);
        let failure = Failure::new(diagnosis, headline)
            .sent(sent)
            .got(format!("status {}, {said}", reply.status))
            .expected(format!(
                "status {status} and the body of a shard that was told {told:?}"
            ));
        // On a busy machine a shard that is well may have been too late.
        Err(if reply.took * 2 > self.try_time() {
            failure.by_clock(self.try_time() / 3).into()
        } else {
            failure.into()
        })
    }

    /// The answer must be 503.
    pub async fn expect_503(
        &mut self,
        key: &str,
        reply: Result<Reply, NoReply>,
        during: &str,
    ) -> CheckResult {
        let sent = format!("/keys/{key}, {during}");
        let reply = match reply {
            Ok(reply) => reply,
            Err(no_reply) => return Err(self.program.explain(&sent, no_reply).await.into()),
        };
        if reply.status == 503 {
            return Ok(());
        }
        let is_a_shard = reply.status == 200 && reply.json()["from"].is_string();
        let (diagnosis, headline) = if is_a_shard {
            (
                "reroutes-keys",
                "The request was sent to a shard that does not have the key.",
            )
        } else {
            (
                "hides-failure",
                "A failure was answered with the wrong status.",
            )
        };
        Err(Failure::new(diagnosis, headline)
            .sent(sent)
            .got(format!(
                "status {}, {}",
                reply.status,
                ddlab_text::clip(&reply.text(), 150)
            ))
            .expected("status 503: the key is on its own shard and nowhere else")
            .into())
    }

    /// How often each shard was asked for this key with this method.
    pub fn asked(&self, method: &Method, key: &str) -> BTreeMap<String, usize> {
        let path = format!("/keys/{key}");
        let count = |shard: &Upstream| {
            let calls = shard.calls().into_iter().map(|call| call.request);
            calls
                .filter(|request| request.path == path && request.method == *method)
                .count()
        };
        let counts = self
            .shards
            .iter()
            .map(|shard| (shard.name().to_owned(), count(shard)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    pub fn shard(&self, name: &str) -> &Upstream {
        let mut shards = self.shards.iter();
        shards
            .find(|shard| shard.name() == name)
            .unwrap_or(&self.shards[0])
    }
}

async fn start(
    context: &CheckContext,
    settings: &Settings,
    files: &Files,
) -> Result<HttpProgram, CheckOutcome> {
    let env = [
        ("SHARDS_FILE", files.shards.display().to_string()),
        ("HOT_FILE", files.hot.display().to_string()),
        ("COPIES", settings.copies.to_string()),
        ("TRY_MS", settings.try_ms.to_string()),
    ];
    context.start_http(&env, "/healthz").await
}

async fn shard(context: &CheckContext, rng: &mut Rng) -> Result<Upstream, CheckOutcome> {
    let name = format!("shard-{:05x}", rng.random_range(0..0x0010_0000));
    context.upstream(&name, Shard { name: name.clone() }).await
}

fn list(shards: &[Upstream]) -> String {
    let lines: Vec<String> = shards
        .iter()
        .map(|one| format!("{} {}\n", one.name(), one.url()))
        .collect();
    lines.concat()
}

/// By rename, as a mounted file is replaced.
fn write(file: &Path, text: &str) -> CheckResult {
    let fresh = file.with_extension("new");
    std::fs::write(&fresh, text)
        .and_then(|()| std::fs::rename(&fresh, file))
        .map_err(|e| CheckOutcome::grader_error("could not write a file of the proxy", e))
}

/// So many keys that were not asked for before.
pub fn keys(rng: &mut Rng, count: usize) -> Vec<String> {
    (0..count)
        .map(|nr| format!("lot-{nr}-{:06x}", rng.random_range(0..0x0100_0000)))
        .collect()
}
