//! The night in which sellers are paid.
//!
//! Each step leaves a file in `STATE_DIR` that says what came of it: the parts, the amounts, each
//! transfer. What is there is not done again.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use http::{Call, Cancel};
use json::{Value, quoted};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

const BANK_PATIENCE: Duration = Duration::from_secs(2);
const WORKER_PATIENCE: Duration = Duration::from_secs(60);

struct Sale {
    lot: String,
    seller: String,
    cents: u64,
}

struct Night {
    name: String,
    workers: Vec<String>,
    parts: usize,
    straggle: Duration,
    bank: String,
    retry: Duration,
    state: String,
}

/// Which parts are fetched, and who has been at the others since when.
#[derive(Default)]
struct Parts {
    fetched: HashMap<usize, Vec<Sale>>,
    running: HashMap<usize, Vec<(Instant, u64, Cancel)>>,
    runs: u64,
    /// All of them are fetched, and nobody is to ask for more.
    closed: bool,
}

/// Who gets what.
struct Amounts {
    sellers: BTreeMap<String, u64>,
    unpaid: Vec<String>,
    fee: u64,
}

fn main() -> io::Result<()> {
    let output: String = variable::text("OUTPUT");
    if Path::new(&output).exists() {
        return Ok(());
    }
    let night = Arc::new(Night {
        name: variable::text("NIGHT"),
        workers: variable::list("WORKERS"),
        parts: variable::number("PARTS"),
        straggle: variable::milliseconds("STRAGGLE_MS"),
        bank: variable::text("BANK"),
        retry: variable::milliseconds("RETRY_MS"),
        state: variable::text("STATE_DIR"),
    });
    let amounts = night.amounts()?;
    let (mut paid, mut refused) = (BTreeMap::new(), BTreeMap::new());
    for (seller, cents) in &amounts.sellers {
        let is_paid = night.transfer(seller, *cents)?;
        let sums = if is_paid { &mut paid } else { &mut refused };
        sums.insert(seller.clone(), *cents);
    }
    let unpaid: Vec<String> = amounts.unpaid.iter().map(|lot| quoted(lot)).collect();
    let result = format!(
        r#"{{"night":{},"paid":{},"refused":{},"unpaid":[{}],"fee_cents":{}}}"#,
        quoted(&night.name),
        sums(&paid),
        sums(&refused),
        unpaid.join(","),
        amounts.fee
    );
    save(&output, &result)
}

