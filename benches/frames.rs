//! How long a frame of the lab screen takes at 200x60, from a lab's frame to the cells that changed:
//! layout, drawing, and ratatui's comparison with the frame before. The frames are those of real runs,
//! one after the other, so that what changes is what changes when one looks at it.
//!
//! Not by criterion: what matters is the slowest one in a hundred as much as the usual one, and each
//! frame is another.

use ddlab::content::Library;
use ddlab::markdown::highlight::Highlighter;
use ddlab::progress::Marks;
use ddlab::tui::effect::{Effect, Place};
use ddlab::tui::keymap::Action;
use ddlab::tui::screen::{Cx, Message, open};
use ddlab::tui::theme::{Depth, Ground, Theme};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::session::Session;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Rect;
use std::sync::Arc;
use std::time::{Duration, Instant};

const WIDTH: u16 = 200;
const HEIGHT: u16 = 60;
const FRAMES: usize = 300;
/// The goals, at 30 frames a second and more.
const MEDIAN_MS: f64 = 5.0;
const P99_MS: f64 = 12.0;

/// A run to look at.
struct Scene {
    name: &'static str,
    lab: &'static str,
    settings: &'static [&'static str],
    /// Virtual time before the first frame that is measured, so that the charts are full.
    before: SimTime,
    /// Virtual time from one frame to the next.
    step: SimTime,
    /// Keys pressed before it is measured.
    keys: &'static [Action],
}

const SCENES: [Scene; 8] = [
    Scene {
        name: "1,000 replicas, hedging, 10x",
        lab: "scatter-gather",
        settings: &[
            "fan_out=200",
            "replicas=5",
            "arrival_rps=100",
            "policy=hedge",
        ],
        before: SimTime(60_000_000_000),
        step: SimTime(160_000_000),
        keys: &[],
    },
    Scene {
        name: "50 leaves, messages in sight",
        lab: "scatter-gather",
        settings: &[
            "fan_out=50",
            "replicas=2",
            "arrival_rps=2000",
            "policy=tied",
        ],
        before: SimTime(40_000_000_000),
        step: SimTime(50_000),
        keys: &[
            Action::PreviousPart,
            Action::PreviousPart,
            Action::PreviousPart,
        ],
    },
    Scene {
        name: "the slowest request of 100 leaves",
        lab: "scatter-gather",
        settings: &[
            "fan_out=100",
            "replicas=2",
            "arrival_rps=50",
            "policy=hedge",
        ],
        before: SimTime(20_000_000_000),
        step: SimTime(160_000_000),
        keys: &[Action::Slowest],
    },
    Scene {
        name: "256 shards on a ring, 8 hot keys",
        lab: "sharded",
        settings: &[
            "shards=256",
            "strategy=ring",
            "arrival_rps=20000",
            "hot_share=1%",
            "mitigation=replica_reads",
        ],
        before: SimTime(3_000_000_000),
        step: SimTime(10_000_000),
        keys: &[],
    },
    Scene {
        name: "5 shards on a ring, calls in sight",
        lab: "sharded",
        settings: &["strategy=ring", "arrival_rps=4000"],
        before: SimTime(40_000_000_000),
        step: SimTime(50_000),
        keys: &[
            Action::PreviousPart,
            Action::PreviousPart,
            Action::PreviousPart,
        ],
    },
    Scene {
        name: "500 workers, a full queue, 10x",
        lab: "work-queue",
        settings: &["workers=500", "arrival_rps=3000"],
        before: SimTime(20_000_000_000),
        step: SimTime(160_000_000),
        keys: &[],
    },
    Scene {
        name: "20 workers that crash and repeat",
        lab: "work-queue",
        settings: &[
            "workers=20",
            "arrival_rps=90",
            "worker_crash_ratio=10%",
            "poison_ratio=1%",
            "visibility_timeout=300ms",
        ],
        before: SimTime(60_000_000_000),
        step: SimTime(160_000_000),
        keys: &[],
    },
    Scene {
        name: "9 candidates that flap, 10x",
        lab: "election",
        settings: &[
            "candidates=9",
            "lease=1s",
            "job_every=50ms",
            "pause_every=exp:2s",
            "pause_for=exp:3s",
            "fencing=off",
        ],
        before: SimTime(120_000_000_000),
        step: SimTime(160_000_000),
        keys: &[],
    },
];

