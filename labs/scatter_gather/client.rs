//! One leaf as one request sees it: what the pattern calls, with everything noted that the pattern
//! need not know.

use super::index::Query;
use super::pattern::{Answer, Ask, Leaf, LeafError};
use super::replica::{Found, Search};
use super::request::{CallEnd, CallNote, Request};
use super::root::Root;
use super::table::Knobs;
use crate::engine;
use std::cell::Cell;
use std::rc::Rc;

/// The leaf's end at the root.
pub struct LeafClient {
    pub root: Rc<Root>,
    pub request: Rc<Request>,
    pub leaf: usize,
}

impl Leaf for LeafClient {
    type Query = Query;

    fn replicas(&self) -> usize {
        let cluster = self.root.cluster();
        let numbers = 0..cluster.replicas;
        let up = numbers.filter(|number| cluster.may_be_asked(self.leaf, *number));
        up.count().max(1)
    }

    async fn search(&self, query: &Query, ask: Ask) -> Answer {
        self.root.search_goes_out(&self.request, ask);
        loop {
            let answer = self.ask_one(query, ask).await;
            let failed = matches!(answer, Err(LeafError::Failed(_)));
            // A search changes nothing, so it may be made again; each replica is asked once.
            if !(failed && self.knobs().health.get() && self.next().is_some()) {
                return answer;
            }
            self.root.search_is_retried();
        }
    }

    fn hedge_refused(&self) {
        self.root.hedge_is_refused();
        self.request.hedge_refused(self.leaf, engine::now());
    }
}

impl LeafClient {
    fn knobs(&self) -> &Knobs {
        self.root.knobs()
    }

    /// The next replica of the leaf that may be asked, and was not asked yet for this request.
    fn next(&self) -> Option<usize> {
        let cluster = self.root.cluster();
        let in_order = cluster.in_order(self.request.number, self.leaf);
        let mut free = in_order.filter(|number| !self.request.was_asked(self.leaf, *number));
        free.find(|number| cluster.may_be_asked(self.leaf, *number))
    }

    /// Asks the next replica, or the first in order when none is left.
    async fn ask_one(&self, query: &Query, ask: Ask) -> Answer {
        let (root, request) = (&self.root, &self.request);
        let cluster = root.cluster();
        let first = || cluster.in_order(request.number, self.leaf).next();
        let number = self.next().or_else(first).unwrap_or(0);
        let replica = cluster.replica(self.leaf, number);
        let trace = request.traces.open();
        let open = OpenCall::new(
            self,
            CallNote {
                leaf: self.leaf,
                replica: number,
                nth: ask.nth,
                trace: trace.clone(),
                asked: engine::now(),
                hedge_refused: None,
                end: None,
            },
        );
        let twin = ask
            .twin
            .and_then(|twin| self.twin_of(number, twin > ask.nth));
        let search = Search {
            query: *query,
            twin: twin.map(|twin| cluster.replica(self.leaf, twin).node),
            request: Rc::clone(request),
        };
        let found = engine::net()
            .call::<Search, Found>(replica.node, search)
            .keyed(request.number)
            .tagged(ask.nth as u8)
            .traced(&trace)
            .await;
        match found {
            Ok(Found::Hits(hits)) => {
                root.reads_an_answer().await;
                open.end(CallEnd::Answered);
                Ok(hits)
            }
            Ok(Found::Withdrawn) => {
                open.end(CallEnd::Withdrawn);
                Err(LeafError::Withdrawn)
            }
            Err(error) => {
                cluster.failed(replica);
                open.end(CallEnd::Failed(error.to_string()));
                Err(LeafError::Failed(error.to_string()))
            }
        }
    }

    /// The other replica that has a tied search: the one that is asked next, or the one asked before.
    fn twin_of(&self, number: usize, is_asked_next: bool) -> Option<usize> {
        if is_asked_next {
            return self.next();
        }
        let asked = |other: &usize| self.request.was_asked(self.leaf, *other);
        let cluster = self.root.cluster();
        let mut in_order = cluster.in_order(self.request.number, self.leaf);
        in_order.find(|other| *other != number && asked(other))
    }
}

/// A call in progress. Dropped before its end, it was cancelled: that is how the pattern does it.
struct OpenCall<'a> {
    client: &'a LeafClient,
    place: usize,
    ended: Cell<bool>,
}

impl<'a> OpenCall<'a> {
    fn new(client: &'a LeafClient, note: CallNote) -> Self {
        client.root.call_is_open();
        let place = client.request.call_opens(note);
        Self {
            client,
            place,
            ended: Cell::new(false),
        }
    }

    fn end(&self, end: CallEnd) {
        self.ended.set(true);
        let LeafClient {
            root,
            request,
            leaf,
        } = self.client;
        // By the cluster's handle: a call may be dropped together with its whole simulation.
        let now = root.cluster().now();
        let cancelled = end == CallEnd::Cancelled;
        let first_answer = request.call_ends(self.place, now, end);
        let (nth, replica) = {
            let call = &request.calls()[self.place];
            (call.nth, call.replica)
        };
        if cancelled {
            let cluster = root.cluster();
            cluster.given_up(cluster.replica(*leaf, replica));
        }
        root.call_is_over(request, nth, cancelled, first_answer.then_some(now));
    }
}

impl Drop for OpenCall<'_> {
    fn drop(&mut self) {
        if !self.ended.get() {
            self.end(CallEnd::Cancelled);
        }
    }
}
