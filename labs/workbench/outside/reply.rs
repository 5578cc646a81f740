//! The way back to whoever asked, and what goes back.

use crate::engine::{self, Handle, NodeId, SimTime};
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// What goes back to who asked.
pub type RequestOutcome = Result<Answered, Refusal>;

/// An answer of the lab.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// When it was answered, in virtual time.
    pub at: SimTime,
    /// An object; or a text, which is a page of metrics in the format of Prometheus.
    pub body: Value,
}

/// An answer that the lab does not give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub why: Why,
    /// What could not be done, and for what reason.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It makes no sense to this lab.
    Invalid,
    NotFound,
    TooLarge,
    /// Somebody else has it.
    Conflict,
    /// The lab is overloaded and turned it away.
    Shed,
    /// It went into the lab and failed there.
    Failed,
    /// Part of the lab that it needs is down.
    Down,
    /// Nobody in the lab answered it in its time.
    TimedOut,
}

impl Refusal {
    pub fn new(why: Why, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            why,
            message: message.into(),
            hint: hint.into(),
        }
    }
}

/// Reads the number of one of `count` things, from 1.
pub fn numbered(what: &str, plural: &str, given: &str, count: usize) -> Result<usize, Refusal> {
    let number = given.parse().ok();
    number
        .filter(|number| (1..=count).contains(number))
        .ok_or_else(|| {
            let message = format!("there is no {what} `{}`", ddlab_text::given(given));
            let hint = format!("{plural} are numbered from 1 to {count}");
            Refusal::new(Why::NotFound, message, hint)
        })
}

/// The way back to who asked; dropped unused, they learn that the request was lost.
#[derive(Debug)]
pub struct Reply(Option<oneshot::Sender<RequestOutcome>>);

impl Reply {
    /// A way back, and its other end.
    pub fn channel() -> (Self, oneshot::Receiver<RequestOutcome>) {
        let (sender, receiver) = oneshot::channel();
        (Self(Some(sender)), receiver)
    }

    /// On replay nobody waits.
    pub const fn nobody() -> Self {
        Self(None)
    }

    /// Answers with an object as `serde_json::json!` makes it, or with a refusal.
    pub fn answer(self, at: SimTime, result: Result<Value, Refusal>) {
        self.send(result.map(|body| Answered { at, body }));
    }

    /// Answers when the work has come to its end, and says how long it took. It is done on this node: if that
    /// stands still the answer waits, if it dies the answer is lost with it.
    pub fn answer_after(
        self,
        sim: &Handle,
        node: NodeId,
        work: impl Future<Output = Result<Value, Refusal>> + 'static,
    ) {
        sim.spawn_on(node, async move {
            let began = engine::now();
            let mut result = work.await;
            let now = engine::now();
            if let Ok(body) = &mut result {
                body["took_ms"] = json!(SimTime::from(now - began).as_millis_f64());
            }
            self.answer(now, result);
        });
    }

    pub fn refuse(self, refusal: Refusal) {
        self.send(Err(refusal));
    }

    fn send(self, answer: RequestOutcome) {
        if let Some(sender) = self.0 {
            // Whoever asked may have gone away; the lab has done its work all the same.
            let _ = sender.send(answer);
        }
    }
}
