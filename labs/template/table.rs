//! The lab's table: its knobs, actions, metrics, requests and invariants.

use crate::workbench::prelude::*;

lab_spec! {
    id: "template",
    title: "Template",
    chapter: 1,
    promise: "TODO see what one more try buys",
    scene: SceneKind::Network,
    metrics: ClientMeters::specs(),
}

knobs! {
    pub struct Knobs;
    pub enum Turned { Rate }

    "load" {
        /// requests that arrive at the client, a second
        arrival_rps: f64 = quantity("rps", 50.0, 0.1, 10_000.0).essential() => Rate;
        /// at random moments, or evenly spaced
        arrivals: Arrivals = choice();
    }
    "server" {
        /// how long the server works on a try
        service: Distribution = distribution("exp:5ms");
        /// tries that fail
        failure_ratio: f64 = share(0.1, 0.01).essential();
    }
    "policy" {
        /// how long the client waits before it asks again
        pause: Duration = duration("10ms", "1ms", "1m").essential();
    }
}

pub static CLIENT: Role = Role::new("client", "clients", Rank::Head).that_asks();
pub static SERVER: Role = Role::new("server", "servers", Rank::Member);

actions! {
    pub enum Act {
        /// the server's process dies
        'K' Crash(u32) = on(&SERVER);
        /// the server's process starts again
        'U' Restart(u32) = on(&SERVER);
    }
}

metrics! {
    pub struct ClientMeters {
        /// from a request's arrival to its answer
        latency_ms: Histogram in Milliseconds, chart 1;
        /// requests that failed, of all that ended
        failed_ratio: Ratio in Share, chart 2;
        /// requests turned away: too many in progress
        shed_total: Counter in Count;
    }
}

endpoints! {
    pub enum Asked {
        /// one more request; says whether it was done
        Ask = post("/ask");
    }
}

invariants! {
    pub struct Invariants {
        two_tries: "no request is tried more than twice";
    }
}
