//! The same sweep as an Indexed Job of Kubernetes: one pod a shard, each of which knows its number.
//!
//! Arguments are a list and no shell sees them. Whatever somebody typed is a JSON string, which is YAML
//! too, and its `$` is doubled, since the kubelet expands `$(NAME)` in arguments.

use super::cluster::Split;
use super::recipe::{Recipe, shell};
use ddlab_labs::workbench::sweep::SweepPlan;
use eyre::{Result, ensure};

/// A cluster's limit of an Indexed Job.
pub(super) const PODS_MAX: u64 = 100_000;
/// Where the volume is mounted.
const RESULTS: &str = "/results";
/// Nobody in particular, and never root.
const USER: u32 = 65_532;

/// What is asked of the cluster, checked.
struct Job<'a> {
    image: &'a str,
    split: Split,
    volume: Option<&'a str>,
}

/// The manifest of the Job.
///
/// # Errors
/// What a cluster would refuse of it.
pub(super) fn manifest(
    plan: &SweepPlan,
    image: &str,
    split: Split,
    volume: Option<&str>,
) -> Result<String> {
    check_image(image)?;
    if let Some(claim) = volume {
        ensure!(
            is_object_name(claim),
            "--volume takes the name of a PersistentVolumeClaim: lower-case letters, digits, `-` and `.`"
        );
    }
    let job = Job {
        image,
        split,
        volume,
    };
    let recipe = Recipe::of(plan);
    Ok(job.comments(&recipe) + &job.yaml(&recipe))
}

/// A script that submits the Job, waits for it, fetches what each pod printed, and merges it. Done again it goes
/// on: a Job that is there is not begun anew, and what its pods printed is fetched again.
///
/// # Errors
/// As [`manifest`].
pub(super) fn script(plan: &SweepPlan, image: &str, split: Split) -> Result<String> {
    check_image(image)?;
    let job = Job {
        image,
        split,
        volume: None,
    };
    let recipe = Recipe::of(plan);
    let (name, yaml, command) = (job_name(&recipe), job.yaml(&recipe), shell(&recipe.args()));
    let shards = split.shards;
    Ok(format!(
        r#"#!/bin/sh
# The same as
#   {command}
# in {shards} shards, one pod of Kubernetes each. It leaves shard-N.jsonl and sweep.jsonl in this folder.
set -eu
kubectl apply -f - <<'JOB'
{yaml}JOB
until kubectl wait --for=condition=complete --timeout=30s job/{name} > /dev/null 2>&1; do
    if kubectl wait --for=condition=failed --timeout=0s job/{name} > /dev/null 2>&1; then
        echo "some shards failed: kubectl describe job/{name} says which" >&2
        break
    fi
done
missing=0 i=0
while [ "$i" -lt {shards} ]; do
    # Of a shard that was done again the last pod counts.
    pod=$(kubectl get pods -o name --sort-by=.metadata.creationTimestamp         -l "batch.kubernetes.io/job-name={name},batch.kubernetes.io/job-completion-index=$i" | tail -n 1)
    if [ -n "$pod" ] && kubectl logs "$pod" > "shard-$i.part" && [ -s "shard-$i.part" ]; then
        mv "shard-$i.part" "shard-$i.jsonl"
    else
        echo "shard $i: no pod has printed it" >&2
        missing=$((missing + 1))
    fi
    i=$((i + 1))
done
[ "$missing" -eq 0 ] || {{ echo "$missing of {shards} shards are missing" >&2; exit 1; }}
i=0
set --
while [ "$i" -lt {shards} ]; do set -- "$@" "shard-$i.jsonl"; i=$((i + 1)); done
exec ddlab lab merge "$@" --out sweep.jsonl
"#
    ))
}

fn job_name(recipe: &Recipe) -> String {
    format!("ddlab-sweep-{}", recipe.lab)
}

fn check_image(image: &str) -> Result<()> {
    ensure!(
        !image.is_empty() && image.chars().all(|c| c.is_ascii_graphic()),
        "--k8s takes the name of an image, as in `registry.example.com/ddlab:0.1.0`"
    );
    Ok(())
}

/// RFC 1123, as the names of most objects.
fn is_object_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.len() <= 253
        && name.split('.').all(|part| {
            part.starts_with(plain)
                && part.ends_with(plain)
                && part.chars().all(|c| plain(c) || c == '-')
        })
}

/// A string of YAML that no reader takes for anything else.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string has a JSON form")
}

