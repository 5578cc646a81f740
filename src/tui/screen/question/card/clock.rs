//! How long an answer has taken. It runs while the question is on top, and asks for a tick a second
//! only while it is shown: a hidden clock costs nothing.

use crate::tui::effect::Effect;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy)]
pub struct Clock {
    shown: bool,
    /// Of the stretches that are over.
    before: Duration,
    /// When the stretch that runs began, as uptime of the program.
    since: Option<Duration>,
    /// When the tick that was asked for is due. Other screens ask for ticks too, and all are told of each.
    due: Duration,
}

impl Clock {
    pub const fn new() -> Self {
        Self {
            shown: true,
            before: Duration::ZERO,
            since: None,
            due: Duration::ZERO,
        }
    }

    pub fn start(&mut self, now: Duration) -> Option<Effect> {
        self.since.get_or_insert(now);
        self.ask(now)
    }

    pub fn pause(&mut self, now: Duration) {
        self.before = self.elapsed(now);
        self.since = None;
    }

    pub fn toggle(&mut self, now: Duration) -> Option<Effect> {
        self.shown = !self.shown;
        self.ask(now)
    }

    pub fn tick(&mut self, now: Duration) -> Option<Effect> {
        if now < self.due { None } else { self.ask(now) }
    }

    pub fn elapsed(&self, now: Duration) -> Duration {
        let running = self
            .since
            .map_or(Duration::ZERO, |since| now.saturating_sub(since));
        self.before + running
    }

    /// `04:12`, when it is shown.
    pub fn face(&self, now: Duration) -> Option<String> {
        let seconds = self.elapsed(now).as_secs();
        self.shown
            .then(|| format!("{:02}:{:02}", seconds / 60, seconds % 60))
    }

    /// The next tick, at the next whole second.
    fn ask(&mut self, now: Duration) -> Option<Effect> {
        if !self.shown || self.since.is_none() {
            return None;
        }
        let into = Duration::from_nanos(u64::from(self.elapsed(now).subsec_nanos()));
        let wait = SECOND.saturating_sub(into);
        self.due = now + wait;
        Some(Effect::Tick(wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn it_runs_only_while_the_question_is_on_top() {
        let mut clock = Clock::new();
        clock.start(at(1_000));
        assert_eq!(clock.face(at(63_500)).as_deref(), Some("01:02"));
        clock.pause(at(63_500));
        assert_eq!(clock.face(at(900_000)).as_deref(), Some("01:02"));
        clock.start(at(900_000));
        assert_eq!(clock.face(at(901_000)).as_deref(), Some("01:03"));
    }

    #[test]
    fn it_ticks_at_whole_seconds_and_only_while_it_is_shown() {
        let mut clock = Clock::new();
        assert!(matches!(clock.start(at(0)), Some(Effect::Tick(wait)) if wait == SECOND));
        assert!(clock.tick(at(400)).is_none(), "another screen's tick");
        assert!(matches!(clock.tick(at(1_250)), Some(Effect::Tick(wait)) if wait == at(750)));
        assert!(clock.toggle(at(1_500)).is_none());
        assert_eq!(clock.face(at(1_600)), None);
        assert!(clock.tick(at(2_000)).is_none());
        assert!(clock.toggle(at(2_000)).is_some());
    }
}
