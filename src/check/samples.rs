//! The terms of a rubric, held against what six people might say: a point must be heard in its good
//! sentence, not in its bad one, and in the samples where a careful listener would tick it.

use super::interview::Asked;
use crate::content::model::{Sample, SampleKind};
use crate::study::rubric::{Matcher, Writing, mentions};
use std::collections::BTreeSet;

/// Of the points of a question, so many must be heard as a listener would tick them, over the samples
/// that are answers. Terms cannot do what a listener does; this is how far they must come.
const AGREEMENT_MIN: f64 = 0.8;

/// A point that no listener would tick may be heard in one sample by accident, not in more.
const STRAY_MENTIONS_MAX: usize = 1;

const KINDS: [SampleKind; 6] = [
    SampleKind::Strong,
    SampleKind::Middling,
    SampleKind::Weak,
    SampleKind::Salad,
    SampleKind::Negated,
    SampleKind::OffTopic,
];

pub fn check(asked: &mut Asked<'_>) {
    each_kind_once(asked);
    ticks_exist(asked);
    let Some(matchers) = matchers(asked) else {
        return;
    };
    good_and_bad(asked, &matchers);
    let question = asked.question;
    for (number, sample) in question.samples.iter().enumerate() {
        let ids = question.rubric.iter().map(|point| point.id.as_str());
        let heard: BTreeSet<&str> = mentions(ids.zip(&matchers), &sample.text)
            .into_iter()
            .filter(super::super::study::rubric::Mention::seen)
            .map(|mention| mention.point)
            .collect();
        let ticked: BTreeSet<&str> = sample.ticks.iter().map(String::as_str).collect();
        one_sample(asked, number, sample, &heard, &ticked);
    }
}

fn name(kind: SampleKind) -> &'static str {
    match kind {
        SampleKind::Strong => "strong",
        SampleKind::Middling => "middling",
        SampleKind::Weak => "weak",
        SampleKind::Salad => "salad",
        SampleKind::Negated => "negated",
        SampleKind::OffTopic => "off_topic",
    }
}

fn each_kind_once(asked: &mut Asked<'_>) {
    for kind in KINDS {
        let samples = &asked.question.samples;
        let count = samples.iter().filter(|sample| sample.kind == kind).count();
        if count != 1 {
            asked.error(
                &["samples".into()],
                &format!("there are {count} samples of kind `{}`", name(kind)),
                "give one of each: strong, middling, weak, salad, negated, off_topic",
            );
        }
    }
}

fn ticks_exist(asked: &mut Asked<'_>) {
    for (number, sample) in asked.question.samples.iter().enumerate() {
        for (index, id) in sample.ticks.iter().enumerate() {
            if !asked.has_point(id) {
                asked.no_point(
                    &[
                        "samples".into(),
                        number.into(),
                        "ticks".into(),
                        index.into(),
                    ],
                    id,
                );
            }
        }
    }
}

/// One for each point; none when a term set of any point can never match.
fn matchers(asked: &mut Asked<'_>) -> Option<Vec<Matcher>> {
    let mut matchers = Vec::new();
    for (number, point) in asked.question.rubric.iter().enumerate() {
        match Matcher::new(&point.matches) {
            Ok(matcher) => matchers.push(matcher),
            Err(error) => asked.error(
                &["rubric".into(), number.into(), "match".into()],
                &format!("the terms of `{}` cannot be read: {error}", point.id),
                "a group is a list of term sets such as \"slow*|straggler|long tail\"",
            ),
        }
    }
    (matchers.len() == asked.question.rubric.len()).then_some(matchers)
}

fn good_and_bad(asked: &mut Asked<'_>, matchers: &[Matcher]) {
    for (number, (point, matcher)) in asked.question.rubric.iter().zip(matchers).enumerate() {
        if matcher.find(&point.good).is_none() {
            asked.error(
                &["rubric".into(), number.into(), "good".into()],
                &format!("the good sentence does not mention `{}`", point.id),
                "widen the terms, or say it as people say it",
            );
        }
        if let Some(at) = matcher.find(&point.bad) {
            asked.error(
                &["rubric".into(), number.into(), "bad".into()],
                &format!(
                    "the bad sentence mentions `{}`: “{}”",
                    point.id, &point.bad[at]
                ),
                "narrow the terms",
            );
        }
    }
}

fn one_sample(
    asked: &mut Asked<'_>,
    number: usize,
    sample: &Sample,
    heard: &BTreeSet<&str>,
    ticked: &BTreeSet<&str>,
) {
    let place = ["samples".into(), number.into(), "text".into()];
    let list = |ids: Vec<&&str>| {
        let ids: Vec<&str> = ids.into_iter().copied().collect();
        ids.join(", ")
    };
    let kind = name(sample.kind);
    let prose = matches!(
        sample.kind,
        SampleKind::Strong | SampleKind::Middling | SampleKind::Weak
    );
    if !prose && !ticked.is_empty() {
        asked.error(
            &["samples".into(), number.into(), "ticks".into()],
            &format!("a `{kind}` sample earns no tick"),
            "leave its ticks empty, or rewrite it",
        );
    }
    match sample.kind {
        SampleKind::Salad if Writing::of(&sample.text) != Writing::Keywords => asked.error(
            &place,
            "the salad is not taken for one: it has too many small words",
            "throw keywords together without sentences",
        ),
        SampleKind::Negated | SampleKind::OffTopic if !heard.is_empty() => asked.error(
            &place,
            &format!(
                "the `{kind}` sample is heard to mention {}",
                list(heard.iter().collect())
            ),
            "narrow the terms of those points, or rewrite the sample",
        ),
        _ if prose => {
            if Writing::of(&sample.text) != Writing::Prose {
                asked.error(
                    &place,
                    &format!("the `{kind}` sample is not taken for English prose"),
                    "write it as people speak",
                );
            }
            let stray: Vec<&&str> = heard.difference(ticked).collect();
            if stray.len() > STRAY_MENTIONS_MAX {
                asked.error(
                    &place,
                    &format!(
                        "heard in the `{kind}` sample but not ticked: {}",
                        list(stray)
                    ),
                    "narrow the terms of those points, or tick what was said",
                );
            }
            let points = asked.question.rubric.len();
            let differ: Vec<&&str> = heard.symmetric_difference(ticked).collect();
            let agreement = 1.0 - differ.len() as f64 / points.max(1) as f64;
            if agreement < AGREEMENT_MIN {
                asked.error(
                    &place,
                    &format!(
                        "heard and ticked agree on {} of {points} points of the `{kind}` sample; they differ on {}",
                        points - differ.len(),
                        list(differ)
                    ),
                    "widen or narrow the terms of those points, or mend the ticks",
                );
            }
        }
        _ => {}
    }
}
