//! The kinds of object that the book shows.

use super::pod::{Labels, Metadata, PodSpec, PortRef, Selector, Template};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An object that was read, with its name.
pub struct Object {
    pub kind: String,
    pub metadata: Metadata,
    pub body: Body,
}

pub enum Body {
    Pod(PodSpec),
    Deployment(Deployment),
    StatefulSet(StatefulSet),
    Job(Job),
    Service(Service),
    ConfigMap,
    Autoscaler(Autoscaler),
    DisruptionBudget(DisruptionBudget),
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Whole<T> {
    #[serde(rename = "apiVersion")]
    _api_version: String,
    #[serde(rename = "kind")]
    _kind: String,
    metadata: Metadata,
    spec: T,
}

/// The document as the object that its `apiVersion` and `kind` name.
pub fn read(value: &Value) -> Result<Object, String> {
    let word = |field: &str| {
        let text = value.get(field).and_then(Value::as_str);
        text.ok_or_else(|| format!("`{field}` is missing"))
    };
    let (version, kind) = (word("apiVersion")?, word("kind")?);
    let read = match (version, kind) {
        ("v1", "Pod") => whole(value, Body::Pod),
        ("v1", "Service") => whole(value, Body::Service),
        ("v1", "ConfigMap") => parts::<ConfigMap>(value).map(|it| (it.metadata, Body::ConfigMap)),
        ("apps/v1", "Deployment") => whole(value, Body::Deployment),
        ("apps/v1", "StatefulSet") => whole(value, Body::StatefulSet),
        ("batch/v1", "Job") => whole(value, Body::Job),
        ("autoscaling/v2", "HorizontalPodAutoscaler") => whole(value, Body::Autoscaler),
        ("policy/v1", "PodDisruptionBudget") => whole(value, Body::DisruptionBudget),
        ("gateway.networking.k8s.io/v1", "HTTPRoute") => whole(value, Body::HttpRoute),
        ("coordination.k8s.io/v1", "Lease") => whole(value, |_: Lease| Body::Alone),
        ("rbac.authorization.k8s.io/v1", "Role") => {
            parts::<Role>(value).map(|it| (it.metadata, Body::Alone))
        }
        foreign if FOREIGN.contains(&foreign) => {
            whole(value, |_: serde_json::Map<String, Value>| Body::Foreign)
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

fn parts<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|error| error.to_string())
}

fn whole<T: DeserializeOwned>(
    value: &Value,
    body: impl FnOnce(T) -> Body,
) -> Result<(Metadata, Body), String> {
    let whole: Whole<T> = parts(value)?;
    Ok((whole.metadata, body(whole.spec)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Deployment {
    #[serde(rename = "replicas")]
    pub _replicas: Option<u32>,
    pub selector: Selector,
    pub template: Template,
    #[serde(rename = "minReadySeconds")]
    pub _min_ready_seconds: Option<u32>,
    pub strategy: Option<Strategy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Strategy {
    #[serde(rename = "type")]
    pub kind: StrategyKind,
    pub rolling_update: Option<RollingUpdate>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
pub enum StrategyKind {
    RollingUpdate,
    Recreate,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RollingUpdate {
    pub max_surge: Option<Value>,
    pub max_unavailable: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StatefulSet {
    pub service_name: String,
    #[serde(rename = "replicas")]
    pub _replicas: Option<u32>,
    #[serde(rename = "podManagementPolicy")]
    pub _pod_management_policy: Option<PodManagement>,
    pub selector: Selector,
    pub template: Template,
    #[serde(default, rename = "volumeClaimTemplates")]
    pub _volume_claim_templates: Vec<Value>,
}

#[derive(Deserialize)]
pub enum PodManagement {
    OrderedReady,
    Parallel,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Job {
    pub completions: Option<u32>,
    #[serde(rename = "parallelism")]
    pub _parallelism: Option<u32>,
    pub completion_mode: Option<CompletionMode>,
    #[serde(rename = "backoffLimit")]
    pub _backoff_limit: Option<u32>,
    pub backoff_limit_per_index: Option<u32>,
    pub max_failed_indexes: Option<u32>,
    #[serde(rename = "activeDeadlineSeconds")]
    pub _active_deadline_seconds: Option<u32>,
    #[serde(rename = "ttlSecondsAfterFinished")]
    pub _ttl_seconds_after_finished: Option<u32>,
    pub pod_failure_policy: Option<FailurePolicy>,
    pub template: Template,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
pub enum CompletionMode {
    Indexed,
    NonIndexed,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FailurePolicy {
    #[serde(rename = "rules")]
    pub _rules: Vec<FailureRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FailureRule {
    #[serde(rename = "action")]
    pub _action: FailureAction,
    #[serde(default, rename = "onPodConditions")]
    pub _on_pod_conditions: Vec<Value>,
    #[serde(rename = "onExitCodes")]
    pub _on_exit_codes: Option<Value>,
}

#[derive(Deserialize)]
pub enum FailureAction {
    Ignore,
    Count,
    FailIndex,
    FailJob,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Service {
    #[serde(rename = "clusterIP")]
    pub _cluster_ip: Option<String>,
    #[serde(rename = "type")]
    pub _kind: Option<String>,
    pub selector: Labels,
    pub ports: Vec<ServicePort>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServicePort {
    pub name: Option<String>,
    pub port: u16,
    pub target_port: Option<PortRef>,
    #[serde(rename = "protocol")]
    pub _protocol: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConfigMap {
    #[serde(rename = "apiVersion")]
    _api_version: String,
    #[serde(rename = "kind")]
    _kind: String,
    metadata: Metadata,
    #[serde(rename = "data")]
    _data: Labels,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Autoscaler {
    pub scale_target_ref: Reference,
    pub min_replicas: Option<u32>,
    pub max_replicas: u32,
    pub metrics: Vec<Metric>,
    #[serde(rename = "behavior")]
    pub _behavior: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reference {
    #[serde(rename = "apiVersion")]
    pub _api_version: Option<String>,
    pub kind: String,
    pub name: String,
}

/// A metric says its type, and has the one field of that name.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metric {
    #[serde(rename = "type")]
    pub kind: String,
    pub resource: Option<Value>,
    pub object: Option<ObjectMetric>,
    pub pods: Option<Value>,
    pub external: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectMetric {
    pub described_object: Reference,
    #[serde(rename = "metric")]
    pub _metric: Value,
    #[serde(rename = "target")]
    pub _target: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DisruptionBudget {
    pub min_available: Option<Value>,
    pub max_unavailable: Option<Value>,
    pub selector: Selector,
}

/// Of the Gateway API; the gateway that it names belongs to the platform.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpRoute {
    pub parent_refs: Vec<ParentRef>,
    pub rules: Vec<RouteRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ParentRef {
    pub name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RouteRule {
    pub matches: Vec<RouteMatch>,
    pub backend_refs: Vec<BackendRef>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RouteMatch {
    pub path: RoutePath,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoutePath {
    #[serde(rename = "type")]
    pub _kind: PathMatch,
    pub value: String,
}

#[derive(Deserialize)]
pub enum PathMatch {
    Exact,
    PathPrefix,
    RegularExpression,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BackendRef {
    pub name: String,
    pub port: u16,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Lease {
    #[serde(rename = "holderIdentity")]
    _holder_identity: Option<String>,
    #[serde(rename = "leaseDurationSeconds")]
    _lease_duration_seconds: Option<u32>,
    #[serde(rename = "leaseTransitions")]
    _lease_transitions: Option<u32>,
    #[serde(rename = "acquireTime")]
    _acquire_time: Option<String>,
    #[serde(rename = "renewTime")]
    _renew_time: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Role {
    #[serde(rename = "apiVersion")]
    _api_version: String,
    #[serde(rename = "kind")]
    _kind: String,
    metadata: Metadata,
    #[serde(rename = "rules")]
    _rules: Vec<RoleRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RoleRule {
    #[serde(rename = "apiGroups")]
    _api_groups: Vec<String>,
    #[serde(rename = "resources")]
    _resources: Vec<String>,
    #[serde(default, rename = "resourceNames")]
    _resource_names: Vec<String>,
    #[serde(rename = "verbs")]
    _verbs: Vec<String>,
}
