//! Batch and streams: shuffles, stragglers, watermarks.

use super::{Draw, Generator, Problem};
use ddlab_text::{exact, figure, grouped};

pub const ALL: &[Generator] = &[
    Generator {
        id: "shuffle",
        title: "How long a shuffle takes",
        chapter: "coordinated-batch",
        rule: "All data crosses the network once: bytes / (nodes x link), all nodes at once.",
        make: shuffle,
    },
    Generator {
        id: "stragglers",
        title: "A batch waits for its last task",
        chapter: "coordinated-batch",
        rule: "The last of n exponential tasks takes H_n means, about ln n + 0.58: 5.2 for a hundred.",
        make: stragglers,
    },
    Generator {
        id: "skew",
        title: "The reducer of the hottest key",
        chapter: "coordinated-batch",
        rule: "The hottest key is a floor: no number of reducers gets below its share of the work.",
        make: skew,
    },
    Generator {
        id: "watermark",
        title: "When the sum of a window is out",
        chapter: "event-pipeline",
        rule: "Window + out-of-order bound + one tick: the bound is the delay that completeness costs.",
        make: watermark,
    },
    Generator {
        id: "partitions",
        title: "How many partitions",
        chapter: "event-pipeline",
        rule: "Peak rate / rate of one consumer: a partition feeds one consumer of a group.",
        make: partitions,
    },
];

fn shuffle(draw: &mut Draw) -> Problem {
    let terabytes = draw.of(&[1.0, 5.0, 20.0]);
    let nodes = draw.of(&[20.0, 100.0, 400.0]);
    let gigabits = draw.of(&[1.0, 10.0]);
    let stays = 1.0 / nodes;
    let seconds = terabytes * 1e12 * 8.0 * (1.0 - stays) / (nodes * gigabits * 1e9);
    Problem::new(
        format!(
            "{} TB are shuffled between {} machines with {} Gbit/s each; nothing else slows it. How long does it take?",
            exact(terabytes),
            exact(nodes),
            exact(gigabits)
        ),
        (seconds, "s"),
        &[terabytes, nodes, gigabits],
        [
            format!(
                "each sends {} GB, all but 1/{} of it away",
                figure(terabytes * 1e3 / nodes),
                exact(nodes)
            ),
            format!("x 8 / {} Gbit/s = {} s", exact(gigabits), figure(seconds)),
        ],
    )
}

fn stragglers(draw: &mut Draw) -> Problem {
    let tasks = draw.of(&[10u32, 50, 100, 500, 1_000]);
    let mean = draw.of(&[1.0, 2.0, 5.0]);
    let harmonic: f64 = (1..=tasks).map(|n| 1.0 / f64::from(n)).sum();
    Problem::new(
        format!(
            "A stage has {} tasks at once, exponential with a mean of {} min. How long until the last one ends, on average?",
            grouped(i64::from(tasks)),
            exact(mean)
        ),
        (mean * harmonic, "min"),
        &[f64::from(tasks), mean],
        [
            format!("H_{tasks} = ln {tasks} + 0.58 = {}", figure(harmonic)),
            format!("x {} min = {} min", exact(mean), figure(mean * harmonic)),
        ],
    )
}

fn skew(draw: &mut Draw) -> Problem {
    let hours = draw.of(&[10.0, 40.0, 100.0]);
    let reducers = draw.of(&[10.0, 50.0, 200.0]);
    let share = draw.of(&[0.05, 0.1, 0.25]);
    let even = (1.0 - share) * hours / reducers;
    let stage = 60.0 * (share * hours + even);
    Problem::new(
        format!(
            "A join is {} hours of work on one machine. {} reducers share it, but {} % of the work belongs to one key; the rest is spread evenly. How long does the stage take?",
            exact(hours),
            exact(reducers),
            exact(share * 100.0)
        ),
        (stage, "min"),
        &[hours, reducers, share],
        [
            format!("the hot key alone: {} h", figure(share * hours)),
            format!(
                "its reducer also has 1/{} of the rest: {} h",
                exact(reducers),
                figure(even)
            ),
            format!(
                "in all {} min, where even shares were {} min",
                figure(stage),
                figure(60.0 * hours / reducers)
            ),
        ],
    )
}

fn watermark(draw: &mut Draw) -> Problem {
    let window = draw.of(&[10.0, 60.0, 300.0]);
    let bound = draw.of(&[2.0, 5.0, 30.0]);
    let tick = draw.of(&[0.2, 1.0]);
    Problem::new(
        format!(
            "Bids are summed in windows of {} s. Events come up to {} s out of order, and the watermark moves each {} s. How long after the start of a window is its sum out, at worst?",
            exact(window),
            exact(bound),
            exact(tick)
        ),
        (window + bound + tick, "s"),
        &[window, bound, tick],
        [format!(
            "window {} + bound {} + tick {} = {} s",
            exact(window),
            exact(bound),
            exact(tick),
            exact(window + bound + tick)
        )],
    )
}

fn partitions(draw: &mut Draw) -> Problem {
    let rps = draw.of(&[5_000.0, 20_000.0, 90_000.0]);
    let ms = draw.of(&[0.5, 2.0, 5.0]);
    let load = draw.of(&[0.5, 0.7]);
    let count = rps * ms / 1e3 / load;
    Problem::new(
        format!(
            "{} events a second come at the peak; a consumer takes {} ms for each, one after the other, and should be busy {} % of the time. How many partitions are needed at least?",
            grouped(rps as i64),
            exact(ms),
            exact(load * 100.0)
        ),
        (count, "partitions"),
        &[rps, ms, load],
        [
            format!(
                "a consumer at {} %: {} a second",
                exact(load * 100.0),
                figure(load * 1e3 / ms)
            ),
            format!(
                "{} / that = {} partitions, rounded up",
                grouped(rps as i64),
                figure(count)
            ),
        ],
    )
}
