//! The monitor: it scrapes each adapter, keeps what it finds, and computes what its board shows.

use super::exposition::{self, Sample};
use super::rate::{self, Point};
use super::service::{PEAK, Peak, QUEUE, REQUESTS, Service};
use super::world::{Tamper, World};
use crate::engine::{self, SimTime};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

/// A scrape is given up after this, or when the next one is due.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How far back a query looks for a sample that has not ended.
const LOOKBACK: Duration = Duration::from_mins(5);
/// A series leaves the memory when it has had no sample for so long.
const HEAD: Duration = Duration::from_hours(2);
/// Rates are over so many scrapes.
const RANGE: u32 = 4;
/// A number is old after so many scrapes.
const OLD: u32 = 2;

/// Why a scrape came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScrapeError {
    #[error("the adapter is not up")]
    NoAdapter,
    #[error("no answer in time")]
    TimedOut,
    #[error("{0}")]
    NoPage(String),
    #[error("{0} samples are more than the monitor takes")]
    TooMany(usize),
}

#[derive(Default)]
pub struct Monitor {
    targets: Vec<Target>,
    /// When each series had its last sample.
    series: RefCell<BTreeMap<(u32, String), SimTime>>,
    pruned: Cell<SimTime>,
}

/// What is known of one service.
#[derive(Default)]
struct Target {
    up: Cell<bool>,
    requests: RefCell<VecDeque<Reading>>,
    /// How many there were ever, second by second, which no monitor knows.
    truth: RefCell<VecDeque<Point>>,
    /// The last length of its queue, until it ends.
    queue: Cell<Option<Reading>>,
    /// What the page in the adapter's hands was made of.
    told: Cell<(SimTime, u64)>,
}

#[derive(Debug, Clone, Copy)]
struct Reading {
    at: SimTime,
    value: f64,
    /// When the service told it, and how many requests there had been ever.
    told: (SimTime, u64),
}

/// What the board shows of a service.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    pub up: bool,
    pub rps: Option<f64>,
    pub queue: Option<f64>,
    pub is_old: bool,
}

impl Monitor {
    pub fn of(targets: usize) -> Self {
        let targets = (0..targets).map(|_| Target::default()).collect();
        Self {
            targets,
            ..Self::default()
        }
    }

    fn target(&self, service: &Service) -> &Target {
        &self.targets[service.number as usize - 1]
    }
}

impl World {
    fn range(&self) -> Duration {
        self.knobs.scrape_every.get() * RANGE
    }

    /// Scrapes one service for ever. Scrapes of all are spread over the time between two.
    pub async fn watch(self: Rc<Self>, service: Rc<Service>) {
        let place = f64::from(service.number - 1) / self.services.len() as f64;
        engine::sleep(self.knobs.scrape_every.get().mul_f64(place)).await;
        loop {
            let began = self.now();
            let _ = self.scrape(&service).await;
            engine::sleep_until(began + self.knobs.scrape_every.get()).await;
        }
    }

    /// The page of a service, from its adapter, and the samples on it.
    pub async fn page(&self, service: &Service) -> Result<(String, Vec<Sample>), ScrapeError> {
        if !self.adapters_up.get() {
            return Err(ScrapeError::NoAdapter);
        }
        let life = self.adapters_life.get();
        let adapter = Rc::clone(&self.adapters.borrow()[service.number as usize - 1]);
        let (settings, unread) = (self.settings(), adapter.unread());
        let limit = TIMEOUT.min(self.knobs.scrape_every.get());
        let told = service.told.get();
        let page = engine::timeout(limit, adapter.collect(&settings)).await;
        if self.knobs.adapter.get() {
            self.meters
                .parse_errors_total
                .add(adapter.unread() - unread);
        }
        if self.adapters_life.get() != life {
            return Err(ScrapeError::NoAdapter);
        }
        let page = page.map_err(|_| ScrapeError::TimedOut)?;
        if service.told.get() != told {
            self.monitor.target(service).told.set(service.told.get());
        }
        let mut page = page.map_err(|unread| ScrapeError::NoPage(unread.to_string()))?;
        if self.tamper == Tamper::CutThePage {
            page.truncate(page.len() - 1);
        }
        let parsed = exposition::parse(&page);
        self.invariants.always_parses.check(parsed.is_ok(), || {
            let why = parsed.as_ref().err().map(ToString::to_string);
            format!("service {}: {}", service.number, why.unwrap_or_default())
        });
        let samples = parsed.map_err(|error| ScrapeError::NoPage(error.to_string()))?;
        Ok((page, samples))
    }

