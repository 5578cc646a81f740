//! The colours of each role, in two grounds and three depths.
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
struct Shade {
    rgb: (u8, u8, u8),
    indexed: u8,
    named: Color,
}

const fn shade(rgb: u32, indexed: u8, named: Color) -> Shade {
    Shade {
        rgb: ((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8),
        indexed,
        named,
    }
}

impl Shade {
    fn at(self, depth: Depth) -> Color {
        match depth {
            Depth::None => Color::Reset,
            Depth::Sixteen => self.named,
            Depth::TwoFiftySix => Color::Indexed(self.indexed),
            Depth::True => Color::Rgb(self.rgb.0, self.rgb.1, self.rgb.2),
        }
    }
}

pub static DARK: Palette = Palette {
    text: shade(0x00d3_d7de, 252, Color::Reset),
    dim: shade(0x0098_a1ae, 247, Color::Gray),
    faint: shade(0x005a_6472, 241, Color::DarkGray),
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
    dim: shade(0x005b_6470, 241, Color::DarkGray),
    faint: shade(0x00a3_abb6, 248, Color::Gray),
    strong: shade(0x000b_0e12, 232, Color::Black),
    accent: shade(0x0000_63a3, 25, Color::Blue),
    good: shade(0x0000_7a58, 29, Color::Green),
    warning: shade(0x009a_5b00, 130, Color::Magenta),
    danger: shade(0x00b8_3a00, 130, Color::Red),
    purple: shade(0x008f_4a7d, 96, Color::Magenta),
    selection: shade(0x00d6_e6f5, 153, Color::Reset),
    panel: shade(0x00f1_f3f6, 255, Color::Reset),
    hit: shade(0x00ff_e9a8, 223, Color::Reset),
    series: [
        shade(0x0000_63a3, 25, Color::Blue),
        shade(0x009a_5b00, 130, Color::Magenta),
        shade(0x00b8_3a00, 166, Color::Red),
        shade(0x0000_7a58, 29, Color::Green),
        shade(0x008f_4a7d, 96, Color::Magenta),
        shade(0x005b_6470, 241, Color::DarkGray),
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
