//! From the service to others, and what is said when nobody answers.

use crate::harness::context::CheckContext;
use crate::harness::load::side_by_side;
use crate::harness::probe::{NoReply, Reply};
use crate::harness::tls::authority::{Authority, Subject, roots};
use crate::harness::tls::wire::Question;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckResult, Diagnosis, Failure};
use crate::mtls_sidecar::pod::{Pod, SOON, answered, in_words, spiffe};
use axum::http::Method;
use rand::RngExt;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(8);

pub async fn passes_out(context: &CheckContext) -> CheckResult {
    let pod = Pod::start(context, TIMEOUT).await?;
    let mut rng = context.rng("requests");
    let requests: Vec<(Method, String, String)> = (0..8)
        .map(|nr| {
            let target = format!("/wallets/{nr}?hold={}", rng.random_range(1..90_000));
            let body = format!("{{\"cents\": {}}}", rng.random_range(1..90_000));
            if nr % 2 == 0 {
                (Method::GET, target, String::new())
            } else {
                (Method::POST, target, body)
            }
        })
        .collect();
    let asking = requests.iter().map(async |(method, target, body)| {
        let headers = &[("X-Trace", target.as_str())];
        pod.ask_out(
            Question {
                method,
                target,
                headers,
                body,
            },
            SOON * 2,
        )
        .await
    });
    let replies = side_by_side(8, asking).await;
    for ((method, target, body), reply) in requests.iter().zip(replies) {
        let sent = format!("{method} {target} at PORT");
        answered(&reply, 200, "the peer", &sent, "does-not-reach-peer")?;
        let calls = pod.peer.calls();
        let heard = calls.iter().any(|call| {
            let request = &call.request;
            request.header("x-trace") == Some(target)
                && request.method == *method
                && request.body == body.as_bytes()
                && request.query("hold").is_some()
        });
        if !heard {
            let headline = "The peer hears something else than the service sent.";
            return Err(Failure::new(Diagnosis("changes-request"), headline)
                .sent(format!("{sent}, X-Trace: {target}, {body}"))
                .got("no such request")
                .expected("method, path, query, headers and body as they were")
                .into());
        }
    }
    if pod.peer_tls.last_shown().flatten().as_ref() != Some(&pod.shown.der) {
        let headline = "The program does not say who it is.";
        return Err(Failure::new(Diagnosis("shows-no-certificate"), headline)
            .sent("GET at PORT; the peer asks for a certificate in the handshake")
            .got("none, or one that is not in tls.crt")
            .expected("the certificate in tls.crt")
            .into());
    }
    let reply = pod.ask_out(Question::get("/missing"), SOON).await;
    let sent = "GET /missing at PORT, for which the peer says 404";
    answered(&reply, 404, "the peer", sent, "changes-answer")
}

pub async fn wrong_peer(context: &CheckContext) -> CheckResult {
    let pod = Pod::start(context, TIMEOUT).await?;
    let mut rng = context.rng("others");
    let (right, other) = (pod.peer_id.as_str(), spiffe(&mut rng, "wallet"));
    let of_peer = Subject::of(&[right]);
    let expired = Subject {
        is_expired: true,
        ..of_peer.clone()
    };
    let longer = format!("{right}-canary");
    let cases = [
        (
            pod.authority.issue(&Subject::of(&[&other]))?,
            "another identity",
            "trusts-any-identity",
        ),
        (
            Authority::new("auction root")?.issue(&of_peer)?,
            "a certificate of another authority",
            "trusts-any-authority",
        ),
        (
            pod.authority.issue(&expired)?,
            "a certificate that ran out",
            "trusts-expired",
        ),
        (
            pod.authority.issue(&Subject::of(&[&longer]))?,
            "an identity that begins like PEER_ID",
            "compares-loosely",
        ),
        (
            pod.authority.issue(&Subject::of(&[&other, right]))?,
            "two URIs, one of them PEER_ID",
            "several-identities",
        ),
        (
            pod.authority.issue(&Subject {
                common_name: right.to_owned(),
                ..Subject::of(&[])
            })?,
            "no URI, and PEER_ID as common name",
            "reads-common-name",
        ),
    ];
    for (shown, how, wrong) in cases {
        pod.peer_tls.change(&shown, roots(&[&pod.authority]))?;
        let before = pod.peer.calls().len();
        let reply = pod.ask_out(Question::get("/wallets/7"), SOON).await;
        let heard = pod.peer.calls().len() > before;
        if heard || reply.as_ref().is_ok_and(|reply| reply.status == 200) {
            let headline = "The program talks to a peer that is somebody else.";
            return Err(Failure::new(Diagnosis(wrong), headline)
                .sent(format!("GET /wallets/7 at PORT, while the peer has {how}"))
                .got(format!(
                    "{}; the peer heard {}",
                    in_words(&reply),
                    if heard { "the request" } else { "nothing" }
                ))
                .expected("status 502, and the peer hears nothing of the request")
                .into());
        }
        is_502(
            &reply,
            &format!("GET /wallets/7 at PORT, while the peer has {how}"),
            SOON,
        )?;
    }
    let good = pod.authority.issue(&of_peer)?;
    pod.peer_tls.change(&good, roots(&[&pod.authority]))?;
    pod.works_out("after the peer was somebody else", "does-not-reach-peer")
        .await
}

