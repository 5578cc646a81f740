//! One line of text that is typed.

use crossterm::event::{Event, KeyEvent};
use tui_input::backend::crossterm::EventHandler;
use tui_input::{Input, InputRequest};

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

    /// Inserts a text without its control characters.
    pub fn paste(&mut self, text: &str) {
        for c in text.chars().filter(|c| !c.is_control()) {
            self.0.handle(InputRequest::InsertChar(c));
        }
    }
}
