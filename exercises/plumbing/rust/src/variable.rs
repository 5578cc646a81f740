//! The variables that the program is given. You need not change it, and you may.
#![allow(dead_code)]

use std::str::FromStr;
use std::time::Duration;

/// The value as it is. Without it the program ends here.
pub fn text(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

pub fn number<Number: FromStr>(name: &str) -> Number {
    let value = text(name);
    value
        .parse()
        .unwrap_or_else(|_| panic!("{name} is {value:?}, which is not such a number"))
}

pub fn milliseconds(name: &str) -> Duration {
    Duration::from_millis(number(name))
}

/// What stands between the commas.
pub fn list(name: &str) -> Vec<String> {
    text(name).split(',').map(str::to_owned).collect()
}
