//! A design in the screen of labs: its requirements beside the picture, its file beside the program.

use super::*;
use crate::designs;
use crate::progress::Event;
use crate::testing::Holds;
use crate::tui::effect::Measuring;
use crate::tui::event::MeasureNews;
use crate::tui::screen::stage::{golden, survives};
use ddlab_design::brief;
use ddlab_design::cost::Prices;
use ddlab_design::system;
use ddlab_labs::workbench::headless::{self, Report};
use ddlab_labs::workbench::session::Session;

/// A design that lies in a folder of its own, run for some seconds.
struct OpenDesign {
    folder: tempfile::TempDir,
    bench: Bench,
}

impl OpenDesign {
    fn of(text: &str, seconds: u64, width: u16, height: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder
            .path()
            .join("shop.yaml")
            .to_string_lossy()
            .into_owned();
        std::fs::write(&path, text).unwrap();
        let lab = designs::open(&path).unwrap_or_else(|error| panic!("{error}"));
        let mut session = Session::start(system::plan(lab, 7, SimTime::from_secs(600)));
        session.advance(SimTime::from_secs(seconds), u64::MAX);
        let spec = designs::find(&path).unwrap().spec();
        let mut bench = Bench::of(spec, width, height);
        bench.frame(session.frame());
        Self { folder, bench }
    }

    fn path(&self) -> String {
        self.folder
            .path()
            .join("shop.yaml")
            .to_string_lossy()
            .into_owned()
    }

    /// The file is saved with this text, and read.
    fn save(&mut self, text: &str) -> Vec<Effect> {
        std::fs::write(self.path(), text).unwrap();
        let read = designs::reread(&self.path()).expect("it says something else now");
        self.bench.send(Message::Design(
            self.path(),
            read.map_err(|refused| refused.0),
        ))
    }
}

fn shop() -> &'static str {
    ddlab_design::examples::ALL[0].1
}

#[test]
fn what_a_design_does_by_itself_is_said_with_the_names_of_its_machines() {
    let mut design = OpenDesign::of(shop(), 95, 120, 35);
    design
        .bench
        .shows(["gateway 2 crashes", "search 3 takes 20"]);
    design.bench.press(KeyCode::Char('y'));
    design.bench.shows([
        "The last minute",
        "gateway 2 crashes",
        "search 3 takes 20 times as long",
    ]);
    design.bench.hides(["you: crash", "you: slow"]);
}

#[test]
fn requirements_are_met_or_missed_beside_the_picture() {
    let design = OpenDesign::of(shop(), 20, 120, 35);
    design.bench.shows([
        "✓ p99 of buyers <= 300ms",
        "✓ cost <= 1200 USD/month",
        "gateway",
    ]);
    let tight = shop().replace("p99 of buyers <= 300ms", "p99 of buyers <= 1ms");
    let design = OpenDesign::of(&tight, 20, 120, 35);
    design.bench.shows(["✗ p99 of buyers <= 1ms"]);
}

#[test]
fn a_bound_is_not_cut_for_the_figure_of_another_requirement() {
    let text = shop().replace("p99 of buyers <= 300ms", "errors of buyers <= 0.1%");
    let design = OpenDesign::of(&text, 20, 80, 24);
    design
        .bench
        .shows(["errors of buyers <= 0.1%", "cost<=1200 "]);
}

#[test]
fn a_design_is_graded_against_the_brief_that_it_answers_and_the_record_keeps_it() {
    let brief = brief::find("auction-closing").unwrap();
    let text = brief.pars[0]
        .design
        .replace("design: a fence", "design: auction-closing");
    let mut design = OpenDesign::of(&text, 5, 80, 24);
    design.bench.keys("b");
    design.bench.shows([
        "Lots that are closed by one owner at a time",
        "a closing is due each 500 ms",
    ]);
    design.bench.press(KeyCode::End);
    design.bench.shows(["cost <= 900 USD/month"]);
    let effects = design.bench.press(KeyCode::Enter);
    let [Effect::Measure(job, Measuring::Grade(candidate))] = &effects[..] else {
        panic!("{effects:?}");
    };
    design.bench.shows(["Grading: 0 % done"]);
    let runs = |plans: Vec<RunPlan>| -> Vec<Report> {
        let done = plans.into_iter().map(headless::run);
        done.collect::<Result<_, _>>().unwrap()
    };
    let [whole, grown, alone] = [candidate.whole(), candidate.grown(), candidate.alone()].map(runs);
    let grade = candidate.grade(&whole, &grown, &alone, Prices::standard());
    let news = MeasureNews::Graded(Arc::new(grade));
    let kept = design.bench.send(Message::Measured(*job, news));
    assert!(
        matches!(
            &kept[..],
            [Effect::Record(Event::DesignGraded { brief, passed: true, .. })] if brief == "auction-closing"
        ),
        "{kept:?}"
    );
    let Bench { screen, stage } = &mut design.bench;
    golden!("graded", stage, screen, [(80, 24), (120, 35), (200, 60)]);
    survives(stage, screen);
    stage.press(screen, &[KeyCode::Esc]);
    stage.hides(screen, ["Graded"]);
}

