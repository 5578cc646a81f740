//! A question set as lines: before the answer with what is chosen, after it with what was right and why.

use super::Quiz;
use super::pick::Pick;
use super::pointer::Target;
use crate::content::model::{QuizKind, QuizOption};
use crate::study::grade::Confidence;
use crate::study::quiz::{Answer, Marking, Part, typed};
use crate::study::sheet::right_answer;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::field::Field;
use crate::tui::widget::prose;
use crate::tui::widget::scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// A question at one width.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    pub lines: Vec<Line<'static>>,
    /// For each line what a click on it means.
    targets: Vec<Option<Target>>,
    /// The line of the cursor, or of the verdict, to be kept in view.
    pub focus_line: usize,
    /// Where the text cursor stands, as line and column, when a number is typed.
    pub caret: Option<(usize, usize)>,
}

impl Sheet {
    pub fn height(&self) -> usize {
        self.lines.len()
    }

    pub(super) fn target_at(&self, line: usize) -> Option<Target> {
        self.targets.get(line).copied().flatten()
    }

    /// Draws the lines from `top` on.
    pub fn render(&self, top: usize, area: Rect, buf: &mut Buffer) {
        scroll::lines(self.lines.iter().skip(top), area, buf);
    }

    fn push(&mut self, lines: Vec<Line<'static>>, target: Option<Target>) {
        self.targets
            .extend(std::iter::repeat_n(target, lines.len()));
        self.lines.extend(lines);
    }

    fn gap(&mut self) {
        self.push(vec![Line::default()], None);
    }
}

impl Quiz {
    /// The question at this width; `focused` shows the cursor.
    pub fn sheet(&self, width: u16, focused: bool, theme: &Theme) -> Sheet {
        let mut sheet = Sheet::default();
        sheet.push(prose::lines(&self.question.prompt, width, theme), None);
        sheet.gap();
        let setter = Setter {
            quiz: self,
            width,
            focused: focused && self.given.is_none(),
            theme,
        };
        match &self.given {
            None => setter.asking(&mut sheet),
            Some((answer, marking)) => setter.answered(answer, marking, &mut sheet),
        }
        sheet
    }
}

struct Setter<'a> {
    quiz: &'a Quiz,
    width: u16,
    focused: bool,
    theme: &'a Theme,
}

