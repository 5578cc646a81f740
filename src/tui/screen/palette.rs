//! Find anything by a few letters: chapters, sections, labs, exercises, questions.

use super::{Cx, Message, Screen};
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
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;
use unicode_width::UnicodeWidthStr;

/// Rows of the pane that are not results: its frame, the input and the rule below it.
const OTHER_ROWS: u16 = 4;

pub struct PaletteScreen {
    items: Vec<Item>,
    /// Indices of `items`, best match first, each with the matched characters of its title.
    found: Vec<(usize, Vec<u32>)>,
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
            input: Input::default(),
            selected: 0,
            scroll: Scroll::default(),
        };
        palette.find();
        palette
    }

    fn find(&mut self) {
        self.selected = 0;
        self.scroll = Scroll::default();
        let pattern = Pattern::parse(
            self.input.value(),
            CaseMatching::Smart,
            Normalization::Smart,
        );
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut scored: Vec<(u32, usize, Vec<u32>)> = Vec::new();
        let mut characters = Vec::new();
        for (index, item) in self.items.iter().enumerate() {
            let mut matched = Vec::new();
            let title = Utf32Str::new(&item.title, &mut characters);
            if let Some(score) = pattern.indices(title, &mut matcher, &mut matched) {
                scored.push((score, index, matched));
            }
        }
        // Equal scores stay in the order of the book.
        scored.sort_by_key(|&(score, index, _)| (std::cmp::Reverse(score), index));
        self.found = scored
            .into_iter()
            .map(|(_, index, matched)| (index, matched))
            .collect();
    }

    fn select(&mut self, index: usize, height: usize) {
        self.selected = index.min(self.found.len().saturating_sub(1));
        self.scroll.reveal(self.selected, self.found.len(), height);
    }

    fn open(&self) -> Vec<Effect> {
        match self.found.get(self.selected) {
            Some((index, _)) => vec![Effect::Replace(self.items[*index].place.clone())],
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
                    self.find();
                }
            }
            Message::Paste(text) => {
                for c in text.chars().filter(|c| !c.is_control()) {
                    self.input.handle(tui_input::InputRequest::InsertChar(c));
                }
                self.find();
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
                "nothing is called that; try fewer letters",
                theme.style(Role::Dim),
            );
            nothing.render(Rect { height: 1, ..list }, buf);
        }
        let visible = self.found.iter().enumerate().skip(self.scroll.top);
        for ((row, (index, matched)), y) in visible.zip(list.top()..list.bottom()) {
            let line = Rect {
                y,
                height: 1,
                ..list
            };
            result(
                &self.items[*index],
                matched,
                row == self.selected,
                cx,
                line,
                buf,
            );
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

fn result(item: &Item, matched: &[u32], selected: bool, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
    let theme = cx.theme;
    let base = theme.style(if selected {
        Role::Selection
    } else {
        Role::Text
    });
    if selected {
        buf.set_style(area, base);
    }
    let mut spans = vec![Span::styled(
        format!("{:>7}  ", item.kind),
        base.patch(theme.style(Role::Dim)),
    )];
    for (position, c) in item.title.chars().enumerate() {
        let hit = matched.contains(&(position as u32));
        let style = if hit {
            base.patch(theme.style(Role::Accent))
                .add_modifier(ratatui::style::Modifier::BOLD)
        } else {
            base
        };
        spans.push(Span::styled(c.to_string(), style));
    }
    let line = Line::from(spans);
    let too_long = item.title.width() + 9 > usize::from(area.width);
    line.render(area, buf);
    if too_long && area.width > 0 {
        buf[(area.right() - 1, area.y)].set_symbol(theme.symbols.ellipsis);
    }
}
