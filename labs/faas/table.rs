//! The lab's table: its knobs, actions, metrics, requests and invariants.

use super::bill;
use super::settings::{Invocation, KeepAlivePolicy, Profile, WhenFull};
use crate::workbench::prelude::*;

lab_spec! {
    id: "faas",
    title: "Functions as a service",
    chapter: 11,
    promise: "see how often a call is cold, who is refused when the limit is reached, and when a container is cheaper",
    scene: SceneKind::Network,
    metrics: FaasMeters::specs(),
}

/// The highest limit that an account may have here.
pub const LIMIT_MAX: u32 = 10_000;

knobs! {
    pub struct Knobs;
    pub enum Turned { Load, Limit, Functions, Containers }

    "load" {
        /// calls of the function, a second, on average; a rare one has a three-thousandth of it
        arrival_rps: f64 = quantity("rps", 5.0, 0.0001, 5_000.0).essential() => Load;
        /// at random (poisson), forty at a time (bursty), up and down over a day (daily), or one in
        /// ten minutes where arrival_rps is 5 (rare)
        profile: Profile = choice().essential() => Load;
        /// at random moments, or evenly spaced
        arrivals: Arrivals = choice();
        /// how long the handler runs
        duration: Distribution = distribution("lognormal:120ms,0.5").essential() => Containers;
        /// share of that time in which it computes: calls in one instance do so one after the other
        cpu_ratio: f64 = share(0.1, 0.01);
        /// calls in which the handler fails at its end
        error_ratio: f64 = share(0.0, 0.01);
        /// somebody waits for each call, or the platform keeps it and tries again
        invocation: Invocation = choice();
        /// how old an event of an asynchronous call may get
        event_age: Duration = duration("6h", "1s", "6h");
    }
    "instances" {
        /// from the call to an instance that can run it: place, fetch, initialise
        cold_start: Distribution = distribution("lognormal:600ms,0.5");
        /// share of a cold start that is the function's own initialising: billed, and what a snapshot saves
        init_ratio: f64 = share(0.6, 0.05);
        /// how long an instance is kept for the next call
        keep_alive: Duration = duration("10m", "100ms", "12h").essential() => Functions;
        /// keep_alive for each, or by the gaps between calls as the platform has seen them
        keep_alive_policy: KeepAlivePolicy = choice() => Functions;
        /// calls that an instance takes at once: 1 on AWS Lambda, 80 on Cloud Run
        instance_concurrency: usize = count(1, 1, 1_000).essential() => Functions;
        /// of an instance that takes several: the share of its places in use at which one more is started
        target: f64 = share(0.6, 0.05) => Functions;
        /// instances that are kept ready and paid for
        provisioned: usize = count(0, 0, 1_000).essential() => Functions;
        /// instances wake from a snapshot of an initialised one
        snapstart: bool = switch(false);
        /// share of the initialising that a snapshot saves
        snapstart_saves: f64 = share(0.9, 0.05);
    }
    "limits" {
        /// instances that may be busy at once, those of all functions of the account together
        concurrency_limit: usize = count(1_000, 1, LIMIT_MAX).essential() => Limit;
        /// of the limit, set aside for this function; it is also all that it may have
        reserved: Option<usize> = count(100, 0, 10_000).starting_at("off") => Functions;
        /// instances that may be started in ten seconds
        scale_rate: usize = count(1_000, 1, 10_000) => Functions;
        /// a call that finds no room is refused at once, or waits
        when_full: WhenFull = choice() => Functions;
        /// how long such a call waits
        patience: Duration = duration("10s", "10ms", "10m") => Functions;
        /// a handler that runs longer is ended
        timeout: Duration = duration("15m", "1ms", "15m") => Functions;
        /// connections that the function's database takes; each instance opens one when it starts
        db_connections: Option<usize> = count(100, 1, 10_000).starting_at("off");
    }
    "neighbour" {
        /// calls of another function of the same account, a second
        neighbour_rps: Option<f64> = quantity("rps", 40.0, 0.1, 1_000.0).starting_at("off");
        /// how long the neighbour's handler runs
        neighbour_duration: Distribution = distribution("const:30ms");
        /// of the limit, set aside for the neighbour
        neighbour_reserved: Option<usize> = count(10, 0, 1_000).starting_at("off") => Functions;
    }
    "bill" {
        /// memory of an instance; 1,024 MB are one GB
        memory_mb: usize = count(512, 128, 10_240);
        /// containers that would serve the same load, always on
        containers: usize = count(2, 1, 200) => Containers;
        /// calls that a container works on at once; more wait in line
        container_slots: usize = count(4, 1, 1_000) => Containers;
        /// price of a million calls
        usd_per_million_calls: f64 = quantity("usd", bill::USD_PER_MILLION_CALLS, 0.01, 10.0);
        /// price of a million seconds of one GB
        usd_per_million_gb_s: f64 = quantity("usd", bill::USD_PER_MILLION_GB_S, 0.1, 1_000.0);
        /// price of one container for a month of 730 hours
        usd_per_container: f64 = quantity("usd", bill::USD_PER_CONTAINER, 0.1, 10_000.0) => Containers;
    }
}

