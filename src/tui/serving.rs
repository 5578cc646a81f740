//! Runs that are served over HTTP while one watches them: which gateway belongs to which run, and the end
//! of both together.

use super::effect::RunId;
use super::event::{Message, Proxy};
use crate::gateway::{self, Gateway, Limits, News, StartError};
use ddlab_labs::workbench::run::{RunClient, RunHandle};
use std::collections::HashMap;

/// What a screen hears of its run being served.
#[derive(Debug, Clone, PartialEq)]
pub enum Served {
    /// Clients may come: `http://127.0.0.1:7070`.
    At(String),
    /// They may not, and why.
    Failed(String),
    News(News),
}

#[derive(Debug)]
pub struct Serving {
    proxy: Proxy,
    gateways: HashMap<RunId, Gateway>,
    /// Runs whose screen is gone, and that go on until the requests in flight are answered.
    leaving: HashMap<RunId, RunHandle>,
}

impl Serving {
    pub fn new(proxy: Proxy) -> Self {
        Self {
            proxy,
            gateways: HashMap::new(),
            leaving: HashMap::new(),
        }
    }

    /// Serves a run on the usual port, or on any other when that is in use.
    pub fn start(&mut self, run: RunId, client: &RunClient) {
        let listen = |port| {
            let proxy = self.proxy.clone();
            let on_news = move |news| proxy.broadcast(Message::Served(run, Served::News(news)));
            Gateway::start(client.clone(), port, Limits::default(), Box::new(on_news))
        };
        let started = match listen(gateway::PORT) {
            Err(StartError::InUse(_)) => listen(0),
            other => other,
        };
        let served = match started {
            Ok(gateway) => {
                let url = gateway.url();
                self.gateways.insert(run, gateway);
                Served::At(url)
            }
            Err(error) => Served::Failed(error.to_string()),
        };
        self.proxy.broadcast(Message::Served(run, served));
    }

    /// Begins to stop; the news of its end come when it has.
    pub fn stop(&self, run: RunId) {
        if let Some(gateway) = self.gateways.get(&run) {
            gateway.begin_to_stop();
        }
    }

    /// A run that is served goes on until its last request from outside is answered; another one is handed
    /// back, to be ended at once.
    pub fn keep_until_answered(&mut self, run: RunId, handle: RunHandle) -> Option<RunHandle> {
        if !self.gateways.contains_key(&run) {
            return Some(handle);
        }
        self.stop(run);
        self.leaving.insert(run, handle);
        None
    }

    pub fn on_served(&mut self, run: RunId, served: &Served) {
        if matches!(served, Served::News(News::Ended { .. })) {
            self.gateways.remove(&run);
            self.leaving.remove(&run);
        }
    }

    /// The program ends: waits for the requests in flight.
    pub fn finish(&mut self) {
        self.gateways.values().for_each(Gateway::begin_to_stop);
        self.gateways.clear();
        self.leaving.clear();
    }
}
