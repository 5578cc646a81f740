//! The log, the group with its generations, and the store with its fence.

use crate::harness::shared::Shared;
use crate::harness::upstream::{Reply, Service, UpstreamRequest};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

pub const PARTITIONS: usize = 8;

/// A record that the store took.
#[derive(Debug, Clone, Copy)]
pub struct Effect {
    pub partition: usize,
    pub offset: usize,
}

#[derive(Debug, Default)]
struct State {
    session: Duration,
    generation: u64,
    /// When each member was heard of last.
    members: BTreeMap<String, Instant>,
    /// Members that know the present generation.
    joined: BTreeSet<String>,
    /// Bids by partition.
    log: Vec<Vec<String>>,
    committed: Vec<usize>,
    effects: Vec<Effect>,
    dead: BTreeSet<(usize, usize)>,
    /// The newest generation that the store has heard of for each partition.
    fence: Vec<u64>,
    /// The owner of each partition, by generation.
    owners: BTreeMap<u64, Vec<String>>,
    /// Members that were told that this generation is over.
    told: BTreeSet<(String, u64)>,
    /// Calls to the store of members that had been told, by generation and partition.
    stale: BTreeMap<(u64, usize), usize>,
    /// The first thing that was wrong with a call, whatever the check is about.
    wrong: Option<(&'static str, String)>,
    heartbeats: BTreeMap<String, Vec<Instant>>,
}

/// Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Broker(Shared<State>);

/// The store's side of it.
#[derive(Debug, Clone)]
pub struct Store(pub Broker);

impl Broker {
    pub fn new(session: Duration) -> Self {
        let broker = Self::default();
        let mut state = broker.0.lock();
        state.session = session;
        state.log = vec![Vec::new(); PARTITIONS];
        state.committed = vec![0; PARTITIONS];
        state.fence = vec![0; PARTITIONS];
        drop(state);
        broker
    }

    pub fn append(&self, partition: usize, bid: &str) {
        self.0.lock().log[partition].push(bid.to_owned());
    }

    pub fn effects(&self) -> Vec<Effect> {
        self.0.lock().effects.clone()
    }

    pub fn committed(&self) -> Vec<usize> {
        self.0.lock().committed.clone()
    }

    pub fn dead(&self) -> BTreeSet<(usize, usize)> {
        self.0.lock().dead.clone()
    }

    pub fn wrong(&self) -> Option<(&'static str, String)> {
        self.0.lock().wrong.clone()
    }

    pub fn generation(&self) -> u64 {
        self.0.lock().generation
    }

    /// The members that know the present generation.
    pub fn joined(&self) -> BTreeSet<String> {
        self.0.lock().joined.clone()
    }

    /// A member of the grader, which does nothing: until it leaves, or its session is over.
    pub fn join(&self, member: &str) {
        self.0.lock().join(member);
    }

    pub fn leave(&self, member: &str) {
        self.0.lock().leave(member);
    }

    pub fn members(&self) -> usize {
        self.0.lock().members.len()
    }

    /// The most calls about a partition, with a generation that its owner knew to be over.
    pub fn stale(&self) -> Option<((u64, usize), usize)> {
        let stale = self.0.lock().stale.clone();
        stale.into_iter().max_by_key(|(_, calls)| *calls)
    }

    pub fn heartbeats(&self, member: &str) -> Vec<Instant> {
        self.0
            .lock()
            .heartbeats
            .get(member)
            .cloned()
            .unwrap_or_default()
    }

    /// Everything is committed.
    pub fn is_done(&self) -> bool {
        let state = self.0.lock();
        state
            .log
            .iter()
            .zip(&state.committed)
            .all(|(log, committed)| log.len() == *committed)
    }
}

impl State {
    fn rebalance(&mut self) {
        self.generation += 1;
        self.joined.clear();
        let owners = (0..PARTITIONS).filter_map(|partition| self.owner(partition).cloned());
        self.owners.insert(self.generation, owners.collect());
    }

    fn expire(&mut self) {
        let now = Instant::now();
        let before = self.members.len();
        let session = self.session;
        self.members.retain(|_, heard| now < *heard + session);
        if self.members.len() != before {
            self.rebalance();
        }
    }

    fn owner(&self, partition: usize) -> Option<&String> {
        let members: Vec<&String> = self.members.keys().collect();
        members.get(partition % members.len().max(1)).copied()
    }

    fn complain(&mut self, diagnosis: &'static str, what: String) {
        self.wrong.get_or_insert((diagnosis, what));
    }

    fn join(&mut self, member: &str) -> Reply {
        let now = Instant::now();
        if self.members.insert(member.to_owned(), now).is_none() {
            self.rebalance();
        }
        self.joined.insert(member.to_owned());
        let mine = (0..PARTITIONS).filter(|p| self.owner(*p).is_some_and(|owner| owner == member));
        let mine: Vec<Value> = mine
            .map(|p| json!({ "partition": p, "offset": self.committed[p] }))
            .collect();
        Reply::json(&json!({ "generation": self.generation, "partitions": mine }))
    }

    fn leave(&mut self, member: &str) -> Reply {
        if self.members.remove(member).is_some() {
            self.rebalance();
        }
        Reply::json(&json!({}))
    }

