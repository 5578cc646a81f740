//! What a design costs a month, by a table of list prices: machines, requests, storage, and what leaves for the internet.
//!
//! Requests are those of an ordinary month, each client at its mean rate, along the calls as [`theory`](mod@crate::theory)
//! adds them up; retries and faults add nothing. A function is charged for the whole time that a call takes, also while it
//! waits for others, and for the instances that are kept ready. A pool that sets its own size is charged for the workers
//! that are busy on average, and never for fewer than it keeps.

use crate::format::fields::{Fields, word};
use crate::format::{Component, Design, Problem, number, yaml};
use crate::kind;
use crate::theory;
use ddlab_labs::workbench::knob::KnobValue;
use ddlab_text::suggestion;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Hours of a month, as cloud prices have it.
const HOURS: f64 = 730.0;
const SECONDS: f64 = HOURS * 3_600.0;
/// The largest price, in dollars: anything above is a slip of the pen.
const PRICE_MAX: f64 = 1e6;

/// The table that comes with ddlab, as a file.
pub const STANDARD: &str = include_str!("prices.yaml");

/// A table of prices, in US dollars.
#[derive(Debug, Clone)]
pub struct Prices {
    /// Whose they are, of where and of when.
    pub name: String,
    /// For a gigabyte that leaves.
    egress: f64,
    kinds: BTreeMap<String, KindPrice>,
}

/// What a component of a kind is charged by.
#[derive(Debug, Clone)]
struct KindPrice {
    machine: String,
    /// Of one such machine.
    slots: f64,
    hour: f64,
    /// For a gigabyte and month, on each machine.
    storage: f64,
    /// For a million requests.
    million: f64,
    /// For a second of a call.
    second: f64,
    /// For a second in which an instance is kept ready.
    ready: f64,
    /// For a second of a call on such an instance.
    ready_second: f64,
}

impl Prices {
    /// Those that come with ddlab.
    pub fn standard() -> &'static Self {
        static PRICES: LazyLock<Prices> = LazyLock::new(|| {
            Prices::read(STANDARD)
                .unwrap_or_else(|problems| panic!("the table of prices is right: {problems:?}"))
        });
        &PRICES
    }

    /// Reads a table of prices.
    ///
    /// # Errors
    /// What is wrong with it, in order of place.
    pub fn read(text: &str) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let prices = Self::parse(text, &mut problems);
        problems.sort();
        match prices {
            Some(prices) if problems.is_empty() => Ok(prices),
            _ => Err(problems),
        }
    }

    fn of(&self, component: &Component) -> &KindPrice {
        static FREE: KindPrice = KindPrice::FREE;
        self.kinds.get(component.kind.word()).unwrap_or(&FREE)
    }

    fn parse(text: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        let tree = yaml::parse(text)
            .map_err(|problem| problems.push(problem))
            .ok()?;
        let Some(tree) = tree else {
            let cure = "write `prices: NAME`, `egress:` and `kinds:`";
            problems.push(Problem::error(
                crate::format::Mark::START,
                "there is no price in this file",
                cure,
            ));
            return None;
        };
        let mut fields = Fields::of(&tree, "a table of prices", problems)?;
        let name = fields.need("prices", "whose prices they are, and of when", problems);
        let egress = price(&mut fields, "egress", problems);
        let kinds = fields.take("kinds");
        fields.end(problems);
        let words: Vec<&str> = kind::ALL.iter().map(|kind| kind.word()).collect();
        let mut table = BTreeMap::new();
        let rows = kinds.and_then(|node| Fields::of(node, "`kinds`", problems));
        for (kind, key, row) in rows.map(Fields::rest).unwrap_or_default() {
            if !words.contains(&kind) {
                let what = format!("there is no kind `{}`", ddlab_text::given(kind));
                problems.push(Problem::error(key.at, what, suggestion(kind, &words)));
                continue;
            }
            if let Some(mut fields) = Fields::of(row, format!("`{kind}`"), problems) {
                table.insert(kind.to_owned(), KindPrice::of(&mut fields, problems));
                fields.end(problems);
            }
        }
        let name = word(name?, "`prices`")
            .map_err(|problem| problems.push(problem))
            .ok()?;
        Some(Self {
            name: ddlab_text::clean_line(name).into_owned(),
            egress,
            kinds: table,
        })
    }
}

