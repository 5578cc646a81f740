use crate::adapter::dialect::{Dialect, Told};
use crate::adapter::exposition::{Kind, Page, Sample, parse};
use crate::adapter::pattern::{Adapter, Application, OnMissing, Rule, Settings, Unreachable};
use crate::adapter::rate::{increase, rate};
use crate::engine::{self, Sim, SimTime};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// Name, label's value and number of each field.
fn fields(dialect: Dialect, text: &str) -> (Vec<(String, f64)>, u64) {
    let Told { fields, unread } = dialect.read(text);
    let field = |field: crate::adapter::dialect::Field| {
        let label = field
            .label
            .map_or(String::new(), |(_, value)| format!("/{value}"));
        (field.name + &label, field.value)
    };
    (fields.into_iter().map(field).collect(), unread)
}

#[track_caller]
fn reads(dialect: Dialect, text: &str, wanted: &[(&str, f64)], unread: u64) {
    let wanted = wanted
        .iter()
        .map(|(name, value)| ((*name).to_owned(), *value));
    assert_eq!(fields(dialect, text), (wanted.collect(), unread));
}

#[test]
fn each_dialect_is_read_as_its_programs_write_it() {
    let info = "# Server\r\nredis_version:8.2.1\r\nuptime_in_seconds:77\r\n\r\n# Stats\r\ntotal_commands_processed:48113277\r\n";
    let wanted = [
        ("uptime_in_seconds", 77.0),
        ("total_commands_processed", 48_113_277.0),
    ];
    reads(Dialect::Redis, info, &wanted, 0);
    let packets = "requests:3|c\nqueue:5|g\nbusy:12.5|ms\nrare:2|c|@0.1|#bidder:7\n";
    let wanted = [
        ("requests", 3.0),
        ("queue", 5.0),
        ("busy", 12.5),
        ("rare/7", 20.0),
    ];
    reads(Dialect::Statsd, packets, &wanted, 0);
    let json = r#"{"image": {"done": 12, "queue": {"length": 3}, "version": "4.1", "tags": [1]}, "up_s": 1.5}"#;
    let wanted = [
        ("image.done", 12.0),
        ("image.queue.length", 3.0),
        ("up_s", 1.5),
    ];
    reads(Dialect::Json, json, &wanted, 0);
    let beans = "#mbean = ledger:type=Payments:\nRequestCount = 12;\n\n#mbean = java.lang:type=Threading:\nThreadCount = 40;\n";
    let wanted = [
        ("ledger:type=Payments/RequestCount", 12.0),
        ("java.lang:type=Threading/ThreadCount", 40.0),
    ];
    reads(Dialect::Jmx, beans, &wanted, 0);
    let rows = "time,sent,\"failed, all\",note\n10,5,0,a\n20,9,1,\"b, \"\"c\"\"\"\n30,1";
    let wanted = [("time", 20.0), ("sent", 9.0), ("failed, all", 1.0)];
    reads(Dialect::Csv, rows, &wanted, 0);
    let status = "Active connections: 12 \nserver accepts handled requests\n 100 98 300 \nReading: 0 Writing: 1 Waiting: 11 \n";
    let wanted = [
        ("active", 12.0),
        ("accepts", 100.0),
        ("handled", 98.0),
        ("requests", 300.0),
        ("reading", 0.0),
        ("writing", 1.0),
        ("waiting", 11.0),
        ("dropped", 2.0),
    ];
    reads(Dialect::Nginx, status, &wanted, 0);
}

#[test]
fn what_makes_no_sense_is_counted_and_the_rest_is_read() {
    reads(Dialect::Redis, "nonsense\r\na:1\r\n", &[("a", 1.0)], 1);
    reads(
        Dialect::Statsd,
        "a:1|c\nb:x|c\nc:1|q\nd\n",
        &[("a", 1.0)],
        3,
    );
    reads(Dialect::Statsd, "a:NaN|c\nb:1|c|@0\n", &[], 2);
    reads(Dialect::Json, "{\"a\": 1", &[], 1);
    reads(
        Dialect::Jmx,
        "#mbean = b:\nA = 1;\nB = 2\nC\n",
        &[("b/A", 1.0)],
        2,
    );
    reads(Dialect::Csv, "a,b\n1,2,3\n", &[], 1);
    reads(Dialect::Csv, "a,b\n", &[], 0);
    reads(
        Dialect::Nginx,
        "nonsense\nActive connections: 2\n",
        &[("active", 2.0)],
        1,
    );
    for dialect in Dialect::ALL {
        assert!(dialect.read("").fields.is_empty());
    }
}

