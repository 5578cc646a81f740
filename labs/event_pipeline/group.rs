//! A consumer group: which worker reads which lane. A lane has one reader, so workers beyond the lanes stand idle.

/// How the lanes are dealt out anew when a worker joins or leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rebalance {
    /// All lanes are given up and dealt out in ranges, as by Kafka's `RangeAssignor`.
    Eager,
    /// A lane stays with its reader unless that one has gone or has too many, as by the `CooperativeStickyAssignor`.
    Cooperative,
}

// region: assign
/// The reader of each lane, from 0. `before` holds the readers until now, if there were any; `workers` is at least 1.
pub fn assign(lanes: usize, workers: usize, before: &[usize], rule: Rebalance) -> Vec<usize> {
    let ranges = (0..lanes).map(|lane| lane * workers / lanes);
    if rule == Rebalance::Eager || before.len() != lanes {
        return ranges.collect();
    }
    // So many workers may have one lane more than the rest.
    let (share, mut extra) = (lanes / workers, lanes % workers);
    let mut held = vec![0; workers];
    let mut left_over = Vec::new();
    let mut readers = before.to_vec();
    for (lane, &reader) in before.iter().enumerate() {
        let may_keep = reader < workers && {
            let takes_extra = held[reader] == share && extra > 0;
            extra -= usize::from(takes_extra);
            held[reader] < share || takes_extra
        };
        if may_keep {
            held[reader] += 1;
        } else {
            left_over.push(lane);
        }
    }
    for lane in left_over {
        let fewest = (0..workers).min_by_key(|&worker| held[worker]).unwrap_or(0);
        readers[lane] = fewest;
        held[fewest] += 1;
    }
    readers
}
// endregion: assign

/// The lanes that change their reader: nobody reads them until the old reader has let go.
pub fn moved<'a>(before: &'a [usize], after: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
    let pairs = before.iter().zip(after).enumerate();
    pairs.filter_map(|(lane, (old, new))| (old != new).then_some(lane))
}
