//! The loop: awaits one event, drains the rest, updates for each, carries out what was asked, and draws
//! at most once per frame and only when something changed. An idle program waits and uses no CPU.

use super::app::{App, Request, Services};
use super::effect::{Effect, Notice, Place};
use super::event::{Event, Message, Proxy, Signal};
use super::perform::Performer;
use super::terminal::Screen;
use crossterm::event::{Event as TerminalEvent, EventStream};
use futures::StreamExt;
use ratatui::layout::Rect;
use std::io;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

/// The shortest time between two pictures.
const FRAME: Duration = Duration::from_millis(16);

/// What `run` needs beside the services.
#[derive(Debug)]
pub struct Start {
    pub place: Place,
    /// What is said at once, until the first key.
    pub notice: Option<Notice>,
    pub mouse: bool,
}

/// Runs the program until it is left; returns the place where it was left.
///
/// # Errors
/// When the terminal cannot be taken.
pub async fn run(services: Services, performer: PerformerParts, start: Start) -> io::Result<Place> {
    let (proxy, inbox) = Proxy::channel();
    let screen = Screen::take(start.mouse)?;
    super::terminal::restore_on_panic();
    let size = screen.size()?;
    let area = Rect::new(0, 0, size.width, size.height);
    let (mut app, requests) = App::new(services, &start.place, area);
    if let Some(notice) = start.notice {
        app.notice(notice);
    }
    let performer = Performer::new(performer, proxy.clone());
    let mut program = Program {
        app,
        performer,
        screen,
        input: Some(EventStream::new()),
        inbox,
        born: Instant::now(),
        drawn: None,
    };
    super::signals::forward(&proxy)?;
    program.turn(requests).await;
    let place = program.app.place();
    program.performer.finish(&place);
    Ok(place)
}

pub use super::perform::Parts as PerformerParts;

struct Program {
    app: App,
    performer: Performer,
    screen: Screen,
    /// None while the terminal is lent to another program, so that its keys go there.
    input: Option<EventStream>,
    inbox: UnboundedReceiver<Event>,
    born: Instant,
    drawn: Option<Instant>,
}

impl Program {
    /// Until the program is left. A terminal that takes no picture any more is gone: that is an ordinary end.
    async fn turn(&mut self, requests: Vec<Request>) {
        if let Err(error) = self.turn_while_drawn(requests).await {
            tracing::warn!(%error, "the terminal takes no picture any more");
            for request in self.app.update(Event::Hangup, self.born.elapsed()) {
                self.performer.perform(request);
            }
        }
    }

    async fn turn_while_drawn(&mut self, requests: Vec<Request>) -> io::Result<()> {
        self.carry_out(requests)?;
        let mut dirty = true;
        loop {
            dirty |= self.app.take_dirty();
            if self.app.is_quitting() {
                return Ok(());
            }
            let due = self.drawn.map_or(self.born, |drawn| drawn + FRAME);
            if dirty && Instant::now() >= due {
                self.draw()?;
                dirty = false;
            }
            let event = {
                let input = self.input.get_or_insert_with(EventStream::new);
                tokio::select! {
                    biased;
                    key = input.next() => Some(translate(key)),
                    event = self.inbox.recv() => event.map(Some),
                    () = tokio::time::sleep_until(due), if dirty => None,
                }
            };
            if let Some(Some(event)) = event {
                self.handle(event)?;
                while let Ok(event) = self.inbox.try_recv() {
                    self.handle(event)?;
                }
            }
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        // A resize is seen here before its event has come: what is drawn must fit the terminal as it is now.
        let size = self.screen.size()?;
        let area = Rect::new(0, 0, size.width, size.height);
        if area != self.app.area() {
            self.screen.refresh()?;
            let requests = self.app.resize(area);
            self.carry_out(requests)?;
        }
        let app = &self.app;
        self.screen.draw(|frame| {
            let area = frame.area();
            if let Some(cursor) = app.view(area, frame.buffer_mut()) {
                frame.set_cursor_position(cursor);
            }
        })?;
        self.drawn = Some(Instant::now());
        Ok(())
    }

    fn handle(&mut self, event: Event) -> io::Result<()> {
        let requests = match event {
            Event::Resize => {
                self.screen.refresh()?;
                let size = self.screen.size()?;
                self.app.resize(Rect::new(0, 0, size.width, size.height))
            }
            Event::LabFrame(run) => match self.performer.frame(run) {
                Some((owner, frame)) => self.app.send_to(owner, Message::Frame(run, frame)),
                None => Vec::new(),
            },
            Event::Signal(Signal::Suspend) => {
                self.lend(super::signals::stop_until_continued)?;
                Vec::new()
            }
            event => {
                if let Event::Message(Message::Served(run, served)) = &event {
                    self.performer.on_served(*run, served);
                }
                self.app.update(event, self.born.elapsed())
            }
        };
        self.carry_out(requests)
    }

    fn carry_out(&mut self, requests: Vec<Request>) -> io::Result<()> {
        let mut queue = std::collections::VecDeque::from(requests);
        while let Some(request) = queue.pop_front() {
            if let Effect::Editor(text) = request.effect {
                let edited = self.lend(move || super::editor::edit(&text))?;
                queue.extend(match edited {
                    Ok(text) => self.app.send_to(request.from, Message::Edited(text)),
                    Err(trouble) => {
                        self.app.notice(Notice::warning(trouble));
                        Vec::new()
                    }
                });
            } else {
                self.performer.perform(request);
            }
        }
        for closed in self.app.take_closed() {
            self.performer.close(closed);
        }
        Ok(())
    }

    /// Lets something else have the terminal and its keys for a while.
    fn lend<T>(&mut self, outside: impl FnOnce() -> T) -> io::Result<T> {
        // The stream reads keys on a thread of its own; it must be gone before another program reads.
        self.input = None;
        let result = self.screen.lend(outside)?;
        let size = self.screen.size()?;
        let requests = self.app.resize(Rect::new(0, 0, size.width, size.height));
        self.carry_out(requests)?;
        Ok(result)
    }
}

/// None for what the program does not care about.
fn translate(event: Option<io::Result<TerminalEvent>>) -> Option<Event> {
    match event {
        Some(Ok(TerminalEvent::Key(key))) => Some(
            if key.code == crossterm::event::KeyCode::Char('z')
                && key
                    .modifiers
                    .contains(crossterm::event::KeyModifiers::CONTROL)
            {
                Event::Signal(Signal::Suspend)
            } else {
                Event::Key(key)
            },
        ),
        Some(Ok(TerminalEvent::Mouse(mouse))) => Some(Event::Mouse(mouse)),
        Some(Ok(TerminalEvent::Paste(text))) => Some(Event::Paste(text)),
        Some(Ok(TerminalEvent::Resize(..))) => Some(Event::Resize),
        Some(Ok(TerminalEvent::FocusGained)) => Some(Event::FocusGained),
        Some(Ok(TerminalEvent::FocusLost)) => None,
        // Input that has ended will not come back: the terminal is closed.
        Some(Err(_)) | None => Some(Event::Hangup),
    }
}
