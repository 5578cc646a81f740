//! What befalls a node: boot, crash, restart, pause.

use super::{NodeCtx, NodeId};
use crate::engine::time::nanos;
use crate::engine::timer::Event;
use crate::engine::world::World;
use std::time::Duration;

impl World {
    pub fn boot(&self, id: NodeId) {
        let (boot, context) = {
            let nodes = self.nodes.borrow();
            let node = nodes.node(id);
            let context = NodeCtx {
                id,
                disk: node.disk.clone(),
                boots: nodes.life(id).incarnation,
            };
            (node.boot.clone(), context)
        };
        if let Some(boot) = boot {
            let task = self.as_node(id, || boot(context));
            self.spawn(id, task, None);
        }
    }

    pub fn crash(&self, id: NodeId) {
        if id == NodeId::OUTSIDE || !self.nodes.borrow().life(id).up {
            return;
        }
        if self.nodes.borrow_mut().go_down(id) {
            self.paused.set(self.paused.get() - 1);
        }
        // First its handlers, so that nothing new starts while the tasks go.
        self.net.forget_node(id);
        let tasks = self.tasks.borrow().of_node(id);
        for task in tasks {
            self.as_node(id, || self.abort(task));
        }
    }

    pub fn restart(&self, id: NodeId) {
        self.crash(id);
        if id != NodeId::OUTSIDE {
            self.nodes.borrow_mut().come_up(id);
            self.boot(id);
        }
    }

    pub fn pause(&self, id: NodeId, span: Duration) {
        let now = self.now.get();
        let until = now.saturating_add(nanos(span));
        {
            let mut nodes = self.nodes.borrow_mut();
            let up = nodes.life(id).up;
            let node = nodes.node_mut(id);
            if id == NodeId::OUTSIDE || !up || until == now {
                return;
            }
            match node.paused_until {
                Some(before) if before >= until => return,
                Some(_) => node.paused_until = Some(until),
                None => {
                    node.paused_until = Some(until);
                    self.paused.set(self.paused.get() + 1);
                }
            }
        }
        self.schedule(until, id, Event::Resume);
    }

    pub fn resume(&self, id: NodeId) {
        let stalled = self.nodes.borrow_mut().resume(id, self.now.get());
        let Some(stalled) = stalled else { return };
        self.paused.set(self.paused.get() - 1);
        let mut tasks = self.tasks.borrow_mut();
        for task in stalled {
            tasks.make_ready(task);
        }
    }
}
