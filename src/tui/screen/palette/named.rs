//! What has a name: chapters, labs, exercises, and the way home. A word fits where a word of the name
//! begins with it, or where it says what kind of thing is wanted (`lab scatter`).

use super::row::Row;
use crate::practice::prompt;
use crate::tui::effect::Place;
use crate::tui::screen::Cx;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Home,
    Read,
    Lab,
    /// An experiment of a lab.
    Predict,
    /// A challenge of a lab.
    Meet,
    Source,
    Build,
    Defend,
    /// A mock interview on a topic.
    Mock,
}

impl Kind {
    /// As a line of the list calls it.
    const fn label(self) -> &'static str {
        match self {
            Self::Home => "go to",
            Self::Read => "read",
            Self::Lab => "lab",
            Self::Predict => "predict",
            Self::Meet => "meet",
            Self::Source => "source",
            Self::Build => "build",
            Self::Defend => "defend",
            Self::Mock => "mock",
        }
    }

    /// The words by which people ask for it.
    const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Home => &["go"],
            Self::Read => &["chapter", "chapters", "read"],
            Self::Lab => &["lab", "labs", "poke"],
            Self::Predict => &["experiment", "experiments", "predict"],
            Self::Meet => &["challenge", "challenges", "meet"],
            Self::Source => &["source", "sources", "code"],
            Self::Build => &["exercise", "exercises", "build"],
            Self::Mock => &["mock", "mocks"],
            Self::Defend => &["question", "questions", "interview", "defend"],
        }
    }
}

struct Item {
    kind: Kind,
    /// What the program calls it: `scatter-gather`, or the number of a chapter.
    ids: Vec<String>,
    title: String,
    /// The title's letters in lower case, and where its words begin.
    letters: Vec<char>,
    begins: Vec<usize>,
    place: Place,
}

impl Item {
    fn new(kind: Kind, ids: &[&str], title: String, place: Place) -> Self {
        let letters: Vec<char> = title.chars().map(lower).collect();
        let begins = (0..letters.len())
            .filter(|at| {
                letters[*at].is_alphanumeric()
                    && at
                        .checked_sub(1)
                        .is_none_or(|n| !letters[n].is_alphanumeric())
            })
            .collect();
        Self {
            kind,
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            title,
            letters,
            begins,
            place,
        }
    }

    /// How a word fits, and where in the title: a word of it begins so, a word of an id does, or it
    /// stands inside a word.
    fn fit(&self, word: &[char]) -> Option<(Fit, Option<usize>)> {
        let here = |at: usize| self.letters[at..].starts_with(word);
        if let Some(at) = self.begins.iter().copied().find(|at| here(*at)) {
            return Some((Fit::Begins, Some(at)));
        }
        let begun: String = word.iter().collect();
        let mut parts = self.ids.iter().flat_map(|id| id.split('-'));
        if parts.any(|part| part.starts_with(&begun)) {
            return Some((Fit::Begins, None));
        }
        let inside = (0..self.letters.len()).find(|at| here(*at))?;
        Some((Fit::Inside, Some(inside)))
    }

    fn row(&self, matched: Vec<u32>) -> Row {
        Row {
            kind: self.kind.label(),
            within: String::new(),
            text: self.title.clone(),
            matched,
            place: self.place.clone(),
        }
    }
}

/// How well words fit a name, the better first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// They are its id.
    Exact,
    /// One says its kind, the others begin words of it.
    Asked,
    Begins,
    Inside,
}

pub struct Named {
    /// In the order of the book.
    items: Vec<Item>,
}

