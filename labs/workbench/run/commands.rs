//! What each command does to a run.

use super::Command;
use super::client::Applied;
use super::drive::Replay;
use super::keyframes::Keyframes;
use super::pace::wall_clock;
use super::runner::Runner;
use super::undo::Before;
use crate::engine::SimTime;
use crate::workbench::compare::Sides;
use crate::workbench::intervention::{Intervention, InterventionError};
use crate::workbench::knob::KnobValue;
use crate::workbench::session::Session;

impl Runner {
    pub(super) fn obey(&mut self, command: Command) {
        if self.sides.is_none() && command != Command::Reset {
            return;
        }
        if self.must_wait(&command) {
            self.held.push_back(command);
        } else {
            self.follow(command);
        }
    }

    pub(super) fn follow(&mut self, command: Command) {
        match command {
            Command::Play => {
                self.turned_at = wall_clock();
                self.playing = true;
            }
            Command::Pause => self.playing = false,
            Command::Step => {
                self.playing = false;
                self.step();
            }
            Command::Speed(speed) => self.pacer.ask(speed),
            Command::Intervene(what) => {
                if let Some(Err(refusal)) = self.intervene(what, Sides::intervene) {
                    self.warn(refusal.to_string());
                }
            }
            Command::Seek(moment) => self.seek(moment),
            Command::Reset => self.reset(),
            Command::Undo => self.undo(),
            Command::Defaults => self.set_defaults(),
            Command::Compare(apart) => self.compare(&apart),
            Command::Swap => {
                if let Some(sides) = &mut self.sides {
                    sides.swap();
                    self.past.swap(0, 1);
                }
                let remembered = self
                    .seeking
                    .as_ref()
                    .filter(|seek| seek.remembered.is_some());
                if let Some(to) = remembered.map(|seek| seek.to) {
                    self.seek(to);
                }
            }
            Command::EndCompare => {
                if let Some(sides) = &mut self.sides {
                    sides.end_comparison();
                    self.past[1] = Keyframes::default();
                }
            }
        }
    }

    /// What one does while a replay is on its way is meant for the moment that it goes to; and whatever
    /// is asked for after that is meant to come after it.
    fn must_wait(&self, command: &Command) -> bool {
        let acts = matches!(
            command,
            Command::Intervene(_) | Command::Step | Command::Undo | Command::Defaults
        );
        let passes = matches!(
            command,
            Command::Play | Command::Pause | Command::Speed(_) | Command::Reset
        );
        !passes && (acts && self.seeking.is_some() || !self.held.is_empty())
    }

    /// Goes on with other runs than before, at their start.
    pub(super) fn begin(&mut self, sides: Sides) {
        self.sides = Some(sides);
        self.past = Default::default();
        self.horizon = SimTime(0);
        self.saved = None;
        self.seeking = None;
        self.held.clear();
        self.remember();
    }

    /// Does something to the run. A knob that only counts at the start begins the run again; anything
    /// else makes another future, and what had been run beyond this moment is given up. None when there
    /// is no run.
    pub(super) fn intervene(
        &mut self,
        what: Intervention,
        apply: impl FnOnce(&mut Sides, Intervention) -> Result<(), InterventionError>,
    ) -> Option<Result<Applied, InterventionError>> {
        let sides = self.sides.as_mut()?;
        if let Intervention::Set { knob, value } = &what
            && (sides.a().knobs().spec(knob)).is_ok_and(|spec| spec.needs_restart)
        {
            let afresh = match sides.afresh(&[(*knob, value)]) {
                Ok(afresh) => afresh,
                Err(refusal) => return Some(Err(refusal.into())),
            };
            self.begin_instead(afresh, &format!("{knob} = {value}"));
            return Some(Ok(Applied {
                at: SimTime(0),
                restarted: true,
            }));
        }
        let before = Before::of(sides, what.to_string());
        let applied = apply(sides, what).map(|()| Applied {
            at: sides.now(),
            restarted: false,
        });
        if applied.is_ok() {
            self.keep(before);
            self.another_future();
        }
        Some(applied)
    }

    /// Begins again with other knobs, which can be undone.
    pub(super) fn begin_instead(&mut self, afresh: Sides, with: &str) {
        if let Some(sides) = &self.sides {
            let before = Before::of(sides, with.to_owned()).restarted();
            self.keep(before);
        }
        let journal = &afresh.a().lab().instruments().journal;
        journal.info(SimTime(0), format!("from the start, with {with}"));
        self.begin(afresh);
    }

    /// Into the journal of the run.
    fn warn(&self, text: String) {
        if let Some(sides) = &self.sides {
            let run = sides.a();
            run.lab().instruments().journal.warn(run.now(), text);
        }
    }

    /// Something was done at this moment that was not done before: what had been run beyond it will not be.
    pub(super) fn another_future(&mut self) {
        let Some(sides) = &self.sides else {
            return;
        };
        self.seeking = None;
        self.horizon = sides.now();
        // Something else than the saved run had: there is nothing left to hold it against.
        self.saved.take_if(|saved| !saved.is_settled());
        for past in &mut self.past {
            past.forget_after(self.horizon);
        }
    }

    /// Sets another run beside this one; it is brought up to the present first.
    fn compare(&mut self, apart: &[(String, KnobValue)]) {
        let Some(sides) = &mut self.sides else {
            return;
        };
        if let Err(refusal) = sides.compare_with(apart) {
            return self.warn(refusal.to_string());
        }
        self.past[1] = Keyframes::default();
        let to = sides.front();
        self.seeking.get_or_insert(Replay {
            to,
            remembered: None,
        });
        self.remember();
    }

    fn reset(&mut self) {
        self.fault = None;
        let afresh = match &self.sides {
            Some(sides) => {
                let before = Before::of(sides, "the start anew".to_owned()).restarted();
                let afresh = sides.afresh(&[]);
                self.keep(before);
                afresh
            }
            // After a fault there is no run: then from the plan of the one that fell.
            None => Ok(Sides::one(Session::start(self.fallen.clone()))),
        };
        match afresh {
            Ok(sides) => self.begin(sides),
            Err(_) => unreachable!("no knob is turned on the way"),
        }
    }
}
