//! What a schema cannot say: names, and that what refers to something meets it. A manifest of a fence is
//! applied with the others of that fence; a configuration map may be shown elsewhere in the book.

use super::fences::Manifest;
use super::kinds::{Body, Object, amount};
use k8s_openapi::api::apps::v1::DeploymentStrategy;
use k8s_openapi::api::autoscaling::v2::{HorizontalPodAutoscalerSpec, MetricSpec};
use k8s_openapi::api::batch::v1::JobSpec;
use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec, Probe, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::collections::{BTreeMap, BTreeSet};

type Labels = BTreeMap<String, String>;

type Read<'a> = (&'a Manifest, Object);

/// Is an object of this kind and name beside it?
type Named<'a> = &'a dyn Fn(&str, &str) -> bool;

/// Everything that is wrong, with the place of the manifest before it.
pub fn broken(all: &[Read<'_>]) -> Vec<String> {
    let maps: BTreeSet<&str> = all
        .iter()
        .filter(|(_, object)| matches!(object.body, Body::ConfigMap))
        .filter_map(|(_, object)| object.metadata.name.as_deref())
        .collect();
    let mut faults = Vec::new();
    for (manifest, object) in all {
        let together: Vec<&Object> = all
            .iter()
            .filter(|(other, _)| other.fence == manifest.fence)
            .map(|(_, object)| object)
            .collect();
        let mut found = Found::default();
        found.name(object.metadata.name.as_deref().unwrap_or_default());
        if let Some(pod) = pod_of(object) {
            found.pod(pod, &maps);
        }
        found.body(object, &together);
        let kind = &object.kind;
        let place = &manifest.place;
        faults.extend(
            found
                .0
                .iter()
                .map(|fault| format!("{place}: {kind}: {fault}")),
        );
    }
    faults
}

fn template_of(object: &Object) -> Option<&PodTemplateSpec> {
    match &object.body {
        Body::Deployment(it) => Some(&it.template),
        Body::StatefulSet(it) => Some(&it.template),
        Body::Job(it) => Some(&it.template),
        _ => None,
    }
}

fn pod_of(object: &Object) -> Option<&PodSpec> {
    match &object.body {
        Body::Pod(pod) => Some(pod),
        _ => template_of(object)?.spec.as_ref(),
    }
}

fn pod_labels(object: &Object) -> Option<&Labels> {
    match &object.body {
        Body::Pod(_) => object.metadata.labels.as_ref(),
        _ => template_of(object)?.metadata.as_ref()?.labels.as_ref(),
    }
}

fn selects(wanted: Option<&Labels>, labels: &Labels) -> bool {
    wanted.is_some_and(|wanted| {
        let mut each = wanted.iter();
        !wanted.is_empty() && each.all(|(key, value)| labels.get(key) == Some(value))
    })
}

fn wanted(selector: Option<&LabelSelector>) -> Option<&Labels> {
    selector?.match_labels.as_ref()
}

fn containers(pod: &PodSpec) -> impl Iterator<Item = &Container> {
    pod.init_containers.iter().flatten().chain(&pod.containers)
}

fn probes(container: &Container) -> impl Iterator<Item = &Probe> {
    let all = [
        &container.startup_probe,
        &container.readiness_probe,
        &container.liveness_probe,
    ];
    all.into_iter().flatten()
}

#[derive(Default)]
struct Found(Vec<String>);

impl Found {
    fn unless(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        if !holds {
            self.0.push(fault());
        }
    }

    /// RFC 1123: what may stand in a host name.
    fn name(&mut self, name: &str) {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let ends = name.starts_with('-') || name.ends_with('-');
        let good = (1..=63).contains(&name.len()) && name.chars().all(allowed) && !ends;
        self.unless(good, || format!("`{name}` is not the name of an object"));
    }

    fn pod(&mut self, pod: &PodSpec, maps: &BTreeSet<&str>) {
        self.unless(!pod.containers.is_empty(), || {
            "it has no container".to_owned()
        });
        let mut names = BTreeSet::new();
        for container in containers(pod) {
            self.name(&container.name);
            let name = &container.name;
            self.unless(names.insert(name), || {
                format!("two containers are called `{name}`")
            });
            self.container(container, pod);
        }
        for container in &pod.containers {
            // A sidecar is an init container that always restarts; a container follows its pod.
            self.unless(container.restart_policy.is_none(), || {
                format!("`{}` restarts as its pod does", container.name)
            });
        }
        for init in pod.init_containers.iter().flatten() {
            let restart = init.restart_policy.as_deref();
            self.unless(matches!(restart, None | Some("Always")), || {
                format!(
                    "`{}` restarts always, as a sidecar, or says nothing",
                    init.name
                )
            });
            let probed = probes(init).next().is_some();
            self.unless(restart.is_some() || !probed, || {
                format!("`{}` runs to its end: nothing probes it", init.name)
            });
        }
        let mut volumes = BTreeSet::new();
        for volume in pod.volumes.iter().flatten() {
            let name = &volume.name;
            self.unless(volumes.insert(name), || {
                format!("two volumes are called `{name}`")
            });
            if let Some(map) = &volume.config_map {
                let map = map.name.as_str();
                self.unless(maps.contains(map), || {
                    format!("the book shows no ConfigMap `{map}`")
                });
            }
        }
        let mounts = containers(pod).flat_map(|it| it.volume_mounts.iter().flatten());
        let mounted: BTreeSet<&str> = mounts.map(|mount| mount.name.as_str()).collect();
        let volumes = pod.volumes.iter().flatten();
        for volume in volumes.filter(|volume| !mounted.contains(volume.name.as_str())) {
            self.0
                .push(format!("nothing mounts the volume `{}`", volume.name));
        }
    }

    fn container(&mut self, container: &Container, pod: &PodSpec) {
        let name = &container.name;
        for mount in container.volume_mounts.iter().flatten() {
            let mut volumes = pod.volumes.iter().flatten();
            let known = volumes.any(|volume| volume.name == mount.name);
            let volume = &mount.name;
            self.unless(known, || {
                format!("`{name}` mounts `{volume}`, which is no volume")
            });
            self.unless(mount.mount_path.starts_with('/'), || {
                format!("`{name}` mounts `{volume}` on a relative path")
            });
        }
        let resources = container.resources.clone().unwrap_or_default();
        let requests = resources.requests.unwrap_or_default();
        let limits = resources.limits.unwrap_or_default();
        for quantity in requests.values().chain(limits.values()) {
            self.unless(amount(&quantity.0).is_some(), || {
                format!("`{}` is not a quantity", quantity.0)
            });
        }
        for (what, wanted) in &requests {
            let limit = limits.get(what);
            let within = limit.is_none_or(|limit| amount(&wanted.0) <= amount(&limit.0));
            self.unless(within, || {
                format!("`{name}` asks for {what}: more than its limit")
            });
        }
        for env in container.env.iter().flatten() {
            self.unless(env.value.is_some() != env.value_from.is_some(), || {
                format!("`{}` has one value, written or from somewhere", env.name)
            });
        }
        for probe in probes(container) {
            let ways = [
                probe.http_get.is_some(),
                probe.tcp_socket.is_some(),
                probe.exec.is_some(),
                probe.grpc.is_some(),
            ];
            self.unless(ways.iter().filter(|way| **way).count() == 1, || {
                format!("a probe of `{name}` has one way to ask")
            });
            let http = probe.http_get.as_ref().map(|it| &it.port);
            let port = http.or(probe.tcp_socket.as_ref().map(|it| &it.port));
            if let Some(port) = port {
                self.unless(has_port(container, port), || {
                    let port = shown(port);
                    format!("a probe of `{name}` asks the port `{port}`, which it has not")
                });
            }
        }
        let image = container.image.as_deref().unwrap_or_default();
        self.unless(!image.trim().is_empty(), || {
            format!("`{name}` has no image")
        });
    }

    fn body(&mut self, object: &Object, together: &[&Object]) {
        let named: Named<'_> = &|kind, name| {
            together
                .iter()
                .any(|other| other.kind == kind && other.metadata.name.as_deref() == Some(name))
        };
        match &object.body {
            Body::Deployment(it) => {
                self.template(&it.selector, &it.template);
                if let Some(strategy) = &it.strategy {
                    self.strategy(strategy);
                }
            }
            Body::StatefulSet(it) => {
                self.template(&it.selector, &it.template);
                let service = it.service_name.as_deref().unwrap_or_default();
                self.unless(named("Service", service), || {
                    format!("its service `{service}` is not beside it")
                });
            }
            Body::Job(job) => self.job(job),
            Body::Service(service) => self.service(service, together),
            Body::Autoscaler(it) => self.autoscaler(it, named),
            Body::DisruptionBudget(it) => {
                self.unless(
                    it.min_available.is_some() != it.max_unavailable.is_some(),
                    || "it says minAvailable or maxUnavailable, and one alone".to_owned(),
                );
                let met = together.iter().filter_map(|other| pod_labels(other));
                let wanted = wanted(it.selector.as_ref());
                self.unless(
                    met.into_iter().any(|labels| selects(wanted, labels)),
                    || "it selects no pod beside it".to_owned(),
                );
            }
            Body::HttpRoute(it) => {
                for gateway in &it.parent_refs {
                    self.name(&gateway.name);
                }
                for path in it.rules.iter().flat_map(|rule| &rule.matches) {
                    let value = &path.path.value;
                    self.unless(value.starts_with('/'), || {
                        format!("the path `{value}` does not start at the root")
                    });
                }
                for backend in it.rules.iter().flat_map(|rule| &rule.backend_refs) {
                    self.name(&backend.name);
                    self.unless(backend.port > 0, || "port 0 is none".to_owned());
                }
            }
            Body::Pod(_) | Body::ConfigMap | Body::Alone | Body::Foreign => {}
        }
    }

    fn strategy(&mut self, strategy: &DeploymentStrategy) {
        let Some(rolling) = &strategy.rolling_update else {
            return;
        };
        self.unless(strategy.type_.as_deref() == Some("RollingUpdate"), || {
            "Recreate takes no rollingUpdate".to_owned()
        });
        let none = |value: &Option<IntOrString>| match value {
            Some(IntOrString::Int(count)) => *count == 0,
            Some(IntOrString::String(share)) => share == "0%",
            None => false,
        };
        let stuck = none(&rolling.max_surge) && none(&rolling.max_unavailable);
        self.unless(!stuck, || {
            "no surge and none unavailable: it never moves".to_owned()
        });
    }

    fn service(&mut self, service: &ServiceSpec, together: &[&Object]) {
        let backing: Vec<&&Object> = together
            .iter()
            .filter(|other| {
                pod_labels(other).is_some_and(|labels| selects(service.selector.as_ref(), labels))
            })
            .collect();
        self.unless(!backing.is_empty(), || {
            "it selects no pod beside it".to_owned()
        });
        let ports = service.ports.as_deref().unwrap_or_default();
        self.unless(!ports.is_empty(), || "it has no port".to_owned());
        for port in ports {
            self.unless(port.port > 0, || "port 0 is none".to_owned());
            self.unless(ports.len() == 1 || port.name.is_some(), || {
                "each of several ports has a name".to_owned()
            });
            let mut containers = backing
                .iter()
                .filter_map(|it| pod_of(it))
                .flat_map(|pod| &pod.containers);
            if let Some(target) = &port.target_port {
                self.unless(
                    containers.any(|container| has_port(container, target)),
                    || format!("no container of its pods has the port `{}`", shown(target)),
                );
            }
        }
    }

    fn autoscaler(&mut self, it: &HorizontalPodAutoscalerSpec, named: Named<'_>) {
        let target = &it.scale_target_ref;
        self.unless(named(&target.kind, &target.name), || {
            format!("{} `{}` is not beside it", target.kind, target.name)
        });
        let min = it.min_replicas.unwrap_or(1);
        self.unless(min <= it.max_replicas, || {
            "its least is over its most".to_owned()
        });
        let metrics = it.metrics.as_deref().unwrap_or_default();
        self.unless(!metrics.is_empty(), || "it has no metric".to_owned());
        for metric in metrics {
            self.metric(metric, named);
        }
    }

    /// Pods that are kept running, and are found again by their labels.
    fn template(&mut self, selector: &LabelSelector, template: &PodTemplateSpec) {
        let metadata = template.metadata.clone().unwrap_or_default();
        let labels = &metadata.labels.unwrap_or_default();
        self.unless(selects(wanted(Some(selector)), labels), || {
            "its selector does not match the labels of its pods".to_owned()
        });
        let spec = template.spec.clone().unwrap_or_default();
        let restart = spec.restart_policy.as_deref();
        self.unless(matches!(restart, None | Some("Always")), || {
            "its pods always restart".to_owned()
        });
        for spread in spec.topology_spread_constraints.iter().flatten() {
            let spreads = selects(wanted(spread.label_selector.as_ref()), labels);
            self.unless(
                spreads && spread.max_skew > 0 && !spread.topology_key.is_empty(),
                || "a spread constraint counts other pods than its own".to_owned(),
            );
        }
    }

    fn job(&mut self, job: &JobSpec) {
        let spec = job.template.spec.as_ref();
        let restart = spec.and_then(|spec| spec.restart_policy.as_deref());
        let ends = matches!(restart, Some("Never" | "OnFailure"));
        self.unless(ends, || "its pods restart never, or on failure".to_owned());
        let indexed = job.completion_mode.as_deref() == Some("Indexed");
        self.unless(!indexed || job.completions.is_some(), || {
            "an indexed job says how many completions".to_owned()
        });
        self.unless(indexed || job.backoff_limit_per_index.is_none(), || {
            "only an indexed job counts failures by index".to_owned()
        });
        self.unless(
            job.max_failed_indexes.is_none() || job.backoff_limit_per_index.is_some(),
            || "maxFailedIndexes needs backoffLimitPerIndex".to_owned(),
        );
        // By index the pod must not restart in place either: the failure has to be seen.
        let judged = job.pod_failure_policy.is_some() || job.backoff_limit_per_index.is_some();
        self.unless(!judged || restart == Some("Never"), || {
            "where failures are judged, pods never restart".to_owned()
        });
    }

    fn metric(&mut self, metric: &MetricSpec, named: Named<'_>) {
        let fields = [
            ("Resource", metric.resource.is_some()),
            ("Object", metric.object.is_some()),
            ("Pods", metric.pods.is_some()),
            ("External", metric.external.is_some()),
        ];
        for (kind, there) in fields {
            self.unless(there == (metric.type_ == kind), || {
                format!(
                    "a metric of type {} has that field and no other",
                    metric.type_
                )
            });
        }
        if let Some(object) = &metric.object {
            let of = &object.described_object;
            self.unless(named(&of.kind, &of.name), || {
                format!("{} `{}` is not beside it", of.kind, of.name)
            });
        }
    }
}

/// A name has to be declared; a number need not be, since `ports` only informs.
fn has_port(container: &Container, port: &IntOrString) -> bool {
    match port {
        IntOrString::Int(number) => *number > 0,
        IntOrString::String(name) => {
            let mut ports = container.ports.iter().flatten();
            ports.any(|port| port.name.as_ref() == Some(name))
        }
    }
}

fn shown(port: &IntOrString) -> String {
    match port {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(name) => name.clone(),
    }
}
