use crate::engine::{self, Sim, SimTime};
use crate::scatter_gather::pattern::{
    Answer, Ask, Completeness, Copies, Gathered, HedgeAfter, Hedging, Hit, Leaf, LeafError,
    Missing, Policy, TOP, Why, gather, merge,
};
use proptest::prelude::*;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn hit(score: u32, document: u32) -> Hit {
    Hit { score, document }
}

/// What one replica does with a search.
#[derive(Clone, Copy)]
enum Does {
    Answers(u64),
    Fails(u64),
    Hangs,
}

/// A leaf whose replicas do as they are told; notes who was asked when and who was cancelled.
struct Scripted {
    replicas: Vec<Does>,
    asked: RefCell<Vec<(usize, u128)>>,
    cancelled: Cell<usize>,
    hedges_refused: Cell<usize>,
}

impl Scripted {
    fn new(replicas: &[Does]) -> Self {
        let (asked, cancelled) = (RefCell::default(), Cell::new(0));
        Self {
            replicas: replicas.to_vec(),
            asked,
            cancelled,
            hedges_refused: Cell::new(0),
        }
    }
}

struct OnDrop<'a>(&'a Cell<usize>, bool);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + usize::from(self.1));
    }
}

impl Leaf for Scripted {
    type Query = str;

    fn replicas(&self) -> usize {
        self.replicas.len()
    }

    async fn search(&self, query: &str, ask: Ask) -> Answer {
        let now = Duration::from(engine::now()).as_millis();
        self.asked.borrow_mut().push((ask.nth, now));
        let mut guard = OnDrop(&self.cancelled, true);
        let answer = match self.replicas[ask.nth] {
            Does::Answers(after) => {
                engine::sleep(ms(after)).await;
                Ok(vec![hit(query.len() as u32, ask.nth as u32)])
            }
            Does::Fails(after) => {
                engine::sleep(ms(after)).await;
                Err(LeafError::Failed("disk on fire".into()))
            }
            Does::Hangs => std::future::pending().await,
        };
        guard.1 = false;
        answer
    }

    fn hedge_refused(&self) {
        self.hedges_refused.set(self.hedges_refused.get() + 1);
    }
}

/// One copy of each search, all leaves, and no deadline.
fn wait_all() -> Policy {
    with(Copies::One)
}

fn with(copies: Copies) -> Policy {
    Policy {
        copies,
        deadline: None,
        enough: 1.0,
    }
}

fn deadline(limit: Duration) -> Policy {
    Policy {
        deadline: Some(limit),
        ..wait_all()
    }
}

fn quorum(enough: f64) -> Policy {
    Policy {
        enough,
        ..wait_all()
    }
}

/// Gathers once and says how many milliseconds it took.
fn gathered(leaves: Vec<Scripted>, policy: Policy) -> (Gathered, u128, Rc<Vec<Scripted>>) {
    gathered_after(leaves, policy, 0)
}

/// The same after so many rehearsals, of which a hedging root learns.
fn gathered_after(
    leaves: Vec<Scripted>,
    policy: Policy,
    rehearsals: usize,
) -> (Gathered, u128, Rc<Vec<Scripted>>) {
    let sim = Sim::new(1);
    let leaves = Rc::new(leaves);
    let asked = Rc::clone(&leaves);
    let result = Rc::new(RefCell::new(None));
    let sink = Rc::clone(&result);
    sim.spawn(async move {
        for _ in 0..rehearsals {
            gather(&asked, "query", &policy).await;
        }
        for leaf in asked.iter() {
            leaf.asked.borrow_mut().clear();
            leaf.cancelled.set(0);
        }
        let began = engine::now();
        let gathered = gather(&asked, "query", &policy).await;
        *sink.borrow_mut() = Some((gathered, (engine::now() - began).as_millis()));
    });
    sim.run_until(SimTime::from_secs(10_000), u64::MAX);
    let (gathered, took) = result
        .take()
        .expect("the root answers whatever its leaves do");
    (gathered, took, leaves)
}

fn leaves(each: &[&[Does]]) -> Vec<Scripted> {
    each.iter()
        .map(|replicas| Scripted::new(replicas))
        .collect()
}

use Does::{Answers, Fails, Hangs};

#[test]
fn waiting_for_all_takes_as_long_as_the_slowest_leaf() {
    let (gathered, took, _) = gathered(
        leaves(&[&[Answers(10)], &[Answers(70)], &[Answers(20)]]),
        wait_all(),
    );
    assert_eq!((gathered.answered, took), (3, 70));
    assert_eq!(gathered.completeness(), Completeness::Complete);
}

