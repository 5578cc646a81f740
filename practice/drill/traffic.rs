//! Requests, bytes, caches and hot keys.

use super::{Draw, Generator, Problem};
use ddlab_text::{exact, figure, grouped};

const SECONDS_A_DAY: f64 = 86_400.0;
/// Euler and Mascheroni: the harmonic number of n is about ln n + this.
const GAMMA: f64 = 0.577_215_664_901_532_9;

pub const ALL: &[Generator] = &[
    Generator {
        id: "qps",
        title: "Requests a second at the peak",
        chapter: "replicated",
        rule: "A day has about 10^5 seconds: a million a day is 12 a second.",
        make: qps,
    },
    Generator {
        id: "storage",
        title: "Storage with replicas",
        chapter: "sharded",
        rule: "Bytes a day times days times replicas; then add what indexes and growth take.",
        make: storage,
    },
    Generator {
        id: "bandwidth",
        title: "Bandwidth out",
        chapter: "replicated",
        rule: "Requests a second times bytes each; a link of 10 Gbit/s carries 1,250 MB/s.",
        make: bandwidth,
    },
    Generator {
        id: "cache-origin",
        title: "What a cache leaves for the origin",
        chapter: "replicated",
        rule: "The origin sees the misses: from 99 % to 98 % hits its load doubles.",
        make: cache_origin,
    },
    Generator {
        id: "cache-memory",
        title: "Memory of a cache",
        chapter: "sharded",
        rule: "Objects times size, kept share of them: a fifth of the keys takes most of the reads.",
        make: cache_memory,
    },
    Generator {
        id: "hot-key",
        title: "The share of the hottest key",
        chapter: "sharded",
        rule: "Under Zipf's law the first of n keys has 1 / (ln n + 0.58) of the traffic, whatever the hash.",
        make: hot_key,
    },
    Generator {
        id: "lambda-containers",
        title: "Functions or containers: where they cost the same",
        chapter: "faas",
        rule: "Functions win below a few requests a second for each container that one would run.",
        make: lambda_containers,
    },
    Generator {
        id: "cold-starts",
        title: "The share of cold starts",
        chapter: "faas",
        rule: "A call is cold when none came within the keep-alive: e to the minus rate times keep-alive.",
        make: cold_starts,
    },
];

fn qps(draw: &mut Draw) -> Problem {
    let users = draw.of(&[1e6, 2e6, 5e6, 1e7, 4e7]);
    let actions = draw.of(&[5.0, 10.0, 20.0, 50.0]);
    let peak = draw.of(&[2.0, 3.0, 5.0]);
    let mean = users * actions / SECONDS_A_DAY;
    Problem::new(
        format!(
            "{} people use the auction platform each day, {} requests each. The peak is {} times the mean. How many requests a second does it bring?",
            grouped(users as i64),
            exact(actions),
            exact(peak)
        ),
        (mean * peak, "rps"),
        &[users, actions, peak],
        [
            format!(
                "{} x {} = {} requests a day",
                grouped(users as i64),
                exact(actions),
                grouped((users * actions) as i64)
            ),
            format!("/ 86,400 s = {} rps on average", figure(mean)),
            format!(
                "x {} = {} rps at the peak",
                exact(peak),
                figure(mean * peak)
            ),
        ],
    )
}

fn storage(draw: &mut Draw) -> Problem {
    let events = draw.of(&[1e7, 5e7, 2e8, 1e9]);
    let bytes = draw.of(&[200.0, 500.0, 1_000.0, 2_000.0]);
    let days = draw.of(&[30.0, 90.0, 365.0]);
    let replicas = draw.of(&[2.0, 3.0]);
    let terabytes = events * bytes * days * replicas / 1e12;
    Problem::new(
        format!(
            "{} bids a day are kept for {} days, {} bytes each, on {} replicas. How much storage is that?",
            grouped(events as i64),
            exact(days),
            grouped(bytes as i64),
            exact(replicas)
        ),
        (terabytes, "TB"),
        &[events, bytes, days, replicas],
        [
            format!("{} GB a day", figure(events * bytes / 1e9)),
            format!(
                "x {} days = {} TB",
                exact(days),
                figure(events * bytes * days / 1e12)
            ),
            format!("x {} replicas = {} TB", exact(replicas), figure(terabytes)),
        ],
    )
}

fn bandwidth(draw: &mut Draw) -> Problem {
    let rps = draw.of(&[500.0, 2_000.0, 10_000.0, 40_000.0]);
    let kilobytes = draw.of(&[4.0, 20.0, 80.0, 250.0]);
    let megabytes = rps * kilobytes / 1e3;
    Problem::new(
        format!(
            "A service answers {} requests a second with {} kB each. What goes out?",
            grouped(rps as i64),
            exact(kilobytes)
        ),
        (megabytes, "MB/s"),
        &[rps, kilobytes],
        [
            format!(
                "{} x {} kB = {} MB/s",
                grouped(rps as i64),
                exact(kilobytes),
                figure(megabytes)
            ),
            format!("x 8 = {} Gbit/s", figure(megabytes * 8.0 / 1e3)),
        ],
    )
}

