//! A proxy that knows who has which key.
//!
//! A ring is built whenever the file changes: each shard has `POINTS` points on it, and a key belongs to
//! the shard of the first point at or after its own hash.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use http::{Call, Request, Response};
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

const POINTS: u32 = 200;

#[derive(Default)]
struct Ring {
    /// URL by name.
    shards: BTreeMap<String, String>,
    /// Hash and name, sorted.
    points: Vec<(u64, String)>,
}

impl Ring {
    fn new(shards: BTreeMap<String, String>) -> Self {
        let of_shard = |name: &String| {
            let point = |nr| (position(&format!("{name}#{nr}")), name.clone());
            (0..POINTS).map(point).collect::<Vec<_>>()
        };
        let mut points: Vec<_> = shards.keys().flat_map(of_shard).collect();
        points.sort();
        Self { shards, points }
    }

    /// The URLs of the first shards from the key's place onwards, all different.
    fn owners(&self, key: &str, count: usize) -> Vec<String> {
        let here = position(key);
        let start = self.points.partition_point(|(at, _)| *at < here);
        let (before, after) = self.points.split_at(start);
        let mut names: Vec<&String> = Vec::new();
        for (_, name) in after.iter().chain(before) {
            if names.len() < count && !names.contains(&name) {
                names.push(name);
            }
        }
        names.iter().map(|name| self.shards[*name].clone()).collect()
    }
}

/// FNV-1a, then a finaliser that scatters names that are alike.
fn position(text: &str) -> u64 {
    let mut h = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, byte| {
        (h ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    h ^ (h >> 31)
}

struct Proxy {
    shards_file: String,
    hot_file: String,
    copies: usize,
    try_time: Duration,
    ring: RwLock<Ring>,
    hot: RwLock<HashSet<String>>,
}

fn main() -> io::Result<()> {
    let proxy = Arc::new(Proxy {
        shards_file: variable::text("SHARDS_FILE"),
        hot_file: variable::text("HOT_FILE"),
        copies: variable::number("COPIES"),
        try_time: variable::milliseconds("TRY_MS"),
        ring: RwLock::default(),
        hot: RwLock::default(),
    });
    proxy.read_files();
    let watcher = proxy.clone();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(200));
            watcher.read_files();
        }
    });
    http::serve(variable::number("PORT"), move |request| proxy.respond(request))
}

impl Proxy {
    /// What cannot be read stays as it was.
    fn read_files(&self) {
        if let Some(shards) = read_shards(&self.shards_file)
            && self.ring.read().unwrap().shards != shards
        {
            *self.ring.write().unwrap() = Ring::new(shards);
        }
        if let Ok(text) = fs::read_to_string(&self.hot_file) {
            *self.hot.write().unwrap() = text.split_whitespace().map(str::to_owned).collect();
        }
    }

    fn respond(&self, request: &Request) -> Response {
        let Some(key) = request.path.strip_prefix("/keys/") else {
            return Response::new(200, r#"{"ok": true}"#);
        };
        let is_hot = self.hot.read().unwrap().contains(key);
        let count = if is_hot { self.copies } else { 1 };
        let mut urls = self.ring.read().unwrap().owners(key, count);
        let answer = if request.method == "PUT" {
            self.write(request, &urls)
        } else {
            let first = random() % urls.len().max(1);
            urls.rotate_left(first);
            urls.iter().find_map(|url| self.forward(request, url))
        };
        answer.unwrap_or_else(|| Response::new(503, r#"{"error": "a shard is away"}"#))
    }

    /// To all of them; the answer of the first.
    fn write(&self, request: &Request, urls: &[String]) -> Option<Response> {
        let answers: Option<Vec<Response>> = std::thread::scope(|scope| {
            let all = urls.iter().map(|url| scope.spawn(|| self.forward(request, url)));
            let all: Vec<_> = all.collect();
            all.into_iter().map(|one| one.join().ok().flatten()).collect()
        });
        answers?.into_iter().next()
    }

    fn forward(&self, request: &Request, url: &str) -> Option<Response> {
        let url = format!("{url}{}", request.path);
        let call = Call {
            body: &request.body,
            ..Call::new(&request.method, &url)
        };
        let answer = http::send(&call, Instant::now() + self.try_time).ok()?;
        Some(Response::new(answer.status, answer.body))
    }
}

fn read_shards(file: &str) -> Option<BTreeMap<String, String>> {
    let text = fs::read_to_string(file).ok()?;
    let shard = |line: &str| {
        let (name, url) = line.split_once(' ')?;
        let whole = !name.is_empty() && url.starts_with("http");
        whole.then(|| (name.to_owned(), url.to_owned()))
    };
    let shards: Option<BTreeMap<_, _>> = text.lines().map(shard).collect();
    shards.filter(|shards| !shards.is_empty())
}

fn random() -> usize {
    RandomState::new().build_hasher().finish() as usize
}