#[test]
fn a_deadline_answers_in_time_names_the_late_leaf_and_cancels_it() {
    let (gathered, took, leaves) = gathered(leaves(&[&[Answers(10)], &[Hangs]]), deadline(ms(50)));
    assert_eq!((gathered.answered, took), (1, 50));
    assert_eq!(
        gathered.missing,
        [Missing {
            leaf: 1,
            why: Why::Late
        }]
    );
    assert_eq!(gathered.completeness(), Completeness::Partial);
    assert_eq!(leaves[1].cancelled.get(), 1);
}

#[test]
fn an_answer_at_the_very_deadline_counts() {
    let (gathered, _, _) = gathered(leaves(&[&[Answers(50)]]), deadline(ms(50)));
    assert_eq!(gathered.completeness(), Completeness::Complete);
}

#[test]
fn a_leaf_that_fails_is_named_with_its_reason_and_not_taken_for_empty() {
    let (gathered, _, _) = gathered(leaves(&[&[Answers(10)], &[Fails(5)]]), wait_all());
    let why = Why::Failed(LeafError::Failed("disk on fire".into()));
    assert_eq!(gathered.missing, [Missing { leaf: 1, why }]);
    assert_eq!(gathered.completeness(), Completeness::Partial);
}

#[test]
fn when_no_leaf_answers_it_has_failed_and_is_not_merely_empty() {
    let (gathered, _, _) = gathered(leaves(&[&[Fails(5)], &[Fails(6)]]), wait_all());
    assert_eq!(gathered.completeness(), Completeness::Failed);
    assert!(gathered.top.is_empty());
}

#[test]
fn a_quorum_returns_with_the_fastest_share_and_drops_the_rest() {
    let four = [
        &[Answers(40)][..],
        &[Answers(10)],
        &[Answers(30)],
        &[Answers(20)],
    ];
    let (gathered, took, all) = gathered(leaves(&four), quorum(0.75));
    assert_eq!((gathered.answered, took), (3, 30));
    assert_eq!(
        gathered.missing,
        [Missing {
            leaf: 0,
            why: Why::Late
        }]
    );
    assert_eq!(all[0].cancelled.get(), 1);
}

#[test]
fn a_quorum_rounds_up_to_whole_leaves() {
    let three = [&[Answers(10)][..], &[Answers(20)], &[Answers(30)]];
    let (gathered, took, _) = gathered(leaves(&three), quorum(0.34));
    assert_eq!((gathered.answered, took), (2, 20));
}

#[test]
fn a_share_that_is_a_whole_number_of_leaves_is_not_rounded_up_for_dust() {
    let hundred: Vec<[Does; 1]> = (1..=100).map(|n| [Answers(n)]).collect();
    let hundred: Vec<&[Does]> = hundred.iter().map(|does| &does[..]).collect();
    let (gathered, took, _) = gathered(leaves(&hundred), quorum(0.07));
    assert_eq!((gathered.answered, took), (7, 7));
}

#[test]
fn a_quorum_is_of_answers_and_not_of_errors() {
    let three = [&[Fails(1)][..], &[Answers(20)], &[Answers(30)]];
    let (gathered, took, _) = gathered(leaves(&three), quorum(0.66));
    assert_eq!((gathered.answered, took), (2, 30));
}

fn hedged(after: HedgeAfter, budget: f64) -> Copies {
    Copies::Hedged(Hedging::new(after, budget))
}

fn hedge(delay: u64, budget: f64) -> Policy {
    with(hedged(HedgeAfter::Delay(ms(delay)), budget))
}

#[test]
fn nobody_asked_is_a_failure_and_not_a_complete_answer() {
    let (gathered, _, _) = gathered(Vec::new(), wait_all());
    assert_eq!(gathered.completeness(), Completeness::Failed);
}

#[test]
fn a_hedge_and_a_deadline_work_together() {
    // The hedge saves the first leaf, the deadline gives up the second, whose replicas both hang.
    let policy = Policy {
        deadline: Some(ms(100)),
        ..hedge(30, 1.0)
    };
    let all = leaves(&[&[Answers(500), Answers(10)], &[Hangs, Hangs]]);
    let (gathered, took, leaves) = gathered(all, policy);
    assert_eq!((gathered.answered, took), (1, 100));
    let (leaf, why) = (1, Why::Late);
    assert_eq!(gathered.missing, [Missing { leaf, why }]);
    assert_eq!(leaves[1].cancelled.get(), 2, "both copies are called off");
}

