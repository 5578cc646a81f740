//! stub
use super::{Cx, Message, Screen};
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::Context;
use ratatui::buffer::Buffer;
pub struct Question {
    slug: String,
}
impl Question {
    pub fn open(slug: &str, _question: Option<&str>, _cx: &Cx<'_>) -> Result<Self, String> {
        Ok(Self { slug: slug.into() })
    }
}
impl Screen for Question {
    fn place(&self) -> Place {
        Place::Question {
            chapter: self.slug.clone(),
            question: None,
        }
    }
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Revealed, Context::Global]
    }
    fn update(&mut self, _message: Message, _cx: &Cx<'_>) -> Vec<Effect> {
        Vec::new()
    }
    fn view(&self, _cx: &Cx<'_>, _buf: &mut Buffer) {}
}
