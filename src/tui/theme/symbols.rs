//! The signs of the program, in Unicode and in plain ASCII.

/// Every sign that a screen may draw beside text. All are one cell wide.
#[derive(Debug)]
pub struct Symbols {
    /// How far something is: not begun, a quarter, half, three quarters, done.
    pub progress: [&'static str; 5],
    pub none: &'static str,
    pub star: &'static str,
    pub star_empty: &'static str,
    /// The row that is selected.
    pub cursor: &'static str,
    pub next: &'static str,
    pub bullet: &'static str,
    pub tick: &'static str,
    pub cross: &'static str,
    pub warning: &'static str,
    pub play: &'static str,
    pub pause: &'static str,
    /// A place that the learner marked.
    pub bookmark: &'static str,
    pub mark: &'static str,
    pub now: &'static str,
    pub left: &'static str,
    pub right: &'static str,
    pub ellipsis: &'static str,
    pub dot: &'static str,
    pub times: &'static str,
    /// Load bars from empty to full.
    pub levels: [&'static str; 9],
    /// Parts of a cell filled from the left, eighths, empty to full.
    pub eighths: [&'static str; 9],
    /// The empty rest of a horizontal bar.
    pub track: &'static str,
    pub horizontal: &'static str,
    /// Time that has not come yet.
    pub ahead: &'static str,
    pub vertical: &'static str,
    /// A bar along a quoted block.
    pub bar: &'static str,
    pub tee: &'static str,
    pub corner: &'static str,
    pub border: ratatui::symbols::border::Set<'static>,
    /// The arrow keys: left, right, up, down.
    pub arrows: [&'static str; 4],
    /// Charts may use Braille dots.
    pub braille: bool,
}

pub static UNICODE: Symbols = Symbols {
    progress: ["○", "◔", "◑", "◕", "●"],
    none: "·",
    star: "★",
    star_empty: "☆",
    cursor: "▌",
    next: "▸",
    bullet: "•",
    tick: "✓",
    cross: "✗",
    warning: "!",
    play: "▶",
    pause: "‖",
    bookmark: "◆",
    mark: "▲",
    now: "●",
    left: "‹",
    right: "›",
    ellipsis: "…",
    dot: "•",
    times: "×",
    levels: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    eighths: [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"],
    track: "─",
    horizontal: "─",
    ahead: "┄",
    vertical: "│",
    bar: "▎",
    tee: "├",
    corner: "└",
    border: ratatui::symbols::border::ROUNDED,
    arrows: ["←", "→", "↑", "↓"],
    braille: true,
};

pub static ASCII: Symbols = Symbols {
    progress: ["o", "o", "%", "%", "@"],
    none: ".",
    star: "*",
    star_empty: "-",
    cursor: ">",
    next: ">",
    bullet: "*",
    tick: "+",
    cross: "X",
    warning: "!",
    play: ">",
    pause: "=",
    bookmark: "#",
    mark: "^",
    now: "o",
    left: "<",
    right: ">",
    ellipsis: "~",
    dot: "o",
    times: "x",
    levels: [" ", ".", ".", ":", ":", "+", "+", "#", "#"],
    eighths: [" ", " ", " ", "-", "-", "=", "=", "#", "#"],
    track: ".",
    horizontal: "-",
    ahead: ".",
    vertical: "|",
    bar: "|",
    tee: "+",
    corner: "+",
    border: ratatui::symbols::border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
    arrows: ["<", ">", "^", "v"],
    braille: false,
};

impl Symbols {
    /// The names of keys, as wide as before, with the arrows that these signs have.
    pub fn keys(&self, names: &str) -> String {
        let mut text = names.to_owned();
        for (from, to) in UNICODE.arrows.iter().zip(self.arrows) {
            text = text.replace(from, to);
        }
        text
    }
}