#[test]
fn a_quorum_ends_the_wait_of_every_policy_and_so_does_a_deadline() {
    let policies = [
        Copies::One,
        hedged(HedgeAfter::Delay(ms(5)), 1.0),
        Copies::Redundant(2),
        Copies::Tied(ms(1)),
    ];
    for copies in policies {
        let name = format!("{copies:?}");
        let policy = Policy {
            enough: 0.5,
            deadline: Some(ms(80)),
            ..with(copies)
        };
        let hang: &[Does] = &[Hangs, Hangs];
        let (quorum, took, _) = gathered(leaves(&[hang, &[Answers(20), Answers(20)]]), policy);
        assert_eq!((quorum.answered, took), (1, 20), "{name}");
    }
    let (late, took, _) = gathered(leaves(&[&[Hangs, Hangs]]), {
        let deadline = Some(ms(80));
        Policy {
            deadline,
            ..with(Copies::Tied(ms(1)))
        }
    });
    assert_eq!((late.completeness(), took), (Completeness::Failed, 80));
}

#[test]
fn a_hedge_goes_out_after_the_delay_wins_and_its_slow_rival_is_cancelled() {
    let (gathered, took, leaves) =
        gathered(leaves(&[&[Answers(500), Answers(10)]]), hedge(30, 1.0));
    assert_eq!((gathered.answered, took), (1, 40));
    assert_eq!(*leaves[0].asked.borrow(), [(0, 0), (1, 30)]);
    assert_eq!(leaves[0].cancelled.get(), 1);
}

#[test]
fn no_hedge_goes_out_when_the_first_copy_is_in_time() {
    let (_, took, leaves) = gathered(leaves(&[&[Answers(30), Answers(1)]]), hedge(30, 1.0));
    assert_eq!(took, 30);
    assert_eq!(leaves[0].asked.borrow().len(), 1);
}

#[test]
fn a_hedge_is_never_followed_by_a_third_copy() {
    let (_, took, leaves) = gathered(
        leaves(&[&[Answers(500), Answers(400), Answers(1)]]),
        hedge(30, 1.0),
    );
    assert_eq!(took, 430);
    assert_eq!(leaves[0].asked.borrow().len(), 2);
}

#[test]
fn hedges_stop_when_the_budget_is_used_up() {
    let slow: Vec<&[Does]> = vec![&[Answers(500), Answers(1)]; 10];
    let (_, _, leaves) = gathered(leaves(&slow), hedge(30, 0.25));
    let hedges = leaves
        .iter()
        .filter(|leaf| leaf.asked.borrow().len() == 2)
        .count();
    assert_eq!(hedges, 2, "ten first copies earn two and a half hedges");
    let refused: usize = leaves.iter().map(|leaf| leaf.hedges_refused.get()).sum();
    assert_eq!(refused, 8, "and the others are told of");
}

#[test]
fn a_first_copy_that_fails_early_is_hedged_at_once() {
    let (gathered, took, _) = gathered(leaves(&[&[Fails(5), Answers(10)]]), hedge(30, 1.0));
    assert_eq!((gathered.answered, took), (1, 15));
}

#[test]
fn the_hedge_of_a_leaf_with_one_replica_has_nowhere_to_go() {
    let (_, took, leaves) = gathered(leaves(&[&[Answers(500)]]), hedge(30, 1.0));
    assert_eq!((took, leaves[0].asked.borrow().len()), (500, 1));
}

fn after_p50() -> Policy {
    with(hedged(HedgeAfter::Quantile(0.5), 1.0))
}

fn after_p95() -> Policy {
    with(hedged(HedgeAfter::Quantile(0.95), 1.0))
}

/// Nineteen leaves that take 20 ms and one that takes 80, or 5 at its second replica.
fn nineteen_and_one() -> Vec<Scripted> {
    let mut all: Vec<&[Does]> = vec![&[Answers(20), Answers(20)]; 19];
    all.push(&[Answers(80), Answers(5)]);
    leaves(&all)
}

#[test]
fn a_hedge_after_a_quantile_waits_until_it_knows_what_is_usual() {
    let (_, took, _) = gathered(nineteen_and_one(), after_p95());
    assert_eq!(took, 80, "it has seen nothing yet");
}

#[test]
fn a_hedge_after_a_quantile_learns_it_and_is_not_misled_by_its_own_success() {
    for rehearsals in [10, 1_000] {
        let (_, took, _) = gathered_after(nineteen_and_one(), after_p95(), rehearsals);
        assert_eq!(took, 25, "the p95 is 20 ms, the second replica takes 5");
    }
}

