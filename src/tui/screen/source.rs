//! stub
use super::{Cx, Message, Screen};
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::Context;
use ratatui::buffer::Buffer;
pub struct Source {
    slug: String,
}
impl Source {
    pub fn open(slug: &str, _cx: &Cx<'_>) -> Result<Self, String> {
        Ok(Self { slug: slug.into() })
    }
}
impl Screen for Source {
    fn place(&self) -> Place {
        Place::Source {
            lab: self.slug.clone(),
        }
    }
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Source, Context::Global]
    }
    fn update(&mut self, _message: Message, _cx: &Cx<'_>) -> Vec<Effect> {
        Vec::new()
    }
    fn view(&self, _cx: &Cx<'_>, _buf: &mut Buffer) {}
}
