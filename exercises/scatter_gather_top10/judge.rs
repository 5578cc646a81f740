//! From what the program said to what is wrong with it. One order of questions for all checks: is
//! it there in time, is it the right status, can it be read, does it count the shards right, are
//! the hits right. The check says which mistake a wrong answer to each would be.

use super::corpus::{Hit, SHARDS, TOP, mark};
use super::search::{Search, calls};
use crate::harness::probe::Reply;
use crate::harness::upstream::Upstream;
use crate::harness::verdict::{Diagnosis, Failure};
use ddlab_text::clip;
use serde::Deserialize;
use std::collections::BTreeSet;

/// The body of a 200.
#[derive(Debug, Deserialize)]
struct SearchBody {
    hits: Vec<Hit>,
    shards_ok: u64,
    shards_total: u64,
    missing: Vec<String>,
}

/// What a check expects of one answer.
#[derive(Debug, Clone)]
pub struct Expected<'a> {
    pub query: &'a str,
    /// Numbers of the shards that must be missing, from 0.
    pub missing: &'a [usize],
    /// The fault, to complete "while …"; empty if all is well.
    pub during: String,
    pub diagnoses: Diagnoses,
}

impl<'a> Expected<'a> {
    /// An answer of all shards.
    pub fn whole(query: &'a str) -> Self {
        Self {
            query,
            missing: &[],
            during: String::new(),
            diagnoses: Diagnoses::USUAL,
        }
    }

    /// An answer without these shards.
    pub fn partial(query: &'a str, missing: &'a [usize]) -> Self {
        Self {
            missing,
            diagnoses: Diagnoses {
                // Any status but 200 throws away what the others said.
                status: Diagnosis("fails-whole-request"),
                ..Diagnoses::USUAL
            },
            ..Self::whole(query)
        }
    }

    #[must_use]
    pub fn during(self, during: impl Into<String>) -> Self {
        Self {
            during: during.into(),
            ..self
        }
    }

    /// Names mistakes otherwise than usual.
    #[must_use]
    pub fn names(mut self, rename: impl FnOnce(&mut Diagnoses)) -> Self {
        rename(&mut self.diagnoses);
        self
    }
}

/// What it means in this check if an answer is wrong in this way.
#[derive(Debug, Clone, Copy)]
pub struct Diagnoses {
    /// It never came.
    pub never: Diagnosis,
    /// It came too late.
    pub late: Diagnosis,
    /// Another status than 200.
    pub status: Diagnosis,
    /// It counts a shard as ok that is not.
    pub hides: Diagnosis,
    /// It calls a good shard missing.
    pub blames: Diagnosis,
    /// It has hits of another query.
    pub foreign: Diagnosis,
    /// The hits are right, their order is not.
    pub order: Diagnosis,
    /// The hits are wrong in another way.
    pub merge: Diagnosis,
}

impl Diagnoses {
    pub const USUAL: Self = Self {
        never: Diagnosis("waits-for-all"),
        late: Diagnosis("misses-deadline"),
        status: Diagnosis("wrong-status"),
        hides: Diagnosis("hides-missing-shard"),
        blames: Diagnosis("blames-good-shard"),
        foreign: Diagnosis("mixes-requests"),
        order: Diagnosis("wrong-order"),
        merge: Diagnosis("wrong-merge"),
    };
}

/// Nothing wrong, or what is.
pub type Judged = Result<(), Box<Failure>>;

/// Whether the answer is right. `sent` and `when` of the failure are the caller's to fill in.
pub fn judge(search: &Search, expected: &Expected<'_>, reply: &Reply) -> Judged {
    let names = expected.diagnoses;
    if reply.took > search.bound() {
        return Err(search.late(names.late, reply.took).into());
    }
    if reply.status != 200 {
        let said = clip(&reply.text(), 120);
        return Err(Failure::new(
            names.status,
            "The status is not 200, though shards answered.",
        )
        .got(format!("status {}, {said}", reply.status))
        .expected(format!(
            "status 200 with the hits of {}",
            ok_words(expected.missing)
        ))
        .into());
    }
    let answer: SearchBody =
        serde_json::from_slice(&reply.body).map_err(|error| -> Box<Failure> {
            Failure::new(
                Diagnosis("wrong-shape"),
                "The body is not what the statement promises.",
            )
            .got(format!("{} ({error})", clip(&reply.text(), 100)))
            .expected("JSON with hits, shards_ok, shards_total and missing")
            .into()
        })?;
    judge_asked(search, expected)?;
    judge_origin(expected, &answer.hits)?;
    judge_count(search, expected, &answer)?;
    judge_hits(search, expected, &answer.hits)
}

/// Whatever else is wrong, a shard that was never asked is the cause of it.
fn judge_asked(search: &Search, expected: &Expected<'_>) -> Judged {
    let unasked: Vec<&str> = search
        .shards
        .iter()
        .filter(|shard| calls(shard, expected.query).is_empty())
        .map(Upstream::name)
        .collect();
    if unasked.is_empty() {
        return Ok(());
    }
    let headline = "Not every shard was asked for what the client asked for.";
    Err(Failure::new(Diagnosis("asks-too-few-shards"), headline)
        .got(format!(
            "an answer, and {} never asked",
            unasked.join(" and ")
        ))
        .expected("each shard asked, for the text that came")
        .into())
}

