//! A key as the table names it and as a person reads it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;

/// A key with the modifiers that matter. Shift is part of the character (`G`, not shift-g).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    pub code: KeyCode,
    pub ctrl: bool,
}

impl Key {
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, ctrl: false }
    }

    pub const fn char(c: char) -> Self {
        Self::plain(KeyCode::Char(c))
    }

    pub const fn ctrl(c: char) -> Self {
        Self {
            code: KeyCode::Char(c),
            ctrl: true,
        }
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        Self {
            code: event.code,
            ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            out.write_str("ctrl-")?;
        }
        match self.code {
            KeyCode::Char(' ') => out.write_str("space"),
            KeyCode::Char(c) => write!(out, "{c}"),
            KeyCode::Enter => out.write_str("enter"),
            KeyCode::Esc => out.write_str("esc"),
            KeyCode::Tab => out.write_str("tab"),
            KeyCode::BackTab => out.write_str("shift-tab"),
            KeyCode::Backspace => out.write_str("backspace"),
            KeyCode::Left => out.write_str("←"),
            KeyCode::Right => out.write_str("→"),
            KeyCode::Up => out.write_str("↑"),
            KeyCode::Down => out.write_str("↓"),
            KeyCode::PageUp => out.write_str("pgup"),
            KeyCode::PageDown => out.write_str("pgdn"),
            KeyCode::Home => out.write_str("home"),
            KeyCode::End => out.write_str("end"),
            KeyCode::F(n) => write!(out, "f{n}"),
            other => write!(out, "{other:?}"),
        }
    }
}
