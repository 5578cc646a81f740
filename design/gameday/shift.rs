//! The evening as it goes on: the run, what is seen of it, what was said and done.

use super::action::{self, Action, ActionError};
use super::alert::{self, Alert, Severity, Tally};
use super::board::Board;
use super::incident::{Cause, Incident};
use super::log::Log;
use super::night::{LENGTH_S, Night, OPENING_S, resolve, target};
use super::{SLOS, auction};
use crate::format::Component;
use crate::system;
use ddlab_labs::engine::{Ran, SimTime};
use ddlab_labs::workbench::intervention::Intervention;
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_labs::workbench::lab::Lab as _;
use ddlab_labs::workbench::meter::Counter;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::session::Session;
use ddlab_labs::workbench::trace::Trace;
use std::cell::Ref;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// From one look at the meters to the next.
pub const LOOK_EVERY: Duration = Duration::from_secs(1);
/// From one frame of it to the next, with percentiles and machines, in seconds.
const FRAME_EVERY_S: u64 = 5;
/// Work within one instant, after which the system is said to stand still.
const STUCK: u64 = 20_000_000;
/// An objective is well again once so little was bad for [`CALM_S`] seconds, in terms of what it allows.
const CALM_BURN: f64 = 3.0;
pub const CALM_S: usize = 60;

/// Something that whoever is on call did.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// `look bids`, `logs`, `slowest`.
    Looked(String),
    /// What they take for the cause; none is that they don't know.
    Named(Option<Cause>),
    Acted(Action),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    pub at: SimTime,
    pub event: Event,
}

/// An alert from its beginning to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    pub began: SimTime,
    pub ended: Option<SimTime>,
    pub slo: usize,
    pub severity: Severity,
    /// As it is now, or was when it ended.
    pub text: String,
}

/// An incident of the night, as far as it has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    pub incident: Incident,
    pub begins: SimTime,
    /// The first page after it began.
    pub paged: Option<SimTime>,
    /// Since when its objectives are well again.
    pub mitigated: Option<SimTime>,
    /// An action has ended what no mechanism of the system ends.
    cured: bool,
}

impl Case {
    pub fn is_open(&self, now: SimTime) -> bool {
        self.begins <= now && self.mitigated.is_none()
    }
}

/// The books of an evening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Books {
    /// Lots that were closed.
    pub closed: u64,
    /// Bids that were taken when their lot was over.
    pub late_bids: u64,
    /// Of the lots that were settled, in cents.
    pub price_cents: u64,
    pub payout_cents: u64,
    pub fee_cents: u64,
    /// Invariants that did not hold, with who broke them.
    pub broken: Vec<String>,
}

/// Why something can't be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Action(#[from] ActionError),
    #[error("say first what you take for the cause: `cause PART KIND`, or `cause unknown`")]
    NoCause,
    #[error("the auction stands still at {0} s: please report it with the line of the night")]
    Stuck(u64),
    #[error("the evening is over")]
    Over,
}

pub struct Shift {
    pub night: Night,
    session: Session,
    pub board: Board,
    pub log: Log,
    pub cases: Vec<Case>,
    pub alarms: Vec<Alarm>,
    pub done: Vec<Done>,
    /// Machines of each component that stand ready.
    spares: BTreeMap<String, Vec<u32>>,
    /// Interventions whose moment is still to come, by what was done.
    pending: Vec<(SimTime, String)>,
    /// Lines that come into the log.
    lines: Vec<(SimTime, String)>,
    /// Moments at which the night did something to the system.
    hidden: Vec<SimTime>,
}

impl Shift {
    /// The night at the moment at which one comes on call.
    ///
    /// # Errors
    /// When the system stands still.
    pub fn start(night: Night) -> Result<Self, Refused> {
        Self::of(night, night.incidents())
    }

