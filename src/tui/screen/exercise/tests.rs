use super::ExerciseScreen;
use crate::progress::Event;
use crate::testing::Holds;
use crate::tui::effect::{Effect, ExerciseAsk, NoticeKind, Place};
use crate::tui::event::{ExerciseFolder, ExerciseNews, FolderState};
use crate::tui::screen::stage::{Stage, events, golden, survives};
use crate::tui::screen::{Message, Screen};
use crate::tui::theme::Role;
use crossterm::event::KeyCode;
use ddlab_exercises::harness::journal::{Kind, Moment};
use ddlab_exercises::harness::observe::Event as GradeEvent;
use ddlab_exercises::harness::process::output::Stream;
use ddlab_exercises::harness::report::{CheckReport, Report};
use ddlab_exercises::harness::verdict::{CheckOutcome, Diagnosis, Failure};
use std::time::Duration;

const SLUG: &str = "scatter-gather-top10";
/// An old terminal, half of a large one, a large one.
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 35), (200, 60)];
const DIFF: &str = "\
--- yours/main.py
+++ solution/main.py
@@ -1,2 +1,2 @@
-wait()
+gather()
 answer()
";

fn screen(stage: &Stage) -> ExerciseScreen {
    let mut screen = ExerciseScreen::open(SLUG, &stage.cx()).unwrap();
    stage.send(&mut screen, Message::Shown);
    screen
}

fn news(news: ExerciseNews) -> Message {
    Message::Exercise(SLUG.to_owned(), news)
}

fn folder(hints_shown: usize) -> ExerciseNews {
    ExerciseNews::Located(ExerciseFolder {
        shown: "~/ddlab/top10".to_owned(),
        state: Some(FolderState {
            language: "python".to_owned(),
            hints_shown,
            source: "/home/me/ddlab/top10/main.py".into(),
        }),
    })
}

fn laid_out(stage: &Stage) -> ExerciseScreen {
    let mut screen = screen(stage);
    stage.send(&mut screen, news(folder(0)));
    screen
}

fn asked(effects: &[Effect]) -> Vec<&ExerciseAsk> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Exercise(request) => Some(&request.ask),
            _ => None,
        })
        .collect()
}

fn said(effects: &[Effect]) -> Option<(&str, NoticeKind)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Notice(notice) => Some((notice.text.as_str(), notice.kind)),
        _ => None,
    })
}

fn names() -> Vec<&'static str> {
    let exercise = ddlab_exercises::find(SLUG).unwrap();
    exercise.checks().iter().map(|check| check.name).collect()
}

fn failure() -> CheckOutcome {
    CheckOutcome::Failed(Box::new(
        Failure::new(
            Diagnosis("waits-for-all"),
            "It waited for the shard that hangs.",
        )
        .sent("GET /search?q=watch")
        .got("nothing for \u{1b}[31m900 ms")
        .expected("a partial answer by 400 ms")
        .why("One root is as slow as its slowest leaf."),
    ))
}

/// A grade as the worker tells it: all held but the one of this name.
fn graded(failing: Option<&str>) -> Vec<GradeEvent> {
    graded_with(failing, failure)
}

fn graded_with(failing: Option<&str>, failure: impl Fn() -> CheckOutcome) -> Vec<GradeEvent> {
    let exercise = ddlab_exercises::find(SLUG).unwrap();
    let took = Duration::from_millis(400);
    let outcome = |name: &str| {
        if failing == Some(name) {
            failure()
        } else {
            CheckOutcome::Passed
        }
    };
    let mut events = vec![
        GradeEvent::Planned {
            seed: 7,
            checks: Vec::new(),
        },
        GradeEvent::Building {
            command: "make".to_owned(),
        },
        GradeEvent::Output {
            stream: Stream::Stderr,
            line: "warning: unused".to_owned(),
        },
        GradeEvent::Built { took },
    ];
    let mut checks = Vec::new();
    for check in exercise.checks() {
        let name = check.name;
        let report = CheckReport::new(exercise, *check, 7, outcome(name), took);
        events.push(GradeEvent::CheckStarted { name });
        events.push(GradeEvent::CheckEnded(report.clone()));
        checks.push(report);
    }
    let report = Report::new(exercise, 7, checks, Duration::from_secs(5));
    events.push(GradeEvent::Finished(Box::new(report)));
    events
}

