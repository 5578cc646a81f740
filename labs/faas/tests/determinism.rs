use super::plan;
use crate::trial::is_the_same_again;
use crate::workbench::plan::RunPlan;

const EVENTFUL: [&str; 8] = [
    "2s:burst=400",
    "4s:deploy",
    "6s:limit=5",
    "8s:invocation=async",
    "10s:keep_alive_policy=histogram",
    "12s:calm",
    "14s:instance_concurrency=4",
    "16s:when_full=wait",
];
const BUSY: [&str; 6] = [
    "arrival_rps=40",
    "profile=bursty",
    "neighbour_rps=20",
    "db_connections=30",
    "error_ratio=0.1",
    "provisioned=2",
];

fn eventful(seed: u64) -> RunPlan {
    plan(seed, 20, &BUSY, &EVENTFUL)
}

is_the_same_again!(eventful);
