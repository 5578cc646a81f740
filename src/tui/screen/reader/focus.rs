//! What has the focus, how it moves, and what enter does there.

use super::figure::Figure;
use super::inset::Inset;
use super::{Focus, Reader};
use crate::tui::effect::{Effect, Place};
use crate::tui::screen::Cx;

impl Reader {
    /// To the next thing that can have the focus, or to the one before; from none to the first in view.
    pub(super) fn move_focus(&mut self, forward: bool, cx: &Cx<'_>) {
        let stops: Vec<Focus> = (0..self.page.insets.len())
            .flat_map(|inset| {
                (0..self.page.insets[inset].stops()).map(move |dial| Focus { inset, dial })
            })
            .collect();
        let here = self
            .focus
            .and_then(|focus| stops.iter().position(|stop| *stop == focus));
        let next = match (here, forward) {
            (Some(here), true) => here.checked_add(1),
            (Some(here), false) => here.checked_sub(1),
            (None, _) => {
                let below = |stop: &Focus| {
                    let slot = self.page.flow.slots.get(stop.inset);
                    slot.is_some_and(|slot| slot.first_line + slot.height > self.scroll.top)
                };
                stops.iter().position(below)
            }
        };
        self.focus = next.and_then(|next| stops.get(next)).copied();
        self.set(cx);
        self.show_focus(cx);
    }

    fn show_focus(&mut self, cx: &Cx<'_>) {
        let slot = self.focus.and_then(|f| self.page.flow.slots.get(f.inset));
        if let Some(slot) = slot {
            let (first, last) = (slot.first_line, slot.first_line + slot.height);
            let (total, height) = (self.page.flow.lines.len(), Self::height(cx));
            self.scroll.reveal(last.saturating_sub(1), total, height);
            self.scroll.reveal(first, total, height);
        }
    }

    /// Enter: on what has the focus, or else on the first thing in view.
    pub(super) fn enter(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let Some(inset) = self.focus.map(|f| f.inset).or(self.first_in_view(cx)) else {
            return Vec::new();
        };
        let dial = self.focus.map_or(0, |focus| focus.dial);
        match &self.page.insets[inset] {
            Inset::Figure(figure) => figure.whole().map(Effect::Open).into_iter().collect(),
            Inset::Try(exercise) => vec![Effect::Open(Place::exercise(&exercise.slug))],
            Inset::Check(check) => {
                if check.quiz.is_some() {
                    self.focus = Some(Focus { inset, dial });
                    self.answering = true;
                    self.set(cx);
                    self.show_question(cx);
                }
                Vec::new()
            }
        }
    }

    /// The figure that the keys for figures mean: the one in focus, or the first one in view.
    pub(super) fn figure_meant(&self, cx: &Cx<'_>) -> Option<Focus> {
        let is_figure = |n: usize| matches!(self.page.insets.get(n), Some(Inset::Figure(figure)) if figure.is_live());
        self.focus
            .filter(|focus| is_figure(focus.inset))
            .or_else(|| {
                (0..self.page.insets.len())
                    .find(|n| is_figure(*n) && self.is_in_view(*n, cx))
                    .map(|inset| Focus { inset, dial: 0 })
            })
    }

    pub(super) fn with_figure(
        &mut self,
        cx: &Cx<'_>,
        act: impl FnOnce(&mut Figure, usize) -> Vec<Effect>,
    ) -> Vec<Effect> {
        let Some(focus) = self.figure_meant(cx) else {
            return Vec::new();
        };
        match &mut self.page.insets[focus.inset] {
            Inset::Figure(figure) => act(figure, focus.dial),
            _ => Vec::new(),
        }
    }
}