impl Named {
    pub fn of(cx: &Cx<'_>) -> Self {
        let mut items = Vec::new();
        for (id, title, place) in [
            ("home", "Home: the curriculum", Place::Home),
            ("runs", "Saved runs of labs", Place::Runs),
            (
                "designs",
                "Designs: systems of your own, and briefs",
                Place::Designs,
            ),
            (
                "exercises",
                "Exercises by chapter: what you have passed",
                Place::Exercises,
            ),
            ("review", "Review: what is due", Place::Review),
            ("progress", "Progress: where you stand", Place::Progress),
            ("drill", "Numbers drill", Place::Drill { only: None }),
            (
                "gameday",
                "Game day: on call for the auction of an evening",
                Place::GameDay { night: None },
            ),
            (
                "bookmarks",
                "Bookmarks: the places that you marked, with your notes",
                Place::Bookmarks,
            ),
            (
                "settings",
                "Settings: interview date, cards a day, judge",
                Place::Settings,
            ),
            (
                "cheat",
                "Cheat sheets of all patterns",
                Place::Cheat { chapter: None },
            ),
        ] {
            items.push(Item::new(Kind::Home, &[id], title.to_owned(), place));
        }
        for chapter in cx.library.chapters() {
            let meta = &chapter.meta;
            items.push(Item::new(
                Kind::Read,
                &[&meta.id, &meta.number.to_string()],
                format!("{} {}", meta.number, meta.title),
                Place::chapter(&meta.id),
            ));
        }
        for lab in ddlab_labs::all() {
            let spec = lab.spec();
            let title = spec.title.to_owned();
            items.push(Item::new(Kind::Lab, &[spec.id], title, Place::lab(spec.id)));
            let guides = ddlab_labs::guides(spec.id);
            let guide = |kind, title: &str, id: &str| {
                let title = format!("{}: {title}", spec.title);
                Item::new(kind, &[id], title, Place::guide(spec.id, id))
            };
            let experiments = guides.experiments.iter();
            items.extend(experiments.map(|one| guide(Kind::Predict, &one.title, &one.id)));
            let challenges = guides.challenges.iter();
            items.extend(challenges.map(|one| guide(Kind::Meet, &one.title, &one.id)));
            let title = format!("{}: pattern.rs", spec.title);
            items.push(Item::new(Kind::Source, &[], title, Place::source(spec.id)));
        }
        for exercise in ddlab_exercises::all() {
            let manifest = exercise.manifest();
            let (slug, title) = (&manifest.slug, manifest.title.clone());
            items.push(Item::new(
                Kind::Build,
                &[slug],
                title,
                Place::exercise(slug),
            ));
        }
        for (id, title) in prompt::topics(cx.library) {
            let place = Place::interview(id.clone());
            items.push(Item::new(Kind::Mock, &[&id], title, place));
        }
        for chapter in cx.library.chapters() {
            for question in &chapter.interview {
                let words: Vec<&str> = question.prompt.split_whitespace().collect();
                let place = Place::question(&chapter.meta.id, Some(&question.id));
                items.push(Item::new(Kind::Defend, &[], words.join(" "), place));
            }
        }
        Self { items }
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn all(&self) -> Vec<Row> {
        self.items.iter().map(|item| item.row(Vec::new())).collect()
    }

    /// Questions are found by their words, in the index of the book: in sentences as long as theirs a few
    /// letters fit everywhere.
    fn but_questions(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.kind != Kind::Defend)
    }

    /// Whether all of a kind are asked for, such as `labs`.
    pub fn asks_for_a_kind(&self, typed: &str) -> bool {
        let typed = typed.trim().to_lowercase();
        let mut items = self.but_questions();
        items.any(|item| item.kind.words().contains(&typed.as_str()))
    }

    /// What all the words fit, the best first.
    pub fn fitting(&self, typed: &str) -> Vec<Row> {
        let typed = typed.trim().to_lowercase();
        let words: Vec<Vec<char>> = typed
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(|word| word.chars().collect())
            .collect();
        if words.is_empty() {
            return Vec::new();
        }
        let mut fitting: Vec<(Fit, Row)> = self
            .but_questions()
            .filter_map(|item| {
                let (fit, matched) = fit(item, &typed, &words)?;
                Some((fit, item.row(matched)))
            })
            .collect();
        // A stable sort: what fits as well stays in the order of the book.
        fitting.sort_by_key(|(fit, _)| *fit);
        fitting.into_iter().map(|(_, row)| row).collect()
    }

    /// What has these letters in this order, anywhere: for who left some out.
    pub fn like(&self, typed: &str) -> Vec<Row> {
        let pattern = Pattern::parse(typed, CaseMatching::Smart, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut scored: Vec<(u32, Row)> = Vec::new();
        let mut characters = Vec::new();
        for item in self.but_questions() {
            let mut matched = Vec::new();
            let title = Utf32Str::new(&item.title, &mut characters);
            if let Some(score) = pattern.indices(title, &mut matcher, &mut matched) {
                scored.push((score, item.row(matched)));
            }
        }
        scored.sort_by_key(|&(score, _)| std::cmp::Reverse(score));
        scored.into_iter().map(|(_, row)| row).collect()
    }
}

/// How well all the words fit, and the letters of the title that they are.
fn fit(item: &Item, typed: &str, words: &[Vec<char>]) -> Option<(Fit, Vec<u32>)> {
    if item.ids.iter().any(|id| id == typed) {
        return Some((Fit::Exact, Vec::new()));
    }
    let mut worst = Fit::Begins;
    let mut asked = false;
    let mut matched = Vec::new();
    for word in words {
        let kind = item.kind.words().iter();
        if !asked
            && kind
                .copied()
                .any(|name| name.chars().eq(word.iter().copied()))
        {
            asked = true;
            continue;
        }
        let (fit, at) = item.fit(word)?;
        worst = worst.max(fit);
        matched.extend(
            at.into_iter()
                .flat_map(|at| (at..at + word.len()).map(|n| n as u32)),
        );
    }
    let best = if asked && worst == Fit::Begins {
        Fit::Asked
    } else {
        worst
    };
    Some((best, matched))
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}