#[test]
fn a_page_is_read_back_as_it_was_written_whatever_its_labels_hold() {
    let label = |value: &str| Some(("bidder".to_owned(), value.to_owned()));
    let values = [
        "plain",
        "with \"quotes\"",
        "back\\slash",
        "two\nlines",
        "a{b}=\"c\" 1",
        "",
    ];
    let mut page = Page::default();
    page.family("bids_total", "Bids of each.", Kind::Counter);
    for value in values {
        page.sample("bids_total", label(value).as_ref(), 1.5);
    }
    let back = parse(&page.text()).unwrap();
    let wanted = values.map(|value| Sample {
        name: "bids_total".to_owned(),
        label: label(value),
        value: 1.5,
    });
    assert_eq!(back, wanted);
}

#[test]
fn what_a_server_would_not_take_is_no_page_and_says_which_line() {
    for (page, line, reason) in [
        ("a 1\n", 1, "its family"),
        ("# TYPE a counter\na 1\na 2\n", 3, "there twice"),
        ("# TYPE a counter\n# TYPE a gauge\n", 2, "a kind already"),
        ("# TYPE a number\n", 1, "no such kind"),
        ("# TYPE a gauge\na x\n", 2, "no number"),
        ("# TYPE a gauge\na{b=\"c} 1\n", 2, "no end"),
        ("# TYPE a gauge\na{b=\"\\q\"} 1\n", 2, "no such escape"),
        ("# TYPE a gauge\na 1", 2, "has no end"),
        ("# TYPE 1a gauge\n1a 1\n", 2, "no name"),
    ] {
        let error = parse(page).unwrap_err();
        assert_eq!(error.line, line, "{page}");
        assert!(error.reason.contains(reason), "{page}: {error}");
    }
}

#[test]
fn an_increase_takes_a_fall_for_a_restart() {
    let points = [
        (0.0, 1000.0),
        (15.0, 1450.0),
        (30.0, 1900.0),
        (45.0, 150.0),
        (60.0, 600.0),
    ];
    assert!((increase(&points) - 1500.0).abs() < 1e-9);
    assert!((rate(&points, 60.0, 61.0).unwrap() - 1500.0 * 61.0 / 60.0 / 61.0).abs() < 1e-9);
    assert_eq!(rate(&points[..1], 60.0, 60.0), None);
    assert_eq!(rate(&points, 200.0, 60.0), None);
}

#[test]
fn a_rate_is_drawn_out_by_half_a_gap_at_most_and_never_below_zero() {
    // Two samples in the middle of a minute: 15 s between them, and half of that at each end.
    let rate = |began: f64| rate(&[(20.0, began), (35.0, began + 15.0)], 60.0, 60.0).unwrap();
    assert!((rate(1_000.0) - 30.0 / 60.0).abs() < 1e-9);
    // It began at 3: it was 0 three seconds before.
    assert!((rate(3.0) - 25.5 / 60.0).abs() < 1e-9);
}

