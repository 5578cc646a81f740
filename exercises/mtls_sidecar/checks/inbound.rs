//! From others to the service.

use crate::harness::context::CheckContext;
use crate::harness::load::side_by_side;
use crate::harness::probe::NoReply;
use crate::harness::tls::authority::{Authority, Credentials, Subject};
use crate::harness::tls::wire::Question;
use crate::harness::upstream::Call;
use crate::harness::verdict::{CheckOutcome, CheckResult, Diagnosis, Failure};
use crate::mtls_sidecar::pod::{Pod, SOON, answered, in_words, spiffe};
use axum::http::Method;
use rand::RngExt;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const TIMEOUT: Duration = Duration::from_secs(8);

/// Two that are allowed ask side by side, each in its own words, and claim to be somebody else.
pub async fn passes_in(context: &CheckContext) -> CheckResult {
    let pod = Pod::start(context, TIMEOUT).await?;
    pod.program.listens_on_loopback_alone()?;
    let mut rng = context.rng("requests");
    let callers = [0, 1].map(|nr| pod.authority.issue(&Subject::of(&[&pod.allowed[nr]])));
    let [one, other] = callers;
    let callers = [one?, other?];
    let requests: Vec<(usize, Method, String, String)> = (0..12)
        .map(|nr| {
            let target = format!(
                "/lots/{nr}?bidder=a%26b&cents={}",
                rng.random_range(1..90_000)
            );
            let body = format!("{{\"note\": \"{}\"}}", rng.random_range(1..90_000));
            let methods = [
                (Method::GET, String::new()),
                (Method::POST, body.clone()),
                (Method::PUT, body),
            ];
            let (method, body) = methods[nr % 3].clone();
            (nr % 2, method, target, body)
        })
        .collect();
    let asking = requests.iter().map(async |(who, method, target, body)| {
        let question = Question {
            method,
            target,
            headers: &[
                ("x-PEER-id", "spiffe://auction.example/ns/bids/sa/root"),
                ("X-Trace", target),
            ],
            body,
        };
        pod.ask_in(Some(&callers[*who]), question, SOON * 2).await
    });
    let replies = side_by_side(12, asking).await;
    for ((who, method, target, body), asked) in requests.iter().zip(replies) {
        let sent = format!("{method} {target} at TLS_PORT by who is allowed");
        let asked = asked?;
        answered(&asked.reply, 200, "the service", &sent, "refuses-allowed")?;
        if asked.shown.as_ref() != Some(&pod.shown.der) {
            let headline = "The program shows another certificate than its own.";
            return Err(Failure::new(Diagnosis("wrong-certificate"), headline)
                .sent(sent)
                .got("a certificate that is not the one in tls.crt")
                .expected("the one in tls.crt")
                .into());
        }
        let calls = pod.app.calls();
        let call = calls
            .iter()
            .find(|call| call.request.header("x-trace") == Some(target));
        unchanged(call, method, body, &pod.allowed[*who], &sent)?;
    }
    let caller = &callers[0];
    let asked = pod
        .ask_in(Some(caller), Question::get("/missing"), SOON)
        .await?;
    let sent = "GET /missing at TLS_PORT, for which the service says 404";
    answered(&asked.reply, 404, "the service", sent, "changes-answer")
}

/// The service must have heard what was sent, and of whom.
fn unchanged(
    call: Option<&Call>,
    method: &Method,
    body: &str,
    who: &str,
    sent: &str,
) -> CheckResult {
    let heard = call.map(|call| {
        let request = &call.request;
        let cents = request.query("cents").is_some();
        let bidder = request
            .query("bidder")
            .is_some_and(|bidder| bidder == "a&b");
        let same = request.method == *method && request.body == body.as_bytes() && cents && bidder;
        (same, request)
    });
    let (diagnosis, got) = match heard {
        None => (
            "changes-request",
            "a request without its headers, or none".to_owned(),
        ),
        Some((false, request)) => {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            let query = &request.query;
            (
                "changes-request",
                format!("{} {} {query:?} {body}", request.method, request.path),
            )
        }
        Some((true, request)) if request.header("x-peer-id") != Some(who) => {
            let all = request.headers.get_all("x-peer-id").iter();
            (
                "trusts-header",
                format!("X-Peer-Id: {:?}", all.collect::<Vec<_>>()),
            )
        }
        Some(_) => return Ok(()),
    };
    let headline = "The service hears something else than the caller sent.";
    Err(Failure::new(Diagnosis(diagnosis), headline)
        .sent(format!("{sent}, with a header X-Peer-Id of its own"))
        .got(got)
        .expected(format!("the same request, with one X-Peer-Id: {who}"))
        .into())
}

