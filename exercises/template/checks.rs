//! Each check has the program and the directory to itself.

use crate::harness::context::CheckContext;
use crate::harness::http_program::HttpProgram;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::upstream::{Reply, Service, Upstream, UpstreamRequest};
use crate::harness::verdict::{CheckOutcome, CheckResult, Diagnosis, Failure};
use rand::RngExt;
use serde_json::json;
use std::time::Duration;

/// Names somebody, chosen by the seed.
struct Directory {
    name: &'static str,
}

impl Service for Directory {
    fn answer(&self, _: &UpstreamRequest) -> Reply {
        Reply::json(&json!({ "name": self.name }))
    }
}

const NAMES: [&str; 4] = ["Ada", "Barbara", "Edsger", "Leslie"];
const PATIENCE: Duration = Duration::from_secs(2);

/// The program, the directory before it, and the name in the directory.
async fn begin(
    context: &CheckContext,
) -> Result<(HttpProgram, Upstream, &'static str), CheckOutcome> {
    let name = NAMES[context.rng("name").random_range(0..NAMES.len())];
    let directory = context
        .upstream("the directory", Directory { name })
        .await?;
    let env = [("DIRECTORY", directory.url().to_owned())];
    let program = context.start_http(&env, "/healthz").await?;
    Ok((program, directory, name))
}

pub async fn starts_and_stops(context: &CheckContext) -> CheckResult {
    let (program, _directory, _) = begin(context).await?;
    program.listens_on_loopback_alone()?;
    program.stop().await
}

pub async fn greets(context: &CheckContext) -> CheckResult {
    let (mut program, _directory, name) = begin(context).await?;
    let expected = format!(r#"{{"greeting": "Hello, {name}"}}"#);
    let reply = match program.get("/greeting", PATIENCE).await {
        Ok(reply) => reply,
        Err(no_reply) => return Err(program.explain("GET /greeting", no_reply).await.into()),
    };
    let said = serde_json::from_slice(&reply.body).unwrap_or(serde_json::Value::Null);
    if reply.status == 200 && said == json!({ "greeting": format!("Hello, {name}") }) {
        return Ok(());
    }
    Err(
        Failure::new(Diagnosis("greets-wrongly"), "The greeting is wrong.")
            .sent("GET /greeting")
            .got(format!("status {}, {}", reply.status, reply.text()))
            .expected(format!("status 200, {expected}"))
            .into(),
    )
}

pub async fn directory_fails(context: &CheckContext) -> CheckResult {
    let (mut program, directory, _) = begin(context).await?;
    directory.inject(When::Always, Fault::Status(500));
    let sent = "GET /greeting, while the directory answers 500";
    match program.get("/greeting", PATIENCE).await {
        Ok(reply) if reply.status == 502 => Ok(()),
        Ok(reply) => {
            let headline = "The program greets although the directory failed.";
            Err(Failure::new(Diagnosis("hides-failure"), headline)
                .sent(sent)
                .got(format!("status {}, {}", reply.status, reply.text()))
                .expected("status 502")
                .into())
        }
        Err(no_reply) => Err(program.explain(sent, no_reply).await.into()),
    }
}
