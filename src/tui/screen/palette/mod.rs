//! Find anything by a few letters: what has a name first, by fuzzy match (chapters, labs, exercises), and
//! below it every place of the book that has all the words: headings, terms, questions, text.
//! [`row`] is a line of the list.

mod row;
#[cfg(test)]
mod tests;

use super::{Cx, Message, Screen};
use crate::search::{Index, Kind, Query};
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{Action, Context};
use crate::tui::theme::Role;
use crate::tui::widget::popup;
use crate::tui::widget::scroll::Scroll;
use crossterm::event::{Event, MouseButton, MouseEventKind};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use row::Row;
use std::cell::OnceCell;
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

/// Rows of the pane that are not results: its frame, the input and the rule below it.
const OTHER_ROWS: u16 = 4;

/// Named things shown above the places of the book: a few letters in any order fit too many of them.
const NAMED_MAX: usize = 6;
/// Places of the book that are shown: who wants more types another word.
const PLACES_MAX: usize = 100;
pub struct PaletteScreen {
    items: Vec<Item>,
    /// Best match first.
    found: Vec<Row>,
    /// The passages of the book, gathered when the first letter is typed.
    index: OnceCell<Index>,
    input: Input,
    selected: usize,
    scroll: Scroll,
}

struct Item {
    kind: &'static str,
    title: String,
    place: Place,
}

impl PaletteScreen {
    pub fn new(cx: &Cx<'_>) -> Self {
        let mut palette = Self {
            items: items(cx),
            found: Vec::new(),
            index: OnceCell::new(),
            input: Input::default(),
            selected: 0,
            scroll: Scroll::default(),
        };
        palette.find(cx);
        palette
    }

    fn find(&mut self, cx: &Cx<'_>) {
        self.selected = 0;
        self.scroll = Scroll::default();
        let query = Query::new(self.input.value());
        self.found = self.named(!query.is_empty());
        if query.is_empty() {
            return;
        }
        let index = self.index.get_or_init(|| Index::of(cx.library));
        let places = index.find(&query, PLACES_MAX);
        // The titles of chapters stand above already.
        let places = places
            .iter()
            .filter(|found| found.passage.kind != Kind::Title);
        let places: Vec<Row> = places.map(Row::of).collect();
        if !places.is_empty() {
            self.found.truncate(NAMED_MAX);
        }
        self.found.extend(places);
    }

    /// What has a name that these letters fit. Questions are found by their words once there are any: in
    /// sentences as long as theirs a few letters fit everywhere.
    fn named(&self, without_questions: bool) -> Vec<Row> {
        let pattern = Pattern::parse(
            self.input.value(),
            CaseMatching::Smart,
            Normalization::Smart,
        );
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut scored: Vec<(u32, &Item, Vec<u32>)> = Vec::new();
        let mut characters = Vec::new();
        for item in &self.items {
            if without_questions && matches!(item.place, Place::Question { .. }) {
                continue;
            }
            let mut matched = Vec::new();
            let title = Utf32Str::new(&item.title, &mut characters);
            if let Some(score) = pattern.indices(title, &mut matcher, &mut matched) {
                scored.push((score, item, matched));
            }
        }
        // A stable sort: equal scores stay in the order of the book.
        scored.sort_by_key(|&(score, _, _)| std::cmp::Reverse(score));
        scored
            .into_iter()
            .map(|(_, item, matched)| Row {
                kind: item.kind,
                within: String::new(),
                text: item.title.clone(),
                matched,
                place: item.place.clone(),
            })
            .collect()
    }

    fn select(&mut self, index: usize, height: usize) {
        self.selected = index.min(self.found.len().saturating_sub(1));
        self.scroll.reveal(self.selected, self.found.len(), height);
    }

    fn open(&self) -> Vec<Effect> {
        match self.found.get(self.selected) {
            Some(row) => vec![Effect::Replace(row.place.clone())],
            None => Vec::new(),
        }
    }
}

/// Everything that has a place, in the order of the book.
fn items(cx: &Cx<'_>) -> Vec<Item> {
    let mut items = vec![Item {
        kind: "go to",
        title: "Home: the curriculum".to_owned(),
        place: Place::Home,
    }];
    items.push(Item {
        kind: "go to",
        title: "Saved runs of labs".to_owned(),
        place: Place::Runs,
    });
    for chapter in cx.library.chapters() {
        items.push(Item {
            kind: "read",
            title: format!("{} {}", chapter.meta.number, chapter.meta.title),
            place: Place::Reader {
                chapter: chapter.meta.id.clone(),
                anchor: None,
            },
        });
    }
    for lab in ddlab_labs::all() {
        items.push(Item {
            kind: "lab",
            title: lab.spec().title.to_owned(),
            place: Place::lab(lab.spec().id),
        });
        let guides = ddlab_labs::guides(lab.spec().id);
        let guide = |kind, title: &str, id: &str| Item {
            kind,
            title: format!("{}: {title}", lab.spec().title),
            place: Place::Guide {
                lab: lab.spec().id.to_owned(),
                id: id.to_owned(),
            },
        };
        let experiments = guides.experiments.iter();
        items.extend(experiments.map(|one| guide("predict", &one.title, &one.id)));
        let challenges = guides.challenges.iter();
        items.extend(challenges.map(|one| guide("meet", &one.title, &one.id)));
        items.push(Item {
            kind: "source",
            title: format!("{}: pattern.rs", lab.spec().title),
            place: Place::Source {
                lab: lab.spec().id.to_owned(),
            },
        });
    }
    for exercise in ddlab_exercises::all() {
        items.push(Item {
            kind: "build",
            title: exercise.manifest().title.clone(),
            place: Place::Exercise {
                slug: exercise.manifest().slug.clone(),
            },
        });
    }
    for chapter in cx.library.chapters() {
        for question in &chapter.interview {
            items.push(Item {
                kind: "defend",
                title: question
                    .prompt
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" "),
                place: Place::Question {
                    chapter: chapter.meta.id.clone(),
                    question: Some(question.id.clone()),
                },
            });
        }
    }
    items
}