    async fn scrape(&self, service: &Service) -> Result<(), ScrapeError> {
        let began = self.now();
        let down = !service.up.get();
        let scraped = self.page(service).await.and_then(|(_, samples)| {
            let count = samples.len();
            if self
                .knobs
                .sample_limit
                .get()
                .is_some_and(|most| count > most)
            {
                self.meters.refused_total.increment();
                let number = service.number;
                let overload = format!(
                    "overload: service {number} has {count} samples, more than the monitor takes"
                );
                self.instruments.journal.bad(self.now(), overload);
                return Err(ScrapeError::TooMany(count));
            }
            Ok(samples)
        });
        let target = self.monitor.target(service);
        self.meters.scrape_ms.record((self.now() - began).into());
        self.meters.scrapes_total.increment();
        match scraped {
            Ok(samples) => {
                let was_down = down && !service.up.get();
                self.check_age(service, &samples, was_down);
                self.take(service, &samples);
                Ok(())
            }
            Err(error) => {
                self.meters.scrapes_failed_total.increment();
                target.up.set(false);
                self.end_series(target);
                Err(error)
            }
        }
    }

    /// A page that came all the while that its service was down.
    fn check_age(&self, service: &Service, samples: &[Sample], was_down: bool) {
        let age = self.now() - self.monitor.target(service).told.get().0;
        let may = self
            .knobs
            .cache
            .get()
            .map_or(Duration::ZERO, |cache| cache + TIMEOUT);
        let says = samples.iter().any(|sample| match &*sample.name {
            "app_up" => sample.value > 0.0,
            name => name == REQUESTS || name == QUEUE,
        });
        let holds = !was_down || !says || age <= may;
        self.invariants.never_yesterday.check(holds, || {
            format!(
                "service {} is down, and its page is {age:?} old",
                service.number
            )
        });
    }

    fn take(&self, service: &Service, samples: &[Sample]) {
        let (target, now) = (self.monitor.target(service), self.now());
        let of = |name: &str| {
            let sample = samples.iter().find(|sample| sample.name == name)?;
            let told = target.told.get();
            Some(Reading {
                at: now,
                value: sample.value,
                told,
            })
        };
        target.up.set(of("app_up").is_some_and(|up| up.value > 0.0));
        match of(QUEUE) {
            Some(queue) => self.see_queue(service, queue),
            None => self.end_series(target),
        }
        if let Some(requests) = of(REQUESTS) {
            self.see_requests(service, requests);
        }
        let mut series = self.monitor.series.borrow_mut();
        for sample in samples {
            series.insert((service.number, sample.series()), now);
        }
    }

    fn see_queue(&self, service: &Service, queue: Reading) {
        let target = self.monitor.target(service);
        target.queue.set(Some(queue));
        if queue.value >= PEAK as f64 && service.peak.get().is_some() {
            service.peak.set(Some(Peak::Seen));
        }
    }

    fn see_requests(&self, service: &Service, reading: Reading) {
        let mut requests = self.monitor.target(service).requests.borrow_mut();
        if let Some(before) = requests.back() {
            let counted = if self.tamper == Tamper::AddOn && reading.value < before.value {
                reading.value + before.value
            } else {
                rate::increase(&[point(before), point(&reading)])
            };
            let there_were = reading.told.1.saturating_sub(before.told.1);
            let holds = counted <= there_were as f64 + 1e-6;
            self.invariants.survives_reset.check(holds, || {
                format!(
                    "service {}: {counted} counted, and {there_were} were there",
                    service.number
                )
            });
        }
        let from = reading
            .at
            .0
            .saturating_sub(2 * self.range().as_nanos() as u64);
        while requests.front().is_some_and(|first| first.at.0 < from) {
            requests.pop_front();
        }
        requests.push_back(reading);
    }

