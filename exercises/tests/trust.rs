//! The grader on programs whose verdict is known. An ordinary run tries a few programs of each exercise,
//! chosen by a seed that it prints; `EXERCISE=SLUG` tries all of one exercise. The full count is a
//! command: `ddlab exercise verify --runs 50`.

use ddlab_exercises::harness::context::Rng;
use ddlab_exercises::harness::grade::{self, GradeRequest};
use ddlab_exercises::harness::language::LANGUAGES;
use ddlab_exercises::harness::observe::Observer;
use ddlab_exercises::harness::verdict::Verdict;
use ddlab_exercises::trust::{self, Complaint, Expect, Subject};
use ddlab_exercises::workspace::Workspace;
use ddlab_exercises::{Exercise, all, find};
use futures::StreamExt;
use rand::seq::IndexedRandom;
use rand_xoshiro::rand_core::SeedableRng;
use std::path::Path;

/// Grades at a time: they mostly wait for deadlines.
const AT_ONCE: usize = 4;
/// Wrong programs of each exercise in an ordinary run.
const WRONG: usize = 2;
/// What an exercise may cost its author, in lines.
const LINES_MAX: usize = 1_500;
/// Exercises with a higher bound, and why.
const LARGER: [(&str, usize); 8] = [
    // Each way in which a lease ends, before two servers.
    ("lease-owner", 1_700),
    // Files that are rotated under way, and a store that fails in each way.
    ("log-shipper", 1_550),
    // A certificate authority and both ends of mutual TLS, since no library of the course has them.
    ("mtls-sidecar", 1_850),
    // A broker with members, generations and offsets.
    ("partition-consumer", 1_830),
    // Leases, retries, poison and a shutdown, before three servers that fail.
    ("queue-worker", 1_840),
    // Retries, a budget, a breaker and credentials in one program.
    ("retry-budget", 1_740),
    // Fifteen checks, and an oracle that merges by itself.
    ("scatter-gather-top10", 1_780),
    // Each way in which a step can fail, and what a crash may repeat.
    ("settlement", 1_610),
];

fn of(exercise: &'static Exercise) -> Vec<Subject> {
    trust::subjects(exercise).unwrap_or_else(|error| panic!("{error}"))
}

/// Every subject that `EXERCISE=scatter-gather-top10/solution` names: a part of the slug, a slash, and
/// of the subject's name.
fn named(wanted: &str) -> Vec<Subject> {
    let is_wanted = |s: &Subject| format!("{}/{s}", s.exercise.slug()).contains(wanted);
    let all = all().iter().copied().flat_map(of);
    all.filter(is_wanted).collect()
}

/// Of each exercise a solution, a starter, and some wrong programs.
fn chosen(seed: u64) -> Vec<Subject> {
    let mut rng = Rng::seed_from_u64(seed);
    let mut chosen = Vec::new();
    for exercise in all() {
        let subjects = of(exercise);
        let mut take = |expected: fn(Expect) -> bool, most: usize| {
            let these: Vec<_> = subjects.iter().filter(|s| expected(s.expect())).collect();
            chosen.extend(these.sample(&mut rng, most).copied().cloned());
        };
        take(|expect| expect == Expect::Pass, 1);
        take(|expect| expect == Expect::Fail, 1);
        take(|expect| matches!(expect, Expect::FailWith { .. }), WRONG);
    }
    chosen
}

