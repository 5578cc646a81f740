//! `ddlab lab experiment`: an experiment line by line. What is predicted is read, what is measured is shown
//! beside it.

use super::guided;
use super::{harmless, json, print};
use crate::cli::keeper::Keeper;
use crate::cli::lines::Lines;
use crate::cli::{Global, status};
use crate::progress::Event;
use crate::study::guess;
use crate::study::reveal::Reveal;
use clap::Args;
use ddlab_labs::engine::SimTime;
use ddlab_labs::engine::time::format_span;
use ddlab_labs::workbench::claim::MeasuredRun;
use ddlab_labs::workbench::experiment::{
    Experiment, ExperimentProgress, Guess, Observation, Prediction, PredictionKind,
    PredictionOutcome, StepView,
};
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_text::Unit;
use eyre::{Result, WrapErr};
use std::io::{self, BufRead, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct ExperimentArgs {
    /// The experiment, as `ddlab lab show LAB` lists it: LAB/ID
    name: String,
    /// Print one JSON object at the end, and nothing else
    #[arg(long)]
    json: bool,
}

/// # Errors
/// When there is no such experiment, or the output cannot be written.
pub fn run(
    args: &ExperimentArgs,
    global: &Global,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<ExitCode> {
    let (spec, guides, id) = guided::split(&args.name)?;
    let experiment = guides
        .experiment(id)
        .map_err(|error| guided::unknown(&error, spec))?;
    let mut nowhere = io::sink();
    let talk: &mut dyn Write = if args.json { &mut nowhere } else { &mut *out };
    let mut session = Session {
        lines: Lines::new(input, talk, global),
        keeper: Keeper::open(global),
        spec,
        progress: ExperimentProgress::new(experiment),
        // A script that says nothing wants to see what is measured.
        may_end: args.json,
        ended: false,
    };
    session.head(experiment)?;
    let finished = session.go()?;
    let kept = session.keeper.close();
    let progress = session.progress;
    if args.json {
        print(&mut &mut *out, &json::progress(spec, &progress, finished))?;
    }
    Ok(status(finished && kept))
}

struct Session<'a> {
    lines: Lines<'a>,
    keeper: Keeper,
    spec: &'static LabSpec,
    progress: ExperimentProgress,
    /// The end of the input passes every prediction instead of ending the experiment.
    may_end: bool,
    ended: bool,
}

impl Session<'_> {
    fn head(&mut self, experiment: &Experiment) -> io::Result<()> {
        let title = format!(
            "{} · {} · about {} min · seed {}\n",
            self.spec.title, experiment.title, experiment.minutes, experiment.seed
        );
        self.lines.say(&title)
    }

    /// Goes through all steps; false when the input ended before.
    fn go(&mut self) -> Result<bool> {
        loop {
            match self.progress.step() {
                StepView::Say(text) | StepView::Explain(text) => {
                    self.lines.paragraph(&text)?;
                }
                StepView::Predict(prediction) => {
                    let Some(guess) = self.ask(prediction)? else {
                        self.lines.say("\nThe input has ended.")?;
                        return Ok(false);
                    };
                    self.progress.guess(guess);
                }
                StepView::Do(interventions) => {
                    let done: Vec<String> = interventions.iter().map(ToString::to_string).collect();
                    self.lines.say(&format!("Done: {}\n", done.join(", ")))?;
                }
                StepView::Run(run) => self.measured_run(run)?,
                StepView::Observe { text, observation } => {
                    self.lines.paragraph(&text)?;
                    self.figures(observation)?;
                }
                StepView::Reveal {
                    prediction,
                    outcome,
                } => self.reveal(prediction, &outcome)?,
                StepView::Done => {
                    self.keeper.keep(Event::ExperimentDone {
                        lab: self.spec.id.to_owned(),
                        experiment: self.progress.experiment().id.clone(),
                    });
                    self.what_next()?;
                    return Ok(true);
                }
            }
            self.progress.advance()?;
        }
    }

    fn what_next(&mut self) -> io::Result<()> {
        let all = &ddlab_labs::guides(self.spec.id).experiments;
        let this = |experiment: &Experiment| experiment.id == self.progress.experiment().id;
        let next = all.iter().skip_while(|one| !this(one)).nth(1);
        match next {
            Some(next) => self.lines.say(&format!(
                "Done. Next: ddlab lab experiment {}/{}",
                self.spec.id, next.id
            )),
            None => self.lines.say(&format!(
                "Done. What is left are the challenges: ddlab lab show {}",
                self.spec.id
            )),
        }
    }

    fn ask(&mut self, prediction: &Prediction) -> Result<Option<Guess>> {
        if self.ended {
            return Ok(Some(Guess::Pass));
        }
        self.lines
            .paragraph(&format!("**Predict.** {}", prediction.question))?;
        self.lines.say(&how_to(prediction))?;
        let guess = self.lines.until(|line| {
            let guess = match &prediction.kind {
                _ if line.trim().is_empty() => return Ok(Guess::Pass),
                PredictionKind::Number { measure, .. } => guess::number(line, measure.unit),
                PredictionKind::Choice { options, .. } => guess::option(line, options.len()),
            };
            guess.map_err(|error| format!("{error}. Try again:"))
        })?;
        match &guess {
            None => self.ended = true,
            Some(Guess::Pass) => {}
            Some(_) => self.lines.say("")?,
        }
        Ok(guess.or_else(|| self.may_end.then_some(Guess::Pass)))
    }

    fn measured_run(&mut self, run: &'static MeasuredRun) -> Result<()> {
        let experiment = self.progress.experiment();
        let span = |time: u64| format_span(SimTime(time).into());
        let length = span(run.plan.length.0 - run.begins.0);
        let mut progress = super::progress::Progress::of(run.plan.length);
        let whole = run.plan.length.0 as f64;
        let measurement = run
            .measure(experiment.seed, &experiment.measures, &mut |share| {
                progress.show(SimTime((share * whole) as u64));
                ControlFlow::Continue(())
            })
            .map_err(harmless)
            .wrap_err("the run failed")?;
        drop(progress);
        let goes_on = if run.begins.0 == 0 { "Ran" } else { "Ran on" };
        self.lines.say(&format!(
            "{goes_on} for {length} of virtual time: digest {:016x}",
            measurement.digest
        ))?;
        for broken in measurement.invariants.iter().filter(|view| !view.held) {
            let at = broken.first_broken_at.map_or(0.0, SimTime::as_secs_f64);
            let (name, detail) = (broken.name, &broken.detail);
            self.lines
                .say(&format!("BROKEN at {at:.3} s: {name}: {detail}"))?;
        }
        self.lines.say("")?;
        self.progress.measured(measurement);
        Ok(())
    }

    /// The figures that an observation points at.
    fn figures(&mut self, observation: &Observation) -> io::Result<()> {
        let Some(metric) = observation.metric else {
            return Ok(());
        };
        let measurement = observation
            .run
            .and_then(|run| self.progress.measurement(run));
        let value = measurement.and_then(|measurement| {
            let mut metrics = measurement.metrics.iter();
            metrics
                .find(|(spec, _)| spec.name == metric.name)
                .map(|(_, value)| value)
        });
        let Some(value) = value else {
            return Ok(());
        };
        let unit = metric.unit;
        for statistic in &observation.show {
            if let Some(figure) = value.get(*statistic) {
                let name = statistic.name();
                let line = format!("  {} {name:5} {:>12}", metric.name, unit.show(figure));
                self.lines.say(&line)?;
            }
        }
        self.lines.say("")
    }

    fn reveal(&mut self, prediction: &Prediction, outcome: &PredictionOutcome) -> Result<()> {
        let reveal = Reveal::of(prediction, outcome);
        let mut rows = Vec::new();
        if let Some(predicted) = &reveal.predicted {
            rows.push(format!("  predicted  {predicted}"));
        }
        rows.push(format!("  measured   {}", reveal.measured));
        if !reveal.verdict.is_empty() {
            rows.push(
                format!("  off by     {}", reveal.verdict)
                    .replace("off by     right", "           right"),
            );
        }
        if let Some((held, range)) = &reveal.range {
            let held = if *held { "held it" } else { "missed it" };
            rows.push(format!("  your range {range}: {held}"));
        }
        for row in rows {
            self.lines.say(&row)?;
        }
        self.lines.say("")?;
        if let Some(tempting) = &reveal.tempting {
            self.lines.paragraph(tempting)?;
        }
        let about = format!("{}/{}", self.spec.id, self.progress.experiment().id);
        if let Some(event) = Event::predicted(&about, prediction, outcome) {
            self.keeper.keep(event);
        }
        Ok(())
    }
}

fn how_to(prediction: &Prediction) -> String {
    match &prediction.kind {
        PredictionKind::Number { measure, .. } => {
            let unit = match measure.unit.symbol() {
                "" => String::new(),
                "ms" => " in ms (or `3 s`)".to_owned(),
                symbol => format!(" in {symbol}"),
            };
            format!(
                "Type a number{unit}; with the range that should hold it four times in five if you like, \
                 as in `{}`. An empty line passes.",
                example(measure.unit)
            )
        }
        PredictionKind::Choice { options, .. } => {
            let list = options.iter().enumerate();
            let list = list.map(|(at, option)| format!("  {}) {}\n", at + 1, option.say));
            list.collect::<String>() + "Type its number. An empty line passes."
        }
    }
}

/// A guess with a range, in this unit.
pub fn example(unit: Unit) -> &'static str {
    match unit {
        Unit::Share => "20 % 10..40",
        Unit::Times => "3x 2..5",
        Unit::Seconds => "4 s 2..8",
        Unit::Milliseconds => "120 ms 80..300",
        Unit::PerSecond | Unit::Megabytes | Unit::DollarsPerMonth | Unit::Count => "200 100..400",
    }
}
