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

impl Knobs {
    /// What the queue goes by.
    pub fn rules(&self) -> Rules {
        let deliveries = self.max_receives.get() as u32;
        let retry_delay = self.retry_delay.get();
        let (kind, visibility_timeout) = match self.broker.get() {
            Broker::Postgres => (QueueKind::PostgresTable, self.visibility_timeout.get()),
            Broker::Kafka => (QueueKind::KafkaShareGroup, self.visibility_timeout.get()),
            Broker::Sqs => (QueueKind::SqsStandard, self.visibility_timeout.get()),
            Broker::Rabbitmq => (QueueKind::RabbitQuorum, RABBIT_CONSUMER_TIMEOUT),
        };
        Rules {
            kind,
            visibility_timeout,
            max_receives: self.dead_letter.get().then_some(deliveries),
            backoff: match self.retry_backoff.get() {
                RetryBackoff::None => Backoff::None,
                RetryBackoff::Fixed => Backoff::Fixed(retry_delay),
                RetryBackoff::Exponential => Backoff::Exponential(retry_delay),
            },
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
        let target = self.scale_target.get();
        match self.autoscale.get() {
            Autoscale::Off => None,
            Autoscale::Depth => Some(ScaleBy::Depth(target)),
            Autoscale::Age => Some(ScaleBy::Age(target)),
            Autoscale::Hpa => Some(ScaleBy::Hpa(target)),
            Autoscale::Keda => Some(ScaleBy::Keda(target)),
        }
    }

    pub fn scale_bounds(&self) -> Bounds {
        Bounds {
            least: self.workers.get(),
            most: self.workers_max.get(),
            cooldown: self.scale_cooldown.get(),
        }
    }
}
