//! The lab of an event pipeline: bids pass a filter, are looked up, split, added up by lot and window, and written to
//! a store; a copy of each goes to fraud detection.
//!
//! - [`pattern`]: a stage, a copier, an aggregator and an outlet, the code that learners read; with
//!   [`buffer`]: what lies between two stages; [`window`]: sums by event time; [`group`]: which worker reads which lane;
//!   [`log`]: where events are kept; [`join`](mod@join): two streams made one;
//! - `table`: knobs, actions, metrics, requests, invariants; `settings`: the knobs as the pattern's types;
//! - `world`: what all rooms share; `crowd`: the bids; `source`: how they come;
//! - `job`: all stages together, checkpoints and crashes; `stages`: what each stage does; `account`: what it did;
//!   `fraud`: the rule about shills; `holds`: the bids joined with their deposits; `store`: the results;
//! - `theory`: what closed forms say of its figures;
//! - `levels`: what goes by the clock; `outside`: requests of somebody with a real client;
//! - `books`: what windows should count; `picture`, `waterfall`: what a screen draws.

pub mod buffer;
pub mod group;
pub mod join;
pub mod log;
pub mod pattern;
pub mod window;

mod account;
mod books;
mod crowd;
mod fraud;
mod holds;
mod job;
mod levels;
mod outside;
mod picture;
mod settings;
mod source;
mod stages;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod theory;
mod waterfall;
mod world;

use crate::workbench::prelude::*;
use crate::workbench::theory::Theory;
use job::Job;
pub use settings::WhenFull;
use source::Origin;
use table::{Act, Asked, Knobs, PARTITION, STAGES, Turned};
use world::{Tamper, World};

/// How long a late storm lasts.
const STORM: Duration = Duration::from_secs(10);

/// The lab, for the registry.
pub static LAB: EventPipelineLab = EventPipelineLab {
    tamper: Tamper::Nothing,
};

pub struct EventPipelineLab {
    tamper: Tamper,
}

impl Lab for EventPipelineLab {
    fn spec(&self) -> &'static LabSpec {
        &table::SPEC
    }

    fn start(&self, sim: &Sim, settings: &Rc<Settings>) -> Box<dyn RunningLab> {
        let world = World::build(&sim.handle(), &Knobs::of(settings), self.tamper);
        holds::open(&world);
        let origin = Origin::open(&Job::new(&world));
        sim.spawn(levels::keep(Rc::clone(&origin.job)));
        levels::measure(&origin.job);
        Box::new(Running { world, origin })
    }

    fn theory(&self, settings: &Rc<Settings>) -> Vec<Theory> {
        theory::theory(&Knobs::of(settings))
    }
}

struct Running {
    world: Rc<World>,
    origin: Rc<Origin>,
}

impl RunningLab for Running {
    fn turned(&mut self, _: &Sim, knob: KnobId) {
        match Turned::of(knob) {
            Some(Turned::Load) => self.origin.rate.turned(),
            Some(Turned::Popularity) => self.world.crowd.apply_skew(),
            Some(Turned::Buffers) => self.world.configure_buffers(),
            None => {}
        }
    }

    fn act(&mut self, _: &Sim, action: &Action) -> Result<Option<String>, ActionError> {
        let (world, job) = (&self.world, &self.origin.job);
        let place = |number: u32| number as usize - 1;
        let told = match Act::of(action) {
            Act::Slow(number) => {
                let (account, name) = (&world.accounts[place(number)], STAGES[place(number)]);
                account.slow.set(!account.slow.get());
                let how = if account.slow.get() {
                    "takes ten times as long"
                } else {
                    "takes as long as before"
                };
                Some(format!("{name} {how}"))
            }
            Act::Crash(number) => {
                (!job.crash(place(number))).then(|| "the job is down already".to_owned())
            }
            Act::Restart(_) => (!job.restart()).then(|| "the job is up".to_owned()),
            Act::Replay(seconds) => Some(match job.replay(Duration::from_secs_f64(seconds)) {
                Ok(from) => {
                    let second = Duration::from(from).as_secs_f64();
                    format!("the log is read again from second {second:.1} on")
                }
                Err(why) => why.to_owned(),
            }),
            Act::AddWorker(number) => {
                job.add_worker(place(number));
                let workers = world.accounts[place(number)].workers.get();
                let name = STAGES[place(number)];
                Some(format!("{name} has {workers} workers"))
            }
            Act::Burst(count) => {
                let count = count.round() as u64;
                (0..count).for_each(|_| self.origin.come());
                Some(format!("burst: {count} bids at once"))
            }
            Act::LateStorm => {
                world.crowd.storm_until.set(world.now() + STORM);
                Some("for ten seconds bids take ten times as long to the log".to_owned())
            }
            Act::Silence(number) => {
                let silent = &mut world.silent.borrow_mut()[place(number)];
                *silent = !*silent;
                let how = if *silent {
                    "is silent"
                } else {
                    "is not silent any more"
                };
                Some(format!("partition {number} {how}"))
            }
        };
        levels::measure(job);
        Ok(told)
    }

    fn numbers(&self, role: &'static Role) -> Vec<u32> {
        let count = if *role == PARTITION {
            self.world.log.lanes()
        } else {
            STAGES.len()
        };
        (1..=count as u32).collect()
    }

    fn request(&mut self, _: &Sim, outside: &Outside, reply: Reply) {
        outside::request(&self.origin.job, &Asked::of(outside), reply);
    }

    fn fill(&self, sim: &Sim, frame: &mut Frame) {
        picture::fill(&self.origin.job, sim, frame);
    }

    fn instruments(&self) -> &Instruments {
        &self.world.instruments
    }
}
