//! Every Kubernetes manifest of the book is one that a cluster would take: each `yaml` fence of the
//! pages and questions is read as the object that it names, and held to the rules that a schema
//! cannot say. Where the Python package `kubernetes-validate` is installed, the published schemas are
//! asked as well.
//!
//! - [`fences`]: the manifests, with the file and line where each starts.
//! - [`kinds`]: the objects, of the published API, read so that a misspelt or misplaced field fails.
//! - [`rules`]: selectors, names, mounts, ports, and what belongs together.
//! - [`schema`]: the published schemas.

mod fences;
mod kinds;
mod rules;
mod schema;

use fences::Manifest;
use kinds::Object;

fn typed(manifests: &[Manifest]) -> (Vec<(&Manifest, Object)>, Vec<String>) {
    let mut faults = Vec::new();
    let mut objects = Vec::new();
    for manifest in manifests {
        match kinds::read(&manifest.value) {
            Ok(object) => objects.push((manifest, object)),
            Err(why) => faults.push(format!("{}: {why}", manifest.place)),
        }
    }
    (objects, faults)
}

#[test]
fn every_manifest_of_the_book_is_well_formed_and_belongs_together() {
    let manifests = fences::of_the_book();
    assert!(
        manifests.len() > 20,
        "only {} manifests found",
        manifests.len()
    );
    let (objects, mut faults) = typed(&manifests);
    faults.extend(rules::broken(&objects));
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_published_schemas_accept_every_manifest_of_the_book() {
    let manifests = fences::of_the_book();
    match schema::refusals(&manifests) {
        Ok(refusals) => assert!(refusals.is_empty(), "\n{}", refusals.join("\n")),
        Err(absent) => eprintln!("the published schemas were not asked: {absent}"),
    }
}

/// What `ddlab lab sweep --k8s` prints, in each of its forms.
fn of_a_sweep() -> Vec<Manifest> {
    let forms: [&[&str]; 3] = [
        &["--k8s", "registry.example.com/ddlab:0.1.0"],
        &[
            "--k8s",
            "ddlab@sha256:0",
            "--volume",
            "sweeps",
            "--jobs",
            "4",
        ],
        &[
            "--k8s",
            "ddlab",
            "--seeds",
            "0..7",
            "--vary",
            "policy=hedge,tied",
            "--parallelism",
            "2",
        ],
    ];
    let manifests = forms.into_iter().map(|form| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_ddlab"))
            .args(["lab", "sweep", "scatter-gather"])
            .args(form)
            .output()
            .expect("the program was built for this test");
        assert!(output.status.success(), "{form:?}");
        let text = String::from_utf8(output.stdout).expect("the program prints UTF-8");
        let page = format!("```yaml\n{text}```\n");
        let mut found = fences::of_text(&format!("{form:?}"), &page).expect("it is YAML");
        assert_eq!(found.len(), 1, "{text}");
        found.remove(0)
    });
    manifests.collect()
}

#[test]
fn the_job_of_a_sweep_is_one_that_a_cluster_would_take() {
    let manifests = of_a_sweep();
    let (objects, mut faults) = typed(&manifests);
    faults.extend(rules::broken(&objects));
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    if let Ok(refusals) = schema::refusals(&manifests) {
        assert!(refusals.is_empty(), "\n{}", refusals.join("\n"));
    }
}

const GOOD: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: web:1
          env: [{ name: DEBUG, value: \"false\" }]
          ports: [{ name: http, containerPort: 80 }]
          readinessProbe: { httpGet: { path: /, port: http } }
          resources: { requests: { memory: 64Mi }, limits: { memory: 64Mi } }
          volumeMounts: [{ name: data, mountPath: /data }]
      volumes: [{ name: data, emptyDir: {} }]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: web }
  ports: [{ port: 80, targetPort: http }]
";

/// What is said of the good manifests after `from` became `to`.
fn said_of(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from:?} is not there");
    let page = format!("```yaml\n{}```\n", GOOD.replacen(from, to, 1));
    match fences::of_text("page", &page) {
        Err(why) => why,
        Ok(manifests) => {
            let (objects, mut faults) = typed(&manifests);
            faults.extend(rules::broken(&objects));
            faults.join("\n")
        }
    }
}

#[test]
fn a_manifest_that_a_cluster_would_take_has_no_fault() {
    assert_eq!(said_of("image: web:1", "image: web:2"), "");
}

#[test]
fn what_a_cluster_would_refuse_or_never_wire_up_is_named() {
    let cases = [
        ("kind: Deployment", "kind: Deploymnt", "Deploymnt"),
        ("apps/v1", "extensions/v1beta1", "extensions/v1beta1"),
        ("containerPort: 80", "containerport: 80", "containerport"),
        ("\"false\"", "false", "expected a string"),
        ("mountPath", "path", "path"),
        ("labels: { app: web }", "labels: { app: wev }", "selector"),
        ("name: data, mountPath", "name: date, mountPath", "`date`"),
        ("port: http }", "port: htpp }", "`htpp`"),
        ("targetPort: http", "targetPort: web", "`web`"),
        ("selector: { app: web }", "selector: { app: x }", "selects"),
        (
            "name: web }\nspec:\n  selector: { match",
            "name: Web }\nspec:\n  selector: { match",
            "`Web`",
        ),
        (
            "memory: 64Mi } }",
            "memory: 32Mi } }",
            "more than its limit",
        ),
        ("memory: 64Mi }, limits", "memory: 64MB }, limits", "64MB"),
        ("containerPort: 80", "containerPort: 70000", "70000"),
        ("port: 80,", "port: -80,", "-80"),
        (
            "containerPort: 80",
            "containerPort: 80, protocol: tcp",
            "`tcp`",
        ),
        (
            "      containers:",
            "      restartPolicy: Alwys\n      containers:",
            "`Alwys`",
        ),
        ("name: data, mountPath", "mountPath", "name` is missing"),
        (
            "selector: { matchLabels: { app: web } }",
            "replicas: 2",
            "selector` is missing",
        ),
        ("image: web:1", "stdin: false", "no image"),
        ("path: /, port", "pth: /, port", "pth` is not a field"),
    ];
    for (from, to, expected) in cases {
        let said = said_of(from, to);
        assert!(
            said.contains(expected),
            "{from:?} -> {to:?} was expected to name {expected:?}, but: {said:?}"
        );
    }
}
