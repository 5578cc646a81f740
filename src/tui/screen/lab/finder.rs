//! All knobs of a lab by group, found by typing a part of a name, of a group or of what is said of it.

use super::{Cx, LabScreen, Modal};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::field::Field;
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::picker::{Items, Picked, Picker};
use crate::tui::widget::{popup, prose, scroll, wrapped};
use crossterm::event::{KeyEvent, MouseEvent};
use ddlab_labs::workbench::knob::{KnobSpec, KnobValue};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr;

/// Border and padding of a popup, and the columns that it takes at most.
const FRAME: (u16, u16) = (4, 2);
const WIDTH: u16 = 150;
/// What is typed and an empty row; below the list an empty row and all that is said of a knob.
const HEAD: u16 = 2;
const FOOT: u16 = 4;
/// Cells of a value.
const VALUE_WIDTH: u16 = 18;

pub(super) struct Finder {
    knobs: &'static [KnobSpec],
    input: Field,
    rows: Vec<Row>,
    picker: Picker,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    Group(&'static str),
    Knob(usize),
}

impl Finder {
    /// All knobs, this one chosen.
    fn new(knobs: &'static [KnobSpec], focus: usize) -> Self {
        let mut finder = Self {
            knobs,
            input: Field::default(),
            rows: Vec::new(),
            picker: Picker::default(),
        };
        finder.find();
        let chosen = finder.found().position(|knob| knob == focus);
        finder.picker = Picker::at(chosen.unwrap_or(0));
        finder
    }

    fn find(&mut self) {
        let words = self.input.text().to_lowercase();
        let fits = |knob: &KnobSpec| {
            let said = format!("{} {} {}", knob.name, knob.group, knob.help).to_lowercase();
            words.split_whitespace().all(|word| said.contains(word))
        };
        self.rows.clear();
        let mut group = "";
        for (n, knob) in self.knobs.iter().enumerate().filter(|(_, knob)| fits(knob)) {
            if knob.group != group {
                group = knob.group;
                self.rows.push(Row::Group(group));
            }
            self.rows.push(Row::Knob(n));
        }
        let is_named = |knob: usize| {
            let name = self.knobs[knob].name;
            words.split_whitespace().all(|word| name.contains(word))
        };
        let named = self.found().position(is_named);
        self.picker = Picker::at(named.unwrap_or(0));
    }

    fn found(&self) -> impl Iterator<Item = usize> {
        self.rows.iter().filter_map(|row| match row {
            Row::Knob(n) => Some(*n),
            Row::Group(_) => None,
        })
    }

    fn chosen(&self) -> Option<usize> {
        self.found().nth(self.picker.chosen())
    }

    fn items(&self) -> Items {
        Items::among(&self.rows, |row| matches!(row, Row::Knob(_)))
    }

    pub fn key(&mut self, key: KeyEvent) {
        if self.input.key(key) {
            self.find();
        }
    }

    pub fn paste(&mut self, text: &str) {
        self.input.paste(text);
        self.find();
    }

    /// The height stays while one types, so that nothing jumps.
    fn size(&self, area: Rect) -> (u16, u16) {
        let groups = self.knobs.chunk_by(|one, next| one.group == next.group);
        let rows = (self.knobs.len() + groups.count()) as u16;
        let height = rows + HEAD + FOOT + FRAME.1;
        (WIDTH.min(area.width), height.min(area.height))
    }

    fn list(&self, area: Rect) -> Rect {
        let (width, height) = self.size(area);
        popup::inner(width, height, area).below(HEAD).above(FOOT)
    }

