//! Joins of sales with payments, and sums by seller. All of them are outer joins: what has no partner says so.
//!
//! Source: Apache Spark documentation, SQL performance tuning (broadcast, sort-merge, skew).

use std::collections::{BTreeMap, BTreeSet};

/// A closed auction, and what its seller is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sale {
    pub auction: u64,
    pub seller: u64,
    pub cents: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Joined {
    Paid(Sale),
    Unpaid(Sale),
    /// A payment for which there is no sale, or a second one for the same.
    Stray(u64),
}

// region: joins
/// Both lists are sorted by auction; nothing is kept in memory.
pub fn merge_join(sales: &[Sale], payments: &[u64]) -> Vec<Joined> {
    let mut payments = payments.iter().copied().peekable();
    let mut joined = Vec::new();
    for sale in sales {
        while let Some(auction) = payments.next_if(|paid| *paid < sale.auction) {
            joined.push(Joined::Stray(auction));
        }
        joined.push(match payments.next_if_eq(&sale.auction) {
            Some(_) => Joined::Paid(*sale),
            None => Joined::Unpaid(*sale),
        });
    }
    joined.extend(payments.map(Joined::Stray));
    joined
}

/// In any order; the payments of this partition are kept in memory.
pub fn hash_join(sales: &[Sale], payments: &[u64]) -> Vec<Joined> {
    let mut left = BTreeMap::new();
    for payment in payments {
        *left.entry(*payment).or_insert(0_usize) += 1;
    }
    let join = |sale: &Sale| match left.get_mut(&sale.auction) {
        Some(count) if *count > 0 => {
            *count -= 1;
            Joined::Paid(*sale)
        }
        _ => Joined::Unpaid(*sale),
    };
    let mut joined: Vec<Joined> = sales.iter().map(join).collect();
    for (auction, count) in left {
        joined.extend(std::iter::repeat_n(Joined::Stray(auction), count));
    }
    joined
}

/// All payments are with every worker, and the sales stay where they are. Which payments are strays nobody can say
/// alone: `seen` collects what each worker has found.
pub fn broadcast_join(
    sales: &[Sale],
    payments: &BTreeSet<u64>,
    seen: &mut BTreeSet<u64>,
) -> Vec<Joined> {
    let join = |sale: &Sale| {
        if payments.contains(&sale.auction) {
            seen.insert(sale.auction);
            Joined::Paid(*sale)
        } else {
            Joined::Unpaid(*sale)
        }
    };
    sales.iter().map(join).collect()
}
// endregion: joins

// region: shuffle
/// The reducer of a seller. A seller whose rows are `salted` over several reducers is added up in two steps.
pub fn reducer_of(seller: u64, row: u64, salted: Option<u64>, reducers: u64) -> u64 {
    let salt = salted.map_or(0, |salts| row % salts.max(1));
    (spread(seller) + salt) % reducers
}

/// The task of the join in which the sale of an auction meets its payment.
pub fn join_task_of(auction: u64, tasks: usize) -> usize {
    (spread(auction) % tasks as u64) as usize
}

/// The finalizer of `SplitMix64`: neighbours land far apart.
fn spread(key: u64) -> u64 {
    let key = (key ^ (key >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let key = (key ^ (key >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    key ^ (key >> 31)
}

/// What each seller is paid. Sums of cents may be merged in any order: a combiner does the same at the mapper.
pub fn reduce(joined: &[Joined]) -> BTreeMap<u64, u64> {
    let mut sums = BTreeMap::new();
    for row in joined {
        if let Joined::Paid(sale) = row {
            *sums.entry(sale.seller).or_insert(0) += sale.cents;
        }
    }
    sums
}

/// Adds one sum by seller to another.
pub fn merge(into: &mut BTreeMap<u64, u64>, sums: BTreeMap<u64, u64>) {
    for (seller, cents) in sums {
        *into.entry(seller).or_insert(0) += cents;
    }
}
// endregion: shuffle
