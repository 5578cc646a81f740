//! `ddlab gameday`, black box: a night that is acted line by line.

use crate::support::program::{Program, ddlab};

/// Whatever the night holds, this finds nothing and does no good.
const SCRIPT: &str = "wait 10m
pages
look bids
logs
restart bids
cause bids bad_rollout
wait 3m
end
";

#[test]
fn an_acted_night_is_written_up_the_same_each_time() {
    let act = || Program::new().answer("gameday --night 2 --seed 5 --plain", SCRIPT);
    let first = act().ended(0);
    first.shows([
        "ddlab-gameday 2 night 2 seed 5",
        "PAGE: ",
        "say first what you take for the cause",
        "the cause is bids bad_rollout",
        "Post-mortem",
        "True cause",
        "What an expert looks at",
        "the expert",
        "Every lot was closed once",
    ]);
    assert_eq!(first.out, act().out);
}

#[test]
fn a_night_is_named_by_its_number_or_by_its_line() {
    let help = |line: &str| Program::new().answer(line, "end\n");
    help("gameday ddlab-gameday 2 night 1 seed 3 --plain")
        .ended(0)
        .shows(["night 1 seed 3"]);
    ddlab("gameday --night 7").complaint();
    ddlab("gameday ddlab-gameday 999 night 1 seed 1").complaint();
    ddlab("gameday --night 1 ddlab-gameday 2 night 1 seed 3").complaint();
}

#[test]
fn an_expert_shows_how_a_night_is_worked() {
    ddlab("gameday expert ddlab-gameday 2 night 1 seed 3")
        .ended(0)
        .shows([
            "as an expert works it",
            "page: ",
            "True cause",
            "cause named",
            "What ends it",
        ]);
}

#[test]
fn the_auction_is_a_design_that_needs_no_file() {
    ddlab("design check auction")
        .ended(0)
        .shows(["5 clients, 14 components"]);
    ddlab("lab run auction --for 10s")
        .ended(0)
        .shows(["auction", "buyers"]);
}