/// Hits of another search come before all else: where they are, the counts are wrong as well, and
/// for the same reason.
fn judge_origin(expected: &Expected<'_>, hits: &[Hit]) -> Judged {
    let own = format!("lot-{}-", mark(expected.query));
    let is_own = |hit: &Hit| hit.id.to_lowercase().starts_with(&own);
    let Some(place) = hits.iter().position(|hit| !is_own(hit)) else {
        return Ok(());
    };
    let headline = "The answer has hits that belong to another search.";
    Err(Failure::new(expected.diagnoses.foreign, headline)
        .got(around(hits, place))
        .expected(format!(
            "every id of this search begins with {own}, in small letters or capitals"
        ))
        .into())
}

fn judge_count(search: &Search, expected: &Expected<'_>, answer: &SearchBody) -> Judged {
    let names = expected.diagnoses;
    let should: BTreeSet<&str> = expected
        .missing
        .iter()
        .map(|nr| search.shards[*nr].url())
        .collect();
    let says: BTreeSet<&str> = answer.missing.iter().map(String::as_str).collect();
    let right_ok = (SHARDS - should.len()) as u64;
    let known = |url: &&str| search.shards.iter().any(|shard| shard.url() == *url);
    let fault = if !says.iter().all(known) {
        Some((
            Diagnosis("misspells-shard"),
            "The answer calls a shard missing that is not spelled as in SHARDS.",
        ))
    } else if should.iter().any(|url| !says.contains(url)) {
        Some((
            names.hides,
            "The answer does not say that a shard is missing.",
        ))
    } else if says.iter().any(|url| !should.contains(url)) {
        Some((
            names.blames,
            "The answer calls a shard missing that answered well and in time.",
        ))
    } else if answer.shards_ok != right_ok || answer.shards_total != SHARDS as u64 {
        Some((Diagnosis("wrong-count"), "The answer miscounts its shards."))
    } else {
        None
    };
    let Some((diagnosis, headline)) = fault else {
        return Ok(());
    };
    let list = |urls: BTreeSet<&str>| urls.into_iter().collect::<Vec<_>>().join(", ");
    let failure = Failure::new(diagnosis, headline)
        .got(format!(
            "shards_ok {}, shards_total {}, missing [{}]",
            answer.shards_ok,
            answer.shards_total,
            list(says),
        ))
        .expected(format!(
            "shards_ok {right_ok}, shards_total {SHARDS}, missing [{}]",
            list(should)
        ));
    // Whether a good shard is missed may hang on who was scheduled when; what is hidden does not.
    Err(if diagnosis == Diagnosis("gives-up-early") {
        failure.by_clock(search.deadline / 8).into()
    } else if diagnosis == names.blames {
        failure.by_clock(search.deadline / 2).into()
    } else {
        failure.into()
    })
}

fn judge_hits(search: &Search, expected: &Expected<'_>, hits: &[Hit]) -> Judged {
    let ok: Vec<usize> = (0..SHARDS)
        .filter(|nr| !expected.missing.contains(nr))
        .collect();
    let right = search.corpus.oracle(expected.query, &ok);
    if hits == right {
        return Ok(());
    }
    let ids: BTreeSet<&str> = hits.iter().map(|hit| hit.id.as_str()).collect();
    let right_ids: BTreeSet<&str> = right.iter().map(|hit| hit.id.as_str()).collect();
    let names = expected.diagnoses;
    let scores = |hits: &[Hit]| hits.iter().map(|hit| hit.score).collect::<Vec<_>>();
    let (diagnosis, headline) = if ids.len() < hits.len() {
        (
            Diagnosis("keeps-duplicates"),
            "A lot appears more than once.",
        )
    } else if hits.len() > TOP {
        (
            Diagnosis("wrong-merge"),
            "The answer has more than ten hits.",
        )
    } else if ids == right_ids && hits.len() == right.len() {
        (
            names.order,
            "The right hits, in the wrong order or with a wrong score.",
        )
    } else if scores(hits) == scores(&right) {
        (
            names.order,
            "The right scores, and of equal ones other ids than the first.",
        )
    } else {
        (names.merge, "The hits are not the ten best.")
    };
    let first_wrong = hits.iter().zip(&right).position(|(a, b)| a != b);
    let place = first_wrong.unwrap_or_else(|| hits.len().min(right.len()));
    Err(Failure::new(diagnosis, headline)
        .got(around(hits, place))
        .expected(around(&right, place))
        .into())
}

/// The hits near the first wrong place, few enough to compare by eye.
fn around(hits: &[Hit], place: usize) -> String {
    let from = place.saturating_sub(1);
    let shown: Vec<String> = hits
        .iter()
        .enumerate()
        .skip(from)
        .take(4)
        .map(|(nr, hit)| format!("#{} {} ({})", nr + 1, clip(&hit.id, 24), hit.score))
        .collect();
    match shown.as_slice() {
        [] => format!("{} hits, none at place {}", hits.len(), place + 1),
        some => format!("{} hits: … {}", hits.len(), some.join(", ")),
    }
}

fn ok_words(missing: &[usize]) -> String {
    let ok: Vec<String> = (0..SHARDS)
        .filter(|nr| !missing.contains(nr))
        .map(|nr| format!("shard {}", nr + 1))
        .collect();
    ok.join(" and ")
}
