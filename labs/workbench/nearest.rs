//! The nearest right name, for errors about names that do not exist.
//!
//! Jaro-Winkler and not edit distance: people shorten (`fan` for `fan_out`) more often than they
//! misspell, and a common beginning counts for more there.

/// The one of `names` that `given` most likely meant; none when nothing is near.
pub fn nearest<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase();
    names
        .into_iter()
        .map(|name| (likeness(&given, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.6)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

/// The end of an error's sentence: names the nearest right one, else lists all.
pub fn suggestion(given: &str, names: &[&str]) -> String {
    match nearest(given, names.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None if names.is_empty() => "there are none".to_owned(),
        None => format!("there are: {}", names.join(", ")),
    }
}

fn likeness(given: &str, name: &str) -> f64 {
    let whole = strsim::jaro_winkler(given, name);
    // A piece of a long name: `delay` for `hedge_delay`.
    if given.len() >= 3 && name.contains(given) {
        whole.max(0.9)
    } else {
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = [
        "fan_out",
        "replicas",
        "hedge_after",
        "hedge_budget",
        "deadline",
    ];

    #[test]
    fn a_slip_or_a_piece_of_a_name_finds_it() {
        assert_eq!(nearest("fanout", NAMES), Some("fan_out"));
        assert_eq!(nearest("budget", NAMES), Some("hedge_budget"));
        assert_eq!(nearest("REPLICA", NAMES), Some("replicas"));
        assert_eq!(nearest("deadlien", NAMES), Some("deadline"));
    }

    #[test]
    fn what_is_like_nothing_lists_all_names() {
        assert_eq!(nearest("zzz", NAMES), None);
        assert_eq!(suggestion("zzz", &["a", "b"]), "there are: a, b");
    }
}
