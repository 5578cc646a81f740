//! stub
use super::{Cx, Message, Screen};
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::Context;
use ratatui::buffer::Buffer;
pub struct Home {}
impl Home {
    pub fn new(_cx: &Cx<'_>) -> Self {
        Self {}
    }
}
impl Screen for Home {
    fn place(&self) -> Place {
        Place::Home
    }
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Home, Context::Global]
    }
    fn update(&mut self, _message: Message, _cx: &Cx<'_>) -> Vec<Effect> {
        Vec::new()
    }
    fn view(&self, _cx: &Cx<'_>, _buf: &mut Buffer) {}
}