#[test]
fn what_keeps_a_design_out_of_its_brief_is_said_and_so_is_that_it_has_none() {
    let text = brief::find("chat").unwrap().starter();
    let text = text.replace("design: chat", "design: auction-closing");
    let mut design = OpenDesign::of(&text, 1, 120, 35);
    design.bench.keys("b");
    assert!(design.bench.press(KeyCode::Enter).is_empty());
    design
        .bench
        .shows(["Not graded", "the brief has a client `bidders`"]);
    let mut other = OpenDesign::of(shop(), 1, 120, 35);
    let said = other.bench.keys("b");
    assert!(matches!(&said[..], [Effect::Notice(_)]), "{said:?}");
}

#[test]
fn its_faults_strike_by_themselves() {
    let mut design = OpenDesign::of(shop(), 1, 120, 35);
    let started = design.bench.screen.live.reset();
    assert!(!started.is_empty());
    let script = crate::tui::screen::lab::design::script(design.bench.screen.spec);
    assert_eq!(
        script.len(),
        3,
        "a crash, a slow machine, and its end: {script:?}"
    );
}

#[test]
fn a_file_that_is_saved_takes_the_place_of_what_runs_and_errors_leave_it() {
    let mut design = OpenDesign::of(shop(), 5, 120, 35);
    assert!(
        matches!(&design.bench.keys("e")[..], [Effect::EditDesign(path)] if *path == design.path())
    );
    let left = design.save(&shop().replace("slots: 16", "slts: 16"));
    assert!(left.is_empty(), "{left:?}");
    design.bench.text().holds(["the file has errors", "`slts`"]);
    assert!(
        designs::reread(&design.path()).is_some(),
        "errors are no design that is known"
    );
    let replaced = design.save(&shop().replace("slots: 16", "slots: 32"));
    assert!(
        matches!(&replaced[..], [Effect::Replace(Place::Lab { lab, .. })] if *lab == design.path()),
        "{replaced:?}"
    );
    assert!(
        !design.bench.screen.is_at(&Place::lab(&design.path())),
        "the old one is not come back to"
    );
}

#[test]
fn the_auction_which_has_no_file_is_edited_as_a_copy_that_takes_its_place() {
    let spec = designs::find("auction").unwrap().spec();
    let mut bench = Bench::of(spec, 120, 35);
    let edited = bench.keys("e");
    assert!(
        matches!(
            &edited[..],
            [Effect::NewDesign {
                name: "auction",
                edit: true,
                ..
            }]
        ),
        "{edited:?}"
    );
    let copy = "/home/me/designs/auction.yaml".to_owned();
    let replaced = bench.send(Message::Design(copy.clone(), Ok(())));
    assert!(
        matches!(&replaced[..], [Effect::Replace(Place::Lab { lab, .. })] if *lab == copy),
        "{replaced:?}"
    );
}

#[test]
fn the_file_is_looked_at_once_a_second_however_many_timers_there_are() {
    let mut design = OpenDesign::of(shop(), 5, 120, 35);
    let looks = |effects: &[Effect]| {
        effects
            .iter()
            .filter(|effect| matches!(effect, Effect::ReadDesign(_)))
            .count()
    };
    design.bench.stage.uptime += std::time::Duration::from_secs(1);
    assert_eq!(looks(&design.bench.send(Message::Tick)), 1);
    assert_eq!(looks(&design.bench.send(Message::Tick)), 0);
    design.bench.stage.uptime += std::time::Duration::from_secs(1);
    assert_eq!(looks(&design.bench.send(Message::Tick)), 1);
}

#[test]
fn the_letter_of_an_action_is_not_a_key_of_the_screen() {
    let design = OpenDesign::of(shop(), 1, 120, 35);
    for action in &design.bench.screen.spec.actions {
        let contexts = [Context::Design, Context::Lab, Context::Global];
        let known =
            crate::tui::keymap::action(&contexts, crate::tui::keymap::Key::char(action.key));
        assert_eq!(known, None, "{}", action.name);
    }
}

#[test]
fn the_whole_screen_is_as_agreed_at_every_size() {
    let mut design = OpenDesign::of(shop(), 90, 120, 35);
    let Bench { screen, stage } = &mut design.bench;
    golden!("design", stage, screen, [(80, 24), (120, 35), (200, 60)]);
    survives(stage, screen);
}
