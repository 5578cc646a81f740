//! Many runs as a job array of Slurm: one task a shard, each of which knows its number. A task that was killed and queued
//! again goes on after the rows that its file has.

use super::cluster::Split;

/// `MaxArraySize` is 1001 where nobody has set it, and the greatest index lies one below it
/// (`slurm.conf`, `MaxArraySize`).
pub(in crate::cli) const TASKS_MAX: u64 = 1_001;

/// What the tasks do together.
pub(in crate::cli) struct Work<'a> {
    /// Does all of it on one machine; knows `--jobs`, `--shard` and `--out`.
    pub command: &'a str,
    /// Of the job.
    pub name: &'a str,
    /// What the script is to be called.
    pub file: &'a str,
    /// Of a task, as Slurm reads it: `256M`.
    pub memory: &'a str,
    /// Makes one of what the tasks wrote.
    pub merge: &'a str,
}

/// The script of the array. Its first lines say what to do with it.
pub(in crate::cli) fn script(work: &Work<'_>, split: Split) -> String {
    let Split {
        shards,
        parallelism,
        cores,
    } = split;
    let Work {
        command,
        name,
        file,
        memory,
        merge,
    } = work;
    let last = shards - 1;
    format!(
        "\
#!/bin/bash
# The same as
#   {command}
# in {shards} shards, one task each. Write this to {file}, and in a folder that all machines share
#   sbatch {file}
# A task that was killed goes on after the rows of its file: submit the same script again. In the end
#   {merge}
#SBATCH --job-name=ddlab-{name}
#SBATCH --array=0-{last}%{parallelism}
#SBATCH --cpus-per-task={cores}
#SBATCH --mem={memory}
#SBATCH --output=shard-%a.log
#SBATCH --open-mode=append
#SBATCH --requeue
exec {command} --jobs {cores} \\
  --shard \"$((SLURM_ARRAY_TASK_ID + 1))/{shards}\" --out \"shard-$SLURM_ARRAY_TASK_ID.jsonl\"
"
    )
}