fn feed(stage: &Stage, screen: &mut ExerciseScreen, events: &[GradeEvent]) -> Vec<Effect> {
    events
        .iter()
        .flat_map(|event| stage.send(screen, news(ExerciseNews::Grading(event.clone()))))
        .collect()
}

#[test]
fn without_a_folder_it_offers_to_lay_one_out_in_a_language() {
    let stage = Stage::new().sized(120, 34);
    let mut screen = ExerciseScreen::open(SLUG, &stage.cx()).unwrap();
    let effects = stage.send(&mut screen, Message::Shown);
    assert_eq!(asked(&effects), [&ExerciseAsk::Locate]);
    stage.send(
        &mut screen,
        news(ExerciseNews::Located(ExerciseFolder {
            shown: "~/ddlab/top10".to_owned(),
            state: None,
        })),
    );
    stage.text(&screen).holds([
        "s starts in ‹Rust",
        "at ~/ddlab/top10",
        "What your program is given",
    ]);
    let effects = stage.keys(&mut screen, "r");
    assert!(asked(&effects).is_empty() && said(&effects).unwrap().0.contains("press s"));
    let effects = stage.press(&mut screen, &[KeyCode::Right, KeyCode::Char('s')]);
    let python = ExerciseAsk::Start {
        lang: "python".to_owned(),
    };
    assert_eq!(asked(&effects), [&python]);
    stage.send(&mut screen, news(folder(0)));
    stage.shows(&screen, ["r builds and grades"]);
}

#[test]
fn checks_tick_as_they_run() {
    let stage = Stage::new().sized(120, 40);
    let mut screen = laid_out(&stage);
    assert_eq!(asked(&stage.keys(&mut screen, "r")), [&ExerciseAsk::Grade]);
    stage.shows(&screen, ["getting ready"]);
    let events = graded(None);
    feed(&stage, &mut screen, &events[..3]);
    stage
        .text(&screen)
        .holds(["building: make", "warning: unused"]);
    // Planned, building, output, built; two checks ended, the third runs.
    feed(&stage, &mut screen, &events[3..9]);
    let text = stage.text(&screen);
    assert!(
        text.contains(&format!("check 3 of {}", names().len())),
        "{text}"
    );
    assert_eq!(text.matches('✓').count(), 2, "{text}");
    text.holds(["0.4 s", "running"]);
}

#[test]
fn a_pass_is_said_in_a_word_recorded_and_only_then_kept() {
    let mut stage = Stage::new().sized(120, 40);
    let mut screen = laid_out(&stage);
    stage.keys(&mut screen, "r");
    let effects = feed(&stage, &mut screen, &graded(None));
    assert!(
        matches!(events(&effects)[..], [Event::ExerciseGraded { slug, seed: 7, .. }] if slug == SLUG)
    );
    stage.shows(&screen, ["✓ PASS", "seed 7", "saving"]);
    stage.hides(&screen, ["saved"]);
    stage.record(&mut screen, effects, true);
    stage.shows(&screen, ["saved"]);
    assert!(stage.marks.has_passed(SLUG));
}

#[test]
fn a_record_that_cannot_be_written_is_said() {
    let mut stage = Stage::new().sized(156, 40);
    let mut screen = laid_out(&stage);
    stage.keys(&mut screen, "r");
    let effects = feed(&stage, &mut screen, &graded(None));
    stage.record(&mut screen, effects, false);
    stage.shows(&screen, ["PASS", "in memory only"]);
}

