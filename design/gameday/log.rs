//! The log as an engineer on call reads it: what parts say of themselves, deployments, and nothing of causes.

use super::board::{Board, MachineView};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Frame;
use std::collections::BTreeMap;

/// Lines that are kept.
const LINES_MAX: usize = 400;
/// A part says the same thing at most once in so many seconds: what was said once must not be drowned.
const EVERY_S: u64 = 60;

/// What a part says of a figure that has grown in the last second: its counter, the least number, the line. Short: most
/// of it must be seen in a narrow pane.
const SAID: [(&str, f64, &str); 6] = [
    ("shed_total", 1.0, "refused at once"),
    ("died_total", 1.0, "connections reset"),
    ("failed_total", 3.0, "without a good answer"),
    ("retries_total", 5.0, "retries"),
    ("redelivered_total", 1.0, "given out again"),
    ("rebalances_total", 1.0, "rebalances of its workers"),
];

#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    pub at: SimTime,
    pub text: String,
}

#[derive(Debug, Clone, Default)]
pub struct Log {
    lines: Vec<LogLine>,
    /// When a part said this last.
    said: BTreeMap<String, SimTime>,
    /// Machines that were up at the last look.
    up: BTreeMap<String, bool>,
    /// Up to when the run's own journal was taken over, and how many lines of that moment.
    journal: (SimTime, usize),
}

impl Log {
    pub fn say(&mut self, at: SimTime, text: impl Into<String>) {
        if self.lines.len() == LINES_MAX {
            self.lines.remove(0);
        }
        let text = text.into();
        // The run's own journal is read now and then: its lines come late.
        let place = self.lines.partition_point(|line| line.at <= at);
        self.lines.insert(place, LogLine { at, text });
    }

    /// Oldest first.
    pub fn lines(&self) -> &[LogLine] {
        &self.lines
    }

    pub fn has(&self, words: &str) -> bool {
        self.lines.iter().any(|line| line.text.contains(words))
    }

    /// What the parts say of the last second.
    pub fn tick(&mut self, now: SimTime, board: &Board) {
        for part in &board.parts {
            for (counter, least, text) in SAID {
                let grown = board.rates(&part.name, counter);
                let grown = grown.last().copied().unwrap_or_default();
                if grown >= least {
                    self.rarely(now, &part.name, grown, text);
                }
            }
        }
    }

    /// What the run says of itself, and its machines. `hidden` are moments at which the night did something to the
    /// system: the run's own words for that would give it away.
    pub fn see(&mut self, board: &Board, frame: &Frame, hidden: &[SimTime]) {
        let (before, taken) = self.journal;
        let since = frame.log.iter();
        let since = since.filter(|line| line.at > SimTime::ZERO && line.at >= before);
        // What was done at the moment of the last look stands behind what was seen then.
        let at_before = since.clone().filter(|line| line.at == before).count();
        for line in since.skip(taken.min(at_before)) {
            if !hidden.contains(&line.at) {
                self.say(line.at, line.text.clone());
            }
        }
        let of_now = frame.log.iter().filter(|line| line.at == frame.now);
        self.journal = (frame.now, of_now.count());
        for part in &board.parts {
            for machine in &part.machines {
                self.machine(frame.now, machine);
            }
        }
    }

    fn machine(&mut self, now: SimTime, machine: &MachineView) {
        match (
            self.up.insert(machine.name.clone(), machine.is_up),
            machine.is_up,
        ) {
            (Some(true), false) => {
                self.say(
                    now,
                    format!("{}: does not answer its health check", machine.name),
                );
            }
            (Some(false), true) => self.say(now, format!("{}: ready", machine.name)),
            _ => {}
        }
    }

    fn rarely(&mut self, now: SimTime, part: &str, grown: f64, text: &str) {
        let key = format!("{part} {text}");
        let before = self.said.get(&key);
        if before.is_none_or(|before| now.since(*before).as_secs() >= EVERY_S) {
            self.say(now, format!("{part}: {grown:.0}/s {text}"));
            self.said.insert(key, now);
        }
    }
}
