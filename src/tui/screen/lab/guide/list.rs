//! What a lab offers: its experiments and challenges, and what was done of them.

use super::panel::stars;
use crate::progress::Marks;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::picker::{Items, Picker};
use crate::tui::widget::prose;
use ddlab_labs::workbench::guide::Guides;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

#[derive(Debug, Default)]
pub struct List {
    /// Of the experiments, and after them of the challenges.
    pub picker: Picker,
}

impl List {
    /// At the first experiment that was not done, else at the first challenge without a gold medal.
    pub fn at_first_open(lab: &str, marks: &Marks) -> Self {
        let guides = ddlab_labs::guides(lab);
        let done = guides
            .experiments
            .iter()
            .map(|one| marks.has_done(lab, &one.id));
        let gold = Some(ddlab_labs::workbench::challenge::Medal::Gold);
        let won = guides
            .challenges
            .iter()
            .map(|one| marks.medal(lab, &one.id) == gold);
        let at = done.chain(won).position(|done| !done).unwrap_or(0);
        Self {
            picker: Picker::at(at),
        }
    }

    /// At what one has just left; once it is done, at what comes after it.
    pub fn at(lab: &str, id: &str, marks: &Marks) -> Self {
        let guides = ddlab_labs::guides(lab);
        if marks.has_done(lab, id) {
            return Self::at_first_open(lab, marks);
        }
        let at = ids(guides).position(|one| one == id);
        Self {
            picker: Picker::at(at.unwrap_or(0)),
        }
    }

    /// The lines, and which of them are whose.
    pub fn lines(
        &self,
        lab: &str,
        marks: &Marks,
        width: u16,
        theme: &Theme,
    ) -> (Vec<Line<'static>>, Items) {
        let guides = ddlab_labs::guides(lab);
        let symbols = theme.symbols;
        let mut lines = vec![theme.line("Be led through it", Role::Heading)];
        let mut items = Vec::new();
        for (n, one) in guides.experiments.iter().enumerate() {
            let (sign, role) = if marks.has_done(lab, &one.id) {
                (symbols.progress[4], Role::Good)
            } else {
                (symbols.progress[0], Role::Faint)
            };
            let first = lines.len();
            lines.extend(self.entry(
                n,
                (sign, role),
                (&one.title, &one.summary, one.minutes),
                width,
                theme,
            ));
            items.push(first..lines.len());
        }
        if !guides.challenges.is_empty() {
            lines.push(Line::default());
            lines.push(theme.line("Meet a service level", Role::Heading));
        }
        for (n, one) in guides.challenges.iter().enumerate() {
            let n = guides.experiments.len() + n;
            let medal = marks.medal(lab, &one.id);
            let sign = match medal {
                Some(_) => (symbols.star, Role::Warning),
                None => (symbols.star_empty, Role::Faint),
            };
            let first = lines.len();
            lines.extend(self.entry(
                n,
                sign,
                (&one.title, &one.summary, one.minutes),
                width,
                theme,
            ));
            items.push(first..lines.len());
            if let (Some(medal), Some(last)) = (medal, lines.last_mut()) {
                last.push_span(
                    theme.span(format!("  {} {medal}", stars(medal, theme)), Role::Warning),
                );
            }
        }
        let total = lines.len();
        (lines, Items::new(items, total))
    }

    fn entry(
        &self,
        n: usize,
        (sign, role): (&'static str, Role),
        (title, summary, minutes): (&str, &str, u32),
        width: u16,
        theme: &Theme,
    ) -> Vec<Line<'static>> {
        let chosen = n == self.picker.chosen();
        let cursor = if chosen { theme.symbols.cursor } else { " " };
        let name = if chosen { Role::Strong } else { Role::Text };
        let sign = [
            theme.span(cursor, Role::Accent),
            theme.span(format!("{sign} "), role),
        ];
        let title = prose::hanging(&sign, title, width, theme);
        let mut lines = prose::tinted(title, name, theme);
        let indent = [Span::raw("   ")];
        let minutes = format!("{minutes} min");
        match lines.last_mut() {
            Some(last) if last.width() + 2 + minutes.width() <= usize::from(width) => {
                last.push_span(theme.span(format!("  {minutes}"), Role::Faint));
            }
            _ => lines.push(theme.line(format!("   {minutes}"), Role::Faint)),
        }
        let summary = prose::hanging(&indent, summary, width, theme);
        lines.extend(prose::tinted(summary, Role::Dim, theme));
        lines
    }
}

fn ids(guides: &'static Guides) -> impl Iterator<Item = &'static str> {
    let experiments = guides.experiments.iter().map(|one| one.id.as_str());
    experiments.chain(guides.challenges.iter().map(|one| one.id.as_str()))
}
