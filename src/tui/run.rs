//! The loop: awaits one event, drains the rest, updates for each, carries out what was asked, and draws
//! at most once per frame and only when something changed. An idle program waits and uses no CPU.

use super::app::{App, Request, Services};
use super::effect::{Effect, Notice, Place, RunId};
use super::event::{Event, Message, Proxy, Signal};
use super::ground::{self, Asked, Late, Part};
use super::perform::Performer;
use super::terminal::Screen;
use crate::designs;
use crate::progress::{Marks, Recorder};
use crossterm::event::{Event as TerminalEvent, EventStream};
use futures::StreamExt;
use ratatui::layout::Rect;
use std::io;
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

/// The shortest time between two pictures.
const FRAME: Duration = Duration::from_millis(16);

/// With little motion: the shortest time between two pictures that only a running lab has asked for.
const STILL_FRAME: Duration = Duration::from_secs(1);

/// How long the first screen waits for the record. One of years takes longer to read: then it is drawn without.
const RECORD_PATIENCE: Duration = Duration::from_millis(15);

/// The record, which a thread reads.
pub type Reading = Receiver<io::Result<(Recorder, Marks)>>;

/// Where the program begins, by what the record says.
pub type PlacesOf = Box<dyn FnOnce(&Marks) -> Vec<Place>>;

/// What `run` needs beside the services.
pub struct Start {
    pub record: Reading,
    /// One above the other.
    pub places: PlacesOf,
    /// What is said at once, until the first key.
    pub notice: Option<Notice>,
    pub mouse: bool,
    /// Nobody has said what ground the terminal draws on: it is asked.
    pub ask_ground: bool,
    /// A running lab is drawn once a second, and after a key.
    pub still: bool,
}

/// Runs the program until it is left; and keeps where it was left.
///
/// # Errors
/// When the terminal cannot be taken, or the record has no thread.
pub async fn run(
    mut services: Services,
    performer: PerformerParts,
    start: Start,
) -> io::Result<()> {
    let (proxy, inbox) = Proxy::channel();
    // First of all: a signal that comes once the terminal is taken must give it back, however long the record takes.
    super::signals::forward(&proxy)?;
    let mut screen = Screen::take(start.mouse)?;
    super::terminal::restore_on_panic();
    let mut late = None;
    if start.ask_ground {
        let (asked, pressed) = ground::ask()?;
        match asked {
            Asked::Answered(ground) => services.theme = services.theme.on(ground),
            Asked::Waiting(answer) => late = Some(answer),
        }
        for key in pressed {
            proxy.send(Event::Key(key));
        }
    }
    let size = screen.size()?;
    let area = Rect::new(0, 0, size.width, size.height);
    let (mut services, recorder, marks) = read(services, &start.record, &mut screen, area)?;
    let places = (start.places)(&marks);
    services.marks = marks;
    services.prepare_learner();
    let (mut app, requests) = App::new(services, &places, area);
    if let Some(notice) = start.notice {
        app.notice(notice);
    }
    let performer = Performer::new(performer, recorder, proxy.clone());
    let mut program = Program {
        app,
        performer,
        screen,
        input: Some(EventStream::new()),
        inbox,
        late,
        born: Instant::now(),
        drawn: None,
        motion: Motion::new(start.still),
    };
    program.turn(requests).await;
    let places = program.app.places();
    program.performer.finish(&places);
    Ok(())
}

/// Waits for the record. When it takes long, home is drawn meanwhile, without what only the record knows.
fn read(
    services: Services,
    record: &Reading,
    screen: &mut Screen,
    area: Rect,
) -> io::Result<(Services, Recorder, Marks)> {
    if let Ok(read) = record.recv_timeout(RECORD_PATIENCE) {
        let (recorder, marks) = read?;
        return Ok((services, recorder, marks));
    }
    let (app, _) = App::new(services, &[], area);
    // A terminal that is gone is an ordinary end, which the loop finds out.
    let _ = screen.draw(
        |frame| {
            app.view(area, frame.buffer_mut());
        },
        Vec::new(),
    );
    let read = record.recv();
    let (recorder, marks) = read.map_err(|_| io::Error::other("nobody reads the record"))??;
    Ok((app.into_services(), recorder, marks))
}

