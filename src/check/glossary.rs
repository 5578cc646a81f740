//! What must hold of a glossary: each form stands once, its chapter exists, and it is one short sentence.

use super::finder::{Finder, count_words};
use crate::content::yaml::Step;
use crate::content::{GlossaryFile, Library, Problem, Term};
use ddlab_text::nearest;
use std::collections::HashMap;

/// A pop-up of three lines; what takes more is a matter for the chapter.
const MEANS_LETTERS_MAX: usize = 200;

/// All that is wrong in this file.
pub fn check(library: &Library, glossary: &GlossaryFile) -> Vec<Problem> {
    let mut finder = Finder::in_yaml(&glossary.file);
    finder.control_characters(glossary.file.text());
    let mut first: HashMap<String, &str> = HashMap::new();
    for (at, term) in glossary.terms.iter().enumerate() {
        forms(at, term, &mut first, &mut finder);
        chapter(at, term, library, &mut finder);
        sentence(at, term, &mut finder);
    }
    finder.finish()
}

fn forms<'a>(at: usize, term: &'a Term, first: &mut HashMap<String, &'a str>, finder: &mut Finder) {
    for (n, form) in term.forms().enumerate() {
        let place: Vec<Step<'_>> = match n.checked_sub(1) {
            None => vec![at.into(), "term".into()],
            Some(n) => vec![at.into(), "also".into(), n.into()],
        };
        if form.trim().is_empty() || form.trim() != form {
            finder.error(
                &place,
                format!("the term `{form}` begins or ends with a blank, or is one"),
                "write the words alone",
            );
        }
        if let Some(other) = first.insert(form.to_lowercase(), &term.term) {
            finder.error(
                &place,
                format!("`{form}` is already under `{other}`"),
                "leave it where it is explained, and take it out here",
            );
        }
    }
}

fn chapter(at: usize, term: &Term, library: &Library, finder: &mut Finder) {
    let ids = || library.chapters().map(|chapter| chapter.meta.id.as_str());
    if ids().any(|id| id == term.chapter) {
        return;
    }
    let near = nearest(&term.chapter, ids());
    finder.error(
        &[at.into(), "chapter".into()],
        format!("there is no chapter `{}`", term.chapter),
        near.map_or_else(
            || "name the id of the chapter that teaches the term".to_owned(),
            |near| format!("did you mean `{near}`?"),
        ),
    );
}

fn sentence(at: usize, term: &Term, finder: &mut Finder) {
    let means = term.means.trim();
    let place: [Step<'_>; 2] = [at.into(), "means".into()];
    let letters = means.chars().count();
    if letters > MEANS_LETTERS_MAX {
        finder.error(
            &place,
            format!("`{}` takes {letters} letters to explain", term.term),
            format!("say it in one sentence of at most {MEANS_LETTERS_MAX}"),
        );
    }
    let ends = means.match_indices(['.', '!', '?']).filter(|(end, _)| {
        let after = means[end + 1..].chars().next();
        after.is_none_or(char::is_whitespace)
    });
    if count_words(means) < 3 || !means.ends_with('.') || ends.count() != 1 {
        finder.error(
            &place,
            format!("the explanation of `{}` is not one sentence", term.term),
            "write one plain sentence that ends with a full stop",
        );
    }
}
