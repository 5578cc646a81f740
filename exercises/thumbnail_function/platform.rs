//! The learner's program with its stores, called as a platform calls a function.

use crate::harness::context::{CheckContext, Rng, wait_until};
use crate::harness::http_program::HttpProgram;
use crate::harness::probe::{NoReply, Reply};
use crate::harness::shared::Shared;
use crate::harness::upstream::{self, Call, Service, Upstream, UpstreamRequest};
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use axum::http::{Method, StatusCode};
use rand::RngExt;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

/// What the statement allows on top of the deadline.
pub const SLACK: Duration = Duration::from_millis(500);
/// How much longer we listen.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Debug, Clone)]
pub struct Record {
    pub id: String,
    pub tenant: String,
    pub token: String,
    pub image: String,
}

impl Record {
    /// `/TENANT/IMAGE`
    pub fn path(&self) -> String {
        format!("/{}/{}", self.tenant, self.image)
    }
}

/// Objects by path; each record has a token, for what is its tenant's.
#[derive(Debug, Default)]
struct Objects {
    bodies: BTreeMap<String, String>,
    /// Tenant and token.
    tokens: BTreeSet<(String, String)>,
    scale: usize,
}

/// Clones are the same store.
#[derive(Debug, Clone, Default)]
pub struct Store(Shared<Objects>);

impl Store {
    pub fn get(&self, path: &str) -> Option<String> {
        self.0.lock().bodies.get(path).cloned()
    }

    pub fn remove(&self, path: &str) {
        self.0.lock().bodies.remove(path);
    }

    pub fn put(&self, path: &str, body: &str) {
        self.0
            .lock()
            .bodies
            .insert(path.to_owned(), body.to_owned());
    }
}

impl Service for Store {
    fn answer(&self, request: &UpstreamRequest) -> upstream::Reply {
        let mut objects = self.0.lock();
        if request.path == "/config" {
            return upstream::Reply::json(&json!({ "scale": objects.scale }));
        }
        let tenant = request.path.split('/').nth(1).unwrap_or_default();
        let token = request.header("authorization");
        let token = token.and_then(|header| header.strip_prefix("Bearer "));
        let pair = (tenant.to_owned(), token.unwrap_or_default().to_owned());
        if !objects.tokens.contains(&pair) {
            return upstream::Reply::refuse(StatusCode::FORBIDDEN, "this is not yours");
        }
        if request.method == Method::PUT {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            objects.bodies.insert(request.path.clone(), body);
            return upstream::Reply::json(&json!({}));
        }
        match objects.bodies.get(&request.path) {
            None => upstream::Reply::not_found("there is no such object"),
            Some(body) => upstream::Reply {
                body: body.clone(),
                ..upstream::Reply::json(&())
            },
        }
    }
}

#[derive(Debug)]
pub struct Platform {
    pub concurrency: usize,
    pub images: Store,
    pub thumbs: Store,
    pub image_server: Upstream,
    pub thumb_server: Upstream,
    pub program: HttpProgram,
    pub tmp: PathBuf,
    rng: Rng,
    scale: usize,
    /// All records, for what their tokens are good for.
    pub made: Vec<Record>,
}

impl Platform {
    pub async fn begin(context: &CheckContext) -> Result<Self, CheckOutcome> {
        let mut rng = context.rng("platform");
        let (concurrency, scale) = (rng.random_range(2..=5), rng.random_range(2..=4));
        let (images, thumbs) = (Store::default(), Store::default());
        images.0.lock().scale = scale;
        let image_server = context.upstream("IMAGES", images.clone()).await?;
        let thumb_server = context.upstream("THUMBS", thumbs.clone()).await?;
        let tmp = context.folder("tmp-")?;
        let env = [
            ("IMAGES", image_server.url().to_owned()),
            ("THUMBS", thumb_server.url().to_owned()),
            ("CONCURRENCY", concurrency.to_string()),
            ("TMP_DIR", tmp.display().to_string()),
        ];
        let program = context.start_http(&env, "/healthz").await?;
        Ok(Self {
            concurrency,
            images,
            thumbs,
            image_server,
            thumb_server,
            program,
            tmp,
            rng,
            scale,
            made: Vec::new(),
        })
    }

    /// So many records of images that were not seen before, of three tenants.
    pub fn records(&mut self, count: usize) -> Vec<Record> {
        (0..count)
            .map(|_| {
                let nr = self.rng.random_range(0..3);
                let image = format!("lot-{:06x}", self.rng.random_range(0..0x0100_0000));
                self.record(&format!("t-{nr}"), &image)
            })
            .collect()
    }

    /// A record of this image, which is uploaded.
    pub fn record(&mut self, tenant: &str, image: &str) -> Record {
        let token = format!("{:08x}", self.rng.random::<u32>());
        for store in [&self.images, &self.thumbs] {
            let pair = (tenant.to_owned(), token.clone());
            store.0.lock().tokens.insert(pair);
        }
        let record = Record {
            id: format!("r-{}", self.made.len() + 1),
            tenant: tenant.to_owned(),
            token,
            image: image.to_owned(),
        };
        let width = self.rng.random_range(6..14);
        let letter = |rng: &mut Rng| char::from(b'a' + rng.random_range(0..26_u8));
        let line = |rng: &mut Rng| (0..width).map(|_| letter(rng)).collect::<String>() + "\n";
        let lines: String = (0..self.rng.random_range(5..11))
            .map(|_| line(&mut self.rng))
            .collect();
        self.images.put(&record.path(), &lines);
        self.made.push(record.clone());
        record
    }

