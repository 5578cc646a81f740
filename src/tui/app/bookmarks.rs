//! Marking the place that is on the screen, and writing a note on it.

use super::{App, Request};
use crate::progress::Event;
use crate::progress::bookmark::Bookmark;
use crate::tui::effect::{Effect, Notice, Place};

const NOTHING: &str = "nothing to mark here; sections, questions, exercises and sources can be";

impl App {
    /// Marks the place, or takes the mark away; a note is not dropped by the way.
    pub(super) fn mark(&mut self, requests: &mut Vec<Request>) {
        let Some(bookmark) = self.bookmark_here() else {
            self.notice(Notice::info(NOTHING));
            return;
        };
        let (event, said) = match self.services.marks.bookmark(&bookmark.of) {
            None => (
                Event::Bookmarked(bookmark),
                "marked; ' lists what is, M writes a note on it",
            ),
            Some(known) if known.note.is_empty() => (
                Event::BookmarkDropped { of: bookmark.of },
                "the mark is taken away",
            ),
            Some(_) => {
                let said = "marked, with a note: M shows it, d in the list (') deletes both";
                self.notice(Notice::info(said));
                return;
            }
        };
        self.ask_loop(Effect::Record(event), requests);
        self.notice(Notice::info(said));
    }

    /// Opens the note on the place.
    pub(super) fn write_note(&mut self, requests: &mut Vec<Request>) {
        match self.bookmark_here() {
            Some(bookmark) => {
                let note = Place::Note {
                    of: bookmark.of,
                    title: bookmark.title,
                    at: bookmark.place,
                };
                self.push(&note, requests);
            }
            None => self.notice(Notice::info(NOTHING)),
        }
    }

    /// A bookmark of what the topmost screen shows, without a note.
    fn bookmark_here(&self) -> Option<Bookmark> {
        let spot = self.stack.last()?.screen.spot(&self.cx())?;
        Some(Bookmark {
            of: spot.of,
            title: spot.title,
            place: serde_json::to_string(&spot.at).ok()?,
            note: String::new(),
        })
    }
}
