use crate::workbench::headless;
use crate::workbench::plan::RunPlan;

#[test]
fn smoke() {
    for policy in [
        "wait_all",
        "deadline",
        "hedge",
        "redundant",
        "tied",
        "quorum",
    ] {
        let mut plan = RunPlan::new(&super::LAB, 7);
        plan.knobs.set_text(&format!("policy={policy}")).unwrap();
        plan.knobs.set_text("straggler=3").unwrap();
        let report = headless::run(plan).unwrap();
        println!("{policy} {:016x}", report.digest());
        for (spec, value) in &report.metrics {
            println!("  {} {value:?}", spec.name);
        }
        println!("{:?}", report.invariants);
    }
}
