//! The worker on real folders and with real processes; `sh` is all that these programs need.

use super::{ExerciseWorker, workspaces};
use crate::tui::app::ScreenId;
use crate::tui::effect::{ExerciseAsk, ExerciseRequest};
use crate::tui::event::{Event, ExerciseNews, Message, Proxy};
use ddlab_exercises::harness::observe::Event as GradeEvent;
use ddlab_exercises::harness::report::Report;
use std::path::Path;
use tokio::sync::mpsc::UnboundedReceiver;

const SLUG: &str = "scatter-gather-top10";
const SCREEN: ScreenId = ScreenId(1);

struct Bench {
    folder: tempfile::TempDir,
    worker: ExerciseWorker,
    inbox: UnboundedReceiver<Event>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (proxy, inbox) = Proxy::channel();
        Self {
            worker: ExerciseWorker::new(folder.path().to_owned(), proxy),
            folder,
            inbox,
        }
    }

    /// With the folder laid out and this program in it.
    fn running(command: &str) -> Self {
        let mut bench = Self::new();
        bench.ask(ExerciseAsk::Start {
            lang: "python".to_owned(),
        });
        assert!(matches!(bench.next(), ExerciseNews::Located(_)));
        let config = format!("exercise: {SLUG}\nlanguage: python\nbuild: \"\"\nrun: {command:?}\n");
        std::fs::write(bench.dir().join("ddlab.yaml"), config).unwrap();
        bench
    }

    fn dir(&self) -> std::path::PathBuf {
        self.folder.path().join(SLUG)
    }

    fn ask(&mut self, ask: ExerciseAsk) {
        let slug = SLUG.to_owned();
        self.worker.ask(ExerciseRequest { slug, ask }, SCREEN);
    }

    fn next(&mut self) -> ExerciseNews {
        match self.inbox.blocking_recv() {
            Some(Event::Message(Message::Exercise(slug, news))) => {
                assert_eq!(slug, SLUG);
                news
            }
            other => panic!("{other:?}"),
        }
    }

    /// What a grade comes to.
    fn report(&mut self) -> Report {
        loop {
            match self.next() {
                ExerciseNews::Grading(GradeEvent::Finished(report)) => return *report,
                ExerciseNews::Grading(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Until the learner's program runs and has said so.
    fn wait_for(&mut self, said: &str) {
        loop {
            if let ExerciseNews::Grading(GradeEvent::Output { line, .. }) = self.next()
                && line == said
            {
                return;
            }
        }
    }
}

#[test]
fn a_folder_is_laid_out_once_and_found_again() {
    let mut bench = Bench::new();
    bench.ask(ExerciseAsk::Locate);
    let ExerciseNews::Located(folder) = bench.next() else {
        panic!("where it would be")
    };
    assert!(folder.state.is_none() && folder.shown.ends_with(SLUG));
    let start = ExerciseAsk::Start {
        lang: "python".to_owned(),
    };
    bench.ask(start.clone());
    let ExerciseNews::Located(folder) = bench.next() else {
        panic!("where it is")
    };
    assert_eq!(folder.state.unwrap().language, "python");
    assert!(bench.dir().join("statement.md").is_file());
    bench.ask(start);
    assert!(
        matches!(bench.next(), ExerciseNews::Trouble(text) if text.contains("not empty")),
        "nothing is overwritten"
    );
}

#[test]
fn hints_are_counted_and_the_solution_waits_for_a_pass_or_for_giving_up() {
    let mut bench = Bench::running("true");
    for wanted in 1..=2 {
        bench.ask(ExerciseAsk::Hint);
        assert!(matches!(bench.next(), ExerciseNews::Hint { number, .. } if number == wanted));
    }
    bench.ask(ExerciseAsk::Solution { give_up: false });
    assert!(matches!(bench.next(), ExerciseNews::NotSolved));
    bench.ask(ExerciseAsk::Solution { give_up: true });
    assert!(
        matches!(bench.next(), ExerciseNews::Solution(files) if files.iter().any(|(_, text)| !text.is_empty()))
    );
}

#[test]
fn a_program_that_ends_at_once_is_graded_to_the_end() {
    let mut bench = Bench::running("echo hello; exit 3");
    bench.ask(ExerciseAsk::Grade);
    let report = bench.report();
    assert_eq!(report.diagnoses().first(), Some(&"exited-before-listening"));
    assert!(matches!(bench.next(), ExerciseNews::Idle));
}

#[test]
fn a_grade_without_a_folder_says_what_to_do() {
    let mut bench = Bench::new();
    bench.ask(ExerciseAsk::Grade);
    assert!(matches!(bench.next(), ExerciseNews::Trouble(_)));
    assert!(matches!(bench.next(), ExerciseNews::Idle));
}

#[test]
fn stopping_ends_the_grade_at_once_and_with_it_the_program() {
    let mut bench = Bench::running("echo $$ > pid; echo up; exec sleep 600");
    bench.ask(ExerciseAsk::Grade);
    bench.wait_for("up");
    bench.ask(ExerciseAsk::Stop);
    while !matches!(bench.next(), ExerciseNews::Idle) {}
    bench.worker.stop();
    assert!(!is_alive(&bench.dir().join("pid")));
}

#[test]
fn a_screen_that_closes_takes_its_grade_along() {
    let mut bench = Bench::running("echo up; exec sleep 600");
    bench.ask(ExerciseAsk::Grade);
    bench.wait_for("up");
    bench.worker.close(ScreenId(2));
    bench.worker.close(SCREEN);
    while !matches!(bench.next(), ExerciseNews::Idle) {}
}

#[test]
fn workspaces_have_a_place_by_default() {
    assert!(!workspaces().as_os_str().is_empty() || std::env::var_os("HOME").is_none());
}

/// Whether the process whose id is in this file still runs. A dead one that nobody has buried yet
/// (state `Z`, where there is a `/proc`) does not.
fn is_alive(pid: &Path) -> bool {
    let pid = std::fs::read_to_string(pid).unwrap();
    let there = nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(pid.trim().parse().unwrap()),
        None,
    );
    let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
    there.is_ok() && state.is_ok_and(|stat| !stat.contains(") Z"))
}
