//! The theme: named roles instead of colours. Colour depth, light or dark and the ASCII fallback are
//! decided here and nowhere else; a screen asks for `theme.style(Role::Accent)` and `theme.symbols`.
//!
//! Colours never stand alone: a state that has a colour has a symbol or a word too, so that a page
//! without colour (`NO_COLOR`) says the same.

mod palette;
mod symbols;

pub use symbols::Symbols;

use super::widget::pen::clip;
use palette::Palette;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use std::borrow::Cow;

/// What a piece of text is, rather than what it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Text,
    /// Second to the text: captions, units, help.
    Dim,
    /// Barely there: rules, axes, empty marks.
    Faint,
    Strong,
    Title,
    Heading,
    Accent,
    Good,
    Warning,
    Danger,
    /// The row or the button that has the focus.
    Selection,
    Link,
    /// A word that is explained when one asks: text with a line under it.
    Term,
    Code,
    /// Background of code and of figures.
    Panel,
    Border,
    Key,
    Keyword,
    Type,
    Function,
    String,
    NumberLiteral,
    Comment,
    /// Lines of a chart, in the order in which they are told apart best.
    Series(u8),
    /// Where a search found something.
    Hit,
}

/// How many colours the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    None,
    Sixteen,
    TwoFiftySix,
    True,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    Dark,
    Light,
    /// Text is then the terminal's own.
    Unknown,
}

impl Ground {
    /// As `COLORFGBG` says: `15;0` is light text on black, the last number is the ground.
    pub fn of_variable(var: impl Fn(&str) -> Option<String>) -> Self {
        let value = var("COLORFGBG");
        let ground = value.as_deref().and_then(|value| value.rsplit(';').next());
        match ground.and_then(|number| number.parse().ok()) {
            Some(7 | 9..=15) => Self::Light,
            Some(0..=6 | 8) => Self::Dark,
            Some(16_u16..) | None => Self::Unknown,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Theme {
    pub depth: Depth,
    pub ground: Ground,
    pub symbols: &'static Symbols,
    palette: &'static Palette,
}

impl Theme {
    pub fn new(ground: Ground, depth: Depth, ascii: bool) -> Self {
        Self {
            depth,
            ground,
            symbols: if ascii {
                &symbols::ASCII
            } else {
                &symbols::UNICODE
            },
            palette: match ground {
                Ground::Dark => &palette::DARK,
                Ground::Light => &palette::LIGHT,
                Ground::Unknown => &palette::UNKNOWN,
            },
        }
    }

    /// Reads the habits of terminals: `NO_COLOR`, `COLORTERM`, `TERM`, `COLORFGBG`, and the locale.
    /// `var` is the environment, given so that tests choose it.
    pub fn detect(
        ground: Option<Ground>,
        ascii: bool,
        var: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let term = var("TERM").unwrap_or_default();
        let depth = if var("NO_COLOR").is_some_and(|value| !value.is_empty()) || term == "dumb" {
            Depth::None
        } else if var("COLORTERM").is_some_and(|value| value == "truecolor" || value == "24bit") {
            Depth::True
        } else if term.contains("256color") || term.contains("kitty") || term.contains("alacritty")
        {
            Depth::TwoFiftySix
        } else {
            Depth::Sixteen
        };
        let ground = ground.unwrap_or_else(|| Ground::of_variable(&var));
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .filter_map(&var)
            .find(|value| !value.is_empty())
            .unwrap_or_default()
            .to_lowercase();
        // An unset locale says nothing of the terminal, and nearly all speak UTF-8 today.
        let not_utf8 =
            !locale.is_empty() && !locale.contains("utf") && locale != "c" && locale != "posix";
        Self::new(ground, depth, ascii || not_utf8 || term == "linux")
    }

    /// The same on this ground.
    #[must_use]
    pub fn on(&self, ground: Ground) -> Self {
        Self::new(ground, self.depth, self.is_ascii())
    }

    pub fn is_ascii(&self) -> bool {
        std::ptr::eq(self.symbols, &raw const symbols::ASCII)
    }

    /// Where there is no number.
    pub fn no_number(&self) -> &'static str {
        if self.is_ascii() { "-" } else { "–" }
    }

    /// The look of a role at this depth.
    pub fn style(&self, role: Role) -> Style {
        let style = self.palette.style(role, self.depth);
        style.add_modifier(self.emphasis(role))
    }

    /// A text in this role.
    pub fn span<'a>(&self, text: impl Into<Cow<'a, str>>, role: Role) -> Span<'a> {
        Span::styled(text, self.style(role))
    }

