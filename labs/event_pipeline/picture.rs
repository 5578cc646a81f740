//! The picture: the log, and the stages with what waits before each.

use super::account::SLOWNESS;
use super::job::Job;
use super::table::{JOINER, SOURCE, STAGE, STAGES};
use crate::engine::Sim;
use crate::workbench::drawing::Drawing;
use crate::workbench::frame::{Frame, NodeState, NodeView};

pub fn fill(job: &Job, sim: &Sim, frame: &mut Frame) {
    let world = &job.world;
    let mut drawing = Drawing::new(sim, frame);
    drawing.fixture(NodeView {
        queue: world.log.unread() as u32,
        ..NodeView::new("log", &SOURCE)
    });
    if let Some(holds) = &world.holds {
        let (unread, kept) = holds.depths();
        drawing.fixture(NodeView {
            queue: unread as u32,
            badge: format!("{kept} wait for their partner"),
            ..NodeView::new("joiner", &JOINER)
        });
    }
    let (depths, waiting) = (world.depths(), world.waiting());
    for (place, name) in STAGES.iter().enumerate() {
        let account = &world.accounts[place];
        let state = if !job.is_up() {
            NodeState::Down
        } else if account.slow.get() {
            NodeState::Slow
        } else {
            NodeState::Up
        };
        let badge = if account.down.get() {
            "crashed".to_owned()
        } else if waiting[place] > 0 {
            format!("full, {} wait", waiting[place])
        } else if account.slow.get() {
            format!("{SLOWNESS:.0}x")
        } else {
            String::new()
        };
        drawing.fixture(NodeView {
            state,
            load: account.busy.get() as f64 / account.workers.get() as f64,
            queue: depths[place] as u32,
            badge,
            number: Some(place as u32 + 1),
            ..NodeView::new(*name, &STAGE)
        });
    }
}
