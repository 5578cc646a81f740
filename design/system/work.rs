//! What a component does while it runs. Each kind has its own [`Work`]; what they share is in [`Here`].

use super::call::{Answer, Ask, Call, Caller, Whose};
use super::component::{Component, Helpers, Picked};
use super::machine::Machine;
use super::visit::Visit;
use super::world::{Base, Tamper, World};
use crate::format;
use crate::kind::queue::Broker;
use ddlab_labs::choices;
use ddlab_labs::engine::{Draw, FuturesUnordered};
use ddlab_labs::replicated::pattern::Policy;
use ddlab_labs::workbench::knob::Settings;
use futures::StreamExt as _;
use std::rc::Rc;
use std::time::Duration;

/// From a change of a machine until balancers know it, where that is not a parameter.
const USUAL_LAG: Duration = Duration::from_secs(2);

choices! {
    /// How a component makes its calls.
    pub enum Order {
        /// One after the other, in the order of the file.
        Sequence,
        /// All at once.
        Parallel,
    }
}

/// Something that befalls components of one kind alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mishap {
    /// As a fault of a design writes it, and an action of the run.
    pub word: &'static str,
    pub help: &'static str,
    /// The action that undoes it; none where nothing does.
    pub ends: Option<&'static str>,
}

/// What a component is started with.
pub struct Start<'a> {
    pub base: &'a Base,
    pub component: &'a format::Component,
    /// Its parameters, with the values of this run.
    pub own: &'a Rc<Settings>,
    /// What stands beside its machines.
    pub helpers: Helpers,
}

/// The work of a component's machines.
pub trait Work {
    /// Slots of each machine; none is without a limit.
    fn slots(&self) -> Option<usize>;

    /// Those of the machine of this number, where they are not all alike.
    fn slots_of(&self, _machine: u32) -> Option<usize> {
        self.slots()
    }

    /// Has a machine answer its requests: `stand.answers(self, Self::answer)`.
    fn serve(self: Rc<Self>, stand: Stand);

    /// From the death of a machine until it serves again.
    fn restart(&self, luck: &mut Draw) -> Duration;

    /// How the balancer picks a machine.
    fn balance(&self) -> Policy {
        Policy::TwoChoices
    }

    /// A machine for this request, if one is known to be there.
    fn pick(&self, component: &Component, ask: &Ask) -> Option<Picked> {
        component.balanced(ask)
    }

    /// The balancer may pick it while it is up.
    fn is_listed(&self, _machine: &Machine) -> bool {
        true
    }

    /// From a change of a machine until the balancer knows it.
    fn endpoints_lag(&self) -> Duration {
        USUAL_LAG
    }

    /// From the decision for one more machine until it serves.
    fn start_up(&self, luck: &mut Draw) -> Duration {
        self.restart(luck)
    }

    /// How many machines the parameters ask for, where that can be turned.
    fn size(&self) -> Option<usize> {
        None
    }

    /// Requests that wait, where that is not in the lines of its machines.
    fn waiting(&self) -> Option<usize> {
        None
    }

    /// The queue that it is, for the pool that works for it.
    fn broker(&self) -> Option<&Rc<Broker>> {
        None
    }

    /// The world is built.
    fn opened(self: Rc<Self>, _world: &Rc<World>, _component: &Component) {}

    /// A parameter was turned.
    fn turned(&self) {}

    /// A machine serves, for the first time or again.
    fn rose(self: Rc<Self>, _world: &Rc<World>, _component: &Component, _machine: &Rc<Machine>) {}

    /// A machine fell, with what it had.
    fn fell(self: Rc<Self>, _world: &Rc<World>, _component: &Component, _machine: &Rc<Machine>) {}

    /// A machine is not needed any more: [`has_left`](Machine::has_left) when it has finished.
    fn leaves(self: Rc<Self>, _world: &Rc<World>, _component: &Component, machine: &Rc<Machine>) {
        machine.has_left();
    }

    /// One of the mishaps of its kind befalls a machine, or is undone. Says what happens, behind the machine's name.
    fn befalls(
        &self,
        _world: &World,
        _machine: &Machine,
        mishap: &Mishap,
        _begins: bool,
    ) -> String {
        format!("is not what `{}` befalls", mishap.word)
    }

    /// What is in use of what it has, where that is not slots.
    fn utilization(&self) -> Option<f64> {
        None
    }

    /// Share of a machine at work.
    fn load(&self, machine: &Machine) -> f64 {
        machine.load.get()
    }

