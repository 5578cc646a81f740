//! The slowest requests, one of them as a waterfall. What is shown is what was slowest when it was
//! opened: the run goes on, but a page must not change while it is read.

use crate::tui::keymap::Action;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::picker::{Items, Picker};
use crate::tui::widget::scroll::Scroll;
use crate::tui::widget::waterfall::{self, HEAD_ROWS, Waterfall, took_ms};
use crate::tui::widget::{header::Header, page};
use crossterm::event::MouseEvent;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::story::{Line, LineKind};
use ddlab_labs::workbench::trace::Trace;
use ddlab_text::{clock, millis};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;
use std::sync::Arc;

/// Cells for `request 123 456`, and for its time.
const REQUEST_WIDTH: u16 = 18;
const TOOK_WIDTH: usize = 11;
const BAR_WIDTH: u16 = 24;
/// What was done longer than so before a request came is not said of it.
const MINUTE: SimTime = SimTime::from_secs(60);

#[derive(Debug)]
pub struct Slowest {
    /// The slowest first; after them a few ordinary ones.
    traces: Vec<Arc<Trace>>,
    slow: usize,
    opened: SimTime,
    /// What had happened by then.
    story: Vec<Line>,
    /// Why there is nothing to see.
    nothing: &'static str,
    picker: Picker,
    rows: Vec<waterfall::Row>,
    scroll: Scroll,
}

/// Where the parts of the screen are.
struct Places {
    list: Rect,
    title: Rect,
    waterfall: Rect,
    legend: Rect,
}

impl Slowest {
    pub fn of(frame: &Frame, spec: &'static LabSpec) -> Self {
        let mut traces = frame.slowest.clone();
        let slow = traces.len();
        traces.extend(frame.sampled.iter().rev().take(3).cloned());
        let mut slowest = Self {
            traces,
            slow,
            opened: frame.now,
            story: super::design::story(frame, spec),
            nothing: if frame.lanes.is_empty() {
                "No request has been answered yet: close this, let the lab run, and look again."
            } else {
                "Nobody sends requests here: look at the timeline of the lab, and at its log."
            },
            picker: Picker::default(),
            rows: Vec::new(),
            scroll: Scroll::default(),
        };
        slowest.show();
        slowest
    }

    /// Draws the chosen request from its top.
    fn show(&mut self) {
        self.rows = self.trace().map_or_else(Vec::new, waterfall::rows);
        self.scroll = Scroll::default();
    }

    fn items(&self) -> Items {
        Items::plain(self.traces.len())
    }

    fn trace(&self) -> Option<&Trace> {
        self.traces.get(self.picker.chosen()).map(Arc::as_ref)
    }

    /// The list is short and a request is long: pages turn in the request.
    pub fn act(&mut self, action: Action, area: Rect) {
        let places = self.places(area);
        match action {
            Action::PageDown | Action::PageUp | Action::HalfDown | Action::HalfUp => {
                let height = places.waterfall.height.saturating_sub(HEAD_ROWS);
                self.scroll.act(action, self.rows.len(), height.into());
            }
            action => self.pick(|picker, items| {
                picker.act(action, items, places.list.height.into());
            }),
        }
    }

    pub fn mouse(&mut self, mouse: MouseEvent, area: Rect) {
        let places = self.places(area);
        if places.list.contains(Position::new(mouse.column, mouse.row)) {
            self.pick(|picker, items| {
                picker.mouse(mouse, items, places.list);
            });
        } else {
            let height = places.waterfall.height.saturating_sub(HEAD_ROWS);
            self.scroll
                .wheel(mouse.kind, self.rows.len(), height.into());
        }
    }

    fn pick(&mut self, change: impl FnOnce(&mut Picker, &Items)) {
        let before = self.picker.chosen();
        let items = self.items();
        change(&mut self.picker, &items);
        if self.picker.chosen() != before {
            self.show();
        }
    }

    fn places(&self, area: Rect) -> Places {
        let inner = page(area);
        let gap = u16::from(inner.height >= 20);
        let wanted = self.traces.len() as u16;
        let list_height = wanted.min((inner.height / 4).max(3));
        let below = inner.below(1 + gap);
        let request = below.below(list_height + gap);
        Places {
            list: below.upper(list_height),
            title: request.upper(1),
            waterfall: request.below(1 + gap).above(1 + gap),
            legend: request.below(1).last_row(),
        }
    }

