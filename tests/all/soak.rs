//! Each lab at its busiest on a real screen, under random keys and resizes: the program does not grow, does not
//! fall, and leaves the terminal clean.
//!
//! `DDLAB_SOAK_S=600 cargo test --test all soak::` gives each lab ten minutes; without it a few seconds. The
//! keys follow from `DDLAB_FUZZ_SEED`.

#![cfg(unix)]

use crate::support::{ENTER, ESC, Home, Launch, RIGHT, TAB};
use ddlab::tui::effect::Place;
use ddlab_labs::engine::{Sim, Source};
use std::time::{Duration, Instant};

/// All but those that leave the program, lend the terminal, or begin something else than a lab.
const KEYS: &[&str] = &[
    " ", ".", "a", "b", "c", "d", "h", "i", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "y",
    "z", "1", "2", "5", "9", "0", "+", "-", "<", ">", "[", "]", "?", "B", "K", "S", "R", ENTER,
    TAB, RIGHT, "\x1b[D", "\x1b[A", "\x1b[B", ESC,
];
const SIZES: &[(u16, u16)] = &[(120, 35), (80, 24), (60, 16), (200, 60), (40, 10), (97, 41)];
/// What a run may still gather in memory once it has run a while: histories fill up.
const GROWTH_KB: u64 = 96 * 1024;

fn busiest(lab: &str) -> Vec<String> {
    let set: &[&str] = match lab {
        "scatter-gather" => &["fan_out=100", "arrival_rps=2000", "policy=hedge"],
        "sidecar" => &["arrival_rps=5000", "cpu_millis=8000", "proxy=mtls"],
        "adapter" => &["services=40", "arrival_rps=500", "scrape_every=1s"],
        "ambassador" => &["arrival_rps=5000", "upstreams=20", "layers=2"],
        "replicated" => &["arrival_rps=20000", "replicas=60"],
        "sharded" => &["arrival_rps=20000", "shards=20"],
        "work-queue" => &["arrival_rps=5000", "workers=500"],
        "event-pipeline" => &["arrival_rps=5000", "workers=16", "partitions=32"],
        "coordinated-batch" => &["map_workers=200", "map_tasks=1000", "night_every=10s"],
        "faas" => &["arrival_rps=5000", "concurrency_limit=10000"],
        "election" => &["lease=100ms", "renew_deadline=50ms", "retry_period=10ms"],
        _ => &[],
    };
    set.iter().map(|&set| set.to_owned()).collect()
}

fn resident_kb(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|number| number.parse().ok()).unwrap()
}

/// Keys and resizes for so long.
fn shake(lab: &str, seed: u64, span: Duration) {
    let home = Home::new();
    let place = Place::Lab {
        lab: lab.to_owned(),
        set: busiest(lab),
        seed: 7,
    };
    home.left_at(&place);
    let mut ddlab = Launch::default().home(home).start();
    ddlab.wait_until("the lab is drawn", |screen| {
        !screen.contents().trim().is_empty()
    });
    let mut luck = Sim::new(seed).stream("keys");
    let mut pick = |count: usize| luck.below(count as u64) as usize;
    let began = Instant::now();
    let mut settled = None;
    while began.elapsed() < span {
        if pick(40) == 0 {
            let (columns, rows) = SIZES[pick(SIZES.len())];
            ddlab.resize(columns, rows);
        }
        ddlab.type_in(KEYS[pick(KEYS.len())]);
        ddlab.rest(Duration::from_millis(20));
        if settled.is_none() && began.elapsed() > span / 3 {
            settled = Some(resident_kb(ddlab.pid()));
        }
    }
    let (before, after) = (settled.unwrap(), resident_kb(ddlab.pid()));
    assert!(
        after < before + GROWTH_KB,
        "{lab} grew from {before} kB to {after} kB"
    );
    ddlab.resize(120, 35);
    ddlab.signal(nix::sys::signal::Signal::SIGTERM);
    let ended = ddlab.wait_for_end();
    // By itself, or ended after a while because the machine was busy.
    let ordinary = matches!(ended.status, 0 | 143);
    assert!(ordinary, "{lab}: {} {}", ended.status, ended.contents);
    ended.assert_clean();
}

#[test]
fn labs_at_their_busiest_neither_grow_nor_fall() {
    let number = |name: &str| std::env::var(name).ok()?.parse().ok();
    let seed = number("DDLAB_FUZZ_SEED").unwrap_or(20_260_921);
    let span = Duration::from_secs(number("DDLAB_SOAK_S").unwrap_or(5));
    for lab in ddlab_labs::all() {
        shake(lab.spec().id, seed, span);
    }
}
