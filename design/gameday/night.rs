//! A night: which incidents come when, drawn by its seed, and said in one line.

use super::auction;
use super::incident::Incident;
use super::library::{LIBRARY, Template};
use crate::system::DesignLab;
use ddlab_labs::engine::{Draw, SimTime, Source as _, keyed};
use ddlab_labs::workbench::lab::Lab as _;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// What a line of a night begins with: the name and the number of the library. Another library draws other nights.
const NAME: &str = "ddlab-gameday";
pub const VERSION: u32 = 2;

/// The nights: how many incidents, and how difficult.
const NIGHTS: [(usize, RangeInclusive<u8>); 6] = [
    (1, 1..=1),
    (1, 2..=2),
    (1, 3..=3),
    (2, 1..=3),
    (2, 2..=3),
    (3, 1..=3),
];
pub const LAST: u8 = NIGHTS.len() as u8;

/// The evening, from the moment at which one comes on call.
pub const LENGTH_S: u64 = 30 * 60;
/// Seconds of the run before that: the system comes to its ordinary load, and the cache is filled.
pub const OPENING_S: u64 = 45;
/// From the beginning of an incident to that of the next, and what is drawn of it.
const APART_S: u64 = 9 * 60;
const FIRST_S: u64 = 2 * 60;
const JITTER_S: u64 = 90;
/// Harmless changes of a night.
const CHANGES: u64 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Night {
    /// From 1 to [`LAST`], the difficult ones last.
    number: u8,
    pub seed: u64,
}

/// Why a line is not a night.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NightError {
    #[error("there is no night {0}; they go from 1 to {LAST}")]
    Number(u64),
    #[error("`{given}` is not a night; write `{NAME} {VERSION} night 1 seed 7`", given = ddlab_text::given(.0))]
    Form(String),
    #[error(
        "the line is of the incidents in version {0}, and these are version {VERSION}; use the ddlab that wrote it"
    )]
    Version(u32),
}

/// An incident at its moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    pub begins: SimTime,
    pub incident: Incident,
}

impl Night {
    /// # Errors
    /// When there is no night of this number.
    pub fn new(number: u64, seed: u64) -> Result<Self, NightError> {
        let in_range = u8::try_from(number)
            .ok()
            .filter(|number| (1..=LAST).contains(number));
        let number = in_range.ok_or(NightError::Number(number))?;
        Ok(Self { number, seed })
    }

    pub fn number(self) -> u8 {
        self.number
    }

    /// The incidents of this night, in order of time.
    pub fn incidents(self) -> Vec<Planned> {
        let (count, difficulty) = &NIGHTS[usize::from(self.number) - 1];
        let mut draw = keyed(self.seed, "night", &[u64::from(self.number)]);
        let mut left: Vec<&Template> = LIBRARY
            .iter()
            .filter(|template| difficulty.contains(&template.difficulty))
            .collect();
        let mut planned: Vec<Planned> = Vec::new();
        while planned.len() < *count && !left.is_empty() {
            let template = left.remove(draw.below(left.len() as u64) as usize);
            let nth = planned.len() as u64;
            let begins = OPENING_S + FIRST_S + nth * APART_S + draw.below(JITTER_S);
            let incident = (template.make)(&mut draw);
            // Two causes in one place could not be told apart.
            if planned
                .iter()
                .all(|other| other.incident.cause.part != incident.cause.part)
            {
                let begins = SimTime::from_secs(begins);
                planned.push(Planned { begins, incident });
            }
        }
        planned
    }

    /// Lines of the log that mean nothing: an ordinary evening has changes, too.
    pub fn changes(self) -> Vec<(SimTime, String)> {
        let mut draw = keyed(self.seed, "changes", &[u64::from(self.number)]);
        let harmless = |_| {
            let at = SimTime::from_secs(OPENING_S + 30 + draw.below(LENGTH_S - 60));
            (at, change(&mut draw))
        };
        (0..CHANGES).map(harmless).collect()
    }
}

fn change(draw: &mut Draw) -> String {
    let parts = ["catalog", "search", "thumbnails"];
    let part = parts[draw.below(parts.len() as u64) as usize];
    format!(
        "{part}: version {} is rolled out to all machines",
        100 + draw.below(300)
    )
}

impl fmt::Display for Night {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{NAME} {VERSION} night {} seed {}",
            self.number, self.seed
        )
    }
}

impl FromStr for Night {
    type Err = NightError;

    fn from_str(line: &str) -> Result<Self, NightError> {
        let form = || NightError::Form(line.to_owned());
        let words: Vec<&str> = line.split_whitespace().collect();
        let [NAME, version, "night", number, "seed", seed] = words[..] else {
            return Err(form());
        };
        let version: u32 = version.parse().map_err(|_| form())?;
        if version != VERSION {
            return Err(NightError::Version(version));
        }
        let (number, seed) = (
            number.parse().map_err(|_| form())?,
            seed.parse().map_err(|_| form())?,
        );
        Self::new(number, seed)
    }
}

/// The number of a machine among all, from its component and its number there.
pub fn target(lab: &DesignLab, part: &str, number: u32) -> Option<u32> {
    let components = &lab.design().components;
    let place = lab.design().component(part)?;
    let before: usize = components[..place]
        .iter()
        .map(crate::format::Component::replicas)
        .sum();
    (1..=components[place].replicas() as u32)
        .contains(&number)
        .then_some(before as u32 + number)
}

/// `slow={search 2}:20` with the number that machine has among all.
pub fn resolve(text: &str) -> String {
    let Some((before, rest)) = text.split_once('{') else {
        return text.to_owned();
    };
    let (name, after) = rest.split_once('}').unwrap_or((rest, ""));
    let machine = name
        .split_once(' ')
        .and_then(|(part, number)| target(auction(), part, number.parse().ok()?));
    let machine = machine
        .unwrap_or_else(|| panic!("`{name}` is not a machine of {}", auction().spec().title));
    format!("{before}{machine}{after}")
}