fn cache_origin(draw: &mut Draw) -> Problem {
    let rps = draw.of(&[2_000.0, 10_000.0, 50_000.0]);
    let hits = draw.of(&[0.8, 0.9, 0.95, 0.99]);
    let origin = rps * (1.0 - hits);
    Problem::new(
        format!(
            "{} reads a second meet a cache that answers {} % of them. How many reach the origin?",
            grouped(rps as i64),
            exact(hits * 100.0)
        ),
        (origin, "rps"),
        &[rps, hits],
        [
            format!(
                "misses: 100 % - {} % = {} %",
                exact(hits * 100.0),
                exact((1.0 - hits) * 100.0)
            ),
            format!(
                "{} x {} = {} rps",
                grouped(rps as i64),
                exact(1.0 - hits),
                figure(origin)
            ),
        ],
    )
}

fn cache_memory(draw: &mut Draw) -> Problem {
    let objects = draw.of(&[1e7, 4e7, 2e8]);
    let kilobytes = draw.of(&[1.0, 2.0, 5.0, 10.0]);
    let kept = draw.of(&[0.1, 0.2, 0.25]);
    let gigabytes = objects * kilobytes * kept / 1e6;
    Problem::new(
        format!(
            "There are {} listings of {} kB. A cache is to hold the most read {} % of them. How much memory does it need?",
            grouped(objects as i64),
            exact(kilobytes),
            exact(kept * 100.0)
        ),
        (gigabytes, "GB"),
        &[objects, kilobytes, kept],
        [
            format!("all of them: {} GB", figure(objects * kilobytes / 1e6)),
            format!("x {} = {} GB", exact(kept), figure(gigabytes)),
        ],
    )
}

fn hot_key(draw: &mut Draw) -> Problem {
    let keys = draw.of(&[100.0, 1_000.0, 10_000.0, 100_000.0, 1e6]);
    let harmonic = f64::ln(keys) + GAMMA + 0.5 / keys;
    Problem::new(
        format!(
            "The reads of {} keys follow Zipf's law with exponent 1. What share goes to the hottest key?",
            grouped(keys as i64)
        ),
        (100.0 / harmonic, "%"),
        &[keys],
        [
            "share of rank k: (1/k) / H, H = 1 + 1/2 + … + 1/n".to_owned(),
            format!("H = ln n + 0.577 = {}", figure(harmonic)),
            format!("1 / {} = {} %", figure(harmonic), figure(100.0 / harmonic)),
        ],
    )
}

/// Prices of AWS in us-east-1: Lambda on x86, $0.20 a million and $0.0000166667 a GB-second; Fargate on Linux,
/// $0.04048 a vCPU-hour and $0.004445 a GB-hour; 730 hours a month.
fn lambda_containers(draw: &mut Draw) -> Problem {
    let (vcpu, gigabytes) = draw.of(&[(0.25, 0.5), (0.5, 1.0), (1.0, 2.0)]);
    let containers = draw.of(&[1.0, 2.0, 4.0]);
    let seconds = draw.of(&[0.1, 0.2, 0.5]);
    let month = containers * 730.0 * (0.040_48 * vcpu + 0.004_445 * gigabytes);
    let call = 2e-7 + seconds * gigabytes * 1.666_67e-5;
    let rps = month / call / (730.0 * 3_600.0);
    Problem::new(
        format!(
            "{} container{} with {} vCPU and {} GB cost $0.04048 a vCPU-hour and $0.004445 a GB-hour, 730 hours a month. A function with {} GB takes {} ms a call and costs $0.20 a million calls and $0.0000166667 a GB-second. At how many requests a second do both cost the same?",
            exact(containers),
            if containers > 1.0 { "s" } else { "" },
            exact(vcpu),
            exact(gigabytes),
            exact(gigabytes),
            exact(seconds * 1e3)
        ),
        (rps, "rps"),
        &[vcpu, gigabytes, containers, seconds],
        [
            format!("containers: ${} a month", figure(month)),
            format!("a million calls: ${}", figure(call * 1e6)),
            format!(
                "${} / that = {} million calls a month",
                figure(month),
                figure(month / call / 1e6)
            ),
            format!("/ 2.63 million seconds = {} rps", figure(rps)),
        ],
    )
}

fn cold_starts(draw: &mut Draw) -> Problem {
    let rate = draw.of(&[2.0, 4.0, 6.0, 12.0, 20.0]);
    let minutes = draw.of(&[5.0, 10.0, 15.0]);
    let cold = (-rate * minutes / 60.0_f64).exp();
    Problem::new(
        format!(
            "A function is called {} times an hour at random (a Poisson process), one call at a time, and is kept warm for {} minutes after each. What share of the calls starts cold?",
            exact(rate),
            exact(minutes)
        ),
        (100.0 * cold, "%"),
        &[rate, minutes],
        [
            format!(
                "calls expected within the keep-alive: {} x {}/60 = {}",
                exact(rate),
                exact(minutes),
                figure(rate * minutes / 60.0)
            ),
            format!(
                "none comes with probability e^-{} = {} %",
                figure(rate * minutes / 60.0),
                figure(100.0 * cold)
            ),
        ],
    )
}
