//! stub
use super::{Cx, Message, Screen};
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::Context;
use ratatui::buffer::Buffer;
pub struct Reader {
    slug: String,
}
impl Reader {
    pub fn open(
        slug: &str,
        _anchor: Option<&crate::tui::effect::Anchor>,
        _cx: &Cx<'_>,
    ) -> Result<Self, String> {
        Ok(Self { slug: slug.into() })
    }
}
impl Screen for Reader {
    fn place(&self) -> Place {
        Place::chapter(&self.slug)
    }
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Reader, Context::Global]
    }
    fn update(&mut self, _message: Message, _cx: &Cx<'_>) -> Vec<Effect> {
        Vec::new()
    }
    fn view(&self, _cx: &Cx<'_>, _buf: &mut Buffer) {}
}