    pub fn draw(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let status = format!("as of {}", clock(self.opened));
        Header::new("Slowest requests", status, theme).render(area, buf);
        let places = self.places(area);
        let Some(trace) = self.trace() else {
            Pen::new(places.title, buf).put(self.nothing, theme.style(Role::Dim));
            return;
        };
        self.list(theme, places.list, buf);
        Pen::new(places.title, buf)
            .put(
                &format!("request {}", trace.request),
                theme.style(Role::Heading),
            )
            .skip(3)
            .put(&millis(took_ms(trace)), theme.style(Role::Strong))
            .skip(3)
            .put(&trace.outcome, theme.style(Role::Text));
        if let Some(line) = self.meanwhile(trace) {
            let row = places.title.union(places.waterfall).row(1);
            let said = format!("since {}: {}", clock(line.at), line.text);
            let said = theme.clip(&said, row.width);
            if row.y < places.waterfall.y {
                Pen::new(row, buf).put(&said, theme.style(Role::Warning));
            }
        }
        Waterfall {
            trace,
            rows: &self.rows,
            top: self.scroll.top,
            theme,
        }
        .render(places.waterfall, buf);
        let spans = places.waterfall.below(HEAD_ROWS);
        self.scroll.bar(self.rows.len(), 1, theme, spans, buf);
        waterfall::legend(theme, places.legend, buf);
    }

    /// What explains the request best of what happened before its end: what had begun to be refused or was full,
    /// or else what was done. What was over before the request came explains nothing.
    fn meanwhile(&self, trace: &Trace) -> Option<&Line> {
        let of = |line: &Line| line.text.split(':').next().map(str::to_owned);
        let is_over = |line: &Line| {
            let mut later = self.story.iter();
            later.any(|end| {
                end.kind == LineKind::Recovers
                    && (line.at..=trace.started).contains(&end.at)
                    && of(end) == of(line)
            })
        };
        let minute = SimTime(trace.started.0.saturating_sub(MINUTE.0));
        let before = self.story.iter().filter(|line| {
            line.at <= trace.ended
                && !is_over(line)
                && (line.kind != LineKind::Done || line.at >= minute)
        });
        let rank = |line: &&Line| match line.kind {
            LineKind::Begins => Some(3),
            LineKind::Full => Some(2),
            LineKind::Done => Some(1),
            _ => None,
        };
        before
            .filter(|line| rank(line).is_some())
            .max_by_key(|line| (rank(line), line.at))
    }

    fn list(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let symbols = theme.symbols;
        let slowest = self.traces.first().map_or(1.0, |trace| took_ms(trace));
        let items = self.items();
        for (n, line) in self.picker.in_view(&items, area) {
            let trace = &self.traces[n];
            let chosen = n == self.picker.chosen();
            let name = if chosen { Role::Selection } else { Role::Text };
            let mut pen = Pen::new(line, buf);
            pen.put(
                if chosen { symbols.cursor } else { " " },
                theme.style(Role::Accent),
            )
            .put(&format!("request {}", trace.request), theme.style(name))
            .to(REQUEST_WIDTH)
            .put_right(&millis(took_ms(trace)), TOOK_WIDTH, theme.style(Role::Text))
            .skip(2);
            if pen.room() > BAR_WIDTH + 24 {
                let cells = (took_ms(trace) / slowest * f64::from(BAR_WIDTH)).round() as u16;
                let bar = symbols.eighths[8];
                pen.fill(bar, cells.clamp(1, BAR_WIDTH), theme.style(Role::Accent))
                    .skip(BAR_WIDTH - cells.clamp(1, BAR_WIDTH) + 2);
            }
            let kind = if n >= self.slow {
                "an ordinary one, "
            } else {
                ""
            };
            let text = format!("{kind}{}", trace.outcome);
            let text = theme.clip(&text, pen.room());
            pen.put(&text, theme.style(Role::Dim));
        }
    }
}
