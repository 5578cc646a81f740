//! A value being typed for a knob. What is wrong with it is said in place, and nothing is lost by it.

use crate::tui::widget::field::Field;
use crossterm::event::{KeyCode, KeyEvent};
use ddlab_labs::workbench::knob::{KnobSpec, KnobValue};

#[derive(Debug)]
pub struct Typing {
    input: Field,
    /// The value as it stood is still all there is: what is typed takes its place, what moves keeps it.
    untouched: bool,
    pub trouble: Option<String>,
}

impl Typing {
    /// Begins with the value as it stands; the first letter replaces it, an arrow or backspace edits it.
    pub fn of(value: &KnobValue) -> Self {
        Self {
            input: Field::of(value.to_string()),
            untouched: true,
            trouble: None,
        }
    }

    pub fn text(&self) -> &str {
        self.input.text()
    }

    /// Cells before the cursor.
    pub fn cursor(&self) -> u16 {
        self.input.cursor()
    }

    pub fn key(&mut self, key: KeyEvent) {
        self.trouble = None;
        if std::mem::take(&mut self.untouched) && matches!(key.code, KeyCode::Char(_)) {
            self.input.clear();
        }
        self.input.key(key);
    }

    pub fn paste(&mut self, text: &str) {
        self.trouble = None;
        self.input.paste(text);
    }

    /// The value, or what is wrong with it and what would do.
    pub fn value(&mut self, spec: &KnobSpec) -> Option<KnobValue> {
        match spec.parse(self.text()) {
            Ok(value) => Some(value),
            Err(error) => {
                self.trouble = Some(error.to_string());
                None
            }
        }
    }
}
