//! Who may ask. The loopback alone is not enough: a web page in the browser of this machine reaches it
//! too. By a name of its own that it lets point to 127.0.0.1 (DNS rebinding) it could even read the
//! answers, so the `Host` must be a name of this machine; and without reading them it could still act,
//! so what a page sends (an `Origin`, `Sec-Fetch-Site`) must come from here.

use super::failure::Failure;
use axum::http::{HeaderMap, StatusCode, Uri, header};

/// Of a request's head, names and values together.
const HEAD_BYTES: usize = 16 * 1024;

/// # Errors
/// When its head is too large or ambiguous, or the request was not made for this machine, or by a page of another site.
pub fn check(headers: &HeaderMap, uri: &Uri) -> Result<(), Failure> {
    let one_host = headers.get_all(header::HOST).iter().nth(1).is_none();
    if !one_host {
        return Err(Failure::bad_request(
            "the request has more than one Host header",
            "send `Host: 127.0.0.1` once",
        ));
    }
    let head = headers.iter();
    let head: usize = head
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if head > HEAD_BYTES {
        return Err(Failure::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "head_too_large",
            format!("the headers of the request have {head} bytes"),
            "send at most 16 kB of them",
        ));
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = uri
        .authority()
        .map(axum::http::uri::Authority::as_str)
        .or_else(|| text(header::HOST.as_str()));
    let Some(host) = host else {
        return Err(Failure::bad_request(
            "the request has no Host header",
            "send `Host: 127.0.0.1`",
        ));
    };
    if !is_this_machine(host) {
        return Err(forbidden(
            format!("this server does not answer for the host `{host}`"),
            "use 127.0.0.1 or localhost",
        ));
    }
    if let Some(origin) = text(header::ORIGIN.as_str()) {
        let site = origin.split_once("://").map(|(_, host)| host);
        if site != Some(host) {
            return Err(forbidden(
                format!("this server does not answer pages of `{origin}`"),
                "use a client outside of the browser, such as curl",
            ));
        }
    }
    match text("sec-fetch-site") {
        None | Some("none" | "same-origin") => Ok(()),
        Some(_) => Err(forbidden(
            "this server does not answer pages of other sites",
            "use a client outside of the browser, such as curl",
        )),
    }
}

fn forbidden(message: impl Into<String>, hint: &str) -> Failure {
    Failure::new(StatusCode::FORBIDDEN, "forbidden", message, hint)
}

/// On any port: who forwards one asks by its number there.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    };
    name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(headers: &[(&'static str, &'static str)]) -> Result<(), StatusCode> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        check(&map, &Uri::from_static("/")).map_err(|failure| failure.status)
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for host in ["127.0.0.1", "127.0.0.1:7070", "localhost:9000", "LOCALHOST"] {
            assert_eq!(checked(&[("host", host)]), Ok(()), "{host}");
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "evil:7070",
            "192.168.0.7",
        ] {
            let refused = checked(&[("host", host)]);
            assert_eq!(refused, Err(StatusCode::FORBIDDEN), "{host}");
        }
        assert_eq!(checked(&[]), Err(StatusCode::BAD_REQUEST));
        let mut twice = HeaderMap::new();
        twice.append("host", "127.0.0.1".parse().unwrap());
        twice.append("host", "evil.example".parse().unwrap());
        let refused = check(&twice, &Uri::from_static("/")).map_err(|failure| failure.status);
        assert_eq!(refused, Err(StatusCode::BAD_REQUEST));
    }

    #[test]
    fn pages_of_other_sites_are_not_answered() {
        let own = ("host", "127.0.0.1:7070");
        assert_eq!(checked(&[own, ("origin", "http://127.0.0.1:7070")]), Ok(()));
        for other in [
            ("origin", "https://evil.example"),
            ("origin", "http://127.0.0.1:8080"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let refused = checked(&[own, other]);
            assert_eq!(refused, Err(StatusCode::FORBIDDEN), "{other:?}");
        }
        assert_eq!(checked(&[own, ("sec-fetch-site", "none")]), Ok(()));
    }
}
