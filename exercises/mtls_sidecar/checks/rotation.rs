//! New certificates and new authorities, while requests are under way.

use crate::harness::context::{CheckContext, wait_until};
use crate::harness::probe::{NoReply, get};
use crate::harness::tls::authority::{Authority, Credentials, Subject, roots};
use crate::harness::tls::wire::{Question, ask};
use crate::harness::upstream::Upstream;
use crate::harness::upstream::fault::{Fault, Gate, When};
use crate::harness::verdict::{CheckOutcome, CheckResult, Diagnosis, Failure};
use crate::mtls_sidecar::pod::{Pod, SOON, TAKEN_UP, answered, files, in_words};
use std::time::Duration;
use tokio::time::Instant;

const TIMEOUT: Duration = Duration::from_secs(20);
const WAIT: Duration = Duration::from_millis(50);

/// A request that waits for its answer each way, while the certificate changes twice.
pub async fn rotates(context: &CheckContext) -> CheckResult {
    let mut pod = Pod::start(context, TIMEOUT).await?;
    let gate = Gate::shut();
    let caller = pod.caller()?;
    pod.app
        .inject(When::Path("/held".to_owned()), Fault::Hold(gate.clone()));
    pod.peer
        .inject(When::Path("/held".to_owned()), Fault::Hold(gate.clone()));
    let new = [(); 2].map(|()| pod.authority.issue(&Subject::of(&[&pod.own])));
    let (tls_port, port) = (pod.tls_port, pod.program.port());
    let held_in = ask(Some(&caller), tls_port, Question::get("/held"), TIMEOUT);
    let url = format!("http://127.0.0.1:{port}/held");
    let held_out = get(&url, TIMEOUT);
    let (held_in, held_out, rotated) = futures::join!(held_in, held_out, async {
        let mut rotated = Ok(());
        if is_asked(&pod.app).await && is_asked(&pod.peer).await {
            for own in new {
                rotated = async { pod.takes_up(own?).await }.await;
                if rotated.is_err() {
                    break;
                }
            }
        }
        gate.open();
        rotated
    });
    rotated?;
    let sent = "GET /held, under way while the certificate changed";
    answered(
        &held_in?.reply,
        200,
        "the service",
        &format!("{sent}, at TLS_PORT"),
        "drops-in-flight",
    )?;
    answered(
        &held_out,
        200,
        "the peer",
        &format!("{sent}, at PORT"),
        "drops-in-flight",
    )
}

async fn is_asked(upstream: &Upstream) -> bool {
    let asked = || {
        upstream
            .calls()
            .iter()
            .any(|call| call.request.path == "/held")
    };
    wait_until(SOON, asked).await
}

impl Pod {
    /// A new certificate of the same authority: both directions show it in time, and nobody is refused
    /// meanwhile.
    async fn takes_up(&mut self, own: Credentials) -> CheckResult {
        self.mount.swap(&files(&own, &self.authority.pem))?;
        self.shown = own;
        let caller = self.caller()?;
        let until = Instant::now() + TAKEN_UP + SOON;
        loop {
            let asked = self
                .ask_in(Some(&caller), Question::get("/lots/7"), SOON)
                .await?;
            let sent = "GET /lots/7 at TLS_PORT, moments after tls.crt changed";
            answered(&asked.reply, 200, "the service", sent, "refuses-meanwhile")?;
            self.works_out("moments after tls.crt changed", "refuses-meanwhile")
                .await?;
            let inbound = asked.shown.as_ref() == Some(&self.shown.der);
            let outbound = self.peer_tls.last_shown().flatten().as_ref() == Some(&self.shown.der);
            if inbound && outbound {
                return Ok(());
            }
            if Instant::now() > until {
                let stays = if inbound {
                    "to the peer"
                } else {
                    "at TLS_PORT"
                };
                return Err(Failure::new(
                    Diagnosis("keeps-old-certificate"),
                    "A new certificate does not count.",
                )
                .sent("tls.crt, tls.key and ca.crt are replaced, the authority is the same")
                .got(format!("the old certificate is shown {stays}"))
                .expected("the new one in both directions, 2 s later")
                .by_clock(SOON)
                .into());
            }
            tokio::time::sleep(WAIT).await;
        }
    }

    /// Whether who shows this is answered by the service; a 403 is no answer of the service.
    async fn lets_in(&self, who: &Credentials) -> Result<bool, CheckOutcome> {
        let asked = self
            .ask_in(Some(who), Question::get("/lots/7"), SOON)
            .await?;
        match &asked.reply {
            Err(NoReply::Closed) => Ok(false),
            Ok(reply) if reply.status == 200 => Ok(true),
            other => {
                let got = in_words(other);
                let headline = "While trust moves, the program does neither the one nor the other.";
                Err(Failure::new(Diagnosis("refuses-meanwhile"), headline)
                    .sent("GET /lots/7 at TLS_PORT")
                    .got(got)
                    .expected("the answer of the service, or a handshake that fails")
                    .into())
            }
        }
    }

