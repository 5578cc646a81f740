//! One leaf as one request sees it: what the pattern calls, with everything noted that the pattern
//! need not know.

use super::index::Query;
use super::pattern::{Answer, Ask, Leaf, LeafError};
use super::replica::{Found, Search};
use super::request::{CallEnd, CallNote, Request};
use super::root::Root;
use crate::engine::{self, CallTrace};
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
        self.root.cluster().replicas
    }

    async fn search(&self, query: &Query, ask: Ask) -> Answer {
        let (root, request) = (&self.root, &self.request);
        let cluster = root.cluster();
        root.call_goes_out(request, ask);
        let place = |nth| cluster.balanced(request.number, self.leaf, nth);
        let replica = place(ask.nth);
        let trace = CallTrace::new();
        let open = OpenCall::new(
            self,
            CallNote {
                leaf: self.leaf,
                replica,
                nth: ask.nth,
                trace: trace.clone(),
                asked: engine::now(),
                end: None,
            },
        );
        let twin = ask
            .twin
            .map(|twin| cluster.replica(self.leaf, place(twin)).node);
        let search = Search {
            query: *query,
            twin,
            request: Rc::clone(request),
        };
        let found = engine::net()
            .call::<Search, Found>(cluster.replica(self.leaf, replica).node, search)
            .keyed(request.number)
            .tagged(ask.nth as u8)
            .traced(&trace)
            .await;
        match found {
            Ok(Found::Hits(hits)) => {
                open.end(CallEnd::Answered);
                Ok(hits)
            }
            Ok(Found::Withdrawn) => {
                open.end(CallEnd::Withdrawn);
                Err(LeafError::Withdrawn)
            }
            Err(error) => {
                open.end(CallEnd::Failed(error.to_string()));
                Err(LeafError::Failed(error.to_string()))
            }
        }
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
        let place = client.request.call_opens(note);
        Self {
            client,
            place,
            ended: Cell::new(false),
        }
    }

    fn end(&self, end: CallEnd) {
        self.ended.set(true);
        let (root, request) = (&self.client.root, &self.client.request);
        // By the cluster's handle: a call may be dropped together with its whole simulation.
        let now = root.cluster().now();
        let cancelled = end == CallEnd::Cancelled;
        let first_answer = request.call_ends(self.place, now, end);
        let nth = request.calls()[self.place].nth;
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