    /// What was not scraped is no longer shown.
    fn end_series(&self, target: &Target) {
        if self.knobs.stale_marks.get() {
            target.queue.set(None);
        }
    }

    pub fn shown(&self, service: &Service) -> Shown {
        let (target, now) = (self.monitor.target(service), self.now());
        let requests: Vec<Point> = target.requests.borrow().iter().map(point).collect();
        let queue = target
            .queue
            .get()
            .filter(|queue| now - queue.at <= LOOKBACK);
        let old = self.knobs.scrape_every.get() * OLD;
        Shown {
            up: target.up.get(),
            rps: rate::rate(&requests, now.as_secs_f64(), self.range().as_secs_f64()),
            queue: queue.map(|queue| queue.value),
            is_old: queue.is_some_and(|queue| now - queue.told.0 > old),
        }
    }

    /// What there was a second, over the time that rates are over.
    fn true_rps(&self, service: &Service) -> f64 {
        let (range, now) = (self.range().as_secs_f64(), self.now().as_secs_f64());
        let mut truth = self.monitor.target(service).truth.borrow_mut();
        truth.push_back((now, service.ever.get() as f64));
        while truth.len() > 2 && truth[1].0 <= now - range {
            truth.pop_front();
        }
        let (first, last) = (truth[0], truth[truth.len() - 1]);
        if last.0 > first.0 {
            (last.1 - first.1) / (last.0 - first.0)
        } else {
            0.0
        }
    }

    /// What the board shows, once a second.
    pub fn measure(&self) {
        let (now, count) = (self.now(), self.services.len() as f64);
        let (mut seen, mut real, mut errors) = (0.0, 0.0, Vec::new());
        let (mut up, mut old, mut holes) = (0, 0, 0);
        let mut names = BTreeSet::new();
        for service in &self.services {
            let (shown, truth) = (self.shown(service), self.true_rps(service));
            real += truth;
            if let Some(rps) = shown.rps {
                seen += rps;
                if truth > 0.0 {
                    errors.push((rps - truth).abs() / truth);
                }
                // Without adapters each has a name of its own for them.
                names.insert(if self.knobs.adapter.get() {
                    0
                } else {
                    service.number
                });
            }
            up += u32::from(shown.up);
            old += u32::from(shown.is_old);
            holes += u32::from(shown.queue.is_none() || shown.rps.is_none());
        }
        let meters = &self.meters;
        meters.seen_rps.set(seen, now);
        meters.true_rps.set(real, now);
        let error = errors.iter().sum::<f64>() / errors.len().max(1) as f64;
        meters.rate_error_ratio.set(error, now);
        meters.up_ratio.set(f64::from(up) / count, now);
        meters.stale_ratio.set(f64::from(old) / count, now);
        meters.holes.set(f64::from(holes), now);
        meters.queries_needed.set(names.len() as f64, now);
        self.measure_series();
    }

    fn measure_series(&self) {
        let (meters, now) = (&self.meters, self.now());
        let mut series = self.monitor.series.borrow_mut();
        if now - self.monitor.pruned.get() >= HEAD / 4 {
            self.monitor.pruned.set(now);
            series.retain(|_, last| now - *last < HEAD);
        }
        let count = series.len() as f64;
        meters.series.set(count, now);
        let knobs = &self.knobs;
        meters
            .monitor_memory_mb
            .set(count * knobs.series_kb.get() / 1_000.0, now);
        meters
            .bill_usd_month
            .set(count * knobs.usd_per_thousand.get() / 1_000.0, now);
    }
}

fn point(reading: &Reading) -> Point {
    (reading.at.as_secs_f64(), reading.value)
}
