//! The lab that an experiment leads through: what each step asks of it, and when the next one is due.

use super::Guide;
use crate::progress::Event;
use crate::tui::effect::{Effect, Place};
use crate::tui::live_run::speed::Speed;
use crate::tui::screen::Cx;
use crate::tui::screen::lab::LabScreen;
use crate::tui::screen::lab::panels::Panel;
use ddlab_labs::workbench::run::Command;

/// Where the book begins for who comes from the first five minutes.
const FIRST_CHAPTER: &str = "scatter-gather";

impl LabScreen {
    /// What a new frame means to the guide: a run that has come to its end waits there.
    pub(in crate::tui::screen::lab) fn frame_in_guide(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let (Some(Guide::Tour(tour)), Some(frame)) = (&mut self.guide, self.live.frame()) else {
            return Vec::new();
        };
        if frame.seeking.is_some() || !tour.reached(frame.now) {
            return Vec::new();
        }
        let mut effects = self.live.play(false);
        effects.extend(self.step_when_done(cx));
        effects
    }

    /// The step after the present one, if the learner may take it.
    pub(super) fn next_step(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let Some(Guide::Tour(tour)) = &mut self.guide else {
            return Vec::new();
        };
        if tour.is_running() {
            // What the lab shows beside the figures is the end of the run that they are of.
            if let Some(end) = tour.hurry() {
                return self.live.send(Command::Seek(end));
            }
            return self.step_when_done(cx);
        }
        if tour.is_over() {
            if self.guide_place() == Some(Place::five_minutes()) {
                let mut effects = self.close_guide(cx);
                effects.push(Effect::Replace(Place::chapter(FIRST_CHAPTER)));
                return effects;
            }
            return self.leave_guide(cx);
        }
        if !tour.advance() {
            return Vec::new();
        }
        self.arrive(cx)
    }

    /// A run that is measured and was shown to its end is left by itself.
    pub(super) fn step_when_done(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        match &mut self.guide {
            Some(Guide::Tour(tour)) if tour.run_is_done() => {
                tour.advance();
                let mut effects = self.live.play(false);
                effects.extend(self.arrive(cx));
                effects
            }
            _ => Vec::new(),
        }
    }

    /// What the step asks of the lab and of the record.
    fn arrive(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let side_by_side = self.layout(cx.area).side_by_side;
        let Some(Guide::Tour(tour)) = &mut self.guide else {
            return Vec::new();
        };
        let lab = self.spec.id;
        // The chart that the text speaks of comes first.
        let looked_at = tour.looks_at();
        let panel = |panel: &Panel| Some(panel.metric()) == looked_at;
        if let Some(view) = self.panels.iter().position(panel) {
            // A narrow screen has the picture as its first view.
            self.view = if side_by_side { view } else { view + 1 };
        }
        let mut effects: Vec<Effect> = Vec::new();
        if let Some((run, job, measuring)) = tour.start_run() {
            let speed = run.speed;
            effects.push(Effect::Measure(job, measuring));
            effects.extend(self.start_plan(run.plan.clone(), Speed::nearest(speed), true));
            if run.begins.0 > 0 {
                // The same run again up to where it stood: what was played with meanwhile is gone.
                effects.extend(self.live.send(Command::Seek(run.begins)));
            }
            return effects;
        }
        if let Some(event) = tour.revealed(lab) {
            effects.push(Effect::Record(event));
        }
        if tour.is_over() {
            effects.push(Effect::Record(Event::ExperimentDone {
                lab: lab.to_owned(),
                experiment: tour.experiment().id.clone(),
            }));
        }
        effects
    }

    /// The charts would tell what is being asked.
    pub(in crate::tui::screen::lab) fn charts_are_covered(&self) -> bool {
        matches!(&self.guide, Some(Guide::Tour(tour)) if tour.asks())
    }
}
