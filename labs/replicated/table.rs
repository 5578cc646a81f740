//! The lab's table: its knobs, actions, metrics, requests and invariants.

use super::pattern::Policy;
use super::settings::{Autoscale, Liveness, Profile, Readiness, State};
use crate::workbench::prelude::*;

lab_spec! {
    id: "replicated",
    title: "Replicated service",
    chapter: 5,
    promise: "see which copy to pick, how a replica comes and goes without a lost request, and why a scaler is late",
    scene: SceneKind::Network,
    metrics: ReplicatedMeters::specs(),
}

/// The most replicas of a fleet.
pub const REPLICAS_MAX: u32 = 200;

knobs! {
    pub struct Knobs;
    pub enum Turned { Load, Balancer, Slots, Size }

    "load" {
        /// requests a second, on an ordinary evening
        arrival_rps: f64 = quantity("rps", 500.0, 0.01, 20_000.0).essential() => Load;
        /// as arrival_rps says (steady), up to ten times that within ten minutes (ramp), a hundred times from the
        /// first to the third minute (crowd), or up and down over a day (daily)
        profile: Profile = choice() => Load;
        /// at random moments, or evenly spaced
        arrivals: Arrivals = choice();
        /// how long a replica works on a request
        service: Distribution = distribution("exp:10ms");
        /// how long a client waits for its answer
        timeout: Duration = duration("2s", "1ms", "10m");
        /// people who send the requests, each as often as the others
        users: usize = count(1_000, 1, 100_000);
    }
    "fleet" {
        /// replicas; with autoscale the least there are: none only where it goes by what is offered
        replicas: usize = count(3, 0, REPLICAS_MAX).essential() => Size;
        /// requests that a replica works on at once; more wait in line
        slots: usize = count(4, 1, 1_000) => Slots;
        /// requests that may wait in line at a replica; more are refused at once
        shed: Option<usize> = count(100, 0, 100_000).or("off");
        /// where sessions are kept: there are none, in the replicas, in a store that takes half a millisecond
        state: State = choice();
        /// share of the requests that need the database
        database_ratio: f64 = share(0.5, 0.05);
    }
    "balancer" {
        /// how a replica is picked for each request
        policy: Policy = choice().essential() => Balancer;
        /// how old the loads are that the balancer knows
        load_info_age: Duration = duration("0ms", "0ms", "1m").essential() => Balancer;
        /// how long a new replica takes to its full share
        slow_start: Option<Duration> = duration("60s", "1s", "10m").starting_at("off") => Balancer;
        /// requests that wait at the front while no replica is ready, and call for the first where there is none; more are
        /// refused at once, and without it all are
        activator: Option<usize> = count(1_000, 1, 50_000).starting_at("off");
        /// from a change of readiness until the balancer knows it
        endpoints_lag: Duration = duration("2s", "0ms", "1m");
    }
    "coming and going" {
        /// from the decision for a replica until it can serve
        cold_start: Distribution = distribution("const:20s").essential();
        /// requests are sent to it only once it says that it can serve
        readiness: bool = switch(true);
        /// it goes on serving for drain_sleep, then takes no more, and ends what it has
        drain: bool = switch(true).essential();
        /// see drain: for the balancer to hear of it
        drain_sleep: Duration = duration("10s", "0ms", "5m");
        /// from the word to stop until the kill
        grace: Duration = duration("30s", "0ms", "10m");
        /// share of the replicas that a rollout may add
        max_surge: f64 = share(0.25, 0.05);
        /// share of the replicas that may be missing in a rollout
        max_unavailable: f64 = share(0.25, 0.05);
        /// replicas that an eviction must leave ready
        pdb_min_available: usize = count(2, 0, REPLICAS_MAX);
    }
    "probes" {
        /// how often each probe asks; three failures count
        probe_every: Duration = duration("10s", "100ms", "10m");
        /// what readiness asks
        readiness_asks: Readiness = choice();
        /// what liveness asks; who fails is restarted
        liveness_asks: Liveness = choice();
    }
    "scaling" {
        /// by what replicas serve (hpa), by what is offered (event), or by the schedule as well (predictive)
        autoscale: Autoscale = choice().essential() => Size;
        /// requests a second that one replica should have
        target_rps: f64 = quantity("rps", 300.0, 1.0, 10_000.0);
        /// the most replicas of the autoscaler
        replicas_max: usize = count(20, 1, REPLICAS_MAX);
        /// how often the autoscaler looks
        sync: Duration = duration("15s", "1s", "10m");
        /// downwards it goes to the highest wish of this time
        down_window: Duration = duration("300s", "0s", "1h");
        /// replicas that the schedule asks for (predictive)
        scheduled: usize = count(20, 1, REPLICAS_MAX) => Size;
    }
}

