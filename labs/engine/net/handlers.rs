//! Which handler each node has for one kind of traffic.

use crate::engine::node::NodeId;
use std::cell::RefCell;
use std::rc::Rc;

struct Installed<H: ?Sized> {
    handler: Rc<H>,
    /// Installed by the node's own code: it goes when the node does.
    by_node: bool,
}

/// A dense table, looked into for each message.
pub(super) struct Handlers<H: ?Sized>(RefCell<Vec<Option<Installed<H>>>>);

impl<H: ?Sized> Default for Handlers<H> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<H: ?Sized> Handlers<H> {
    /// In place of the one before, if any. `by` is whose code installs it.
    pub fn install(&self, node: NodeId, by: NodeId, handler: Rc<H>) {
        let mut table = self.0.borrow_mut();
        if table.len() <= node.index() {
            table.resize_with(node.index() + 1, || None);
        }
        let installed = Installed {
            handler,
            by_node: by == node,
        };
        let before = table[node.index()].replace(installed);
        // What a handler holds may act when it is dropped: let go of the table first, here and below.
        drop(table);
        drop(before);
    }

    pub fn of(&self, node: NodeId) -> Option<Rc<H>> {
        let table = self.0.borrow();
        let installed = table.get(node.index())?.as_ref()?;
        Some(Rc::clone(&installed.handler))
    }

    /// Drops the handler that the node's own code installed.
    pub fn forget_node(&self, node: NodeId) {
        let mut table = self.0.borrow_mut();
        let forgotten = table
            .get_mut(node.index())
            .and_then(|installed| installed.take_if(|installed| installed.by_node));
        drop(table);
        drop(forgotten);
    }

    pub fn clear(&self) {
        let table = self.0.take();
        drop(table);
    }
}
