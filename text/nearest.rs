//! The nearest right name, for errors about names that do not exist.
//!
//! A person who gives a wrong name has made a slip (`shraded`), cut the name short (`fan` for `fan_out`), or
//! remembers one word of it (`gather` for `scatter-gather`). Each has its own measure, and the best counts.

/// How like a name must be, from 0 to 1, to be what was meant. `gather` is 0.75 like `adapter` by its letters.
const LIKE_ENOUGH: f64 = 0.76;

/// How like a name of which `given` is a piece is at least.
const PIECE: f64 = 0.9;

/// What likeness to one word of a name counts, beside likeness to all of it.
const ONE_WORD: f64 = 0.95;

/// The longest name that is looked at, in bytes.
const GIVEN_MAX: usize = 100;

/// The one of `names` that `given` most likely meant; the first of equals, and none when nothing is near.
pub fn nearest<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // The measures take time by the product of both lengths, and what is longer is no slip of a name.
    let given = Some(given.trim()).filter(|given| given.len() <= GIVEN_MAX)?;
    let given = given.to_lowercase();
    let mut best: Option<(f64, &str)> = None;
    for name in names {
        let likeness = likeness(&given, &name.to_lowercase());
        if likeness >= LIKE_ENOUGH && best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, name));
        }
    }
    best.map(|(_, name)| name)
}

/// The end of an error's sentence: names the nearest right one, else lists all.
pub fn suggestion(given: &str, names: &[&str]) -> String {
    match nearest(given, names.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None if names.is_empty() => "there are none".to_owned(),
        None => format!("there are: {}", names.join(", ")),
    }
}

/// The end of an error's sentence where the names are too many to list: `; did you mean …?`, or nothing.
pub fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

fn likeness(given: &str, name: &str) -> f64 {
    if given.is_empty() {
        return 0.0;
    }
    if given.chars().count() >= 3 && name.contains(given) {
        // Of two names that hold it, the one with less beside it.
        return PIECE + (1.0 - PIECE) * given.len() as f64 / name.len() as f64;
    }
    let words = name.split(['-', '_', ' ', '.', '/']);
    let like_a_word = words.map(|word| slip(given, word)).fold(0.0, f64::max);
    slip(given, name)
        .max(strsim::jaro_winkler(given, name))
        .max(like_a_word * ONE_WORD)
}

/// How like two words are when letters were mistyped, left out or swapped.
fn slip(given: &str, word: &str) -> f64 {
    strsim::normalized_damerau_levenshtein(given, word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KNOBS: [&str; 5] = [
        "fan_out",
        "replicas",
        "hedge_after",
        "hedge_budget",
        "deadline",
    ];
    const CHAPTERS: [&str; 5] = [
        "scatter-gather",
        "sharded",
        "sidecar",
        "adapter",
        "work-queue",
    ];

    #[test]
    fn a_slip_a_beginning_or_one_word_of_a_name_finds_it() {
        for (given, name) in [
            ("fanout", "fan_out"),
            ("budget", "hedge_budget"),
            ("REPLICA", "replicas"),
            ("deadlien", "deadline"),
            ("fan", "fan_out"),
        ] {
            assert_eq!(nearest(given, KNOBS), Some(name), "{given}");
        }
        for (given, name) in [
            ("scater-gahter", "scatter-gather"),
            ("Shraded", "sharded"),
            ("scatter", "scatter-gather"),
            ("workqueue", "work-queue"),
            ("gather", "scatter-gather"),
            ("gahter", "scatter-gather"),
        ] {
            assert_eq!(nearest(given, CHAPTERS), Some(name), "{given}");
        }
        assert_eq!(
            nearest("gather", ["scatter-gather-top10"]),
            Some("scatter-gather-top10")
        );
    }

    #[test]
    fn what_is_like_nothing_lists_all_names() {
        assert_eq!(nearest("zzz", KNOBS), None);
        assert_eq!(nearest("", CHAPTERS), None);
        assert_eq!(nearest("gather", ["adapter"]), None);
        assert_eq!(suggestion("zzz", &["a", "b"]), "there are: a, b");
        assert_eq!(hint(None), "");
    }

    proptest! {
        #[test]
        fn a_right_name_is_nearest_to_itself(at in 0..CHAPTERS.len()) {
            prop_assert_eq!(nearest(CHAPTERS[at], CHAPTERS), Some(CHAPTERS[at]));
        }

        #[test]
        fn one_swap_of_letters_is_forgiven(at in 0..CHAPTERS.len(), swap in 0usize..6) {
            let mut letters: Vec<char> = CHAPTERS[at].chars().collect();
            letters.swap(swap, swap + 1);
            let given: String = letters.into_iter().collect();
            prop_assert_eq!(nearest(&given, CHAPTERS), Some(CHAPTERS[at]));
        }

        #[test]
        fn any_text_is_compared_without_panic(given in any::<String>(), name in any::<String>()) {
            let _ = nearest(&given, [name.as_str()]);
        }
    }
}