#[test]
fn a_failure_is_shown_in_full_at_once() {
    let stage = Stage::new().sized(120, 50);
    let mut screen = laid_out(&stage);
    stage.keys(&mut screen, "r");
    feed(&stage, &mut screen, &graded(Some("shard-hangs")));
    stage.text(&screen).holds([
        "✗ FAIL",
        "It waited for the shard that hangs.",
        "GET /search?q=watch",
        "a partial answer by 400 ms",
        "One root is as slow as its",
        "waits-for-all",
        "chapter 7, What goes wrong",
        "--seed 7",
    ]);
    // What the program said is harmless.
    stage.hides(&screen, ["\u{1b}"]);
    stage.press(&mut screen, &[KeyCode::Up]);
    // Another check can be chosen.
    stage.shows(&screen, ["It held."]);
}

#[test]
fn a_sign_keeps_its_colour_beside_the_time_of_its_row() {
    let stage = Stage::new().sized(120, 50);
    let mut screen = laid_out(&stage);
    stage.keys(&mut screen, "r");
    feed(&stage, &mut screen, &graded(Some("shard-hangs")));
    for (sign, role) in [("✓", Role::Good), ("✗", Role::Danger)] {
        let colour = stage.theme.style(role).fg.unwrap();
        assert_eq!(stage.cell(&screen, sign).fg, colour, "{sign}");
    }
}

#[test]
fn a_grade_that_runs_is_stopped_and_not_started_twice() {
    let stage = Stage::new().sized(120, 40);
    let mut screen = laid_out(&stage);
    said(&stage.ctrl(&mut screen, 'x'))
        .unwrap()
        .0
        .holds(["nothing runs"]);
    stage.keys(&mut screen, "r");
    let again = stage.keys(&mut screen, "r");
    assert!(asked(&again).is_empty() && said(&again).unwrap().0.contains("is running"));
    assert_eq!(asked(&stage.ctrl(&mut screen, 'x')), [&ExerciseAsk::Stop]);
    stage.send(&mut screen, news(ExerciseNews::Idle));
    stage.shows(&screen, ["stopped"]);
    assert_eq!(asked(&stage.keys(&mut screen, "r")), [&ExerciseAsk::Grade]);
}

#[test]
fn a_watch_goes_on_after_a_grade_and_ends_with_the_same_key() {
    let stage = Stage::new().sized(120, 40);
    let mut screen = laid_out(&stage);
    assert_eq!(asked(&stage.keys(&mut screen, "w")), [&ExerciseAsk::Watch]);
    feed(&stage, &mut screen, &graded(None));
    stage.shows(&screen, ["watching: save a file"]);
    feed(&stage, &mut screen, &graded(Some("shard-hangs"))[..6]);
    let text = stage.text(&screen);
    // A new grade begins clean.
    text.lacks(["PASS"]);
    assert_eq!(asked(&stage.keys(&mut screen, "w")), [&ExerciseAsk::Stop]);
}

#[test]
fn hints_come_one_by_one_and_those_shown_before_are_still_there() {
    let stage = Stage::new().sized(120, 40);
    let mut screen = screen(&stage);
    stage.send(&mut screen, news(folder(1)));
    assert!(
        stage.keys(&mut screen, "h").is_empty(),
        "those so far first"
    );
    stage.shows(&screen, ["1 of ", "one more"]);
    stage.hides(&screen, ["2 of "]);
    assert_eq!(asked(&stage.keys(&mut screen, "h")), [&ExerciseAsk::Hint]);
    let effects = stage.send(
        &mut screen,
        news(ExerciseNews::Hint {
            number: 2,
            last: false,
        }),
    );
    assert!(matches!(
        events(&effects)[..],
        [Event::HintShown { number: 2, .. }]
    ));
    stage.shows(&screen, ["1 of ", "2 of ", "one more"]);
    stage.keys(&mut screen, "t");
    stage.shows(&screen, ["What your program is given"]);
    stage.keys(&mut screen, "h");
    let effects = stage.press(&mut screen, &[KeyCode::Esc]);
    assert!(effects.is_empty(), "from the hints back to the statement");
    stage.shows(&screen, ["What your program is given"]);
    let effects = stage.press(&mut screen, &[KeyCode::Esc]);
    assert!(matches!(effects[..], [Effect::Back]));
}

