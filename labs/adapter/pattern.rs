//! An adapter: a sidecar that makes an application look like all others, without a change to its code.
//!
//! It is asked, it asks the application, it answers: it keeps no clock. Between the application's dialect and the common
//! names lies a table of [`Rule`]s. What matters is what happens when the table is wrong:
//!
//! | a field that is not there | the page has | and one sees |
//! |---|---|---|
//! | [`OnMissing::Skip`] | no sample, and a counter of missing fields | a hole, and where it is |
//! | [`OnMissing::Fail`] | nothing at all | that the adapter is broken |
//! | [`OnMissing::Zero`] | a zero | a calm service |
//!
//! An application that does not answer is `app_up 0` and nothing else: never the numbers of yesterday.
//!
//! The application is a small trait: simulated, or a socket. Time comes from [`env`], so the same code runs in both worlds.

use super::dialect::{Dialect, Field, Told};
use super::exposition::{Kind, Page};
use crate::engine::env;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

/// Whoever tells how it is, in its own dialect.
pub trait Application {
    fn ask(&self) -> impl Future<Output = Result<String, Unreachable>>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the application did not answer")]
pub struct Unreachable;

/// How one field becomes one metric.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub field: &'static str,
    pub metric: &'static str,
    pub help: &'static str,
    pub kind: Kind,
    /// To the base unit: 0.001 where the field is in milliseconds.
    pub scale: f64,
    /// It need not be there.
    pub optional: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnMissing {
    Skip,
    Fail,
    Zero,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    pub on_missing: OnMissing,
    /// How old a page may be that is given out again; none asks each time.
    pub cache: Option<Duration>,
    /// Values of a label that get series of their own; the rest is `other`. None has no limit.
    pub label_max: Option<usize>,
}

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the field `{0}` is missing, or no rule knows it")]
pub struct Unread(pub String);

/// A field with its label.
type Key = (String, Option<(String, String)>);

pub struct Adapter<A> {
    pub application: A,
    dialect: Dialect,
    rules: &'static [Rule],
    /// What was told as increments, added up.
    sums: RefCell<BTreeMap<Key, f64>>,
    /// Fields that were missing, and lines that made no sense, so far.
    unread: Cell<u64>,
    last: RefCell<Option<(Duration, String)>>,
}

impl<A: Application> Adapter<A> {
    pub fn new(application: A, dialect: Dialect, rules: &'static [Rule]) -> Self {
        Self {
            application,
            dialect,
            rules,
            sums: RefCell::default(),
            unread: Cell::new(0),
            last: RefCell::default(),
        }
    }

    // region: collect
    /// Answers a scrape.
    ///
    /// # Errors
    /// The first field that is missing, or that no rule knows, where that is to be an error.
    pub async fn collect(&self, settings: &Settings) -> Result<String, Unread> {
        if let Some(page) = self.cached(settings.cache) {
            return Ok(page);
        }
        let page = match self.application.ask().await {
            Ok(text) => self.translate(&text, settings)?,
            Err(Unreachable) => self.page(false, |_| {}),
        };
        if settings.cache.is_some() {
            *self.last.borrow_mut() = Some((env::now(), page.clone()));
        }
        Ok(page)
    }

    fn translate(&self, text: &str, settings: &Settings) -> Result<String, Unread> {
        let Told { fields, unread } = self.dialect.read(text);
        self.count_unread(unread);
        // Who is told only of what happens can't see that something is missing, but that something is new.
        let is_new = |field: &&Field| self.rules.iter().all(|rule| rule.field != field.name);
        for field in fields.iter().filter(|field| field.increment).filter(is_new) {
            self.misses(&field.name, settings)?;
        }
        let values = self.add_up(fields, settings.label_max);
        let mut families = Vec::new();
        for rule in self.rules {
            let mut samples: Vec<_> = values
                .iter()
                .filter(|((name, _), _)| name == rule.field)
                .map(|((_, label), value)| (label.clone(), value * rule.scale))
                .collect();
            if samples.is_empty() && !rule.optional {
                self.misses(rule.field, settings)?;
                if settings.on_missing == OnMissing::Zero {
                    samples.push((None, 0.0));
                }
            }
            families.push((rule, samples));
        }
        Ok(self.page(true, |page| {
            for (rule, samples) in families.iter().filter(|(_, samples)| !samples.is_empty()) {
                page.family(rule.metric, rule.help, rule.kind);
                for (label, value) in samples {
                    page.sample(rule.metric, label.as_ref(), *value);
                }
            }
        }))
    }

    fn misses(&self, field: &str, settings: &Settings) -> Result<(), Unread> {
        match settings.on_missing {
            OnMissing::Zero => Ok(()),
            OnMissing::Skip => {
                self.count_unread(1);
                Ok(())
            }
            OnMissing::Fail => {
                self.count_unread(1);
                Err(Unread(field.to_owned()))
            }
        }
    }
    // endregion: collect

    /// A page about the adapter itself, with what is known of the application.
    fn page(&self, up: bool, fill: impl FnOnce(&mut Page)) -> String {
        let mut page = Page::default();
        page.family("app_up", "Whether the application answered.", Kind::Gauge);
        page.sample("app_up", None, f64::from(u8::from(up)));
        fill(&mut page);
        let unread = "adapter_unread_fields_total";
        let help = "Fields that were missing or could not be read.";
        page.family(unread, help, Kind::Counter);
        page.sample(unread, None, self.unread.get() as f64);
        page.text()
    }

    fn cached(&self, cache: Option<Duration>) -> Option<String> {
        let last = self.last.borrow();
        let (asked, page) = last.as_ref()?;
        (env::now().saturating_sub(*asked) <= cache?).then(|| page.clone())
    }

    // region: add_up
    /// How everything stands now: increments are added to those before.
    fn add_up(&self, fields: Vec<Field>, label_max: Option<usize>) -> BTreeMap<Key, f64> {
        let mut sums = self.sums.borrow_mut();
        let mut now = BTreeMap::new();
        for field in fields {
            let mut key = (field.name, field.label);
            if !field.increment {
                now.insert(key, field.value);
                continue;
            }
            let of_its_name = || {
                sums.range((key.0.clone(), None)..)
                    .take_while(|(known, _)| known.0 == key.0)
            };
            let is_full = label_max.is_some_and(|most| of_its_name().count() >= most);
            if is_full
                && !sums.contains_key(&key)
                && let Some((_, value)) = &mut key.1
            {
                "other".clone_into(value);
            }
            *sums.entry(key).or_insert(0.0) += field.value;
        }
        now.extend(sums.iter().map(|(key, sum)| (key.clone(), *sum)));
        now
    }
    // endregion: add_up

    fn count_unread(&self, fields: u64) {
        self.unread.set(self.unread.get() + fields);
    }

    /// Fields that were missing or could not be read, so far.
    pub fn unread(&self) -> u64 {
        self.unread.get()
    }
}
