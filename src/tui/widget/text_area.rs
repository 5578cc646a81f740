//! Several lines of typed text, the same on every screen that takes them.

use crate::tui::theme::{Role, Theme};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ddlab_text::clean;
use ratatui::style::{Modifier, Style};
use ratatui_textarea::{CursorMove, TextArea, WrapMode};

/// The longest text, in bytes: some 2,500 words. What is kept stays in the record for ever.
pub const TEXT_MAX: usize = 16 * 1024;

/// What is said when that is reached.
pub const FULL: &str = "a text holds 16 kB; what is beyond is not kept";

/// The text with the cursor at its end; while it is empty the placeholder stands there.
pub fn text_area(text: &str, placeholder: &str, theme: &Theme) -> TextArea<'static> {
    let mut area = TextArea::from(text.split('\n').map(str::to_owned));
    area.set_wrap_mode(WrapMode::WordOrGlyph);
    area.set_style(theme.style(Role::Text));
    area.set_cursor_line_style(Style::new());
    area.set_cursor_style(Style::new().add_modifier(Modifier::REVERSED));
    area.set_placeholder_text(placeholder);
    area.set_placeholder_style(theme.style(Role::Faint));
    area.move_cursor(CursorMove::Bottom);
    area.move_cursor(CursorMove::End);
    area
}

/// What was typed.
pub fn typed(area: &TextArea<'_>) -> String {
    area.lines().join("\n")
}

/// Takes a key, one that types only while there is room; says whether there was. A terminal that does not mark what is
/// pasted sends it as keys, and each costs the length of the text.
pub fn key(area: &mut TextArea<'_>, key: KeyEvent) -> bool {
    let commands = KeyModifiers::CONTROL | KeyModifiers::ALT;
    let types = matches!(key.code, KeyCode::Char(_) | KeyCode::Enter | KeyCode::Tab)
        && !key.modifiers.intersects(commands);
    if types && typed(area).len() >= TEXT_MAX {
        return false;
    }
    area.input(key);
    true
}

/// Puts in as much as there is room for; says whether that was all of it.
pub fn paste(area: &mut TextArea<'_>, text: &str) -> bool {
    let room = TEXT_MAX.saturating_sub(typed(area).len());
    area.insert_str(clean(up_to(text, room)));
    text.len() <= room
}

/// The beginning of a text, at most so many bytes.
pub fn up_to(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