#[test]
fn the_solution_before_a_pass_takes_a_second_press_in_a_row() {
    let stage = Stage::new().sized(120, 40);
    let mut screen = laid_out(&stage);
    let ask = |give_up| ExerciseAsk::Solution { give_up };
    assert_eq!(asked(&stage.keys(&mut screen, "v")), [&ask(false)]);
    let effects = stage.send(&mut screen, news(ExerciseNews::NotSolved));
    said(&effects).unwrap().0.holds(["v again gives up"]);
    stage.keys(&mut screen, "t");
    assert_eq!(
        asked(&stage.keys(&mut screen, "v")),
        [&ask(false)],
        "not in a row"
    );
    stage.send(&mut screen, news(ExerciseNews::NotSolved));
    assert_eq!(asked(&stage.keys(&mut screen, "v")), [&ask(true)]);
    let files = vec![("main.py".into(), "print('top ten')".to_owned())];
    let effects = stage.send(&mut screen, news(ExerciseNews::Solution(files)));
    assert!(matches!(
        events(&effects)[..],
        [Event::SolutionShown { .. }]
    ));
    stage.shows(&screen, ["main.py", "print('top ten')"]);
}

#[test]
fn trouble_is_said_and_news_of_another_exercise_is_not_ours() {
    let stage = Stage::new();
    let mut screen = laid_out(&stage);
    let effects = stage.send(
        &mut screen,
        news(ExerciseNews::Trouble("the folder is not empty".to_owned())),
    );
    assert_eq!(
        said(&effects),
        Some(("the folder is not empty", NoticeKind::Warning))
    );
    let other = Message::Exercise(
        "queue-worker".to_owned(),
        ExerciseNews::Trouble("x".to_owned()),
    );
    assert!(stage.send(&mut screen, other).is_empty());
}

#[test]
fn a_narrow_terminal_shows_one_pane_at_a_time() {
    let stage = Stage::new().sized(80, 23);
    let mut screen = laid_out(&stage);
    stage.shows(&screen, ["‹statement›"]);
    stage.press(&mut screen, &[KeyCode::Tab]);
    stage.shows(&screen, ["‹checks›", "~/ddlab/top10"]);
    stage.keys(&mut screen, "r");
    feed(&stage, &mut screen, &graded(Some("shard-hangs")));
    stage.shows(&screen, ["✗ FAIL", "It waited for the shard"]);
}

#[test]
fn an_unknown_exercise_is_refused_with_the_nearest_one() {
    let stage = Stage::new();
    let refused = ExerciseScreen::open("scatter-gather-top", &stage.cx())
        .err()
        .unwrap();
    assert!(refused.contains(SLUG), "{refused}");
    assert_eq!(screen(&stage).place(), Place::exercise(SLUG));
}

#[test]
fn every_size_and_theme_is_survived() {
    let mut stage = Stage::new();
    let mut screen = laid_out(&stage);
    survives(&mut stage, &mut screen);
    stage.keys(&mut screen, "r");
    survives(&mut stage, &mut screen);
    feed(&stage, &mut screen, &graded(Some("shard-hangs")));
    survives(&mut stage, &mut screen);
    stage.press(
        &mut screen,
        &[KeyCode::PageDown, KeyCode::Tab, KeyCode::PageDown],
    );
    survives(&mut stage, &mut screen);
}

