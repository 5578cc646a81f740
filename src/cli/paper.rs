//! Chapters and questions as plain text: no boxes, no colour, nothing that a pipe or a screen reader would
//! stumble over.

use super::Global;
use crate::content::Glossary;
use crate::content::model::Chapter;
use crate::markdown::block::{LabFigure, Live};
use crate::markdown::flow::{Fill, Glyphs};
use crate::markdown::{Document, Reading, parse, plain};
use crate::study::quiz::layout::Layout;
use crate::study::quiz::typed;
use crate::study::shuffle;
use ddlab_labs::engine::time::format_span;
use ddlab_labs::workbench::headless;
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write;

/// How plain text is set.
#[derive(Debug, Clone, Copy)]
pub struct Paper {
    /// Columns.
    width: usize,
    glyphs: Glyphs,
}

impl Paper {
    pub fn new(global: &Global, width: usize) -> Self {
        let glyphs = Glyphs::of(global.ascii);
        Self { width, glyphs }
    }

    /// Markdown as lines.
    pub fn set(self, markdown: &str) -> String {
        let document = parse(markdown, &Reading::default());
        self.document(&document, &|live, _columns| plain::stand_in(live))
    }

    /// A chapter as lines; figures are run and their result stands in their place.
    pub fn chapter(self, chapter: &Chapter) -> String {
        let meta = &chapter.meta;
        let head = format!(
            "# {} {}\n\n*{} · {} min*\n\n{}\n",
            meta.number, meta.title, meta.part, meta.minutes, meta.summary
        );
        let document = crate::book::page(chapter);
        let results = RefCell::default();
        let fill = |live: &Live, _columns: usize| match live {
            Live::Figure(figure) => measured(figure, &mut results.borrow_mut()),
            Live::Check { question } => asked(chapter, question),
            Live::Try { .. } => plain::stand_in(live),
        };
        format!("{}\n{}", self.set(&head), self.document(&document, &fill))
    }

    /// The words of a chapter that the glossary explains, in the order in which it first uses them.
    pub fn words(self, chapter: &Chapter, glossary: &Glossary) -> String {
        let mut text = "## Words\n\n".to_owned();
        let document = crate::book::explained(chapter, glossary);
        for name in crate::book::terms_of(&document) {
            if let Some(term) = glossary.find(name).and_then(|term| glossary.get(term)) {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "- **{}**: {}", term.term, term.means);
            }
        }
        self.set(&text)
    }

    fn document(self, document: &Document, fill: &dyn Fn(&Live, usize) -> Fill) -> String {
        plain::render(document, self.width, self.glyphs, fill)
    }
}

fn blocks(markdown: &str) -> Fill {
    Fill::Blocks(parse(markdown, &Reading::default()).blocks)
}

/// What the figures of a page came to, by lab and figure: a page may show one often, and it is run once.
type Results = HashMap<(String, String), String>;

/// What a live figure comes to when it is run.
fn measured(figure: &LabFigure, results: &mut Results) -> Fill {
    let LabFigure {
        lab,
        figure: id,
        caption,
    } = figure;
    let result = results.entry((lab.clone(), id.clone())).or_insert_with(|| {
        if ddlab_labs::PLANNED.contains(&lab.as_str()) {
            format!("This figure comes with the lab `{lab}`, which is still to be built.")
        } else {
            run(lab, id).unwrap_or_else(|why| format!("It cannot be shown here: {why}."))
        }
    });
    let caption = caption.trim_end_matches('.');
    blocks(&format!(
        "**Live figure {lab}/{id}.** {caption}.\n\n{result}\n"
    ))
}

fn run(lab: &str, id: &str) -> Result<String, String> {
    let lab = ddlab_labs::find_or_nearest(lab)?;
    let spec = lab.spec();
    let figure = ddlab_labs::guides(spec.id).figure(id)?;
    let report = headless::run(figure.plan(lab)).map_err(|error| error.to_string())?;
    let mut text = format!(
        "Measured over {} of virtual time, seed {}:",
        format_span(figure.length.into()),
        figure.seed
    );
    for (place, readout) in figure.readouts.iter().enumerate() {
        let mut metrics = report.metrics.iter();
        let value = metrics.find(|(spec, _)| spec.name == readout.metric.name);
        let shown = value.map(|(_, value)| readout.show_value(value));
        let shown = shown.unwrap_or_else(|| "–".to_owned());
        let comma = if place == 0 { "" } else { "," };
        let label = &readout.label;
        // Writing to a string cannot fail.
        let _ = if label.starts_with("of ") {
            write!(text, "{comma} {shown} {label}")
        } else {
            write!(text, "{comma} {label} {shown}")
        };
    }
    let command = lab_command(spec.id, &figure.settings(), &figure.interventions());
    let (seed, seconds) = (figure.seed, figure.length.0.div_ceil(1_000_000_000));
    let _ = write!(
        text,
        ".\n\nTo run it: `{command} --seed {seed} --for {seconds}s`"
    );
    Ok(text)
}

/// The command that runs a lab so, ready to be pasted into a shell.
pub fn lab_command<S: AsRef<str>>(lab: &str, set: &[S], at: &[S]) -> String {
    let mut command = format!("ddlab lab run {lab}");
    let options = set.iter().map(|set| ("--set", set));
    for (option, value) in options.chain(at.iter().map(|at| ("--at", at))) {
        // Writing to a string cannot fail.
        let _ = write!(command, " {option} {}", shell_word(value.as_ref()));
    }
    command
}

/// A word as a shell reads it back: quoted where it has to be.
pub fn shell_word(word: &str) -> Cow<'_, str> {
    let safe = |c: char| c.is_ascii_alphanumeric() || "_=.,:/%+-".contains(c);
    if !word.is_empty() && word.chars().all(safe) {
        word.into()
    } else {
        format!("'{}'", word.replace('\'', "'\\''")).into()
    }
}

/// A question of the quiz inside the text, with its choices.
fn asked(chapter: &Chapter, id: &str) -> Fill {
    let Some(question) = chapter.quiz.iter().find(|question| question.id == id) else {
        return blocks(&format!("*The quiz has no question {id}.*\n"));
    };
    let mut text = format!("**Before you go on:** {}\n\n", question.prompt.trim());
    let layout = Layout::new(&question.kind, shuffle::seed_of(id));
    for (place, choice) in layout.choices(&question.kind).into_iter().enumerate() {
        let _ = writeln!(text, "- {}) {}", typed::letter(place), choice.trim());
    }
    let _ = write!(text, "\nTo answer it: `ddlab quiz {id} --plain`\n");
    blocks(&text)
}

#[cfg(test)]
mod tests {
    use super::lab_command;

    #[test]
    fn a_command_can_be_pasted_into_a_shell() {
        let set = ["policy=hedge", "service=mix:99%*exp:10ms", "it's"];
        assert_eq!(
            lab_command("x", &set, &["20s:slow=7"]),
            r"ddlab lab run x --set policy=hedge --set 'service=mix:99%*exp:10ms' --set 'it'\''s' --at 20s:slow=7"
        );
    }
}
