//! A stage for tests of screens: a screen with its services, fed with messages and read as rows of text.

use super::{Cx, Message, Screen};
use crate::clock::{Moment, UtcMs};
use crate::content::Library;
use crate::markdown::highlight::Highlighter;
use crate::practice::learned::Learner;
use crate::progress::{self, Event, EventId, Marks, Recorded, Stored};
use crate::search::Catalogue;
use crate::testing::Holds;
use crate::tui::effect::Effect;
use crate::tui::keymap::{self, Key};
use crate::tui::theme::{Depth, Ground, Role, Theme};
use crate::tui::widget::footer::Footer;
use crate::tui::widget::rows_of;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::widgets::Widget;
use std::fmt::Write;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

/// The services, which a test may change before it opens a screen and while it is open.
pub struct Stage {
    pub library: Library,
    pub marks: Marks,
    pub theme: Theme,
    pub size: (u16, u16),
    pub uptime: Duration,
    pub now: Moment,
    highlighter: Highlighter,
    catalogue: Catalogue,
    learner: Learner,
    recorded: usize,
}

/// Made once, by the first test that searches.
static BOOK_INDEX: LazyLock<Catalogue> = LazyLock::new(Catalogue::default);

impl Stage {
    /// The book as it is in the program, an empty record, colours and Unicode, 100 by 35.
    pub fn new() -> Self {
        Self {
            library: Library::embedded(),
            marks: Marks::default(),
            theme: Theme::new(Ground::Dark, Depth::True, false),
            size: (100, 34),
            uptime: Duration::ZERO,
            now: Moment::in_zone(UtcMs(0), &jiff::tz::TimeZone::UTC),
            highlighter: Highlighter::default(),
            catalogue: BOOK_INDEX.clone(),
            learner: Learner::default(),
            recorded: 0,
        }
    }