/// None, one of an authority of its own, one by another authority of the same name, one that ran out.
pub async fn strangers(context: &CheckContext) -> CheckResult {
    let pod = Pod::start(context, TIMEOUT).await?;
    let allowed = Subject::of(&[&pod.allowed[0]]);
    let expired = Subject {
        is_expired: true,
        ..allowed.clone()
    };
    let by_stranger = Authority::new("auction root")?.issue(&allowed)?;
    let cases: [(Option<Credentials>, &str, &'static str); 3] = [
        (None, "without a certificate", "accepts-anyone"),
        (
            Some(by_stranger),
            "with a certificate of another authority",
            "accepts-any-authority",
        ),
        (
            Some(pod.authority.issue(&expired)?),
            "with a certificate that ran out",
            "accepts-expired",
        ),
    ];
    for (who, how, wrong) in cases {
        let before = pod.app.calls().len();
        let asked = pod
            .ask_in(who.as_ref(), Question::get("/lots/7"), SOON)
            .await?;
        let heard = pod.app.calls().len() > before;
        if matches!(asked.reply, Err(NoReply::Closed)) && !heard {
            continue;
        }
        let headline = "A client that is not trusted was not turned away in the handshake.";
        let heard = if heard { "; the service was asked" } else { "" };
        let failure = Failure::new(Diagnosis(wrong), headline)
            .sent(format!("GET /lots/7 at TLS_PORT {how}"))
            .got(format!("{}{heard}", in_words(&asked.reply)))
            .expected("the handshake fails, and the service hears nothing");
        return Err(match asked.reply {
            Err(NoReply::TimedOut) => failure.by_clock(SOON).into(),
            _ => failure.into(),
        });
    }
    pod.works_in("after strangers were refused", "refuses-allowed")
        .await
}

/// Trusted certificates of others, some of them nearly right.
pub async fn wrong_identity(context: &CheckContext) -> CheckResult {
    let pod = Pod::start(context, TIMEOUT).await?;
    let mut rng = context.rng("others");
    let (allowed, other) = (pod.allowed[0].as_str(), spiffe(&mut rng, "images"));
    let longer = format!("{allowed}-canary");
    let shorter = &allowed[..allowed.len() - 1];
    let both = pod.allowed.join(",");
    let shouted = allowed.replace("gateway", "Gateway");
    let cases: [(Subject, &str, &'static str); 9] = [
        (
            Subject::of(&[&other]),
            "an identity that is not allowed",
            "lets-anyone-in",
        ),
        (
            Subject::of(&[&longer]),
            "an identity that begins like an allowed one",
            "compares-loosely",
        ),
        (
            Subject::of(&[shorter]),
            "the beginning of an allowed identity",
            "compares-loosely",
        ),
        (
            Subject::of(&[&shouted]),
            "an allowed identity with a capital letter",
            "compares-loosely",
        ),
        (
            Subject::of(&[&both]),
            "all of ALLOWED as its identity",
            "compares-loosely",
        ),
        (
            Subject::of(&[allowed, &other]),
            "two URIs, one of them allowed",
            "several-identities",
        ),
        (
            Subject::of(&[&other, allowed]),
            "two URIs, one of them allowed",
            "several-identities",
        ),
        (
            Subject {
                common_name: allowed.to_owned(),
                ..Subject::of(&[])
            },
            "no URI, and an allowed identity as common name",
            "reads-common-name",
        ),
        (
            Subject {
                dns_names: vec![allowed.to_owned()],
                ..Subject::of(&[])
            },
            "no URI, and an allowed identity as DNS name",
            "reads-dns-name",
        ),
    ];
    for (subject, how, wrong) in cases {
        // A comma is no character of a URI; who lets such a name in compares with the whole list.
        let who = pod.authority.issue(&subject)?;
        let before = pod.app.calls().len();
        let asked = pod
            .ask_in(Some(&who), Question::get("/lots/7"), SOON)
            .await?;
        let heard = pod.app.calls().len() > before;
        if asked.reply.as_ref().is_ok_and(|reply| reply.status == 403) && !heard {
            continue;
        }
        let headline = "Who is not allowed was not refused with 403.";
        let heard = if heard { "; the service was asked" } else { "" };
        return Err(Failure::new(Diagnosis(wrong), headline)
            .sent(format!(
                "GET /lots/7 at TLS_PORT with a certificate that has {how}"
            ))
            .got(format!("{}{heard}", in_words(&asked.reply)))
            .expected("status 403, and the service hears nothing")
            .into());
    }
    pod.works_in("after others were refused", "refuses-allowed")
        .await
}

/// Clients that connect and say nothing, or half of a handshake, stay connected.
pub async fn silent_clients(context: &CheckContext) -> CheckResult {
    let pod = Pod::start(context, TIMEOUT * 4).await?;
    let broken = |e| CheckOutcome::grader_error("could not connect to the program", e);
    let mut silent = Vec::new();
    for nr in 0..20 {
        let mut stream = TcpStream::connect(("127.0.0.1", pod.tls_port))
            .await
            .map_err(broken)?;
        if nr % 2 == 1 {
            // The head of a ClientHello of 512 bytes.
            stream
                .write_all(&[22, 3, 1, 2, 0, 1])
                .await
                .map_err(broken)?;
        }
        silent.push(stream);
    }
    pod.works_in(
        "while twenty clients are connected and silent",
        "blocks-next-client",
    )
    .await?;
    drop(silent);
    pod.works_in("after silent clients went away", "blocks-next-client")
        .await
}
