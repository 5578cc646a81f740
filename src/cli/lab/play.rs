//! `ddlab lab play`: a running lab line by line. A command goes in, and one line says how the lab stands: for
//! screen readers, for slow lines, for scripts that want to look before they go on.

use super::world::{World, span};
use crate::cli::Global;
use crate::cli::lines::Lines;
use crate::cli::paper::shell_word;
use ddlab_labs::engine::time::format_span;
use ddlab_labs::engine::{Ran, SimTime};
use ddlab_labs::workbench::frame::{Frame, MetricValue, Statistic};
use ddlab_labs::workbench::intervention::Intervention;
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::length::LENGTH_MAX;
use ddlab_labs::workbench::meter::MetricSpec;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::session::Session;
use ddlab_labs::workbench::story;
use eyre::{Result, eyre};
use std::io::{BufRead, Write};
use std::process::ExitCode;

const HELP: &str = "Commands: a time such as `10s` goes on so far, an empty line as far as the last time; \
    `KNOB=VALUE` turns a knob; `ACTION` or `ACTION=ARGUMENT` does it; `now`, `all`, `knobs`, `actions` and `why` tell; \
    `undo` takes back; `quit` ends.";
/// How far an empty line goes on at first.
const STEP: SimTime = SimTime(10_000_000_000);
/// Work within one instant, after which the lab is said to stand still.
const STUCK: u64 = 20_000_000;

/// # Errors
/// When a name or a value is wrong, the lab stands still, or the output cannot be written.
pub fn run(
    world: &World,
    global: &Global,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<ExitCode> {
    let plan = world.plan()?;
    let mut player = Player {
        lines: Lines::new(input, out, global),
        spec: plan.lab.spec(),
        session: Session::start(plan),
        before: Vec::new(),
        step: STEP,
    };
    player.head()?;
    while let Some(line) = player.lines.next()? {
        match line.trim() {
            "quit" => break,
            line => player.obey(line)?,
        }
    }
    player.tail()?;
    Ok(ExitCode::SUCCESS)
}

struct Player<'a> {
    lines: Lines<'a>,
    spec: &'static LabSpec,
    session: Session,
    /// What can be taken back: the plan and the moment before each thing that was done.
    before: Vec<(RunPlan, SimTime)>,
    /// How far an empty line goes on.
    step: SimTime,
}