#[derive(Clone, Default)]
struct Service(Rc<(RefCell<Option<&'static str>>, Cell<u32>)>);

impl Application for Service {
    async fn ask(&self) -> Result<String, Unreachable> {
        self.0.1.set(self.0.1.get() + 1);
        self.0.0.borrow().map(str::to_owned).ok_or(Unreachable)
    }
}

const RULES: &[Rule] = &[
    Rule {
        field: "jobs",
        metric: "app_jobs_total",
        help: "Jobs done.",
        kind: Kind::Counter,
        scale: 1.0,
        optional: false,
    },
    Rule {
        field: "busy_ms",
        metric: "app_busy_seconds_total",
        help: "Time spent.",
        kind: Kind::Counter,
        scale: 0.001,
        optional: true,
    },
];

const SKIP: Settings = Settings {
    on_missing: OnMissing::Skip,
    cache: None,
    label_max: None,
};

/// What a service says, one after the other (none: it does not answer), and what becomes of it: each page in short.
fn pages(dialect: Dialect, said: &[Option<&'static str>], settings: Settings) -> Vec<String> {
    let service = Service::default();
    let adapter = Rc::new(Adapter::new(service.clone(), dialect, RULES));
    let said = said.to_vec();
    let sim = Sim::new(1);
    let task = sim.spawn(async move {
        let mut pages = Vec::new();
        for says in said {
            *service.0.0.borrow_mut() = says;
            engine::sleep(Duration::from_secs(1)).await;
            pages.push(match adapter.collect(&settings).await {
                Ok(page) => short(&page),
                Err(error) => error.to_string(),
            });
        }
        pages.push(format!("asked {}", service.0.1.get()));
        pages
    });
    sim.run_until(SimTime::from_secs(60), u64::MAX);
    futures::FutureExt::now_or_never(task).unwrap().unwrap()
}

/// Its samples in a line.
fn short(page: &str) -> String {
    let samples = parse(page).unwrap();
    let each = samples
        .iter()
        .map(|sample| format!("{} {}", sample.series(), sample.value));
    let text = each.collect::<Vec<_>>().join(", ");
    text.replace("adapter_unread_fields_total", "unread")
        .replace("app_", "")
}

#[test]
fn a_missing_field_is_a_hole_or_an_error_or_a_zero_as_it_is_told() {
    let said = [Some("jobs:7\nbusy_ms:1500"), Some("done:8")];
    let seen = |on_missing| pages(Dialect::Redis, &said, Settings { on_missing, ..SKIP });
    let good = "up 1, jobs_total 7, busy_seconds_total 1.5, unread 0";
    assert_eq!(seen(OnMissing::Skip), [good, "up 1, unread 1", "asked 2"]);
    assert_eq!(
        seen(OnMissing::Fail),
        [
            good,
            "the field `jobs` is missing, or no rule knows it",
            "asked 2"
        ]
    );
    assert_eq!(
        seen(OnMissing::Zero),
        [good, "up 1, jobs_total 0, unread 0", "asked 2"]
    );
}

#[test]
fn one_that_does_not_answer_is_down_and_says_nothing_of_yesterday() {
    let seen = pages(Dialect::Redis, &[Some("jobs:7"), None], SKIP);
    assert_eq!(
        seen,
        ["up 1, jobs_total 7, unread 0", "up 0, unread 0", "asked 2"]
    );
}

#[test]
fn a_cache_spares_the_application_questions_for_as_long_as_it_says() {
    let settings = Settings {
        cache: Some(Duration::from_secs(2)),
        ..SKIP
    };
    let said = [
        Some("jobs:1"),
        Some("jobs:2"),
        Some("jobs:3"),
        Some("jobs:4"),
        Some("jobs:5"),
    ];
    let seen = pages(Dialect::Redis, &said, settings);
    let jobs: Vec<&str> = seen
        .iter()
        .filter_map(|page| page.split("jobs_total ").nth(1))
        .collect();
    assert_eq!(
        jobs,
        [
            "1, unread 0",
            "1, unread 0",
            "1, unread 0",
            "4, unread 0",
            "4, unread 0"
        ]
    );
    assert_eq!(seen.last().unwrap(), "asked 2");
}

#[test]
fn increments_are_added_up_and_a_name_that_nobody_knows_is_counted() {
    let seen = pages(
        Dialect::Statsd,
        &[Some("jobs:2|c\n"), Some("jobs:3|c\n"), Some("tasks:9|c\n")],
        SKIP,
    );
    let wanted = [
        "up 1, jobs_total 2, unread 0",
        "up 1, jobs_total 5, unread 0",
        "up 1, jobs_total 5, unread 1",
        "asked 3",
    ];
    assert_eq!(seen, wanted);
}

#[test]
fn values_of_a_label_beyond_the_most_become_other_and_none_is_lost() {
    let settings = Settings {
        label_max: Some(2),
        ..SKIP
    };
    let said = [
        Some("jobs:1|c|#by:a\njobs:1|c|#by:b\njobs:1|c|#by:c\n"),
        Some("jobs:1|c|#by:d\njobs:1|c|#by:a\n"),
    ];
    let seen = pages(Dialect::Statsd, &said, settings);
    let wanted = "up 1, jobs_total{by=\"a\"} 2, jobs_total{by=\"b\"} 1, jobs_total{by=\"other\"} 2, unread 0";
    assert_eq!(seen[1], wanted);
}
