use super::plan;
use crate::trial::is_the_same_again;
use crate::workbench::plan::RunPlan;

const EVENTFUL: [&str; 10] = [
    "1s:crowd=3",
    "2s:crash=2",
    "3s:slow=1",
    "4s:rollout",
    "5s:database_down",
    "8s:zone_down",
    "10s:zone_up",
    "11s:database_up",
    "12s:policy=two_choices",
    "14s:calm",
];
const BUSY: [&str; 6] = [
    "state=in_memory",
    "cold_start=exp:2s",
    "autoscale=event",
    "sync=2s",
    "readiness_asks=database",
    "probe_every=500ms",
];

fn eventful(seed: u64) -> RunPlan {
    plan(seed, 18, &BUSY, &EVENTFUL)
}

is_the_same_again!(eventful);