impl KindPrice {
    const FREE: Self = Self {
        machine: String::new(),
        slots: 1.0,
        hour: 0.0,
        storage: 0.0,
        million: 0.0,
        second: 0.0,
        ready: 0.0,
        ready_second: 0.0,
    };

    fn of(fields: &mut Fields<'_>, problems: &mut Vec<Problem>) -> Self {
        let machine = fields.take("machine").and_then(|node| {
            word(node, "`machine`")
                .map_err(|problem| problems.push(problem))
                .ok()
        });
        Self {
            machine: machine
                .map(|name| ddlab_text::clean_line(name).into_owned())
                .unwrap_or_default(),
            slots: price(fields, "slots", problems).max(1.0),
            hour: price(fields, "hour", problems),
            storage: price(fields, "storage", problems),
            million: price(fields, "million", problems),
            second: price(fields, "second", problems),
            ready: price(fields, "ready", problems),
            ready_second: price(fields, "ready_second", problems),
        }
    }
}

/// The price in a field; 0 where there is none.
fn price(fields: &mut Fields<'_>, name: &'static str, problems: &mut Vec<Problem>) -> f64 {
    let Some(node) = fields.take(name) else {
        return 0.0;
    };
    let read = word(node, &format!("`{name}`")).and_then(|text| {
        let number = text
            .parse()
            .ok()
            .filter(|number| (0.0..=PRICE_MAX).contains(number));
        number.ok_or_else(|| {
            let what = format!("`{name}` can't be `{}`", ddlab_text::given(text));
            Problem::error(
                node.at,
                what,
                "write dollars as a bare number, such as 0.09",
            )
        })
    });
    read.unwrap_or_else(|problem| {
        problems.push(problem);
        0.0
    })
}

/// A month of one part, in dollars.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// The client or component.
    pub part: String,
    /// What is paid for: `3 x m7g.large`.
    pub what: String,
    pub machines: f64,
    pub requests: f64,
    pub storage: f64,
    /// What leaves for the internet.
    pub egress: f64,
}

impl Line {
    pub fn total(&self) -> f64 {
        self.machines + self.requests + self.storage + self.egress
    }
}

/// A month of the design: the clients' answers and each component, in the order of the file.
pub fn lines(design: &Design, prices: &Prices) -> Vec<Line> {
    let month = at_mean_rates(design);
    let uses = uses(&month, prices);
    let answers = month.clients.iter().map(|client| {
        let rps = number(&client.settings, "rps").unwrap_or_default();
        let bytes = design.size(&client.name).unwrap_or(Design::ANSWER_BYTES);
        Line {
            part: client.name.clone(),
            what: format!("answers of {}", size(bytes)),
            egress: rps * SECONDS * bytes / 1e9 * prices.egress,
            ..Line::default()
        }
    });
    let parts = month.components.iter().zip(uses);
    answers
        .chain(parts.map(|(component, used)| component_line(design, component, used, prices)))
        .collect()
}

/// What comes to a component.
#[derive(Debug, Clone, Copy)]
struct Used {
    /// Requests a second.
    rps: f64,
    /// How long each takes, in seconds; 0 where nothing is charged by it.
    held_s: f64,
}

impl Used {
    /// Requests that are worked on at a time, on average.
    fn busy(self) -> f64 {
        self.rps * self.held_s
    }
}

/// How long requests take is asked only where something is charged by it: a screen asks for the cost at each frame.
fn uses(month: &Design, prices: &Prices) -> Vec<Used> {
    let mut components = month.components.iter();
    if components.any(|one| prices.of(one).second > 0.0 || is_scaled(one)) {
        let used = |one: theory::Prediction| Used {
            rps: one.rps,
            held_s: one.held_ms / 1e3,
        };
        return theory::predict(month).into_iter().map(used).collect();
    }
    let used = |rps| Used { rps, held_s: 0.0 };
    theory::rates(month).into_iter().map(used).collect()
}

/// It sets its own size.
fn is_scaled(component: &Component) -> bool {
    let mut settings = component.settings.iter();
    settings.any(|(knob, value)| knob.name == "autoscale" && value.to_string() != "off")
}