fn main() {
    // `cargo bench --bench frames -- shards` measures the scenes of that name alone.
    let wanted = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let chosen = |scene: &&Scene| {
        let wanted = wanted.as_deref().unwrap_or_default();
        scene.name.contains(wanted) || scene.lab.contains(wanted)
    };
    println!(
        "{WIDTH}x{HEIGHT}, {FRAMES} frames each; goals: median {MEDIAN_MS} ms, p99 {P99_MS} ms"
    );
    for scene in SCENES.iter().filter(chosen) {
        let mut times = measure(scene);
        times.sort_unstable();
        let at = |share: f64| {
            let place = (share * (times.len() - 1) as f64).round() as usize;
            times[place].as_secs_f64() * 1e3
        };
        let (median, p99) = (at(0.5), at(0.99));
        let verdict = if median < MEDIAN_MS && p99 < P99_MS {
            "met"
        } else {
            "MISSED"
        };
        println!(
            "{:40} median {median:6.2} ms   p99 {p99:6.2} ms   {verdict}",
            scene.name
        );
    }
}

fn measure(scene: &Scene) -> Vec<Duration> {
    let lab = ddlab_labs::find(scene.lab).expect("the lab is in the registry");
    let mut plan = RunPlan::new(lab, 1);
    for setting in scene.settings {
        plan.knobs
            .set_text(setting)
            .expect("the settings of a scene are the lab's");
    }
    let mut session = Session::start(plan);
    session.advance(scene.before, u64::MAX);

    let (library, marks) = (Library::embedded(), Marks::default());
    let (theme, highlighter) = (
        Theme::new(Ground::Dark, Depth::True, false),
        Highlighter::default(),
    );
    let cx = Cx {
        library: &library,
        marks: &marks,
        theme: &theme,
        highlighter: &highlighter,
        catalogue: &ddlab::search::Catalogue::default(),
        learner: &ddlab::practice::learned::Learner::default(),
        area: Rect::new(0, 0, WIDTH, HEIGHT - 1),
        uptime: Duration::ZERO,
        now: ddlab::clock::now(),
    };
    let place = Place::Lab {
        lab: scene.lab.to_owned(),
        set: scene
            .settings
            .iter()
            .map(|setting| (*setting).to_owned())
            .collect(),
        seed: 1,
    };
    let mut screen = open(&place, &[], &cx).expect("the lab opens");
    let run = screen
        .update(Message::Shown, &cx)
        .into_iter()
        .find_map(|effect| match effect {
            Effect::Start(run, _) => Some(run),
            _ => None,
        });
    let run = run.expect("a lab that is shown asks for its run");
    let mut terminal =
        Terminal::new(TestBackend::new(WIDTH, HEIGHT)).expect("a buffer needs no terminal");
    let mut times = Vec::with_capacity(FRAMES);
    for n in 0..=FRAMES {
        session.advance(SimTime(session.now().0 + scene.step.0), u64::MAX);
        let frame = Arc::new(session.frame());
        let begun = Instant::now();
        screen.update(Message::Frame(run, frame), &cx);
        terminal
            .draw(|frame| screen.view(&cx, frame.buffer_mut()))
            .expect("a buffer can be drawn on");
        // The first one draws every cell: it is seen once, when the screen opens.
        if n > 0 {
            times.push(begun.elapsed());
        } else {
            for key in scene.keys {
                screen.update(Message::Act(*key), &cx);
            }
        }
    }
    times
}
