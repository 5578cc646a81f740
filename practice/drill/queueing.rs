//! Queues: how much is under way, how long it waits, how long a backlog takes.

use super::{Draw, Generator, Problem};
use ddlab_text::{exact, figure, grouped};

pub const ALL: &[Generator] = &[
    Generator {
        id: "little",
        title: "Requests under way",
        chapter: "replicated",
        rule: "Little's law: what is in a system = arrival rate x time spent in it.",
        make: little,
    },
    Generator {
        id: "mm1",
        title: "Mean response of one busy server",
        chapter: "work-queue",
        rule: "M/M/1: service / (1 - load). At 50 % twice the service time, at 90 % ten times.",
        make: mm1,
    },
    Generator {
        id: "mm1-p99",
        title: "The p99 of one busy server",
        chapter: "work-queue",
        rule: "The response of M/M/1 is exponential: its p99 is 4.6 means.",
        make: mm1_p99,
    },
    Generator {
        id: "erlang-c",
        title: "The wait before a pool of workers",
        chapter: "work-queue",
        rule: "Pooling: at 80 % load one server waits 4 service times, ten waits 0.2.",
        make: erlang_c,
    },
    Generator {
        id: "backlog",
        title: "How long a backlog takes",
        chapter: "work-queue",
        rule: "Backlog / (capacity - arrivals): spare capacity drains, not capacity.",
        make: backlog,
    },
    Generator {
        id: "autoscaler",
        title: "What piles up before the new workers work",
        chapter: "work-queue",
        rule: "Excess rate x (metric delay + start-up): minutes of lag are thousands of messages.",
        make: autoscaler,
    },
    Generator {
        id: "workers",
        title: "How many workers",
        chapter: "work-queue",
        rule: "Rate x time each is busy, divided by the load that you dare: 70 to 80 %.",
        make: workers,
    },
];

fn little(draw: &mut Draw) -> Problem {
    let rps = draw.of(&[200.0, 1_000.0, 5_000.0, 20_000.0]);
    let ms = draw.of(&[20.0, 50.0, 80.0, 250.0]);
    let inside = rps * ms / 1e3;
    Problem::new(
        format!(
            "A service takes {} requests a second and holds each for {} ms. How many are under way at once?",
            grouped(rps as i64),
            exact(ms)
        ),
        (inside, "requests"),
        &[rps, ms],
        [format!(
            "L = λ W = {} /s x {} s = {}",
            grouped(rps as i64),
            exact(ms / 1e3),
            figure(inside)
        )],
    )
}

fn one_server(draw: &mut Draw) -> (f64, f64) {
    (
        draw.of(&[2.0, 5.0, 10.0, 20.0]),
        draw.of(&[0.5, 0.75, 0.8, 0.9, 0.95]),
    )
}

fn mm1(draw: &mut Draw) -> Problem {
    let (service, load) = one_server(draw);
    let mean = service / (1.0 - load);
    Problem::new(
        format!(
            "One server takes {} ms a request on average (exponential), requests come at random, the load is {} %. What is the mean response time, with the queue?",
            exact(service),
            exact(load * 100.0)
        ),
        (mean, "ms"),
        &[service, load],
        [
            "W = S / (1 - ρ)".to_owned(),
            format!(
                "{} ms / {} = {} ms",
                exact(service),
                exact(1.0 - load),
                figure(mean)
            ),
        ],
    )
}

fn mm1_p99(draw: &mut Draw) -> Problem {
    let (service, load) = one_server(draw);
    let mean = service / (1.0 - load);
    let p99 = mean * 100.0_f64.ln();
    Problem::new(
        format!(
            "One server takes {} ms a request on average (exponential), requests come at random, the load is {} %. What is the p99 of the response time?",
            exact(service),
            exact(load * 100.0)
        ),
        (p99, "ms"),
        &[service, load],
        [
            format!(
                "mean: {} ms / {} = {} ms",
                exact(service),
                exact(1.0 - load),
                figure(mean)
            ),
            format!(
                "exponential, so p99 = mean x ln 100 = 4.6 x {} = {} ms",
                figure(mean),
                figure(p99)
            ),
        ],
    )
}

