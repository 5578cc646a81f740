//! What a click does: nodes are selected, knobs turned, the menu used, time gone back to.

use super::menu::Click;
use super::{Cx, LabScreen, Modal};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::widget::knobs::Grid;
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
            let grid = Grid::of(&self.spec.knobs, self.values(), layout.knobs.width);
            let arrow = grid.arrow(
                &self.spec.knobs,
                self.values(),
                self.focus,
                layout.knobs,
                at,
            );
            if let Some(turns) = arrow {
                return self.turn(turns);
            }
            if let Some(knob) = grid.hit(self.focus, layout.knobs, at) {
                self.focus = knob;
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
        let hit = painter(frame.scene.kind()).hit(frame, area, at);
        // A second click on it lets go of it.
        self.selected = if hit == self.selected { None } else { hit };
    }

    /// The wheel turns the knob under it.
    fn wheel(&mut self, at: Position, turns: i32, cx: &Cx<'_>) -> Vec<Effect> {
        let layout = self.layout(cx.area);
        let grid = Grid::of(&self.spec.knobs, self.values(), layout.knobs.width);
        match grid.hit(self.focus, layout.knobs, at) {
            Some(knob) => {
                self.focus = knob;
                self.turn(turns)
            }
            None => Vec::new(),
        }
    }
}
