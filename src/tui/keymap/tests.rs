//! What must hold of the table, and of what is read from it.

use super::*;
use std::collections::HashMap;

/// Where the menu of a lab's actions is open.
const MENU: [Context; 2] = [Context::LabMenu, Context::Global];

#[test]
fn no_two_bindings_of_a_context_want_the_same_key() {
    let mut seen = HashMap::new();
    for section in SECTIONS {
        for binding in section.bindings {
            for key in binding.keys {
                let before = seen.insert((section.context, *key), binding.action);
                assert!(
                    before.is_none(),
                    "{key} is bound twice in {:?}: {before:?} and {:?}",
                    section.context,
                    binding.action
                );
            }
        }
    }
}

#[test]
fn every_screen_moves_by_the_same_keys() {
    let movement = section(Context::Movement).bindings;
    let is_plain = |binding: &Binding| movement.iter().any(|b| b.action == binding.action);
    let keys: Vec<Key> = movement.iter().flat_map(|b| b.keys).copied().collect();
    for section in SECTIONS {
        for binding in section.bindings.iter().filter(|b| is_plain(b)) {
            for key in binding.keys.iter().filter(|key| keys.contains(key)) {
                let usual = action(&[Context::Movement], *key);
                assert_eq!(usual, Some(binding.action), "{key} in {}", section.title);
            }
        }
    }
}

#[test]
fn the_letter_of_an_action_is_its_own_and_no_key_of_the_menu() {
    for lab in ddlab_labs::all() {
        let mut seen = HashMap::new();
        for spec in &lab.spec().actions {
            let taken = action(&MENU, Key::char(spec.key));
            assert_eq!(taken, None, "{} of {}", spec.name, lab.spec().id);
            assert_eq!(seen.insert(spec.key, spec.name), None, "{}", lab.spec().id);
        }
    }
}

#[test]
fn the_letter_of_an_action_is_no_key_of_the_lab() {
    for lab in ddlab_labs::all() {
        for spec in &lab.spec().actions {
            let taken = action(&[Context::Lab, Context::Global], Key::char(spec.key));
            assert_eq!(taken, None, "{} of {}", spec.name, lab.spec().id);
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
    let sections = SECTIONS.iter();
    for binding in sections.flat_map(|section| section.bindings) {
        assert!(!binding.short.is_empty() && !binding.help.is_empty());
        assert!(!binding.keys.is_empty(), "{:?} has no key", binding.action);
    }
}

#[test]
fn a_context_that_is_there_twice_has_its_keys_once() {
    let twice = [
        Context::GuideList,
        Context::Movement,
        Context::Lab,
        Context::Movement,
    ];
    let moves = |entries: Vec<(String, &'static str, Action)>| {
        let found = entries.into_iter().find(|(_, word, _)| *word == "move");
        found.map(|(keys, ..)| keys)
    };
    assert_eq!(moves(footer(&twice)).as_deref(), Some("↑ ↓"));
}