    /// An evening with these incidents.
    ///
    /// # Errors
    /// As [`Shift::start`].
    pub fn of(night: Night, planned: Vec<super::night::Planned>) -> Result<Self, Refused> {
        let lab = auction();
        let design = lab.design();
        let clients = design.clients.iter().map(|client| client.name.clone());
        let parts: Vec<String> = clients
            .chain(design.components.iter().map(|one| one.name.clone()))
            .collect();
        let spares: BTreeMap<String, Vec<u32>> = design
            .components
            .iter()
            .map(|one| (one.name.clone(), action::spares(one)))
            .collect();
        let names = spares.iter().flat_map(|(part, numbers)| {
            numbers.iter().map(move |number| format!("{part} {number}"))
        });
        let names: Vec<String> = names.collect();
        let mut plan = system::plan(lab, night.seed, SimTime::from_secs(LENGTH_S + OPENING_S));
        stand_by(&mut plan, &design.components, &spares);
        let mut lines = night.changes();
        for planned in &planned {
            for (after, fault) in &planned.incident.faults {
                plan.insert(planned.begins + *after, intervention(&resolve(fault)));
            }
            let own = planned.incident.lines.iter();
            lines.extend(own.map(|(after, line)| (planned.begins + *after, line.clone())));
        }
        lines.sort_by_key(|(at, _)| *at);
        let hidden = plan.script.iter().map(|done| done.at).collect();
        let session = Session::start(plan);
        let case = |planned: super::night::Planned| Case {
            incident: planned.incident,
            begins: planned.begins,
            paged: None,
            mitigated: None,
            cured: false,
        };
        let mut shift = Self {
            night,
            board: Board::new(&session, &parts, &names),
            session,
            log: Log::default(),
            cases: planned.into_iter().map(case).collect(),
            alarms: Vec::new(),
            done: Vec::new(),
            spares,
            pending: Vec::new(),
            lines,
            hidden,
        };
        shift.run_to(SimTime::from_secs(OPENING_S))?;
        Ok(shift)
    }

    pub fn now(&self) -> SimTime {
        self.session.now()
    }

