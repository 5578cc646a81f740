//! The learner's program with its workers and its bank, and the result that is due.

use crate::harness::context::{CheckContext, Rng};
use crate::harness::process::Program;
use crate::harness::shared::Shared;
use crate::harness::upstream::{Reply, Service, Upstream, UpstreamRequest};
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use axum::http::StatusCode;
use rand::RngExt;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What the statement allows on top of each time.
pub const SLACK: Duration = Duration::from_secs(1);
/// For the whole of a night.
pub const LIMIT: Duration = Duration::from_secs(20);

#[derive(Debug, Clone)]
struct Sale {
    lot: String,
    seller: String,
    cents: u64,
}

/// The sales by part; any worker can do any part.
#[derive(Debug, Clone, Default)]
struct Sales(Arc<Vec<Vec<Sale>>>);

impl Service for Sales {
    fn answer(&self, request: &UpstreamRequest) -> Reply {
        let nr = request
            .path
            .strip_prefix("/parts/")
            .and_then(|nr| nr.parse::<usize>().ok());
        let Some(part) = nr.and_then(|nr| self.0.get(nr)) else {
            return Reply::not_found("GET /parts/N");
        };
        let sales = part
            .iter()
            .map(|sale| json!({ "lot": sale.lot, "seller": sale.seller, "cents": sale.cents }));
        Reply::json(&json!({ "sales": sales.collect::<Vec<_>>() }))
    }
}

#[derive(Debug, Default)]
struct Accounts {
    paid_lots: Vec<String>,
    /// Those whose buyers have paid since.
    late_lots: Vec<String>,
    /// Sellers that the bank refuses.
    closed: BTreeSet<String>,
    /// Amount by key.
    transfers: BTreeMap<String, (String, u64)>,
    /// A key that came with another amount.
    changed: Option<String>,
}

/// Clones are the same bank.
#[derive(Debug, Clone, Default)]
pub struct Bank(Shared<Accounts>);

impl Service for Bank {
    fn answer(&self, request: &UpstreamRequest) -> Reply {
        let mut accounts = self.0.lock();
        if request.path == "/payments" {
            let paid = [&accounts.paid_lots[..], &accounts.late_lots].concat();
            return Reply::json(&json!({ "paid": paid }));
        }
        let body = request.json();
        let (seller, cents) = (body["seller"].as_str(), body["cents"].as_u64());
        let (Some(key), Some(seller), Some(cents)) =
            (request.header("idempotency-key"), seller, cents)
        else {
            let why = "a key, a seller and a whole number of cents are needed";
            return Reply::bad_request(why);
        };
        if accounts.closed.contains(seller) {
            return Reply::refuse(StatusCode::UNPROCESSABLE_ENTITY, "this account is closed");
        }
        let transfer = (seller.to_owned(), cents);
        let before = accounts
            .transfers
            .entry(key.to_owned())
            .or_insert_with(|| transfer.clone());
        if *before != transfer {
            let told = format!("{key}: first {before:?}, then {transfer:?}");
            accounts.changed = Some(told);
        }
        Reply::json(&json!({}))
    }
}

/// How the program is set up; times in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub workers: usize,
    pub parts: usize,
    pub straggle_ms: u64,
    pub retry_ms: u64,
}

impl Settings {
    pub const USUAL: Self = Self {
        workers: 3,
        parts: 9,
        straggle_ms: 4000,
        retry_ms: 200,
    };
}

#[derive(Debug)]
pub struct Night {
    pub settings: Settings,
    pub workers: Vec<Upstream>,
    pub bank: Bank,
    pub bank_server: Upstream,
    pub output: PathBuf,
    sales: Sales,
    name: String,
    state: PathBuf,
}

/// What the night comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub paid: BTreeMap<String, u64>,
    pub refused: BTreeMap<String, u64>,
    unpaid: BTreeSet<String>,
    fee_cents: u64,
}

