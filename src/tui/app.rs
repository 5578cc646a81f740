//! The program's state: a stack of screens over one set of services. Events go in, effects come out;
//! what needs no I/O (going to a place, coming back, the notice line) is done right here.

use super::address::Address;
use super::effect::{Effect, Notice, NoticeKind, Place};
use super::event::{Event, Message, Signal};
use super::keymap::{self, Action, Context, Key};
use super::screen::{self, Cx, Screen};
use super::theme::{Ground, Role, Theme};
use super::widget::footer;
use super::widget::parts::Parts;
use crate::clock::Moment;
use crate::content::Library;
use crate::markdown::highlight::Highlighter;
use crate::practice::learned::Learner;
use crate::progress::Marks;
use crate::search::Catalogue;
use crossterm::event::{KeyEventKind, MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;
use std::collections::HashMap;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

mod bookmarks;
#[cfg(test)]
mod tests;

/// Draws anew, on every screen.
const REDRAW: Key = Key::ctrl('l');

/// Below this no screen can be drawn sensibly; one line says so.
const MINIMUM: (u16, u16) = (60, 16);

/// Names a screen on the stack, so that what it started can be stopped with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScreenId(pub(super) u64);

struct OpenScreen {
    id: ScreenId,
    screen: Box<dyn Screen>,
}

/// An effect that needs the outside world, and who asked for it.
#[derive(Debug)]
pub struct Request {
    pub from: ScreenId,
    pub effect: Effect,
}

/// What the program stands on; made once, at the start.
pub struct Services {
    pub library: Arc<Library>,
    pub marks: Marks,
    pub theme: Theme,
    pub highlighter: Highlighter,
    pub catalogue: Catalogue,
    pub learner: Learner,
    /// The clock and the zone of the learner.
    pub now: fn() -> Moment,
}

impl Services {
    /// Has a thread fold the log, so that no key waits for it.
    pub fn prepare_learner(&self) {
        let (library, log) = (Arc::clone(&self.library), self.marks.shared_log());
        self.learner.prepare(library, log);
    }

    /// What a screen sees of the program, at this size of the terminal and this time since the start.
    fn cx(&self, size: Rect, uptime: Duration) -> Cx<'_> {
        Cx {
            library: &self.library,
            marks: &self.marks,
            theme: &self.theme,
            highlighter: &self.highlighter,
            catalogue: &self.catalogue,
            learner: &self.learner,
            area: screen_area(size),
            uptime,
            now: (self.now)(),
        }
    }
}

pub struct App {
    services: Services,
    stack: Vec<OpenScreen>,
    next_id: u64,
    size: Rect,
    uptime: Duration,
    notice: Option<Notice>,
    quitting: bool,
    dirty: bool,
    /// Screens that were left and wait for whoever comes back, each as it was.
    waiting: Vec<OpenScreen>,
    /// Screens that are gone; what they started has yet to be stopped.
    closed: Vec<ScreenId>,
    /// The line at which the source of each lab was closed: who looks something up in it comes back.
    source_lines: HashMap<String, usize>,
}

impl App {
    /// The program where it was left: these places one above the other, over home, so that `Esc` always leads
    /// somewhere.
    pub fn new(services: Services, places: &[Place], size: Rect) -> (Self, Vec<Request>) {
        let mut app = Self {
            services,
            stack: Vec::new(),
            next_id: 0,
            size,
            uptime: Duration::ZERO,
            notice: None,
            quitting: false,
            dirty: true,
            waiting: Vec::new(),
            closed: Vec::new(),
            source_lines: HashMap::new(),
        };
        let mut requests = Vec::new();
        app.push(&Place::Home, &mut requests);
        for place in places.iter().filter(|place| **place != Place::Home) {
            app.push(place, &mut requests);
        }
        (app, requests)
    }

    /// Has threads read the book and the guides of the labs for the palette. It comes after the first screen, from
    /// which they would take a processor. Without a thread they are read when they are first asked for.
    pub fn prepare_palette(&self) {
        let library = Arc::clone(&self.services.library);
        self.services.catalogue.prepare(library);
        let guides = || {
            for lab in ddlab_labs::all() {
                ddlab_labs::guides(lab.spec().id);
            }
        };
        let _ = thread::Builder::new()
            .name("guides".to_owned())
            .spawn(guides);
    }

    /// What it stood on, for another one.
    pub fn into_services(self) -> Services {
        self.services
    }

