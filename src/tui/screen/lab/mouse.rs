//! What a click does: nodes are selected, knobs turned, the menu used, time gone back to.

use super::menu::Click;
use super::{Cx, LabScreen, Modal};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::widget::picture::painter;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

impl LabScreen {
    pub(super) fn mouse(&mut self, event: MouseEvent, cx: &Cx<'_>) -> Vec<Effect> {
        let at = Position::new(event.column, event.row);
        if matches!(self.modal, Modal::Nothing)
            && !self.dragging
            && let Some(effects) = self.mouse_in_guide(event, cx)
        {
            return effects;
        }
        match (event.kind, &mut self.modal) {
            (MouseEventKind::Down(MouseButton::Left), Modal::Nothing) => self.click(at, cx),
            (_, Modal::Menu(menu)) => {
                match menu.mouse(event, cx.area) {
                    Click::Outside => self.modal = Modal::Nothing,
                    Click::Moved => self.selected = menu.target().or(self.selected),
                    Click::Again => return self.do_it(),
                }
                Vec::new()
            }
            (_, Modal::Compare(menu)) => {
                menu.mouse(event, cx.area);
                Vec::new()
            }
            (_, Modal::Why(_)) => self.mouse_in_why(event, cx),
            (_, Modal::Finder(_)) => self.mouse_in_finder(event, cx),
            (_, Modal::Slowest(slowest)) => {
                slowest.mouse(event, cx.area);
                Vec::new()
            }
            (MouseEventKind::Drag(MouseButton::Left), Modal::Nothing) if self.dragging => {
                self.drag_to(at.x, self.layout(cx.area).timeline)
            }
            (MouseEventKind::Up(MouseButton::Left), _) => {
                self.dragging = false;
                Vec::new()
            }
            (MouseEventKind::ScrollUp, Modal::Nothing) => self.wheel(at, 1, cx),
            (MouseEventKind::ScrollDown, Modal::Nothing) => self.wheel(at, -1, cx),
            _ => Vec::new(),
        }
    }

    fn click(&mut self, at: Position, cx: &Cx<'_>) -> Vec<Effect> {
        let layout = self.layout(cx.area);
        if layout.knobs.contains(at) {
            let (knobs, values, area) = (&self.spec.knobs, self.previewed(), layout.knobs);
            let grid = self.knob_grid(cx.area);
            if let Some(turns) = grid.arrow(knobs, &values, self.focus, area, at) {
                return self.turn(turns, cx);
            }
            if let Some(knob) = grid.hit(self.focus, area, at) {
                let effects = self.apply();
                if knob < knobs.len() {
                    self.focus = knob;
                } else {
                    self.open_finder();
                }
                return effects;
            }
        } else if layout.timeline.contains(at) {
            self.dragging = true;
            return self.drag_to(at.x, layout.timeline);
        } else if layout.header.contains(at) {
            return self.live.play(!self.live.is_playing());
        } else if layout.charts.contains(at) {
            return self.act(Action::Toggle, cx);
        } else if layout.picture.contains(at) && self.picture_is_shown(&layout) {
            self.select(at, layout.picture);
        }
        Vec::new()
    }

    fn select(&mut self, at: Position, area: ratatui::layout::Rect) {
        let Some(frame) = self.frame() else {
            return;
        };
        let parts = super::view::pictures(frame, area).into_iter();
        let hit = parts
            .filter(|(side, _)| side.side == frame.side)
            .find_map(|(side, part)| painter(side.scene.kind()).hit(side, part, at));
        // A second click on it lets go of it.
        self.selected = if hit == self.selected { None } else { hit };
    }

    /// The wheel turns the knob in focus, over it alone: one that merely passes under it stays as it is.
    fn wheel(&mut self, at: Position, turns: i32, cx: &Cx<'_>) -> Vec<Effect> {
        let knobs = self.layout(cx.area).knobs;
        let under = self.knob_grid(cx.area).hit(self.focus, knobs, at);
        if under == Some(self.focus) {
            return self.turn(turns, cx);
        }
        Vec::new()
    }
}
