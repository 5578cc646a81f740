//! The brief that a design answers, and its grade: every requirement over seeds, measured while the run goes on.

use super::{Cx, LabScreen, Modal};
use crate::designs;
use crate::tui::effect::{Effect, JobId, Measuring};
use crate::tui::event::MeasureNews;
use crate::tui::keymap::{Action, Context};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::scroll::Scroll;
use crate::tui::widget::{prose, sheet};
use ddlab_design::brief::Brief;
use ddlab_design::brief::grade::{Candidate, Grade, Row, SEEDS};
use ddlab_text::{counted, whole_percent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::sync::Arc;
use unicode_width::UnicodeWidthStr;

/// Columns of `5 of 5`, and of a figure at least.
const MET: usize = 8;
const FIGURE: usize = 10;

const NO_BRIEF: &str = "no brief has the name of this design or of its file; write `design: BRIEF` in the file, with a name from the list of designs";

pub(super) struct BriefPanel {
    brief: &'static Brief,
    state: State,
    scroll: Scroll,
}

enum State {
    /// What the brief says.
    Read,
    Grading {
        job: JobId,
        share: f64,
        growth: String,
    },
    Graded(Arc<Grade>, String),
    /// What keeps the design out of the world of the brief, or why a run came to nothing.
    Refused(Vec<String>),
}

impl BriefPanel {
    fn title(&self) -> String {
        match &self.state {
            State::Read => self.brief.title.clone(),
            State::Grading { share, .. } => format!("Grading: {} done", whole_percent(*share)),
            State::Graded(grade, _) if grade.is_passed() => "Graded: passed".to_owned(),
            State::Graded(..) => "Graded: not passed".to_owned(),
            State::Refused(_) => "Not graded".to_owned(),
        }
    }

    fn lines(&self, width: u16, theme: &Theme) -> Vec<Line<'static>> {
        match &self.state {
            State::Read | State::Grading { .. } => {
                prose::lines(&self.brief.markdown(), width, theme)
            }
            State::Graded(grade, growth) => graded(self.brief, grade, growth, width, theme),
            State::Refused(why) => {
                let lines = why.iter();
                lines
                    .flat_map(|line| {
                        let rows = ddlab_text::wrap(line, width.into()).into_iter();
                        rows.map(|row| theme.line(row, Role::Danger))
                    })
                    .collect()
            }
        }
    }

    pub fn context(&self) -> Context {
        match self.state {
            State::Read => Context::Brief,
            _ => Context::Graded,
        }
    }

    pub fn draw(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let lines = self.lines(sheet::width(area), theme);
        sheet::draw(&self.title(), &lines, self.scroll, theme, area, buf);
    }
}

fn graded(
    brief: &Brief,
    grade: &Grade,
    growth: &str,
    width: u16,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let role = if grade.is_passed() {
        Role::Good
    } else {
        Role::Danger
    };
    let mut lines = prose::lines_as(role, &grade.verdict(), width, theme);
    let seeds = counted((SEEDS.end - SEEDS.start) as usize, "seed");
    let head = |text: String| [Line::default(), theme.line(text, Role::Heading)];
    lines.extend(head(format!("With all faults of the brief, {seeds}")));
    lines.extend(grade.rows.iter().map(|one| row(one, width, theme)));
    lines.extend(head(growth.to_owned()));
    lines.extend(grade.growth.iter().map(|one| row(one, width, theme)));
    if !grade.surprises.is_empty() {
        let text = "What the brief did not say, each alone at the first seed";
        lines.extend(head(text.to_owned()));
    }
    for surprise in &grade.surprises {
        lines.extend(prose::lines_as(Role::Text, &surprise.what, width, theme));
        for line in surprise.says() {
            lines.extend(prose::hanging(&[Span::raw("  ")], &line, width, theme));
        }
    }
    lines.extend(head("An interviewer would ask next".to_owned()));
    for question in grade.questions(brief) {
        let sign = [theme.span("- ", Role::Dim)];
        lines.extend(prose::hanging(&sign, question, width, theme));
    }
    lines
}

