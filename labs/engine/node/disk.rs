//! What survives a crash.

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

/// Typed values by name that survive a crash. A write is durable when it returns: the time that a sync takes
/// is the lab's to spend (`sleep`), and so is the choice to keep a copy in memory.
#[derive(Clone, Default)]
pub struct Disk(Rc<RefCell<BTreeMap<String, Box<dyn Any>>>>);

impl Disk {
    /// Writes (or overwrites) a value. Store plain values: what is shared by `Rc` would be memory that survives.
    pub fn write<T: Clone + 'static>(&self, name: &str, value: T) {
        let before = self.0.borrow_mut().insert(name.to_owned(), Box::new(value));
        drop(before);
    }

    /// A copy of the value; none if nothing of this type was written under the name.
    pub fn read<T: Clone + 'static>(&self, name: &str) -> Option<T> {
        self.0.borrow().get(name)?.downcast_ref::<T>().cloned()
    }

    /// Removes a value; says whether there was one.
    pub fn remove(&self, name: &str) -> bool {
        let before = self.0.borrow_mut().remove(name);
        before.is_some()
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.borrow().keys()).finish()
    }
}
