//! Which part of the sweep is done here: as the command line says, or as the cluster does.

use ddlab_labs::workbench::sweep::Shard;
use eyre::{Result, bail, eyre};

/// Set by Kubernetes in each pod of an Indexed Job; counts from 0.
pub(super) const INDEX: &str = "JOB_COMPLETION_INDEX";

/// `--shard I/N` wins; else the index of the pod with `--shards N`; else all of it.
pub(in crate::cli) fn chosen(
    shard: Option<&str>,
    shards: Option<u64>,
    index: Option<&str>,
) -> Result<Shard> {
    match (shard, shards, index) {
        (Some(shard), _, _) => Shard::parse(shard).map_err(super::super::harmless),
        (None, None, None) => Ok(Shard::WHOLE),
        (None, None, Some(index)) => bail!(
            "{INDEX} is {}: this is one of several pods, but of how many? Say it with --shards N or \
             DDLAB_SHARDS; --shard 1/1 does the whole sweep here",
            super::super::harmless(index)
        ),
        (None, Some(of), None) => bail!(
            "--shards {of} takes the number of this one from {INDEX}, which is not set; \
             write --shard 1/{of} for the first of them"
        ),
        (None, Some(of), Some(index)) => {
            let place: u64 = index.trim().parse().map_err(|_| {
                eyre!(
                    "{INDEX} is `{}`, which is not a number",
                    super::super::harmless(index)
                )
            })?;
            if place >= of {
                bail!(
                    "{INDEX} is {place}, but of --shards {of} the last is {}",
                    of.saturating_sub(1)
                );
            }
            Ok(Shard::new(place + 1, of)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Holds;

    #[test]
    fn the_index_of_a_pod_counts_from_zero_and_a_shard_from_one() {
        let shard = |text| Shard::parse(text).unwrap();
        assert_eq!(chosen(None, None, None).unwrap(), Shard::WHOLE);
        assert_eq!(chosen(None, Some(4), Some("0")).unwrap(), shard("1/4"));
        assert_eq!(chosen(None, Some(4), Some("3")).unwrap(), shard("4/4"));
        assert_eq!(
            chosen(Some("2/3"), Some(4), Some("3")).unwrap(),
            shard("2/3")
        );
    }

    #[test]
    fn half_of_what_is_needed_is_refused_with_the_other_half() {
        let refused = |shard, shards, index| chosen(shard, shards, index).unwrap_err().to_string();
        refused(None, None, Some("3")).holds(["--shards N"]);
        refused(None, Some(4), None).holds(["--shard 1/4"]);
        refused(None, Some(4), Some("4")).holds(["the last is 3"]);
        refused(None, Some(0), Some("0")).holds(["--shards 0"]);
        refused(None, Some(4), Some("x")).holds(["not a number"]);
        refused(Some("0/4"), None, None).holds(["numbered from 1"]);
    }
}
