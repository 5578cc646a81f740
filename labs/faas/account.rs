//! What the functions of an account share: how many instances may be busy at once, and how fast new ones
//! may be started.
//!
//! Source: AWS Lambda developer guide, "Understanding Lambda function scaling" and "Lambda scaling behavior".

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// An account: one limit for all of its functions together.
#[derive(Debug, Default)]
pub struct Account {
    limit: Cell<usize>,
    functions: RefCell<Vec<Rc<Use>>>,
}

/// What one function has of the limit.
#[derive(Debug, Default)]
struct Use {
    /// Set aside for it, and all that it may have; without it the function draws on what is left to all.
    reserved: Cell<Option<usize>>,
    provisioned: Cell<usize>,
    busy: Cell<usize>,
}

impl Account {
    pub fn new(limit: usize) -> Rc<Self> {
        let account = Self::default();
        account.limit.set(limit);
        Rc::new(account)
    }

    /// A lower limit ends nothing that runs.
    pub fn set_limit(&self, limit: usize) {
        self.limit.set(limit);
    }

    /// Busy instances of all functions.
    pub fn busy(&self) -> usize {
        self.functions.borrow().iter().map(|it| it.busy.get()).sum()
    }

    /// What functions without a reservation have left. An instance that is provisioned is taken, busy or not.
    fn left_to_all(&self) -> usize {
        let taken = |it: &Rc<Use>| match it.reserved.get() {
            Some(reserved) => reserved,
            None => it.busy.get().max(it.provisioned.get()),
        };
        let taken: usize = self.functions.borrow().iter().map(taken).sum();
        self.limit.get().saturating_sub(taken)
    }
}

/// One function's share in the account.
#[derive(Debug)]
pub struct Share {
    account: Rc<Account>,
    mine: Rc<Use>,
}

impl Share {
    pub fn of(account: &Rc<Account>) -> Self {
        let mine = Rc::new(Use::default());
        account.functions.borrow_mut().push(Rc::clone(&mine));
        Self {
            account: Rc::clone(account),
            mine,
        }
    }

    /// Reserved concurrency: a floor and a ceiling at once.
    pub fn reserve(&self, reserved: Option<usize>) {
        self.mine.reserved.set(reserved);
    }

    pub fn provision(&self, instances: usize) {
        self.mine.provisioned.set(instances);
    }

    /// One more busy instance, if there is room for it.
    #[must_use]
    pub fn take(&self) -> bool {
        let busy = self.mine.busy.get();
        let room = match self.mine.reserved.get() {
            Some(reserved) => busy < reserved,
            None => busy < self.mine.provisioned.get() || self.account.left_to_all() > 0,
        };
        if room {
            self.mine.busy.set(busy + 1);
        }
        room
    }

    pub fn give_back(&self) {
        self.mine.busy.set(self.mine.busy.get() - 1);
    }
}

/// How fast a function may start instances: as many as ten seconds' worth at once, refilled evenly, and
/// nothing is saved up beyond that.
#[derive(Debug, Clone)]
pub struct ScaleRate {
    per_ten_seconds: f64,
    left: f64,
    at: Duration,
}

impl ScaleRate {
    pub fn new(per_ten_seconds: usize) -> Self {
        Self {
            per_ten_seconds: per_ten_seconds as f64,
            left: per_ten_seconds as f64,
            at: Duration::ZERO,
        }
    }

    /// Whether one more may be started now.
    #[must_use]
    pub fn take(&mut self, now: Duration) -> bool {
        let refilled = (now.saturating_sub(self.at)).as_secs_f64() * self.per_ten_seconds / 10.0;
        self.left = (self.left + refilled).min(self.per_ten_seconds);
        self.at = now;
        let room = self.left >= 1.0;
        if room {
            self.left -= 1.0;
        }
        room
    }

    /// Another rate, from now on; what was used stays used.
    pub fn set(&mut self, per_ten_seconds: usize) {
        self.per_ten_seconds = per_ten_seconds as f64;
        self.left = self.left.min(self.per_ten_seconds);
    }
}
