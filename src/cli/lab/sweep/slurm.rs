//! The same sweep as a job array of Slurm: one task a shard, each of which knows its number. A task that was
//! killed and queued again goes on after the rows that its file has.

use super::cluster::Split;
use super::recipe::{Recipe, shell};
use ddlab_labs::workbench::sweep::SweepPlan;

/// `MaxArraySize` is 1001 where nobody has set it, and the greatest index lies one below it
/// (`slurm.conf`, `MaxArraySize`).
pub(super) const TASKS_MAX: u64 = 1_001;

/// The script of the array. Its first lines say what to do with it.
pub(super) fn script(plan: &SweepPlan, split: Split) -> String {
    let Split {
        shards,
        parallelism,
        cores,
    } = split;
    let recipe = Recipe::of(plan);
    let command = shell(&recipe.args());
    let (lab, last) = (&recipe.lab, shards - 1);
    format!(
        "\
#!/bin/bash
# The same as
#   {command}
# in {shards} shards, one task each. Write this to sweep.sbatch, and in a folder that all machines share
#   sbatch sweep.sbatch
# A task that was killed goes on after the rows of its file: submit the same script again. In the end
#   ddlab lab merge shard-*.jsonl --out sweep.jsonl
#SBATCH --job-name=ddlab-sweep-{lab}
#SBATCH --array=0-{last}%{parallelism}
#SBATCH --cpus-per-task={cores}
#SBATCH --mem=256M
#SBATCH --output=shard-%a.log
#SBATCH --open-mode=append
#SBATCH --requeue
exec {command} --jobs {cores} \\
  --shard \"$((SLURM_ARRAY_TASK_ID + 1))/{shards}\" --out \"shard-$SLURM_ARRAY_TASK_ID.jsonl\"
"
    )
}
