//! stub
use super::{Cx, Message, Screen};
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::Context;
use ratatui::buffer::Buffer;
pub struct LabScreen {
    slug: String,
}
impl LabScreen {
    pub fn open(slug: &str, _set: &[String], _seed: u64, _cx: &Cx<'_>) -> Result<Self, String> {
        Ok(Self { slug: slug.into() })
    }
}
impl Screen for LabScreen {
    fn place(&self) -> Place {
        Place::lab(&self.slug)
    }
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Lab, Context::Global]
    }
    fn update(&mut self, _message: Message, _cx: &Cx<'_>) -> Vec<Effect> {
        Vec::new()
    }
    fn view(&self, _cx: &Cx<'_>, _buf: &mut Buffer) {}
}
