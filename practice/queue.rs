//! The order in which due cards are asked: what is closest to being forgotten first, and patterns that are
//! easily confused next to each other, since telling them apart is what one trains.

use crate::shuffle;

/// Patterns that people take for one another, by the ids of their chapters.
const CONFUSABLE: [&[&str]; 4] = [
    &["sidecar", "ambassador", "adapter"],
    &["work-queue", "scatter-gather"],
    &["replicated", "sharded"],
    &["event-pipeline", "coordinated-batch"],
];

/// A card that is due.
#[derive(Debug, Clone, PartialEq)]
pub struct DueCard {
    pub id: String,
    /// The id of its chapter.
    pub chapter: String,
    /// The chance that it is remembered now, 0 to 1.
    pub recall: f64,
}

/// Whether these two chapters are easily taken for one another.
pub fn is_confusable(one: &str, other: &str) -> bool {
    let together = |group: &&&[&str]| group.contains(&one) && group.contains(&other);
    one != other && CONFUSABLE.iter().find(together).is_some()
}

/// At most `limit` cards: the ones most at risk, in an order where neighbours come from different chapters
/// as far as there are any, confusable ones first. The seed decides between equals.
pub fn order(mut cards: Vec<DueCard>, limit: usize, seed: u64) -> Vec<DueCard> {
    let tie = |card: &DueCard| shuffle::seed_of(&card.id) ^ seed;
    cards.sort_by(|a, b| {
        a.recall
            .total_cmp(&b.recall)
            .then_with(|| tie(a).cmp(&tie(b)))
    });
    cards.truncate(limit);
    let mut ordered: Vec<DueCard> = Vec::with_capacity(cards.len());
    while !cards.is_empty() {
        let next = match ordered.last() {
            None => 0,
            Some(last) => {
                let confusable = |card: &DueCard| is_confusable(&card.chapter, &last.chapter);
                let other = |card: &DueCard| card.chapter != last.chapter;
                let first = |wanted: &dyn Fn(&DueCard) -> bool| cards.iter().position(wanted);
                first(&confusable).or_else(|| first(&other)).unwrap_or(0)
            }
        };
        ordered.push(cards.remove(next));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn card(id: &str, chapter: &str, recall: f64) -> DueCard {
        DueCard {
            id: id.to_owned(),
            chapter: chapter.to_owned(),
            recall,
        }
    }

    #[test]
    fn confusable_patterns_alternate_and_the_limit_keeps_what_is_most_at_risk() {
        let cards = vec![
            card("s1", "sidecar", 0.5),
            card("s2", "sidecar", 0.55),
            card("e1", "election", 0.6),
            card("a1", "ambassador", 0.7),
            card("a2", "adapter", 0.8),
            card("safe", "sharded", 0.99),
        ];
        let chapters: Vec<String> = order(cards, 5, 1).into_iter().map(|c| c.chapter).collect();
        assert_eq!(
            chapters,
            ["sidecar", "ambassador", "sidecar", "adapter", "election"]
        );
    }

    proptest! {
        #[test]
        fn every_card_comes_once(picks in prop::collection::vec((0..12usize, 0.0..1.0f64), 0..40), seed: u64) {
            let chapters = ["sidecar", "adapter", "sharded", "election"];
            let cards: Vec<DueCard> = picks.iter().enumerate()
                .map(|(n, (chapter, recall))| card(&n.to_string(), chapters[chapter % 4], *recall))
                .collect();
            let mut ids: Vec<usize> = order(cards, usize::MAX, seed).iter()
                .map(|card| card.id.parse().unwrap()).collect();
            ids.sort_unstable();
            prop_assert_eq!(ids, (0..picks.len()).collect::<Vec<_>>());
        }
    }
}
