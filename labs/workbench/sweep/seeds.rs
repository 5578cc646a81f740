//! The range of seeds that a sweep is over.

use ddlab_text::given;
use std::ops::Range;

/// Why a text is no range of seeds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeedsError {
    #[error("`{}` is not a range of seeds; write FROM..TO, as in `0..1000` (the last is 999)", given(.0))]
    Form(String),
    #[error("there is no seed in `{}`; the end of a range is not in it, as in `0..1000`", given(.0))]
    Empty(String),
}

/// Reads `0..1000`, or `0..=999`.
pub fn parse_seeds(text: &str) -> Result<Range<u64>, SeedsError> {
    let form = || SeedsError::Form(text.to_owned());
    let (from, to) = text.trim().split_once("..").ok_or_else(form)?;
    let from: u64 = from.trim().parse().map_err(|_| form())?;
    let to = match to.strip_prefix('=') {
        None => to.trim().parse().map_err(|_| form())?,
        Some(last) => {
            let last: u64 = last.trim().parse().map_err(|_| form())?;
            last.checked_add(1).ok_or_else(form)?
        }
    };
    if from < to {
        Ok(from..to)
    } else {
        Err(SeedsError::Empty(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_rust_writes_it() {
        assert_eq!(parse_seeds("0..1000"), Ok(0..1000));
        assert_eq!(parse_seeds("7..=9"), Ok(7..10));
        for (text, says) in [
            ("5..5", "no seed in"),
            ("9..5", "no seed in"),
            ("100", "FROM..TO"),
            ("a..b", "FROM..TO"),
            ("0..=18446744073709551615", "FROM..TO"),
            ("-1..4", "FROM..TO"),
        ] {
            let error = parse_seeds(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
