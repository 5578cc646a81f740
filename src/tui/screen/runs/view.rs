//! The list of saved runs as it is drawn: a row a run, in columns that stand still.

use super::{Cx, Runs};
use crate::clock::UtcMs;
use crate::runs::ListedRun;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::page;
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use ddlab_text::clock;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns: the lab, when, the seed, how long, what was done; then the name, in the room that is left.
const LAB: u16 = 20;
const WHEN: u16 = 18;
const SEED: usize = 8;
const LENGTH: usize = 14;
const DONE: usize = 6;

/// Before the new name while it is typed.
pub const RENAME: &str = "new name: ";

/// Where the rows stand: below the title and the heads of the columns, above what is said of the chosen one.
pub fn list_area(area: Rect) -> Rect {
    page(area).below(4).above(3)
}

/// What is said of the chosen run: its name, and below it how it differs.
pub fn detail_area(area: Rect) -> Rect {
    let page = page(area);
    page.below(page.height.saturating_sub(2))
}

impl Runs {
    pub(super) fn draw(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        let theme = cx.theme;
        let inner = page(cx.area);
        let dim = theme.style(Role::Dim);
        Pen::new(inner, buf).put("Saved runs", theme.style(Role::Title));
        let list = list_area(cx.area);
        let said = match &self.found {
            None => Some(format!("reading{}", theme.symbols.ellipsis)),
            Some(Err(why)) => Some(format!("{} {why}", theme.symbols.cross)),
            Some(Ok(entries)) if entries.is_empty() => {
                Some("None yet. On the screen of a lab `w` saves the run that you see.".to_owned())
            }
            Some(Ok(_)) => None,
        };
        if let Some(said) = said {
            let text = theme.clip(&said, inner.width);
            Pen::at(inner, 2, buf).put(&text, dim);
            return;
        }
        let mut heads = Pen::at(inner, 2, buf);
        let faint = theme.style(Role::Faint);
        heads
            .skip(2)
            .put("lab", faint)
            .to(2 + LAB)
            .put("saved", faint)
            .to(2 + LAB + WHEN)
            .put_right("seed", SEED, faint)
            .put_right("length", LENGTH, faint)
            .put_right("done", DONE, faint)
            .skip(2)
            .put("name", faint);
        let items = self.items();
        for (n, row) in self.picker.in_view(&items, list) {
            let chosen = self.picker.is_chosen(n, &items);
            line(&self.entries()[n], chosen, row, theme, buf);
        }
        self.picker.bar(&items, 1, theme, list, buf);
        self.draw_detail(detail_area(cx.area), theme, buf);
    }

    fn draw_detail(&self, area: Rect, theme: &Theme, buf: &mut Buffer) {
        let Some(entry) = self.chosen() else {
            return;
        };
        let mut name = Pen::new(area, buf);
        if let Some(field) = &self.renaming {
            name.put(RENAME, theme.style(Role::Dim))
                .put(field.text(), theme.style(Role::Strong));
        } else {
            let shown = theme.clip(&entry.name, area.width);
            name.put(&shown, theme.style(Role::Strong));
            if let Ok(run) = &entry.run {
                let digest = format!("digest {:016x}", run.digest);
                name.skip(3).put_whole(&digest, theme.style(Role::Faint));
            }
        }
        if let Ok(run) = &entry.run {
            let turned = if run.turned.is_empty() {
                "all knobs at their defaults".to_owned()
            } else {
                run.turned.join("  ")
            };
            let turned = theme.clip(&turned, area.width);
            Pen::at(area, 1, buf).put(&turned, theme.style(Role::Dim));
        }
    }
}

fn line(entry: &ListedRun, selected: bool, row: Rect, theme: &Theme, buf: &mut Buffer) {
    let symbols = theme.symbols;
    let (cursor, name) = if selected {
        (symbols.cursor, Role::Selection)
    } else {
        (" ", Role::Text)
    };
    let (dim, text) = (theme.style(Role::Dim), theme.style(Role::Text));
    let when = entry.when.map(UtcMs::minute).unwrap_or_default();
    let mut pen = Pen::new(row, buf);
    pen.put(cursor, theme.style(Role::Accent)).skip(1);
    match &entry.run {
        Ok(run) => {
            let title = theme.clip(run.lab.title, usize::from(LAB) - 2);
            pen.put(&title, theme.style(name))
                .to(2 + LAB)
                .put(&when, dim)
                .to(2 + LAB + WHEN)
                .put_right(&run.seed.to_string(), SEED, text)
                .put_right(&clock(run.length), LENGTH, text)
                .put_right(&run.interventions.to_string(), DONE, text)
                .skip(2);
            let name = theme.clip(&entry.name, pen.room());
            pen.put(&name, dim);
        }
        Err(why) => {
            pen.put(symbols.cross, theme.style(Role::Danger)).skip(1);
            let said = theme.clip(why, pen.room());
            pen.put(&said, if selected { theme.style(name) } else { dim });
        }
    }
}
