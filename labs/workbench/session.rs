//! A session: one lab in its simulator, with the script of what is done to it.
//!
//! Everything that can run a lab — headless, on a thread, two side by side — drives this. It keeps the
//! promise of the recorded run: the same seed, knobs and script give the same run, however it is
//! sliced; for that, interventions take effect only at moments at which all is quiet.

use super::action::{Action, ActionError};
use super::frame::Frame;
use super::intervention::{Intervention, InterventionError, TimedIntervention};
use super::knob::{KnobError, KnobSettings, KnobValue, Settings};
use super::lab::{Lab, LabSpec, RunningLab};
use super::meter::WINDOW;
use super::outside::{Effect, Outside, Refusal, Reply, Why};
use super::plan::RunPlan;
use crate::engine::{Census, Ran, Sim, SimTime};
use std::cell::Ref;
use std::rc::Rc;

/// Work units within which one instant must come to rest, a few seconds of the slowest lab. An instant that
/// takes more is an endless loop in the lab's code: whoever drives it ends the run and says so.
pub(super) const STUCK: u64 = 20_000_000;
/// Requests from outside that one run takes at most: each is kept in its script, or the run could not
/// be replayed.
const REQUESTS_MAX: usize = 100_000;

/// A lab that runs in virtual time.
pub struct Session {
    // Declared before the simulator, so that what it holds of it goes first.
    running: Box<dyn RunningLab>,
    sim: Sim,
    lab: &'static dyn Lab,
    /// Seed, warm-up and the knobs at the start; the script holds what was done since.
    plan: RunPlan,
    /// The knobs as they stand now, shared with the lab.
    settings: Rc<Settings>,
    /// How many of the script's interventions have been applied.
    done: usize,
    /// Requests from outside among the script.
    requests: usize,
    window_end: SimTime,
    warm: bool,
    refusals: Vec<(SimTime, InterventionError)>,
}

impl Session {
    /// Starts the run that the plan describes, at time 0 with nothing run yet.
    pub fn start(plan: RunPlan) -> Self {
        let sim = Sim::new(plan.seed);
        let settings = Settings::new(plan.knobs.clone());
        let running = plan.lab.start(&sim, &settings);
        Self {
            running,
            sim,
            lab: plan.lab,
            settings,
            warm: plan.warmup == SimTime(0),
            requests: requests_in(&plan.script),
            plan,
            done: 0,
            window_end: WINDOW,
            refusals: Vec::new(),
        }
    }