    /// Handles one event; what comes back is to be carried out in order.
    pub fn update(&mut self, event: Event, uptime: Duration) -> Vec<Request> {
        self.uptime = uptime;
        self.dirty = true;
        let mut requests = Vec::new();
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                self.notice = None;
                let contexts = self.top_contexts();
                let key_name = Key::from(key);
                if key_name == Key::ctrl('c') {
                    self.leave(&mut requests);
                } else if !is_drawn(self.size) {
                    // Nobody acts on what nobody sees.
                    if keymap::action(&contexts, key_name) == Some(Action::Quit) {
                        self.leave(&mut requests);
                    }
                } else if key_name == REDRAW {
                    // Also where one types, or the table of keys would not come to it.
                    self.act(Action::Redraw, &mut requests);
                } else if let Some(action) = keymap::action(&contexts, key_name) {
                    self.act(action, &mut requests);
                } else {
                    self.send_to_top(Message::Type(key), &mut requests);
                }
            }
            Event::Mouse(_) | Event::Paste(_) if !is_drawn(self.size) => {}
            Event::Mouse(mouse) => {
                let footer = self.footer_area();
                let clicked = mouse.kind == MouseEventKind::Down(MouseButton::Left);
                let at = Position::new(mouse.column, mouse.row);
                if clicked && footer.contains(at) {
                    if let Some(action) = footer::hit(&self.top_contexts(), footer, at) {
                        self.act(action, &mut requests);
                    }
                } else if matches!(mouse.kind, MouseEventKind::Moved) {
                    self.dirty = false;
                } else {
                    self.send_to_top(Message::Mouse(mouse), &mut requests);
                }
            }
            Event::Paste(text) => self.send_to_top(Message::Paste(text), &mut requests),
            Event::Message(message) => {
                if let Message::Recorded(answer) = &message {
                    // In memory or on the disk: it happened either way.
                    self.services.marks.apply(&answer.stored);
                    if Learner::is_costly(&answer.stored.event) {
                        self.services.prepare_learner();
                    }
                }
                self.broadcast(&message, &mut requests);
            }
            Event::Notice(notice) => self.notice = Some(notice),
            Event::Hangup | Event::Signal(Signal::Terminate) => {
                self.leave(&mut requests);
            }
            Event::Key(_) | Event::Resize | Event::FocusGained | Event::Signal(_) => {}
            // The loop fetches the frame and tells its screen: only the loop has the runs.
            Event::LabFrame(_) => self.dirty = false,
        }
        requests
    }

    /// Answers a request of one screen.
    pub fn send_to(&mut self, to: ScreenId, message: Message) -> Vec<Request> {
        self.dirty = true;
        let mut requests = Vec::new();
        if let Some(index) = self.stack.iter().position(|entry| entry.id == to) {
            self.send_at(index, message, &mut requests);
        } else if let Some(at) = self.waiting.iter().position(|entry| entry.id == to) {
            self.send_waiting(at, message, &mut requests);
        }
        requests
    }

    pub fn resize(&mut self, size: Rect) -> Vec<Request> {
        self.size = size;
        self.dirty = true;
        let mut requests = Vec::new();
        self.broadcast(&Message::Resized, &mut requests);
        requests
    }

    /// What the screens are laid out for.
    pub fn area(&self) -> Rect {
        self.size
    }

    pub fn notice(&mut self, notice: Notice) {
        self.notice = Some(notice);
        self.dirty = true;
    }

    /// The terminal has said what ground it draws on.
    pub fn set_ground(&mut self, ground: Ground) {
        self.services.theme = self.services.theme.on(ground);
        self.dirty = true;
    }

    pub fn is_quitting(&self) -> bool {
        self.quitting
    }

    /// Whether the picture has changed since this was last asked.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    /// Screens closed since this was last asked.
    pub fn take_closed(&mut self) -> Vec<ScreenId> {
        std::mem::take(&mut self.closed)
    }

    /// The topmost place that is not an overlay.
    #[cfg(test)]
    pub fn place(&self) -> Place {
        self.places().pop().unwrap_or(Place::Home)
    }

    /// Where the program would reopen: the places that are open, one above the other, without overlays.
    pub fn places(&self) -> Vec<Place> {
        let open = self.stack.iter().map(|entry| &entry.screen);
        let kept = open.filter(|screen| !screen.is_overlay());
        kept.map(|screen| screen.place_to_reopen()).collect()
    }

    /// Draws everything; returns where the text cursor stands, if text is typed.
    pub fn view(&self, area: Rect, buf: &mut Buffer) -> Option<Position> {
        if !is_drawn(area) {
            too_small(area, buf);
            return None;
        }
        // The terminal has changed its size since it was asked; the next frame will fit.
        if area != self.size {
            return None;
        }
        let cx = self.cx();
        for entry in &self.stack[self.first_in_view()..] {
            entry.screen.view(&cx, buf);
        }
        footer::Footer {
            contexts: &self.top_contexts(),
            theme: &self.services.theme,
        }
        .render(self.footer_area(), buf);
        if let Some(notice) = &self.notice {
            let theme = &self.services.theme;
            footer::notice(notice, theme, screen_area(self.size), buf);
        }
        self.stack.last().and_then(|entry| entry.screen.cursor(&cx))
    }

    /// The addresses that are in view.
    pub fn addresses(&self) -> Vec<Address> {
        let top = self.stack.last().filter(|top| !top.screen.is_overlay());
        let shown = top
            .filter(|_| is_drawn(self.size))
            .map(|top| top.screen.addresses(&self.cx()));
        shown.unwrap_or_default()
    }

    fn act(&mut self, action: Action, requests: &mut Vec<Request>) {
        match action {
            Action::Quit => self.leave(requests),
            Action::Help => self.push(&Place::Help, requests),
            Action::Palette => self.push(&Place::palette(), requests),
            Action::Home => self.go_home(requests),
            Action::Bookmarks => self.push(&Place::Bookmarks, requests),
            Action::Settings if self.top_place() == Some(Place::Settings) => {}
            Action::Settings => self.push(&Place::Settings, requests),
            Action::Mark => self.mark(requests),
            Action::Note => self.write_note(requests),
            Action::Redraw => self.ask_loop(Effect::Redraw, requests),
            Action::Mouse => self.ask_loop(Effect::ToggleMouse, requests),
            other => self.send_to_top(Message::Act(other), requests),
        }
    }

    fn top_place(&self) -> Option<Place> {
        self.stack.last().map(|top| top.screen.place())
    }

    /// What the loop does itself, since it has the terminal.
    fn ask_loop(&self, effect: Effect, requests: &mut Vec<Request>) {
        if let Some(top) = self.stack.last() {
            let from = top.id;
            requests.push(Request { from, effect });
        }
    }

    /// Leaves the program. What is in view hears that it is covered, so that it can keep what it has.
    fn leave(&mut self, requests: &mut Vec<Request>) {
        if !self.quitting {
            self.quitting = true;
            self.hide_all_in_view(requests);
        }
    }

    /// The topmost screen and whatever shows below it, when it is an overlay, keep what they have.
    fn hide_all_in_view(&mut self, requests: &mut Vec<Request>) {
        for index in (self.first_in_view()..self.stack.len()).rev() {
            self.send_at(index, Message::Hidden, requests);
        }
    }

    /// The topmost screen that covers all below it.
    fn first_in_view(&self) -> usize {
        self.stack
            .iter()
            .rposition(|entry| !entry.screen.is_overlay())
            .unwrap_or(0)
    }

    fn go_home(&mut self, requests: &mut Vec<Request>) {
        if self.stack.len() > 1 {
            self.hide_all_in_view(requests);
        }
        while self.stack.len() > 1 {
            if let Some(entry) = self.stack.pop() {
                self.leave_screen(entry, requests);
            }
        }
        self.send_to_top(Message::Shown, requests);
    }

    fn send_to_top(&mut self, message: Message, requests: &mut Vec<Request>) {
        if let Some(index) = self.stack.len().checked_sub(1) {
            self.send_at(index, message, requests);
        }
    }

    fn broadcast(&mut self, message: &Message, requests: &mut Vec<Request>) {
        for index in (0..self.stack.len()).rev() {
            if index < self.stack.len() {
                self.send_at(index, message.clone(), requests);
            }
        }
        for at in 0..self.waiting.len() {
            self.send_waiting(at, message.clone(), requests);
        }
    }

    /// Tells a screen that waits what still comes for it.
    fn send_waiting(&mut self, at: usize, message: Message, requests: &mut Vec<Request>) {
        let cx = self.services.cx(self.size, self.uptime);
        let entry = &mut self.waiting[at];
        let from = entry.id;
        let effects = entry.screen.update(message, &cx);
        // It has no say in what is seen.
        let unseen = effects.into_iter().filter(|effect| {
            !matches!(
                effect,
                Effect::Open(_) | Effect::Replace(_) | Effect::Back | Effect::Notice(_)
            )
        });
        requests.extend(unseen.map(|effect| Request { from, effect }));
    }

    fn send_at(&mut self, index: usize, message: Message, requests: &mut Vec<Request>) {
        let cx = self.services.cx(self.size, self.uptime);
        let entry = &mut self.stack[index];
        let from = entry.id;
        let effects = entry.screen.update(message, &cx);
        for effect in effects {
            self.follow(from, effect, requests);
        }
    }

    /// Does what needs no I/O; passes the rest on.
    fn follow(&mut self, from: ScreenId, effect: Effect, requests: &mut Vec<Request>) {
        match effect {
            Effect::Open(place) => self.push(&place, requests),
            Effect::Replace(place) => {
                self.pop(from, requests);
                self.push(&place, requests);
            }
            Effect::Back => {
                if self.stack.len() > 1 {
                    self.pop(from, requests);
                    self.send_to_top(Message::Shown, requests);
                }
            }
            Effect::Quit => self.leave(requests),
            Effect::Notice(notice) => self.notice = Some(notice),
            effect => requests.push(Request { from, effect }),
        }
    }

    fn push(&mut self, place: &Place, requests: &mut Vec<Request>) {
        let waits = |entry: &OpenScreen| entry.screen.is_at(place);
        if let Some(at) = self.waiting.iter().rposition(waits) {
            self.send_to_top(Message::Hidden, requests);
            let mut entry = self.waiting.remove(at);
            let effects = entry.screen.come_back(place, &self.cx());
            let from = entry.id;
            self.stack.push(entry);
            for effect in effects {
                self.follow(from, effect, requests);
            }
            self.send_to_top(Message::Shown, requests);
            return;
        }
        let below = self.top_contexts();
        let mut place = place.clone();
        if let Place::Source { lab, line } = &mut place {
            *line = line.or(self.source_lines.get(lab).copied());
        }
        match screen::open(&place, &below, &self.cx()) {
            Ok(screen) => {
                if !self.stack.is_empty() && !screen.is_overlay() {
                    self.send_to_top(Message::Hidden, requests);
                }
                let id = ScreenId(self.next_id);
                self.next_id += 1;
                self.stack.push(OpenScreen { id, screen });
                self.send_to_top(Message::Shown, requests);
            }
            Err(reason) => self.notice = Some(Notice::warning(reason)),
        }
    }

    fn pop(&mut self, id: ScreenId, requests: &mut Vec<Request>) {
        if let Some(index) = self.stack.iter().position(|entry| entry.id == id) {
            let entry = self.stack.remove(index);
            self.leave_screen(entry, requests);
        }
    }

    /// A screen is left: it waits, or it is gone but for where its text stood.
    fn leave_screen(&mut self, mut entry: OpenScreen, requests: &mut Vec<Request>) {
        if let Some(effects) = entry.screen.wait() {
            let from = entry.id;
            requests.extend(effects.into_iter().map(|effect| Request { from, effect }));
            self.waiting.push(entry);
            return;
        }
        self.closed.push(entry.id);
        if let Place::Source {
            lab,
            line: Some(line),
        } = entry.screen.place()
        {
            self.source_lines.insert(lab, line);
        }
    }

    fn top_contexts(&self) -> Vec<Context> {
        self.stack
            .last()
            .map(|entry| entry.screen.contexts())
            .unwrap_or_default()
    }

    fn cx(&self) -> Cx<'_> {
        self.services.cx(self.size, self.uptime)
    }

    fn footer_area(&self) -> Rect {
        self.size.last_row()
    }
}

/// All but the bottom bar.
fn screen_area(size: Rect) -> Rect {
    size.above(1)
}

/// Whether there is room for a screen.
fn is_drawn(area: Rect) -> bool {
    area.width >= MINIMUM.0 && area.height >= MINIMUM.1
}

fn too_small(area: Rect, buf: &mut Buffer) {
    let needs = format!("ddlab needs {}x{}", MINIMUM.0, MINIMUM.1);
    let is = format!("this is {}x{}", area.width, area.height);
    for (line, row) in [needs, is]
        .into_iter()
        .zip(area.below(area.height / 2).rows())
    {
        ratatui::text::Line::from(line).centered().render(row, buf);
    }
}

/// A notice keeps the look of its kind.
pub fn notice_role(kind: NoticeKind) -> Role {
    match kind {
        NoticeKind::Info => Role::Accent,
        NoticeKind::Warning => Role::Warning,
        NoticeKind::Trouble => Role::Danger,
    }
}
