//! A queue as a belt: items come from the left, the next one to be handed out is at the right, where the
//! workers are; what they did, and what they could not do, lies below.

mod workers;

use super::Picture;
use super::units::Units;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::pen::Pen;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::role::Rank;
use ddlab_labs::workbench::scene::{BeltView, ScalerView, Scene, WorkerStanding};
use ddlab_text::{figure, grouped};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;
use workers::{Form, Workers};

pub struct Belt<'a> {
    pub frame: &'a Frame,
    pub view: &'a BeltView,
    /// The number of the worker that actions are aimed at.
    pub selected: Option<u32>,
    pub messages: bool,
    pub theme: &'a Theme,
}

/// The rows, from top to bottom.
struct Layout {
    source: Rect,
    belt: Rect,
    waiting: Rect,
    heading: Rect,
    workers: Rect,
    form: Form,
    done: Rect,
    dead: Rect,
    scaler: Rect,
    verdict: Rect,
}

impl Layout {
    fn of(view: &BeltView, area: Rect) -> Self {
        let mut rest = area;
        let take = |rest: &mut Rect, rows: u16| {
            let rows = rows.min(rest.height);
            let part = Rect {
                height: rows,
                ..*rest
            };
            rest.y += rows;
            rest.height -= rows;
            part
        };
        let overloaded = is_overloaded(view);
        let source = take(&mut rest, 1);
        let belt = take(&mut rest, 1);
        let waiting = take(&mut rest, 1);
        let heading = take(&mut rest, 1);
        // Done, dead letters, scaler, and what it comes to.
        let below = 2 + u16::from(view.scaler.is_some()) + u16::from(overloaded);
        let most = Rect {
            height: rest.height.saturating_sub(below),
            ..rest
        };
        let form = Form::of(view.workers.len(), most);
        let workers = take(&mut rest, form.height().min(most.height));
        let airy = rest.height > below;
        if airy {
            take(&mut rest, 1);
        }
        let done = take(&mut rest, 1);
        let dead = take(&mut rest, 1);
        let scaler = take(&mut rest, u16::from(view.scaler.is_some()));
        if rest.height > 2 {
            take(&mut rest, 1);
        }
        let verdict = take(&mut rest, if overloaded { 2 } else { 0 });
        Self {
            source,
            belt,
            waiting,
            heading,
            workers,
            form,
            done,
            dead,
            scaler,
            verdict,
        }
    }
}

/// The load is more than the pool can do, even when nothing goes wrong.
fn is_overloaded(view: &BeltView) -> bool {
    view.work_for.is_some_and(|work| work >= there(view) as f64)
}

/// Workers of the pool, well or not.
fn there(view: &BeltView) -> usize {
    let stays = |standing| standing != WorkerStanding::Leaving;
    let workers = view.workers.iter();
    workers.filter(|worker| stays(worker.standing)).count()
}

/// Words of which the first ones matter most: written as long as they fit whole.
fn sentence(parts: &[(String, Role)], theme: &Theme, pen: &mut Pen<'_>) {
    for (text, role) in parts {
        if text.width() > usize::from(pen.room()) {
            return;
        }
        pen.put(text, theme.style(*role)).skip(2);
    }
}

/// The first of these that fits whole; the last when none does.
fn fitting(texts: Vec<String>, width: u16) -> String {
    let mut texts = texts.into_iter();
    let last = texts.next_back().unwrap_or_default();
    texts
        .find(|text| text.width() <= usize::from(width))
        .unwrap_or(last)
}

pub struct Painter;

impl super::Painter for Painter {
    fn draw(&self, picture: &Picture<'_>, area: Rect, buf: &mut Buffer) {
        if let Some(belt) = Belt::of(picture) {
            belt.render(area, buf);
        }
    }

    fn draw_small(&self, picture: &Picture<'_>, area: Rect, buf: &mut Buffer) {
        if let Some(belt) = Belt::of(picture) {
            belt.small(area, buf);
        }
    }

    fn small_rows(&self) -> u16 {
        4
    }

    fn hit(&self, frame: &Frame, area: Rect, at: Position) -> Option<u32> {
        match &frame.scene {
            Scene::Belt(view) => hit(view, area, at),
            _ => None,
        }
    }
}

/// The number of the worker under this place.
fn hit(view: &BeltView, area: Rect, at: Position) -> Option<u32> {
    let layout = Layout::of(view, area);
    let nth = layout.form.hit(layout.workers, at)?;
    view.workers.get(nth).map(|worker| worker.number)
}

impl<'a> Belt<'a> {
    fn of(picture: &Picture<'a>) -> Option<Self> {
        let Scene::Belt(view) = &picture.frame.scene else {
            return None;
        };
        Some(Self {
            frame: picture.frame,
            view,
            selected: picture.selected,
            messages: picture.messages,
            theme: picture.theme,
        })
    }