    pub fn spec(&self) -> &'static LabSpec {
        self.lab.spec()
    }

    pub fn now(&self) -> SimTime {
        self.sim.now()
    }

    /// When the next event is due; none when nothing will ever happen again.
    pub fn peek(&self) -> Option<SimTime> {
        self.sim.peek()
    }

    pub fn digest(&self) -> u64 {
        self.sim.digest()
    }

    /// Timers that have fired and messages that have arrived since the start.
    pub fn events(&self) -> u64 {
        self.sim.events()
    }

    /// What is alive in the simulator: what must not grow.
    pub fn census(&self) -> Census {
        self.sim.census()
    }

    /// The knobs as they stand now.
    pub fn knobs(&self) -> Ref<'_, KnobSettings> {
        self.settings.values()
    }

    /// Seed, knobs at the start and all interventions.
    pub fn plan(&self) -> &RunPlan {
        &self.plan
    }

    /// Interventions of the script that the lab refused when their moment came.
    pub fn refusals(&self) -> &[(SimTime, InterventionError)] {
        &self.refusals
    }

    pub fn lab(&self) -> &dyn RunningLab {
        &*self.running
    }

    /// Runs on to `goal`, doing what the script says on the way, with at most `budget` units of work
    /// from one stop to the next; the stops are at most a [`WINDOW`] apart.
    pub fn advance(&mut self, goal: SimTime, budget: u64) -> Ran {
        loop {
            let intervention_at = self.plan.script.get(self.done).map(|next| next.at);
            let warm_at = (!self.warm).then_some(self.plan.warmup);
            let stops = [Some(goal), Some(self.window_end), intervention_at, warm_at];
            let target = stops.into_iter().flatten().min().unwrap_or(goal);
            if self.sim.run_until(target, budget) == Ran::OutOfBudget {
                return Ran::OutOfBudget;
            }
            if target == self.window_end {
                self.running.instruments().meters.close_window(target);
                self.window_end = SimTime(target.0 + WINDOW.0);
            }
            if warm_at == Some(target) {
                self.running.instruments().meters.end_warm_up(target);
                self.warm = true;
            }
            while let Some(next) = self.plan.script.get(self.done) {
                if next.at > target {
                    break;
                }
                let what = next.what.clone();
                self.done += 1;
                // Several may fall on one moment: each finds all at rest, as it did live.
                self.come_to_rest();
                if let Err(refusal) = self.apply(&what) {
                    self.running
                        .instruments()
                        .journal
                        .bad(target, refusal.to_string());
                    self.refusals.push((target, refusal));
                }
            }
            if target >= goal {
                return Ran::Reached;
            }
        }
    }

    /// Intervenes now, and records it in the script. What the script had for later is dropped: an
    /// intervention after going back makes another future.
    ///
    /// # Errors
    /// When the lab refuses; then nothing is recorded.
    pub fn intervene(&mut self, what: Intervention) -> Result<(), InterventionError> {
        self.come_to_rest();
        self.apply(&what)?;
        self.plan.script.truncate(self.done);
        self.requests = requests_in(&self.plan.script);
        self.record(what);
        Ok(())
    }

    /// The same for a client: what the script has for later stays, since a client knows of no script.
    ///
    /// # Errors
    /// When the lab refuses; then nothing is recorded.
    pub fn intervene_for_client(&mut self, what: Intervention) -> Result<(), InterventionError> {
        self.come_to_rest();
        self.apply(&what)?;
        self.record(what);
        Ok(())
    }

    /// Hands in a request from outside. If it travels it becomes part of the script.
    pub fn request(&mut self, outside: Outside, reply: Reply) {
        self.come_to_rest();
        if outside.endpoint.effect == Effect::Looks {
            return self.running.request(&self.sim, &outside, reply);
        }
        if self.requests >= REQUESTS_MAX {
            let message =
                format!("this run has taken {REQUESTS_MAX} requests from outside, all it can keep");
            return reply.refuse(Refusal::new(Why::Shed, message, "start the run again"));
        }
        self.running.request(&self.sim, &outside, reply);
        self.requests += 1;
        self.record(Intervention::Request(outside));
    }

    /// Lets all happen that is due at this very moment.
    pub fn come_to_rest(&self) {
        self.sim.run_until(self.sim.now(), STUCK);
    }

    /// Applied just now: before what the script has for later.
    fn record(&mut self, what: Intervention) {
        let at = self.now();
        self.plan
            .script
            .insert(self.done, TimedIntervention { at, what });
        self.done += 1;
    }

    fn apply(&mut self, what: &Intervention) -> Result<(), InterventionError> {
        match what {
            Intervention::Act(action) => self.do_action(action)?,
            Intervention::Set { knob, value } => self.turn(knob, value)?,
            Intervention::Request(outside) => {
                self.running.request(&self.sim, outside, Reply::nobody());
            }
        }
        Ok(())
    }

    /// Checks that there is the node that it is aimed at, does it, and says so in the journal.
    fn do_action(&mut self, action: &Action) -> Result<(), ActionError> {
        let specs = &self.lab.spec().actions;
        let spec = specs.iter().find(|spec| spec.name == action.name);
        let spec = spec.ok_or_else(|| ActionError::unknown(action.name, specs))?;
        if let Some(role) = spec.target {
            action.hits(role, &self.running.numbers(role))?;
        }
        let done = self.running.act(&self.sim, action)?;
        let done = done.unwrap_or_else(|| spec.in_words(action));
        self.running.instruments().journal.warn(self.now(), done);
        Ok(())
    }

    fn turn(&mut self, knob: &str, value: &KnobValue) -> Result<(), KnobError> {
        let spec = self.settings.values().spec(knob)?;
        if spec.needs_restart {
            return Err(KnobError::OnlyAtStart { knob: spec.name });
        }
        let turned = self.settings.turn(knob, value)?;
        let text = format!("{} is now {}", spec.name, spec.human(value));
        self.running.instruments().journal.info(self.now(), text);
        self.running.turned(&self.sim, turned);
        Ok(())
    }

    /// The same run from its start, with its script still before it.
    #[must_use]
    pub fn rewound(&self) -> Self {
        Self::start(self.plan.clone())
    }

    /// A new run with the same seed and the knobs as they stand, but for some that may be turned before;
    /// nothing of the script is kept.
    pub fn afresh(&self, turned: &[(&str, &KnobValue)]) -> Result<Self, KnobError> {
        let mut plan = self.plan.clone();
        plan.knobs = self.knobs().clone();
        for (knob, value) in turned {
            plan.knobs.set(knob, (*value).clone())?;
        }
        plan.script.clear();
        Ok(Self::start(plan))
    }

    /// Parses and does an action.
    #[cfg(test)]
    pub fn act(&mut self, name: &str, argument: Option<&str>) -> Result<(), InterventionError> {
        let actions = &self.spec().actions;
        let action = super::action::Action::from_parts(name, argument, actions)?;
        self.intervene(Intervention::Act(action))
    }

    /// What a screen needs; `pace`, `seeking` and `fault` are for whoever drives it to fill.
    pub fn frame(&self) -> Frame {
        let mut frame = self.sketch();
        let meters = &self.running.instruments().meters;
        for (metric, series) in frame.metrics.iter_mut().zip(meters.series()) {
            metric.series = series;
        }
        frame
    }

    /// Numbers of the nodes that actions may be aimed at: a lab has one role of them.
    fn targets(&self) -> Vec<u32> {
        let target = self.spec().target();
        target.map_or_else(Vec::new, |role| self.running.numbers(role))
    }

    /// The frame without the histories of its metrics: what is of this moment alone.
    pub fn sketch(&self) -> Frame {
        // Requests are part of the traffic: a mark for each would hide the rest.
        let script = self.plan.script.iter();
        let shown = script.filter(|timed| !timed.what.is_request());
        let mut frame = Frame {
            lab: self.spec().id,
            seed: self.plan.seed,
            now: self.now(),
            horizon: self.now(),
            knobs: self.knobs().values().to_vec(),
            initial_knobs: self.plan.knobs.values().to_vec(),
            interventions: shown.cloned().collect(),
            targets: self.targets(),
            digest: self.digest(),
            ..Frame::default()
        };
        self.running.instruments().fill(self.now(), &mut frame);
        self.running.fill(&self.sim, &mut frame);
        frame
    }
}

fn requests_in(script: &[TimedIntervention]) -> usize {
    let requests = script.iter().filter(|timed| timed.what.is_request());
    requests.count()
}
