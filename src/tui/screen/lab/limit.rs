//! The limit of the lab as its knobs stand: searched on runs of its own, while this one goes on.

use super::{LabScreen, Modal};
use crate::tui::effect::{Effect, JobId, Measuring};
use crate::tui::event::MeasureNews;
use crate::tui::keymap::Action;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::{popup, wrapped};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::limit::{Limit, LimitPlan};
use ddlab_labs::workbench::plan::RunPlan;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;

const SEEDS: [u64; 3] = [1, 2, 3];
const LENGTH: SimTime = SimTime::from_secs(20);
const WARM_UP: SimTime = SimTime::from_secs(5);
/// The frame of the popup and the columns that it takes at most.
const FRAME: u16 = 2;
const WIDTH: u16 = 104;

pub(super) struct LimitPanel {
    job: JobId,
    state: State,
}

enum State {
    /// Runs that are done.
    Searching(usize),
    Found(Arc<Limit>),
    Failed(String),
}

impl LimitPanel {
    fn news(&mut self, news: &MeasureNews) {
        match news {
            MeasureNews::Runs(done) => self.state = State::Searching(*done),
            MeasureNews::Limit(limit) => self.state = State::Found(Arc::clone(limit)),
            MeasureNews::Failed(why) => self.state = State::Failed(why.clone()),
            _ => {}
        }
    }

    /// What stands in the panel; the summary is set off from the table below it.
    fn lines(&self, width: u16, theme: &Theme) -> Vec<(String, Role)> {
        let wrapped = |text: &str, role| {
            let rows = wrapped::rows(text, width).into_iter();
            let lines = rows.map(|row| (text[row].trim_end().to_owned(), role));
            lines.collect::<Vec<_>>()
        };
        match &self.state {
            State::Searching(done) => {
                let text =
                    format!("searching: {done} runs done, each 20 s with the knobs as they are");
                wrapped(&text, Role::Text)
            }
            State::Failed(why) => wrapped(why, Role::Danger),
            State::Found(limit) => {
                let what = format!("{}, {} seeds", limit.objective, SEEDS.len());
                let mut lines = wrapped(&what, Role::Dim);
                let summary = limit.summary().into_iter();
                lines.extend(summary.flat_map(|line| wrapped(&line, Role::Strong)));
                lines.push((String::new(), Role::Text));
                let mut table = limit
                    .table(theme.symbols.eighths[8], width.into())
                    .into_iter();
                lines.extend(table.next().map(|head| (head, Role::Dim)));
                let rows = limit.curve.iter().zip(table);
                lines.extend(rows.map(|(point, row)| {
                    let met = 2 * point.met(&limit.objective) > point.figures.len();
                    (row, if met { Role::Text } else { Role::Warning })
                }));
                lines
            }
        }
    }

    pub fn draw(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let width = WIDTH.min(area.width);
        let lines = self.lines(width.saturating_sub(2 * FRAME), theme);
        let height = lines.len() as u16 + FRAME;
        let title = "How much load it takes";
        let inner = popup::open(title, width, height, theme, area, buf);
        // Of a long curve the part around the limit is of interest: its end.
        let head = lines
            .iter()
            .position(|(line, _)| line.is_empty())
            .map_or(0, |n| n + 2);
        let skipped = lines.len().saturating_sub(inner.height.into());
        let mark = (theme.symbols.ellipsis.to_owned(), Role::Dim);
        let mut shown: Vec<&(String, Role)> = lines.iter().collect();
        if skipped > 0 {
            let end = (head + skipped + 1).min(lines.len());
            shown.splice(head.min(end)..end, [&mark]);
        }
        for (row, (line, role)) in (0..).zip(shown) {
            let line = theme.clip(line, inner.width);
            Pen::new(inner.row(row), buf).put(&line, theme.style(*role));
        }
    }
}

impl LabScreen {
    /// Searches with the knobs as they are, from the start.
    pub(super) fn open_limit(&mut self) -> Vec<Effect> {
        let Ok(lab) = crate::designs::find(self.spec.id) else {
            return Vec::new();
        };
        let mut base = RunPlan::new(lab, SEEDS[0]);
        base.knobs = self.live.knobs().clone();
        (base.length, base.warmup) = (LENGTH, WARM_UP);
        match LimitPlan::new(base, None, SEEDS.to_vec()) {
            Err(_) => vec![Effect::info("this lab has no load that could be raised")],
            Ok(plan) => {
                let job = JobId::fresh();
                let state = State::Searching(0);
                self.modal = Modal::Limit(LimitPanel { job, state });
                vec![Effect::Measure(job, Measuring::Limit(Box::new(plan)))]
            }
        }
    }

    pub(super) fn act_on_limit(&mut self, action: Action) -> Vec<Effect> {
        let Modal::Limit(panel) = &self.modal else {
            return Vec::new();
        };
        if !matches!(action, Action::Back | Action::FindLimit | Action::Open) {
            return Vec::new();
        }
        let job = panel.job;
        let searching = matches!(panel.state, State::Searching(_));
        self.modal = Modal::Nothing;
        searching
            .then_some(Effect::StopMeasuring(job))
            .into_iter()
            .collect()
    }

    /// News of the search; false when they are of something else.
    pub(super) fn limit_news(&mut self, job: JobId, news: &MeasureNews) -> bool {
        match &mut self.modal {
            Modal::Limit(panel) if panel.job == job => {
                panel.news(news);
                true
            }
            _ => false,
        }
    }
}