    /// Within the time of the statement these clients must be let in, or refused.
    async fn comes_to_let_in(
        &self,
        who: [(&Credentials, bool); 2],
        during: &str,
        wrong: &'static str,
    ) -> CheckResult {
        let until = Instant::now() + TAKEN_UP + SOON;
        loop {
            let now = [self.lets_in(who[0].0).await?, self.lets_in(who[1].0).await?];
            if now == [who[0].1, who[1].1] {
                return Ok(());
            }
            if Instant::now() > until {
                let told = |in_: [bool; 2]| {
                    format!(
                        "of the old authority: {}; of the new one: {}",
                        word(in_[0]),
                        word(in_[1])
                    )
                };
                return Err(Failure::new(
                    Diagnosis(wrong),
                    "The program trusts others than ca.crt says.",
                )
                .sent(format!(
                    "clients at TLS_PORT, after ca.crt was replaced by {during}"
                ))
                .got(told(now))
                .expected(format!("{}, 2 s later", told([who[0].1, who[1].1])))
                .by_clock(SOON)
                .into());
            }
            tokio::time::sleep(WAIT).await;
        }
    }
}

fn word(in_: bool) -> &'static str {
    if in_ { "let in" } else { "refused" }
}

/// Old, then old and new, then new alone.
pub async fn trust_moves(context: &CheckContext) -> CheckResult {
    let mut pod = Pod::start(context, TIMEOUT).await?;
    let next = Authority::new("auction root, next")?;
    let allowed = Subject::of(&[&pod.allowed[1]]);
    let (old_client, new_client) = (pod.authority.issue(&allowed)?, next.issue(&allowed)?);
    let start = [(&old_client, true), (&new_client, false)];
    pod.comes_to_let_in(start, "nothing yet", "wrong-roots")
        .await?;

    // The certificate stays: what is new is ca.crt alone.
    let both = format!("{}{}", pod.authority.pem, next.pem);
    pod.mount.swap(&files(&pod.shown, &both))?;
    let during = "two authorities, the old one and a new one";
    let overlap = [(&old_client, true), (&new_client, true)];
    pod.comes_to_let_in(overlap, during, "one-root-only")
        .await?;
    let of_peer = Subject::of(&[&pod.peer_id]);
    let new_peer = next.issue(&of_peer)?;
    pod.peer_tls
        .change(&new_peer, roots(&[&pod.authority, &next]))?;
    pod.works_out(
        "with a certificate of the new authority at the peer",
        "one-root-only",
    )
    .await?;

    let own = next.issue(&Subject::of(&[&pod.own]))?;
    pod.mount.swap(&files(&own, &next.pem))?;
    let after = [(&old_client, false), (&new_client, true)];
    pod.comes_to_let_in(after, "the new authority alone", "keeps-old-trust")
        .await?;
    pod.peer_tls.change(&new_peer, roots(&[&next]))?;
    pod.works_out("after the move", "keeps-old-certificate")
        .await?;
    let old_peer = pod.authority.issue(&of_peer)?;
    pod.peer_tls.change(&old_peer, roots(&[&next]))?;
    let reply = pod.ask_out(Question::get("/wallets/7"), SOON).await;
    if reply.as_ref().is_ok_and(|reply| reply.status == 502) {
        return Ok(());
    }
    Err(Failure::new(
        Diagnosis("keeps-old-trust"),
        "The program trusts a peer of the old authority.",
    )
    .sent("GET /wallets/7 at PORT, after ca.crt was replaced by the new authority alone")
    .got(in_words(&reply))
    .expected("status 502")
    .into())
}

/// A key of another certificate, no PEM, no key; and good ones at last.
pub async fn bad_files(context: &CheckContext) -> CheckResult {
    let mut pod = Pod::start(context, TIMEOUT).await?;
    let own = Subject::of(&[&pod.own]);
    let (one, other) = (pod.authority.issue(&own)?, pod.authority.issue(&own)?);
    let root = pod.authority.pem.clone();
    let stranger = Authority::new("another root")?;
    let by_stranger = stranger.issue(&Subject::of(&[&pod.allowed[0]]))?;
    let cases: [(&[(&str, &str)], &str); 4] = [
        (
            &[
                ("tls.crt", &one.certificate),
                ("tls.key", &other.key),
                // Nothing of a version counts whose key cannot be used.
                ("ca.crt", &stranger.pem),
            ],
            "a key that does not belong to the certificate",
        ),
        (
            &[
                ("tls.crt", "to be filled in\n"),
                ("tls.key", &one.key),
                ("ca.crt", &root),
            ],
            "a certificate that is no PEM",
        ),
        (
            &[("tls.crt", &one.certificate), ("ca.crt", &root)],
            "no key",
        ),
        (
            &[
                ("tls.crt", &one.certificate),
                ("tls.key", &one.key),
                ("ca.crt", ""),
            ],
            "no authority",
        ),
    ];
    for (files, how) in cases {
        pod.mount.swap(files)?;
        let until = Instant::now() + Duration::from_millis(900);
        let during = format!("after the folder changed to {how}");
        while Instant::now() < until {
            pod.works_in(&during, "loses-good-files").await?;
            pod.works_out(&during, "loses-good-files").await?;
            tokio::time::sleep(WAIT * 4).await;
        }
        let question = Question::get("/lots/7");
        let asked = pod.ask_in(Some(&by_stranger), question, SOON).await?;
        if !matches!(asked.reply, Err(NoReply::Closed)) {
            let headline = "Half of a version that cannot be used is in use.";
            return Err(Failure::new(Diagnosis("takes-half"), headline)
                .sent(format!(
                    "GET /lots/7, from a caller of the new authority, {during}"
                ))
                .got(in_words(&asked.reply))
                .expected("the handshake fails: the last good files stay, all three of them")
                .into());
        }
    }
    pod.takes_up(other).await
}