#[test]
fn what_is_usual_is_not_learnt_from_replicas_that_refuse_at_once() {
    // Half of the leaves refuse within a millisecond: that must not make 20 ms late.
    let half = |n: usize| -> &[Does] {
        if n.is_multiple_of(2) {
            &[Fails(1)]
        } else {
            &[Answers(20), Answers(20)]
        }
    };
    let all: Vec<&[Does]> = (0..20).map(half).collect();
    let (_, _, leaves) = gathered_after(leaves(&all), after_p50(), 50);
    let hedges = leaves.iter().filter(|leaf| leaf.asked.borrow().len() > 1);
    assert_eq!(hedges.count(), 0);
}

#[test]
fn what_is_usual_counts_the_leaves_that_a_deadline_cut_off() {
    // One leaf in two never answers. The median is what the others take, or the deadline: above 20 ms.
    let one_in_two = |n: usize| -> &[Does] {
        if n.is_multiple_of(2) {
            &[Hangs, Hangs]
        } else {
            &[Answers(20), Answers(5)]
        }
    };
    let all: Vec<&[Does]> = (0..20).map(one_in_two).collect();
    let policy = Policy {
        deadline: Some(ms(60)),
        ..with(hedged(HedgeAfter::Quantile(0.75), 1.0))
    };
    let (_, _, leaves) = gathered_after(leaves(&all), policy, 50);
    for leaf in leaves.iter() {
        for (nth, at) in leaf.asked.borrow().iter() {
            assert!(
                *nth == 0 || *at >= 60,
                "the p75 is the deadline; hedged at {at} ms"
            );
        }
    }
}

#[test]
fn redundant_copies_go_out_at_once_and_the_first_wins() {
    let (gathered, took, leaves) = gathered(
        leaves(&[&[Answers(50), Fails(1), Answers(20), Answers(1)]]),
        with(Copies::Redundant(3)),
    );
    assert_eq!((gathered.answered, took), (1, 20));
    assert_eq!(*leaves[0].asked.borrow(), [(0, 0), (1, 0), (2, 0)]);
    assert_eq!(leaves[0].cancelled.get(), 1);
}

#[test]
fn redundant_copies_are_no_more_than_there_are_replicas() {
    let (_, _, leaves) = gathered(
        leaves(&[&[Answers(5), Answers(6)]]),
        with(Copies::Redundant(5)),
    );
    assert_eq!(leaves[0].asked.borrow().len(), 2);
}

#[test]
fn a_tied_copy_follows_after_its_delay_and_the_first_hits_win() {
    let (gathered, took, leaves) =
        gathered(leaves(&[&[Hangs, Answers(10)]]), with(Copies::Tied(ms(1))));
    assert_eq!((gathered.answered, took), (1, 11));
    assert_eq!(*leaves[0].asked.borrow(), [(0, 0), (1, 1)]);
}

#[test]
fn one_failed_tied_copy_leaves_it_to_the_other() {
    let (gathered, took, _) = gathered(
        leaves(&[&[Fails(2), Answers(10)]]),
        with(Copies::Tied(ms(1))),
    );
    assert_eq!((gathered.answered, took), (1, 11));
}

#[test]
fn equal_scores_go_by_document() {
    let lists = [vec![hit(5, 9), hit(5, 11)], vec![hit(5, 3)], vec![]];
    assert_eq!(merge(&lists), [hit(5, 3), hit(5, 9), hit(5, 11)]);
}

#[test]
fn all_of_the_best_may_come_from_one_leaf() {
    let best: Vec<Hit> = (0..20).map(|n| hit(1000 - n, n)).collect();
    let lists = [vec![hit(1, 100)], best.clone()];
    assert_eq!(merge(&lists), best[..TOP]);
}

proptest! {
    #[test]
    fn the_merge_of_sorted_lists_is_the_head_of_all_hits_sorted(
        scores in prop::collection::vec(prop::collection::vec(0u32..20, 0..15), 0..12)
    ) {
        let mut document = 0;
        let mut lists = Vec::new();
        for scores in scores {
            let mut list: Vec<Hit> = scores.into_iter().map(|score| { document += 1; hit(score, document) }).collect();
            list.sort_by_key(|hit| (std::cmp::Reverse(hit.score), hit.document));
            lists.push(list);
        }
        let mut all: Vec<Hit> = lists.concat();
        all.sort_by_key(|hit| (std::cmp::Reverse(hit.score), hit.document));
        all.truncate(TOP);
        prop_assert_eq!(merge(&lists), all);
    }
}
