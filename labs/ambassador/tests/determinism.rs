use super::plan;
use crate::trial::is_the_same_again;
use crate::workbench::plan::RunPlan;

const EVENTFUL: [&str; 11] = [
    "1s:fail=1:0.7",
    "2s:crash=2",
    "3s:slow=3",
    "4s:crash_ambassador",
    "6s:revoke_credentials",
    "7s:rotate_credentials",
    "8s:restart=2",
    "9s:stall=1",
    "11s:burst=200",
    "12s:mock",
    "13s:rollback",
];
const BUSY: [&str; 9] = [
    "breaker=on",
    "breaker_open_for=1s",
    "backoff=full_jitter",
    "layers=2",
    "retry_budget=0.2",
    "arrival_rps=400",
    "hedge_after=20ms",
    "canaries=2",
    "canary_slowness=2",
];

fn eventful(seed: u64) -> RunPlan {
    plan(seed, 15, &BUSY, &EVENTFUL)
}

is_the_same_again!(eventful);