/// Whether a requirement holds, in how many runs, and its figure in the middle of them.
fn row(row: &Row, width: u16, theme: &Theme) -> Line<'static> {
    let (sign, role) = if row.is_met() {
        (theme.symbols.tick, Role::Good)
    } else {
        (theme.symbols.cross, Role::Danger)
    };
    let figure = row.shown(row.median());
    let numbers = format!(
        " {:>MET$} {figure:>pad$}",
        row.met_in(),
        pad = FIGURE.max(figure.width())
    );
    let room = usize::from(width).saturating_sub(2 + numbers.width());
    let text = theme.clip(&row.requirement.text, room);
    let blanks = room.saturating_sub(text.width());
    Line::from(vec![
        theme.span(format!("{sign} "), role),
        theme.span(text, Role::Text),
        Span::raw(" ".repeat(blanks)),
        theme.span(numbers, role),
    ])
}

impl LabScreen {
    pub(super) fn open_brief(&mut self) -> Vec<Effect> {
        let lab = designs::current(self.spec);
        let Some(brief) = lab.and_then(designs::brief_of) else {
            return vec![Effect::info(NO_BRIEF)];
        };
        self.modal = Modal::Brief(BriefPanel {
            brief,
            state: State::Read,
            scroll: Scroll::default(),
        });
        Vec::new()
    }

    /// Grades the file as it was read last, whatever was turned in the run.
    fn grade(&mut self) -> Vec<Effect> {
        let (Modal::Brief(panel), Some(lab)) = (&mut self.modal, designs::current(self.spec))
        else {
            return Vec::new();
        };
        panel.scroll = Scroll::default();
        match Candidate::new(panel.brief, lab.design(), SEEDS.collect()) {
            Ok(candidate) => {
                let job = JobId::fresh();
                panel.state = State::Grading {
                    job,
                    share: 0.0,
                    growth: candidate.growth_head(),
                };
                vec![Effect::Measure(job, Measuring::Grade(Arc::new(candidate)))]
            }
            Err(problems) => {
                panel.state = State::Refused(problems.iter().map(ToString::to_string).collect());
                Vec::new()
            }
        }
    }

    pub(super) fn act_on_brief(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        let Modal::Brief(panel) = &mut self.modal else {
            return Vec::new();
        };
        match (action, &panel.state) {
            (Action::Grade, State::Read) => return self.grade(),
            (Action::Back, State::Grading { job, .. }) => {
                let stopped = Effect::StopMeasuring(*job);
                self.modal = Modal::Nothing;
                return vec![stopped];
            }
            (Action::Back, _) => self.modal = Modal::Nothing,
            _ => {
                let total = panel.lines(sheet::width(cx.area), cx.theme).len();
                sheet::act(&mut panel.scroll, action, total, cx.area);
            }
        }
        Vec::new()
    }

    /// News of the grade; none when they are of something else.
    pub(super) fn brief_news(&mut self, of: JobId, news: &MeasureNews) -> Option<Vec<Effect>> {
        let Modal::Brief(panel) = &mut self.modal else {
            return None;
        };
        let State::Grading { job, share, growth } = &mut panel.state else {
            return None;
        };
        if *job != of {
            return None;
        }
        match news {
            MeasureNews::Share(done) => *share = *done,
            MeasureNews::Graded(grade) => {
                let growth = std::mem::take(growth);
                panel.state = State::Graded(Arc::clone(grade), growth);
                let graded = designs::graded(panel.brief, grade, self.spec.id);
                return Some(vec![Effect::Record(graded)]);
            }
            MeasureNews::Failed(why) => panel.state = State::Refused(vec![why.clone()]),
            _ => {}
        }
        Some(Vec::new())
    }
}
