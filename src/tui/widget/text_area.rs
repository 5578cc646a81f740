//! Several lines of typed text, the same on every screen that takes them.

use crate::tui::theme::{Role, Theme};
use ratatui::style::{Modifier, Style};
use ratatui_textarea::{CursorMove, TextArea, WrapMode};

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
