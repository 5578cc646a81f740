//! How the proxy reads and writes a key: look into the cache of its owner, fetch from the origin what
//! is not there, and delete what a write has made old. And what is different for a hot key.

use super::fleet::DEDICATED;
use super::hot::{Mitigation, Scheme};
use super::origin::{self, Part, Value, Written};
use super::pattern::ShardId;
use super::proxy::Proxy;
use super::request::{CallEnd, Callee, Request};
use super::shard::{Delete, Deleted, Fill, Forget, Get, Got, Kept, Name, Version};
use crate::engine::{self, CallError};
use futures::future::{join_all, try_join_all};
use std::rc::Rc;

impl Proxy {
    /// The value of the request's key, by whichever way the key's scheme says.
    pub async fn read(&self, request: &Request) -> Result<Version, CallError> {
        let scheme = self.hot.scheme(request.key);
        match scheme.mitigation {
            Mitigation::None | Mitigation::Dedicated => {
                let at = self.home(request, scheme);
                self.cached(request, at, scheme.name(0), Part::Whole).await
            }
            Mitigation::ReplicaReads { .. } | Mitigation::SplitForReads { .. } => {
                let places = self.places(scheme);
                let copy = (request.number % places.len() as u64) as usize;
                let name = scheme.name(copy as u8);
                self.cached(request, places[copy], name, Part::Whole).await
            }
            Mitigation::SplitForWrites { .. } => {
                let places = self.places(scheme);
                let of = places.len() as u8;
                let row = |(nth, at): (u8, &ShardId)| {
                    self.cached(request, *at, scheme.name(nth), Part::Row { nth, of })
                };
                let rows = try_join_all((0..).zip(&places).map(row)).await?;
                Ok(rows.iter().sum())
            }
            Mitigation::FrontCache => self.front(request, scheme).await,
        }
    }

    /// The one shard of a key that is cached in one place.
    fn home(&self, request: &Request, scheme: Scheme) -> ShardId {
        if scheme.mitigation == Mitigation::Dedicated {
            return DEDICATED;
        }
        if self.fleet.is_bounded() {
            return self.fleet.route(self.keys.get(request.key));
        }
        if let Some(owner) = self.owner_of_yesterday(request) {
            return owner;
        }
        let owner = self.fleet.owner(self.keys.get(request.key));
        let owner = (self.tamper.route)(request.number, owner);
        self.checks.routed(request.number, request.key, owner);
        owner
    }

    /// The owner by the map from before the last resize, if the request goes through the router that has
    /// not heard of it: every second one does.
    fn owner_of_yesterday(&self, request: &Request) -> Option<ShardId> {
        let owners = self.lagging.borrow();
        let owners = owners.as_ref().filter(|_| request.number % 2 == 1)?;
        Some(owners[request.key.0 as usize])
    }

    /// Where a key is cached: its shards, in the order of its copies; none where the proxy itself keeps it.
    pub fn homes(&self, scheme: Scheme) -> Vec<ShardId> {
        match scheme.mitigation {
            Mitigation::Dedicated => vec![DEDICATED],
            Mitigation::FrontCache => Vec::new(),
            _ => self.places(scheme),
        }
    }

    /// The shards of a key that is cached in several.
    fn places(&self, scheme: Scheme) -> Vec<ShardId> {
        self.fleet
            .owners(self.keys.get(scheme.key), scheme.copies())
    }

    /// From the shard's cache, or else from the origin and into the cache. A dead shard's keys go to
    /// the origin as well: that is what a cache may do and a store may not.
    async fn cached(
        &self,
        request: &Request,
        at: ShardId,
        name: Name,
        part: Part,
    ) -> Result<Version, CallError> {
        let shard = self.fleet.shard(at);
        shard.count();
        self.meters.calls_per_request.part.increment();
        let call = request.opens(Callee::Shard(at), "get");
        let get = Get {
            name,
            request: request.number,
        };
        let got = {
            let _in_flight = self.fleet.call_to(at);
            engine::net()
                .call::<Get, Got>(shard.node, get)
                .keyed(request.number)
                .traced(&call.trace)
                .await
        };
        match got {
            Ok(Got(Some(version))) => {
                call.ends(CallEnd::Done);
                return Ok(version);
            }
            Ok(Got(None)) => call.ends(CallEnd::Miss),
            Err(error) => call.ends(CallEnd::Failed(error.to_string())),
        }
        request.all_hits.set(false);
        let version = if self.knobs.single_flight.get() {
            self.fetch_together(request, name, part).await?
        } else {
            self.fetch(request, part).await?
        };
        if got.is_ok() {
            engine::net().send_keyed(shard.node, Fill { name, version }, request.number, FILL_TAG);
        }
        Ok(version)
    }

    /// From the origin, by one request for all that miss the name at the same time (single flight). A write
    /// ends the flight, so that nobody who asks after it is given what was read before it.
    async fn fetch_together(
        &self,
        request: &Request,
        name: Name,
        part: Part,
    ) -> Result<Version, CallError> {
        let flight = Rc::clone(self.flights.borrow_mut().entry(name).or_default());
        let mut landed = flight.lock().await;
        if let Some(version) = *landed {
            return Ok(version);
        }
        // Should this fail or be given up, the next one who waits flies.
        let version = self.fetch(request, part).await?;
        *landed = Some(version);
        let mut flights = self.flights.borrow_mut();
        if flights
            .get(&name)
            .is_some_and(|now| Rc::ptr_eq(now, &flight))
        {
            flights.remove(&name);
        }
        Ok(version)
    }

