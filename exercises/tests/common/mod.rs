//! An exercise made for tests, and other people's programs at their worst.

use ddlab_exercises::harness::exercise::{Check, Exercise, Manifest};
use ddlab_exercises::harness::fault::{Fault, When};
use ddlab_exercises::harness::grade::{self, Request};
use ddlab_exercises::harness::observe::Observer;
use ddlab_exercises::harness::probe::NoReply;
use ddlab_exercises::harness::report::Report;
use ddlab_exercises::harness::stage::Stage;
use ddlab_exercises::harness::upstream::{Reply, Service};
use ddlab_exercises::harness::verdict::{CheckResult, Diagnosis, Failure};
use futures::FutureExt;
use include_dir::Dir;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{LazyLock, OnceLock};
use std::time::Duration;

/// `GET /` must be answered with 200, and the program must go when asked to.
pub struct Probed;

const CHECKS: &[Check] = &[
    Check {
        name: "serves",
        run: |stage| serves(stage).boxed(),
    },
    Check {
        name: "late-while-stalled",
        run: |_| late(Duration::from_millis(10)).boxed(),
    },
    Check {
        name: "late-with-room",
        run: |_| late(Duration::from_hours(1)).boxed(),
    },
    Check {
        name: "pauses",
        run: |stage| pauses(stage).boxed(),
    },
    Check {
        name: "panics",
        run: |_| async { panic!("on purpose") }.boxed(),
    },
    Check {
        name: "never-ends",
        run: |_| std::future::pending().boxed(),
    },
    Check {
        name: "fault-unmet",
        run: |stage| fault_unmet(stage).boxed(),
    },
    Check {
        name: "unknown-diagnosis",
        run: |_| {
            let failure = Failure::new(Diagnosis("never-announced"), "What is this?");
            async { Err(failure.into()) }.boxed()
        },
    },
    Check {
        name: "holds",
        run: |_| async { Ok(()) }.boxed(),
    },
];

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| {
    let note = |check: &Check| {
        format!(
            "  - {{name: {}, promise: p, section: The pattern}}",
            check.name
        )
    };
    let checks = CHECKS.iter().map(note).collect::<Vec<_>>().join("\n");
    serde_yaml::from_str(&format!(
        "slug: probed\ntitle: Probed\nchapter: none\nnumber: 1\nsummary: s\nminutes: 1\n\
         languages: []\nhints: []\nwrong: []\ndiagnoses: {{}}\n\
         limits: {{cpu_s: 20, memory_mb: 200, processes: 12, file_mb: 8, build_s: 20, start_s: 4, check_s: 12, wall_s: 60}}\n\
         checks:\n{checks}"
    ))
    .expect("the manifest is well-formed")
});

static FOLDER: Dir<'static> = Dir::new("", &[]);

impl Exercise for Probed {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn folder(&self) -> &'static Dir<'static> {
        &FOLDER
    }

    fn checks(&self) -> &'static [Check] {
        CHECKS
    }
}

async fn serves(stage: &Stage) -> CheckResult {
    let mut program = stage.start_http(&[], "/healthz").await?;
    match program.get("/", Duration::from_secs(3)).await {
        Ok(_) => program.stop().await,
        Err(no_reply) => Err(program.explain("GET /", no_reply).await.into()),
    }
}

/// Convicts by a clock that left this much room, while the whole grader stands still for 50 ms.
async fn late(room: Duration) -> CheckResult {
    tokio::time::sleep(Duration::from_millis(20)).await;
    let begun = std::time::Instant::now();
    while begun.elapsed() < Duration::from_millis(50) {
        std::hint::spin_loop();
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
    Err(Failure::new(Diagnosis("no-answer"), "Too late.")
        .by_clock(room)
        .into())
}

/// A frozen program is silent and comes back; a killed one does not.
async fn pauses(stage: &Stage) -> CheckResult {
    let mut program = stage.start_http(&[], "/healthz").await?;
    program.program.pause();
    let frozen = program.get("/", Duration::from_millis(100)).await;
    assert_eq!(frozen.expect_err("it is frozen"), NoReply::TimedOut);
    program.program.resume();
    let back = program.get("/", Duration::from_secs(3)).await;
    assert_eq!(back.expect("it is back").status, 200);
    program.program.pause();
    program.program.kill().await;
    let dead = program.get("/", Duration::from_secs(3)).await;
    assert_eq!(dead.expect_err("it is dead"), NoReply::Refused);
    Ok(())
}

#[derive(Debug)]
struct Silent;

impl Service for Silent {
    fn answer(&self, _: &ddlab_exercises::harness::upstream::Request) -> Reply {
        Reply::json(&())
    }
}

async fn fault_unmet(stage: &Stage) -> CheckResult {
    let upstream = stage.upstream("the store", Silent).await?;
    upstream.inject(When::Always, Fault::Hang);
    Ok(())
}

/// Grades a shell command on one check of [`Probed`] (all of them with `None`).
#[allow(dead_code, reason = "each test file uses its part of this module")]
pub async fn graded(run: &str, only: Option<&'static str>) -> Report {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let request = Request {
        exercise: &Probed,
        dir: dir.path().to_owned(),
        build: String::new(),
        run: run.to_owned(),
        seed: 1,
        only,
    };
    grade::grade(&request, &Observer::none()).await
}

/// The program of `common/torture.rs`, compiled once a test run. Nothing but rustc is needed,
/// which is there wherever these tests were built.
#[allow(dead_code, reason = "each test file uses its part of this module")]
pub fn torture() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("torture-{}", std::process::id()));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/torture.rs");
        let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
        let status = Command::new(rustc)
            .args(["--edition", "2024", "-C", "debuginfo=0", "-o"])
            .arg(&program)
            .arg(source)
            .status()
            .expect("rustc runs");
        assert!(status.success(), "the torture program compiles");
        program
    })
}
