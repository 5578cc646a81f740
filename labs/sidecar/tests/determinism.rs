use super::plan;
use crate::trial::is_the_same_again;
use crate::workbench::plan::RunPlan;

const EVENTFUL: [&str; 10] = [
    "1s:heavy=shipper",
    "2s:crash=proxy",
    "3s:sink_down",
    "5s:crash=shipper",
    "7s:sink_up",
    "9s:config_change",
    "10s:restart=app",
    "14s:upgrade=shipper",
    "16s:bad_config",
    "17s:terminate",
];
const BUSY: [&str; 6] = [
    "proxy=mtls",
    "reload=watch",
    "sidecar_cpu_limit=300",
    "volume_mb=1",
    "rotate_mb=1",
    "on_full=drop_old",
];

fn eventful(seed: u64) -> RunPlan {
    plan(seed, 30, &BUSY, &EVENTFUL)
}

is_the_same_again!(eventful);
