//! Manifests as the objects that clusters know (`k8s-openapi`, from the published API), read strictly: a cluster
//! drops a field that it does not know, and here it is a fault.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, StatefulSet, StatefulSetSpec};
use k8s_openapi::api::autoscaling::v2::{HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec};
use k8s_openapi::api::batch::v1::{Job, JobSpec};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, PodSpec, Service, ServiceSpec};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::api::rbac::v1::Role;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An object that was read.
pub struct Object {
    pub kind: String,
    pub metadata: ObjectMeta,
    pub body: Body,
}

#[allow(clippy::large_enum_variant)] // a few dozen of them, in a test
pub enum Body {
    Pod(PodSpec),
    Deployment(DeploymentSpec),
    StatefulSet(StatefulSetSpec),
    Job(JobSpec),
    Service(ServiceSpec),
    ConfigMap,
    Autoscaler(HorizontalPodAutoscalerSpec),
    DisruptionBudget(PodDisruptionBudgetSpec),
    HttpRoute(HttpRoute),
    /// Read in full, with nothing to hold it against.
    Alone,
    /// Of an add-on, with a schema of its own.
    Foreign,
}

/// Kinds that clusters know only with an add-on, at the version that the add-on serves.
const FOREIGN: [(&str, &str); 5] = [
    ("security.istio.io/v1", "PeerAuthentication"),
    ("networking.istio.io/v1", "VirtualService"),
    ("networking.istio.io/v1", "DestinationRule"),
    ("keda.sh/v1alpha1", "ScaledObject"),
    ("serving.knative.dev/v1", "Service"),
];

/// What clusters learn from an add-on.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AddOn<T> {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: T,
}