impl Night {
    fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.state)
    }

    /// The same after a crash as before.
    fn amounts(self: &Arc<Self>) -> io::Result<Amounts> {
        let file = self.file("amounts.json");
        if let Some(found) = fs::read_to_string(&file).ok().and_then(|text| read_amounts(&text)) {
            return Ok(found);
        }
        let fetched = self.map();
        let payments = self.ask_bank("GET", "payments", "", &[]).1;
        let lots = payments.get("paid").and_then(Value::as_list).unwrap_or_default();
        let paid: HashSet<&str> = lots.iter().filter_map(Value::as_text).collect();
        let mut found = Amounts {
            sellers: BTreeMap::new(),
            unpaid: Vec::new(),
            fee: 0,
        };
        for sale in fetched.into_values().flatten() {
            if !paid.contains(sale.lot.as_str()) {
                found.unpaid.push(sale.lot);
                continue;
            }
            let fee = sale.cents * 7 / 100;
            found.fee += fee;
            *found.sellers.entry(sale.seller).or_default() += sale.cents - fee;
        }
        let unpaid: Vec<String> = found.unpaid.iter().map(|lot| quoted(lot)).collect();
        let (sellers, unpaid) = (sums(&found.sellers), unpaid.join(","));
        let fee = found.fee;
        let text = format!(r#"{{"sellers":{sellers},"unpaid":[{unpaid}],"fee_cents":{fee}}}"#);
        save(&file, &text)?;
        Ok(found)
    }

    /// All parts. The threads of workers that hang end with the process.
    fn map(self: &Arc<Self>) -> HashMap<usize, Vec<Sale>> {
        let mut parts = Parts::default();
        for nr in 0..self.parts {
            let text = fs::read_to_string(self.file(&format!("part-{nr}.json")));
            if let Some(sales) = text.ok().and_then(|text| read_sales(&text)) {
                parts.fetched.insert(nr, sales);
            }
        }
        let parts = Arc::new((Mutex::new(parts), Condvar::new()));
        for worker in self.workers.clone() {
            let (night, parts) = (self.clone(), parts.clone());
            std::thread::spawn(move || night.work(&worker, &parts));
        }
        let (state, changed) = &*parts;
        let state = state.lock().unwrap();
        let done = changed.wait_while(state, |parts| parts.fetched.len() < self.parts);
        let mut done = done.unwrap();
        done.closed = true;
        std::mem::take(&mut done.fetched)
    }

    fn work(&self, worker: &str, parts: &(Mutex<Parts>, Condvar)) {
        loop {
            let taken = self.take(&mut parts.0.lock().unwrap());
            let Some((nr, run, cancel)) = taken else {
                sleep(Duration::from_millis(20));
                continue;
            };
            let url = format!("{worker}/parts/{nr}");
            let call = Call {
                cancel: Some(&cancel),
                ..Call::new("GET", &url)
            };
            let answer = http::send(&call, Instant::now() + WORKER_PATIENCE).ok();
            let body = answer.filter(|answer| answer.status == 200).map(|answer| answer.body);
            let sales = body.as_ref().and_then(|body| read_sales(body));
            let failed = sales.is_none();
            let mut state = parts.0.lock().unwrap();
            let running = state.running.entry(nr).or_default();
            running.retain(|(_, other, _)| *other != run);
            let others: Vec<Cancel> = running.iter().map(|(_, _, cancel)| cancel.clone()).collect();
            if let (Some(sales), Some(body)) = (sales, body)
                && !state.fetched.contains_key(&nr)
                && save(&self.file(&format!("part-{nr}.json")), &body).is_ok()
            {
                state.fetched.insert(nr, sales);
                others.iter().for_each(Cancel::cancel);
            }
            drop(state);
            parts.1.notify_all();
            if failed {
                sleep(self.retry);
            }
        }
    }

    /// A part that nobody has, or that somebody has had for too long.
    fn take(&self, parts: &mut Parts) -> Option<(usize, u64, Cancel)> {
        let now = Instant::now();
        let waits = |nr: &usize| match parts.running.get(nr).map(Vec::as_slice) {
            None | Some([]) => true,
            Some([(since, ..)]) => now >= *since + self.straggle,
            Some(_) => false,
        };
        let open = |nr: &usize| !parts.closed && !parts.fetched.contains_key(nr) && waits(nr);
        let nr = (0..self.parts).find(open)?;
        parts.runs += 1;
        let (run, cancel) = (parts.runs, Cancel::default());
        parts.running.entry(nr).or_default().push((now, run, cancel.clone()));
        Some((nr, run, cancel))
    }

    /// True: paid. False: refused.
    fn transfer(&self, seller: &str, cents: u64) -> io::Result<bool> {
        let file = self.file(&format!("transfer-{seller}"));
        if let Ok(text) = fs::read_to_string(&file) {
            return Ok(text == "paid");
        }
        let key = format!("{}-{seller}", self.name);
        let headers = [("Idempotency-Key", key.as_str())];
        let body = format!(r#"{{"seller":{},"cents":{cents}}}"#, quoted(seller));
        let is_paid = self.ask_bank("POST", "transfers", &body, &headers).0 == 200;
        save(&file, if is_paid { "paid" } else { "refused" })?;
        Ok(is_paid)
    }

    /// The status and the body, once they are 200 or 422.
    fn ask_bank(&self, method: &str, path: &str, body: &str, headers: &[(&str, &str)]) -> (u16, Value) {
        let url = format!("{}/{path}", self.bank);
        let call = Call {
            headers,
            body,
            ..Call::new(method, &url)
        };
        loop {
            if let Ok(answer) = http::send(&call, Instant::now() + BANK_PATIENCE)
                && [200, 422].contains(&answer.status)
                && let Some(value) = json::parse(&answer.body)
            {
                return (answer.status, value);
            }
            sleep(self.retry);
        }
    }
}

/// Whole or not at all.
fn save(file: &str, text: &str) -> io::Result<()> {
    let fresh = format!("{file}.new");
    let mut handle = File::create(&fresh)?;
    handle.write_all(text.as_bytes())?;
    handle.sync_all()?;
    fs::rename(fresh, file)
}

fn sums(sums: &BTreeMap<String, u64>) -> String {
    let all: Vec<String> = sums.iter().map(|(key, cents)| format!("{}:{cents}", quoted(key))).collect();
    format!("{{{}}}", all.join(","))
}

fn read_sales(text: &str) -> Option<Vec<Sale>> {
    let part = json::parse(text)?;
    let sale = |value: &Value| {
        Some(Sale {
            lot: value.get("lot")?.as_text()?.to_owned(),
            seller: value.get("seller")?.as_text()?.to_owned(),
            cents: value.get("cents")?.as_number()? as u64,
        })
    };
    part.get("sales")?.as_list()?.iter().map(sale).collect()
}

fn read_amounts(text: &str) -> Option<Amounts> {
    let found = json::parse(text)?;
    let Value::Map(sellers) = found.get("sellers")? else {
        return None;
    };
    let sum = |(seller, cents): (&String, &Value)| Some((seller.clone(), cents.as_number()? as u64));
    let unpaid = found.get("unpaid")?.as_list()?.iter();
    Some(Amounts {
        sellers: sellers.iter().map(sum).collect::<Option<_>>()?,
        unpaid: unpaid.filter_map(|lot| lot.as_text().map(str::to_owned)).collect(),
        fee: found.get("fee_cents")?.as_number()? as u64,
    })
}