pub static BALANCER: Role = Role::new("balancer", "balancers", Rank::Head).that_asks();
pub static REPLICA: Role = Role::new("replica", "replicas", Rank::Member);
pub static DATABASE: Role = Role::new("database", "databases", Rank::Tail);

actions! {
    pub enum Act {
        /// so many times the load, until calm
        'X' Crowd(f64) = number("times", 100, 1_000);
        /// the crowd goes home
        'C' Calm;
        /// the replica's process dies with what it has, and is started again
        'K' Crash(u32) = on(&REPLICA);
        /// the replica takes ten times as long, or its usual time again
        'S' Slow(u32) = on(&REPLICA);
        /// a new version, a few replicas at a time
        'R' Rollout;
        /// the replica is asked to leave its machine, if the budget allows it
        'E' Evict(u32) = on(&REPLICA);
        /// the third of the machines with the lowest number goes down with its replicas
        'Z' ZoneDown;
        /// the machines are back
        'U' ZoneUp;
        /// the database answers nobody
        'D' DatabaseDown;
        /// the database answers again
        'B' DatabaseUp;
    }
}

metrics! {
    pub struct ReplicatedMeters {
        /// from a request to its answer, of those that were answered
        latency_ms: Histogram in Milliseconds, chart 1;
        /// requests that came
        requests_total: Counter in Count;
        /// requests that were answered
        answered_total: Counter in Count;
        /// requests that were answered, of all that ended
        success_ratio: Ratio in Share, chart 2;
        /// requests without an answer, for whatever reason
        errors_total: Counter in Count, chart 5;
        /// errors: the client has waited for long enough
        timeouts_total: Counter in Count;
        /// errors: too many waited in line already
        shed_total: Counter in Count;
        /// errors: the replica was stopped with the request in it, or the request came to one that had stopped
        dropped_at_shutdown_total: Counter in Count;
        /// requests of users whose session was in another replica, or in one that has gone
        sessions_lost_total: Counter in Count;
        /// replicas that there should be
        replicas: Gauge in Count, chart 3;
        /// replicas that can serve
        ready_replicas: Gauge in Count;
        /// slots at work, of those of ready replicas
        utilization: Gauge in Share, chart 4;
        /// how far the busiest ready replica is above the mean, in requests served of the last second
        imbalance_ratio: Gauge in Share;
        /// requests that wait at the activator until a replica is ready
        activator_depth: Gauge in Count;
        /// requests that wait in line at replicas
        queue_depth: Gauge in Count, chart 6;
        /// replicas that a failing liveness probe has restarted
        restarts_total: Counter in Count;
        /// seconds of replicas, from the decision for one until it has gone
        replica_seconds_total: Counter in Seconds;
    }
}

endpoints! {
    pub enum Asked {
        /// send a request to the service: which replica answered, and how long it took
        Bid = post("/bids");
        /// the replicas: their version, zone, readiness and load
        Look = get("/replicas");
    }
}

invariants! {
    pub struct Invariants {
        only_to_the_ready: "with readiness nothing goes to a replica that can't serve yet";
        nothing_dropped: "with drain nothing is dropped that could end within the grace period";
        budget: "an eviction leaves as many ready as the budget says";
        ends_once: "every request is answered, failed or in progress";
    }
}