/// Of the Gateway API; the gateway that it names belongs to the platform.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpRoute {
    pub parent_refs: Vec<ParentRef>,
    pub rules: Vec<RouteRule>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ParentRef {
    pub name: String,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RouteRule {
    pub matches: Vec<RouteMatch>,
    pub backend_refs: Vec<BackendRef>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RouteMatch {
    pub path: RoutePath,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RoutePath {
    #[serde(rename = "type")]
    kind: PathMatch,
    pub value: String,
}

#[derive(Deserialize, Serialize)]
enum PathMatch {
    Exact,
    PathPrefix,
    RegularExpression,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BackendRef {
    pub name: String,
    pub port: u16,
}

/// The document as the object that its `apiVersion` and `kind` name.
pub fn read(value: &Value) -> Result<Object, String> {
    let word = |field: &str| {
        let text = value.get(field).and_then(Value::as_str);
        text.ok_or_else(|| format!("`{field}` is missing"))
    };
    let (version, kind) = (word("apiVersion")?, word("kind")?);
    let whole = matches!(kind, "ConfigMap" | "Role") || value.get("spec").is_some();
    if !whole {
        return Err(format!("{kind}: `spec` is missing"));
    }
    let read = match (version, kind) {
        ("v1", "Pod") => {
            strict::<Pod>(value).map(|it| (it.metadata, Body::Pod(it.spec.unwrap_or_default())))
        }
        ("v1", "Service") => strict::<Service>(value)
            .map(|it| (it.metadata, Body::Service(it.spec.unwrap_or_default()))),
        ("v1", "ConfigMap") => strict::<ConfigMap>(value).map(|it| (it.metadata, Body::ConfigMap)),
        ("apps/v1", "Deployment") => {
            strict::<Deployment>(value).map(|it| (it.metadata, Body::Deployment(it.spec)))
        }
        ("apps/v1", "StatefulSet") => {
            strict::<StatefulSet>(value).map(|it| (it.metadata, Body::StatefulSet(it.spec)))
        }
        ("batch/v1", "Job") => {
            strict::<Job>(value).map(|it| (it.metadata, Body::Job(it.spec.unwrap_or_default())))
        }
        ("autoscaling/v2", "HorizontalPodAutoscaler") => strict::<HorizontalPodAutoscaler>(value)
            .map(|it| (it.metadata, Body::Autoscaler(it.spec))),
        ("policy/v1", "PodDisruptionBudget") => strict::<PodDisruptionBudget>(value).map(|it| {
            (
                it.metadata,
                Body::DisruptionBudget(it.spec.unwrap_or_default()),
            )
        }),
        ("gateway.networking.k8s.io/v1", "HTTPRoute") => {
            strict::<AddOn<HttpRoute>>(value).map(|it| (it.metadata, Body::HttpRoute(it.spec)))
        }
        ("coordination.k8s.io/v1", "Lease") => {
            strict::<Lease>(value).map(|it| (it.metadata, Body::Alone))
        }
        ("rbac.authorization.k8s.io/v1", "Role") => {
            strict::<Role>(value).map(|it| (it.metadata, Body::Alone))
        }
        foreign if FOREIGN.contains(&foreign) => {
            strict::<AddOn<serde_json::Map<String, Value>>>(value)
                .map(|it| (it.metadata, Body::Foreign))
        }
        _ => return Err(format!("no cluster serves a {kind} of {version}")),
    };
    let (metadata, body) = read.map_err(|why| format!("{kind}: {why}"))?;
    Ok(Object {
        kind: kind.to_owned(),
        metadata,
        body,
    })
}

/// Reads an object of which every field is known and none that is required is missing: written again it has the
/// same fields.
fn strict<T: DeserializeOwned + Serialize>(value: &Value) -> Result<T, String> {
    let object: T = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    let again = serde_json::to_value(&object).map_err(|error| error.to_string())?;
    let mut faults = Vec::new();
    compare(value, &again, "", &mut faults);
    words(value, "", &mut faults);
    if faults.is_empty() {
        Ok(object)
    } else {
        Err(faults.join("; "))
    }
}

fn compare(given: &Value, known: &Value, path: &str, faults: &mut Vec<String>) {
    match (given, known) {
        (Value::Object(given), Value::Object(known)) => {
            for (field, value) in given.iter().filter(|(_, value)| !value.is_null()) {
                match known.get(field) {
                    Some(known) => compare(value, known, &format!("{path}.{field}"), faults),
                    None => faults.push(format!("`{path}.{field}` is not a field")),
                }
            }
            let missing = known.keys().filter(|field| !given.contains_key(*field));
            faults.extend(missing.map(|field| format!("`{path}.{field}` is missing")));
        }
        (Value::Array(given), Value::Array(known)) => {
            for (n, (given, known)) in given.iter().zip(known).enumerate() {
                compare(given, known, &format!("{path}[{n}]"), faults);
            }
        }
        _ => {}
    }
}

/// Fields that take one of a few words, by the end of their path. The published types say only that it is text.
const WORDS: [(&str, &[&str]); 7] = [
    (".restartPolicy", &["Always", "OnFailure", "Never"]),
    (".whenUnsatisfiable", &["DoNotSchedule", "ScheduleAnyway"]),
    (".protocol", &["TCP", "UDP", "SCTP"]),
    (".strategy.type", &["RollingUpdate", "Recreate"]),
    (".podManagementPolicy", &["OrderedReady", "Parallel"]),
    (".completionMode", &["Indexed", "NonIndexed"]),
    (".action", &["Ignore", "Count", "FailIndex", "FailJob"]),
];

fn words(value: &Value, path: &str, faults: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                words(value, &format!("{path}.{field}"), faults);
            }
        }
        // A path without the place in a list: one rule for all.
        Value::Array(items) => items.iter().for_each(|item| words(item, path, faults)),
        Value::String(word) => {
            let rule = WORDS.iter().find(|(end, _)| path.ends_with(end));
            if let Some((_, allowed)) =
                rule.filter(|(_, allowed)| !allowed.contains(&word.as_str()))
            {
                faults.push(format!(
                    "`{path}` is `{word}`, not one of {}",
                    allowed.join(", ")
                ));
            }
        }
        Value::Number(number) => {
            let port = path.to_lowercase().ends_with("port");
            let most = if port { 65_535.0 } else { f64::INFINITY };
            let number = number.as_f64().unwrap_or(-1.0);
            if !(0.0..=most).contains(&number) || (port && number < 1.0) {
                faults.push(format!("`{path}` can't be {number}"));
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// `250m`, `64Mi`, `1`: the amount in units, bytes or cores; none where it is not a quantity.
pub fn amount(text: &str) -> Option<f64> {
    const SUFFIXES: [(&str, f64); 11] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("n", 1e-9),
        ("u", 1e-6),
        ("m", 1e-3),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
    ];
    let (number, unit) = SUFFIXES
        .iter()
        .find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, *unit)))
        .unwrap_or((text, 1.0));
    let plain = number.chars().all(|c| c.is_ascii_digit() || c == '.');
    let number: f64 = number.parse().ok().filter(|_| plain)?;
    Some(number * unit)
}