impl Setter<'_> {
    fn asking(&self, sheet: &mut Sheet) {
        let kind = &self.quiz.question.kind;
        let choices = self.quiz.layout.choices(kind);
        match &self.quiz.pick {
            Pick::One(chosen) => {
                for (place, text) in choices.iter().enumerate() {
                    let sign = if *chosen == Some(place) {
                        "(•)"
                    } else {
                        "( )"
                    };
                    self.row(sheet, place, &self.sign(sign), text);
                }
            }
            Pick::Several(chosen) => {
                for (place, text) in choices.iter().enumerate() {
                    let sign = if chosen.contains(&place) {
                        "[x]"
                    } else {
                        "[ ]"
                    };
                    self.row(sheet, place, sign, text);
                }
            }
            Pick::Order { order, holding } => {
                for (row, place) in order.iter().enumerate() {
                    let held = *holding && row == self.quiz.cursor;
                    let sign = if held {
                        format!("{}.{}", row + 1, self.theme.symbols.left)
                    } else {
                        format!("{}. ", row + 1)
                    };
                    self.row(sheet, row, &sign, choices.get(*place).unwrap_or(&""));
                }
            }
            Pick::Match(given) => self.matching(given, &choices, sheet),
            Pick::Typed(input) => self.typing(input, sheet),
        }
        sheet.gap();
        let sureness = vec![sureness(self.quiz.confidence, self.theme)];
        sheet.push(sureness, Some(Target::Sureness));
        if let Some(refusal) = &self.quiz.refusal {
            let sign = self
                .theme
                .span(format!("{} ", self.theme.symbols.warning), Role::Warning);
            let text = prose::hanging(&[sign], refusal, self.width, self.theme);
            sheet.push(prose::tinted(text, Role::Warning, self.theme), None);
        }
    }

    /// One choice, with the cursor beside it when it is there.
    fn row(&self, sheet: &mut Sheet, row: usize, sign: &str, text: &str) {
        let here = self.focused && row == self.quiz.cursor;
        let cursor = if here { self.theme.symbols.cursor } else { " " };
        let role = if here { Role::Accent } else { Role::Dim };
        let lines = prose::hanging(
            &[
                self.theme.span(cursor, Role::Accent),
                Span::raw(" "),
                self.theme.span(format!("{sign} "), role),
            ],
            text,
            self.width,
            self.theme,
        );
        if here {
            sheet.focus_line = sheet.lines.len();
        }
        let lines = if here {
            prose::tinted(lines, Role::Strong, self.theme)
        } else {
            lines
        };
        sheet.push(lines, Some(Target::Row(row)));
    }

    /// The lefts with what was given to each, and the rights to choose from below.
    fn matching(&self, given: &[Option<usize>], rights: &[&str], sheet: &mut Sheet) {
        let QuizKind::Match { pairs } = &self.quiz.question.kind else {
            return;
        };
        for (row, pair) in pairs.iter().enumerate() {
            let right = given.get(row).copied().flatten();
            let letter = right.map_or('?', typed::letter);
            let symbols = self.theme.symbols;
            let sign = format!("{}{letter}{}", symbols.left, symbols.right);
            let text = match right.and_then(|place| rights.get(place)) {
                Some(right) => format!("{}: *{right}*", pair.left),
                None => pair.left.clone(),
            };
            self.row(sheet, row, &sign, &text);
        }
        sheet.gap();
        for (place, right) in rights.iter().enumerate() {
            let used = given.contains(&Some(place));
            let lines = prose::hanging(
                &[self
                    .theme
                    .span(format!("      {} ", typed::letter(place)), Role::Key)],
                right,
                self.width,
                self.theme,
            );
            let role = if used { Role::Dim } else { Role::Text };
            let target = Some(Target::Right(place));
            sheet.push(prose::tinted(lines, role, self.theme), target);
        }
    }

    fn typing(&self, input: &Field, sheet: &mut Sheet) {
        let QuizKind::Number { unit, .. } = &self.quiz.question.kind else {
            return;
        };
        let symbols = self.theme.symbols;
        let before = format!("  your answer {} ", symbols.left);
        let room = usize::from(self.width)
            .saturating_sub(before.width() + unit.width() + 4)
            .max(1);
        let (shown, cursor) = input.window(room);
        if self.focused {
            sheet.caret = Some((sheet.lines.len(), before.width() + cursor));
        }
        sheet.focus_line = sheet.lines.len();
        // Room for a few digits, so that the unit does not jump at each.
        let padded = format!("{shown:<8}");
        let line = Line::from(vec![
            self.theme.span(before, Role::Dim),
            self.theme.span(padded, Role::Strong),
            self.theme.span(format!(" {} ", symbols.right), Role::Dim),
            self.theme.span(unit.clone(), Role::Text),
        ]);
        sheet.push(vec![line], Some(Target::Field));
    }

    /// The verdict, what is right, and why, in this order.
    fn answered(&self, answer: &Answer, marking: &Marking, sheet: &mut Sheet) {
        sheet.focus_line = sheet.lines.len();
        sheet.push(self.verdict(marking), None);
        sheet.gap();
        match (&self.quiz.question.kind, answer) {
            (QuizKind::One { options }, Answer::One(chosen)) => {
                self.options(options, |at| at == *chosen, sheet);
            }
            (QuizKind::Several { options }, Answer::Several(chosen)) => {
                self.options(options, |at| chosen.contains(&at), sheet);
            }
            (kind, _) => {
                if let Some(right) = right_answer(kind).filter(|_| !marking.right) {
                    sheet.push(prose::lines(&right, self.width, self.theme), None);
                    sheet.gap();
                }
                self.parts(&marking.parts, sheet);
            }
        }
        sheet.gap();
        sheet.push(
            prose::lines(&self.quiz.question.explain, self.width, self.theme),
            None,
        );
    }

    /// All options, marked, each with its reason: why one was tempted is worth as much as what is right.
    fn options(&self, options: &[QuizOption], chosen: impl Fn(usize) -> bool, sheet: &mut Sheet) {
        for at in self.quiz.layout.shown() {
            let Some(option) = options.get(*at) else {
                continue;
            };
            let was_chosen = chosen(*at);
            let sign = match (option.right, was_chosen) {
                (true, _) => (self.theme.symbols.tick, Role::Good),
                (false, true) => (self.theme.symbols.cross, Role::Danger),
                (false, false) => (" ", Role::Dim),
            };
            let note = match (option.right, was_chosen) {
                (true, false) => " *(not chosen)*",
                (_, true) => " *(your answer)*",
                (false, false) => "",
            };
            self.marked(sign, &format!("{}{note}", option.text), sheet);
            self.reason(&option.why, sheet);
        }
    }

    fn parts(&self, parts: &[Part], sheet: &mut Sheet) {
        for part in parts {
            let sign = if part.right {
                (self.theme.symbols.tick, Role::Good)
            } else {
                (self.theme.symbols.cross, Role::Danger)
            };
            self.marked(sign, &part.what, sheet);
            self.reason(&part.why, sheet);
        }
    }

    fn marked(&self, (sign, role): (&'static str, Role), text: &str, sheet: &mut Sheet) {
        let sign = self.theme.span(format!("  {sign} "), role);
        let lines = prose::hanging(&[sign], text, self.width, self.theme);
        sheet.push(
            match role {
                Role::Dim => prose::tinted(lines, Role::Dim, self.theme),
                _ => lines,
            },
            None,
        );
    }

    fn reason(&self, why: &str, sheet: &mut Sheet) {
        if !why.trim().is_empty() {
            let lines = prose::hanging(&[Span::raw("      ")], why, self.width, self.theme);
            sheet.push(prose::tinted(lines, Role::Dim, self.theme), None);
        }
    }

    fn verdict(&self, marking: &Marking) -> Vec<Line<'static>> {
        let (sign, word, role) = if marking.right {
            (self.theme.symbols.tick, "Right.", Role::Good)
        } else {
            (self.theme.symbols.cross, "Not right.", Role::Danger)
        };
        let bold = self.theme.style(role).add_modifier(Modifier::BOLD);
        let mut line = vec![Span::styled(format!("{sign} {word}"), bold)];
        if let Some(confidence) = self.quiz.confidence {
            line.push(self.theme.span(
                format!("  You were {} % sure.", confidence.percent()),
                Role::Dim,
            ));
        }
        vec![Line::from(line)]
    }

    fn sign(&self, sign: &str) -> String {
        if self.theme.is_ascii() {
            sign.replace('•', "*")
        } else {
            sign.to_owned()
        }
    }
}

const HOW_SURE: &str = "  how sure?";

/// The degree that stands in this column of the row.
pub(super) fn sureness_at(column: usize) -> Option<Confidence> {
    let mut end = HOW_SURE.len();
    let column = column.checked_sub(end)?;
    end = 0;
    Confidence::ALL.into_iter().find(|choice| {
        end += format!("  {} % ", choice.percent()).len();
        column < end
    })
}

/// The row in which one says how sure one is: all the choices, so that nobody has to guess them.
pub fn sureness(confidence: Option<Confidence>, theme: &Theme) -> Line<'static> {
    let mut spans = vec![theme.span(HOW_SURE, Role::Dim)];
    for choice in Confidence::ALL {
        let symbols = theme.symbols;
        let (text, role) = if confidence == Some(choice) {
            (
                format!(" {}{} %{}", symbols.left, choice.percent(), symbols.right),
                Role::Accent,
            )
        } else {
            (format!("  {} % ", choice.percent()), Role::Faint)
        };
        spans.push(theme.span(text, role));
    }
    Line::from(spans)
}
