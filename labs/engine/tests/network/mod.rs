//! The network: calls and messages, and all that can go wrong with them.

mod calls;
mod cancellation;
mod faults;
mod looks;

use super::*;

#[derive(Debug, Clone, PartialEq)]
struct Ask(u64);

/// Links of 1 ms; a node that answers an `Ask(n)` after n milliseconds with the number.
fn world() -> (Sim, NodeId) {
    let sim = Sim::new(1);
    sim.net()
        .set_default_link(Link::new(Distribution::constant(ms(1))));
    let leaf = sim.add_server("leaf");
    sim.net().serve(leaf, |Ask(n): Ask, _| async move {
        sleep(ms(n)).await;
        n
    });
    (sim, leaf)
}

/// Calls from outside, and notes how it ends.
fn ask(sim: &Sim, diary: &Diary, to: NodeId, n: u64) {
    let diary = diary.clone();
    sim.spawn(async move {
        match net().call::<Ask, u64>(to, Ask(n)).await {
            Ok(found) => diary.note(found),
            Err(error) => diary.note(format!("{error:?}")),
        }
    });
}