/// `TRUST_SEED` repeats an ordinary run; with `EXERCISE` it is the seed of the grades.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn solutions_pass_and_starters_and_wrong_programs_fail_for_their_own_mistake() {
    let seed = std::env::var("TRUST_SEED").map_or_else(
        |_| grade::new_seed(),
        |seed| seed.parse().expect("TRUST_SEED is a whole number"),
    );
    println!("TRUST_SEED={seed}");
    let subjects = match std::env::var("EXERCISE") {
        Ok(wanted) => named(&wanted),
        Err(_) => chosen(seed),
    };
    let (here, not_here): (Vec<_>, Vec<_>) = subjects.into_iter().partition(Subject::can_run);
    for subject in &not_here {
        println!(
            "left out, because {} is not installed: {subject}",
            subject.language.needs
        );
    }
    assert!(!here.is_empty(), "cargo is where tests are");
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("trust");
    let trials = trust::lay_out(here, &dir).unwrap_or_else(|error| panic!("{error}"));
    let complaints: Vec<Complaint> = futures::stream::iter(&trials)
        .map(|trial| trial.verify(seed))
        .buffer_unordered(AT_ONCE)
        .filter_map(|verified| async { verified.err() })
        .collect()
        .await;
    let (open, wrong): (Vec<_>, Vec<_>) = complaints.iter().partition(|one| one.is_open);
    for complaint in &open {
        println!("left open, because this machine is busy: {complaint}\n");
    }
    let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(open.len() * 4 <= trials.len(), "too much was left open");
}

/// The trust run builds all Rust programs at once; a learner builds one, by the commands of
/// `ddlab.yaml`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_starter_builds_and_starts_by_the_commands_of_its_language() {
    for language in LANGUAGES {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let exercise = find("scatter-gather-top10").expect("it is there");
        let config = Workspace::start(exercise, language.id, dir.path())
            .expect("it starts")
            .config;
        let request = GradeRequest {
            exercise,
            dir: dir.path().to_owned(),
            build: config.build,
            run: config.run,
            start_s: config.start_s,
            seed: 1,
            only: Some(exercise.checks()[0].name),
        };
        let report = grade::grade(&request, &Observer::none()).await;
        assert_eq!(report.verdict, Verdict::Pass, "{report:?}");
    }
}

#[test]
fn every_exercise_has_what_the_house_asks_for() {
    for exercise in all() {
        let slug = exercise.slug();
        for language in ["rust", "python"] {
            for kind in ["starter", "solution"] {
                let path = format!("{kind}/{language}");
                assert!(
                    exercise.folder().below(&path).next().is_some(),
                    "{slug} has no {path}"
                );
            }
        }
        let subjects = of(exercise);
        let wrong_in = |language| {
            let is_wrong = |s: &&Subject| matches!(s.expect(), Expect::FailWith { .. });
            let wrong = subjects.iter().filter(is_wrong);
            wrong.filter(|s| s.language.id == language).count()
        };
        let (python, rust) = (wrong_in("python"), wrong_in("rust"));
        if exercise.manifest().stub {
            println!(
                "{slug} is a stub: {python} of 6 wrong programs in Python, {rust} of 1 in Rust"
            );
            continue;
        }
        assert!(python >= 6, "{slug} has too few wrong programs");
        assert!(rust >= 1, "{slug}: does the grader mind the language?");
    }
}

#[test]
fn an_exercise_costs_at_most_so_many_lines_of_its_author() {
    for exercise in all() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(exercise.slug().replace('-', "_"));
        let files = ddlab_archive::files_below(&folder).expect("the folder of its slug");
        let lines: usize = files.iter().map(|(path, text)| lines_in(path, text)).sum();
        println!("{}: {lines} lines", exercise.slug());
        let larger = LARGER.iter().find(|(slug, _)| *slug == exercise.slug());
        let most = larger.map_or(LINES_MAX, |(_, most)| *most);
        assert!(
            lines <= most,
            "{} has {lines} lines; {most} are enough",
            exercise.slug()
        );
    }
}

/// The lines that an author writes: none that are empty, no unit tests, and of a patch neither the
/// context nor what it takes away.
fn lines_in(path: &str, text: &str) -> usize {
    let is_patch = Path::new(path)
        .extension()
        .is_some_and(|kind| kind == "patch");
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let of_others =
        |line: &&str| is_patch && (line.starts_with([' ', '-', '@']) || line.starts_with("+++ "));
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.filter(|line| !of_others(line)).count()
}

#[test]
fn statements_fit_sixty_columns_and_hold_no_control_characters() {
    for exercise in all() {
        let statement = exercise.folder().file("statement.md");
        let statement = statement.expect("every exercise has a statement");
        for line in statement.lines() {
            assert!(line.chars().count() <= 62, "{line}");
            assert!(!line.chars().any(char::is_control), "{line}");
        }
    }
}
