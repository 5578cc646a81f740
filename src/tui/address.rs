//! Addresses on the screen that a terminal can open (OSC 8). Ratatui's cells know none, so the cells of an address are
//! printed once more after each picture, with the address about them. Each line of a wrapped one has the whole address
//! and the same id, so that the terminal takes them for one.

use crossterm::cursor::{RestorePosition, SavePosition};
use crossterm::queue;
use crossterm::style::Print;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// The longest address that terminals take.
const BYTES_MAX: usize = 2_000;

/// Cells of one row that stand for an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub at: Rect,
    pub url: String,
}

impl Address {
    /// None where the target is no address of the web, or has signs that would end the sequence.
    pub fn new(url: &str, at: Rect) -> Option<Self> {
        let is_web = ["http://", "https://"]
            .iter()
            .any(|web| url.starts_with(web));
        let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic());
        (is_web && is_plain && url.len() <= BYTES_MAX && !at.is_empty()).then(|| Self {
            at,
            url: url.to_owned(),
        })
    }

    fn id(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.url.hash(&mut hasher);
        hasher.finish()
    }

    /// The cells as they were drawn; the second cell of a wide sign is none.
    fn cells<'a>(&self, buf: &'a Buffer) -> impl Iterator<Item = (u16, u16, &'a Cell)> {
        let at = self.at.intersection(buf.area);
        let mut x = at.left();
        std::iter::from_fn(move || {
            let cell = (x < at.right()).then(|| &buf[(x, at.y)])?;
            let here = x;
            x += (cell.symbol().width() as u16).max(1);
            Some((here, at.y, cell))
        })
    }
}

/// Whether this terminal is known to take addresses. What is between it and the program, tmux or screen, may not pass
/// them on.
pub fn are_taken(var: impl Fn(&str) -> Option<String>) -> bool {
    let term = var("TERM").unwrap_or_default();
    let is_set = |name: &str| var(name).is_some_and(|value| !value.is_empty());
    if is_set("TMUX") || is_set("STY") || term.starts_with("tmux") || term.starts_with("screen") {
        return false;
    }
    let program = var("TERM_PROGRAM").unwrap_or_default();
    let known = [
        "iTerm.app",
        "WezTerm",
        "vscode",
        "ghostty",
        "Hyper",
        "Tabby",
        "rio",
        "mintty",
    ];
    let terms = [
        "xterm-kitty",
        "xterm-ghostty",
        "wezterm",
        "alacritty",
        "foot",
        "contour",
    ];
    // The library of GNOME's terminal and of others, from 0.50 on.
    let vte = var("VTE_VERSION").and_then(|version| version.parse::<u32>().ok());
    known.contains(&program.as_str())
        || terms.iter().any(|known| term.starts_with(known))
        || vte.is_some_and(|version| version >= 5_000)
        || ["WT_SESSION", "KITTY_WINDOW_ID", "KONSOLE_VERSION"]
            .iter()
            .any(|name| is_set(name))
}

/// Prints the cells of the addresses anew, and those that stand for none any more.
///
/// # Errors
/// When nothing can be written.
pub fn print(
    out: &mut impl Write,
    buf: &Buffer,
    before: &[Address],
    now: &[Address],
) -> io::Result<()> {
    let gone = before.iter().filter(|address| !now.contains(address));
    if now.is_empty() && before.is_empty() {
        return Ok(());
    }
    queue!(out, SavePosition)?;
    for address in gone {
        CrosstermBackend::new(&mut *out).draw(address.cells(buf))?;
    }
    for address in now {
        let begin = format!("\x1b]8;id={:x};{}\x1b\\", address.id(), address.url);
        queue!(out, Print(begin))?;
        CrosstermBackend::new(&mut *out).draw(address.cells(buf))?;
        queue!(out, Print("\x1b]8;;\x1b\\"))?;
    }
    queue!(out, RestorePosition)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Rect = Rect::new(2, 0, 4, 1);

    fn printed(before: &[Address], now: &[Address]) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, 20, 1));
        buf.set_string(0, 0, "a page 日本", ratatui::style::Style::new());
        let mut out = Vec::new();
        print(&mut out, &buf, before, now).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_cells_of_an_address_are_printed_between_its_beginning_and_its_end() {
        let here = [Address::new("https://example.org/a", AT).unwrap()];
        let shown = printed(&[], &here);
        let (begin, rest) = shown.split_once(";https://example.org/a\x1b\\").unwrap();
        assert!(begin.contains("\x1b]8;id="), "{shown:?}");
        let (cells, _) = rest.split_once("\x1b]8;;\x1b\\").unwrap();
        assert!(cells.contains("page"), "{shown:?}");
        let gone = printed(&here, &[]);
        assert!(gone.contains("page") && !gone.contains("]8;"), "{gone:?}");
        assert_eq!(printed(&[], &[]), "");
    }

    #[test]
    fn a_wide_sign_is_printed_once() {
        let wide = Address::new("https://example.org", Rect::new(7, 0, 9, 1)).unwrap();
        assert_eq!(printed(&[], &[wide]).matches('日').count(), 1);
    }

    #[test]
    fn what_is_no_address_of_the_web_or_would_end_the_sequence_is_none() {
        for url in [
            "#part",
            "7",
            "file:///etc/passwd",
            "https://a/\x1b]",
            "https://a b",
            "https://é",
        ] {
            assert_eq!(Address::new(url, AT), None, "{url}");
        }
        assert_eq!(
            Address::new(&format!("https://{}", "a".repeat(3_000)), AT),
            None
        );
    }

    #[test]
    fn only_a_known_terminal_is_given_addresses_and_never_through_tmux() {
        let taken = |set: &[(&str, &str)]| {
            are_taken(|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(taken(&[("TERM_PROGRAM", "WezTerm")]));
        assert!(taken(&[("TERM", "xterm-kitty")]));
        assert!(taken(&[("VTE_VERSION", "7600")]));
        for unknown in [
            &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")][..],
            &[("TERM_PROGRAM", "Apple_Terminal")],
            &[("VTE_VERSION", "4900")],
            &[("TERM_PROGRAM", "WezTerm"), ("TMUX", "/tmp/tmux")],
            &[("TERM_PROGRAM", "WezTerm"), ("TERM", "screen-256color")],
            &[],
        ] {
            assert!(!taken(unknown), "{unknown:?}");
        }
    }
}