fn is_502(reply: &Result<Reply, NoReply>, sent: &str, limit: Duration) -> CheckResult {
    if reply.as_ref().is_ok_and(|reply| reply.status == 502) {
        return Ok(());
    }
    let headline = "The client is not told that there is no answer.";
    let failure = Failure::new(Diagnosis("hides-failure"), headline)
        .sent(sent)
        .got(in_words(reply))
        .expected("status 502");
    Err(match reply {
        Err(NoReply::TimedOut) => failure.by_clock(limit).into(),
        _ => failure.into(),
    })
}

/// The service and the peer break off, say 503, and hang.
pub async fn away(context: &CheckContext) -> CheckResult {
    let timeout = Duration::from_millis(context.rng("times").random_range(80..=120) * 10);
    let pod = Pod::start(context, timeout).await?;
    let caller = pod.caller()?;
    let limit = timeout + SOON;
    // One that takes the connection, and never says a word of TLS.
    pod.peer_tls.be_silent(true);
    let sent = format!(
        "GET /wallets/8 at PORT, while the peer is silent in the handshake, TIMEOUT_MS={}",
        timeout.as_millis()
    );
    is_502(
        &pod.ask_out(Question::get("/wallets/8"), limit).await,
        &sent,
        limit,
    )?;
    pod.peer_tls.be_silent(false);
    // All of it comes at last, each byte in time.
    let every = timeout / 8;
    pod.app
        .inject(When::Path("/lots/6".to_owned()), Fault::Drip { every });
    let asked = pod.ask_in(Some(&caller), Question::get("/lots/6"), limit);
    let sent = format!(
        "GET /lots/6 at TLS_PORT, for the service, which sends a byte every {} ms, TIMEOUT_MS={}",
        every.as_millis(),
        timeout.as_millis()
    );
    is_502(&asked.await?.reply, &sent, limit)?;
    for fault in [Fault::CutBody, Fault::Hang] {
        let during = format!(
            "which {}, TIMEOUT_MS={}",
            fault.in_words(),
            timeout.as_millis()
        );
        pod.app
            .inject(When::Path("/lots/8".to_owned()), fault.clone());
        let asked = pod.ask_in(Some(&caller), Question::get("/lots/8"), limit);
        // What one client waits for is not the next one's affair.
        let (asked, works) = futures::join!(
            asked,
            pod.works_in("while another one waits", "blocks-next-client")
        );
        works?;
        is_502(
            &asked?.reply,
            &format!("GET /lots/8 at TLS_PORT, for the service, {during}"),
            limit,
        )?;
        pod.peer.inject(When::Path("/wallets/8".to_owned()), fault);
        let asked = pod.ask_out(Question::get("/wallets/8"), limit);
        let (reply, works) = futures::join!(
            asked,
            pod.works_out("while another one waits", "blocks-next-client")
        );
        works?;
        is_502(
            &reply,
            &format!("GET /wallets/8 at PORT, for the peer, {during}"),
            limit,
        )?;
    }
    // An answer that takes its time is an answer.
    let gate = pod.app.hold(When::Path("/lots/9".to_owned()));
    let asked = pod.ask_in(Some(&caller), Question::get("/lots/9"), limit);
    let (asked, ()) = futures::join!(asked, async {
        tokio::time::sleep(timeout * 2 / 5).await;
        gate.open();
    });
    let sent = format!(
        "GET /lots/9 at TLS_PORT, answered after 2/5 of TIMEOUT_MS={}",
        timeout.as_millis()
    );
    answered(&asked?.reply, 200, "the service", &sent, "gives-up-early")?;
    pod.app.inject(When::Always, Fault::Status(503));
    let asked = pod
        .ask_in(Some(&caller), Question::get("/lots/7"), limit)
        .await?;
    answered(
        &asked.reply,
        503,
        "the service",
        "GET /lots/7 at TLS_PORT, while the service says 503",
        "changes-answer",
    )
}
