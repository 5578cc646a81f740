//! What must hold of the table, and of what is read from it.

use super::*;
use std::collections::HashMap;

#[test]
fn no_two_bindings_of_a_context_want_the_same_key() {
    let mut seen = HashMap::new();
    for binding in BINDINGS {
        for key in binding.keys {
            let before = seen.insert((binding.context, *key), binding.action);
            assert!(
                before.is_none(),
                "{key} is bound twice in {:?}: {before:?} and {:?}",
                binding.context,
                binding.action
            );
        }
    }
}

#[test]
fn the_letter_of_an_action_is_its_own_and_no_key_of_the_menu() {
    for lab in ddlab_labs::all() {
        let mut seen = HashMap::new();
        for spec in &lab.spec().actions {
            let taken = action(&[Context::LabMenu, Context::Global], Key::char(spec.key));
            assert_eq!(taken, None, "{} of {}", spec.name, lab.spec().id);
            assert_eq!(seen.insert(spec.key, spec.name), None, "{}", lab.spec().id);
        }
    }
}

#[test]
fn the_most_specific_context_wins() {
    let contexts = [Context::Check, Context::Reader, Context::Global];
    assert_eq!(
        action(&contexts, Key::char(' ')),
        Some(Action::Toggle),
        "space answers the question in focus instead of turning the page"
    );
    assert_eq!(action(&contexts, Key::char('?')), Some(Action::Help));
    assert_eq!(action(&contexts, Key::char('Z')), None);
}

#[test]
fn the_footer_starts_with_what_matters_and_ends_with_help() {
    let footer = footer(&[Context::Home, Context::Global]);
    assert_eq!(footer.first().map(|entry| entry.1), Some("open"));
    assert_eq!(footer.last().map(|entry| entry.1), Some("all keys"));
}

#[test]
fn every_binding_says_what_it_does() {
    for binding in BINDINGS {
        assert!(!binding.short.is_empty() && !binding.help.is_empty());
        assert!(!binding.keys.is_empty(), "{:?} has no key", binding.action);
    }
}
