//! The knobs as the types that the pattern and the autoscaler work with.

use super::pattern::{Ack, Habits};
use super::queue::{QueueKind, Rules};
use super::sizing::{Backoff, Bounds, ScaleBy};
use super::table::Knobs;
use crate::{choices, words};
use std::time::Duration;

words! { Ack: Late, Early }

choices! {
    pub enum Idempotency { Off, Key }
    pub enum RetryBackoff { None, Fixed, Exponential }
    pub enum Autoscale { Off, Depth, Age, Hpa, Keda }
    /// Whose rules the queue follows.
    pub enum Broker { Postgres, Kafka, Sqs, Rabbitmq }
    /// What the time of the work belongs to.
    pub enum ServicePer { Item, Delivery }
    /// Who keeps an item until it is due.
    pub enum DelayedBy { Queue, Worker }
}

/// A quorum queue takes an item back that a consumer has held for so long (`RabbitMQ` documentation, Consumers,
/// Delivery acknowledgement timeout).
const RABBIT_CONSUMER_TIMEOUT: Duration = Duration::from_mins(30);

impl Broker {
    /// Its rules, and for how long it hands an item out.
    pub const fn leases(self, visibility_timeout: Duration) -> (QueueKind, Duration) {
        match self {
            Self::Postgres => (QueueKind::PostgresTable, visibility_timeout),
            Self::Kafka => (QueueKind::KafkaShareGroup, visibility_timeout),
            Self::Sqs => (QueueKind::SqsStandard, visibility_timeout),
            Self::Rabbitmq => (QueueKind::RabbitQuorum, RABBIT_CONSUMER_TIMEOUT),
        }
    }
}

impl RetryBackoff {
    /// With this as its first delay.
    pub const fn from(self, delay: Duration) -> Backoff {
        match self {
            Self::None => Backoff::None,
            Self::Fixed => Backoff::Fixed(delay),
            Self::Exponential => Backoff::Exponential(delay),
        }
    }
}

impl Autoscale {
    /// What the autoscaler goes by, with this target; none while it is off.
    pub const fn by(self, target: f64) -> Option<ScaleBy> {
        match self {
            Self::Off => None,
            Self::Depth => Some(ScaleBy::Depth(target)),
            Self::Age => Some(ScaleBy::Age(target)),
            Self::Hpa => Some(ScaleBy::Hpa(target)),
            Self::Keda => Some(ScaleBy::Keda(target)),
        }
    }
}

impl Knobs {
    /// What the queue goes by.
    pub fn rules(&self) -> Rules {
        let deliveries = self.max_receives.get() as u32;
        let (kind, visibility_timeout) = self.broker.get().leases(self.visibility_timeout.get());
        Rules {
            kind,
            visibility_timeout,
            max_receives: self.dead_letter.get().then_some(deliveries),
            backoff: self.retry_backoff.get().from(self.retry_delay.get()),
        }
    }

    /// What a worker goes by.
    pub fn habits(&self) -> Habits {
        let by_connection = self.broker.get() == Broker::Rabbitmq;
        Habits {
            ack: self.ack.get(),
            prefetch: self.prefetch.get(),
            lease: (!by_connection).then_some(self.visibility_timeout.get()),
            heartbeat: self.heartbeat.get(),
            longest: self.longest.get(),
        }
    }

    /// What the autoscaler goes by; none while it is off.
    pub fn scale_by(&self) -> Option<ScaleBy> {
        self.autoscale.get().by(self.scale_target.get())
    }

    pub fn scale_bounds(&self) -> Bounds {
        Bounds {
            least: self.workers.get(),
            most: self.workers_max.get(),
            cooldown: self.scale_cooldown.get(),
        }
    }
}
