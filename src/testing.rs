//! What tests of texts and of screens share.

/// Holds that a text has each of these parts; shows the text where it has not.
#[track_caller]
pub fn holds<'a>(text: &str, parts: impl IntoIterator<Item = &'a str>) {
    for part in parts {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}

/// Holds that a text has none of these parts.
#[track_caller]
pub fn lacks<'a>(text: &str, parts: impl IntoIterator<Item = &'a str>) {
    for part in parts {
        assert!(!text.contains(part), "`{part}` is in\n{text}");
    }
}
