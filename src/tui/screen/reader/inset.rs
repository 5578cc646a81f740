//! The live things of a page: figures, questions, exercises. Each knows how high it is at a width, and
//! draws itself there.

use super::Focus;
use super::figure::Figure;
use crate::content::model::{Chapter, QuizQuestion};
use crate::markdown::block::Live;
use crate::progress::Marks;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::kept::Kept;
use crate::tui::widget::parts::Parts;
use crate::tui::widget::quiz::{Quiz, Sheet};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

/// Columns left of what is inside a barred inset.
pub const INDENT: u16 = 2;

pub enum Inset {
    Figure(Box<Figure>),
    Check(Check),
    Try(Try),
}

/// A question asked in the text.
pub struct Check {
    pub id: String,
    /// None when the chapter has no such question.
    pub quiz: Option<Box<Quiz>>,
    /// The answer is durable.
    pub kept: Kept,
}

/// An exercise to build now.
pub struct Try {
    pub slug: String,
    pub title: Option<String>,
}

impl Inset {
    pub fn new(live: &Live, chapter: &Chapter, marks: &Marks) -> Self {
        match live {
            Live::Figure(figure) => Self::Figure(Box::new(Figure::new(figure))),
            Live::Check { question } => Self::Check(Check::new(question, chapter, marks)),
            Live::Try { exercise } => Self::Try(Try {
                title: ddlab_exercises::find(exercise)
                    .ok()
                    .map(|known| known.manifest().title.clone()),
                slug: exercise.clone(),
            }),
        }
    }

    /// Rows that it needs.
    pub fn height(&self, width: u16, focused: bool, theme: &Theme) -> usize {
        match self {
            Self::Figure(figure) => figure.height(width, theme),
            Self::Check(check) => {
                let hint = usize::from(check.is_open());
                1 + check.sheet(width, focused, theme).height() + hint
            }
            Self::Try(_) => 2,
        }
    }

    /// How many things in it the focus can stand on.
    pub fn stops(&self) -> usize {
        match self {
            Self::Figure(figure) if !figure.is_live() => 0,
            Self::Figure(figure) => figure.dials().len().max(1),
            Self::Check(_) | Self::Try(_) => 1,
        }
    }

    /// Draws all of it on `area`, which is as high as it asked for.
    pub fn draw(&self, focus: Option<Focus>, theme: &Theme, area: Rect, buf: &mut Buffer) {
        match self {
            Self::Figure(figure) => figure.draw(focus.map(|focus| focus.dial), theme, area, buf),
            Self::Check(check) => check.draw(focus.is_some(), theme, area, buf),
            Self::Try(exercise) => exercise.draw(focus.is_some(), theme, area, buf),
        }
    }
}

impl Check {
    fn new(id: &str, chapter: &Chapter, marks: &Marks) -> Self {
        let question = chapter.quiz.iter().find(|question| question.id == id);
        let kept = marks.answer(id);
        let quiz = question.map(|question: &QuizQuestion| {
            Box::new(match kept {
                Some(given) => Quiz::answered(question, 0, &given.answer, given.confidence),
                None => Quiz::new(question, 0),
            })
        });
        Self {
            id: id.to_owned(),
            kept: kept.map_or(Kept::Waiting, |_| Kept::OnDisk),
            quiz,
        }
    }

    /// It can be answered and was not yet.
    fn is_open(&self) -> bool {
        let quiz = self.quiz.as_ref();
        quiz.is_some_and(|quiz| quiz.marking().is_none())
    }

    /// The question set inside its bar.
    pub fn sheet(&self, width: u16, focused: bool, theme: &Theme) -> Sheet {
        match &self.quiz {
            Some(quiz) => quiz.sheet(width.saturating_sub(INDENT).max(1), focused, theme),
            None => Sheet::default(),
        }
    }

    fn draw(&self, focused: bool, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let marking = self.quiz.as_ref().and_then(|quiz| quiz.marking());
        let role = match marking.map(|marking| marking.right) {
            None => Role::Accent,
            Some(true) => Role::Good,
            Some(false) => Role::Warning,
        };
        bar(role, theme, area, buf);
        let title = match self.quiz {
            None => "This question is not in the quiz of the chapter",
            Some(_) => "Before you read on",
        };
        let state = match (marking, self.kept.words()) {
            (None, _) => Line::default(),
            (Some(_), None) => theme.line("answered", Role::Dim),
            (Some(_), Some((word, role))) => Line::from(vec![
                theme.span("answered, ", Role::Dim),
                theme.span(word, role),
            ]),
        };
        let rows = area.after(INDENT);
        let title = Line::from(vec![
            theme.span("? ", role),
            theme.span(title, Role::Strong),
        ]);
        title.render(rows.row(0), buf);
        state.right_aligned().render(rows.row(0), buf);
        self.sheet(area.width, focused, theme)
            .render(0, rows.below(1), buf);
        if !focused && self.is_open() {
            hint(&[("enter", "answer")], theme, rows.last_row(), buf);
        }
    }
}

impl Try {
    fn draw(&self, focused: bool, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let role = if focused { Role::Accent } else { Role::Faint };
        bar(role, theme, area, buf);
        let rows = area.after(INDENT);
        let title = Line::from(vec![
            theme.span("Build it: ", Role::Strong),
            theme.span(self.title.as_deref().unwrap_or(&self.slug), Role::Text),
        ]);
        title.render(rows.row(0), buf);
        hint(&[("enter", "open the exercise")], theme, rows.row(1), buf);
    }
}

/// The bar along the left edge that says: this is not text.
pub fn bar(role: Role, theme: &Theme, area: Rect, buf: &mut Buffer) {
    for y in area.top()..area.bottom() {
        if area.width > 0 {
            buf[(area.x, y)]
                .set_symbol(theme.symbols.bar)
                .set_style(theme.style(role));
        }
    }
}

/// Keys and what they do, in one row.
pub fn hint(keys: &[(&str, &str)], theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut spans = Vec::new();
    for (key, what) in keys {
        if !spans.is_empty() {
            spans.push(Span::raw("   "));
        }
        spans.push(theme.span((*key).to_owned(), Role::Key));
        spans.push(theme.span(format!(" {what}"), Role::Dim));
    }
    Line::from(spans).render(area, buf);
}