/// Erlang C by the recursion of Erlang B.
fn probability_of_waiting(workers: u32, offered: f64) -> f64 {
    let blocked = (1..=workers).fold(1.0, |blocked, n| {
        offered * blocked / (f64::from(n) + offered * blocked)
    });
    let load = offered / f64::from(workers);
    blocked / (1.0 - load * (1.0 - blocked))
}

fn erlang_c(draw: &mut Draw) -> Problem {
    let workers = draw.of(&[2u32, 4, 5, 10, 20]);
    let load = draw.of(&[0.8, 0.9]);
    let service = draw.of(&[10.0, 50.0, 200.0, 1_000.0]);
    let offered = f64::from(workers) * load;
    let waits = probability_of_waiting(workers, offered);
    let wait = waits * service / (f64::from(workers) * (1.0 - load));
    Problem::new(
        format!(
            "{workers} workers take from one queue, {} ms a job on average (exponential), jobs come at random, the load is {} %. How long does a job wait on average before it is taken?",
            grouped(service as i64),
            exact(load * 100.0)
        ),
        (wait, "ms"),
        &[f64::from(workers), load, service],
        [
            format!(
                "Erlang C for {workers} workers at {} %: {} of the jobs wait",
                exact(load * 100.0),
                figure(waits)
            ),
            format!(
                "wait = {} x {} ms / ({workers} x {}) = {} ms",
                figure(waits),
                exact(service),
                exact(1.0 - load),
                figure(wait)
            ),
        ],
    )
}

fn backlog(draw: &mut Draw) -> Problem {
    let waiting = draw.of(&[60_000.0, 300_000.0, 1_200_000.0]);
    let arrivals = draw.of(&[100.0, 400.0, 900.0]);
    let spare = draw.of(&[0.1, 0.25, 0.5]);
    let capacity = arrivals * (1.0 + spare);
    let minutes = waiting / (capacity - arrivals) / 60.0;
    Problem::new(
        format!(
            "{} jobs wait after an outage. {} more come each second, the workers do {} a second. How long until the queue is empty?",
            grouped(waiting as i64),
            exact(arrivals),
            exact(capacity)
        ),
        (minutes, "min"),
        &[waiting, arrivals, capacity],
        [
            format!(
                "spare: {} - {} = {} a second",
                exact(capacity),
                exact(arrivals),
                exact(capacity - arrivals)
            ),
            format!(
                "{} / {} = {} s = {} min",
                grouped(waiting as i64),
                exact(capacity - arrivals),
                figure(minutes * 60.0),
                figure(minutes)
            ),
        ],
    )
}

fn autoscaler(draw: &mut Draw) -> Problem {
    let capacity = draw.of(&[200.0, 500.0, 1_000.0]);
    let factor = draw.of(&[1.5, 2.0, 3.0]);
    let sees = draw.of(&[15.0, 30.0, 60.0]);
    let starts = draw.of(&[30.0, 60.0, 120.0]);
    let excess = capacity * (factor - 1.0);
    let jobs = excess * (sees + starts);
    Problem::new(
        format!(
            "Workers do {} jobs a second. The rate jumps to {} a second. The autoscaler sees it after {} s, the new workers start {} s later. How many jobs have piled up by then?",
            exact(capacity),
            exact(capacity * factor),
            exact(sees),
            exact(starts)
        ),
        (jobs, "jobs"),
        &[capacity, capacity * factor, sees, starts],
        [
            format!("excess: {} a second", exact(excess)),
            format!(
                "x ({} + {}) s = {} jobs",
                exact(sees),
                exact(starts),
                grouped(jobs as i64)
            ),
        ],
    )
}

fn workers(draw: &mut Draw) -> Problem {
    let rps = draw.of(&[50.0, 200.0, 800.0]);
    let seconds = draw.of(&[0.1, 0.5, 2.0]);
    let load = draw.of(&[0.5, 0.7, 0.8]);
    let count = rps * seconds / load;
    Problem::new(
        format!(
            "{} jobs a second take {} s of a worker each. Workers should be busy at most {} % of the time. How many are needed?",
            exact(rps),
            exact(seconds),
            exact(load * 100.0)
        ),
        (count, "workers"),
        &[rps, seconds, load],
        [
            format!(
                "busy at once: {} x {} = {}",
                exact(rps),
                exact(seconds),
                exact(rps * seconds)
            ),
            format!("/ {} = {} workers, rounded up", exact(load), figure(count)),
        ],
    )
}
