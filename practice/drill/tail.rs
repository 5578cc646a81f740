//! The tail of a fan-out, and what hedging costs and gains.

use super::{Draw, Generator, Problem};
use ddlab_text::{exact, figure, grouped};

pub const ALL: &[Generator] = &[
    Generator {
        id: "fan-out",
        title: "How many requests meet a slow leaf",
        chapter: "scatter-gather",
        rule: "1 - (1 - p)^n: one slow answer in a hundred meets 63 % of the requests at fan-out 100.",
        make: fan_out,
    },
    Generator {
        id: "fan-out-half",
        title: "The fan-out at which half of the requests are slow",
        chapter: "scatter-gather",
        rule: "n = ln 2 / p, about 0.7 / p: 69 leaves for one in a hundred.",
        make: fan_out_half,
    },
    Generator {
        id: "hedge-load",
        title: "What hedging costs",
        chapter: "scatter-gather",
        rule: "A hedge after the p95 costs 5 % more leaf calls, after the p99 1 %.",
        make: hedge_load,
    },
    Generator {
        id: "hedge-tail",
        title: "What hedging leaves of the tail",
        chapter: "scatter-gather",
        rule: "Both copies slow: p becomes p^2, as long as slowness strikes replicas independently.",
        make: hedge_tail,
    },
    Generator {
        id: "hedged-latency",
        title: "The p99.9 with a hedge",
        chapter: "scatter-gather",
        rule: "Beyond the delay D the tail is P(X > t) P(X > t - D): it falls twice as fast.",
        make: hedged_latency,
    },
];

fn one_in(p: f64) -> String {
    grouped((1.0 / p).round() as i64)
}

fn fan_out(draw: &mut Draw) -> Problem {
    let slow: f64 = draw.of(&[0.05, 0.01, 0.002, 0.001]);
    let leaves = draw.of(&[10i32, 20, 50, 100, 200]);
    let hit = 1.0 - (1.0 - slow).powi(leaves);
    Problem::new(
        format!(
            "One leaf answer in {} is slow. A request asks {leaves} leaves and waits for all. What share of the requests is slow?",
            one_in(slow)
        ),
        (hit * 100.0, "%"),
        &[slow, f64::from(leaves)],
        [
            format!(
                "all {leaves} fast: {}^{leaves} = {}",
                exact(1.0 - slow),
                figure(1.0 - hit)
            ),
            format!("1 - {} = {} %", figure(1.0 - hit), figure(hit * 100.0)),
            format!(
                "as long as n p is small, n p = {} % is near enough",
                figure(slow * f64::from(leaves) * 100.0)
            ),
        ],
    )
}

fn fan_out_half(draw: &mut Draw) -> Problem {
    let slow: f64 = draw.of(&[0.05, 0.02, 0.01, 0.005, 0.001]);
    let leaves = 0.5_f64.ln() / (1.0 - slow).ln();
    Problem::new(
        format!(
            "One leaf answer in {} is slow. At what fan-out is every second request slow?",
            one_in(slow)
        ),
        (leaves, "leaves"),
        &[slow],
        [
            "(1 - p)^n = 1/2, so n = ln(1/2) / ln(1 - p)".to_owned(),
            format!(
                "about 0.693 / {} = {} leaves",
                exact(slow),
                figure(0.693 / slow)
            ),
        ],
    )
}

fn hedge_load(draw: &mut Draw) -> Problem {
    let rps = draw.of(&[100.0, 300.0, 1_000.0]);
    let leaves = draw.of(&[10.0, 20.0, 100.0]);
    let after: f64 = draw.of(&[0.9, 0.95, 0.99]);
    let extra = rps * leaves * (1.0 - after);
    Problem::new(
        format!(
            "{} requests a second ask {} leaves each. A second copy goes out after the p{} of a leaf. How many more leaf calls a second is that?",
            exact(rps),
            exact(leaves),
            exact(after * 100.0)
        ),
        (extra, "rps"),
        &[rps, leaves, after],
        [
            format!(
                "leaf calls: {} x {} = {} a second",
                exact(rps),
                exact(leaves),
                grouped((rps * leaves) as i64)
            ),
            format!(
                "{} % of them are late: {} rps",
                exact((1.0 - after) * 100.0),
                figure(extra)
            ),
        ],
    )
}

fn hedge_tail(draw: &mut Draw) -> Problem {
    let slow: f64 = draw.of(&[0.05, 0.02, 0.01]);
    let leaves = draw.of(&[20i32, 50, 100]);
    let both = slow * slow;
    let hit = 1.0 - (1.0 - both).powi(leaves);
    Problem::new(
        format!(
            "One leaf answer in {} is slow, independently on each replica. A request asks {leaves} leaves; a late one is asked a second time on another replica. What share of the requests still meets a leaf where both are slow?",
            one_in(slow)
        ),
        (hit * 100.0, "%"),
        &[slow, f64::from(leaves)],
        [
            format!("both slow: {}^2 = {}", exact(slow), figure(both)),
            format!(
                "1 - (1 - {})^{leaves} = {} %",
                figure(both),
                figure(hit * 100.0)
            ),
        ],
    )
}

fn hedged_latency(draw: &mut Draw) -> Problem {
    let mean = draw.of(&[5.0, 10.0, 20.0, 40.0]);
    let after: f64 = draw.of(&[0.9, 0.95, 0.99]);
    let (thousand, late) = (1_000.0_f64.ln(), -(1.0 - after).ln());
    let p999 = mean * f64::midpoint(thousand, late);
    Problem::new(
        format!(
            "A leaf's latency is exponential with a mean of {} ms: its p99.9 is {} ms. A hedge to an independent replica goes out after the p{}, {} ms. What is the p99.9 then?",
            exact(mean),
            figure(mean * thousand),
            exact(after * 100.0),
            figure(mean * late)
        ),
        (p999, "ms"),
        &[mean, mean * late],
        [
            "P(T > t) = e^(-t/m) e^(-(t - D)/m) = 1/1000 beyond D".to_owned(),
            format!(
                "t = (m ln 1000 + D) / 2 = ({} + {}) / 2 = {} ms",
                figure(mean * thousand),
                figure(mean * late),
                figure(p999)
            ),
        ],
    )
}