/// Its machines; of those of a pool that sets its own size, as many as are busy on average, within its bounds.
fn machines(component: &Component, used: Used) -> f64 {
    let least = component.replicas() as f64;
    if !is_scaled(component) {
        return least;
    }
    let most = number(&component.settings, "max").unwrap_or(least);
    used.busy().ceil().min(most).max(least)
}

/// US dollars a month.
pub fn total(design: &Design, prices: &Prices) -> f64 {
    lines(design, prices).iter().map(Line::total).sum()
}

fn component_line(design: &Design, component: &Component, used: Used, prices: &Prices) -> Line {
    let price = prices.of(component);
    let machines = machines(component, used);
    let slots = number(&component.settings, "slots").unwrap_or(1.0);
    let units = (slots / price.slots).ceil().max(1.0);
    let bytes = design.size(&component.name).unwrap_or(Design::STORED_BYTES);
    let ready = number(&component.settings, "provisioned")
        .filter(|_| price.ready > 0.0)
        .unwrap_or_default();
    let on_ready = used.busy().min(ready);
    let what = match (price.hour > 0.0, units > 1.0) {
        (false, _) if ready > 0.0 => format!("{ready} kept ready"),
        (false, _) => String::new(),
        (true, false) => format!("{machines} x {}", price.machine),
        (true, true) => format!("{machines} x {units} times {}", price.machine),
    };
    Line {
        part: component.name.clone(),
        what,
        machines: machines * units * price.hour * HOURS + ready * price.ready * SECONDS,
        requests: SECONDS
            * (used.rps * price.million / 1e6
                + (used.busy() - on_ready) * price.second
                + on_ready * price.ready_second),
        storage: machines * price.storage * bytes / 1e9,
        egress: 0.0,
    }
}

/// The same with the rate of each client as it is in the mean of a month.
fn at_mean_rates(design: &Design) -> Design {
    let mut month = design.clone();
    for client in &mut month.clients {
        let of = |name| number(&client.settings, name).unwrap_or_default();
        if client.settings.value("profile").to_string() == "daily" {
            let mean = of("rps") * f64::midpoint(1.0, of("peak"));
            // Beyond the range of the parameter it would be refused, and stays as it is.
            let _ = client.settings.set("rps", KnobValue::Number(mean));
        }
    }
    month
}

