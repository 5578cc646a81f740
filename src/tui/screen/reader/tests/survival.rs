//! Terminals without colour, without Unicode, of any size, and whatever is typed at them.

use super::*;
use crate::testing::Holds;
use crate::tui::theme::{Depth, Ground, Theme};
use proptest::prelude::*;

#[test]
fn without_colour_and_without_unicode_it_says_the_same() {
    let mut stage = stage();
    stage.theme = Theme::new(Ground::Dark, Depth::None, true);
    let mut reader = open(&stage);
    stage.send(&mut reader, Message::Resized);
    let text = stage.text(&reader);
    text.holds(["one of them slow.[1]"]);
    assert!(text.replace('§', "").is_ascii(), "{text}");
}

#[test]
fn every_size_is_survived() {
    let mut stage = stage();
    let mut reader = open(&stage);
    stage.press(&mut reader, &[KeyCode::Enter]);
    survives(&mut stage, &mut reader);
    let mut real = Stage::new();
    let mut reader = open(&real);
    survives(&mut real, &mut reader);
}

/// Keys that mean something here, and some that do not.
const KEYS: &str = "jk dubgG[]pnN/ +-slJ129wwW";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_keys_at_any_size_are_survived(
        steps in prop::collection::vec((0..KEYS.len() + 6, 1_u16..130, 1_u16..50), 1..40)
    ) {
        let mut stage = stage();
        let mut reader = open(&stage);
        let special = [KeyCode::Enter, KeyCode::Tab, KeyCode::BackTab, KeyCode::Esc];
        for (key, width, height) in steps {
            let key = KEYS.chars().map(KeyCode::Char).chain(special).nth(key);
            if let Some(key) = key {
                stage.press(&mut reader, &[key]);
            } else {
                stage.size = (width, height);
                stage.send(&mut reader, Message::Resized);
            }
            stage.text(&reader);
            reader.cursor(&stage.cx());
        }
    }
}