    /// With these chapters instead: `(file in the folder, text)`.
    pub fn with_chapters(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))
                .expect("a folder in it");
            std::fs::write(path, text).expect("a file in it");
        }
        let library = Library::folder(folder.path());
        assert!(library.problems().is_empty(), "{:?}", library.problems());
        Self {
            library,
            catalogue: Catalogue::default(),
            ..Self::new()
        }
    }

    /// The small pack of the tests instead: its screens do not change when somebody mends the book.
    pub fn pack() -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pack");
        Self {
            library: Library::folder(Path::new(folder)),
            catalogue: Catalogue::default(),
            ..Self::new()
        }
    }

    pub fn sized(mut self, width: u16, height: u16) -> Self {
        self.size = (width, height);
        self
    }

    pub fn cx(&self) -> Cx<'_> {
        Cx {
            library: &self.library,
            marks: &self.marks,
            theme: &self.theme,
            highlighter: &self.highlighter,
            catalogue: &self.catalogue,
            learner: &self.learner,
            area: Rect::new(0, 0, self.size.0, self.size.1),
            uptime: self.uptime,
            now: self.now,
        }
    }

    pub fn send(&self, screen: &mut impl Screen, message: Message) -> Vec<Effect> {
        screen.update(message, &self.cx())
    }

    /// Presses keys as the program would: by the table first, then as typed text.
    pub fn press(&self, screen: &mut impl Screen, keys: &[KeyCode]) -> Vec<Effect> {
        let mut effects = Vec::new();
        for code in keys {
            effects.extend(self.press_one(screen, KeyEvent::from(*code)));
        }
        effects
    }

    pub fn ctrl(&self, screen: &mut impl Screen, c: char) -> Vec<Effect> {
        self.press_one(
            screen,
            KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL),
        )
    }

    /// Presses each character.
    pub fn keys(&self, screen: &mut impl Screen, text: &str) -> Vec<Effect> {
        let keys: Vec<KeyCode> = text.chars().map(KeyCode::Char).collect();
        self.press(screen, &keys)
    }

    fn press_one(&self, screen: &mut impl Screen, key: KeyEvent) -> Vec<Effect> {
        let message = match keymap::action(&screen.contexts(), Key::from(key)) {
            Some(action) => Message::Act(action),
            None => Message::Type(key),
        };
        self.send(screen, message)
    }

    /// A left click on the first row that contains this text.
    pub fn click(&self, screen: &mut impl Screen, text: &str) -> Vec<Effect> {
        self.mouse(screen, MouseEventKind::Down(MouseButton::Left), text)
    }

    /// The mouse where this text begins, in the first row that has it.
    pub fn mouse(&self, screen: &mut impl Screen, kind: MouseEventKind, text: &str) -> Vec<Effect> {
        let at = self.place_of(screen, text);
        self.mouse_at(screen, kind, at)
    }

    pub fn mouse_at(
        &self,
        screen: &mut impl Screen,
        kind: MouseEventKind,
        at: Position,
    ) -> Vec<Effect> {
        let mouse = MouseEvent {
            kind,
            column: at.x,
            row: at.y,
            modifiers: KeyModifiers::NONE,
        };
        self.send(screen, Message::Mouse(mouse))
    }

    /// Where this text begins, in the first row that has it.
    pub fn place_of(&self, screen: &impl Screen, text: &str) -> Position {
        let rows = self.rows(screen);
        let found = rows.iter().zip(0..).find_map(|(row, y)| {
            let byte = row.find(text)?;
            Some(Position::new(row[..byte].chars().count() as u16, y))
        });
        found.unwrap_or_else(|| panic!("no row has {text}:\n{}", rows.join("\n")))
    }

    /// Takes what is to be recorded into the record, as the program does, and tells the screen.
    pub fn record(
        &mut self,
        screen: &mut impl Screen,
        effects: Vec<Effect>,
        durable: bool,
    ) -> Vec<Effect> {
        let mut rest = Vec::new();
        for effect in effects {
            match effect {
                Effect::Record(event) => {
                    let stored = self.stored(event);
                    self.marks.apply(&stored);
                    let answer = Recorded { stored, durable };
                    rest.extend(self.send(screen, Message::Recorded(answer)));
                }
                other => rest.push(other),
            }
        }
        rest
    }

    /// Something that happened before.
    pub fn happened(&mut self, event: Event) {
        let stored = self.stored(event);
        self.marks.apply(&stored);
    }

    fn stored(&mut self, event: Event) -> Stored {
        self.recorded += 1;
        Stored {
            id: EventId(format!("event-{}", self.recorded)),
            at: self.now.at,
            day: self.now.day,
            machine: "here".to_owned(),
            event,
        }
    }

    /// The cell in which this sign stands first, with its style.
    pub fn cell(&self, screen: &impl Screen, sign: &str) -> Cell {
        let buf = self.drawn(screen);
        let found = buf.content().iter().find(|cell| cell.symbol() == sign);
        found
            .cloned()
            .unwrap_or_else(|| panic!("no {sign}:\n{}", self.text(screen)))
    }

    /// What the screen shows, without the blanks at the ends of rows.
    pub fn rows(&self, screen: &impl Screen) -> Vec<String> {
        let rows = rows_of(&self.drawn(screen));
        rows.iter().map(|row| row.trim_end().to_owned()).collect()
    }

    /// The first row that has these words.
    #[track_caller]
    pub fn row(&self, screen: &impl Screen, words: &str) -> String {
        let rows = self.rows(screen);
        let row = rows.iter().find(|row| row.contains(words));
        row.unwrap_or_else(|| panic!("no `{words}` in\n{}", rows.join("\n")))
            .clone()
    }

    fn drawn(&self, screen: &impl Screen) -> Buffer {
        let cx = self.cx();
        let mut buf = Buffer::empty(cx.area);
        screen.view(&cx, &mut buf);
        buf
    }

    /// The screen with its bottom bar at this size of the terminal, as [`planes`].
    pub fn golden(&mut self, screen: &mut impl Screen, (width, height): (u16, u16)) -> String {
        self.size = (width, height - 1);
        self.send(screen, Message::Resized);
        let cx = self.cx();
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        screen.view(&cx, &mut buf);
        let footer = Footer {
            contexts: &screen.contexts(),
            theme: cx.theme,
        };
        footer.render(Rect::new(0, height - 1, width, 1), &mut buf);
        planes(&buf, cx.theme)
    }

    pub fn text(&self, screen: &impl Screen) -> String {
        self.rows(screen).join("\n")
    }

    /// Holds that the screen shows each of these.
    #[track_caller]
    pub fn shows<'a>(&self, screen: &impl Screen, parts: impl IntoIterator<Item = &'a str>) {
        self.text(screen).holds(parts);
    }

    /// Holds that the screen shows none of these.
    #[track_caller]
    pub fn hides<'a>(&self, screen: &impl Screen, parts: impl IntoIterator<Item = &'a str>) {
        self.text(screen).lacks(parts);
    }
}