    async fn fetch(&self, request: &Request, part: Part) -> Result<Version, CallError> {
        let call = request.opens(Callee::Origin, "read");
        let read = origin::Read {
            key: request.key,
            part,
            request: request.number,
        };
        let got = engine::net()
            .call::<origin::Read, Value>(self.origin.node, read)
            .keyed(request.number)
            .traced(&call.trace)
            .await;
        call.ends(ended(&got));
        got.map(|Value(version)| version)
    }

    /// From the proxy's own small cache. When it has expired one request goes through and the others
    /// wait for it (single flight): without that they would all go at once.
    async fn front(&self, request: &Request, scheme: Scheme) -> Result<Version, CallError> {
        let place = Rc::clone(
            self.front
                .borrow_mut()
                .entry((scheme.key, scheme.epoch))
                .or_default(),
        );
        let mut kept = place.lock().await;
        if let Some(kept) = *kept
            && engine::now() < kept.until
        {
            return Ok(kept.version);
        }
        let at = self.home(request, scheme);
        let version = self
            .cached(request, at, scheme.name(0), Part::Whole)
            .await?;
        let until = engine::now() + self.knobs.front_ttl.get();
        *kept = Some(Kept { version, until });
        Ok(version)
    }

    /// Writes to the origin, then deletes what is cached of it. Returns when the client may be told.
    pub async fn write(&self, request: &Request) -> Result<Written, CallError> {
        let before = self.hot.scheme(request.key);
        let part = match before.mitigation {
            Mitigation::SplitForWrites { .. } => {
                let of = self.places(before).len() as u8;
                let nth = (request.number % u64::from(of)) as u8;
                Part::Row { nth, of }
            }
            _ => Part::Whole,
        };
        let written = self.store(request, part).await?;
        // The scheme as it is now: a key that has changed its scheme meanwhile is cached elsewhere.
        let scheme = self.hot.scheme(request.key);
        match scheme.mitigation {
            Mitigation::None | Mitigation::Dedicated | Mitigation::FrontCache => {
                let at = match scheme.mitigation {
                    Mitigation::Dedicated => DEDICATED,
                    _ => self
                        .owner_of_yesterday(request)
                        .unwrap_or_else(|| self.fleet.owner(self.keys.get(request.key))),
                };
                self.delete(request, at, scheme.name(0), written.whole)
                    .await;
            }
            Mitigation::SplitForReads { .. } => {
                let places = self.places(scheme);
                let delete = |(copy, at): (u8, &ShardId)| {
                    self.delete(request, *at, scheme.name(copy), written.whole)
                };
                join_all((0..).zip(&places).map(delete)).await;
            }
            Mitigation::ReplicaReads { .. } => {
                let places = self.places(scheme);
                for (copy, at) in (0..).zip(&places).skip(1) {
                    self.send_later(request, *at, scheme.name(copy), written.whole);
                }
                self.delete(request, places[0], scheme.name(0), written.whole)
                    .await;
            }
            Mitigation::SplitForWrites { .. } => {
                let row = (scheme == before).then_some((part, written.part));
                self.delete_rows(request, scheme, row).await;
            }
        }
        Ok(written)
    }

    async fn store(&self, request: &Request, part: Part) -> Result<Written, CallError> {
        let call = request.opens(Callee::Origin, "write");
        let write = origin::Write {
            key: request.key,
            part,
            request: request.number,
        };
        let written = engine::net()
            .call::<origin::Write, Written>(self.origin.node, write)
            .keyed(request.number)
            .traced(&call.trace)
            .await;
        call.ends(ended(&written));
        written
    }

    /// Deletes the row that was written. When the key was split while it was written, all rows, with
    /// their versions by the origin's own books: no reply of a write names them.
    async fn delete_rows(
        &self,
        request: &Request,
        scheme: Scheme,
        written: Option<(Part, Version)>,
    ) {
        let places = self.places(scheme);
        let of = places.len() as u8;
        let delete = |(nth, at): (u8, &ShardId)| {
            let row = Part::Row { nth, of };
            let version = match written {
                Some((part, version)) => (part == row).then_some(version),
                None => Some(self.origin.value(request.key, row)),
            };
            Some(self.delete(request, *at, scheme.name(nth), version?))
        };
        join_all((0..).zip(&places).filter_map(delete)).await;
    }

    /// A dead shard has nothing left to delete.
    async fn delete(&self, request: &Request, at: ShardId, name: Name, version: Version) {
        self.flights.borrow_mut().remove(&name);
        let shard = self.fleet.shard(at);
        shard.count();
        self.meters.calls_per_request.part.increment();
        let call = request.opens(Callee::Shard(at), "delete");
        let delete = Delete {
            name,
            version,
            request: request.number,
        };
        let _in_flight = self.fleet.call_to(at);
        let deleted = engine::net()
            .call::<Delete, Deleted>(shard.node, delete)
            .keyed(request.number)
            .tagged(WRITE_TAG)
            .traced(&call.trace)
            .await;
        call.ends(ended(&deleted));
    }

    /// Tells a replica after its lag. Nobody waits for it.
    fn send_later(&self, request: &Request, at: ShardId, name: Name, version: Version) {
        let key = [request.number, u64::from(name.copy)];
        let lag = self
            .knobs
            .replica_lag
            .borrow()
            .sample(&mut self.lag.draw(&key));
        let (node, number) = (self.fleet.shard(at).node, request.number);
        engine::spawn(async move {
            engine::sleep(lag).await;
            engine::net().send_keyed(node, Forget { name, version }, number, WRITE_TAG);
        });
    }
}

/// Marks deletes, and what is brought into a cache, in the picture.
pub const WRITE_TAG: u8 = 1;
pub const FILL_TAG: u8 = 2;

fn ended<T>(result: &Result<T, CallError>) -> CallEnd {
    match result {
        Ok(_) => CallEnd::Done,
        Err(error) => CallEnd::Failed(error.to_string()),
    }
}
