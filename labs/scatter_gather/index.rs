//! The index: a small collection of auction lots, made up from the seed alone, and the one truth
//! that every gathered answer is held against.
//!
//! Leaves hold documents by number (document d is on leaf d mod fan-out), each with its own sorted
//! top ten for each query. The truth is computed apart from that, from one index over all documents.

use super::pattern::{Hit, TOP};
use crate::engine::{Source, keyed};

const ADJECTIVES: [&str; 8] = [
    "oak", "brass", "vintage", "signed", "rare", "small", "red", "silver",
];
const NOUNS: [&str; 8] = [
    "chair", "camera", "clock", "guitar", "vase", "lamp", "map", "ring",
];

/// The vocabulary: all adjectives and nouns.
const VOCABULARY: usize = ADJECTIVES.len() + NOUNS.len();
/// Words of a document, some of them the same.
const WORDS: usize = 6;

/// Documents at a small fan-out; at a large one, ten for each leaf.
const DOCUMENTS_MIN: usize = 2_000;

/// What is asked: an adjective and a noun. The workload asks for both; somebody outside may ask for one,
/// or for words that no lot has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query {
    /// The number of words of its kind stands for none.
    adjective: u8,
    noun: u8,
}

impl Query {
    /// Queries of both words: what the workload draws from.
    pub const COUNT: usize = ADJECTIVES.len() * NOUNS.len();

    /// The query with this number, from 0 up to [`Query::COUNT`].
    pub fn number(number: usize) -> Self {
        let number = number % Self::COUNT;
        Self {
            adjective: (number / NOUNS.len()) as u8,
            noun: (number % NOUNS.len()) as u8,
        }
    }

    /// The first adjective and the first noun of a text, and the words that stand for nothing here.
    pub fn parse(text: &str) -> (Self, Vec<String>) {
        let mut query = Self {
            adjective: ADJECTIVES.len() as u8,
            noun: NOUNS.len() as u8,
        };
        let mut unknown = Vec::new();
        for word in text.split_whitespace() {
            let word = word.to_lowercase();
            let place = |words: &[&str]| words.iter().position(|known| *known == word);
            match (place(&ADJECTIVES), place(&NOUNS)) {
                (Some(at), _) if usize::from(query.adjective) == ADJECTIVES.len() => {
                    query.adjective = at as u8;
                }
                (_, Some(at)) if usize::from(query.noun) == NOUNS.len() => query.noun = at as u8,
                _ => unknown.push(word),
            }
        }
        (query, unknown)
    }

    /// Every query there is, in the order of their indices.
    fn all() -> impl Iterator<Item = Self> {
        let adjectives = 0..=ADJECTIVES.len() as u8;
        adjectives
            .flat_map(|adjective| (0..=NOUNS.len() as u8).map(move |noun| Self { adjective, noun }))
    }

    fn index(self) -> usize {
        usize::from(self.adjective) * (NOUNS.len() + 1) + usize::from(self.noun)
    }

    /// `oak chair`.
    pub fn text(self) -> String {
        let words: Vec<&str> = self.words().into_iter().flatten().map(word).collect();
        words.join(" ")
    }

    fn words(self) -> [Option<u8>; 2] {
        let nouns_from = ADJECTIVES.len() as u8;
        [
            (self.adjective < nouns_from).then_some(self.adjective),
            (usize::from(self.noun) < NOUNS.len()).then_some(nouns_from + self.noun),
        ]
    }
}

/// A word of the vocabulary by its number.
fn word(number: u8) -> &'static str {
    let number = usize::from(number);
    ADJECTIVES
        .get(number)
        .unwrap_or_else(|| &NOUNS[number - ADJECTIVES.len()])
}

/// A lot: the weight of each word of the vocabulary (how often, how prominent), 0 of those that it has not.
#[derive(Debug, Clone)]
struct Document([u32; VOCABULARY]);

impl Document {
    fn made_up(seed: u64, number: usize) -> Self {
        let mut draw = keyed(seed, "document", &[number as u64]);
        let mut weights = [0; VOCABULARY];
        for _ in 0..WORDS {
            let word = draw.below(VOCABULARY as u64) as usize;
            weights[word] += 1 + draw.below(1000) as u32;
        }
        Self(weights)
    }

    /// The sum of the weights of the query's words; 0 when it has none of them.
    fn score(&self, query: Query) -> u32 {
        let weight = |word: Option<u8>| word.map_or(0, |word| self.0[usize::from(word)]);
        query.words().into_iter().map(weight).sum()
    }
}

/// All documents, split over leaves, with every answer worked out beforehand: a search takes virtual
/// time, not real time.
#[derive(Debug)]
pub struct Index {
    /// By leaf, then by query: sorted top tens.
    leaves: Vec<Vec<Vec<Hit>>>,
    /// By query: every match of one index over all documents, best first.
    whole: Vec<Vec<Hit>>,
    seed: u64,
}

impl Index {
    pub fn new(seed: u64, fan_out: usize) -> Self {
        let count = DOCUMENTS_MIN.max(10 * fan_out);
        let documents: Vec<Document> = (0..count).map(|n| Document::made_up(seed, n)).collect();
        let queries = Query::all;
        let leaf = |leaf: usize| {
            let own = || documents.iter().enumerate().skip(leaf).step_by(fan_out);
            queries().map(|query| best(own(), query, TOP)).collect()
        };
        let all = || documents.iter().enumerate();
        Self {
            leaves: (0..fan_out).map(leaf).collect(),
            whole: queries()
                .map(|query| best(all(), query, usize::MAX))
                .collect(),
            seed,
        }
    }

    /// The words of a document, without repeats.
    pub fn words(&self, document: u32) -> Vec<&'static str> {
        let Document(weights) = Document::made_up(self.seed, document as usize);
        let words = (0..).zip(weights).filter(|(_, weight)| *weight > 0);
        words.map(|(number, _)| word(number)).collect()
    }

    pub fn leaves(&self) -> usize {
        self.leaves.len()
    }

    /// What a leaf answers: its own best, best first.
    pub fn search(&self, leaf: usize, query: Query) -> &[Hit] {
        &self.leaves[leaf][query.index()]
    }

    /// The best of the documents on those leaves that count, from the one index over all documents.
    pub fn truth(&self, query: Query, counts: impl Fn(usize) -> bool) -> Vec<Hit> {
        let fan_out = self.leaves.len();
        let matches = self.whole[query.index()].iter();
        matches
            .filter(|hit| counts(hit.document as usize % fan_out))
            .take(TOP)
            .copied()
            .collect()
    }
}

fn best<'a>(
    documents: impl Iterator<Item = (usize, &'a Document)>,
    query: Query,
    limit: usize,
) -> Vec<Hit> {
    let scored = documents.map(|(number, document)| Hit {
        score: document.score(query),
        document: number as u32,
    });
    let mut hits: Vec<Hit> = scored.filter(|hit| hit.score > 0).collect();
    // By its own rule and not by `Hit`'s order: the truth must not share a fault with the pattern.
    hits.sort_unstable_by_key(|hit| (std::cmp::Reverse(hit.score), hit.document));
    hits.truncate(limit);
    hits
}
