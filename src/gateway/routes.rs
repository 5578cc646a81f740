//! What there is: the gateway's own paths, and those of the lab's table.

use super::failure::Failure;
use axum::http::{Method as HttpMethod, StatusCode};
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::outside::{EndpointSpec, Method};
use ddlab_text::{given, suggestion};
use percent_encoding::percent_decode_str;

/// What a path of the gateway's own is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    Index,
    Metrics,
    Frame,
    Frames,
    Knobs,
    Knob,
    Action,
}

/// Where a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Own(Own),
    Lab(&'static EndpointSpec),
}

/// A request whose path and method are known.
#[derive(Debug, PartialEq, Eq)]
pub struct Routed {
    pub target: Target,
    /// The last part of the path, decoded, where the path has one in braces.
    pub argument: Option<String>,
}

const fn own(
    method: Method,
    path: &'static str,
    example: &'static str,
    help: &'static str,
) -> EndpointSpec {
    EndpointSpec {
        help,
        ..EndpointSpec::new(method, path).looks().example(example)
    }
}

/// The gateway's own paths.
#[rustfmt::skip]
pub static OWN: [(EndpointSpec, Own); 7] = [
    (own(Method::Get, "/", "/", "what there is"), Own::Index),
    (own(Method::Get, "/metrics", "/metrics", "all metrics in the text format of Prometheus"), Own::Metrics),
    (own(Method::Get, "/frame", "/frame", "the lab as it stands, as JSON"), Own::Frame),
    (own(Method::Get, "/frames", "/frames", "the same ten times a second, as server-sent events"), Own::Frames),
    (own(Method::Get, "/knobs", "/knobs", "every knob with its value and its range"), Own::Knobs),
    (own(Method::Put, "/knobs/{name}", "/knobs/NAME", "turn a knob: the value as text, or {\"value\": …}"), Own::Knob),
    (own(Method::Post, "/actions/{name}", "/actions/NAME", "do an action of the lab: {\"argument\": …} where it takes one"), Own::Action),
];

/// Every path with its target.
pub fn all(spec: &'static LabSpec) -> impl Iterator<Item = (&'static EndpointSpec, Target)> {
    let own = OWN.iter().map(|(spec, own)| (spec, Target::Own(*own)));
    let lab = spec.endpoints.iter().map(|spec| (spec, Target::Lab(spec)));
    own.chain(lab)
}

/// Finds what a request is after.
///
/// # Errors
/// 404 with the nearest path, 405 with the methods that there are, 400 when the path is no text.
pub fn find(method: &HttpMethod, path: &str, spec: &'static LabSpec) -> Result<Routed, Failure> {
    let here: Vec<_> = all(spec)
        .filter_map(|(route, target)| Some((route, target, route.argument_in(path)?)))
        .collect();
    if here.is_empty() {
        return Err(nowhere(path, spec));
    }
    // hyper leaves the body of an answer to HEAD out.
    let asked = if method == HttpMethod::HEAD {
        "GET"
    } else {
        method.as_str()
    };
    let found = here.iter().find(|(route, ..)| route.method.name() == asked);
    let Some((_, target, argument)) = found else {
        let mut allowed: Vec<&str> = here.iter().map(|(route, ..)| route.method.name()).collect();
        if allowed.contains(&"GET") {
            allowed.push("HEAD");
        }
        let allowed = allowed.join(", ");
        let mut failure = Failure::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            format!("`{}` does not know {method}", given(path)),
            format!("it knows {allowed}"),
        );
        failure.allow = Some(allowed);
        return Err(failure);
    };
    let argument = percent_decode_str(argument)
        .decode_utf8()
        .map_err(|_| Failure::bad_request("the path is not written in UTF-8", "encode it so"))?;
    Ok(Routed {
        target: *target,
        argument: (!argument.is_empty()).then(|| argument.into_owned()),
    })
}

fn nowhere(path: &str, spec: &'static LabSpec) -> Failure {
    let mut paths: Vec<&str> = all(spec).map(|(route, _)| route.path).collect();
    paths.dedup();
    Failure::not_found(
        format!(
            "there is nothing at `{}` on the lab {}",
            given(path),
            spec.id
        ),
        suggestion(path, &paths),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lab: &str, method: &str, path: &str) -> Result<Routed, Failure> {
        let spec = ddlab_labs::find(lab).unwrap().spec();
        find(&method.parse().unwrap(), path, spec)
    }

    #[test]
    fn paths_lead_to_their_target_with_the_argument_decoded() {
        let knob = found("sharded", "PUT", "/knobs/skew").unwrap();
        assert_eq!(knob.target, Target::Own(Own::Knob));
        assert_eq!(knob.argument.as_deref(), Some("skew"));
        let key = found("sharded", "HEAD", "/keys/a%20b").unwrap();
        assert!(matches!(key.target, Target::Lab(spec) if spec.method == Method::Get));
        assert_eq!(key.argument.as_deref(), Some("a b"));
        assert_eq!(
            found("sharded", "GET", "/").unwrap().target,
            Target::Own(Own::Index)
        );
    }

    #[test]
    fn a_wrong_path_names_the_nearest_and_a_wrong_method_those_there_are() {
        let lost = found("scatter-gather", "GET", "/serach").unwrap_err();
        assert_eq!(lost.status, StatusCode::NOT_FOUND);
        assert_eq!(lost.hint, "did you mean `/search`?");
        let other_lab = found("election", "GET", "/search").unwrap_err();
        assert_eq!(other_lab.status, StatusCode::NOT_FOUND);
        let method = found("sharded", "DELETE", "/keys/1").unwrap_err();
        assert_eq!(method.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(method.allow.as_deref(), Some("GET, PUT, HEAD"));
        let method = found("work-queue", "GET", "/items").unwrap_err();
        assert_eq!(method.allow.as_deref(), Some("POST"));
    }

    #[test]
    fn no_lab_takes_a_path_of_the_gateway_s_own() {
        for lab in ddlab_labs::all() {
            let routes: Vec<_> = all(lab.spec()).map(|(route, _)| route).collect();
            for (n, route) in routes.iter().enumerate() {
                let twin = routes[n + 1..]
                    .iter()
                    .find(|other| other.method == route.method && other.path == route.path);
                assert!(twin.is_none(), "{}: {}", lab.spec().id, route.form());
            }
        }
    }
}
