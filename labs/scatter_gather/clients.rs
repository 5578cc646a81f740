//! Who asks: clients that wait only so long, ask again, and may have a budget for that.
//!
//! A client that gives up and asks again makes an overload worse: its first request may still be
//! worked on. So an overload can outlive what caused it, unless the share of repeats is bounded.

use super::cancellation::Cancel;
use super::index::Query;
use super::pattern::{Budget, Completeness};
use super::request::Request;
use super::root::Root;
use crate::engine;
use std::rc::Rc;

/// Requests that are asked again have numbers of their own, above those of the workload and below those
/// from outside.
const AGAIN_FROM: u64 = 100_000_000_000;

impl Root {
    /// One client with one question, until it has an answer or has had enough.
    pub async fn client(self: Rc<Self>, number: u64, query: Query) {
        if let Some(budget) = &*self.retry_budget.borrow() {
            budget.earn();
        }
        for attempt in 0..self.knobs().attempts.get() as u64 {
            if attempt > 0 && !self.may_ask_again() {
                return;
            }
            if !self.has_room() {
                continue;
            }
            let request = self.request(number + attempt * AGAIN_FROM, query);
            if self.waits_for(request).await {
                return;
            }
        }
    }

    fn may_ask_again(&self) -> bool {
        let budget = self.retry_budget.borrow();
        let affordable = budget.as_ref().is_none_or(Budget::spend);
        self.meters.client_retries_total.add(u64::from(affordable));
        affordable
    }

    /// Whether the client has had an answer before it gave up.
    async fn waits_for(self: &Rc<Self>, request: Rc<Request>) -> bool {
        let answer = {
            let (root, request) = (Rc::clone(self), Rc::clone(&request));
            async move { root.answer(request).await.completeness() }
        };
        let Some(limit) = self.knobs().client_timeout.get() else {
            return answer.await != Completeness::Failed;
        };
        let cluster = self.cluster();
        let mut at_work = cluster.sim.spawn_on(cluster.root, answer);
        let Ok(ended) = engine::timeout(limit, &mut at_work).await else {
            self.meters.abandoned_total.increment();
            request.abandoned.set(true);
            if self.knobs().cancel.get() != Cancel::None {
                at_work.abort();
            }
            return false;
        };
        ended.is_ok_and(|completeness| completeness != Completeness::Failed)
    }
}
