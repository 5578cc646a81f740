//! Find anything by a few letters: what has a name first (chapters, labs, exercises), and below it every
//! place of the book that has all the words: headings, terms, questions, text.
//!
//! - [`named`]: what has a name, and how well the words fit it;
//! - [`row`]: a line of the list.

mod named;
mod row;
#[cfg(test)]
mod tests;

use super::{Cx, Message, Screen};
use crate::search::{Kind, Query};
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{Action, Context};
use crate::tui::theme::Role;
use crate::tui::widget::field::Field;
use crate::tui::widget::parts::Parts;
use crate::tui::widget::picker::{Items, Picker};
use crate::tui::widget::popup;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use named::Named;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;
use ratatui::widgets::Widget;
use row::Row;

/// Rows of the pane that are not results: its frame, the input and the rule below it.
const OTHER_ROWS: u16 = 4;
/// Columns of its frame and of the air inside.
const OTHER_COLUMNS: u16 = 4;
/// Columns of the pane: at least, and on a wide screen.
const WIDTH: u16 = 76;
const WIDTH_MAX: u16 = 116;

/// Named things shown above the places of the book, so that these are seen too.
const NAMED_MAX: usize = 6;
/// Places of the book that are shown: who wants more types another word. All terms fit.
const PLACES_MAX: usize = 200;

pub struct PaletteScreen {
    named: Named,
    /// Best match first.
    found: Vec<Row>,
    input: Field,
    picker: Picker,
}

impl PaletteScreen {
    /// The palette with these words typed already.
    pub fn new(words: &str, cx: &Cx<'_>) -> Self {
        let mut palette = Self {
            named: Named::of(cx),
            found: Vec::new(),
            input: Field::of(words),
            picker: Picker::default(),
        };
        palette.find(cx);
        palette
    }

    fn find(&mut self, cx: &Cx<'_>) {
        self.picker = Picker::default();
        let typed = self.input.text();
        let query = Query::new(typed);
        if query.is_empty() {
            self.found = self.named.all();
            return;
        }
        self.found = self.named.fitting(typed);
        let columns = usize::from(width(cx.area).saturating_sub(OTHER_COLUMNS));
        let places = cx.index().find(&query, PLACES_MAX);
        // The titles of chapters stand above already.
        let places = places
            .iter()
            .filter(|found| found.passage.kind != Kind::Title);
        let places: Vec<Row> = places
            .map(|found| Row::of(found, columns, cx.theme))
            .collect();
        if !places.is_empty() && !self.named.asks_for_a_kind(typed) {
            self.found.truncate(NAMED_MAX);
        }
        self.found.extend(places);
        if self.found.is_empty() {
            self.found = self.named.like(typed);
        }
    }

    fn items(&self) -> Items {
        Items::plain(self.found.len())
    }

    fn open(&self, item: usize) -> Vec<Effect> {
        match self.found.get(item) {
            Some(row) => vec![Effect::Replace(row.place.clone())],
            None => Vec::new(),
        }
    }

    /// One click opens a result, and one beside the pane closes it: nothing is lost by either.
    fn mouse(&mut self, mouse: MouseEvent, list: Rect) -> Vec<Effect> {
        let items = self.items();
        if mouse.kind != MouseEventKind::Down(MouseButton::Left) {
            self.picker.mouse(mouse, &items, list);
            return Vec::new();
        }
        let at = Position::new(mouse.column, mouse.row);
        match self.picker.hit(at, &items, list) {
            Some(item) => self.open(item),
            None if list.contains(at) => Vec::new(),
            None => vec![Effect::Back],
        }
    }
}

/// The columns of the pane.
fn width(area: Rect) -> u16 {
    (area.width.saturating_sub(area.width / 5))
        .clamp(WIDTH, WIDTH_MAX)
        .min(area.width)
}

/// The pane, and how many results it shows.
fn layout(area: Rect, found: usize) -> (u16, usize) {
    let height = (found.min(usize::from(area.height)) as u16 + OTHER_ROWS).clamp(
        OTHER_ROWS + 1,
        area.height.saturating_sub(4).max(OTHER_ROWS + 1),
    );
    (height, usize::from(height.saturating_sub(OTHER_ROWS)))
}

impl Screen for PaletteScreen {
    fn place(&self) -> Place {
        Place::Palette {
            words: self.input.text().to_owned(),
        }
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Palette]
    }

    fn is_overlay(&self) -> bool {
        true
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        let list = list_area(cx.area, self.named.len());
        match message {
            Message::Act(Action::Open) => return self.open(self.picker.chosen()),
            Message::Act(Action::Back) => return vec![Effect::Back],
            Message::Act(action) => {
                let items = self.items();
                self.picker.act(action, &items, list.height.into());
            }
            Message::Resized => self.find(cx),
            Message::Type(key) if self.input.key(key) => self.find(cx),
            Message::Paste(text) => {
                self.input.paste(&text);
                self.find(cx);
            }
            Message::Mouse(mouse) => return self.mouse(mouse, list),
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        let theme = cx.theme;
        let (height, _) = layout(cx.area, self.named.len());
        let inner = popup::open("Find", width(cx.area), height, theme, cx.area, buf);
        if inner.height < 3 {
            return;
        }
        let prompt = Line::from(vec![
            theme.span(format!("{} ", theme.symbols.next), Role::Accent),
            theme.span(self.input.text(), Role::Strong),
        ]);
        prompt.render(inner.row(0), buf);
        if self.input.text().is_empty() {
            theme
                .line("a few letters of anything", Role::Faint)
                .render(inner.row(0).after(3), buf);
        }
        let rule = theme.symbols.horizontal.repeat(inner.width.into());
        buf.set_string(inner.x, inner.y + 1, rule, theme.style(Role::Faint));

        let list = list_area(cx.area, self.named.len());
        if self.found.is_empty() {
            let nothing = theme.line("nothing has these letters; try fewer", Role::Dim);
            nothing.render(list.row(0), buf);
        }
        let items = self.items();
        for (n, line) in self.picker.in_view(&items, list) {
            let chosen = self.picker.is_chosen(n, &items);
            self.found[n].draw(chosen, theme, line, buf);
        }
        self.picker.bar(&items, 1, theme, list, buf);
    }

    fn cursor(&self, cx: &Cx<'_>) -> Option<Position> {
        let list = list_area(cx.area, self.named.len());
        let column = self.input.cursor() + 2;
        Some(Position::new(
            list.x + column.min(list.width),
            list.y.checked_sub(2)?,
        ))
    }
}

/// Where the results are drawn: below the input and its rule.
fn list_area(area: Rect, found: usize) -> Rect {
    let (height, rows) = layout(area, found);
    let inner = popup::inner(width(area), height, area);
    inner.below(2).upper(rows as u16)
}