/// The pane, and how many results it shows.
fn layout(area: Rect, found: usize) -> (u16, usize) {
    let height = (found as u16 + OTHER_ROWS).clamp(
        OTHER_ROWS + 1,
        area.height.saturating_sub(4).max(OTHER_ROWS + 1),
    );
    (height, usize::from(height.saturating_sub(OTHER_ROWS)))
}

impl Screen for PaletteScreen {
    fn place(&self) -> Place {
        Place::Palette
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Palette]
    }

    fn is_overlay(&self) -> bool {
        true
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        let (_, height) = layout(cx.area, self.items.len());
        match message {
            Message::Act(Action::Down) => self.select(self.selected + 1, height),
            Message::Act(Action::Up) => self.select(self.selected.saturating_sub(1), height),
            Message::Act(Action::Open) => return self.open(),
            Message::Act(Action::Back) => return vec![Effect::Back],
            Message::Type(key) => {
                let before = self.input.value().len();
                self.input.handle_event(&Event::Key(key));
                if self.input.value().len() != before {
                    self.find(cx);
                }
            }
            Message::Paste(text) => {
                for c in text.chars().filter(|c| !c.is_control()) {
                    self.input.handle(tui_input::InputRequest::InsertChar(c));
                }
                self.find(cx);
            }
            Message::Mouse(mouse) => match mouse.kind {
                MouseEventKind::ScrollDown => self.select(self.selected + 1, height),
                MouseEventKind::ScrollUp => self.select(self.selected.saturating_sub(1), height),
                MouseEventKind::Down(MouseButton::Left) => {
                    let list = list_area(cx.area, self.items.len());
                    if list.contains(Position::new(mouse.column, mouse.row)) {
                        self.select(self.scroll.top + usize::from(mouse.row - list.y), height);
                        return self.open();
                    }
                    return vec![Effect::Back];
                }
                _ => {}
            },
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        let theme = cx.theme;
        let (height, _) = layout(cx.area, self.items.len());
        let inner = popup::open("Find", 76, height, theme, cx.area, buf);
        if inner.height < 3 {
            return;
        }
        let prompt = Line::from(vec![
            Span::styled(
                format!("{} ", theme.symbols.next),
                theme.style(Role::Accent),
            ),
            Span::styled(self.input.value(), theme.style(Role::Strong)),
        ]);
        prompt.render(Rect { height: 1, ..inner }, buf);
        if self.input.value().is_empty() {
            let hint = Rect {
                x: inner.x + 3,
                width: inner.width.saturating_sub(3),
                height: 1,
                ..inner
            };
            Line::styled("a few letters of anything", theme.style(Role::Faint)).render(hint, buf);
        }
        let rule = theme.symbols.horizontal.repeat(inner.width.into());
        buf.set_string(inner.x, inner.y + 1, rule, theme.style(Role::Faint));

        let list = list_area(cx.area, self.items.len());
        if self.found.is_empty() {
            let nothing = Line::styled(
                "nothing has these letters; try fewer",
                theme.style(Role::Dim),
            );
            nothing.render(Rect { height: 1, ..list }, buf);
        }
        let visible = self.found.iter().enumerate().skip(self.scroll.top);
        for ((n, row), y) in visible.zip(list.top()..list.bottom()) {
            let line = Rect {
                y,
                height: 1,
                ..list
            };
            row.draw(n == self.selected, cx.theme, line, buf);
        }
        self.scroll.bar(
            self.found.len(),
            theme,
            Rect {
                width: list.width + 1,
                ..list
            },
            buf,
        );
    }

    fn cursor(&self, cx: &Cx<'_>) -> Option<Position> {
        let list = list_area(cx.area, self.items.len());
        let column = self.input.visual_cursor() as u16 + 2;
        Some(Position::new(
            list.x + column.min(list.width),
            list.y.checked_sub(2)?,
        ))
    }
}

/// Where the results are drawn; the same arithmetic as `popup::open`.
fn list_area(area: Rect, found: usize) -> Rect {
    let (height, rows) = layout(area, found);
    let width = 76.min(area.width);
    let frame = area.centered(
        ratatui::layout::Constraint::Length(width),
        ratatui::layout::Constraint::Length(height.min(area.height)),
    );
    Rect {
        x: frame.x + 2,
        y: frame.y + 3,
        width: frame.width.saturating_sub(4),
        height: rows as u16,
    }
    .intersection(area)
}
