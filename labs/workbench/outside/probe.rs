//! How tests of labs ask something of a session.

use super::{Outside, Reply, RequestOutcome};
use crate::engine::{Ran, SimTime};
use crate::workbench::intervention::Intervention;
use crate::workbench::lab::Lab;
use crate::workbench::plan::{Record, RunPlan};
use crate::workbench::session::Session;

/// A run of the lab with these knobs, five seconds old.
pub fn session(lab: &'static dyn Lab, knobs: &str) -> Session {
    let mut plan = RunPlan::new(lab, 7);
    for knob in knobs.split_whitespace() {
        plan.knobs.set_text(knob).unwrap();
    }
    let mut session = Session::start(plan);
    pass(&mut session, 5_000);
    session
}

pub fn pass(session: &mut Session, millis: u64) {
    let until = SimTime(session.now().0 + millis * 1_000_000);
    while session.advance(until, 1_000_000) != Ran::Reached {}
}

/// Holds that who only looks changes nothing: two runs in which this was done so many milliseconds ago go on as one,
/// though one of them is looked at.
pub fn looking_changes_nothing(
    lab: &'static dyn Lab,
    knobs: &str,
    (done, millis): (&str, u64),
    look: impl FnOnce(&mut Session),
) {
    let (mut looked, mut alone) = (session(lab, knobs), session(lab, knobs));
    for run in [&mut looked, &mut alone] {
        act(run, done);
        pass(run, millis);
    }
    look(&mut looked);
    pass(&mut looked, 100);
    pass(&mut alone, 100);
    assert_eq!(looked.digest(), alone.digest());
}

pub fn act(session: &mut Session, text: &str) {
    let what = Intervention::parse(text, session.spec()).unwrap();
    session.intervene_for_client(what).unwrap();
}

/// Hands the request in, and drives the run until it is answered; a minute at most.
pub fn ask(session: &mut Session, text: &str) -> RequestOutcome {
    let mut answer = send(session, text);
    for _ in 0..60_000 {
        match answer.try_recv() {
            Ok(answer) => return answer,
            Err(tokio::sync::oneshot::error::TryRecvError::Closed) => {
                panic!("`{text}` was dropped without an answer")
            }
            Err(_) => pass(session, 1),
        }
    }
    panic!("`{text}` is not answered after a minute of virtual time")
}

/// Hands the request in, and doesn't wait.
pub fn send(session: &mut Session, text: &str) -> tokio::sync::oneshot::Receiver<RequestOutcome> {
    let (reply, answer) = Reply::channel();
    session.request(
        Outside::parse(text, &session.spec().endpoints).unwrap(),
        reply,
    );
    answer
}

/// Whether the run comes to the same digest again, by way of its run file and in one go.
pub fn replays(session: &Session) -> bool {
    session.come_to_rest();
    let mut plan = session.plan().clone();
    plan.length = session.now();
    let digests = vec![(session.now(), session.digest())];
    let text = Record { plan, digests }.to_text();
    let record = Record::parse(&text, |_| Ok(session.plan().lab)).unwrap();
    let mut again = Session::start(record.plan);
    while again.advance(session.now(), 50_000_000) != Ran::Reached {}
    again.digest() == session.digest()
}