    /// What a machine is that the others are not, in a word: `primary`. Empty where they are alike.
    fn title(&self, _machine: &Machine) -> &'static str {
        ""
    }

    /// Sets the levels that go by the clock.
    fn measure(&self, _world: &World) {}
}

/// A machine at the place where its requests arrive.
pub struct Stand {
    pub world: Rc<World>,
    /// The component's place.
    pub place: usize,
    pub machine: Rc<Machine>,
}

impl Stand {
    /// Answers each request by this work, in the books however it ends. It is generic so that a request needs no
    /// memory of its own for what its kind does.
    pub fn answers<W: 'static>(
        self,
        work: Rc<W>,
        answer: impl AsyncFn(&W, Here<'_>) -> Answer + Copy + 'static,
    ) {
        let net = self.world.sim.net();
        let (node, stand) = (self.machine.node, Rc::new(self));
        net.serve(node, move |call: Call, _| {
            let (stand, work) = (Rc::clone(&stand), Rc::clone(&work));
            async move {
                let component = &stand.world.components[stand.place];
                let visit = Visit::begin(component, stand.world.tamper);
                let bid = component.lots.as_ref().map(|lots| lots.bid(&call));
                let here = Here {
                    world: &stand.world,
                    component,
                    machine: &stand.machine,
                    call: &call,
                };
                let own = async || answer(&work, here).await;
                let answer = component.through_helpers(&stand.machine, own).await;
                visit.end(answer, call.is_awaited());
                if let (Some(lots), Some(bid), Answer::Done) = (&component.lots, bid, answer) {
                    lots.taken(bid);
                }
                answer
            }
        });
    }
}

/// Makes the calls of these callers for a request of this luck; false as soon as one of them fails that is needed.
pub async fn call_all(callers: &[Caller], order: Order, luck: [u64; 2], whose: &Whose) -> bool {
    match order {
        Order::Sequence => {
            // Made where it is awaited: a call that is held first takes its room twice.
            for caller in callers {
                if caller.call(luck, whose).await.is_err() {
                    return false;
                }
            }
        }
        Order::Parallel => {
            let made = callers
                .iter()
                .map(|caller| Box::pin(caller.call(luck, whose)));
            let mut made: FuturesUnordered<_> = made.collect();
            while let Some(called) = made.next().await {
                if called.is_err() {
                    return false;
                }
            }
        }
    }
    true
}

/// A request at a machine.
#[derive(Clone, Copy)]
pub struct Here<'a> {
    pub world: &'a Rc<World>,
    pub component: &'a Component,
    pub machine: &'a Rc<Machine>,
    pub call: &'a Call,
}

impl Here<'_> {
    /// What is drawn for the work on this request.
    pub fn luck(&self) -> Draw {
        self.component.work.draw(&self.call.luck())
    }

    /// It fails for no reason of load, with this chance.
    pub fn done_unless_unlucky(&self, error_ratio: f64) -> Answer {
        self.component
            .done_unless_unlucky(self.call.luck(), error_ratio)
    }

    /// No slot is free, and so many wait in line already.
    pub fn is_line_full(&self, most: Option<usize>) -> bool {
        let server = &self.machine.server;
        most.is_some_and(|most| server.queue_len() >= most && server.load() >= 1.0)
    }

    /// Makes the calls of its component; false as soon as one of them fails that is needed.
    pub async fn call_others(&self, order: Order) -> bool {
        let (luck, whose) = (self.call.luck(), self.call.whose());
        let called = self
            .component
            .call_others(self.machine, luck, &whose, order);
        called.await
    }

    /// Passes its request on in each of the calls of its component; false when one of them fails that is needed.
    pub async fn passes_on(&self) -> bool {
        let callers = Rc::clone(&self.machine.callers.borrow());
        let (luck, whose) = (self.call.luck(), self.call.whose());
        for caller in callers.iter() {
            let passed_on = caller.pass_on(luck, &whose, self.call.ask.write);
            if passed_on.await.is_err() {
                return false;
            }
        }
        true
    }

    /// Makes the calls of its component by these callers.
    pub async fn call_by(&self, callers: &[Caller], order: Order) -> bool {
        call_all(callers, order, self.call.luck(), &self.call.whose()).await
    }

    /// Whether a test has this done wrong for this request: for one of fifty.
    pub fn is_tampered(&self, tamper: Tamper) -> bool {
        self.world.tamper == tamper && self.call.ask.key.is_multiple_of(50)
    }
}