impl Player<'_> {
    fn head(&mut self) -> Result<()> {
        let spec = self.spec;
        self.lines
            .say(&format!("{}: {}", spec.title, spec.promise))?;
        self.lines.say(HELP)?;
        self.state()
    }

    /// Does one command. What can't be done is said, and the lab stays as it is.
    fn obey(&mut self, line: &str) -> Result<()> {
        match line {
            "" => self.go_on(),
            "help" => Ok(self.lines.say(HELP)?),
            "now" => self.state(),
            "all" => self.all(),
            "knobs" => self.knobs(),
            "actions" => self.actions(),
            "why" => self.why(),
            "undo" => self.undo(),
            line => match span(line) {
                Ok(step) if step > SimTime(0) => {
                    self.step = step;
                    self.go_on()
                }
                _ => self.intervene(line),
            },
        }
    }

    fn go_on(&mut self) -> Result<()> {
        let goal = SimTime(self.session.now().0.saturating_add(self.step.0));
        if goal > SimTime::from(LENGTH_MAX) {
            let most = format_span(LENGTH_MAX);
            return Ok(self.lines.say(&format!("A run takes at most {most}."))?);
        }
        advance(&mut self.session, goal)?;
        self.state()
    }

    fn intervene(&mut self, line: &str) -> Result<()> {
        let before = (self.session.plan().clone(), self.session.now());
        let done =
            Intervention::parse(line, self.spec).and_then(|what| self.session.intervene(what));
        match done {
            Ok(()) => {
                self.before.push(before);
                let log = self.session.sketch().log;
                let said = log.last().map_or(line, |last| last.text.as_str());
                let at = format_span(self.session.now().into());
                self.lines.say(&format!("at {at}: {said}"))?;
            }
            Err(error) => self
                .lines
                .say(&format!("{error}. `help` lists the commands."))?,
        }
        Ok(())
    }

    fn undo(&mut self) -> Result<()> {
        let Some((plan, at)) = self.before.pop() else {
            return Ok(self.lines.say("There is nothing to take back.")?);
        };
        self.session = Session::start(plan);
        advance(&mut self.session, at)?;
        self.state()
    }

    /// One line: the moment, what the lab's screen charts, whether its invariants hold.
    fn state(&mut self) -> Result<()> {
        let frame = self.session.sketch();
        let mut charted: Vec<&MetricSpec> = self
            .spec
            .metrics
            .iter()
            .filter(|metric| metric.chart > 0)
            .collect();
        charted.sort_by_key(|metric| metric.chart);
        let figures: Vec<String> = charted
            .into_iter()
            .map(|metric| figure(&frame, metric))
            .collect();
        let line = format!(
            "at {}: {}; {}",
            format_span(frame.now.into()),
            figures.join(", "),
            invariants(&frame)
        );
        Ok(self.lines.say(&line)?)
    }

    /// Every metric, a line each.
    fn all(&mut self) -> Result<()> {
        let frame = self.session.sketch();
        for metric in &self.spec.metrics {
            let line = format!("{}: {}", figure(&frame, metric), metric.help);
            self.lines.say(&line)?;
        }
        for invariant in &frame.invariants {
            let held = if invariant.held { "holds" } else { "BROKEN" };
            let line = format!("{held}: {} ({})", invariant.name, invariant.detail);
            self.lines.say(&line)?;
        }
        Ok(())
    }

    fn knobs(&mut self) -> Result<()> {
        let values: Vec<String> = {
            let knobs = self.session.knobs();
            knobs.values().iter().map(ToString::to_string).collect()
        };
        for (knob, value) in self.spec.knobs.iter().zip(values) {
            let start = if knob.needs_restart {
                ", only at the start, with --set"
            } else {
                ""
            };
            let line = format!(
                "{}={value}: {}; {}{start}",
                knob.name,
                knob.help,
                knob.range()
            );
            self.lines.say(&line)?;
        }
        Ok(())
    }

    fn actions(&mut self) -> Result<()> {
        for action in &self.spec.actions {
            let form = action.form();
            let line = format!("{}: {}", form.replace('`', ""), action.help);
            self.lines.say(&line)?;
        }
        Ok(())
    }

    /// What happened in the last minute.
    fn why(&mut self) -> Result<()> {
        let lines = story::lines(&self.session.frame(), self.spec);
        if lines.is_empty() {
            self.lines
                .say("Nothing out of the ordinary in the last minute.")?;
            self.lines.say(story::CRITERION)?;
        }
        for line in lines {
            let at = format_span(line.at.into());
            self.lines.say(&format!("at {at}: {}", line.text))?;
        }
        Ok(())
    }

    /// The command that does the same run in one go.
    fn tail(&mut self) -> Result<()> {
        let plan = self.session.plan();
        let now = self.session.now();
        let mut words = vec!["ddlab lab run".to_owned(), self.spec.id.to_owned()];
        let mut option = |name: &str, value: String| {
            words.push(format!("{name} {}", shell_word(&value)));
        };
        option("--seed", plan.seed.to_string());
        option("--for", format_span(now.into()));
        for setting in settings(&plan.knobs) {
            option("--set", setting);
        }
        for done in &plan.script {
            option(
                "--at",
                format!("{}:{}", format_span(done.at.into()), done.what),
            );
        }
        if now > plan.warmup {
            let line = format!("\nThe same run: {}", words.join(" "));
            self.lines.say(&line)?;
        } else {
            self.lines.say("")?;
        }
        Ok(())
    }
}

fn settings(knobs: &KnobSettings) -> impl Iterator<Item = String> {
    knobs
        .turned()
        .map(|(knob, value)| format!("{}={value}", knob.name))
}

/// Runs on; a lab that stands still at one moment ends the play.
fn advance(session: &mut Session, goal: SimTime) -> Result<()> {
    loop {
        let before = session.now();
        match session.advance(goal, STUCK) {
            Ran::Reached => return Ok(()),
            Ran::OutOfBudget if session.now() > before => {}
            Ran::OutOfBudget => {
                let at = format_span(before.into());
                return Err(eyre!(
                    "the lab stands still at {at}: please report it with the seed and the knobs"
                ));
            }
        }
    }
}

/// `latency_ms p50 12.3 ms p99 74.0 ms` of the recent past; `no value yet` before there is one.
fn figure(frame: &Frame, spec: &MetricSpec) -> String {
    let metric = frame.metrics.iter().find(|metric| metric.name == spec.name);
    let asked: &[Statistic] = match metric.map(|metric| &metric.recent) {
        Some(MetricValue::Histogram(_)) => &[Statistic::P50, Statistic::P99],
        Some(MetricValue::Gauge { .. }) => &[Statistic::Mean],
        _ => &[Statistic::Value],
    };
    let shown: Vec<String> = asked
        .iter()
        .filter_map(|statistic| {
            let value = metric?.recent.get(*statistic)?;
            let text = spec.unit.show(value);
            Some(match *statistic {
                Statistic::P50 | Statistic::P99 => format!("{} {text}", statistic.name()),
                _ => text,
            })
        })
        .collect();
    if shown.is_empty() {
        format!("{} no value yet", spec.name)
    } else {
        format!("{} {}", spec.name, shown.join(" "))
    }
}

fn invariants(frame: &Frame) -> String {
    let broken: Vec<String> = frame
        .invariants
        .iter()
        .filter(|invariant| !invariant.held)
        .map(|invariant| format!("BROKEN: {}", invariant.name))
        .collect();
    if broken.is_empty() {
        "all invariants hold".to_owned()
    } else {
        broken.join(", ")
    }
}