pub use super::perform::Parts as PerformerParts;

struct Program {
    app: App,
    performer: Performer,
    screen: Screen,
    /// None while the terminal is lent to another program, so that its keys go there.
    input: Option<EventStream>,
    inbox: UnboundedReceiver<Event>,
    /// What the terminal may still say of its ground.
    late: Option<Late>,
    born: Instant,
    drawn: Option<Instant>,
    motion: Motion,
}

/// Frames of labs that wait, for who wants little motion.
struct Motion {
    still: bool,
    /// From then on frames of labs are shown again.
    due: Instant,
    waiting: Vec<RunId>,
}

impl Motion {
    fn new(still: bool) -> Self {
        Self {
            still,
            due: Instant::now(),
            waiting: Vec::new(),
        }
    }

    /// Whether the frame of this run is shown now; else it waits.
    fn lets_pass(&mut self, run: RunId, now: Instant) -> bool {
        if !self.still {
            return true;
        }
        if now < self.due {
            if !self.waiting.contains(&run) {
                self.waiting.push(run);
            }
            return false;
        }
        self.due = now + STILL_FRAME;
        true
    }

    /// Somebody did something: what comes of it is seen at once.
    fn hurry(&mut self, now: Instant) {
        self.due = now;
    }
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
                    key = input.next() => Some(translate(key).and_then(|event| self.without_late(event))),
                    event = self.inbox.recv() => event.map(Some),
                    () = tokio::time::sleep_until(self.motion.due), if !self.motion.waiting.is_empty() => {
                        self.motion.waiting.pop().map(|run| Some(Event::LabFrame(run)))
                    }
                    () = tokio::time::sleep_until(due), if dirty => None,
                }
            };
            if let Some(Some(event)) = event {
                self.handle(event)?;
                while let Ok(event) = self.inbox.try_recv() {
                    self.handle(event)?;
                }
                // Where frames come faster than they are drawn there is always an event; timers must run all the same.
                tokio::task::yield_now().await;
            }
        }
    }

    /// What is left of an event when the signs of a late answer of the terminal are taken out.
    fn without_late(&mut self, event: Event) -> Option<Event> {
        if let (Event::Key(key), Some(late)) = (&event, &mut self.late) {
            match late.take(*key) {
                Part::None => {}
                Part::Some => return None,
                Part::Last(ground) => {
                    self.app.set_ground(ground);
                    return None;
                }
            }
        }
        Some(event)
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
        let view = |frame: &mut ratatui::Frame<'_>| {
            let area = frame.area();
            if let Some(cursor) = app.view(area, frame.buffer_mut()) {
                frame.set_cursor_position(cursor);
            }
        };
        self.screen.draw(view, app.addresses())?;
        if self.drawn.is_none() {
            self.app.prepare_palette();
        }
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
            Event::LabFrame(run) if !self.motion.lets_pass(run, Instant::now()) => {
                return Ok(());
            }
            Event::LabFrame(run) => match self.performer.frame(run) {
                Some((owner, frame)) => self.app.send_to(owner, Message::Frame(run, frame)),
                None => Vec::new(),
            },
            Event::Signal(Signal::Suspend) => {
                if super::signals::can_be_continued() {
                    self.lend(super::signals::stop_until_continued)?;
                } else {
                    let nobody = "no shell is here that could continue ddlab, so it goes on";
                    self.app.notice(Notice::info(nobody));
                }
                Vec::new()
            }
            event => {
                if matches!(event, Event::Key(_) | Event::Mouse(_)) {
                    self.motion.hurry(Instant::now());
                }
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
            match request.effect {
                Effect::Editor { text, question } => {
                    let edited = self.lend(move || super::editor::edit(&text, &question))?;
                    queue.extend(match edited {
                        Ok(text) => self.app.send_to(request.from, Message::Edited(text)),
                        Err(trouble) => {
                            self.app.notice(Notice::warning(trouble));
                            Vec::new()
                        }
                    });
                }
                Effect::NewDesign {
                    name,
                    text,
                    edit: true,
                } => {
                    let laid = self.performer.lay_design(name, &text);
                    queue.extend(laid.map(|path| Request {
                        effect: Effect::EditDesign(path),
                        ..request
                    }));
                }
                Effect::EditDesign(path) => {
                    let file = path.clone();
                    let edited = self.lend(move || super::editor::edit_file(Path::new(&file)))?;
                    if let Err(trouble) = edited {
                        self.app.notice(Notice::warning(trouble));
                    }
                    let read = designs::open(&path)
                        .map(|_| ())
                        .map_err(|refused| refused.0);
                    queue.extend(self.app.send_to(request.from, Message::Design(path, read)));
                }
                Effect::EditFile(file) => {
                    let edited = self.lend(move || super::editor::edit_file(&file))?;
                    if let Err(trouble) = edited {
                        self.app.notice(Notice::warning(trouble));
                    }
                }
                Effect::Redraw => self.screen.refresh()?,
                Effect::ToggleMouse => {
                    let ours = self.screen.toggle_mouse()?;
                    self.app.notice(Notice::info(if ours {
                        "ddlab has the mouse again; with shift held it still selects text"
                    } else {
                        "the terminal has the mouse and selects text; ctrl-o gives it back to ddlab"
                    }));
                }
                Effect::Copy(text) => {
                    self.screen.copy(&text)?;
                    let lines = ddlab_text::counted(text.lines().count(), "line");
                    self.app.notice(Notice::info(format!(
                        "copied {lines}, if the terminal allows it"
                    )));
                }
                effect => self.performer.perform(Request { effect, ..request }),
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
        // It leaves a wake behind. The next poll that finds it returns without the keys that came at the same time, and
        // they would be read with the next key only. So it is taken here.
        let _ = crossterm::event::poll(Duration::ZERO);
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
        Some(Ok(TerminalEvent::Paste(text))) => Some(Event::Paste(with_line_feeds(&text))),
        Some(Ok(TerminalEvent::Resize(..))) => Some(Event::Resize),
        Some(Ok(TerminalEvent::FocusGained)) => Some(Event::FocusGained),
        Some(Ok(TerminalEvent::FocusLost)) => None,
        // Input that has ended will not come back: the terminal is closed.
        Some(Err(_)) | None => Some(Event::Hangup),
    }
}

/// Terminals end the lines of a paste with CR, LF or both.
fn with_line_feeds(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_little_motion_a_lab_is_shown_once_a_second_and_after_a_key() {
        let (run, begun) = (RunId::fresh(), Instant::now());
        let after = |ms| begun + Duration::from_millis(ms);
        let mut motion = Motion::new(true);
        let shown = |motion: &mut Motion, ms| motion.lets_pass(run, after(ms));
        assert!(shown(&mut motion, 10));
        assert!(!shown(&mut motion, 20));
        assert!(!shown(&mut motion, 1000));
        assert_eq!(motion.waiting.len(), 1, "the last one is not lost");
        assert!(shown(&mut motion, 1010));
        motion.hurry(after(1020));
        assert!(shown(&mut motion, 1030));
        let mut moving = Motion::new(false);
        assert!(shown(&mut moving, 10) && shown(&mut moving, 11));
    }

    #[test]
    fn a_paste_keeps_its_lines_whatever_ends_them() {
        for pasted in ["one\rtwo\rthree", "one\ntwo\nthree", "one\r\ntwo\r\nthree"] {
            assert_eq!(with_line_feeds(pasted), "one\ntwo\nthree");
        }
    }
}
