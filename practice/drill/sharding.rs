//! Shards: balance, moves, replication.

use super::{Draw, Generator, Problem};
use ddlab_text::{exact, figure, grouped};

pub const ALL: &[Generator] = &[
    Generator {
        id: "ring-balance",
        title: "How uneven a hash ring is",
        chapter: "sharded",
        rule: "The standard deviation of a node's share is 1 / sqrt(virtual nodes) of the mean.",
        make: ring_balance,
    },
    Generator {
        id: "keys-moved",
        title: "Keys that move when nodes are added",
        chapter: "sharded",
        rule: "On a ring only the share of the new nodes moves: added / total.",
        make: keys_moved,
    },
    Generator {
        id: "modulo-moved",
        title: "Keys that move under modulo",
        chapter: "sharded",
        rule: "From n to n + 1 shards all but 1 / (n + 1) of the keys move.",
        make: modulo_moved,
    },
    Generator {
        id: "shards",
        title: "How many shards",
        chapter: "sharded",
        rule: "The larger of data / room and rate / capacity; then head room for growth.",
        make: shards,
    },
    Generator {
        id: "replication-lag",
        title: "How far a replica falls behind",
        chapter: "replicated",
        rule: "(write rate - apply rate) x duration; it is caught up at the spare rate alone.",
        make: replication_lag,
    },
    Generator {
        id: "move-time",
        title: "How long a shard takes to move",
        chapter: "sharded",
        rule: "Bytes / rate: 1 TB at 100 MB/s is 2.8 hours.",
        make: move_time,
    },
];

fn ring_balance(draw: &mut Draw) -> Problem {
    let nodes = draw.of(&[5.0, 10.0, 20.0]);
    let virtual_nodes = draw.of(&[1.0, 10.0, 40.0, 100.0, 160.0]);
    let deviation = ((nodes - 1.0) / (nodes * virtual_nodes + 1.0_f64)).sqrt();
    Problem::new(
        format!(
            "A hash ring has {} nodes with {} point{} each. What is the standard deviation of a node's share, in per cent of the mean share?",
            exact(nodes),
            exact(virtual_nodes),
            if virtual_nodes > 1.0 { "s" } else { "" }
        ),
        (deviation * 100.0, "%"),
        &[nodes, virtual_nodes],
        [
            format!(
                "about 1 / sqrt({}) = {} %",
                exact(virtual_nodes),
                figure(100.0 / virtual_nodes.sqrt())
            ),
            format!(
                "exactly sqrt((n - 1) / (n v + 1)) = {} %",
                figure(deviation * 100.0)
            ),
        ],
    )
}

fn keys_moved(draw: &mut Draw) -> Problem {
    let nodes = draw.of(&[4.0, 9.0, 10.0, 19.0, 50.0]);
    let added = draw.of(&[1.0, 2.0, 5.0]);
    let moved = added / (nodes + added);
    Problem::new(
        format!(
            "A consistent hash spreads keys over {} nodes; {} more {} added. What share of the keys moves?",
            exact(nodes),
            exact(added),
            if added > 1.0 { "are" } else { "is" }
        ),
        (moved * 100.0, "%"),
        &[nodes, added],
        [format!(
            "the share of the new nodes: {} / {} = {} %",
            exact(added),
            exact(nodes + added),
            figure(moved * 100.0)
        )],
    )
}

fn modulo_moved(draw: &mut Draw) -> Problem {
    let shards = draw.of(&[4.0, 8.0, 10.0, 16.0, 32.0]);
    let moved = 1.0 - 1.0 / (shards + 1.0);
    Problem::new(
        format!(
            "Keys go to shard hash mod {}. One shard is added. What share of the keys moves?",
            exact(shards)
        ),
        (moved * 100.0, "%"),
        &[shards],
        [
            format!(
                "a key stays when hash mod {} = hash mod {}: 1 in {}",
                exact(shards),
                exact(shards + 1.0),
                exact(shards + 1.0)
            ),
            format!("the rest moves: {} %", figure(moved * 100.0)),
        ],
    )
}

fn shards(draw: &mut Draw) -> Problem {
    let gigabytes = draw.of(&[200.0, 1_000.0, 6_000.0]);
    let room = draw.of(&[10.0, 50.0, 200.0]);
    let rps = draw.of(&[10_000.0, 60_000.0]);
    let each = draw.of(&[1_000.0, 5_000.0]);
    let count = f64::max(gigabytes / room, rps / each);
    Problem::new(
        format!(
            "An index of {} GB takes {} requests a second. A shard holds {} GB and answers {} a second. How many shards are needed?",
            grouped(gigabytes as i64),
            grouped(rps as i64),
            exact(room),
            grouped(each as i64)
        ),
        (count, "shards"),
        &[gigabytes, room, rps, each],
        [
            format!(
                "for the data: {} / {} = {}",
                exact(gigabytes),
                exact(room),
                figure(gigabytes / room)
            ),
            format!(
                "for the rate: {} / {} = {}",
                exact(rps),
                exact(each),
                figure(rps / each)
            ),
            format!("the larger of both: {}", figure(count)),
        ],
    )
}

fn replication_lag(draw: &mut Draw) -> Problem {
    let apply = draw.of(&[20.0, 50.0, 100.0]);
    let factor = draw.of(&[1.2, 1.5, 2.0]);
    let minutes = draw.of(&[5.0, 10.0, 30.0]);
    let behind = (factor - 1.0) * minutes * 60.0;
    Problem::new(
        format!(
            "A replica applies {} MB of log a second. For {} minutes the primary writes {} MB a second. How many seconds of applying does the replica owe at the end?",
            exact(apply),
            exact(minutes),
            exact(apply * factor)
        ),
        (behind, "s"),
        &[apply, apply * factor, minutes],
        [
            format!(
                "behind by {} MB/s x {} s = {} MB",
                exact(apply * (factor - 1.0)),
                exact(minutes * 60.0),
                figure(apply * behind)
            ),
            format!("/ {} MB/s = {} s", exact(apply), figure(behind)),
        ],
    )
}

fn move_time(draw: &mut Draw) -> Problem {
    let gigabytes = draw.of(&[50.0, 200.0, 1_000.0]);
    let rate = draw.of(&[25.0, 50.0, 100.0, 500.0]);
    let minutes = gigabytes * 1e3 / rate / 60.0;
    Problem::new(
        format!(
            "A shard of {} GB is copied at {} MB/s. How long does it take?",
            grouped(gigabytes as i64),
            exact(rate)
        ),
        (minutes, "min"),
        &[gigabytes, rate],
        [format!(
            "{} MB / {} MB/s = {} s = {} min",
            grouped((gigabytes * 1e3) as i64),
            exact(rate),
            figure(minutes * 60.0),
            figure(minutes)
        )],
    )
}