    fn commit(&mut self, body: &Value) -> Reply {
        let number = |field: &str| {
            body[field]
                .as_u64()
                .and_then(|number| usize::try_from(number).ok())
        };
        let partition = number("partition").filter(|partition| *partition < PARTITIONS);
        let (Some(partition), Some(offset)) = (partition, number("offset")) else {
            return Reply::bad_request("partition and offset are whole numbers");
        };
        let done = |offset: &usize| {
            let has = self
                .effects
                .iter()
                .any(|e| e.partition == partition && e.offset == *offset);
            has || self.dead.contains(&(partition, *offset))
        };
        let undone = (self.committed[partition]..offset).find(|offset| !done(offset));
        if let Some(undone) = undone {
            let told =
                format!("commit of {offset} for partition {partition}, and {undone} is not done");
            let bid = self.log[partition].get(undone);
            let is_poison = bid.is_some_and(|bid| bid.contains("poison"));
            self.complain(
                if is_poison {
                    "drops-poison"
                } else {
                    "commits-first"
                },
                told,
            );
        }
        self.committed[partition] = self.committed[partition].max(offset);
        Reply::json(&json!({}))
    }
}

impl Service for Broker {
    fn answer(&self, request: &UpstreamRequest) -> Reply {
        let mut state = self.0.lock();
        state.expire();
        let body = request.json();
        if let Some(partition) = request.path.strip_prefix("/partitions/") {
            let number = |name| {
                request
                    .query(name)
                    .and_then(|value| value.parse::<usize>().ok())
            };
            let (Some(offset), Some(max)) = (number("offset"), number("max")) else {
                return Reply::bad_request("offset and max are whole numbers");
            };
            let log = partition
                .parse::<usize>()
                .ok()
                .and_then(|p| state.log.get(p));
            let records = log.into_iter().flatten().enumerate().skip(offset).take(max);
            let records: Vec<Value> = records
                .map(|(offset, bid)| json!({ "offset": offset, "bid": bid }))
                .collect();
            return Reply::json(&json!({ "records": records }));
        }
        let member = body["member"].as_str().unwrap_or_default().to_owned();
        let is_present = body["generation"].as_u64() == Some(state.generation)
            && state.members.contains_key(&member);
        if let Some(heard) = state.members.get_mut(&member) {
            *heard = Instant::now();
        }
        match request.path.as_str() {
            "/join" if !member.is_empty() => state.join(&member),
            "/leave" => state.leave(&member),
            "/dead" => {
                let number = |field: &str| body[field].as_u64().map(|number| number as usize);
                if let Some(record) = number("partition").zip(number("offset")) {
                    state.dead.insert(record);
                }
                Reply::json(&json!({}))
            }
            "/heartbeat" | "/commit" if !is_present => {
                let over = body["generation"].as_u64().unwrap_or(0);
                state.told.insert((member, over));
                Reply::conflict("the generation is over")
            }
            "/heartbeat" => {
                state
                    .heartbeats
                    .entry(member)
                    .or_default()
                    .push(Instant::now());
                Reply::json(&json!({}))
            }
            "/commit" => state.commit(&body),
            _ => Reply::not_found("there is nothing here"),
        }
    }
}

impl Service for Store {
    fn answer(&self, request: &UpstreamRequest) -> Reply {
        let mut state = self.0.0.lock();
        let mut words = request
            .path
            .trim_start_matches('/')
            .split('/')
            .map(str::parse::<usize>);
        let (Some(Ok(partition)), Some(Ok(offset))) = (words.next(), words.next()) else {
            return Reply::not_found("PUT /PARTITION/OFFSET");
        };
        let body = request.json();
        let generation = body["generation"].as_u64().unwrap_or(0);
        let bid = state
            .log
            .get(partition)
            .and_then(|log| log.get(offset))
            .cloned();
        let Some(bid) = bid.filter(|bid| body["bid"] == bid.as_str()) else {
            state.complain("wrong-effect", format!("PUT {} with {body}", request.path));
            return Reply::bad_request("this is not the bid of that record");
        };
        let owner = state.owners.get(&generation);
        let owner = owner.and_then(|owners| owners.get(partition)).cloned();
        if owner.is_some_and(|owner| state.told.contains(&(owner, generation))) {
            *state.stale.entry((generation, partition)).or_default() += 1;
        }
        if generation < state.fence[partition] {
            return Reply::conflict("there is a newer generation");
        }
        if generation > state.generation {
            state.complain(
                "stale-generation",
                format!("generation {generation}, which has not begun"),
            );
        }
        state.fence[partition] = generation;
        if bid.contains("poison") {
            return Reply::refuse(
                StatusCode::UNPROCESSABLE_ENTITY,
                "this bid will never be taken",
            );
        }
        let done = |offset: usize| {
            let has = state
                .effects
                .iter()
                .any(|e| e.partition == partition && e.offset == offset);
            has || state.log[partition][offset].contains("poison")
        };
        if let Some(missing) = (0..offset).find(|offset| !done(*offset)) {
            let told = format!("offset {offset} of partition {partition} before {missing}");
            state.complain("wrong-order", told);
        }
        state.effects.push(Effect { partition, offset });
        Reply::json(&json!({}))
    }
}
