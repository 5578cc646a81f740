//! The token, which the application never sees.

use crate::harness::context::CheckContext;
use crate::harness::verdict::{CheckResult, Diagnosis};
use crate::retry_budget::ambassador::{Ambassador, Ask, Right, Settings, failure, path};
use rand::RngExt;

pub async fn adds_token(context: &CheckContext) -> CheckResult {
    let mut ambassador = Ambassador::begin(context, Settings::USUAL).await?;
    let mut rng = context.rng("paths");
    for header in [None, Some("Bearer stolen")] {
        let mut ask = Ask::get(path(&mut rng));
        if let Some(value) = header {
            ask = ask.header("authorization", value);
        }
        let reply = ambassador.send(&ask).await;
        let calls = ambassador.calls(&ask.path);
        let sent: Vec<String> = calls
            .iter()
            .flat_map(|call| call.request.headers.get_all("authorization"))
            .filter_map(|value| value.to_str().ok())
            .map(str::to_owned)
            .collect();
        let (diagnosis, headline) = if sent.iter().any(|said| said.contains("stolen")) {
            (
                "passes-on-credentials",
                "What the application sent as its token was passed on.",
            )
        } else if sent
            .iter()
            .any(|said| *said != format!("Bearer {}", ambassador.token()))
            || sent.is_empty()
        {
            (
                "no-credentials",
                "The call does not carry the token of TOKEN_FILE.",
            )
        } else {
            ambassador
                .judge(&ask, "", Right::new(200, 1), reply)
                .await?;
            continue;
        };
        return Err(failure(Diagnosis(diagnosis), headline, &ask, "")
            .got(format!("Authorization: {sent:?}"))
            .expected("Authorization: Bearer and the content of TOKEN_FILE, without the line's end")
            .into());
    }
    Ok(())
}

pub async fn rotates(context: &CheckContext) -> CheckResult {
    let mut ambassador = Ambassador::begin(context, Settings::USUAL).await?;
    let mut rng = context.rng("paths");
    for nr in 0..4 {
        for _ in 0..3 {
            let ask = Ask::get(path(&mut rng));
            let reply = ambassador.send(&ask).await;
            // A 401 may have told the program to read the file again.
            let calls = ambassador.calls(&ask.path).len().clamp(1, 2);
            let right = Right {
                wrong_status: Diagnosis("stale-credentials"),
                ..Right::new(200, calls)
            };
            let during = "the token was replaced a moment ago";
            ambassador.judge(&ask, during, right, reply).await?;
        }
        ambassador.rotate(&format!(
            "next-{nr}-{:06x}",
            rng.random_range(0..0x0100_0000)
        ))?;
    }
    Ok(())
}
