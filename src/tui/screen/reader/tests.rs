//! Messages in, rows out.

use super::*;
use crate::content::Library;
use crate::markdown::highlight::Highlighter;
use crate::progress::Marks;
use crate::tui::keymap::Action;
use crate::tui::theme::{Depth, Ground, Theme};
use ratatui::layout::Rect;
use std::time::Duration;

struct Stage {
    library: Library,
    marks: Marks,
    theme: Theme,
    highlighter: Highlighter,
    area: Rect,
}

impl Stage {
    fn real(width: u16, height: u16) -> Self {
        Self {
            library: Library::embedded(),
            marks: Marks::default(),
            theme: Theme::new(Ground::Dark, Depth::True, false),
            highlighter: Highlighter::default(),
            area: Rect::new(0, 0, width, height),
        }
    }
    fn cx(&self) -> Cx<'_> {
        Cx {
            library: &self.library,
            marks: &self.marks,
            theme: &self.theme,
            highlighter: &self.highlighter,
            area: self.area,
            uptime: Duration::ZERO,
        }
    }
    fn rows(&self, reader: &Reader) -> Vec<String> {
        let mut buf = Buffer::empty(self.area);
        reader.view(&self.cx(), &mut buf);
        (0..self.area.height)
            .map(|y| {
                let row: String = (0..self.area.width).map(|x| buf[(x, y)].symbol()).collect();
                row.trim_end().to_owned()
            })
            .collect()
    }
}

#[test]
fn look() {
    let size: Vec<u16> = std::env::var("LOOK").unwrap_or("120x34".into()).split('x').map(|n| n.parse().unwrap()).collect();
    let stage = Stage::real(size[0], size[1]);
    let mut reader = Reader::open("7", None, &stage.cx()).unwrap();
    let pages: usize = std::env::var("PAGES").unwrap_or("1".into()).parse().unwrap();
    reader.update(Message::Shown, &stage.cx());
    for _ in 0..pages {
        println!("{}\n=====", stage.rows(&reader).join("\n"));
        reader.update(Message::Act(Action::PageDown), &stage.cx());
    }
}
