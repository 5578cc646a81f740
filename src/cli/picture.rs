//! `ddlab picture`: a screen as an SVG picture, for the documentation. It is the real program, with a
//! script instead of hands: its screens, its labs, its buffer; nothing is drawn by hand. Labs run in
//! virtual time to a stated moment, so the same command gives the same picture.

use super::Global;
use crate::content::Library;
use crate::designs;
use crate::markdown::highlight::Highlighter;
use crate::progress::Marks;
use crate::tui::app::{App, Request, ScreenId, Services};
use crate::tui::effect::{DEFAULT_SEED, Effect, Place, RunId, RunSource};
use crate::tui::event::{Event, Message};
use crate::tui::svg;
use crate::tui::theme::{Depth, Ground, Theme};
use clap::{Args, ValueEnum};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ddlab_design::gameday::night::Night;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Pace;
use ddlab_labs::workbench::run::Command;
use ddlab_labs::workbench::session::Session;
use eyre::{Result, eyre};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, Args)]
pub struct PictureArgs {
    #[arg(value_enum)]
    screen: Scene,
    /// Cells, columns x rows
    #[arg(long, default_value = "120x35")]
    size: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Scene {
    Home,
    Reader,
    Lab,
    Waterfall,
    Shards,
    Belt,
    Beliefs,
    Question,
    Design,
    Gameday,
    /// The lab, as it goes
    Moving,
}

/// One step of a script: what hands would do.
#[derive(Clone, Copy)]
enum Step {
    Press(KeyCode),
    Type(&'static str),
    /// Labs that were asked for run to this moment.
    LabsTo(SimTime),
    /// So much time goes by for what goes by the clock.
    Wait(Duration),
}

impl Scene {
    fn caption(self) -> &'static str {
        match self {
            Self::Home => "Home: the curriculum, five marks a chapter, and what to do next",
            Self::Reader => "A chapter with a figure that runs in the page",
            Self::Lab => {
                "The lab of scatter/gather: leaf 3 is slowed at 20 s, hedging comes on at 40 s"
            }
            Self::Waterfall => {
                "Why the slowest request was slow: every copy of every call, on one scale"
            }
            Self::Shards => {
                "The lab of sharding: a ring of five shards gets a sixth, and key 1 becomes a celebrity"
            }
            Self::Belt => {
                "The lab of the work queue: more work than workers, a short lease, workers that crash"
            }
            Self::Beliefs => {
                "The lab of election: the owner stands still for 26 s, its lease lasts 15, and nothing fences"
            }
            Self::Question => "An interview question",
            Self::Design => {
                "A design as it runs: the auction, whose zone a goes down at 60 s, and its requirements"
            }
            Self::Gameday => {
                "Game day: an evening on call, with what has paged, the dashboards, and what was looked at"
            }
            Self::Moving => {
                "The lab of scatter/gather at ten times the speed: one leaf becomes slow, the slowest requests with it, and \
                 hedging brings them back"
            }
        }
    }

    fn place(self) -> Place {
        let set = |lab: &str, settings: &[&str]| Place::Lab {
            lab: lab.to_owned(),
            set: settings.iter().map(|&setting| setting.to_owned()).collect(),
            seed: DEFAULT_SEED,
        };
        match self {
            Self::Home => Place::Home,
            Self::Reader => Place::chapter("scatter-gather"),
            Self::Lab | Self::Waterfall | Self::Moving => Place::lab("scatter-gather"),
            Self::Shards => set("sharded", &["strategy=ring", "vnodes=5"]),
            Self::Belt => set(
                "work-queue",
                &[
                    "visibility_timeout=600ms",
                    "worker_crash_ratio=3%",
                    "autoscale=depth",
                ],
            ),
            Self::Beliefs => set(
                "election",
                &["backend=k8s_lease", "fencing=off", "job_takes=const:600ms"],
            ),
            Self::Question => Place::question("scatter-gather", Some("ch07-q3")),
            Self::Design => Place::lab("auction"),
            Self::Gameday => Place::GameDay {
                night: Night::new(1, 7).ok().map(|night| night.to_string()),
            },
        }
    }

