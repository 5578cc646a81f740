//! The list of designs as it is drawn, with what is known of the chosen one below it.

use super::{Cx, Designs, Row};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::page;
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use ddlab_text::{exact, wrap};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::path::Path;

/// Columns of a name.
const NAME: u16 = 24;
/// The widest that a text grows.
const TEXT_MAX: u16 = 100;

/// Rows below the list, for what is said of the chosen one.
fn detail_rows(area: Rect) -> u16 {
    match page(area).height {
        40.. => 14,
        28.. => 10,
        _ => 6,
    }
}

/// Where the rows stand.
pub fn list_area(area: Rect) -> Rect {
    page(area).below(2).above(detail_rows(area) + 1)
}

fn detail_area(area: Rect) -> Rect {
    let page = page(area);
    page.below(page.height.saturating_sub(detail_rows(area)))
        .first(TEXT_MAX)
}

impl Designs {
    pub(super) fn draw(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        let theme = cx.theme;
        Pen::new(page(cx.area), buf).put("Designs", theme.style(Role::Title));
        let list = list_area(cx.area);
        let rows = self.rows();
        let items = Self::items(&rows);
        for (line, area) in self.picker.in_view(&items, list) {
            let chosen = self.picker.is_chosen(line, &items);
            row(rows[line], chosen, area, theme, buf);
        }
        self.picker.bar(&items, 1, theme, list, buf);
        let detail = detail_area(cx.area);
        let (lines, role) = match &self.refused {
            Some((_, problems)) => (problems.clone(), Role::Danger),
            None => (self.detail(), Role::Dim),
        };
        let lines = lines
            .iter()
            .flat_map(|line| wrap(line, detail.width.into()));
        for (nth, line) in (0..detail.height).zip(lines) {
            Pen::new(detail.row(nth), buf).put(&line, theme.style(role));
        }
    }

    /// What is known of the chosen one.
    fn detail(&self) -> Vec<String> {
        match self.chosen() {
            Some(Row::Own(path)) => vec![path.to_owned()],
            Some(Row::Example(_, text)) => {
                let comment = text.lines().map_while(|line| line.strip_prefix("# "));
                vec![comment.collect::<Vec<_>>().join(" ")]
            }
            Some(Row::Brief(brief)) => {
                let required: Vec<&str> = brief.requirements().collect();
                vec![
                    brief.story.clone(),
                    format!(
                        "{}; {} times the load is carried",
                        required.join(", "),
                        exact(brief.growth)
                    ),
                    format!("ddlab design grade {} FILE says how far yours is", brief.id),
                ]
            }
            _ => Vec::new(),
        }
    }
}

fn row(row: Row<'_>, chosen: bool, area: Rect, theme: &Theme, buf: &mut Buffer) {
    let mut pen = Pen::new(area, buf);
    let (name, title) = match row {
        Row::Head(text) => {
            pen.put(&theme.clip(text, area.width), theme.style(Role::Faint));
            return;
        }
        Row::None(text) => {
            pen.skip(2).put(
                &theme.clip(text, area.width.saturating_sub(2)),
                theme.style(Role::Dim),
            );
            return;
        }
        Row::Gap => return,
        Row::Own(path) => {
            let name = Path::new(path).file_name().and_then(|name| name.to_str());
            (name.unwrap_or(path), "")
        }
        Row::Example(name, text) => {
            let title = text.lines().find_map(|line| line.strip_prefix("title: "));
            (name, title.unwrap_or_default())
        }
        Row::Brief(brief) => (brief.id.as_str(), brief.title.as_str()),
    };
    let (cursor, role) = if chosen {
        (theme.symbols.cursor, Role::Selection)
    } else {
        (" ", Role::Text)
    };
    pen.put(cursor, theme.style(Role::Accent)).skip(1);
    pen.put(&theme.clip(name, NAME - 2), theme.style(role))
        .to(2 + NAME);
    let title = theme.clip(title, pen.room());
    pen.put(&title, theme.style(Role::Dim));
}
