//! `quiz.yaml`: every question can be answered, says why, and gives nothing away by its form.

use super::finder::Finder;
use crate::content::model::{Chapter, QuizKind, QuizOption, QuizQuestion};
use crate::content::yaml::Step;

const QUESTIONS_MIN: usize = 10;
const SCENARIOS_MIN: usize = 3;
/// A right option that is this much longer than the longest wrong one gives itself away.
const LENGTH_RATIO_MAX: f64 = 1.3;

pub fn check(chapter: &Chapter, finder: &mut Finder) {
    let questions = &chapter.quiz;
    if !chapter.meta.coming {
        enough(questions, finder);
    }
    for (at, question) in questions.iter().enumerate() {
        let mut at_question = AtQuestion { at, finder };
        if chapter.sections.iter().all(|s| s.slug != question.section) {
            let known: Vec<&str> = chapter.sections.iter().map(|s| s.slug.as_str()).collect();
            at_question.error(
                &["section".into()],
                &format!("the page has no section `{}`", question.section),
                &format!("use one of {}", known.join(", ")),
            );
        }
        for (field, text) in [("prompt", &question.prompt), ("explain", &question.explain)] {
            if text.trim().is_empty() {
                at_question.error(&[field.into()], &format!("`{field}` is empty"), "write it");
            }
        }
        kind(question, &mut at_question);
    }
}

fn enough(questions: &[QuizQuestion], finder: &mut Finder) {
    let mut need = |what: &str, have: usize, min: usize| {
        if have < min {
            finder.error(
                &[],
                format!("the quiz has {have} {what}; a chapter needs at least {min}"),
                "add some, or say `coming: true` in the front matter",
            );
        }
    };
    need("questions", questions.len(), QUESTIONS_MIN);
    let scenarios = questions.iter().filter(|q| q.scenario).count();
    need("questions with `scenario: true`", scenarios, SCENARIOS_MIN);
    let apart = questions.iter().filter(|q| q.tells_apart).count();
    need("questions with `tells_apart: true`", apart, 1);
}

/// The finder, standing at one question.
struct AtQuestion<'a> {
    at: usize,
    finder: &'a mut Finder,
}

impl AtQuestion<'_> {
    fn error(&mut self, steps: &[Step<'_>], message: &str, cure: &str) {
        let steps = [&[self.at.into()], steps].concat();
        self.finder.error(&steps, message, cure);
    }

    fn warning(&mut self, steps: &[Step<'_>], message: &str, cure: &str) {
        let steps = [&[self.at.into()], steps].concat();
        self.finder.warning(&steps, message, cure);
    }
}

fn kind(question: &QuizQuestion, at: &mut AtQuestion<'_>) {
    match &question.kind {
        QuizKind::One { options: list } => {
            options("one", list, at);
            let right = list.iter().filter(|option| option.right).count();
            if right != 1 {
                at.error(
                    &["kind".into(), "one".into(), "options".into()],
                    &format!("{right} options are right; a question of kind `one` has exactly one"),
                    "mark one option with `right: true`, or make it `several`",
                );
            }
            gives_itself_away(list, at);
        }
        QuizKind::Several { options: list } => {
            options("several", list, at);
            if list.iter().all(|option| !option.right) {
                at.error(
                    &["kind".into(), "several".into(), "options".into()],
                    "no option is right",
                    "mark those that are with `right: true`",
                );
            }
        }
        QuizKind::Order {
            items,
            why_confused,
        } => {
            let place = ["kind".into(), "order".into()];
            if items.len() < 3 {
                at.error(&place, "an order needs at least three items", "add items");
            }
            if why_confused.trim().is_empty() {
                at.error(
                    &place,
                    "`why_confused` is empty",
                    "say why one would put them in another order",
                );
            }
            unique("order", items, at);
        }
        QuizKind::Match { pairs } => {
            if pairs.len() < 3 {
                at.error(
                    &["kind".into(), "match".into()],
                    "a match needs at least three pairs",
                    "add pairs",
                );
            }
            for (number, pair) in pairs.iter().enumerate() {
                if pair.why.trim().is_empty() {
                    let place = ["kind".into(), "match".into(), "pairs".into(), number.into()];
                    at.error(
                        &place,
                        "the pair has no `why`",
                        "say why they belong together",
                    );
                }
            }
            let lefts: Vec<String> = pairs.iter().map(|pair| pair.left.clone()).collect();
            unique("match", &lefts, at);
        }
        QuizKind::Number { .. } => number(question, at),
    }
}

fn options(kind: &str, options: &[QuizOption], at: &mut AtQuestion<'_>) {
    let place = |number: usize| -> [Step<'_>; 4] {
        ["kind".into(), kind.into(), "options".into(), number.into()]
    };
    if options.len() < 3 {
        at.error(
            &["kind".into(), kind.into()],
            "a choice needs at least three options",
            "add options that someone would choose",
        );
    }
    for (number, option) in options.iter().enumerate() {
        if option.why.trim().is_empty() {
            at.error(
                &place(number),
                "the option has no `why`",
                "for a wrong one say why someone would think so; for a right one why it holds",
            );
        }
        let text = option.text.to_lowercase();
        if text.contains("all of the above") || text.contains("none of the above") {
            at.error(
                &place(number),
                "`all of the above` tests the form and not the matter",
                "make it `several`, or write a real option",
            );
        }
    }
    let texts: Vec<String> = options.iter().map(|option| option.text.clone()).collect();
    unique(kind, &texts, at);
}

fn unique(kind: &str, texts: &[String], at: &mut AtQuestion<'_>) {
    for (number, text) in texts.iter().enumerate() {
        if texts[..number].contains(text) {
            at.error(
                &["kind".into(), kind.into()],
                &format!("`{text}` appears twice"),
                "make each different",
            );
        }
    }
}

fn gives_itself_away(options: &[QuizOption], at: &mut AtQuestion<'_>) {
    let longest = |right: bool| {
        let lengths = options.iter().filter(|option| option.right == right);
        lengths.map(|o| o.text.chars().count()).max().unwrap_or(0)
    };
    if longest(true) as f64 > LENGTH_RATIO_MAX * longest(false) as f64 {
        at.warning(
            &["kind".into(), "one".into(), "options".into()],
            "the right option is much longer than the wrong ones, which gives it away",
            "shorten it, or be as careful with a wrong one",
        );
    }
}

fn number(question: &QuizQuestion, at: &mut AtQuestion<'_>) {
    let QuizKind::Number {
        answer,
        tolerance,
        near_misses,
        ..
    } = &question.kind
    else {
        return;
    };
    let place = |field: &'static str| -> [Step<'static>; 3] {
        ["kind".into(), "number".into(), field.into()]
    };
    if !answer.is_finite() {
        at.error(&place("answer"), "the answer is not a number", "give one");
    }
    if !tolerance.is_finite() || *tolerance < 0.0 {
        at.error(
            &place("tolerance"),
            "the tolerance is below zero",
            "give how far off still is right, in the unit of the answer",
        );
    }
    for (index, miss) in near_misses.iter().enumerate() {
        let place = [
            "kind".into(),
            "number".into(),
            "near_misses".into(),
            index.into(),
        ];
        if (miss.value - answer).abs() <= *tolerance {
            at.error(
                &place,
                &format!("the near miss {} is right by the tolerance", miss.value),
                "narrow the tolerance, or drop the near miss",
            );
        }
        if miss.why.trim().is_empty() {
            at.error(
                &place,
                "the near miss has no `why`",
                "say how one gets there",
            );
        }
    }
}
