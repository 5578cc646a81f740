//! The lab's table: its knobs, actions, metrics, requests and invariants.

use super::pattern::Routing;
use super::retry::Backoff;
use super::settings::Placement;
use super::split::SplitBy;
use crate::workbench::prelude::*;

lab_spec! {
    id: "ambassador",
    title: "Ambassador",
    chapter: 3,
    promise: "see what retries do to a service that is down, what ends an overload that outlives its cause, and what a breaker saves",
    scene: SceneKind::Network,
    metrics: AmbassadorMeters::specs(),
}

/// The most instances of the service.
const UPSTREAMS_MAX: u32 = 50;

knobs! {
    pub struct Knobs;
    pub enum Turned { Load, Rules, Slots, Network }

    "load" {
        /// requests of the application, a second
        arrival_rps: f64 = quantity("rps", 200.0, 0.1, 20_000.0).essential() => Load;
        /// at random moments, or evenly spaced
        arrivals: Arrivals = choice();
        /// how long the application waits in all
        deadline: Option<Duration> = duration("800ms", "1ms", "10m").starting_at("off");
        /// share of the requests that are safe to repeat
        safe_ratio: f64 = share(1.0, 0.05);
    }
    "service" {
        /// instances of the service
        upstreams: usize = count(3, 1, UPSTREAMS_MAX).restarts();
        /// how long an instance works on a call
        service: Distribution = distribution("lognormal:10ms,0.5");
        /// calls that an instance works on at once; more wait in line
        slots: usize = count(8, 1, 1_000) => Slots;
        /// calls that may wait in line at an instance; more are refused at once
        backlog: Option<usize> = count(100, 0, 100_000).starting_at("off");
        /// calls that fail at their end
        error_ratio: f64 = share(0.0, 0.01);
        /// an instance that has started takes four times as long for this time
        warm_up: Duration = duration("5s", "0ms", "10m");
        /// from a crash or a start until the ambassador knows of it
        discovery_lag: Duration = duration("1s", "0ms", "10m");
        /// one way between the pod and an instance
        network: Distribution = distribution("const:0.25ms") => Network;
        /// an instance stops its work on a call that was given up
        cancel: bool = switch(false);
    }
    "retries" {
        /// attempts for a request, the first included, in each layer
        attempts: usize = count(3, 1, 10).essential() => Rules;
        /// how long an attempt may take, its wait for a connection included
        timeout: Duration = duration("200ms", "1ms", "1m").essential() => Rules;
        /// retries as a share of the requests, in each layer
        retry_budget: Option<f64> = share(0.1, 0.05).starting_at("off").essential() => Rules;
        /// the wait before a retry
        backoff: Backoff = choice() => Rules;
        /// the first such wait; it doubles each time
        backoff_base: Duration = duration("25ms", "1ms", "10s") => Rules;
        /// layers that each try again: the ambassador, the service that uses it, the gateway before that
        layers: usize = count(1, 1, 3).essential();
    }
    "hedge" {
        /// an attempt that has taken so long gets another one beside it, at another instance
        hedge_after: Option<Duration> = duration("30ms", "1ms", "1m").starting_at("off") => Rules;
        /// hedges as a share of the requests, beside ten that may be saved up
        hedge_budget: f64 = share(0.05, 0.01) => Rules;
    }
    "split" {
        /// instances of a new version of the service, beside the others
        canaries: usize = count(0, 0, UPSTREAMS_MAX).restarts();
        /// share of the requests that go to the new version, if it has instances
        split: f64 = share(0.1, 0.05);
        /// what decides which requests those are
        split_by: SplitBy = choice();
        /// calls of the new version that fail at their end
        canary_error_ratio: f64 = share(0.0, 0.01);
        /// how many times as long the new version works on a call
        canary_slowness: f64 = quantity("", 1.0, 0.1, 100.0);
    }
    "breaker" {
        /// a breaker for each instance
        breaker: bool = switch(false).essential() => Rules;
        /// share of the last 100 calls that must fail for a breaker to open
        breaker_threshold: f64 = share(0.5, 0.05) => Rules;
        /// how long an open breaker refuses before it probes
        breaker_open_for: Duration = duration("5s", "100ms", "10m") => Rules;
        /// share of the instances that breakers may take out at once
        ejected_max: f64 = share(1.0, 0.05) => Rules;
    }
    "way out" {
        /// whoever is next, or the owner of the key
        routing: Routing = choice() => Rules;
        /// connections to each instance; a call that finds none free waits for one
        pool: usize = count(256, 1, 10_000).restarts();
        /// requests a second that may go out
        rate_limit: Option<f64> = quantity("rps", 100.0, 0.1, 100_000.0).starting_at("off") => Rules;
        /// requests that the rate limit lets through at once after a rest
        rate_burst: usize = count(10, 1, 10_000) => Rules;
    }
    "pod" {
        /// the code runs in a process beside the application, or in the application's own
        placement: Placement = choice().essential().restarts();
        /// what the hop through that process takes
        ambassador_latency: Distribution = distribution("const:0.3ms");
        /// how often the ambassador asks the secret store for newer credentials
        token_refresh: Duration = duration("30s", "100ms", "1h");
        /// how long the secret store takes
        token_fetch: Duration = duration("20ms", "0ms", "1m");
    }
}

