//! The same sweep done by somebody else's machines: what can be asked of them, and how it is split.

use super::recipe::{Recipe, shell};
use super::{k8s, slurm};
use crate::designs;
use clap::Args;
use ddlab_labs::workbench::sweep::SweepPlan;
use eyre::{Result, ensure};

#[derive(Debug, Args)]
pub(super) struct ClusterArgs {
    /// Print the manifest of a Kubernetes Indexed Job that runs this sweep with this image, in which
    /// `ddlab` is on the path; nothing is run here
    #[arg(long, value_name = "IMAGE", group = "cluster", conflicts_with_all = ["shard", "shards", "out", "json"])]
    k8s: Option<String>,
    /// Print the script of a Slurm job array that runs this sweep on machines where `ddlab` is on the
    /// path; nothing is run here
    #[arg(long, group = "cluster", conflicts_with_all = ["shard", "shards", "out", "json"])]
    slurm: bool,
    /// Shards of the job, a pod or a task each [default: 10, or one for each run of a smaller sweep]
    #[arg(long, value_name = "N", requires = "cluster")]
    completions: Option<u64>,
    /// Pods or tasks at a time [default: all]
    #[arg(long, value_name = "N", requires = "cluster")]
    parallelism: Option<u64>,
    /// A `PersistentVolumeClaim` for the results; without it each pod prints its own
    #[arg(long, value_name = "CLAIM", requires = "k8s")]
    volume: Option<String>,
    /// Print a shell script instead that submits the Job, waits for it, fetches what each pod printed, and merges it
    #[arg(long, requires = "k8s", conflicts_with = "volume")]
    script: bool,
}

/// A sweep in parts, each done on a machine of its own.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Split {
    pub shards: u64,
    /// Shards at a time.
    pub parallelism: u64,
    /// Cores, and threads, of a shard.
    pub cores: usize,
}

impl ClusterArgs {
    /// What to hand to the cluster, if one is asked for.
    ///
    /// # Errors
    /// What the cluster would refuse of it.
    pub fn text(&self, plan: &SweepPlan, cores: usize) -> Result<Option<String>> {
        if let Some(image) = &self.k8s {
            let lab = plan.base().lab.spec().id;
            ensure!(
                !designs::is_file(lab),
                "--k8s can't bring the file {lab} to its pods; take --slurm, whose tasks see this folder, or run each shard \
                 where the file is: --shard 1/4 --out shard-1.jsonl"
            );
            let split = self.split(plan, k8s::PODS_MAX, "a Job at most", cores)?;
            let text = if self.script {
                k8s::script(plan, image, split)
            } else {
                k8s::manifest(plan, image, split, self.volume.as_deref())
            };
            return text.map(Some);
        }
        if self.slurm {
            ensure!(
                self.volume.is_none(),
                "--volume is for --k8s; an array of Slurm writes its shards into the folder that it is submitted in"
            );
            let split = self.split(plan, slurm::TASKS_MAX, "an array as Slurm comes", cores)?;
            let recipe = Recipe::of(plan);
            let work = slurm::Work {
                command: &shell(&recipe.args()),
                name: &format!("sweep-{}", recipe.lab),
                file: "sweep.sbatch",
                memory: "256M",
                merge: "ddlab lab merge shard-*.jsonl --out sweep.jsonl",
            };
            return Ok(Some(slurm::script(&work, split)));
        }
        Ok(None)
    }

    fn split(&self, plan: &SweepPlan, most: u64, limit: &str, cores: usize) -> Result<Split> {
        let (shards, at_a_time) = (self.completions, self.parallelism);
        Split::of(plan.runs(), shards, at_a_time, (most, limit), cores)
    }
}

impl Split {
    /// So many runs in ten shards, all at a time, where nothing else is asked for; `most` is how many shards there can
    /// be, and of what.
    ///
    /// # Errors
    /// Which number cannot be, and which can.
    pub(in crate::cli) fn of(
        runs: u64,
        completions: Option<u64>,
        parallelism: Option<u64>,
        most: (u64, &str),
        cores: usize,
    ) -> Result<Self> {
        let (most, limit) = most;
        let shards = completions.unwrap_or(runs.min(10));
        ensure!(
            (1..=runs.min(most)).contains(&shards),
            "--completions can't be {shards}: there are {runs} runs, and {limit} {most} shards; take 1 to {}",
            runs.min(most)
        );
        let parallelism = parallelism.unwrap_or(shards);
        ensure!(
            (1..=shards).contains(&parallelism),
            "--parallelism can't be {parallelism}: there are {shards} shards; take 1 to {shards}"
        );
        Ok(Self {
            shards,
            parallelism,
            cores,
        })
    }
}
