//! The lab screen, fed with messages and read from its buffer: a file for each thing that one does with it.
//!
//! Here is the [`Desk`] that all of them drive.

mod actions;
mod compare;
mod knobs;
mod pictures;
mod requests;
mod run;
mod saved;
mod serving;
mod sizes;
mod timeline;

use super::*;
use crate::content::Library;
use crate::markdown::highlight::Highlighter;
use crate::progress::Marks;
use crate::tui::effect::RunId;
use crate::tui::keymap::{self, Key};
use crate::tui::theme::{Depth, Ground, Theme};
use crate::tui::widget::{fixture, rows_of};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ddlab_labs::workbench::intervention::Intervention;
use ratatui::layout::Rect;
use std::sync::LazyLock;
use std::time::Duration;

/// Read once for all the screens of these tests.
static LIBRARY: LazyLock<Library> = LazyLock::new(Library::embedded);

/// The screen with what it stands on, driven as the program drives it.
struct Desk {
    screen: LabScreen,
    library: &'static Library,
    marks: Marks,
    highlighter: Highlighter,
    catalogue: crate::search::Catalogue,
    theme: Theme,
    area: Rect,
}

impl Desk {
    fn new(width: u16, height: u16) -> Self {
        Self::of(fixture::spec(), width, height)
    }

    fn of(spec: &'static LabSpec, width: u16, height: u16) -> Self {
        let mut desk = Self {
            screen: LabScreen::of(spec, &[], 7).expect("no knob is set"),
            library: &LIBRARY,
            marks: Marks::default(),
            highlighter: Highlighter::default(),
            catalogue: crate::search::Catalogue::default(),
            theme: Theme::new(Ground::Dark, Depth::None, false),
            area: Rect::new(0, 0, width, height - 1),
        };
        desk.send(Message::Shown);
        desk
    }

    fn running(width: u16, height: u16) -> Self {
        let mut desk = Self::new(width, height);
        desk.frame(fixture::frame(20, 2));
        desk
    }

    fn send(&mut self, message: Message) -> Vec<Effect> {
        let cx = Cx {
            library: self.library,
            marks: &self.marks,
            theme: &self.theme,
            highlighter: &self.highlighter,
            catalogue: &self.catalogue,
            area: self.area,
            uptime: Duration::ZERO,
        };
        self.screen.update(message, &cx)
    }

    fn frame(&mut self, frame: Frame) {
        let run = self.screen.live.id().expect("a run was started");
        self.send(Message::Frame(run, Arc::new(frame)));
    }

    /// Presses a key; the table decides what it means.
    fn press(&mut self, code: KeyCode) -> Vec<Effect> {
        let message = match keymap::action(&self.screen.contexts(), Key::plain(code)) {
            Some(action) => Message::Act(action),
            None => Message::Type(KeyEvent::new(code, KeyModifiers::NONE)),
        };
        self.send(message)
    }

    fn keys(&mut self, keys: &str) -> Vec<Effect> {
        keys.chars()
            .flat_map(|c| self.press(KeyCode::Char(c)))
            .collect()
    }

    fn click(&mut self, column: u16, row: u16) -> Vec<Effect> {
        self.send(Message::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column,
            row,
            modifiers: KeyModifiers::NONE,
        }))
    }

    fn buffer(&self) -> Buffer {
        let cx = Cx {
            library: self.library,
            marks: &self.marks,
            theme: &self.theme,
            highlighter: &self.highlighter,
            catalogue: &self.catalogue,
            area: self.area,
            uptime: Duration::ZERO,
        };
        let mut buf = Buffer::empty(self.area);
        self.screen.view(&cx, &mut buf);
        buf
    }

    fn rows(&self) -> Vec<String> {
        rows_of(&self.buffer())
    }

    fn text(&self) -> String {
        self.rows().join("\n")
    }

    /// Where this text stands.
    fn find(&self, wanted: &str) -> (u16, u16) {
        for (y, row) in self.rows().iter().enumerate() {
            if let Some(at) = row.find(wanted) {
                return (row[..at].chars().count() as u16, y as u16);
            }
        }
        panic!("`{wanted}` is not on the screen:\n{}", self.text())
    }
}
