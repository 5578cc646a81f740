//! An exercise made for tests, and other people's programs at their worst.

use ddlab_exercises::harness::grade::{self, GradeRequest};
use ddlab_exercises::harness::observe::Observer;
use ddlab_exercises::harness::report::Report;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

mod checks;

// `GET /` must be answered with 200, and the program must go when asked to.
ddlab_exercises::exercise! {
    "probed",
    checks::serves("The pattern", "p"),
    checks::late_while_stalled("The pattern", "p"),
    checks::late_with_room("The pattern", "p"),
    checks::pauses("The pattern", "p"),
    checks::panics("The pattern", "p"),
    checks::never_ends("The pattern", "p"),
    checks::fault_unmet("The pattern", "p"),
    checks::unknown_diagnosis("The pattern", "p"),
    checks::calls_twice("The pattern", "p"),
    checks::holds("The pattern", "p"),
}

/// Grades a shell command on one check of [`EXERCISE`] (all of them with `None`).
#[allow(dead_code, reason = "each test file uses its part of this module")]
pub async fn graded(run: &str, only: Option<&'static str>) -> Report {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let request = GradeRequest {
        exercise: &EXERCISE,
        dir: dir.path().to_owned(),
        build: String::new(),
        run: run.to_owned(),
        start_s: None,
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
