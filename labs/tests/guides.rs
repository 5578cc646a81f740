//! What the experiments and challenges claim, held against the labs over many seeds.
//!
//! `cargo test -p ddlab-labs --test guides LAB` holds those of one lab (`scatter_gather`); with
//! `GUIDE=ID` one experiment or challenge, with `SEEDS=20` over twenty seeds. What was measured is printed: add `-- --nocapture`.
//! In a run of all tests `GUIDE_SEEDS=20` means these tests alone.

#[path = "../seeds.rs"]
mod seeds;

use ddlab_labs::workbench::guide::Guides;
use seeds::seeds;
use std::path::Path;

/// Seeds of an ordinary run. Each is tried by itself, and beside them the one that is shown.
fn few() -> u64 {
    let asked = std::env::var("GUIDE_SEEDS").ok();
    asked.map_or(3, |asked| {
        asked.parse().expect("GUIDE_SEEDS is a whole number")
    })
}

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
            .verify(seeds(few()))
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
            .verify(seeds(few()))
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
    sidecar = "sidecar",
    ambassador = "ambassador",
    adapter = "adapter",
    replicated = "replicated",
    sharded = "sharded",
    scatter_gather = "scatter-gather",
    work_queue = "work-queue",
    event_pipeline = "event-pipeline",
    coordinated_batch = "coordinated-batch",
    faas = "faas",
    election = "election"
}

/// What a file may get wrong. The lab is one with all kinds of knobs.
mod faults {
    use super::Guides;

    const HEAD: &str = "experiments:
  - id: one
    title: t
    summary: s
    minutes: 1
    seed: 1
    for: 2s
    set: {policy: wait_all}
    measures:
      p99: {run: plain, metric: latency_ms, stat: p99}
      hedged: {run: hedged, metric: latency_ms, stat: p99}
      cut: {ratio: [p99, hedged]}
";
    const STEPS: &str = "    steps:
      - predict: {id: a, question: q, of: p99, tempting: {guess: 1 ms, because: b}}
      - run: {id: plain}
      - say: it was {p99}
      - do: [policy=hedge]
      - run: {id: hedged, at: [\"1s: slow=2\"]}
      - observe: {metric: latency_ms, show: [p50], say: look}
    checks:
      - that: {of: cut, above: 1x}
";

    fn fault(from: &str, to: &str) -> String {
        let text = format!("{HEAD}{STEPS}");
        assert!(text.contains(from), "{from}");
        let lab = ddlab_labs::find("scatter-gather").expect("the lab is in the registry");
        assert!(
            Guides::parse(&text, lab).is_ok(),
            "{:?}",
            Guides::parse(&text, lab).err()
        );
        match Guides::parse(&text.replace(from, to), lab) {
            Ok(_) => panic!("`{to}` passes for `{from}`"),
            Err(fault) => fault.to_string(),
        }
    }

    #[track_caller]
    fn says(from: &str, to: &str, wanted: &[&str]) {
        let fault = fault(from, to);
        for word in wanted {
            assert!(fault.contains(word), "no `{word}` in: {fault}");
        }
    }

    #[test]
    fn a_name_that_is_not_there_is_shown_with_its_place_and_the_nearest() {
        says(
            "metric: latency_ms, stat: p99}\n      h",
            "metric: latencyms, stat: p99}\n      h",
            &["line 10", "latency_ms"],
        );
        says(
            "stat: p99}\n      cut",
            "stat: p98}\n      cut",
            &["line 11", "`p98`", "did you mean `p9"],
        );
        says(
            "policy: wait_all",
            "polici: wait_all",
            &["line 8", "`policy`"],
        );
        says("policy=hedge", "policy=hege", &["line 17", "`hedge`"]);
        says("slow=2", "slo=2", &["line 18", "`slow`"]);
        says("{of: cut, above", "{of: cat, above", &["line 21", "`cut`"]);
        says(
            "run: hedged, metric",
            "run: heged, metric",
            &["line 11", "`hedged`"],
        );
        says(
            "    minutes: 1\n",
            "    minutes: 1\n    minuets: 2\n",
            &["line 6", "minuets"],
        );
    }

    #[test]
    fn what_is_said_or_asked_too_early_or_too_late_is_refused() {
        says(
            "      - run: {id: plain}\n",
            "      - say: \"{p99}\"\n      - run: {id: plain}\n",
            &["before it is measured"],
        );
        says(
            "      - do: [policy=hedge]\n",
            "      - predict: {id: b, question: q, of: p99}\n",
            &["measured before the question is asked"],
        );
        says(
            "      - do: [policy=hedge]\n      - run: {id: hedged, at",
            "      - do: [policy=hedge]\n      - run: {id: hedged, fresh: {}, at",
            &["is lost"],
        );
        says(
            "      - run: {id: hedged, at: [\"1s: slow=2\"]}\n",
            "      - run: {id: other}\n",
            &["no run `hedged`"],
        );
        says(
            "[\"1s: slow=2\"]",
            "[\"3s: slow=2\"]",
            &["after the end of the run"],
        );
        says(
            "policy=hedge]",
            "fan_out=7]",
            &["can't change in the middle"],
        );
    }

    #[test]
    fn an_experiment_without_a_surprise_or_a_claim_is_none() {
        says(
            ", tempting: {guess: 1 ms, because: b}",
            "",
            &["no prediction has a `tempting` answer"],
        );
        says("guess: 1 ms", "guess: 1 %", &["is not a number in ms"]);
        says("above: 1x}", "above: 1x, below: 2x}", &["one of `above`"]);
        says(
            "above: 1x}",
            "above: 1x}\n        hold: 90 %",
            &["needs a `why`"],
        );
    }
}