/// What the record must hold for the solution to be the learner's.
fn passed(stage: &mut Stage) {
    stage.happened(Event::ExerciseGraded {
        slug: SLUG.to_owned(),
        verdict: crate::progress::event::Verdict::Passed,
        seed: 1,
        diagnoses: Vec::new(),
    });
}

#[test]
fn the_program_is_compared_with_the_solution_after_a_pass() {
    let mut stage = Stage::new().sized(120, 40);
    let mut screen = laid_out(&stage);
    let early = stage.keys(&mut screen, "d");
    assert!(asked(&early).is_empty() && said(&early).unwrap().0.contains("after a pass"));
    passed(&mut stage);
    assert_eq!(asked(&stage.keys(&mut screen, "d")), [&ExerciseAsk::Diff]);
    stage.send(&mut screen, news(ExerciseNews::Diff(DIFF.to_owned())));
    stage
        .text(&screen)
        .holds(["- yours   + the solution", "-wait()", "+gather()"]);
    stage.send(&mut screen, news(ExerciseNews::Diff(String::new())));
    stage.shows(&screen, ["is the solution"]);
}

#[test]
fn a_check_is_run_again_alone_with_its_seed_and_the_others_stay() {
    let stage = Stage::new().sized(120, 50);
    let mut screen = laid_out(&stage);
    let early = stage.keys(&mut screen, "R");
    assert!(asked(&early).is_empty() && said(&early).unwrap().0.contains("r grades"));
    stage.keys(&mut screen, "r");
    let busy = stage.keys(&mut screen, "R");
    assert!(asked(&busy).is_empty() && said(&busy).unwrap().0.contains("ctrl-x stops it"));
    feed(&stage, &mut screen, &graded(Some("shard-hangs")));
    let replay = ExerciseAsk::Replay {
        check: "shard-hangs",
        seed: 7,
    };
    assert_eq!(asked(&stage.keys(&mut screen, "R")), [&replay]);
    let ticks = |screen: &_| stage.text(screen).matches('✓').count();
    assert_eq!(ticks(&screen), names().len() - 1);

    let exercise = ddlab_exercises::find(SLUG).unwrap();
    let mut checks = exercise.checks().iter();
    let check = *checks.find(|check| check.name == "shard-hangs").unwrap();
    let took = Duration::from_millis(300);
    let report = CheckReport::new(exercise, check, 7, CheckOutcome::Passed, took);
    let whole = Report::new(exercise, 7, vec![report.clone()], took);
    let again = [
        GradeEvent::Planned {
            seed: 7,
            checks: vec![check],
        },
        GradeEvent::CheckEnded(report),
        GradeEvent::Finished(Box::new(whole)),
    ];
    feed(&stage, &mut screen, &again);
    assert_eq!(
        ticks(&screen),
        names().len() + 1,
        "with that of the verdict"
    );
    stage.shows(&screen, ["HOLDS", "1 of 1", "It held."]);
    stage.hides(&screen, ["PASS"]);
}

#[test]
fn the_program_is_opened_in_the_editor() {
    let stage = Stage::new();
    let mut without = screen(&stage);
    assert!(
        said(&stage.keys(&mut without, "e"))
            .unwrap()
            .0
            .contains("press s")
    );
    let mut screen = laid_out(&stage);
    let effects = stage.keys(&mut screen, "e");
    assert!(
        matches!(&effects[..], [Effect::EditFile(file)] if file.ends_with("main.py")),
        "{effects:?}"
    );
}

#[test]
fn the_hints_so_far_are_shown_again_without_a_further_one() {
    let stage = Stage::new().sized(120, 40);
    let mut screen = screen(&stage);
    stage.send(&mut screen, news(folder(1)));
    stage.keys(&mut screen, "ht");
    assert!(asked(&stage.keys(&mut screen, "h")).is_empty());
    stage.shows(&screen, ["1 of ", "one more"]);
    stage.hides(&screen, ["2 of "]);
}