impl Night {
    pub async fn begin(context: &CheckContext, settings: Settings) -> Result<Self, CheckOutcome> {
        let mut rng = context.rng("sales");
        let sellers = rng.random_range(8..=12);
        let mut lots = 0;
        let mut sale = |rng: &mut Rng| {
            lots += 1;
            Sale {
                lot: format!("lot-{lots}"),
                seller: format!("s-{}", rng.random_range(0..sellers)),
                cents: rng.random_range(1..90_000),
            }
        };
        let mut part = |rng: &mut Rng| {
            let sales = rng.random_range(3..9);
            (0..sales).map(|_| sale(rng)).collect::<Vec<_>>()
        };
        let mut parts: Vec<Vec<Sale>> = (0..settings.parts).map(|_| part(&mut rng)).collect();
        // One part is empty, and one seller has sold nothing that was paid.
        parts[5].clear();
        parts[0].push(Sale {
            lot: "lot-0".to_owned(),
            seller: format!("s-{sellers}"),
            cents: 4350,
        });
        let all = parts.iter().flatten();
        let bank = Bank::default();
        let paid = all.filter(|sale| sale.lot != "lot-0" && rng.random_range(0..9) > 0);
        bank.0.lock().paid_lots = paid.map(|sale| sale.lot.clone()).collect();
        let sales = Sales(Arc::new(parts));
        let mut workers = Vec::new();
        for nr in 1..=settings.workers {
            workers.push(
                context
                    .upstream(&format!("worker {nr}"), sales.clone())
                    .await?,
            );
        }
        let bank_server = context.upstream("BANK", bank.clone()).await?;
        Ok(Self {
            settings,
            workers,
            bank,
            bank_server,
            output: context.folder("output-")?.join("settlement.json"),
            sales,
            name: format!("2026-11-{:02}", rng.random_range(1..=30)),
            state: context.folder("state-")?,
        })
    }

    /// Two of the sellers have no account any more.
    pub fn close_accounts(&self) {
        let sellers: BTreeSet<&String> = self
            .sales
            .0
            .iter()
            .flatten()
            .map(|sale| &sale.seller)
            .collect();
        self.bank.0.lock().closed = sellers.into_iter().skip(1).take(2).cloned().collect();
    }

    /// All lots are paid from now on; for this night that is too late.
    pub fn buyers_pay(&self) {
        let unpaid = self.due().unpaid;
        self.bank.0.lock().late_lots.extend(unpaid);
    }

    pub fn start(&self, context: &CheckContext) -> Result<Program, CheckOutcome> {
        let urls: Vec<&str> = self.workers.iter().map(Upstream::url).collect();
        context.start(&[
            ("NIGHT", self.name.clone()),
            ("WORKERS", urls.join(",")),
            ("PARTS", self.settings.parts.to_string()),
            ("STRAGGLE_MS", self.settings.straggle_ms.to_string()),
            ("BANK", self.bank_server.url().to_owned()),
            ("RETRY_MS", self.settings.retry_ms.to_string()),
            ("STATE_DIR", self.state.display().to_string()),
            ("OUTPUT", self.output.display().to_string()),
        ])
    }

    /// Starts the program, and waits for its end.
    pub async fn run(&self, context: &CheckContext, during: &str) -> CheckResult {
        let program = self.start(context)?;
        self.ends(program, during).await
    }

    /// It ends well, and everything is as it is due.
    pub async fn ends(&self, mut program: Program, during: &str) -> CheckResult {
        let ended = program.wait_ended(LIMIT).await;
        let failure = match ended {
            None => Failure::new("never-ends", "The program does not come to an end.")
                .got(format!(
                    "alive after {} s; {}",
                    LIMIT.as_secs(),
                    self.told()
                ))
                .by_clock(LIMIT / 3),
            Some(ended) if !ended.0.success() => Failure::new(
                "wrong-exit",
                "The program did not end well.",
            )
            .got(format!("it {}; {}", ended.in_words(), self.told())),
            Some(_) => return self.is_right(during),
        };
        let mut failure = failure
            .sent(during)
            .expected("exit status 0 with everybody paid");
        failure.program = program.transcript().await.excerpt(3, 5);
        Err(failure.into())
    }

    fn told(&self) -> String {
        let parts: usize = self.workers.iter().map(|worker| worker.calls().len()).sum();
        let bank = self.bank_server.calls().len();
        format!("{parts} calls to workers, {bank} to the bank")
    }