    /// What the parameters are set to.
    pub fn settings(&self) -> Ref<'_, KnobSettings> {
        self.session.knobs()
    }

    pub fn is_over(&self) -> bool {
        self.now() >= SimTime::from_secs(LENGTH_S + OPENING_S)
    }

    /// Lets time pass in whole seconds, to the end of the evening at most.
    ///
    /// # Errors
    /// When the system stands still.
    pub fn wait(&mut self, span: Duration) -> Result<(), Refused> {
        for _ in 0..span.as_nanos().div_ceil(LOOK_EVERY.as_nanos()) {
            if self.is_over() {
                break;
            }
            self.run_to(self.now() + LOOK_EVERY)?;
            self.look();
        }
        Ok(())
    }

    /// Waits for a moment of the evening.
    ///
    /// # Errors
    /// When the system stands still.
    pub fn wait_until(&mut self, at: SimTime) -> Result<(), Refused> {
        self.wait(Duration::from_nanos(at.0.saturating_sub(self.now().0)))
    }

    fn run_to(&mut self, goal: SimTime) -> Result<(), Refused> {
        loop {
            let before = self.session.now();
            match self.session.advance(goal, STUCK) {
                Ran::Reached => return Ok(()),
                Ran::OutOfBudget if self.session.now() > before => {}
                Ran::OutOfBudget => return Err(Refused::Stuck(Duration::from(before).as_secs())),
            }
        }
    }

    fn look(&mut self) {
        let now = self.now();
        let (due, later) = self.pending.drain(..).partition(|(at, _)| *at <= now);
        self.pending = later;
        let due: Vec<(SimTime, String)> = due;
        for (_, text) in due {
            self.intervene(&text);
        }
        while self.lines.first().is_some_and(|(at, _)| *at <= now) {
            let (at, line) = self.lines.remove(0);
            self.log.say(at, line);
        }
        self.board.tick();
        if Duration::from(now).as_secs().is_multiple_of(FRAME_EVERY_S) {
            let frame = self.session.sketch();
            self.board.see(&frame);
            self.log.see(&self.board, &frame, &self.hidden);
        }
        self.log.tick(now, &self.board);
        self.follow_alerts();
        self.follow_cases();
    }

    /// An intervention that an action comes to. What the system refuses stands in its journal.
    fn intervene(&mut self, text: &str) {
        if let Err(error) = self.session.intervene_for_client(intervention(text)) {
            let now = self.now();
            self.log.say(now, format!("it was refused: {error}"));
        }
    }

    fn follow_alerts(&mut self) {
        let now = self.now();
        let firing = alert::firing(&SLOS, &self.board);
        for alarm in self.alarms.iter_mut().filter(|alarm| alarm.ended.is_none()) {
            match firing.iter().find(|alert| alert.slo == alarm.slo) {
                None => alarm.ended = Some(now),
                // A ticket that becomes a page is a new one; a page that burns slower goes on.
                Some(alert) if alert.severity < alarm.severity => alarm.ended = Some(now),
                Some(alert) => alarm.text.clone_from(&alert.text),
            }
        }
        for Alert {
            slo,
            severity,
            text,
        } in firing
        {
            if !self
                .alarms
                .iter()
                .any(|alarm| alarm.ended.is_none() && alarm.slo == slo)
            {
                self.alarms.push(Alarm {
                    began: now,
                    ended: None,
                    slo,
                    severity,
                    text,
                });
            }
        }
    }

    fn follow_cases(&mut self) {
        let now = self.now();
        let tallies: Vec<Tally<'_>> = SLOS.iter().map(|slo| Tally::of(slo, &self.board)).collect();
        for case in self
            .cases
            .iter_mut()
            .filter(|case| case.begins <= now && case.mitigated.is_none())
        {
            let own = |slo: usize| case.incident.burns.contains(&SLOS[slo].name);
            if case.paged.is_none() {
                let mut pages = self
                    .alarms
                    .iter()
                    .filter(|alarm| alarm.severity == Severity::Page && own(alarm.slo));
                case.paged = pages
                    .find(|page| page.ended.is_none())
                    .map(|page| page.began.max(case.begins));
            }
            let Some(paged) = case.paged else { continue };
            let well = (0..SLOS.len())
                .filter(|slo| own(*slo))
                .all(|slo| tallies[slo].burn(CALM_S) <= CALM_BURN);
            let since = SimTime(
                now.0
                    .saturating_sub(Duration::from_secs(CALM_S as u64).as_nanos() as u64),
            );
            if well && since >= paged {
                let burns_on = (0..SLOS.len())
                    .filter(|slo| own(*slo))
                    .map(|slo| tallies[slo].burns_on(CALM_S, CALM_BURN));
                let burns_on = Duration::from_secs(burns_on.max().unwrap_or(0) as u64);
                case.mitigated = Some(since + burns_on);
            }
        }
    }

    /// Pages that call now.
    pub fn pages(&self) -> impl Iterator<Item = &Alarm> {
        self.alarms
            .iter()
            .filter(|alarm| alarm.ended.is_none() && alarm.severity == Severity::Page)
    }

    /// Slowest requests of the recent past, slowest first.
    pub fn slowest(&self) -> Vec<Arc<Trace>> {
        self.session.lab().instruments().traces.slowest()
    }

    /// Those of one client among the slowest and among a few ordinary ones, slowest first.
    pub fn requests_of(&self, client: &str) -> Vec<Arc<Trace>> {
        let ordinary = self.session.lab().instruments().traces.sampled();
        let all = self.slowest().into_iter().chain(ordinary);
        let own = |trace: &Arc<Trace>| trace.spans.first().is_some_and(|root| root.node == client);
        let mut own: Vec<Arc<Trace>> = all.filter(own).collect();
        own.sort_by_key(|trace| (Reverse(trace.ended.since(trace.started)), trace.request));
        own.dedup_by_key(|trace| trace.request);
        own
    }

    /// Machines of a component that stand ready.
    pub fn spares(&self, part: &str) -> &[u32] {
        self.spares.get(part).map_or(&[], Vec::as_slice)
    }

    pub fn looked(&mut self, at_what: impl Into<String>) {
        self.record(Event::Looked(at_what.into()));
    }

    /// Says what one takes for the cause; none is that one does not know.
    pub fn name(&mut self, cause: Option<Cause>) {
        self.record(Event::Named(cause));
    }

    /// Does something.
    ///
    /// # Errors
    /// When it can't be done, or when nothing was said of the cause since the last page.
    pub fn act(&mut self, action: Action) -> Result<(), Refused> {
        if self.is_over() {
            return Err(Refused::Over);
        }
        if !self.has_named() {
            return Err(Refused::NoCause);
        }
        self.do_it(action)
    }

    fn do_it(&mut self, action: Action) -> Result<(), Refused> {
        let now = self.now();
        let spares = action
            .part()
            .map_or_else(Vec::new, |part| self.spares(part).to_vec());
        for (after, text) in action.does(&spares)? {
            if after.is_zero() {
                self.intervene(&text);
            } else {
                self.pending.push((now + after, text));
            }
        }
        if let Action::Scale(part, count) = &action
            && let Some(spares) = self.spares.get_mut(part)
        {
            spares.drain(..(*count as usize).min(spares.len()));
        }
        let text = action.to_string();
        let begun = self
            .cases
            .iter_mut()
            .filter(|case| case.begins <= now && !case.cured);
        let cures: Vec<String> = begun
            .filter_map(|case| {
                let cure = case
                    .incident
                    .cures
                    .iter()
                    .find(|cure| cure.action == text)?;
                case.cured = true;
                Some(cure.does.clone())
            })
            .flatten()
            .collect();
        for cure in cures {
            self.intervene(&resolve(&cure));
        }
        if let Action::Declared(verb, part) = &action {
            self.log.say(now, format!("{part}: {verb} is done"));
        }
        self.record(Event::Acted(action));
        Ok(())
    }

    /// Whether anything was said of the cause since the last page began.
    fn has_named(&self) -> bool {
        let last = self
            .pages()
            .map(|page| page.began)
            .max()
            .unwrap_or_default();
        self.done
            .iter()
            .any(|done| done.at >= last && matches!(done.event, Event::Named(_)))
    }

    fn record(&mut self, event: Event) {
        let at = self.now();
        self.done.push(Done { at, event });
    }

    /// The actions of the evening with their moments: with the night, all there is to run it again.
    pub fn actions(&self) -> Vec<(SimTime, Action)> {
        let acted = |done: &Done| match &done.event {
            Event::Acted(action) => Some((done.at, action.clone())),
            _ => None,
        };
        self.done.iter().filter_map(acted).collect()
    }

    /// The same night with these actions, up to a moment.
    ///
    /// # Errors
    /// As [`Shift::start`].
    pub fn again(&self, actions: &[(SimTime, Action)], until: SimTime) -> Result<Self, Refused> {
        let planned = self.cases.iter().map(|case| super::night::Planned {
            begins: case.begins,
            incident: case.incident.clone(),
        });
        let mut shift = Self::of(self.night, planned.collect())?;
        for (at, action) in actions.iter().filter(|(at, _)| *at < until) {
            shift.wait_until(*at)?;
            // Where another action is left out, this one may have nothing left to do.
            let done = shift.do_it(action.clone());
            debug_assert!(!matches!(done, Err(Refused::Stuck(_))));
        }
        shift.wait_until(until)?;
        Ok(shift)
    }

    /// The night with all that was done, to its end.
    ///
    /// # Errors
    /// As [`Shift::start`].
    pub fn replayed(night: Night, done: &[Done]) -> Result<Self, Refused> {
        let mut shift = Self::start(night)?;
        for Done { at, event } in done {
            shift.wait_until(*at)?;
            match event {
                Event::Acted(action) => shift.do_it(action.clone())?,
                other => shift.record(other.clone()),
            }
        }
        shift.wait(Duration::from_secs(LENGTH_S))?;
        Ok(shift)
    }

    /// What was bad up to a moment, over all objectives.
    pub fn bad_until(&self, at: SimTime) -> f64 {
        let seconds = Duration::from(at).as_secs().saturating_sub(OPENING_S) as usize;
        let tallies = SLOS.iter().map(|slo| Tally::of(slo, &self.board));
        tallies.map(|tally| tally.bad_within(seconds)).sum()
    }

    /// What became of the lots and of the money so far.
    pub fn books(&self) -> Books {
        let instruments = self.session.lab().instruments();
        let total = |name: &str| {
            let counter: Rc<Counter> = instruments.meters.get(&format!("lots_{name}_total"));
            counter.total()
        };
        let broken = instruments.invariants().into_iter();
        let broken = broken.filter(|view| !view.held);
        Books {
            closed: total("closed"),
            late_bids: total("late_bids"),
            price_cents: total("price_cents"),
            payout_cents: total("payout_cents"),
            fee_cents: total("fee_cents"),
            broken: broken
                .map(|view| format!("{}: {}", view.name, view.detail))
                .collect(),
        }
    }

    pub fn digest(&self) -> u64 {
        self.session.digest()
    }
}

/// `04:12` since one came on call.
pub fn clock(at: SimTime) -> String {
    let seconds = Duration::from(at).as_secs().saturating_sub(OPENING_S);
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}

/// The machines that stand ready are down from the start.
fn stand_by(plan: &mut RunPlan, components: &[Component], spares: &BTreeMap<String, Vec<u32>>) {
    for component in components {
        for number in spares.get(&component.name).into_iter().flatten() {
            if let Some(target) = target(auction(), &component.name, *number) {
                plan.insert(SimTime::ZERO, intervention(&format!("down={target}")));
            }
        }
    }
}

fn intervention(text: &str) -> Intervention {
    Intervention::parse(text, auction().spec()).unwrap_or_else(|error| {
        panic!("a test does every action and every fault of the library: {error}")
    })
}
