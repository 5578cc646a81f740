//! The signs around the words, in Unicode and in ASCII.

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Glyphs {
    #[default]
    Unicode,
    Ascii,
}

impl Glyphs {
    pub fn of(ascii: bool) -> Self {
        if ascii { Self::Ascii } else { Self::Unicode }
    }

    fn pick<'a>(self, unicode: &'a str, ascii: &'a str) -> &'a str {
        match self {
            Self::Unicode => unicode,
            Self::Ascii => ascii,
        }
    }

    /// By depth of nesting, from 0.
    pub(super) fn bullet(self, depth: usize) -> &'static str {
        match depth % 3 {
            0 => self.pick("•", "*"),
            1 => self.pick("–", "-"),
            _ => self.pick("·", "+"),
        }
    }

    pub(super) fn task(self, ticked: bool) -> &'static str {
        if ticked {
            self.pick("☑", "[x]")
        } else {
            self.pick("☐", "[ ]")
        }
    }

    pub(super) fn quote_bar(self) -> &'static str {
        self.pick("│", "|")
    }

    pub(super) fn alert_bar(self) -> &'static str {
        self.pick("▌", "|")
    }

    pub(super) fn rule(self) -> &'static str {
        self.pick("─", "-")
    }

    pub(super) fn double_rule(self) -> &'static str {
        self.pick("═", "=")
    }

    pub(super) fn cut(self) -> &'static str {
        self.pick("…", ">")
    }

    /// Before the part of a line of code that did not fit on it.
    pub(super) fn carried(self) -> &'static str {
        self.pick("↪", ">")
    }

    pub(super) fn middle_dot(self) -> &'static str {
        self.pick("·", "-")
    }

    /// The number of a note beside a word.
    pub(super) fn raised(self, number: usize, follows_another: bool) -> String {
        const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
        match self {
            Self::Ascii => format!("[{number}]"),
            Self::Unicode => {
                let digits = number.to_string();
                let raised = digits
                    .bytes()
                    .map(|digit| RAISED[usize::from(digit - b'0')]);
                follows_another
                    .then_some(',')
                    .into_iter()
                    .chain(raised)
                    .collect()
            }
        }
    }
}