pub static CALLERS: Role = Role::new("callers", "callers", Rank::Head);
pub static INSTANCE: Role = Role::new("instance", "instances", Rank::Member);
pub static DATABASE: Role = Role::new("database", "databases", Rank::Tail);

actions! {
    pub enum Act {
        /// so many calls more, over the next ten seconds
        'B' Burst(f64) = number("calls", 1_000, 1_000_000);
        /// a new version: every instance is cold again
        'D' Deploy;
        /// another concurrency_limit
        'L' Limit(f64) = number("instances", 100, LIMIT_MAX);
        /// bursts end at once
        'C' Calm;
    }
}

metrics! {
    pub struct FaasMeters {
        /// from a call to its answer, of calls that were answered
        latency_ms: Histogram in Milliseconds, chart 1;
        /// calls that had to wait for an instance to start, of those that ran
        cold_ratio: Ratio in Share, chart 2;
        /// how long those waited for it
        cold_start_ms: Histogram in Milliseconds;
        /// instances that there are, starting, busy or idle
        instances: Gauge in Count, chart 3;
        /// calls that have an instance, running or waiting for its start
        concurrency: Gauge in Count, chart 4;
        /// busy instances of all functions of the account: what the limit is held against
        account_busy: Gauge in Count;
        /// instances without a call, of all there are
        idle_ratio: Gauge in Share;
        /// calls that came
        calls_total: Counter in Count;
        /// calls that were answered
        answered_total: Counter in Count;
        /// runs in which the handler failed
        errors_total: Counter in Count;
        /// calls and retries that were refused for want of room
        throttled_total: Counter in Count, chart 5;
        /// calls and retries that were refused, of all
        refused_ratio: Ratio in Share;
        /// handlers that ran into the time limit
        timeouts_total: Counter in Count;
        /// tries beyond the first of asynchronous calls
        retries_total: Counter in Count;
        /// asynchronous calls given up or too old, and calls that found the platform's own queue full
        dropped_total: Counter in Count;
        /// from an asynchronous call until it was done
        event_delay_ms: Histogram in Milliseconds;
        /// runs that failed because the database took no more connections
        db_refused_total: Counter in Count;
        /// calls of the neighbour
        neighbour_calls_total: Counter in Count;
        /// calls of the neighbour that were refused, of all of them
        neighbour_throttled_ratio: Ratio in Share;
        /// time that was billed
        billed_ms_total: Counter in Milliseconds;
        /// what a month like the last minute would cost as a function
        faas_usd_month: Gauge in DollarsPerMonth, chart 6;
        /// what it costs as containers
        containers_usd_month: Gauge in DollarsPerMonth;
        /// from a call to its answer, were the containers to serve it
        containers_latency_ms: Histogram in Milliseconds;
        /// places of the containers that the load would keep busy
        containers_utilization: Gauge in Share;
    }
}

endpoints! {
    pub enum Asked {
        /// call the function and wait: which instance ran it, and whether it was warm or cold
        Invoke = post("/invoke");
        /// what a month like the last minute costs, as a function and as containers
        Bill = get("/bill");
    }
}

invariants! {
    pub struct Invariants {
        within_the_limit: "no more instances are busy than the account may have";
        billed: "what is billed is at least what ran";
        ends_once: "every call is answered, failed, refused, dropped or in progress";
    }
}
