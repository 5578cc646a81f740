//! The colours of each role, on a dark, a light and an unknown ground, in three depths.
//!
//! The hues are those that Okabe and Ito chose to stay apart for colour-blind eyes: blue for what
//! leads, orange for what warns, vermilion for what is wrong, bluish green for what is well.

use super::{Depth, Role};
use ratatui::style::{Color, Style};

#[derive(Debug)]
pub struct Palette {
    text: Shade,
    dim: Shade,
    faint: Shade,
    strong: Shade,
    accent: Shade,
    good: Shade,
    warning: Shade,
    danger: Shade,
    purple: Shade,
    selection: Shade,
    panel: Shade,
    hit: Shade,
    series: [Shade; 6],
}

/// One colour as each depth shows it.
#[derive(Debug, Clone, Copy)]
enum Shade {
    /// The terminal's own.
    Own,
    Of {
        rgb: (u8, u8, u8),
        indexed: u8,
        named: Color,
    },
}

const fn shade(rgb: u32, indexed: u8, named: Color) -> Shade {
    Shade::Of {
        rgb: ((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8),
        indexed,
        named,
    }
}

impl Shade {
    fn at(self, depth: Depth) -> Color {
        let Self::Of {
            rgb,
            indexed,
            named,
        } = self
        else {
            return Color::Reset;
        };
        match depth {
            Depth::None => Color::Reset,
            Depth::Sixteen => named,
            Depth::TwoFiftySix => Color::Indexed(indexed),
            Depth::True => Color::Rgb(rgb.0, rgb.1, rgb.2),
        }
    }
}

pub static DARK: Palette = Palette {
    text: shade(0x00d3_d7de, 252, Color::Reset),
    dim: shade(0x00a9_b1bd, 249, Color::Gray),
    faint: shade(0x0085_8f9c, 245, Color::DarkGray),
    strong: shade(0x00f4_f6f9, 255, Color::White),
    accent: shade(0x0056_b4e9, 74, Color::Cyan),
    good: shade(0x0037_c59b, 43, Color::Green),
    warning: shade(0x00e6_9f00, 178, Color::Yellow),
    danger: shade(0x00ff_7a45, 209, Color::Red),
    purple: shade(0x00cc_8fbf, 175, Color::Magenta),
    selection: shade(0x0023_3a52, 237, Color::Reset),
    panel: shade(0x001c_2128, 235, Color::Reset),
    hit: shade(0x005c_4a00, 58, Color::Reset),
    series: [
        shade(0x0056_b4e9, 74, Color::Cyan),
        shade(0x00e6_9f00, 178, Color::Yellow),
        shade(0x00ff_7a45, 209, Color::Red),
        shade(0x0037_c59b, 43, Color::Green),
        shade(0x00cc_8fbf, 175, Color::Magenta),
        shade(0x00f0_e442, 227, Color::White),
    ],
};

pub static LIGHT: Palette = Palette {
    text: shade(0x0026_2b33, 235, Color::Reset),
    dim: shade(0x004c_545f, 240, Color::DarkGray),
    faint: shade(0x0066_6f7b, 242, Color::DarkGray),
    strong: shade(0x000b_0e12, 232, Color::Black),
    accent: shade(0x0000_63a3, 25, Color::Blue),
    good: shade(0x0000_7a58, 22, Color::Green),
    warning: shade(0x009a_5b00, 94, Color::Magenta),
    danger: shade(0x00b8_3a00, 124, Color::Red),
    purple: shade(0x008f_4a7d, 96, Color::Magenta),
    selection: shade(0x00d6_e6f5, 153, Color::Reset),
    panel: shade(0x00f1_f3f6, 255, Color::Reset),
    hit: shade(0x00ff_e9a8, 223, Color::Reset),
    series: [
        shade(0x0000_63a3, 25, Color::Blue),
        shade(0x009a_5b00, 94, Color::Magenta),
        shade(0x00b8_3a00, 124, Color::Red),
        shade(0x0000_7a58, 22, Color::Green),
        shade(0x008f_4a7d, 96, Color::Magenta),
        shade(0x004c_545f, 240, Color::DarkGray),
    ],
};

/// Where the ground is not known: text is the terminal's own, colours lie in the middle between black and white.
pub static UNKNOWN: Palette = Palette {
    text: Shade::Own,
    dim: Shade::Own,
    faint: Shade::Own,
    strong: Shade::Own,
    accent: shade(0x0000_7bc0, 63, Color::Magenta),
    good: shade(0x0000_8661, 29, Color::Reset),
    warning: shade(0x009c_6c00, 131, Color::Red),
    danger: shade(0x00c1_5500, 163, Color::Red),
    purple: shade(0x00a8_5b93, 98, Color::Magenta),
    selection: Shade::Own,
    panel: Shade::Own,
    hit: Shade::Own,
    series: [
        shade(0x0000_7bc0, 63, Color::Magenta),
        shade(0x009c_6c00, 131, Color::Red),
        shade(0x00c1_5500, 163, Color::Reset),
        shade(0x0000_8661, 29, Color::Magenta),
        shade(0x00a8_5b93, 98, Color::Red),
        shade(0x007a_7a00, 243, Color::Reset),
    ],
};

impl Palette {
    pub fn style(&self, role: Role, depth: Depth) -> Style {
        let fg = |shade: Shade| Style::new().fg(shade.at(depth));
        match role {
            // The line under a term has no colour of its own: terminals that do not know the code for it
            // take its numbers for other codes, and draw blocks.
            Role::Text | Role::Term => fg(self.text),
            Role::Dim | Role::Comment => fg(self.dim),
            Role::Faint | Role::Border => fg(self.faint),
            Role::Strong | Role::Heading => fg(self.strong),
            Role::Title | Role::Accent | Role::Link | Role::Function | Role::Type => {
                fg(self.accent)
            }
            Role::Key | Role::NumberLiteral | Role::Warning => fg(self.warning),
            Role::Good | Role::String => fg(self.good),
            Role::Danger => fg(self.danger),
            Role::Code | Role::Keyword => fg(self.purple),
            Role::Selection => fg(self.strong).bg(self.selection.at(depth)),
            Role::Panel => fg(self.text).bg(self.panel.at(depth)),
            Role::Hit => fg(self.strong).bg(self.hit.at(depth)),
            Role::Series(n) => fg(self.series[usize::from(n) % self.series.len()]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of WCAG 2.2: linear light, weighed as the eye does, from 0 to 1.
    fn luminance((r, g, b): (u8, u8, u8)) -> f64 {
        let linear = |byte: u8| {
            let c = f64::from(byte) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }

    fn contrast(a: (u8, u8, u8), b: (u8, u8, u8)) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// A colour of the 256 as xterm has it; none where it is the terminal's own.
    fn rgb(color: Color) -> Option<(u8, u8, u8)> {
        const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
        match color {
            Color::Rgb(r, g, b) => Some((r, g, b)),
            Color::Indexed(n @ 232..) => {
                let grey = 8 + 10 * (n - 232);
                Some((grey, grey, grey))
            }
            Color::Indexed(n @ 16..) => {
                let step = |n: u8| STEPS[usize::from(n % 6)];
                let n = n - 16;
                Some((step(n / 36), step(n / 6), step(n)))
            }
            _ => None,
        }
    }

    const ROLES: [Role; 25] = [
        Role::Text,
        Role::Dim,
        Role::Faint,
        Role::Strong,
        Role::Accent,
        Role::Good,
        Role::Warning,
        Role::Danger,
        Role::Selection,
        Role::Link,
        Role::Code,
        Role::Panel,
        Role::Border,
        Role::Key,
        Role::Keyword,
        Role::String,
        Role::NumberLiteral,
        Role::Comment,
        Role::Hit,
        Role::Series(0),
        Role::Series(1),
        Role::Series(2),
        Role::Series(3),
        Role::Series(4),
        Role::Series(5),
    ];

    #[test]
    fn every_role_is_read_on_every_ground() {
        const BLACK: (u8, u8, u8) = (0, 0, 0);
        const WHITE: (u8, u8, u8) = (255, 255, 255);
        for (palette, grounds) in [
            (&DARK, [BLACK, (0x1e, 0x1e, 0x1e)]),
            (&LIGHT, [WHITE, (0xfd, 0xf6, 0xe3)]),
            (&UNKNOWN, [BLACK, WHITE]),
        ] {
            for (role, depth) in ROLES
                .into_iter()
                .flat_map(|role| [(role, Depth::True), (role, Depth::TwoFiftySix)])
            {
                let style = palette.style(role, depth);
                let Some(text) = style.fg.and_then(rgb) else {
                    continue;
                };
                for ground in grounds {
                    let ground = style.bg.and_then(rgb).unwrap_or(ground);
                    let found = contrast(text, ground);
                    assert!(found >= 4.5, "{role:?} {depth:?} on {ground:?}: {found:.2}");
                }
            }
        }
    }

    #[test]
    fn text_on_an_unknown_ground_is_the_terminal_s_own() {
        for depth in [Depth::Sixteen, Depth::TwoFiftySix, Depth::True] {
            for role in [Role::Text, Role::Dim, Role::Strong, Role::Selection] {
                assert_eq!(UNKNOWN.style(role, depth).fg, Some(Color::Reset));
            }
        }
    }
}