    /// A text in this role that ends with it: what stands behind the rest of the line stays as it is.
    pub fn line<'a>(&self, text: impl Into<Cow<'a, str>>, role: Role) -> Line<'a> {
        Line::from(self.span(text, role))
    }

    /// The text cut to a width, with the sign that it goes on.
    pub fn clip(&self, text: &str, width: impl Into<usize>) -> String {
        clip(text, width.into(), self.symbols.ellipsis)
    }

    /// Roles that must stay apart without colour carry a modifier.
    fn emphasis(&self, role: Role) -> Modifier {
        let colourless = self.depth == Depth::None;
        let unknown = self.ground == Ground::Unknown;
        match role {
            Role::Strong | Role::Title | Role::Heading | Role::Key => Modifier::BOLD,
            Role::Link | Role::Term => Modifier::UNDERLINED,
            Role::Selection | Role::Hit
                if colourless || unknown || self.depth == Depth::Sixteen =>
            {
                Modifier::REVERSED
            }
            Role::Accent | Role::Danger | Role::Warning | Role::Keyword if colourless => {
                Modifier::BOLD
            }
            Role::Comment => Modifier::ITALIC,
            Role::Dim | Role::Faint if colourless || unknown => Modifier::DIM,
            Role::Border if unknown => Modifier::DIM,
            _ => Modifier::empty(),
        }
    }

    /// The colour of the page behind everything; `Reset` keeps the terminal's own.
    pub fn background(&self) -> Color {
        Color::Reset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        move |name| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn no_color_maps_every_role_to_reset() {
        let theme = Theme::detect(
            None,
            false,
            environment(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]),
        );
        for role in [
            Role::Text,
            Role::Accent,
            Role::Selection,
            Role::Panel,
            Role::Series(3),
            Role::Danger,
        ] {
            let style = theme.style(role);
            assert_eq!(style.fg.unwrap_or(Color::Reset), Color::Reset, "{role:?}");
            assert_eq!(style.bg.unwrap_or(Color::Reset), Color::Reset, "{role:?}");
        }
        assert!(
            theme
                .style(Role::Selection)
                .add_modifier
                .contains(Modifier::REVERSED),
            "the selection is seen without colour"
        );
    }

    #[test]
    fn an_empty_no_color_is_not_a_wish() {
        let theme = Theme::detect(
            None,
            false,
            environment(&[("NO_COLOR", ""), ("TERM", "xterm-256color")]),
        );
        assert_eq!(theme.depth, Depth::TwoFiftySix);
    }

    #[test]
    fn sixteen_colours_use_only_named_ones() {
        let theme = Theme::new(Ground::Dark, Depth::Sixteen, false);
        for role in [
            Role::Accent,
            Role::Warning,
            Role::Danger,
            Role::Good,
            Role::Series(0),
            Role::Keyword,
        ] {
            assert!(
                !matches!(
                    theme.style(role).fg,
                    Some(Color::Rgb(..) | Color::Indexed(_))
                ),
                "{role:?}"
            );
        }
    }

    #[test]
    fn the_background_variable_chooses_light() {
        let theme = Theme::detect(None, false, environment(&[("COLORFGBG", "0;15")]));
        assert_eq!(theme.ground, Ground::Light);
    }

    #[test]
    fn a_ground_that_nobody_tells_is_unknown() {
        assert_eq!(
            Theme::detect(None, false, environment(&[])).ground,
            Ground::Unknown
        );
        let odd = environment(&[("COLORFGBG", "default;default")]);
        assert_eq!(Ground::of_variable(odd), Ground::Unknown);
        let dark = environment(&[("COLORFGBG", "15;0")]);
        assert_eq!(Ground::of_variable(dark), Ground::Dark);
    }

    #[test]
    fn a_latin_1_locale_gets_ascii() {
        assert!(
            Theme::detect(None, false, environment(&[("LANG", "de_DE.ISO-8859-1")])).is_ascii()
        );
        assert!(!Theme::detect(None, false, environment(&[("LANG", "de_DE.UTF-8")])).is_ascii());
        assert!(!Theme::detect(None, false, environment(&[])).is_ascii());
    }
}
