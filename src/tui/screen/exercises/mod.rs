//! The exercises by chapter, each with how far the learner is: a list to open one from.

#[cfg(test)]
mod tests;

use super::{Cx, Message, Screen};
use crate::progress::Marks;
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{Action, Context};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::header::{Header, header_area};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::picker::{Items, Picked, Picker, band};
use crate::tui::widget::{TEXT_WIDTH, column, page, prose, scroll};
use ddlab_exercises::Exercise;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

/// Rows below the list, for what the chosen exercise is.
const SUMMARY_ROWS: u16 = 4;
/// Columns of the state and of the minutes, at the right.
const STATE: usize = 8;
const MINUTES: usize = 7;

#[derive(Default)]
pub struct Exercises {
    picker: Picker,
}

#[derive(Clone, Copy)]
enum Row {
    Chapter(u8),
    Exercise(&'static Exercise),
    Gap,
}

/// A row for each exercise, below that of its chapter.
fn rows() -> Vec<Row> {
    let mut exercises = ddlab_exercises::all().to_vec();
    exercises.sort_by_key(|exercise| exercise.manifest().number);
    let mut rows = Vec::new();
    for of_chapter in exercises.chunk_by(|a, b| a.manifest().number == b.manifest().number) {
        if !rows.is_empty() {
            rows.push(Row::Gap);
        }
        rows.push(Row::Chapter(of_chapter[0].manifest().number));
        rows.extend(of_chapter.iter().copied().map(Row::Exercise));
    }
    rows
}

/// Those that can be chosen, in the order of the list.
fn listed() -> impl Iterator<Item = &'static Exercise> {
    rows().into_iter().filter_map(|row| match row {
        Row::Exercise(exercise) => Some(exercise),
        Row::Chapter(_) | Row::Gap => None,
    })
}

fn items(rows: &[Row]) -> Items {
    Items::among(rows, |row| matches!(row, Row::Exercise(_)))
}

fn body(cx: &Cx<'_>) -> Rect {
    column(page(cx.area), TEXT_WIDTH).below(2)
}

fn list_area(cx: &Cx<'_>) -> Rect {
    body(cx).above(SUMMARY_ROWS)
}

/// The sign of how far one is, its look, and the word.
fn state(slug: &str, marks: &Marks, theme: &Theme) -> (&'static str, Role, &'static str) {
    let [open, _, begun, _, done] = theme.symbols.progress;
    if marks.has_passed(slug) {
        (done, Role::Good, "passed")
    } else if marks.has_tried(slug) {
        (begun, Role::Accent, "tried")
    } else {
        (open, Role::Faint, "open")
    }
}

impl Exercises {
    /// The list at one of them.
    pub fn at(slug: &str) -> Self {
        let is = |exercise: &&Exercise| exercise.slug() == slug;
        Self {
            picker: Picker::at(listed().position(|one| is(&one)).unwrap_or(0)),
        }
    }

    fn chosen(&self) -> Option<&'static Exercise> {
        listed().nth(self.picker.chosen())
    }

    fn open(&self) -> Vec<Effect> {
        let chosen = self.chosen();
        let open = chosen.map(|exercise| Effect::Open(Place::exercise(exercise.slug())));
        open.into_iter().collect()
    }
}

impl Screen for Exercises {
    fn place(&self) -> Place {
        Place::Exercises
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Exercises, Context::Movement, Context::Global]
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        let items = items(&rows());
        let area = list_area(cx);
        match message {
            Message::Act(Action::Back) => return vec![Effect::Back],
            Message::Act(Action::Open) => return self.open(),
            Message::Act(action) => {
                self.picker.act(action, &items, area.height.into());
            }
            Message::Mouse(mouse) => {
                return match self.picker.mouse(mouse, &items, area) {
                    Picked::Opened => self.open(),
                    Picked::Moved | Picked::Nothing => Vec::new(),
                };
            }
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        let theme = cx.theme;
        let all = ddlab_exercises::all();
        let passed = all.iter().filter(|one| cx.marks.has_passed(one.slug()));
        let status = format!("{} of {} passed", passed.count(), all.len());
        Header::new("Exercises", status, theme).render(header_area(cx.area, TEXT_WIDTH), buf);
        let (rows, area) = (rows(), list_area(cx));
        let items = items(&rows);
        for (n, line) in self.picker.in_view(&items, area) {
            match rows[n] {
                Row::Gap => {}
                Row::Chapter(number) => {
                    let chapter = cx.library.chapter(&number.to_string());
                    let text = chapter.map_or_else(
                        |_| format!("Chapter {number}"),
                        |chapter| format!("{number}  {}", chapter.meta.title),
                    );
                    theme.line(text, Role::Heading).render(line, buf);
                }
                Row::Exercise(exercise) => {
                    if self.picker.is_chosen(n, &items) {
                        band(line, theme, buf);
                    }
                    draw(exercise, line, cx, buf);
                }
            }
        }
        self.picker.bar(&items, 2, theme, area, buf);
        if let Some(exercise) = self.chosen() {
            let summary = &exercise.manifest().summary;
            let lines = prose::lines_as(Role::Dim, summary, area.width, theme);
            scroll::lines(&lines, body(cx).below(area.height + 1), buf);
        }
    }
}

/// How far it is, its title, the state in a word, and how long it takes.
fn draw(exercise: &Exercise, line: Rect, cx: &Cx<'_>, buf: &mut Buffer) {
    let theme = cx.theme;
    let about = exercise.manifest();
    let (sign, role, word) = state(&about.slug, cx.marks, theme);
    let right = (STATE + MINUTES) as u16;
    let mut pen = Pen::new(line, buf);
    pen.skip(2).put(sign, theme.style(role)).skip(1);
    let title = theme.clip(&about.title, pen.room().saturating_sub(right + 1));
    pen.put(&title, theme.style(Role::Text));
    pen.to(line.width.saturating_sub(right));
    pen.put(&format!("{word:<STATE$}"), theme.style(Role::Dim));
    let minutes = format!("{} min", about.minutes);
    pen.put_right(&minutes, MINUTES, theme.style(Role::Dim));
}
