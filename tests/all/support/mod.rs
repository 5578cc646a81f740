//! The real binary in a real pseudo-terminal, with a terminal emulator on the other end. Waits are for
//! conditions: each byte that arrives wakes whoever waits for the screen to say something.

pub mod program;
pub mod server;
#[path = "../../../src/testing.rs"]
mod testing;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
pub use testing::Holds;

/// Far more than any step needs, even on a busy machine; a test that reaches it has failed.
pub const PATIENCE: Duration = Duration::from_mins(1);

pub const ENTER: &str = "\r";
pub const ESC: &str = "\x1b";
pub const TAB: &str = "\t";
pub const RIGHT: &str = "\x1b[C";
pub const CTRL_C: &str = "\x03";
pub const CTRL_Z: &str = "\x1a";

/// A running `ddlab` and its screen.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    shared: Arc<Shared>,
    home: Home,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parser: vt100::Parser,
    raw: Vec<u8>,
    closed: bool,
}

impl State {
    fn sent(&self, sequence: &str) -> usize {
        let raw = String::from_utf8_lossy(&self.raw);
        raw.matches(sequence).count()
    }
}

/// A home folder of its own for each test.
pub struct Home(tempfile::TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    /// The program will open where it was left: here.
    pub fn left_at(&self, place: &ddlab::tui::effect::Place) {
        let place = serde_json::to_string(place).expect("a place is plain data");
        std::fs::create_dir_all(self.data()).expect("a folder");
        let now = ddlab::clock::now();
        let mut record = ddlab::progress::Record::open(&self.data().join("progress.db"), now.at);
        let receipt = record.append(ddlab::progress::Event::Left { place }, now);
        assert!(receipt.durable);
    }
}

/// How to start it.
pub struct Launch {
    /// A program that starts it; it gets the path of ddlab as its last argument.
    pub under: Vec<String>,
    pub arguments: Vec<String>,
    pub variables: Vec<(String, String)>,
    pub rows: u16,
    pub columns: u16,
    pub home: Home,
}

impl Default for Launch {
    fn default() -> Self {
        Self {
            under: Vec::new(),
            arguments: Vec::new(),
            variables: vec![("COLORTERM".into(), "truecolor".into())],
            rows: 35,
            columns: 120,
            home: Home::new(),
        }
    }
}

impl Launch {
    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        (self.columns, self.rows) = (columns, rows);
        self
    }

    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments = arguments.iter().map(ToString::to_string).collect();
        self
    }

    pub fn under(mut self, program: &[&str]) -> Self {
        self.under = program.iter().map(ToString::to_string).collect();
        self
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    pub fn home(mut self, home: Home) -> Self {
        self.home = home;
        self
    }

    pub fn start(self) -> Terminal {
        let pair = native_pty_system()
            .openpty(PtySize {
                rows: self.rows,
                cols: self.columns,
                pixel_width: 0,
                pixel_height: 0,
            })
            .expect("a pseudo-terminal");
        let mut words = self.under;
        words.push(env!("CARGO_BIN_EXE_ddlab").to_owned());
        let mut command = CommandBuilder::new(words.remove(0));
        command.args(&words);
        command.args(&self.arguments);
        command.env_clear();
        for (name, value) in [
            ("PATH", std::env::var("PATH").unwrap_or_default().as_str()),
            ("TERM", "xterm-256color"),
            ("LANG", "en_US.UTF-8"),
            ("HOME", &self.home.path().to_string_lossy()),
            ("DDLAB_DATA", &self.home.data().to_string_lossy()),
        ] {
            command.env(name, value);
        }
        for (name, value) in &self.variables {
            command.env(name, value);
        }
        command.cwd(self.home.path());
        let child = pair.slave.spawn_command(command).expect("ddlab starts");
        drop(pair.slave);
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                parser: vt100::Parser::new(self.rows, self.columns, 0),
                raw: Vec::new(),
                closed: false,
            }),
            changed: Condvar::new(),
        });
        let mut reader = pair
            .master
            .try_clone_reader()
            .expect("a reader of the terminal");
        let writer = pair.master.take_writer().expect("a writer to the terminal");
        let watched = Arc::clone(&shared);
        std::thread::spawn(move || {
            let mut buffer = [0; 16 * 1024];
            loop {
                let read = reader.read(&mut buffer).unwrap_or(0);
                let mut state = watched.state.lock().unwrap();
                if read == 0 {
                    state.closed = true;
                } else {
                    state.parser.process(&buffer[..read]);
                    state.raw.extend_from_slice(&buffer[..read]);
                }
                watched.changed.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        Terminal {
            child,
            master: pair.master,
            writer,
            shared,
            home: self.home,
        }
    }
}

impl Terminal {
    pub fn type_in(&mut self, keys: &str) {
        self.writer
            .write_all(keys.as_bytes())
            .expect("ddlab reads its keys");
        self.writer.flush().expect("ddlab reads its keys");
    }

    /// Waits until the screen says this somewhere.
    pub fn wait_for(&self, text: &str) {
        self.wait_until(&format!("the screen says {text:?}"), |screen| {
            screen.contents().contains(text)
        });
    }

    pub fn wait_until(&self, what: &str, condition: impl Fn(&vt100::Screen) -> bool) {
        let state = self.shared.state.lock().unwrap();
        let (state, timeout) = self
            .shared
            .changed
            .wait_timeout_while(state, PATIENCE, |state| {
                !condition(state.parser.screen()) && !state.closed
            })
            .unwrap();
        let screen = state.parser.screen();
        assert!(
            condition(screen),
            "waited for: {what}{}\nthe screen:\n{}",
            if timeout.timed_out() {
                ""
            } else {
                " (the program has ended)"
            },
            screen.contents()
        );
    }

    /// Lets the program draw for so long.
    pub fn rest(&self, span: Duration) {
        let state = self.shared.state.lock().unwrap();
        drop(
            self.shared
                .changed
                .wait_timeout_while(state, span, |state| !state.closed),
        );
    }

    /// How often this was sent.
    pub fn sent(&self, sequence: &str) -> usize {
        self.shared.state.lock().unwrap().sent(sequence)
    }

    /// Waits until this was sent once more.
    pub fn wait_for_more_than(&self, before: usize, sequence: &str) {
        let state = self.shared.state.lock().unwrap();
        let (_state, timeout) = self
            .shared
            .changed
            .wait_timeout_while(state, PATIENCE, |state| {
                state.sent(sequence) <= before && !state.closed
            })
            .unwrap();
        assert!(!timeout.timed_out(), "{sequence:?} was not sent again");
    }

    pub fn contents(&self) -> String {
        self.shared.state.lock().unwrap().parser.screen().contents()
    }

    /// Resizes the terminal. The emulator keeps its size when it would become too small for itself: it
    /// loses its cursor on a grid of one cell.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        if columns > 1 && rows > 1 {
            let mut state = self.shared.state.lock().unwrap();
            state.parser.screen_mut().set_size(rows, columns);
        }
        self.master
            .resize(PtySize {
                rows,
                cols: columns,
                pixel_width: 0,
                pixel_height: 0,
            })
            .expect("the terminal is resized");
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("a running child has an id")
    }

    #[cfg(unix)]
    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = nix::unistd::Pid::from_raw(self.pid() as i32);
        nix::sys::signal::kill(pid, signal).expect("the program is there");
    }

    /// Waits for the end and gives the exit status, and the home for what comes after.
    pub fn wait_for_end(mut self) -> Ended {
        let state = self.shared.state.lock().unwrap();
        let (state, timeout) = self
            .shared
            .changed
            .wait_timeout_while(state, PATIENCE, |state| !state.closed)
            .unwrap();
        assert!(
            !timeout.timed_out(),
            "the program did not end:\n{}",
            state.parser.screen().contents()
        );
        drop(state);
        let status = self.child.wait().expect("the child ends");
        let state = self.shared.state.lock().unwrap();
        let screen = state.parser.screen();
        Ended {
            status: status.exit_code(),
            alternate_screen: screen.alternate_screen(),
            cursor_hidden: screen.hide_cursor(),
            mouse: screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None,
            bracketed_paste: screen.bracketed_paste(),
            contents: screen.contents(),
            raw: state.raw.clone(),
            home: self.home,
        }
    }
}

