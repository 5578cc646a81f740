//! What a page shows: code that can be copied, diagrams that fit, figures and questions that exist.

use super::super::References;
use super::Finder;
use super::front::did_you_mean;
use crate::content::model::Chapter;
use crate::content::{Position, Severity, yaml};
use crate::markdown::block::{self, LabFigure, Live};
use crate::markdown::{Block, BlockKind, highlight};
use ddlab_text::nearest;
use unicode_width::UnicodeWidthStr;

/// Figures fit on a screen of 80 beside a margin.
const DIAGRAM_COLUMNS_MAX: usize = 76;

/// Goes through the blocks of a page.
pub struct BlockCheck<'a, 'r> {
    pub chapter: &'a Chapter,
    pub references: &'a References<'r>,
    pub finder: &'a mut Finder,
}

impl BlockCheck<'_, '_> {
    pub fn block(&mut self, block: &Block) {
        match &block.kind {
            BlockKind::Heading { text, .. } if block::words(text).trim().is_empty() => {
                self.error(
                    block,
                    "the heading is empty",
                    "name the section, or drop it",
                );
            }
            BlockKind::List(list) => {
                let blocks = list.items.iter().flat_map(|item| &item.blocks);
                blocks.for_each(|block| self.block(block));
            }
            BlockKind::Quote(blocks) | BlockKind::Alert { blocks, .. } => {
                for block in blocks {
                    self.block(block);
                }
            }
            BlockKind::Code { lang, text, .. } => self.code(block, lang, text),
            BlockKind::Diagram { alt, lines } => self.diagram(block, alt, lines),
            BlockKind::Live(live) => self.live(block, live),
            _ => {}
        }
    }

    fn error(&mut self, block: &Block, message: impl AsRef<str>, cure: impl AsRef<str>) {
        let place = Some(Position::line(block.line));
        self.finder.at(Severity::Error, place, message, cure);
    }

    fn code(&mut self, block: &Block, lang: &str, text: &str) {
        if lang.is_empty() {
            self.error(
                block,
                "the code fence has no language",
                "name it, or say `text`",
            );
        } else if !highlight::is_known(lang) {
            self.error(
                block,
                format!("the language `{lang}` is not known"),
                "use a common name such as rust, python, yaml, json, sh or text",
            );
        }
        if matches!(lang, "yaml" | "yml") {
            for document in text.split("\n---") {
                if let Err(error) = yaml::read::<AnyYaml>(document) {
                    self.error(
                        block,
                        format!("the YAML of this fence cannot be read: {error}"),
                        "set it right; readers will copy it",
                    );
                }
            }
        }
        if lang == "json"
            && let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text)
        {
            self.error(
                block,
                format!("the JSON of this fence cannot be read: {error}"),
                "set it right, or call it `jsonc` where it has comments",
            );
        }
    }

    fn diagram(&mut self, block: &Block, alt: &str, lines: &[String]) {
        if alt.trim().is_empty() {
            self.error(
                block,
                "the diagram has no `alt:` line",
                "say in its first line, after `alt:`, what it shows to those who cannot see it",
            );
        }
        // The fence and the `alt:` line stand above the drawing.
        let first = block.line + 1 + usize::from(!alt.is_empty());
        let too_wide = lines
            .iter()
            .enumerate()
            .find(|(_, line)| line.width() > DIAGRAM_COLUMNS_MAX);
        if let Some((number, line)) = too_wide {
            self.finder.at(
                Severity::Error,
                Some(Position {
                    line: first + number,
                    column: DIAGRAM_COLUMNS_MAX + 1,
                }),
                format!("the diagram is {} columns wide", line.width()),
                "draw it within 76, so that it fits on a screen of 80",
            );
        }
    }

    fn live(&mut self, block: &Block, live: &Live) {
        match live {
            Live::Figure(figure) => self.figure(block, figure),
            Live::Check { question } => {
                let ids = || self.chapter.quiz.iter().map(|q| q.id.as_str());
                if !ids().any(|id| id == question) {
                    let cure = nearest(question, ids()).map_or_else(
                        || "add it to quiz.yaml".to_owned(),
                        |near| format!("did you mean `{near}`?"),
                    );
                    self.error(
                        block,
                        format!("quiz.yaml has no question `{question}`"),
                        cure,
                    );
                }
            }
            Live::Try { exercise } => {
                let Some(known) = self.references.exercises else {
                    return;
                };
                if !known.contains(exercise) {
                    let cure = did_you_mean(exercise, known);
                    self.error(block, format!("there is no exercise `{exercise}`"), cure);
                }
            }
        }
    }

    fn figure(&mut self, block: &Block, figure: &LabFigure) {
        if figure.caption.trim().is_empty() {
            self.error(
                block,
                "the live figure has no caption",
                "say in the line inside the fence what to watch",
            );
        }
        if self.references.is_planned(&figure.lab) {
            return;
        }
        let name = format!("{}/{}", figure.lab, figure.figure);
        match (self.references.labs, self.references.figures) {
            (Some(labs), _) if !labs.contains(&figure.lab) => {
                let cure = did_you_mean(&figure.lab, labs);
                self.error(block, format!("there is no lab `{}`", figure.lab), cure);
            }
            (_, Some(figures)) if !figures.contains(&name) => {
                let cure = did_you_mean(&name, figures);
                self.error(block, format!("there is no figure `{name}`"), cure);
            }
            _ => {}
        }
    }
}

/// YAML of any shape.
#[derive(serde::Deserialize)]
struct AnyYaml(
    #[allow(dead_code, reason = "only whether it can be read matters")] serde::de::IgnoredAny,
);
