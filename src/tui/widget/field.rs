//! One line of text that is typed.

use crossterm::event::{Event, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

/// The most characters of a line that somebody pastes.
pub const LINE_MAX: usize = 400;

#[derive(Debug, Clone, Default)]
pub struct Field(Input);

impl Field {
    /// With this text in it, and the cursor after it.
    pub fn of(text: impl Into<String>) -> Self {
        Self(Input::new(text.into()))
    }

    pub fn text(&self) -> &str {
        self.0.value()
    }

    /// Cells before the cursor.
    pub fn cursor(&self) -> u16 {
        self.0.visual_cursor() as u16
    }

    /// The text before the cursor, and the text after it.
    pub fn parts(&self) -> (&str, &str) {
        let letters = self.text().char_indices();
        let at = letters.map(|(at, _)| at).nth(self.0.cursor());
        self.text().split_at(at.unwrap_or(self.text().len()))
    }

    /// The characters that so many cells show, with the cursor among them, and the cells before the cursor.
    pub fn window(&self, cells: usize) -> (String, usize) {
        let hidden = self.0.visual_scroll(cells);
        let shown = self.text().chars().skip(hidden).take(cells).collect();
        (shown, self.0.visual_cursor().saturating_sub(hidden))
    }

    pub fn clear(&mut self) {
        self.0.reset();
    }

    /// Types a key; whether the text is another one now.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let change = self.0.handle_event(&Event::Key(key));
        change.is_some_and(|change| change.value)
    }

    /// Inserts a text without its control characters, as far as there is room in a line.
    pub fn paste(&mut self, text: &str) {
        let (before, after) = self.parts();
        let room = LINE_MAX.saturating_sub(self.text().chars().count());
        let pasted = text.chars().filter(|c| !c.is_control()).take(room);
        let before: String = before.chars().chain(pasted).collect();
        let cursor = before.chars().count();
        self.0 = Input::new(before + after).with_cursor(cursor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyCode;

    #[test]
    fn a_paste_goes_in_at_the_cursor() {
        let mut field = Field::of("ad");
        field.key(KeyCode::Left.into());
        field.paste("b\r\nc");
        assert_eq!(field.parts(), ("abc", "d"));
    }

    #[test]
    fn a_paste_of_a_megabyte_is_cut_at_the_length_of_a_line() {
        let mut field = Field::of("words");
        field.paste(&"é".repeat(1 << 20));
        assert_eq!(field.text().chars().count(), LINE_MAX);
        field.paste("more");
        assert_eq!(field.text().chars().count(), LINE_MAX);
    }
}
