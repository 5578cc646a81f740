//! The configuration: what the source has, and what the application runs with.

use super::reload::{Looked, Reloadable, look};
use super::settings::Reload;
use super::world::{Who, World};
use crate::engine::{self, SimTime};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// A watcher hears of a change after this.
const WATCH: Duration = Duration::from_secs(1);
/// The application takes another configuration within this.
const TAKES: Duration = Duration::from_millis(50);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    pub version: u64,
    pub good: bool,
}

const FIRST: Config = Config {
    version: 1,
    good: true,
};

pub struct Configs {
    pub newest: Cell<Config>,
    /// What the application runs with.
    pub running: Cell<Config>,
    changed_at: Cell<SimTime>,
}

impl Default for Configs {
    fn default() -> Self {
        Self {
            newest: Cell::new(FIRST),
            running: Cell::new(FIRST),
            changed_at: Cell::new(SimTime::ZERO),
        }
    }
}

impl Configs {
    /// The source has a new version.
    pub fn change(&self, good: bool, now: SimTime) {
        if self.running.get() == self.newest.get() {
            self.changed_at.set(now);
        }
        let version = self.newest.get().version + 1;
        self.newest.set(Config { version, good });
    }

    /// How long the application has run with another one.
    pub fn age(&self, now: SimTime) -> Duration {
        if self.running.get() == self.newest.get() {
            Duration::ZERO
        } else {
            now - self.changed_at.get()
        }
    }
}

struct OfThePod<'a>(&'a World);

impl Reloadable for OfThePod<'_> {
    type Config = Config;

    fn source(&self) -> Config {
        self.0.configs.newest.get()
    }

    fn is_valid(&self, config: &Config) -> bool {
        config.good
    }

    async fn apply(&self, config: &Config) -> Config {
        engine::sleep(TAKES).await;
        if self.0.container(Who::App).up.get() {
            self.0.configs.running.set(*config);
        }
        self.0.configs.running.get()
    }
}

/// What the reloader does, for ever.
pub async fn reload(world: Rc<World>) {
    let mut seen = Some(world.configs.running.get());
    loop {
        let pause = match world.knobs.reload.get() {
            Reload::Off | Reload::Watch => WATCH,
            Reload::Poll => world.knobs.poll_every.get(),
        };
        engine::sleep(pause).await;
        if world.knobs.reload.get() == Reload::Off {
            continue;
        }
        match look(&OfThePod(&world), &mut seen).await {
            Looked::Applied => world.info("the application has taken the new configuration"),
            Looked::Rejected => {
                world.meters.config_rejected_total.increment();
                world.warn(
                    "the new configuration is wrong; the application keeps the last good one",
                );
            }
            Looked::Unchanged | Looked::NotTaken => {}
        }
    }
}