    pub fn draw(&self, values: &[KnobValue], theme: &Theme, area: Rect, buf: &mut Buffer) {
        let (width, height) = self.size(area);
        let inner = popup::open("Knobs", width, height, theme, area, buf);
        let mut pen = Pen::new(inner, buf);
        pen.put(theme.symbols.next, theme.style(Role::Accent))
            .skip(1)
            .put(self.input.text(), theme.style(Role::Strong));
        if self.input.text().is_empty() {
            let hint = "a part of a name, or of what it does";
            pen.put(hint, theme.style(Role::Faint));
        }
        let names = self.knobs.iter().map(|knob| knob.name.width());
        let name_width = names.max().unwrap_or(0) as u16;
        let (items, list) = (self.items(), self.list(area));
        if self.rows.is_empty() {
            Pen::new(list, buf).put("no knob has these letters", theme.style(Role::Dim));
        }
        for (n, line) in self.picker.in_view(&items, list) {
            let Row::Knob(knob) = self.rows[n] else {
                if let Row::Group(group) = self.rows[n] {
                    Pen::new(line, buf).put(group, theme.style(Role::Heading));
                }
                continue;
            };
            let (spec, value) = (&self.knobs[knob], &values[knob]);
            let chosen = self.picker.is_chosen(n, &items);
            let turned = *value != spec.default;
            let name = if chosen { Role::Selection } else { Role::Text };
            let figure = if turned { Role::Strong } else { Role::Dim };
            let sign = if chosen { theme.symbols.cursor } else { " " };
            let mut pen = Pen::new(line, buf);
            pen.put(sign, theme.style(Role::Accent))
                .put(spec.name, theme.style(name))
                .to(name_width + 3)
                .put(
                    &theme.clip(&spec.human(value), VALUE_WIDTH),
                    theme.style(figure),
                )
                .to(name_width + VALUE_WIDTH + 5);
            let help = theme.clip(spec.help, pen.room());
            pen.put(&help, theme.style(Role::Dim));
        }
        self.picker.bar(&items, 1, theme, list, buf);
        if let Some(knob) = self.chosen() {
            // What it does, and below that what it may be.
            let knob = &self.knobs[knob];
            let mut said = prose::lines_as(Role::Text, knob.help, inner.width, theme);
            let range = knob.range();
            let rows = wrapped::rows(&range, inner.width).into_iter();
            said.extend(rows.map(|row| theme.line(range[row].trim_end().to_owned(), Role::Dim)));
            let below = inner.below(inner.height.saturating_sub(FOOT - 1));
            scroll::lines(&said, below, buf);
        }
    }
}

impl LabScreen {
    pub(super) fn open_finder(&mut self) {
        self.modal = Modal::Finder(Finder::new(&self.spec.knobs, self.focus));
    }

    pub(super) fn act_in_finder(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        let Modal::Finder(finder) = &mut self.modal else {
            return Vec::new();
        };
        match action {
            Action::Open => {
                if let Some(knob) = finder.chosen() {
                    self.focus = knob;
                    self.modal = Modal::Nothing;
                }
            }
            Action::Back => self.modal = Modal::Nothing,
            action => {
                let (items, list) = (finder.items(), finder.list(cx.area));
                finder.picker.act(action, &items, list.height.into());
            }
        }
        Vec::new()
    }

    pub(super) fn mouse_in_finder(&mut self, mouse: MouseEvent, cx: &Cx<'_>) -> Vec<Effect> {
        let Modal::Finder(finder) = &mut self.modal else {
            return Vec::new();
        };
        let (items, list) = (finder.items(), finder.list(cx.area));
        if finder.picker.mouse(mouse, &items, list) == Picked::Opened {
            return self.act_in_finder(Action::Open, cx);
        }
        Vec::new()
    }

    /// The cursor of what is typed to find a knob.
    pub(super) fn finder_cursor(&self, area: Rect) -> Option<Position> {
        let Modal::Finder(finder) = &self.modal else {
            return None;
        };
        let (width, height) = finder.size(area);
        let inner = popup::inner(width, height, area);
        let x = inner.x + 2 + finder.input.cursor();
        Some(Position::new(x.min(inner.right()), inner.y))
    }
}
