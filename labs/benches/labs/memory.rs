//! What a lab keeps of an overload of hours.

use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::session::Session;
use std::process::Command;

/// More than a lab can do, with work that lasts: it fills what it may keep within the first hour.
fn overload(lab: &str) -> &'static [&'static str] {
    match lab {
        "scatter-gather" => &["arrival_rps=100", "service=const:10s", "deadline=off"],
        "sidecar" => &["arrival_rps=50", "service=const:10s", "sink_rps=1"],
        "ambassador" => &[
            "arrival_rps=300",
            "service=const:10s",
            "timeout=20s",
            "pool=10000",
        ],
        "adapter" => &["arrival_rps=100", "label_max=off", "label_values=2000"],
        "replicated" => &[
            "arrival_rps=150",
            "service=const:10s",
            "timeout=10m",
            "shed=off",
        ],
        "sharded" => &["arrival_rps=200", "timeout=60s", "shard_service=const:100s"],
        "work-queue" => &["arrival_rps=200", "workers=1", "service=const:10s"],
        "event-pipeline" => &["arrival_rps=500", "workers=1", "stage_service=const:100ms"],
        "coordinated-batch" => &["night_every=10s", "auctions=1000", "task_service=const:20s"],
        "faas" => &[
            "arrival_rps=100",
            "invocation=async",
            "concurrency_limit=1",
            "duration=const:10s",
        ],
        "election" => &["candidates=9", "job_every=100ms", "job_takes=const:10s"],
        _ => &[],
    }
}

/// Every lab, each in a process of its own.
pub fn print() {
    println!("{:<18}  MB after 1 h  MB after 2 h  grown", "lab");
    let this = std::env::current_exe().expect("the path of this program");
    for lab in ddlab_labs::all() {
        let name = lab.spec().id;
        let ran = Command::new(&this).args(["memory", name]).status();
        assert!(ran.is_ok_and(|ran| ran.success()), "{name} did not run");
    }
}

/// One lab in this process.
pub fn of(name: &str) {
    let lab = ddlab_labs::find(name).expect("a lab of the registry");
    let mut plan = RunPlan::new(lab, 1);
    for setting in overload(name) {
        plan.knobs.set_text(setting).expect("a knob of the lab");
    }
    let mut session = Session::start(plan);
    let megabytes = [1, 2].map(|hours| {
        session.advance(SimTime::from_secs(3_600 * hours), u64::MAX);
        resident_megabytes()
    });
    let [first, second] = megabytes;
    let grown = 100.0 * (second / first - 1.0);
    println!("{name:<18}  {first:>12.1}  {second:>12.1}  {grown:>4.0} %");
}

/// What this process has in memory, as Linux says; elsewhere not a number.
fn resident_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kilobytes.map_or(f64::NAN, |kilobytes| kilobytes / 1_024.0)
}
