//! How the results of a batch become visible, and money is paid: three protocols, and what each leaves behind when the
//! machine dies between two steps.
//!
//! Sources: Hadoop `FileOutputCommitter` (algorithm versions 1 and 2); Apache Iceberg documentation, Reliability.

use std::collections::BTreeMap;

/// The machine has died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crashed;

/// How results become visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Each task appends to its file in the final place.
    Direct,
    /// Each task writes a file aside; when all are there, they are renamed one after the other.
    Rename,
    /// Each task writes a file aside; when all are there, one pointer is changed.
    Transaction,
}

/// A store of files, and a pointer to those that count. Each call is one step: the machine may die before it.
pub trait Store {
    type Row;

    /// Adds rows to a file: what was written before stays.
    fn append(&self, file: &str, rows: &[Self::Row]) -> impl Future<Output = Result<(), Crashed>>;

    /// Writes a whole file in the place of the one that was there.
    fn replace(&self, file: &str, rows: &[Self::Row]) -> impl Future<Output = Result<(), Crashed>>;

    /// One step, and what was there under the new name is gone.
    fn rename(&self, from: &str, to: &str) -> impl Future<Output = Result<(), Crashed>>;

    /// Readers see these files from now on, all at once.
    fn point_to(&self, files: Vec<String>) -> impl Future<Output = Result<(), Crashed>>;

    fn has(&self, file: &str) -> bool;
}

/// The file of a task where readers look for it.
pub fn part(task: usize) -> String {
    format!("part/{task}")
}

/// The file of a task where nobody looks.
pub fn aside(task: usize) -> String {
    format!("aside/{task}")
}

// region: commit
/// Makes the outputs of all tasks visible. Whoever goes on after a crash calls it again with the same outputs.
///
/// # Errors
/// The machine died; what readers see then depends on the protocol.
pub async fn commit<S: Store>(
    protocol: Protocol,
    outputs: &[Vec<S::Row>],
    store: &S,
) -> Result<(), Crashed> {
    if protocol == Protocol::Direct {
        for (task, rows) in outputs.iter().enumerate() {
            store.append(&part(task), rows).await?;
        }
        return Ok(());
    }
    for (task, rows) in outputs.iter().enumerate() {
        let is_renamed = protocol == Protocol::Rename && store.has(&part(task));
        if !is_renamed {
            store.replace(&aside(task), rows).await?;
        }
    }
    if protocol == Protocol::Transaction {
        return store
            .point_to((0..outputs.len()).map(aside).collect())
            .await;
    }
    for task in 0..outputs.len() {
        if store.has(&aside(task)) {
            store.rename(&aside(task), &part(task)).await?;
        }
    }
    Ok(())
}
// endregion: commit

/// One seller's money for one night.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payout {
    pub night: u64,
    pub seller: u64,
    pub cents: u64,
}

impl Payout {
    /// The same for each attempt, each machine, each rerun. No clock, no random number, no attempt count.
    pub fn key(&self) -> String {
        format!("settlement/{}/{}", self.night, self.seller)
    }
}

/// A bank recognises a payout by its key, or pays whatever it is asked to.
pub trait Bank {
    fn pay(&self, payout: Payout, key: Option<&str>) -> impl Future<Output = Result<(), Crashed>>;
}

/// What the payer remembers across a crash.
pub trait Ledger {
    fn knows(&self, key: &str) -> bool;

    fn note(&self, key: &str) -> impl Future<Output = Result<(), Crashed>>;
}

// region: pay
/// Pays what the ledger doesn't know as paid. With a key it is safe to call again after a crash at any step; without one,
/// a payout may be made twice that was made and not yet noted.
///
/// # Errors
/// The machine died.
pub async fn pay(
    plan: &[Payout],
    ledger: &impl Ledger,
    bank: &impl Bank,
    with_key: bool,
) -> Result<(), Crashed> {
    for payout in plan {
        let key = payout.key();
        if ledger.knows(&key) {
            continue;
        }
        bank.pay(*payout, with_key.then_some(&*key)).await?;
        // The machine may die here. Then the bank is asked again.
        ledger.note(&key).await?;
    }
    Ok(())
}
// endregion: pay

/// Why a plan is not paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Imbalance {
    #[error("paid {planned} and unmatched {unmatched} cents are not the {owed} that are owed")]
    Sum {
        owed: u64,
        unmatched: u64,
        planned: u64,
    },
    #[error("seller {0} is in the plan more than once")]
    Twice(u64),
}

/// What must hold before a single payment leaves: nobody's money is lost, and nobody is in the plan twice.
///
/// # Errors
/// What is wrong.
pub fn balances(owed: u64, unmatched: u64, plan: &[Payout]) -> Result<(), Imbalance> {
    let planned: u64 = plan.iter().map(|payout| payout.cents).sum();
    if planned + unmatched != owed {
        return Err(Imbalance::Sum {
            owed,
            unmatched,
            planned,
        });
    }
    let mut payouts: BTreeMap<u64, usize> = BTreeMap::new();
    for payout in plan {
        *payouts.entry(payout.seller).or_default() += 1;
    }
    match payouts.iter().find(|(_, count)| **count > 1) {
        Some((seller, _)) => Err(Imbalance::Twice(*seller)),
        None => Ok(()),
    }
}
