//! What holds between chapters: ids stand once, prerequisites exist and come before, and nothing of the
//! curriculum is left out.

use super::Finders;
use super::coverage::{Code, codes};
use crate::content::yaml::Step;
use crate::content::{Library, Severity};
use ddlab_text::nearest;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

pub fn check(library: &Library, chapters: &mut [Finders<'_>]) {
    prerequisites(library, chapters);
    question_ids(chapters);
    numbers(chapters);
    coverage(library, chapters);
}

fn prerequisites(library: &Library, chapters: &mut [Finders<'_>]) {
    let numbers: BTreeMap<&str, u8> = library
        .chapters()
        .map(|chapter| (chapter.meta.id.as_str(), chapter.meta.number))
        .collect();
    for finders in chapters {
        let meta = &finders.shelved.chapter.meta;
        for (at, needed) in meta.prerequisites.iter().enumerate() {
            let place: [Step<'_>; 2] = ["prerequisites".into(), at.into()];
            match numbers.get(needed.as_str()) {
                None => finders.page.error(
                    &place,
                    format!("there is no chapter `{needed}` to read before this one"),
                    nearest(needed, numbers.keys().copied()).map_or_else(
                        || "name the id of a chapter".to_owned(),
                        |near| format!("did you mean `{near}`?"),
                    ),
                ),
                Some(number) if *number >= meta.number => finders.page.warning(
                    &place,
                    format!("`{needed}` is to be read before this chapter but comes after it"),
                    "drop it, or point to it under Neighbours",
                ),
                Some(_) => {}
            }
        }
    }
}

/// The learner's record knows a question by its id alone, so ids are unique over the whole book.
fn question_ids(chapters: &mut [Finders<'_>]) {
    // Quiz and interview are told apart by the kind of event, but `ddlab ask ID` must know which is meant.
    let mut first: HashMap<&str, PathBuf> = HashMap::new();
    for finders in chapters {
        let chapter = &finders.shelved.chapter;
        let quiz = chapter.quiz.iter().map(|q| q.id.as_str()).collect();
        let interview = chapter.interview.iter().map(|q| q.id.as_str()).collect();
        let lists: [(_, Vec<&str>); 2] = [
            (&mut finders.quiz, quiz),
            (&mut finders.interview, interview),
        ];
        for (finder, ids) in lists {
            let Some(finder) = finder else { continue };
            for (at, id) in ids.into_iter().enumerate() {
                match first.get(id) {
                    Some(other) => finder.error(
                        &[at.into(), "id".into()],
                        format!("the id `{id}` is already used in {}", other.display()),
                        "give this question an id of its own",
                    ),
                    None => {
                        first.insert(id, finder.path().to_owned());
                    }
                }
            }
        }
    }
}

fn numbers(chapters: &mut [Finders<'_>]) {
    let mut taken: BTreeMap<u8, &str> = BTreeMap::new();
    for finders in chapters {
        let meta = &finders.shelved.chapter.meta;
        if let Some(other) = taken.insert(meta.number, &meta.id) {
            finders.page.error(
                &["number".into()],
                format!("chapter {} is `{other}` already", meta.number),
                "give each chapter a number of its own",
            );
        }
    }
}

/// Every code has a home, once its chapter is there. A chapter that is still to come is a notice.
fn coverage(library: &Library, chapters: &mut [Finders<'_>]) {
    let covered: BTreeSet<&str> = library
        .chapters()
        .flat_map(|chapter| {
            let questions = chapter.interview.iter().flat_map(|q| &q.covers);
            chapter.meta.covers.iter().chain(questions)
        })
        .map(String::as_str)
        .collect();
    for finders in chapters {
        let meta = &finders.shelved.chapter.meta;
        let open: Vec<Code> = codes()
            .into_iter()
            .filter(|code| code.chapter == meta.number && !covered.contains(code.text.as_str()))
            .collect();
        // Exercises are code, and come one by one.
        let (exercises, rest): (Vec<Code>, Vec<Code>) =
            open.into_iter().partition(|code| code.kind == 'e');
        let (severity, cure) = if meta.coming {
            (Severity::Notice, "write the chapter")
        } else {
            (
                Severity::Error,
                "name it in `covers:` of the interview question that answers it, or of the front matter",
            )
        };
        homeless(finders, severity, &rest, cure);
        homeless(
            finders,
            Severity::Notice,
            &exercises,
            "build the exercise, then name the code in `covers:` of the front matter",
        );
    }
}

fn homeless(finders: &mut Finders<'_>, severity: Severity, codes: &[Code], cure: &str) {
    if codes.is_empty() {
        return;
    }
    let list: Vec<&str> = codes.iter().map(|code| code.text.as_str()).collect();
    let message = format!("no chapter covers these codes yet: {}", list.join(", "));
    finders.page.at(severity, None, message, cure);
}