    /// The thumbnail that is due of a record.
    fn due(&self, record: &Record) -> String {
        let image = self.images.get(&record.path()).unwrap_or_default();
        let shrink = |line: &str| line.chars().step_by(self.scale).collect::<String>() + "\n";
        image.lines().step_by(self.scale).map(shrink).collect()
    }

    pub async fn invoke(&self, records: &[Record], deadline_ms: u64) -> Result<Reply, NoReply> {
        let records = records.iter().map(|record| {
            json!({ "id": record.id, "tenant": record.tenant, "token": record.token, "image": record.image })
        });
        let records: Vec<_> = records.collect();
        let body = json!({ "deadline_ms": deadline_ms, "records": records }).to_string();
        let headers = [("content-type", "application/json")];
        let limit = Duration::from_millis(deadline_ms) + PATIENCE;
        self.program
            .send(Method::POST, "/invoke", &headers, &body, limit)
            .await
    }

    /// Calls the function: just these records have failed, and of the others there are thumbnails.
    pub async fn expect(
        &mut self,
        records: &[Record],
        failed: &[&Record],
        during: &str,
        wrong: &'static str,
    ) -> CheckResult {
        let reply = self.invoke(records, 10_000).await;
        self.judge(records, failed, 10_000, during, wrong, reply)
            .await
    }

    /// `wrong` is what it means when a record failed that should not have.
    pub async fn judge(
        &mut self,
        records: &[Record],
        failed: &[&Record],
        deadline_ms: u64,
        during: &str,
        wrong: &'static str,
        reply: Result<Reply, NoReply>,
    ) -> CheckResult {
        let sent = format!("POST /invoke with {} records, {during}", records.len());
        let reply = match reply {
            Ok(reply) => reply,
            Err(no_reply) => return Err(self.program.explain(&sent, no_reply).await.into()),
        };
        let fails = |diagnosis: &'static str, headline: &str, got: String, due: String| {
            Failure::new(diagnosis, headline)
                .sent(&sent)
                .got(got)
                .expected(due)
        };
        let late = reply
            .took
            .saturating_sub(Duration::from_millis(deadline_ms));
        if late > SLACK {
            let got = format!("an answer after {} ms", reply.took.as_millis());
            let headline = "The answer came after the deadline.";
            let due = format!("an answer by deadline_ms={deadline_ms}");
            return Err(fails("misses-deadline", headline, got, due)
                .by_clock(late.min(SLACK))
                .into());
        }
        let body = reply.json();
        let ids = body["failed"]
            .as_array()
            .map(|ids| ids.iter().filter_map(|id| id.as_str()));
        let told = format!(
            "status {}, {}",
            reply.status,
            ddlab_text::clip(&reply.text(), 200)
        );
        let due: BTreeSet<&str> = failed.iter().map(|record| record.id.as_str()).collect();
        let expected = format!("status 200, failed: {due:?}");
        let Some(said) = ids
            .filter(|_| reply.status == 200)
            .map(Iterator::collect::<BTreeSet<&str>>)
        else {
            let headline = "The answer is not a list of failures.";
            return Err(fails("wrong-answer", headline, told, expected).into());
        };
        if said.len() > due.len() && said.is_superset(&due) {
            let headline = "Records are said to have failed that have not.";
            let early = reply.took < Duration::from_millis(deadline_ms) * 7 / 10;
            let gave_up = wrong == "gives-up-early" && early;
            let is_whole = said.len() == records.len() && records.len() > due.len() + 1;
            let diagnosis = if is_whole && !due.is_empty() && !gave_up {
                "fails-whole-batch"
            } else {
                wrong
            };
            return Err(fails(diagnosis, headline, told, expected)
                .by_clock(SLACK)
                .into());
        }
        if said != due {
            let headline = "A record that has failed is not named.";
            return Err(fails("hides-failure", headline, told, expected).into());
        }
        for record in records
            .iter()
            .filter(|record| !due.contains(record.id.as_str()))
        {
            let due = self.due(record);
            let (diagnosis, headline) = match self.thumbs.get(&record.path()) {
                Some(thumb) if thumb == due => continue,
                Some(_) => (
                    "wrong-thumbnail",
                    "A thumbnail is not the one of its image.",
                ),
                None => (
                    "lost-record",
                    "A record that has not failed has no thumbnail.",
                ),
            };
            let got = format!("{:?}", self.thumbs.get(&record.path()));
            return Err(fails(diagnosis, headline, got, format!("{due:?}")).into());
        }
        Ok(())
    }

    /// The calls for the image of this record.
    pub fn image_calls(&self, record: &Record) -> Vec<Call> {
        let mut calls = self.image_server.calls();
        calls.retain(|call| call.request.path == record.path());
        calls
    }

    /// A failure if there are files in `TMP_DIR` after a call.
    pub fn leaves_nothing(&self, sent: &str) -> CheckResult {
        let left = std::fs::read_dir(&self.tmp).map_or(0, Iterator::count);
        if left == 0 {
            return Ok(());
        }
        Err(Failure::new("leaves-files", "Files are left in TMP_DIR.")
            .sent(sent)
            .got(format!("{left} files in TMP_DIR"))
            .expected("none after a call")
            .into())
    }

    /// Waits until no call to a store is open.
    pub async fn is_idle(&self) -> bool {
        let idle = || self.image_server.in_flight() + self.thumb_server.in_flight() == 0;
        wait_until(Duration::from_secs(2), idle).await
    }
}