/// The sizes of a golden screen: an old terminal, and half of a large one.
pub const GOLDEN_SIZES: [(u16, u16); 2] = [(80, 24), (120, 35)];

/// Compares the whole screen with its snapshot at each of these sizes, or at [`GOLDEN_SIZES`].
macro_rules! golden {
    ($name:literal, $stage:expr, $screen:expr) => {
        golden!(
            $name,
            $stage,
            $screen,
            $crate::tui::screen::stage::GOLDEN_SIZES
        )
    };
    ($name:literal, $stage:expr, $screen:expr, $sizes:expr) => {
        for (width, height) in $sizes {
            let drawn = $stage.golden($screen, (width, height));
            insta::assert_snapshot!(format!("{}-{width}x{height}", $name), drawn);
        }
    };
}
pub(crate) use golden;

/// Two planes of a screen: its signs, and below them a letter for the look of each cell, with a legend.
pub fn planes(buf: &Buffer, theme: &Theme) -> String {
    let blank = Cell::default().style();
    let mut looks: Vec<Style> = Vec::new();
    let (mut signs, mut letters) = (String::new(), String::new());
    for row in buf.content().chunks(buf.area.width.into()) {
        let (mut sign, mut letter) = (String::new(), String::new());
        for cell in row {
            sign.push_str(cell.symbol());
            let look = cell.style();
            if look == blank {
                letter.push(' ');
                continue;
            }
            let known = looks.iter().position(|other| *other == look);
            let nth = known.unwrap_or_else(|| {
                looks.push(look);
                looks.len() - 1
            });
            letter.push(LETTERS[nth % LETTERS.len()].into());
        }
        let _ = writeln!(signs, "{}", sign.trim_end());
        let _ = writeln!(letters, "{}", letter.trim_end());
    }
    let mut legend = String::new();
    for (letter, look) in LETTERS.iter().zip(&looks) {
        let worn = ROLES
            .iter()
            .filter(|role| blank.patch(theme.style(**role)) == *look);
        let roles: Vec<String> = worn.map(|role| format!("{role:?}")).collect();
        let name = if roles.is_empty() {
            format!("{look:?}")
        } else {
            roles.join(" ")
        };
        let _ = writeln!(legend, "{} {name}", char::from(*letter));
    }
    format!("{signs}\n{letters}\n{legend}")
}

const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

const ROLES: [Role; 21] = [
    Role::Text,
    Role::Dim,
    Role::Faint,
    Role::Strong,
    Role::Title,
    Role::Heading,
    Role::Accent,
    Role::Good,
    Role::Warning,
    Role::Danger,
    Role::Selection,
    Role::Link,
    Role::Term,
    Role::Code,
    Role::Panel,
    Role::Border,
    Role::Key,
    Role::Keyword,
    Role::Series(0),
    Role::Series(1),
    Role::Hit,
];

/// What was asked to be recorded.
pub fn events(effects: &[Effect]) -> Vec<&progress::Event> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Record(event) => Some(event),
            _ => None,
        })
        .collect()
}

/// Opens a screen at every size and theme that must be survived.
pub fn survives<S: Screen>(stage: &mut Stage, screen: &mut S) {
    for (width, height) in [(1, 1), (60, 15), (80, 23), (120, 34), (200, 59), (300, 3)] {
        stage.size = (width, height);
        for (depth, ascii) in [(Depth::True, false), (Depth::None, true)] {
            stage.theme = Theme::new(Ground::Light, depth, ascii);
            stage.send(screen, Message::Resized);
            stage.text(screen);
        }
    }
}
