//! What tests of texts and of screens share.

/// What a text has, with the whole text in the message where it has not.
pub trait Holds {
    /// Has each of these parts.
    fn holds<'a>(&self, parts: impl IntoIterator<Item = &'a str>);

    /// Has none of these parts.
    fn lacks<'a>(&self, parts: impl IntoIterator<Item = &'a str>);
}

impl Holds for str {
    #[track_caller]
    fn holds<'a>(&self, parts: impl IntoIterator<Item = &'a str>) {
        for part in parts {
            assert!(self.contains(part), "no `{part}` in\n{self}");
        }
    }

    #[track_caller]
    fn lacks<'a>(&self, parts: impl IntoIterator<Item = &'a str>) {
        for part in parts {
            assert!(!self.contains(part), "`{part}` is in\n{self}");
        }
    }
}
