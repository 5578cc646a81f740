//! `settlement`: a batch that maps, joins, reduces and pays, and can be killed anywhere.
//!
//! - [`night`]: the program with its workers and its bank, and the result that is due.
//! - [`checks`]: the promises below, one function each.

mod checks;
mod night;

crate::exercise! {
    "settlement",
    checks::settles("The pattern", "Sales are joined with payments, added up and paid, to the cent"),
    checks::side_by_side("How it works", "All workers work at the same time, on one part each"),
    checks::straggler("What goes wrong", "A part whose worker hangs is given to another one, and counts once"),
    checks::straggler_returns(
        "What goes wrong",
        "The first answer to a part counts, and the other one does not"
    ),
    checks::bad_worker("What goes wrong", "A worker that fails costs its calls and no part"),
    checks::bank_fails("What goes wrong", "A transfer that failed is repeated with its key, and made once"),
    checks::refused("How it works", "What the bank refuses is set aside, and the others are paid"),
    checks::killed("How it works", "Killed at each step and started again, it pays nobody twice"),
    checks::output("How it works", "The output is whole or not there, and a second run changes nothing"),
}
