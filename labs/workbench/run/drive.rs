//! How a run goes on: at its pace, by a step, or by a replay to a moment, with what is remembered on the way.

use super::SLICE;
use super::pace::wall_clock;
use super::runner::{CHUNK, Runner};
use super::saved::Saved;
use crate::engine::time::format_span;
use crate::engine::{Ran, SimTime};
use crate::workbench::compare::Sides;
use crate::workbench::frame::Frame;
use crate::workbench::meter::WINDOW;
use crate::workbench::replay::Replay as Found;
use crate::workbench::session::STUCK;
use std::sync::Arc;
use std::time::Duration;

/// Wall time that is made up for at once, at most: after a stall of the machine the run goes on
/// from where it is and doesn't leap.
const CATCH_UP: Duration = Duration::from_millis(50);

/// A replay on its way to a moment.
pub(super) struct Replay {
    pub to: SimTime,
    /// What is shown until it is there; none when the run itself is shown: then the other side of a
    /// comparison is brought up to it.
    pub remembered: Option<Box<Frame>>,
}

impl Runner {
    /// To the next event, and all that happens at its moment: interventions are replayed between
    /// moments, not within one.
    pub(super) fn step(&mut self) {
        if let Some(sides) = &mut self.sides
            && let Some(next) = sides.peek()
        {
            let digest_at = self.saved.as_ref().and_then(Saved::next);
            let next = digest_at
                .filter(|at| *at > sides.now())
                .map_or(next, |at| at.min(next));
            while sides.advance(next, CHUNK) == Ran::OutOfBudget {
                if sides.now() == next {
                    break;
                }
            }
            self.remember();
            self.hold_against_saved();
        }
    }

    /// Shows the moment as it is remembered and has the replay follow: a burst of these, as when the
    /// timeline is dragged along, costs a look at the keyframes each.
    pub(super) fn seek(&mut self, moment: SimTime) {
        let Some(sides) = &self.sides else {
            return;
        };
        let to = moment;
        for (side, past) in sides.each().zip(&mut self.past) {
            if side.now() >= self.horizon {
                past.leave(side);
            }
        }
        // Nothing is remembered of what has not been run yet: there the run itself is seen on its way.
        let mut remembered = (to <= self.horizon).then(|| self.past[0].at(to)).flatten();
        if let Some(frame) = &mut remembered {
            frame.side = sides.looked_at();
            let other = sides.b().and_then(|_| self.past[1].at(to));
            frame.other = other.map(|other| {
                let side = frame.side.other();
                Arc::new(Frame { side, ..other })
            });
        }
        self.seeking = Some(Replay {
            to,
            remembered: remembered.map(Box::new),
        });
    }

    /// One slice of a replay, as fast as it goes.
    pub(super) fn seek_on(&mut self) {
        let (Some(sides), Some(replay)) = (&mut self.sides, &self.seeking) else {
            self.seeking = None;
            return;
        };
        let to = replay.to;
        let began = wall_clock();
        if sides.front() > to {
            *sides = Sides::start(sides.plans());
        }
        let arrived = loop {
            if self.advance(to) && self.now() >= to {
                break true;
            }
            if self.sides.is_none() || wall_clock().duration_since(began) >= SLICE {
                break false;
            }
        };
        if arrived {
            self.seeking = None;
            self.turned_at = wall_clock();
            while self.seeking.is_none()
                && let Some(command) = self.held.pop_front()
            {
                self.follow(command);
            }
        }
        self.changed = true;
    }

    /// One slice of the run: as much virtual time as the wall time since the last one is worth, or
    /// as much as can be done.
    pub(super) fn play_on(&mut self) {
        let began = wall_clock();
        let wall = began.saturating_duration_since(self.turned_at);
        self.turned_at = began;
        let from = self.now();
        let goal = SimTime(from.0.saturating_add(self.pacer.owed(wall.min(CATCH_UP))));
        // The end of a saved run pauses it.
        while self.sides.is_some() && self.now() < goal && self.playing {
            self.advance(goal);
            if wall_clock().duration_since(began) >= SLICE {
                break;
            }
        }
        self.pacer.ran(wall, self.now().0.saturating_sub(from.0));
        self.changed = true;
    }

    pub(super) fn now(&self) -> SimTime {
        self.sides.as_ref().map_or(SimTime(0), Sides::now)
    }

    /// A chunk of work towards a moment, up to the end of a window at most, where the run is
    /// remembered. True when that was reached.
    pub(super) fn advance(&mut self, goal: SimTime) -> bool {
        let Some(sides) = &mut self.sides else {
            return false;
        };
        let window_end = SimTime((sides.now().0 / WINDOW.0 + 1) * WINDOW.0);
        let digest_at = self.saved.as_ref().and_then(Saved::next);
        let digest_at = digest_at.filter(|at| *at > sides.now());
        let stops = [Some(goal), Some(window_end), digest_at];
        let stop = stops.into_iter().flatten().min().unwrap_or(goal);
        let before = sides.now();
        let reached = sides.advance(stop, CHUNK) == Ran::Reached;
        self.standing = if reached || sides.now() > before {
            0
        } else {
            self.standing + CHUNK
        };
        if self.standing >= STUCK {
            let at = format_span(before.into());
            self.fall(&format!(
                "it stands still at {at}, after {STUCK} events at one moment"
            ));
            return false;
        }
        if reached {
            self.remember();
            self.hold_against_saved();
        }
        reached
    }

    /// Keeps what is worth keeping of this moment.
    pub(super) fn remember(&mut self) {
        let Some(sides) = &self.sides else {
            return;
        };
        for (side, past) in sides.each().zip(&mut self.past) {
            past.offer(side);
        }
        if sides.now() >= self.horizon {
            self.horizon = sides.now();
            for past in &mut self.past {
                past.arrive();
            }
        }
    }

    /// At the moment of a saved digest: is this the same run? At its end it stands still.
    fn hold_against_saved(&mut self) {
        let (Some(sides), Some(saved)) = (&self.sides, &mut self.saved) else {
            return;
        };
        if sides.b().is_some() {
            return;
        }
        let run = sides.a();
        let Some(found) = saved.check(run.now(), run.digest()) else {
            return;
        };
        let journal = &run.lab().instruments().journal;
        match found {
            Found::Same { .. } => {
                journal.info(run.now(), format!("the end of the saved run: {found}"));
            }
            Found::Differs { .. } => journal.bad(run.now(), found.to_string()),
        }
        self.playing = false;
        self.changed = true;
    }
}