    fn steps(self) -> Vec<Step> {
        use Step::{Press, Type};
        let labs_to = |seconds| Step::LabsTo(SimTime::from_secs(seconds));
        match self {
            Self::Home | Self::Question => Vec::new(),
            Self::Design => vec![labs_to(60), Type("Z"), labs_to(80)],
            // Fifty times the clock: twenty minutes of the evening, and a look at a component.
            Self::Gameday => vec![
                Type("speed 50"),
                Press(KeyCode::Enter),
                Press(KeyCode::Tab),
                Step::Wait(Duration::from_secs(24)),
                Type("look bids"),
                Press(KeyCode::Enter),
            ],
            Self::Shards => vec![labs_to(20), Type("A"), labs_to(30), Type("C"), labs_to(40)],
            Self::Belt => vec![labs_to(50), Type("K"), Press(KeyCode::Enter), labs_to(51)],
            Self::Beliefs => {
                let mut steps = vec![labs_to(30), Type("P")];
                steps.extend([Press(KeyCode::Enter), labs_to(90)]);
                steps
            }
            // The second stop of Tab is the first figure of the chapter.
            Self::Reader => vec![Press(KeyCode::Tab), Press(KeyCode::Tab), labs_to(60)],
            Self::Lab | Self::Waterfall | Self::Moving => {
                let mut steps = vec![
                    labs_to(20),
                    Type("a"),
                    Press(KeyCode::Right),
                    Press(KeyCode::Right),
                    Press(KeyCode::Enter),
                    labs_to(40),
                    // The first essential knob, the policy, has the focus.
                    Press(KeyCode::Enter),
                    Type("hedge"),
                    Press(KeyCode::Enter),
                    labs_to(60),
                ];
                if matches!(self, Self::Waterfall) {
                    steps.push(Type("t"));
                }
                steps
            }
        }
    }
}

/// # Errors
/// When the size is none, or a lab of the scene cannot be started.
pub fn run(args: &PictureArgs, global: &Global) -> Result<ExitCode> {
    let area = parse_size(&args.size)?;
    let ground = match global.theme {
        Some(super::ThemeChoice::Light) => Ground::Light,
        Some(super::ThemeChoice::Dark | super::ThemeChoice::Auto) | None => Ground::Dark,
    };
    let services = Services {
        // The book alone: a picture of the documentation shows nobody's own packs and marks.
        library: Arc::new(Library::embedded()),
        marks: Marks::default(),
        theme: Theme::new(ground, Depth::True, global.ascii),
        highlighter: Highlighter::default(),
        catalogue: crate::search::Catalogue::default(),
        learner: crate::practice::learned::Learner::default(),
        now: crate::clock::now,
    };
    let (app, requests) = App::new(services, &[args.screen.place()], area);
    let mut stage = Stage {
        app,
        sessions: Vec::new(),
        now: SimTime(0),
        uptime: Duration::ZERO,
        film: matches!(args.screen, Scene::Moving).then(Vec::new),
    };
    stage.follow(requests)?;
    for step in args.screen.steps() {
        stage.take(step)?;
    }
    stage.shoot(LAST_SCREEN);
    let caption = args.screen.caption();
    let drawn = match &stage.film {
        Some(film) => svg::animate(film, ground, caption),
        None => svg::draw(&stage.screen(), ground, caption),
    };
    std::io::Write::write_all(&mut std::io::stdout(), drawn.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn parse_size(size: &str) -> Result<Rect> {
    size.split_once('x')
        .and_then(|(columns, rows)| {
            Some(Rect::new(0, 0, columns.parse().ok()?, rows.parse().ok()?))
        })
        .ok_or_else(|| eyre!("`{size}` is not a size; write columns x rows, such as 120x35"))
}

/// The program with what would be threads turned by hand.
struct Stage {
    app: App,
    /// The labs that screens asked for, with whose they are.
    sessions: Vec<(ScreenId, RunId, Session)>,
    /// How far they were run.
    now: SimTime,
    /// How long the program has been open, for what goes by the clock.
    uptime: Duration,
    /// The screens on the way, each with how long it is shown, where the picture moves.
    film: Option<Vec<(Buffer, Duration)>>,
}

/// Of a picture that moves: a screen after a key, one of a running lab with how far that runs, and the last one.
const KEY_SCREEN: Duration = Duration::from_millis(600);
const LAB_SCREEN: Duration = Duration::from_millis(200);
const LAB_STEP: SimTime = SimTime(2_000_000_000);
const LAST_SCREEN: Duration = Duration::from_secs(4);

/// How often the clock ticks.
const TICK: Duration = Duration::from_millis(200);

impl Stage {
    fn take(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Press(code) => self.press(code),
            Step::Type(text) => text.chars().try_for_each(|c| self.press(KeyCode::Char(c))),
            Step::Wait(span) => {
                let until = self.uptime + span;
                while self.uptime < until {
                    self.uptime += TICK;
                    self.update(Event::Message(Message::Tick))?;
                }
                Ok(())
            }
            Step::LabsTo(moment) => {
                while self.film.is_some() && self.now.0 + LAB_STEP.0 < moment.0 {
                    self.run_labs(SimTime(self.now.0 + LAB_STEP.0))?;
                    self.shoot(LAB_SCREEN);
                }
                self.run_labs(moment)?;
                self.shoot(LAB_SCREEN);
                Ok(())
            }
        }
    }

    fn screen(&self) -> Buffer {
        let mut buf = Buffer::empty(self.app.area());
        self.app.view(self.app.area(), &mut buf);
        buf
    }

    /// Keeps the screen as it is, where the picture moves.
    fn shoot(&mut self, shown: Duration) {
        let screen = self.screen();
        if let Some(film) = &mut self.film {
            film.push((screen, shown));
        }
    }

    fn press(&mut self, code: KeyCode) -> Result<()> {
        let key = KeyEvent::new(code, KeyModifiers::NONE);
        self.update(Event::Key(key))?;
        self.shoot(KEY_SCREEN);
        Ok(())
    }

    fn update(&mut self, event: Event) -> Result<()> {
        let requests = self.app.update(event, self.uptime);
        self.follow(requests)
    }

    fn follow(&mut self, requests: Vec<Request>) -> Result<()> {
        for request in requests {
            match request.effect {
                Effect::Start(run, start) => {
                    let RunSource::Lab { lab, knobs, .. } = start.source else {
                        continue;
                    };
                    let mut plan = designs::endless(lab, DEFAULT_SEED).map_err(|why| eyre!(why))?;
                    plan.knobs = knobs;
                    self.sessions
                        .push((request.from, run, Session::start(plan)));
                }
                Effect::Steer(run, command) => self.command(run, command)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn command(&mut self, run: RunId, command: Command) -> Result<()> {
        let asked = self.sessions.iter_mut().find(|(_, id, _)| *id == run);
        // The script turns the labs itself: it needs no other command.
        if let (Some((_, _, session)), Command::Intervene(what)) = (asked, command) {
            session.intervene(what)?;
        }
        Ok(())
    }

    fn run_labs(&mut self, moment: SimTime) -> Result<()> {
        self.now = moment;
        let mut asked = Vec::new();
        for (owner, run, session) in &mut self.sessions {
            session.advance(moment, u64::MAX);
            let mut frame = session.frame();
            frame.pace = Pace {
                playing: true,
                asked: 10.0,
                reached: 10.0,
            };
            let frame = Message::Frame(*run, Arc::new(frame));
            asked.extend(self.app.send_to(*owner, frame));
        }
        self.follow(asked)
    }
}
