//! What the experiments and challenges claim, held against the labs over many seeds.
//!
//! `cargo test -p ddlab-labs --test guides LAB` holds those of one lab (`scatter_gather`); with
//! `GUIDE=ID` one experiment or challenge. What was measured is printed: add `-- --nocapture`.

use ddlab_labs::workbench::guide::Guides;
use std::path::Path;

/// Each by itself, and beside them the seed that is shown.
const SEEDS: std::ops::Range<u64> = 1..21;

/// From the file as it is now, and not as it was compiled in: so the text can be worked on without a build
/// between two tries, by running the test's binary itself.
fn guides(lab: &str) -> Guides {
    let lab = ddlab_labs::find(lab).expect("the lab is in the registry");
    let folder = lab.spec().id.replace('-', "_");
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(folder)
        .join("experiments.yaml");
    let name = file.display();
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
    Guides::parse(&text, lab).unwrap_or_else(|fault| panic!("{name}, {fault}"))
}

fn asked(id: &str) -> bool {
    std::env::var("GUIDE").map_or(true, |only| only == id)
}

fn experiments(lab: &str) {
    let mut faults = Vec::new();
    for experiment in guides(lab).experiments.iter().filter(|e| asked(&e.id)) {
        let found = experiment
            .verify(SEEDS)
            .unwrap_or_else(|error| panic!("{}: {error}", experiment.id));
        println!(
            "{}: least, median, most of {} seeds",
            experiment.id,
            found.by_seed.len()
        );
        println!("{}", found.table(experiment));
        faults.extend(
            found
                .faults
                .iter()
                .map(|fault| format!("{}: {fault}", experiment.id)),
        );
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

fn challenges(lab: &str) {
    let mut faults = Vec::new();
    for challenge in guides(lab).challenges.iter().filter(|c| asked(&c.id)) {
        let found = challenge
            .verify(SEEDS)
            .unwrap_or_else(|error| panic!("{}: {error}", challenge.id));
        println!("{}\n{}", challenge.id, found.table);
        faults.extend(
            found
                .faults
                .iter()
                .map(|fault| format!("{}: {fault}", challenge.id)),
        );
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

macro_rules! labs {
    ($($module:ident = $id:literal),+) => {$(
        mod $module {
            #[test]
            fn what_the_experiments_claim_is_what_the_lab_does() {
                super::experiments($id);
            }

            #[test]
            fn each_par_reaches_its_medal_and_each_trap_fails() {
                super::challenges($id);
            }
        }
    )+

        #[test]
        fn every_lab_is_held() {
            let held = [$($id),+];
            for lab in ddlab_labs::all() {
                let id = lab.spec().id;
                assert!(held.contains(&id), "add `{id}` to the list in this file");
            }
        }
    };
}

labs! {
    sharded = "sharded",
    scatter_gather = "scatter-gather",
    work_queue = "work-queue",
    election = "election"
}
