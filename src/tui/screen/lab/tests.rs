use super::*;
use crate::content::Library;
use crate::markdown::highlight::Highlighter;
use crate::progress::Marks;
use crate::tui::keymap::{self, Key};
use crate::tui::theme::{Depth, Ground, Theme};
use crate::tui::widget::{fixture, rows_of};
use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;
use std::time::Duration;

/// The screen with what it stands on, driven as the program drives it.
struct Desk {
    screen: LabScreen,
    library: Library,
    marks: Marks,
    highlighter: Highlighter,
    theme: Theme,
    area: Rect,
}

impl Desk {
    fn new(width: u16, height: u16) -> Self {
        let mut desk = Self {
            screen: LabScreen::of(fixture::spec(), &[], 7).expect("no knob is set"),
            library: Library::embedded(),
            marks: Marks::default(),
            highlighter: Highlighter::default(),
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
            library: &self.library,
            marks: &self.marks,
            theme: &self.theme,
            highlighter: &self.highlighter,
            area: self.area,
            uptime: Duration::ZERO,
        };
        self.screen.update(message, &cx)
    }

    fn frame(&mut self, frame: Frame) {
        let run = self.screen.run.expect("a run was started");
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
            library: &self.library,
            marks: &self.marks,
            theme: &self.theme,
            highlighter: &self.highlighter,
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

#[test]
fn look() {
    for (w, h) in [(60, 16), (80, 24), (120, 35), (200, 60)] {
        let mut desk = Desk::running(w, h);
        println!("{w}x{h}\n{}", desk.text());
        if w == 120 {
            desk.frame(fixture::frame(1, 1));
            println!("{w}x{h}\n{}", desk.text());
            desk.frame(fixture::frame(2000, 5));
            println!("{w}x{h}\n{}", desk.text());
            desk.frame(fixture::frame(20, 2));
            desk.keys("t");
            println!("{w}x{h}\n{}", desk.text());
            desk.press(KeyCode::Esc);
            desk.keys("a");
            println!("{w}x{h}\n{}", desk.text());
        }
    }
}
