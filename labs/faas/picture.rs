//! The picture: callers, instances and the database, as a screen draws them.

use super::front::Front;
use super::table::{CALLERS, DATABASE, INSTANCE};
use crate::engine::Sim;
use crate::workbench::drawing::Drawing;
use crate::workbench::frame::{Frame, NodeState, NodeView};

/// Instances in the picture, at most.
const INSTANCES_MAX: usize = 400;

pub fn fill(front: &Front, sim: &Sim, frame: &mut Frame) {
    let (knobs, count) = (&front.world.knobs, front.function.count());
    let mut drawing = Drawing::new(sim, frame);
    let callers = NodeView {
        queue: front.function.waiting() as u32,
        badge: match count.instances().saturating_sub(INSTANCES_MAX) {
            0 => String::new(),
            hidden => format!("+{hidden} instances not drawn"),
        },
        ..NodeView::new("callers", &CALLERS)
    };
    drawing.fixture(callers);
    let (mut drawn, places) = (0, knobs.instance_concurrency.get() as f64);
    front.function.each_instance(|calls, sandbox| {
        drawn += 1;
        if drawn > INSTANCES_MAX {
            return;
        }
        let name = sandbox.map_or("instance".to_owned(), |it| {
            format!("instance {}", it.number)
        });
        let instance = NodeView {
            load: calls as f64 / places,
            ..NodeView::new(name, &INSTANCE)
        };
        drawing.fixture(match sandbox {
            Some(_) => instance,
            None => NodeView {
                state: NodeState::Down,
                badge: "cold start".to_owned(),
                ..instance
            },
        });
    });
    if let Some(most) = knobs.db_connections.get() {
        let open = front.world.connections();
        drawing.fixture(NodeView {
            load: open as f64 / most as f64,
            badge: format!("{open} of {most} connections"),
            ..NodeView::new("database", &DATABASE)
        });
    }
}
