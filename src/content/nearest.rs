//! The right name nearest to a wrong one.

/// The candidate most like `asked`, or none when nothing is near enough to be meant.
pub fn nearest<'a>(asked: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let asked = asked.to_lowercase();
    candidates
        .into_iter()
        .map(|name| {
            let lower = name.to_lowercase();
            // Edit distance sees slips of the finger, the common beginning sees names cut short.
            let likeness = strsim::normalized_damerau_levenshtein(&asked, &lower)
                .max(strsim::jaro_winkler(&asked, &lower) * 0.8);
            (name, likeness)
        })
        .filter(|(_, likeness)| *likeness >= 0.4)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["scatter-gather", "sharded", "sidecar", "work-queue"];

    #[test]
    fn a_slip_of_the_finger_finds_its_name() {
        assert_eq!(nearest("scater-gahter", NAMES), Some("scatter-gather"));
        assert_eq!(nearest("Shraded", NAMES), Some("sharded"));
        assert_eq!(nearest("scatter", NAMES), Some("scatter-gather"));
        assert_eq!(nearest("workqueue", NAMES), Some("work-queue"));
    }

    #[test]
    fn what_is_like_nothing_finds_nothing() {
        assert_eq!(nearest("zzzzzz", NAMES), None);
        assert_eq!(nearest("", NAMES), None);
    }
}