    fn source(&self, area: Rect, buf: &mut Buffer) {
        let (theme, view) = (self.theme, self.view);
        let mut pen = Pen::new(area, buf);
        pen.put("source", theme.style(Role::Text)).skip(1);
        if view.arriving_rps <= 0.0 {
            pen.put("stopped", theme.style(Role::Warning));
            return;
        }
        let rate = format!("{} /s", figure(view.arriving_rps));
        pen.put(&rate, theme.style(Role::Dim)).skip(2);
        if let Some(work) = view.work_for {
            let role = if is_overloaded(view) {
                Role::Warning
            } else {
                Role::Dim
            };
            let text = format!("is work for {work:.1} of {} workers", there(view));
            let short = format!("work for {work:.1} of {}", there(view));
            for text in [text, short] {
                if text.width() <= usize::from(pen.room()) {
                    pen.put(&text, theme.style(role));
                    return;
                }
            }
        }
    }

    /// The next item is the rightmost one; what does not fit is counted at the left.
    fn belt(&self, area: Rect, buf: &mut Buffer) {
        let (theme, view) = (self.theme, self.view);
        let (faint, symbols) = (theme.style(Role::Faint), theme.symbols);
        let mut pen = Pen::new(area, buf);
        pen.put("queue", theme.style(Role::Text)).skip(1);
        let cells = usize::from(pen.room()).saturating_sub(2);
        if cells == 0 {
            return;
        }
        let fits = view.waiting <= cells;
        let more = format!("+{} ", grouped(view.waiting as i64));
        let (hidden, seen) = if fits {
            (String::new(), view.waiting)
        } else {
            // What is counted and what is seen add up to all.
            let seen = cells.saturating_sub(more.width()).min(view.front.len());
            let hidden = view.waiting.saturating_sub(seen) as i64;
            (format!("+{} ", grouped(hidden)), seen)
        };
        pen.put(&hidden, theme.style(Role::Warning));
        let free = cells.saturating_sub(hidden.width() + seen) as u16;
        pen.fill(symbols.track, free, faint);
        for received in view.front.iter().take(seen).rev() {
            let (sign, role) = item(*received, theme);
            pen.put(&sign, theme.style(role));
        }
        pen.skip(1).put(symbols.next, faint);
    }

    fn waiting(&self, area: Rect, buf: &mut Buffer) {
        let (theme, view) = (self.theme, self.view);
        let mut parts = vec![match view.waiting {
            0 => ("nobody waits".to_owned(), Role::Dim),
            1 => ("1 waits".to_owned(), Role::Text),
            many => (format!("{} wait", grouped(many as i64)), Role::Text),
        }];
        if view.oldest_s >= 0.05 {
            parts.push((format!("oldest {} s", figure(view.oldest_s)), Role::Dim));
        }
        if view.held_back > 0 {
            parts.push((
                format!("{} held back", grouped(view.held_back as i64)),
                Role::Warning,
            ));
        }
        let came_back = view.front.iter().filter(|received| **received > 0).count();
        if came_back > 0 {
            parts.push((format!("{came_back} came back"), Role::Warning));
        }
        let mut pen = Pen::new(area, buf);
        pen.skip(6);
        sentence(&parts, theme, &mut pen);
    }

    fn heading(&self, area: Rect, buf: &mut Buffer) {
        let (theme, view) = (self.theme, self.view);
        let busy = view.workers.iter().filter(|w| w.task.is_some()).count();
        let parts = [
            ("workers".to_owned(), Role::Text),
            (format!("{busy} of {} busy", view.workers.len()), Role::Dim),
            (
                format!("{} in flight", grouped(view.in_flight as i64)),
                Role::Dim,
            ),
        ];
        sentence(&parts, theme, &mut Pen::new(area, buf));
    }

    fn done(&self, area: Rect, buf: &mut Buffer) {
        let (theme, view) = (self.theme, self.view);
        let mut parts = vec![
            (self.name_of_store(), Role::Text),
            (
                format!("{} done", grouped(view.done.cast_signed())),
                Role::Dim,
            ),
        ];
        if view.repeated > 0 {
            parts.push((
                format!("{} effects repeated", grouped(view.repeated.cast_signed())),
                Role::Warning,
            ));
        }
        if view.lost > 0 {
            parts.push((
                format!("{} lost", grouped(view.lost.cast_signed())),
                Role::Danger,
            ));
        }
        sentence(&parts, theme, &mut Pen::new(area, buf));
    }

    fn name_of_store(&self) -> String {
        let units = Units::of(self.frame);
        let mut tails = units.ranked(Rank::Tail);
        let store = tails.next().map(|index| units.0[index].name());
        store.unwrap_or_else(|| "done".to_owned())
    }

