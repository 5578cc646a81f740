//! The settings of a running lab. The session owns them and turns them; the lab holds [`Knob`]s, each of
//! which reads one. Nothing is looked up, parsed or allocated when a knob is read.

use super::reading::Reading;
use super::{KnobError, KnobSettings, KnobValue};
use std::cell::{Ref, RefCell};
use std::fmt;
use std::rc::Rc;

/// The values of all knobs of one run, and who reads them.
pub struct Settings {
    values: RefCell<KnobSettings>,
    readers: RefCell<Vec<Reader>>,
}

/// Takes over a knob's new value.
struct Reader {
    knob: KnobId,
    update: Box<dyn Fn(&KnobValue)>,
}

/// A knob by its place in the lab's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnobId(pub usize);

/// One knob as a lab reads it: always the present value.
pub struct Knob<T> {
    id: KnobId,
    settings: Rc<Settings>,
    value: Rc<RefCell<T>>,
}

impl Settings {
    pub fn new(values: KnobSettings) -> Rc<Self> {
        Rc::new(Self {
            values: RefCell::new(values),
            readers: RefCell::default(),
        })
    }

    /// All values as they stand.
    pub fn values(&self) -> Ref<'_, KnobSettings> {
        self.values.borrow()
    }

    /// Checks and sets one value; whoever reads the knob has it from now on.
    pub fn turn(&self, name: &str, value: &KnobValue) -> Result<KnobId, KnobError> {
        let id = KnobId(self.values.borrow().place(name)?);
        self.values.borrow_mut().set(name, value.clone())?;
        let readers = self.readers.borrow();
        let of_knob = readers.iter().filter(|reader| reader.knob == id);
        of_knob.for_each(|reader| (reader.update)(value));
        Ok(id)
    }

    /// The knob of this name, to be read as a `T`. The macro [`knobs`](crate::knobs) asks for each one.
    pub fn knob<T: Reading>(self: &Rc<Self>, name: &str) -> Knob<T> {
        let read = |value: &KnobValue| {
            T::read(value).unwrap_or_else(|| panic!("the form of `{name}` does not give {value:?}"))
        };
        let values = self.values.borrow();
        let id = values.place(name);
        let id = KnobId(id.unwrap_or_else(|error| panic!("{error}")));
        let value = Rc::new(RefCell::new(read(&values.values()[id.0])));
        let held = Rc::clone(&value);
        // A value that has passed the check of its knob is of the kind that the knob is read as.
        let update = Box::new(move |value: &KnobValue| {
            if let Some(value) = T::read(value) {
                *held.borrow_mut() = value;
            }
        });
        let reader = Reader { knob: id, update };
        self.readers.borrow_mut().push(reader);
        Knob {
            id,
            settings: Rc::clone(self),
            value,
        }
    }
}

impl<T> Clone for Knob<T> {
    fn clone(&self) -> Self {
        Self {
            id: self.id,
            settings: Rc::clone(&self.settings),
            value: Rc::clone(&self.value),
        }
    }
}

impl<T> Knob<T> {
    /// The present value, by reference: of a distribution, which is no number.
    pub fn borrow(&self) -> Ref<'_, T> {
        self.value.borrow()
    }
}

impl<T: Copy> Knob<T> {
    pub fn get(&self) -> T {
        *self.value.borrow()
    }
}

impl<T: Reading> Knob<T> {
    /// Turns it, as an action does that comes to the same: the session's settings say so too. Whoever
    /// watches the knob is not told: the action has done what there is to do.
    pub fn turn(&self, value: &T) -> Result<(), KnobError> {
        let (name, value) = {
            let values = self.settings.values();
            let (spec, _) = values.iter().nth(self.id.0).expect("it is in the table");
            (spec.name, value.write(spec))
        };
        self.settings.turn(name, &value).map(drop)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.values.borrow().fmt(out)
    }
}

impl<T: fmt::Debug> fmt::Debug for Knob<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.borrow().fmt(out)
    }
}
