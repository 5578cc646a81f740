//! The picture: other pods, the containers of this one, and the log store.

use super::app::App;
use super::settings::MB;
use super::table::{CLIENTS, CONTAINER, STORE};
use super::world::{ALL, Who};
use crate::engine::Sim;
use crate::workbench::drawing::Drawing;
use crate::workbench::frame::{Frame, NodeState, NodeView};

pub fn fill(app: &App, sim: &Sim, frame: &mut Frame) {
    let world = &app.world;
    let mut drawing = Drawing::new(sim, frame);
    drawing.fixture(NodeView {
        queue: world.checks.requests.in_progress() as u32,
        ..NodeView::new("other pods", &CLIENTS)
    });
    let state = |up: bool| if up { NodeState::Up } else { NodeState::Down };
    for who in ALL.into_iter().filter(|who| app.pod.has(*who)) {
        let container = world.container(who);
        drawing.fixture(NodeView {
            state: state(container.up.get()),
            load: if who == Who::App {
                world.cpu.load()
            } else {
                0.0
            },
            badge: badge(app, who),
            number: Some(who as u32 + 1),
            ..NodeView::new(who.name(), &CONTAINER)
        });
    }
    let up = world.lines.store_up.get();
    drawing.fixture(NodeView {
        state: state(up),
        badge: if up { "" } else { "takes nothing" }.to_owned(),
        ..NodeView::new("log store", &STORE)
    });
}

fn badge(app: &App, who: Who) -> String {
    let world = &app.world;
    match who {
        _ if !world.container(who).up.get() => "starting".to_owned(),
        _ if world.container(who).heavy.get() => "heavy".to_owned(),
        Who::Shipper => {
            let bytes = world.lines.pending() * world.knobs.line_bytes.get() as u64;
            format!("{:.1} MB to ship", bytes as f64 / MB as f64)
        }
        Who::App if world.blocked.get() > 0 => "waits for room".to_owned(),
        Who::App => format!("configuration {}", world.configs.running.get().version),
        Who::Reloader | Who::Proxy => String::new(),
    }
}
