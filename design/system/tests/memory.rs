//! A run that is dropped leaves nothing behind.

use super::books::PLATFORM;
use super::evening::EVENING;
use super::{Tamper, lab_of, seconds};
use crate::system::world::{Own, World};
use ddlab_labs::engine::{Sim, SimTime};
use ddlab_labs::workbench::knob::Settings;
use std::rc::{Rc, Weak};

/// The world of a design that has run for a while, after its run was dropped.
fn after_the_run(text: &str) -> Weak<World> {
    let lab = lab_of(text);
    let sim = Sim::new(1);
    let settings = Settings::new(seconds(lab, 1, 30).knobs);
    let own = Own::of(lab.design(), lab.table(), &settings);
    let world = World::build(
        &sim.handle(),
        lab.design(),
        lab.table(),
        &own,
        Tamper::Nothing,
    );
    sim.run_until(SimTime::from_secs(20), u64::MAX);
    Rc::downgrade(&world)
}

#[test]
fn a_world_is_freed_when_its_run_is_dropped() {
    let worlds = [PLATFORM, EVENING].map(after_the_run);
    let alive: usize = worlds.iter().map(Weak::strong_count).sum();
    assert_eq!(alive, 0, "worlds are alive after their runs");
}