    /// On a page: the belt, what waits, the workers in a cell each, the shelf.
    pub fn small(&self, area: Rect, buf: &mut Buffer) {
        let row = |n: u16| Rect {
            y: area.y + n.min(area.height),
            height: u16::from(n < area.height),
            ..area
        };
        self.belt(row(0), buf);
        self.waiting(row(1), buf);
        let mut pen = Pen::new(row(2), buf);
        pen.put("workers", self.theme.style(Role::Text)).skip(1);
        for worker in &self.view.workers {
            let (sign, role) = workers::cell(worker, self.theme);
            pen.put(sign, self.theme.style(role));
        }
        self.dead(row(3), buf);
    }

    /// The shelf: one sign for each, as far as they fit.
    fn dead(&self, area: Rect, buf: &mut Buffer) {
        let (theme, view) = (self.theme, self.view);
        let mut pen = Pen::new(area, buf);
        pen.put("dead letters", theme.style(Role::Text)).skip(1);
        let rule = match view.max_receives {
            None => "off: what fails comes back for ever".to_owned(),
            Some(1) => "after 1 delivery".to_owned(),
            Some(most) => format!("after {most} deliveries"),
        };
        if view.dead == 0 {
            let mut parts = vec![(rule, Role::Faint)];
            if view.max_receives.is_some() {
                parts.insert(0, ("none".to_owned(), Role::Dim));
            }
            sentence(&parts, theme, &mut pen);
            return;
        }
        let count = grouped(view.dead as i64);
        let shelf = usize::from(pen.room())
            .saturating_sub(count.width() + 2)
            .min(20);
        pen.put(&count, theme.style(Role::Danger)).skip(1);
        let sign = if theme.is_ascii() { "#" } else { "▪" };
        pen.fill(sign, view.dead.min(shelf) as u16, theme.style(Role::Danger))
            .skip(1)
            .put_whole(&rule, theme.style(Role::Faint));
    }

    fn scaler(&self, scaler: &ScalerView, area: Rect, buf: &mut Buffer) {
        let parts = [
            ("autoscaler".to_owned(), Role::Text),
            (
                format!("wants {}, has {}", scaler.wanted, scaler.there),
                Role::Dim,
            ),
            (
                format!("looks in {:.0} s", scaler.looks_in_s.ceil()),
                Role::Dim,
            ),
            (format!("{} to {}", scaler.least, scaler.most), Role::Faint),
        ];
        sentence(&parts, self.theme, &mut Pen::new(area, buf));
    }

    /// What one sees, where it is not plain that it must be so.
    fn verdict(&self, area: Rect, buf: &mut Buffer) {
        let Some(work) = self.view.work_for.filter(|_| is_overloaded(self.view)) else {
            return;
        };
        let theme = self.theme;
        let there = there(self.view);
        let sign = theme.symbols.warning;
        let grows = vec![
            format!("{sign} The queue grows: there is work for {work:.1}, and {there} workers."),
            format!("{sign} Work for {work:.1}, {there} workers: it grows."),
            format!("{sign} The queue grows."),
        ];
        let grows = fitting(grows, area.width);
        let enough = work.floor() + 1.0;
        let cures = match &self.view.scaler {
            Some(scaler) if scaler.most > there => {
                vec![format!("  The autoscaler may go up to {}.", scaler.most)]
            }
            Some(scaler) => vec![format!("  The autoscaler stops at {}.", scaler.most)],
            None => vec![
                format!("  Set workers to {enough}, or turn autoscale on."),
                format!("  Set workers to {enough}."),
            ],
        };
        let cure = fitting(cures, area.width);
        for (row, text) in [grows, cure].iter().enumerate() {
            Pen::at(area, row as u16, buf).put(text, theme.style(Role::Warning));
        }
    }
}

/// An item on the belt: how often it has been handed out before, if it has.
fn item(received: u32, theme: &Theme) -> (String, Role) {
    match received {
        0 => (theme.symbols.dot.to_owned(), Role::Accent),
        1..=9 => (received.to_string(), Role::Warning),
        _ => ("+".to_owned(), Role::Danger),
    }
}

impl Widget for Belt<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return;
        }
        let layout = Layout::of(self.view, area);
        self.source(layout.source, buf);
        self.belt(layout.belt, buf);
        self.waiting(layout.waiting, buf);
        self.heading(layout.heading, buf);
        Workers {
            frame: self.frame,
            queue: self.view.queue,
            pool: &self.view.workers,
            selected: self.selected,
            messages: self.messages,
            form: layout.form,
            theme: self.theme,
        }
        .render(layout.workers, buf);
        self.done(layout.done, buf);
        self.dead(layout.dead, buf);
        if let Some(scaler) = &self.view.scaler {
            self.scaler(scaler, layout.scaler, buf);
        }
        self.verdict(layout.verdict, buf);
    }
}

#[cfg(test)]
mod tests;
