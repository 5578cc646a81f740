//! What a brief says to whoever designs, and what a grade comes to, in words.

use super::Brief;
use super::grade::{Grade, Row, Surprise};
use crate::format::require::Of;
use ddlab_text::exact;
use std::fmt::Write as _;

impl Brief {
    /// All that it says, as Markdown.
    pub fn markdown(&self) -> String {
        let mut out = format!("{}\n\n", self.story);
        for fact in &self.facts {
            let _ = writeln!(out, "- {fact}");
        }
        let _ = writeln!(out, "\n{}\n", self.must_hold());
        for text in self.requirements() {
            let _ = writeln!(out, "- `{text}`");
        }
        out
    }

    /// What its requirements stand below.
    pub fn must_hold(&self) -> String {
        format!(
            "It must hold, with {} times this load, too:",
            exact(self.growth)
        )
    }
}

impl Row {
    /// `4 of 5` seeds; of what does not depend on the run, whether it holds.
    pub fn met_in(&self) -> String {
        match (self.requirement.figure.of, self.is_met()) {
            (Of::Design, true) => "yes".to_owned(),
            (Of::Design, false) => "NO".to_owned(),
            _ => format!("{} of {}", self.met(), self.figures.len()),
        }
    }

    /// A figure of this row, in its unit.
    pub fn shown(&self, figure: Option<f64>) -> String {
        let unit = self.requirement.figure.unit;
        figure.map_or_else(|| "–".to_owned(), |figure| unit.show(figure))
    }
}

impl Surprise {
    /// What it breaks, a line each.
    pub fn says(&self) -> Vec<String> {
        let missed = self
            .rows
            .iter()
            .filter(|row| !row.is_met() && row.requirement.figure.of != Of::Design);
        let missed = missed.map(|row| {
            let figure = row
                .median()
                .map_or_else(|| "nothing measured".to_owned(), |is| row.shown(Some(is)));
            format!("{} is missed: {figure}", row.requirement.text)
        });
        let missed: Vec<String> = missed.collect();
        if missed.is_empty() {
            return vec!["all requirements hold".to_owned()];
        }
        missed
    }
}

impl Grade {
    /// Passed, or what keeps it from that.
    pub fn verdict(&self) -> String {
        let missed = |rows: &[Row], when: &str| {
            let missed = rows.iter().filter(|row| !row.is_met());
            let texts = missed.map(|row| format!("{}{when}", row.requirement.text));
            texts.collect::<Vec<String>>()
        };
        let mut all = missed(&self.rows, "");
        all.extend(missed(&self.growth, " under the growth"));
        if all.is_empty() {
            "Passed: every requirement holds at each seed, and under the growth.".to_owned()
        } else {
            format!("Not passed: {}.", all.join("; "))
        }
    }
}
