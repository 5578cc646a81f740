//! Asks the endpoint. It blocks, so a screen has it done on a thread.

use super::{Question, Verdicts, allowed};
use crate::progress::practice::JudgeSet;
use ddlab_practice::judge::{self, RESPONSE_BYTES_MAX};
use eyre::{Report, Result, bail, eyre};
use std::time::Duration;

impl Question {
    /// Asks twice, with the points in another order.
    ///
    /// # Errors
    /// A sentence when the answer is not worth asking for, or the judge cannot be reached or read.
    pub fn ask(&self) -> Result<Verdicts, String> {
        judge::gate(&self.answer).map_err(|error| error.to_string())?;
        allowed(&self.set.url, self.set.allow_remote)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("cannot start the client: {error}"))?;
        let runs = runtime.block_on(async {
            let mut runs = Vec::new();
            for seed in [1, 2] {
                let body = judge::request(
                    &self.set.model,
                    &self.question,
                    &self.points,
                    &self.answer,
                    seed,
                );
                let text = posted(&self.set, &body)
                    .await
                    .map_err(|report| format!("{report:#}"))?;
                let read = judge::read(&text, &self.points, &self.answer);
                runs.push(read.map_err(|error| error.to_string())?);
            }
            Ok::<_, String>(runs)
        })?;
        Ok(judge::agreed(&runs[0], &runs[1]))
    }
}

/// The body of the response, as far as [`RESPONSE_BYTES_MAX`].
async fn posted(set: &JudgeSet, body: &serde_json::Value) -> Result<String> {
    let url = format!("{}/chat/completions", set.url);
    // A redirect would lead away from the loopback.
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(set.timeout_s))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()?;
    let reached = |error: reqwest::Error| {
        if error.is_timeout() {
            let seconds = set.timeout_s;
            return eyre!(
                "the judge at {url} did not answer within {seconds} s; set a smaller model, or a longer --timeout"
            );
        }
        Report::new(error).wrap_err(format!(
            "cannot ask the judge at {url}; is the server running?"
        ))
    };
    let response = client.post(&url).json(body).send().await;
    let mut response = response.map_err(reached)?;
    let status = response.status();
    if !status.is_success() {
        let next = if status.as_u16() == 429 {
            "it is busy: try again later"
        } else {
            "look at its log, and whether it knows the model"
        };
        bail!("the judge refused with {status}; {next}");
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(reached)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > RESPONSE_BYTES_MAX {
            bail!(
                "the judge sent more than {RESPONSE_BYTES_MAX} bytes; this is not an answer to what was asked"
            );
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