impl Job<'_> {
    /// What each pod is given; only the index is left for the cluster to fill in.
    fn args(&self, recipe: &Recipe) -> Vec<String> {
        let mut args: Vec<String> = recipe
            .args()
            .iter()
            .map(|arg| arg.replace('$', "$$"))
            .collect();
        args.extend(["--jobs".to_owned(), self.split.cores.to_string()]);
        args.extend(["--shards".to_owned(), self.split.shards.to_string()]);
        match self.volume {
            Some(_) => {
                let file = format!("{RESULTS}/shard-$(JOB_COMPLETION_INDEX).jsonl");
                args.extend(["--out".to_owned(), file]);
            }
            None => args.extend(["--out".to_owned(), "-".to_owned()]),
        }
        args
    }

    fn yaml(&self, recipe: &Recipe) -> String {
        let mut text = self.head(&job_name(recipe));
        text += &self.pod(recipe);
        text += &self.results();
        text
    }

    fn head(&self, name: &str) -> String {
        let Split {
            shards,
            parallelism,
            ..
        } = self.split;
        format!(
            "\
apiVersion: batch/v1
kind: Job
metadata:
  name: {name}
  labels:
    app.kubernetes.io/name: ddlab
    app.kubernetes.io/component: sweep
spec:
  completionMode: Indexed
  completions: {shards}
  parallelism: {parallelism}
  # A shard is done again after a fault of its node, and not for ever.
  backoffLimitPerIndex: 2
  podFailurePolicy:
    rules:
      # An eviction is nobody's fault and costs no attempt.
      - action: Ignore
        onPodConditions:
          - type: DisruptionTarget
            status: \"True\"
      # Arguments that one pod can't read, none can.
      - action: FailJob
        onExitCodes:
          containerName: sweep
          operator: In
          values: [2]
      # Some runs failed: so they would again. The result is written and names them.
      - action: FailIndex
        onExitCodes:
          containerName: sweep
          operator: In
          values: [1]
"
        )
    }

    fn pod(&self, recipe: &Recipe) -> String {
        let (image, cores) = (quoted(self.image), self.split.cores);
        let args: Vec<String> = self.args(recipe).iter().map(|arg| quoted(arg)).collect();
        let args = args.join("\n            - ");
        format!(
            "  \
  template:
    metadata:
      labels:
        app.kubernetes.io/name: ddlab
        app.kubernetes.io/component: sweep
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: {USER}
        runAsGroup: {USER}
        fsGroup: {USER}
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: sweep
          image: {image}
          command: [\"ddlab\"]
          args:
            - {args}
          resources:
            requests:
              cpu: \"{cores}\"
              memory: 256Mi
            limits:
              memory: 256Mi
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [\"ALL\"]
"
        )
    }

    fn results(&self) -> String {
        let Some(claim) = self.volume else {
            return String::new();
        };
        format!(
            "          \
          volumeMounts:
            - name: results
              mountPath: {RESULTS}
      volumes:
        - name: results
          persistentVolumeClaim:
            claimName: {}
",
            quoted(claim)
        )
    }

    /// At its head: what it is, and how its results become one.
    fn comments(&self, recipe: &Recipe) -> String {
        let name = job_name(recipe);
        let mut lines = vec![
            "The same as".to_owned(),
            format!("  {}", shell(&recipe.args())),
            format!(
                "in {} shards, one pod each. Write this to job.yaml, then",
                self.split.shards
            ),
            "  kubectl apply -f job.yaml".to_owned(),
            format!("  kubectl wait --for=condition=complete --timeout=24h job/{name}"),
        ];
        match self.volume {
            Some(claim) => lines.extend([
                format!("Each shard is a file on the volume {claim}, which pods of several nodes can write"),
                "to only if its access mode is ReadWriteMany. Where the volume is mounted:".to_owned(),
                "  ddlab lab merge shard-*.jsonl --out sweep.jsonl".to_owned(),
            ]),
            None => lines.extend([
                "Each pod prints its rows. Nodes keep 10 MiB of a pod's log unless told otherwise; where a pod has"
                    .to_owned(),
                "more than a hundred runs, let it write to a volume (--volume). The same command with --script"
                    .to_owned(),
                "prints a script that does all of it: it submits the Job, waits, fetches the rows and merges them."
                    .to_owned(),
            ]),
        }
        format!("# {}\n", lines.join("\n# "))
    }
}