    pub fn due(&self) -> Due {
        let accounts = self.bank.0.lock();
        let paid_lots: BTreeSet<&String> = accounts.paid_lots.iter().collect();
        let mut due = Due {
            paid: BTreeMap::new(),
            refused: BTreeMap::new(),
            unpaid: BTreeSet::new(),
            fee_cents: 0,
        };
        for sale in self.sales.0.iter().flatten() {
            if !paid_lots.contains(&sale.lot) {
                due.unpaid.insert(sale.lot.clone());
                continue;
            }
            let fee = sale.cents * 7 / 100;
            due.fee_cents += fee;
            let is_closed = accounts.closed.contains(&sale.seller);
            let sums = if is_closed {
                &mut due.refused
            } else {
                &mut due.paid
            };
            *sums.entry(sale.seller.clone()).or_default() += sale.cents - fee;
        }
        due
    }

    /// Transfers and output are those that are due.
    pub fn is_right(&self, during: &str) -> CheckResult {
        let due = self.due();
        let fails = |diagnosis: &'static str, headline: &str, got: String, expected: String| {
            let failure = Failure::new(diagnosis, headline).sent(during);
            CheckOutcome::from(failure.got(got).expected(expected))
        };
        let (transfers, changed) = {
            let accounts = self.bank.0.lock();
            (accounts.transfers.clone(), accounts.changed.clone())
        };
        if let Some(changed) = changed {
            let headline = "The same key came with another transfer.";
            let expected = "the same amount with each repetition".to_owned();
            return Err(fails("wrong-transfer", headline, changed, expected));
        }
        let mut times: BTreeMap<&String, usize> = BTreeMap::new();
        for (key, (seller, cents)) in &transfers {
            *times.entry(seller).or_default() += 1;
            let right = format!("{}-{seller}", self.name);
            let sum = due.paid.get(seller);
            let (diagnosis, headline) = if times[seller] > 1 {
                ("pays-twice", "A seller was paid twice.")
            } else if *key != right {
                ("wrong-key", "A transfer has not the key that is due.")
            } else if sum != Some(cents) {
                ("wrong-transfer", "A seller got another amount than is due.")
            } else {
                continue;
            };
            let got = format!("key {key}: {cents} cents for {seller}");
            return Err(fails(
                diagnosis,
                headline,
                got,
                format!("key {right}: {sum:?} cents"),
            ));
        }
        if let Some(seller) = due.paid.keys().find(|seller| !times.contains_key(seller)) {
            let headline = "A seller was not paid.";
            let expected = format!("{} cents", due.paid[seller]);
            return Err(fails(
                "pays-nobody",
                headline,
                format!("nothing for {seller}"),
                expected,
            ));
        }
        let mut expected = json!({
            "night": self.name,
            "paid": due.paid,
            "refused": due.refused,
            "unpaid": due.unpaid,
            "fee_cents": due.fee_cents,
        });
        let (text, mut said) = self.said();
        for result in [&mut said, &mut expected] {
            if let Some(unpaid) = result.get_mut("unpaid").and_then(Value::as_array_mut) {
                unpaid.sort_by_key(ToString::to_string);
            }
        }
        if said == expected {
            return Ok(());
        }
        let headline = "The output is not the one that is due.";
        Err(fails(
            "wrong-result",
            headline,
            ddlab_text::clip(&text, 400),
            expected.to_string(),
        ))
    }

    /// Whether the output counts somebody as paid to whom the bank transferred nothing.
    pub fn counts_as_paid_who_got_nothing(&self) -> bool {
        let accounts = self.bank.0.lock();
        let got = |seller| accounts.transfers.values().any(|(who, _)| who == seller);
        let (_, said) = self.said();
        said["paid"]
            .as_object()
            .is_some_and(|paid| !paid.keys().all(got))
    }

    /// The output, as it is and as JSON.
    fn said(&self) -> (String, Value) {
        let text = std::fs::read_to_string(&self.output).unwrap_or_default();
        let said = serde_json::from_str(&text).unwrap_or_default();
        (text, said)
    }

    /// How often each part was asked for.
    pub fn part_calls(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for call in self.workers.iter().flat_map(Upstream::calls) {
            *counts.entry(call.request.path).or_default() += 1;
        }
        counts
    }

    /// How often each transfer was asked for, by its key.
    pub fn transfer_calls(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for call in self.bank_server.calls() {
            if let Some(key) = call.request.header("idempotency-key") {
                *counts.entry(key.to_owned()).or_default() += 1;
            }
        }
        counts
    }
}