pub static APP: Role = Role::new("application", "applications", Rank::Head).that_asks();
pub static AMBASSADOR: Role = Role::new("ambassador", "ambassadors", Rank::Head).that_asks();
pub static INSTANCE: Role = Role::new("instance", "instances", Rank::Member);

actions! {
    pub enum Act {
        /// this share of the instance's calls fails
        'F' Fail(NodeBy) = on_by(&INSTANCE, "0.5");
        /// the instance takes ten times as long, or its usual time again
        'S' Slow(u32) = on(&INSTANCE);
        /// the instance's process dies with what it has
        'K' Crash(u32) = on(&INSTANCE);
        /// the instance's process starts again, and fails no more
        'U' Restart(u32) = on(&INSTANCE);
        /// all instances stand still, and go on where they were
        'T' Stall(f64) = number("s", 40, 600);
        /// the ambassador's process dies; it is started again a second later
        'A' CrashAmbassador;
        /// the service accepts the credentials no more that are out now
        'V' RevokeCredentials;
        /// the secret store has new credentials; the old ones are still accepted
        'R' RotateCredentials;
        /// no request goes to the new version any more
        'L' Rollback;
        /// a mock stands where the service stood, or the service again
        'M' Mock;
        /// so many requests at once
        'B' Burst(f64) = number("requests", 1_000, 100_000);
    }
}

metrics! {
    pub struct AmbassadorMeters {
        /// from a request to its answer, of those that were answered
        latency_ms: Histogram in Milliseconds, chart 1;
        /// requests answered in the last second
        goodput_rps: Gauge in PerSecond, chart 2;
        /// calls that reached the instances in the last second
        upstream_rps: Gauge in PerSecond, chart 3;
        /// requests of the application
        requests_total: Counter in Count;
        /// requests that were answered
        answered_total: Counter in Count;
        /// requests that were answered, of all that ended
        success_ratio: Ratio in Share;
        /// requests without an answer, for whatever reason
        errors_total: Counter in Count, chart 5;
        /// how long it took to fail, of requests without an answer
        failure_ms: Histogram in Milliseconds;
        /// errors: refused at once, by breakers or by the rate limit
        rejected_total: Counter in Count;
        /// errors: too many requests were in progress
        shed_total: Counter in Count;
        /// calls to instances, for each request of the application
        attempts_per_request: Ratio in Count;
        /// attempts beyond the first, in all layers together
        retries_total: Counter in Count;
        /// late attempts that got another one beside them
        hedges_total: Counter in Count;
        /// of these, where the other one was answered first
        hedges_won_total: Counter in Count;
        /// requests that went to the new version, of all that reached a version
        canary_ratio: Ratio in Share;
        /// requests of the old version that were not answered, of all of its requests
        stable_failed_ratio: Ratio in Share;
        /// requests of the new version that were not answered, of all of its requests
        canary_failed_ratio: Ratio in Share;
        /// from a request to its answer, of those that the new version answered
        canary_latency_ms: Histogram in Milliseconds;
        /// answers that nobody waited for any more, of all that instances gave
        wasted_ratio: Ratio in Share, chart 4;
        /// calls that wait in line at instances
        queue_depth: Gauge in Count, chart 6;
        /// slots at work, of those of instances that are up
        utilization: Gauge in Share;
        /// instances whose breaker is not closed, of all
        breaker_open_ratio: Gauge in Share;
        /// changes of state of all breakers
        breaker_transitions_total: Counter in Count;
        /// how long calls waited for a connection
        pool_wait_ms: Histogram in Milliseconds;
        /// calls that an instance refused for their credentials
        unauthorized_total: Counter in Count;
    }
}

endpoints! {
    pub enum Asked {
        /// send a request through the ambassador: which instance answered, at which attempt
        Score = post("/score");
        /// the instances: whether they are up, and the state of their breakers
        Look = get("/instances");
    }
}

invariants! {
    pub struct Invariants {
        retries_in_budget: "retries stay within the budget";
        hedges_in_budget: "hedges stay within the budget";
        only_probes: "an open breaker lets only probes through";
        credentials: "nothing leaves without credentials";
        ends_once: "every request of the application is answered, failed or in progress";
    }
}
