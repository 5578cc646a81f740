//! What the panel says at each step of an experiment.

use super::Tour;
use super::reveal::revealed;
use crate::study::reveal::{Hit, Reveal};
use crate::tui::screen::lab::guide::panel::{bar, key_line};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::prose;
use ddlab_labs::workbench::claim::MeasuredRun;
use ddlab_labs::workbench::experiment::StepView;
use ddlab_labs::workbench::experiment::{Guess, Observation, Prediction, PredictionKind};
use ddlab_labs::workbench::frame::{Frame, Statistic};
use ddlab_text::{Unit, whole_percent};
use ratatui::text::Line;

impl Tour {
    /// What the panel says.
    pub fn lines(&self, frame: Option<&Frame>, width: u16, theme: &Theme) -> Vec<Line<'static>> {
        match self.progress.step() {
            StepView::Say(text) | StepView::Explain(text) => {
                with_key(prose::lines(&text, width, theme), "goes on", theme)
            }
            StepView::Predict(prediction) => self.question(prediction, width, theme),
            StepView::Do(interventions) => {
                let mut lines = vec![theme.line("Now", Role::Heading), Line::default()];
                let interventions = interventions.iter();
                lines.extend(interventions.map(|what| theme.line(what.to_string(), Role::Accent)));
                with_key(lines, "goes on: it is done, and the lab runs", theme)
            }
            StepView::Run(run) => self.run(run, frame, width, theme),
            StepView::Observe { text, observation } => {
                let mut lines = self.figures(observation, theme);
                lines.extend(prose::lines(&text, width, theme));
                with_key(lines, "goes on", theme)
            }
            StepView::Reveal {
                prediction,
                outcome,
            } => {
                let lines = revealed(prediction, &outcome, width, theme);
                with_key(lines, "goes on to why", theme)
            }
            StepView::Done => self.done(width, theme),
        }
    }

    fn question(&self, prediction: &Prediction, width: u16, theme: &Theme) -> Vec<Line<'static>> {
        let sign = [theme.span("? ", Role::Accent)];
        let mut lines = prose::hanging(&sign, &prediction.question, width, theme);
        lines.push(Line::default());
        match &prediction.kind {
            PredictionKind::Number { measure, .. } => {
                let unit = measure.unit;
                lines.push(self.typed(unit, theme));
                let hint = match (&self.trouble, self.said(prediction)) {
                    (Some(trouble), _) => {
                        (format!("{} {trouble}", theme.symbols.cross), Role::Danger)
                    }
                    (None, Ok(guess)) => (echo(guess, unit), Role::Dim),
                    (None, Err(_)) => (hint(unit), Role::Dim),
                };
                lines.extend(prose::lines_as(hint.1, &hint.0, width, theme));
                with_key(lines, "commits it", theme)
            }
            PredictionKind::Choice { options, .. } => {
                for (at, option) in options.iter().enumerate() {
                    let chosen = self.chosen == Some(at);
                    let role = if chosen { Role::Accent } else { Role::Dim };
                    let cursor = if chosen { theme.symbols.cursor } else { " " };
                    let sign = [
                        theme.span(cursor, Role::Accent),
                        theme.span(format!("{} ", at + 1), Role::Key),
                    ];
                    let text = prose::hanging(&sign, &option.say, width, theme);
                    lines.extend(if chosen {
                        text
                    } else {
                        prose::tinted(text, role, theme)
                    });
                }
                if let Some(trouble) = &self.trouble {
                    let text = format!("{} {trouble}", theme.symbols.cross);
                    lines.push(theme.line(text, Role::Danger));
                }
                with_key(lines, "goes on with it", theme)
            }
        }
    }

    /// The number as it is typed, with a cursor that needs no help of the terminal.
    fn typed(&self, unit: Unit, theme: &Theme) -> Line<'static> {
        let (before, after) = self.input.parts();
        let mut spans = vec![
            theme.span(format!("{} ", theme.symbols.next), Role::Accent),
            theme.span(before.to_owned(), Role::Strong),
            theme.span(theme.symbols.bar.to_owned(), Role::Accent),
            theme.span(after.to_owned(), Role::Strong),
        ];
        if self.input.text().is_empty() {
            spans.push(theme.span(unit.symbol(), Role::Faint));
        }
        Line::from(spans)
    }

    fn run(
        &self,
        run: &MeasuredRun,
        frame: Option<&Frame>,
        width: u16,
        theme: &Theme,
    ) -> Vec<Line<'static>> {
        let Some(running) = &self.running else {
            return Vec::new();
        };
        if let Some(reason) = &running.failed {
            let text = format!("{} {reason}", theme.symbols.cross);
            return prose::lines_as(Role::Danger, &text, width, theme);
        }
        let now = frame.map_or(run.begins, |frame| frame.now.max(run.begins));
        let (begins, ends) = (run.begins.0, run.plan.length.0);
        let share = (now.0.min(ends) - begins) as f64 / (ends - begins).max(1) as f64;
        let mut lines = vec![theme.line("The lab runs", Role::Heading)];
        let mut spans = bar(
            share,
            usize::from(width.saturating_sub(18).min(40)),
            Role::Accent,
            theme,
        );
        let whole = |time: u64| time / 1_000_000_000;
        let time = format!("  {} s of {} s", whole(now.0.min(ends)), whole(ends));
        spans.push(theme.span(time, Role::Dim));
        lines.push(Line::from(spans));
        let turned = self.turned_since(run);
        if !turned.is_empty() {
            lines.push(theme.line(turned.join("  "), Role::Accent));
        }
        if running.shown && !running.measured {
            let text = format!("measuring, {}", whole_percent(running.share));
            lines.push(theme.line(text, Role::Dim));
        }
        for prediction in self.progress.open_predictions() {
            lines.push(Line::default());
            lines.extend(prose::lines_as(
                Role::Dim,
                &prediction.question,
                width,
                theme,
            ));
        }
        // Who has not read to the end while time stood still may do so now.
        let said = self.progress.last_said().unwrap_or_default();
        lines.push(Line::default());
        lines.extend(prose::lines_as(Role::Dim, &said, width, theme));
        with_key(lines, "goes on to the end of the run", theme)
    }

    /// What this run has other than the one before it.
    fn turned_since(&self, run: &MeasuredRun) -> Vec<String> {
        let runs = &self.experiment().runs;
        let at = runs.iter().position(|one| one.id == run.id);
        let Some(before) = at.and_then(|at| runs.get(at.checked_sub(1)?)) else {
            return Vec::new();
        };
        let knobs = run.plan.knobs.iter().zip(before.plan.knobs.values());
        knobs
            .filter(|((_, value), before)| value != before)
            .map(|((knob, value), _)| format!("{}={value}", knob.name))
            .collect()
    }

    /// Figures that an observation points at.
    fn figures(&self, observation: &Observation, theme: &Theme) -> Vec<Line<'static>> {
        let Some(metric) = observation.metric else {
            return Vec::new();
        };
        let measurement = observation
            .run
            .and_then(|run| self.progress.measurement(run));
        let value = measurement.and_then(|measurement| {
            let mut metrics = measurement.metrics.iter();
            metrics.find(|(spec, _)| spec.name == metric.name)
        });
        let Some((_, value)) = value else {
            return Vec::new();
        };
        let unit = metric.unit;
        let label = metric.name.replace('_', " ");
        let figure = |statistic: &Statistic| {
            let figure = unit.show(value.get(*statistic)?);
            Some(Line::from(vec![
                theme.span(format!("{label} {:6}", statistic.name()), Role::Dim),
                theme.span(format!("{figure:>12}"), Role::Strong),
            ]))
        };
        let mut lines: Vec<Line<'static>> = observation.show.iter().filter_map(figure).collect();
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines
    }

    fn done(&self, width: u16, theme: &Theme) -> Vec<Line<'static>> {
        let outcomes = self.progress.outcomes();
        let hits = outcomes
            .iter()
            .filter(|(prediction, outcome)| {
                matches!(Reveal::of(prediction, outcome).hit, Hit::Met | Hit::Close)
            })
            .count();
        let sign = format!("{} ", theme.symbols.progress[4]);
        let mut lines = vec![
            Line::from(vec![
                theme.span(sign, Role::Good),
                theme.span("Done", Role::Heading),
            ]),
            Line::default(),
        ];
        let said = match (hits, outcomes.len()) {
            (0, 1) => "You were off, and now you know why. ".to_owned(),
            (hits, all) if hits == all => "You saw all of it coming. ".to_owned(),
            (hits, all) => {
                format!("You saw {hits} of {all} coming; the rest is what you have learned. ")
            }
        };
        let text =
            format!("{said}The lab is yours now: turn a knob and see whether it still holds.");
        lines.extend(prose::lines(&text, width, theme));
        with_key(lines, "goes on to what comes next", theme)
    }
}

fn with_key(mut lines: Vec<Line<'static>>, what: &str, theme: &Theme) -> Vec<Line<'static>> {
    lines.push(Line::default());
    lines.push(key_line("enter", what, theme));
    lines
}

/// What will be taken for the guess.
fn echo(guess: Guess, unit: Unit) -> String {
    match guess {
        Guess::Number { value, range: None } => {
            format!(
                "{}; a range may follow, as in `40..80`",
                unit.show_exact(value)
            )
        }
        Guess::Number {
            value,
            range: Some((low, high)),
        } => format!(
            "{}, and four times in five between {} and {}",
            unit.show_exact(value),
            unit.show_exact(low),
            unit.show_exact(high)
        ),
        Guess::Choice(_) | Guess::Pass => String::new(),
    }
}

fn hint(unit: Unit) -> String {
    match unit.symbol() {
        "" => "a number; a wild guess will do".to_owned(),
        "ms" => "in ms, or as in `3 s`; a wild guess will do".to_owned(),
        symbol => format!("in {symbol}; a wild guess will do"),
    }
}