/// `450 GB`.
pub(crate) fn size(bytes: f64) -> String {
    let units = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "KB")];
    let unit = units.into_iter().find(|(unit, _)| bytes >= *unit);
    let (unit, name) = unit.unwrap_or((1.0, "B"));
    format!("{} {name}", ddlab_text::exact(bytes / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn design(extra: &str) -> Design {
        let read = crate::read(&format!(
            "design: d\nclients: {{u: {{rps: 10, calls: [{{to: a}}]}}}}\ncomponents:\n  a: {{kind: service, replicas: 3, slots: 16, calls: [{{to: db}}]}}\n  db: {{kind: database, replicas: 2, slots: 32}}\n{extra}"
        ));
        read.design.unwrap_or_else(|| panic!("{:?}", read.problems))
    }

    #[test]
    fn each_kind_has_its_price() {
        for kind in kind::ALL {
            assert!(
                Prices::standard().kinds.contains_key(kind.word()),
                "{}",
                kind.word()
            );
        }
    }

    #[test]
    fn a_month_is_machines_storage_and_what_leaves() {
        let lines = lines(
            &design("sizes: {u: 1 KB, db: 200 GB}\n"),
            Prices::standard(),
        );
        let close =
            |is: f64, should: f64| assert!((is - should).abs() < 0.01, "{is}, not {should}");
        // 10 a second of 1 KB for 730 hours are 26.28 GB.
        close(lines[0].total(), 26.28 * 0.09);
        close(lines[1].total(), 3.0 * 0.0816 * 730.0);
        // 32 slots are two times the machine of 16.
        close(lines[2].machines, 2.0 * 2.0 * 0.168 * 730.0);
        close(lines[2].storage, 2.0 * 200.0 * 0.115);
        assert_eq!(lines[2].what, "2 x 2 times db.m7g.large");
    }

    #[test]
    fn a_client_whose_day_goes_up_and_down_is_charged_at_its_mean() {
        let steady = lines(&design(""), Prices::standard())[0].egress;
        let mut daily = design("");
        let set = daily.clients[0].settings.set_text("profile=daily");
        set.and_then(|()| daily.clients[0].settings.set_text("peak=3"))
            .unwrap();
        let daily = lines(&daily, Prices::standard())[0].egress;
        assert!((daily / steady - 2.0).abs() < 1e-9);
    }

    const CLOSE: f64 = 0.01;

    fn month_of(component: &str, rps: u32) -> Vec<Line> {
        let read = crate::read(&format!(
            "design: d\nclients: {{u: {{rps: {rps}, calls: [{{to: a}}]}}}}\ncomponents: {{a: {component}, db: {{kind: database, reads: \"const:50ms\"}}}}\n"
        ));
        let design = read.design.unwrap_or_else(|| panic!("{:?}", read.problems));
        lines(&design, Prices::standard())
    }

    #[test]
    fn a_function_is_charged_for_the_whole_time_of_its_calls_and_for_what_is_kept_ready() {
        let seconds = 730.0 * 3_600.0;
        let function = |provisioned| {
            let component = format!(
                "{{kind: function, duration: \"const:250ms\", cold_start: \"const:10s\", provisioned: {provisioned}, calls: [{{to: db}}]}}"
            );
            month_of(&component, 6).remove(1)
        };
        // 6 a second take 0.3 s each, 50 ms of which they wait for the store: 1.8 at a time. Of so many calls hardly one
        // waits for an instance to start.
        let by_request = 6.0 * seconds * 0.2 / 1e6;
        let none = function(0);
        let should = by_request + 1.8 * seconds * 0.000_016_666_7 / 2.0;
        assert!((none.requests - should).abs() < CLOSE, "{none:?}");
        assert!(none.machines.abs() < CLOSE, "{none:?}");
        // All of the 1.8 run on one of ten that are kept ready, at half a GB each.
        let ten = function(10);
        let should = by_request + 1.8 * seconds * 0.000_009_722_2 / 2.0;
        assert!((ten.requests - should).abs() < CLOSE, "{ten:?}");
        let should = 10.0 * seconds * 0.000_004_166_7 / 2.0;
        assert!((ten.machines - should).abs() < CLOSE, "{ten:?}");
        assert_eq!(ten.what, "10 kept ready");
        // One has room for one call at a time; 0.8 of them run elsewhere.
        let one = function(1);
        let should = by_request + (0.8 * 0.000_016_666_7 + 1.0 * 0.000_009_722_2) * seconds / 2.0;
        assert!((one.requests - should).abs() < CLOSE, "{one:?}");
    }

    #[test]
    fn a_pool_that_sets_its_own_size_is_charged_for_those_that_are_busy() {
        let pool = |workers: &str| {
            let component = format!(
                "{{kind: queue, workers: {{work: \"const:190ms\", {workers}, calls: [{{to: db}}]}}}}"
            );
            let lines = month_of(&component, 40);
            let workers = lines.into_iter().find(|line| line.part == "a-workers");
            workers.unwrap().machines / (0.0395 * 730.0)
        };
        // 40 a second of 0.24 s, 50 ms of which they wait for the store, are 9.6 at a time.
        for (workers, should) in [
            ("count: 4", 4.0),
            ("count: 1, autoscale: depth, max: 50", 10.0),
            ("count: 1, autoscale: depth, max: 6", 6.0),
            ("count: 12, autoscale: depth, max: 50", 12.0),
        ] {
            let is = pool(workers);
            assert!((is - should).abs() < 1e-9, "{workers}: {is}, not {should}");
        }
    }

    #[test]
    fn another_table_takes_the_place_of_the_list_and_its_slips_have_a_place() {
        let mine =
            Prices::read("prices: mine\nkinds: {service: {machine: box, hour: 1, slots: 8}}\n")
                .unwrap();
        assert!((total(&design(""), &mine) - 3.0 * 2.0 * 730.0).abs() < 1e-6);
        let said = Prices::read("prices: mine\nkinds: {servce: {hour: 1}, database: {hour: -3}}\n")
            .unwrap_err();
        let said: Vec<String> = said.iter().map(Problem::to_string).collect();
        assert_eq!(
            said,
            [
                "2:9: error: there is no kind `servce`; did you mean `service`?",
                "2:45: error: `hour` can't be `-3`; write dollars as a bare number, such as 0.09",
            ]
        );
    }
}