#[test]
fn the_first_and_the_last_lines_of_a_flood_are_kept() {
    let stage = Stage::new().sized(120, 40);
    let mut screen = laid_out(&stage);
    stage.keys(&mut screen, "r");
    let line = |number: usize| GradeEvent::Output {
        stream: Stream::Stdout,
        line: format!("line {number};"),
    };
    let flood: Vec<GradeEvent> = (1..=700).map(line).collect();
    feed(&stage, &mut screen, &flood);
    stage.keys(&mut screen, "o");
    stage.shows(&screen, ["line 700;"]);
    stage.keys(&mut screen, "g");
    stage.shows(&screen, ["line 1;"]);
    let pages = std::iter::repeat_with(|| {
        let text = stage.text(&screen);
        stage.keys(&mut screen, " ");
        text
    });
    let all: Vec<String> = pages.take(20).collect();
    assert!(all.iter().any(|page| page.contains("(200 lines left out)")));
    assert!(!all.iter().any(|page| page.contains("line 300;")));
}

/// At the size of an old terminal not all checks have room: which are in view is said, and each is reached.
#[test]
fn each_check_is_reached_on_a_small_screen() {
    let stage = Stage::new().sized(80, 23);
    let mut screen = laid_out(&stage);
    stage.press(&mut screen, &[KeyCode::Tab]);
    feed(&stage, &mut screen, &graded(None));
    let count = names().len();
    stage.shows(&screen, ["checks 1 to ", &format!(" of {count}")]);
    let exercise = ddlab_exercises::find(SLUG).unwrap();
    for check in exercise.checks() {
        let begin: String = check.promise.chars().take(40).collect();
        assert!(stage.row(&screen, &begin).contains('✓'), "{begin}");
        stage.press(&mut screen, &[KeyCode::Down]);
    }
    stage.shows(&screen, [format!(" to {count} of {count}").as_str()]);
}

#[test]
fn a_failure_on_order_shows_what_happened_against_the_faults() {
    let stage = Stage::new().sized(120, 60);
    let mut screen = laid_out(&stage);
    let moment = |at_ms, kind, what| Moment::new(Duration::from_millis(at_ms), kind, what);
    let events = graded_with(Some(names()[1]), || {
        let mut outcome = failure();
        if let CheckOutcome::Failed(failure) = &mut outcome {
            failure.timeline = vec![
                moment(0, Kind::Process, "process 1 starts"),
                moment(60, Kind::Fault, "shard 3 hangs"),
                moment(
                    70,
                    Kind::Received,
                    "GET /search?q=watch, no complete answer came in time after 900 ms",
                ),
                moment(
                    72,
                    Kind::Sent,
                    "shard 1: GET /hits?q=watch, answered 200 after 3 ms",
                ),
                moment(
                    72,
                    Kind::Sent,
                    "shard 3: GET /hits?q=watch, it hangs, still open",
                ),
                moment(80, Kind::LeftOut, "2 left out"),
                moment(970, Kind::Found, "the mistake"),
            ];
        }
        outcome
    });
    feed(&stage, &mut screen, &events);
    stage.text(&screen).holds([
        "timeline   ms since the check began",
        "     0 process  process 1 starts",
        "    60 fault    shard 3 hangs",
        "    72 sent     shard 1: GET /hits?q=watch",
        "       …        2 left out",
        "   970 found    the mistake",
    ]);
}

#[test]
fn the_whole_screen_is_as_agreed() {
    let mut stage = Stage::pack();
    let mut screen = laid_out(&stage);
    feed(&stage, &mut screen, &graded(Some(names()[1])));
    golden!("exercise", stage, &mut screen, SIZES);
    screen.focus = super::Focus::Checks;
    golden!("exercise-checks", stage, &mut screen, [(80, 24)]);
    stage.send(&mut screen, news(ExerciseNews::Diff(DIFF.to_owned())));
    golden!("exercise-diff", stage, &mut screen, SIZES);
}
