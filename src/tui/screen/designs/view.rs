//! The list of designs as it is drawn, with what is known of the chosen one below it.

use super::{Cx, Designs, Row};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::page;
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::{prose, sheet};
use ddlab_design::brief::Brief;
use ddlab_text::{exact, wrap};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use std::path::Path;

/// Columns of a name.
const NAME: u16 = 24;
/// The widest that a text grows.
const TEXT_MAX: u16 = 100;

/// Where not all of it has room.
const MORE: &str = "b shows the rest";

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
            let met = matches!(rows[line], Row::Brief(brief) if cx.marks.has_met(&brief.id));
            row(rows[line], chosen, met, area, theme, buf);
        }
        self.picker.bar(&items, 1, theme, list, buf);
        let detail = detail_area(cx.area);
        let (lines, role) = match &self.refused {
            Some((_, problems)) => (problems.clone(), Role::Danger),
            None => (self.detail(), Role::Dim),
        };
        let mut lines: Vec<String> = lines
            .iter()
            .flat_map(|line| wrap(line, detail.width.into()))
            .collect();
        let height = usize::from(detail.height);
        if lines.len() > height && height > 0 {
            lines.truncate(height - 1);
            let is_brief = self.refused.is_none() && self.brief().is_some();
            let more = if is_brief {
                MORE
            } else {
                theme.symbols.ellipsis
            };
            lines.push(more.to_owned());
        }
        for (nth, line) in (0..detail.height).zip(lines) {
            Pen::new(detail.row(nth), buf).put(&line, theme.style(role));
        }
        if let Some((brief, scroll)) = &self.reading {
            sheet::draw(&brief.title, &text(brief, cx), *scroll, theme, cx.area, buf);
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
                let required = format!(
                    "{}; {} times the load is carried",
                    required.join(", "),
                    exact(brief.growth)
                );
                let facts = brief.facts.iter().map(|fact| format!("- {fact}"));
                let mut lines = vec![brief.story.clone(), required];
                lines.extend(facts);
                lines
            }
            _ => Vec::new(),
        }
    }
}

/// All that a brief says.
pub fn text(brief: &Brief, cx: &Cx<'_>) -> Vec<Line<'static>> {
    prose::lines(&brief.markdown(), sheet::width(cx.area), cx.theme)
}

fn row(row: Row<'_>, chosen: bool, met: bool, area: Rect, theme: &Theme, buf: &mut Buffer) {
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
    pen.put(&theme.clip(name, NAME - 3), theme.style(role))
        .to(NAME);
    if met {
        pen.put(theme.symbols.tick, theme.style(Role::Good));
    }
    pen.to(2 + NAME);
    let title = theme.clip(title, pen.room());
    pen.put(&title, theme.style(Role::Dim));
}
