//! A pod and what is in it (core/v1).

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

pub type Labels = BTreeMap<String, String>;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metadata {
    /// A template's pods are named by their owner.
    pub name: Option<String>,
    #[serde(default, rename = "namespace")]
    pub _namespace: Option<String>,
    #[serde(default)]
    pub labels: Labels,
    #[serde(default, rename = "annotations")]
    pub _annotations: Labels,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Template {
    #[serde(default)]
    pub metadata: Metadata,
    pub spec: PodSpec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PodSpec {
    #[serde(default)]
    pub init_containers: Vec<Container>,
    pub containers: Vec<Container>,
    #[serde(default)]
    pub volumes: Vec<Volume>,
    pub restart_policy: Option<PodRestart>,
    #[serde(rename = "terminationGracePeriodSeconds")]
    pub _termination_grace_period_seconds: Option<u32>,
    #[serde(rename = "shareProcessNamespace")]
    pub _share_process_namespace: Option<bool>,
    #[serde(rename = "securityContext")]
    pub _security_context: Option<Value>,
    #[serde(rename = "automountServiceAccountToken")]
    pub _automount_service_account_token: Option<bool>,
    #[serde(rename = "serviceAccountName")]
    pub _service_account_name: Option<String>,
    #[serde(rename = "priorityClassName")]
    pub _priority_class_name: Option<String>,
    #[serde(rename = "nodeSelector")]
    pub _node_selector: Option<Labels>,
    #[serde(default, rename = "tolerations")]
    pub _tolerations: Vec<Value>,
    #[serde(rename = "affinity")]
    pub _affinity: Option<Value>,
    #[serde(default)]
    pub topology_spread_constraints: Vec<Spread>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
pub enum PodRestart {
    Always,
    OnFailure,
    Never,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Spread {
    pub max_skew: u32,
    pub topology_key: String,
    #[serde(rename = "whenUnsatisfiable")]
    pub _when_unsatisfiable: Unsatisfiable,
    pub label_selector: Selector,
}

#[derive(Deserialize)]
pub enum Unsatisfiable {
    DoNotSchedule,
    ScheduleAnyway,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Selector {
    #[serde(default)]
    pub match_labels: Labels,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Container {
    pub name: String,
    pub image: String,
    #[serde(default, rename = "command")]
    pub _command: Vec<String>,
    #[serde(default, rename = "args")]
    pub _args: Vec<String>,
    #[serde(default)]
    pub env: Vec<Env>,
    #[serde(default)]
    pub ports: Vec<ContainerPort>,
    #[serde(default)]
    pub resources: Resources,
    #[serde(default)]
    pub volume_mounts: Vec<Mount>,
    pub startup_probe: Option<Probe>,
    pub readiness_probe: Option<Probe>,
    pub liveness_probe: Option<Probe>,
    #[serde(rename = "lifecycle")]
    pub _lifecycle: Option<Lifecycle>,
    /// Of an init container alone, where it makes a sidecar.
    pub restart_policy: Option<SidecarRestart>,
    #[serde(rename = "securityContext")]
    pub _security_context: Option<Value>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
pub enum SidecarRestart {
    Always,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Env {
    pub name: String,
    pub value: Option<String>,
    pub value_from: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContainerPort {
    pub name: Option<String>,
    #[serde(rename = "containerPort")]
    pub number: u16,
    #[serde(rename = "protocol")]
    pub _protocol: Option<Protocol>,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    Tcp,
    Udp,
    Sctp,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Resources {
    #[serde(default)]
    pub requests: BTreeMap<String, Quantity>,
    #[serde(default)]
    pub limits: BTreeMap<String, Quantity>,
}

/// `250m`, `64Mi`, `1`: the amount in units, bytes or cores.
#[derive(Deserialize, Clone, Copy, PartialEq, PartialOrd, Debug)]
#[serde(try_from = "Value")]
pub struct Quantity(pub f64);

impl TryFrom<Value> for Quantity {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
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
        let text = match &value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            other => return Err(format!("{other} is not a quantity")),
        };
        let (number, unit) = SUFFIXES
            .iter()
            .find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, *unit)))
            .unwrap_or((&text, 1.0));
        let plain = number.chars().all(|c| c.is_ascii_digit() || c == '.');
        match number.parse::<f64>() {
            Ok(number) if plain => Ok(Self(number * unit)),
            _ => Err(format!("`{text}` is not a quantity")),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mount {
    pub name: String,
    #[serde(rename = "mountPath")]
    pub path: String,
    #[serde(rename = "subPath")]
    pub _sub_path: Option<String>,
    #[serde(rename = "readOnly")]
    pub _read_only: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Probe {
    pub http_get: Option<HttpGet>,
    pub tcp_socket: Option<Socket>,
    pub exec: Option<Exec>,
    pub grpc: Option<Value>,
    #[serde(rename = "initialDelaySeconds")]
    pub _initial_delay_seconds: Option<u32>,
    #[serde(rename = "periodSeconds")]
    pub _period_seconds: Option<u32>,
    #[serde(rename = "timeoutSeconds")]
    pub _timeout_seconds: Option<u32>,
    #[serde(rename = "failureThreshold")]
    pub _failure_threshold: Option<u32>,
    #[serde(rename = "successThreshold")]
    pub _success_threshold: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpGet {
    #[serde(rename = "path")]
    pub _path: Option<String>,
    pub port: PortRef,
    #[serde(rename = "scheme")]
    pub _scheme: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Socket {
    pub port: PortRef,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Exec {
    #[serde(rename = "command")]
    pub _command: Vec<String>,
}

/// A port by its number or by the name that the container gives it.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum PortRef {
    Number(u16),
    Name(String),
}

impl fmt::Display for PortRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lifecycle {
    #[serde(rename = "preStop")]
    pub _pre_stop: Option<Handler>,
    #[serde(rename = "postStart")]
    pub _post_start: Option<Handler>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Handler {
    #[serde(rename = "exec")]
    pub _exec: Option<Exec>,
    #[serde(rename = "httpGet")]
    pub _http_get: Option<HttpGet>,
    #[serde(rename = "sleep")]
    pub _sleep: Option<Sleep>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sleep {
    #[serde(rename = "seconds")]
    pub _seconds: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Volume {
    pub name: String,
    #[serde(rename = "emptyDir")]
    pub _empty_dir: Option<EmptyDir>,
    pub config_map: Option<ConfigMapVolume>,
    #[serde(rename = "secret")]
    pub _secret: Option<Value>,
    #[serde(rename = "persistentVolumeClaim")]
    pub _persistent_volume_claim: Option<Value>,
    #[serde(rename = "projected")]
    pub _projected: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EmptyDir {
    #[serde(rename = "sizeLimit")]
    pub _size_limit: Option<Quantity>,
    #[serde(rename = "medium")]
    pub _medium: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigMapVolume {
    pub name: String,
    #[serde(default, rename = "items")]
    pub _items: Vec<Value>,
    #[serde(rename = "optional")]
    pub _optional: Option<bool>,
}