/// A running `ddlab` on a terminal that is nobody's controlling terminal, and that can be closed.
#[cfg(unix)]
pub struct Bare {
    child: std::process::Child,
    master: std::fs::File,
    parser: vt100::Parser,
}

#[cfg(unix)]
impl Bare {
    pub fn start(home: &Home, arguments: &[&str]) -> Self {
        let (rows, columns) = (35, 120);
        let size = nix::pty::Winsize {
            ws_row: rows,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pty = nix::pty::openpty(&size, None).expect("a pseudo-terminal");
        // A copy is closed in every program that is started; the original would keep the terminal there.
        let master = pty.master.try_clone().expect("this end of it");
        drop(pty.master);
        let slave = || pty.slave.try_clone().expect("the other end of it");
        let child = std::process::Command::new(env!("CARGO_BIN_EXE_ddlab"))
            .args(arguments)
            .env("TERM", "xterm-256color")
            .env("HOME", home.path())
            .env("DDLAB_DATA", home.data())
            .current_dir(home.path())
            .stdin(slave())
            .stdout(slave())
            .stderr(slave())
            .spawn()
            .expect("ddlab starts");
        Self {
            child,
            master: master.into(),
            parser: vt100::Parser::new(rows, columns, 0),
        }
    }

    pub fn wait_for(&mut self, text: &str) {
        let mut buffer = [0; 16 * 1024];
        while !self.parser.screen().contents().contains(text) {
            let read = self.master.read(&mut buffer).expect("ddlab draws");
            self.parser.process(&buffer[..read]);
        }
    }

    pub fn type_in(&mut self, keys: &str) {
        self.master
            .write_all(keys.as_bytes())
            .expect("ddlab reads its keys");
    }

    /// Closes the terminal, and waits for the end of the program.
    pub fn hang_up(mut self) {
        drop(self.master);
        let status = self.child.wait().expect("the child ends");
        assert!(status.success(), "{status}");
    }
}

/// What is left of the terminal after the program.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is one mode of the terminal"
)]
pub struct Ended {
    pub status: u32,
    pub alternate_screen: bool,
    pub cursor_hidden: bool,
    pub mouse: bool,
    pub bracketed_paste: bool,
    pub contents: String,
    pub raw: Vec<u8>,
    pub home: Home,
}

impl Ended {
    pub fn assert_clean(&self) {
        assert!(!self.alternate_screen, "the alternate screen is still on");
        assert!(!self.cursor_hidden, "the cursor is still hidden");
        assert!(!self.mouse, "mouse reports are still on");
        assert!(!self.bracketed_paste, "bracketed paste is still on");
    }
}

#[track_caller]
pub fn starts(text: &str, start: &str) {
    assert!(text.starts_with(start), "it begins otherwise:\n{text}");
}
