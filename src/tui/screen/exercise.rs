//! stub
use super::{Cx, Message, Screen};
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::Context;
use ratatui::buffer::Buffer;
pub struct ExerciseScreen {
    slug: String,
}
impl ExerciseScreen {
    pub fn open(slug: &str, _cx: &Cx<'_>) -> Result<Self, String> {
        Ok(Self { slug: slug.into() })
    }
}
impl Screen for ExerciseScreen {
    fn place(&self) -> Place {
        Place::Exercise {
            slug: self.slug.clone(),
        }
    }
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Exercise, Context::Global]
    }
    fn update(&mut self, _message: Message, _cx: &Cx<'_>) -> Vec<Effect> {
        Vec::new()
    }
    fn view(&self, _cx: &Cx<'_>, _buf: &mut Buffer) {}
}
