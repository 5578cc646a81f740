//! The terminal, taken and given back: raw mode, the alternate screen, mouse and paste reports.
//!
//! Whatever ends the program (quit, panic, signal) the terminal is left as it was found. Own code
//! instead of `ratatui::init`, whose panic hook has no thread check: a panic in a lab's thread is shown
//! on the lab's screen and must not tear the terminal from under a program that lives on.

use super::address::{self, Address};
use base64::prelude::{BASE64_STANDARD, Engine};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture,
};
use crossterm::style::Print;
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, DisableLineWrap, EnableLineWrap,
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, Stdout, Write, stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Whether the terminal is ours now, so that giving it back twice does nothing.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while the program has it; dropping it gives it back.
#[derive(Debug)]
pub struct Screen {
    /// None once it is let go.
    canvas: Option<Canvas>,
    mouse: bool,
    /// The addresses of the last frame, where the terminal takes any.
    addresses: Option<Vec<Address>>,
}

type Canvas = Terminal<CrosstermBackend<Stdout>>;

/// Ratatui shows the cursor when a canvas is dropped, and prints where it cannot, which panics when the terminal
/// is gone. Then it is not dropped: the program ends.
fn let_go(mut canvas: Canvas) {
    if canvas.show_cursor().is_err() {
        std::mem::forget(canvas);
    }
}

impl Screen {
    /// # Errors
    /// When the terminal refuses raw mode, such as when there is none.
    pub fn take(mouse: bool) -> io::Result<Self> {
        // The theme decides on colours; crossterm would drop whole attributes under NO_COLOR.
        crossterm::style::force_color_output(true);
        enter(mouse)?;
        let canvas = Some(Terminal::new(CrosstermBackend::new(stdout()))?);
        let taken = address::are_taken(|name| std::env::var(name).ok());
        Ok(Self {
            canvas,
            mouse,
            addresses: taken.then(Vec::new),
        })
    }

    /// Draws one frame with these addresses in it; the terminal shows it at once, without tearing.
    pub fn draw(
        &mut self,
        view: impl FnOnce(&mut ratatui::Frame<'_>),
        addresses: Vec<Address>,
    ) -> io::Result<()> {
        execute!(stdout(), BeginSynchronizedUpdate)?;
        if let Some(canvas) = &mut self.canvas {
            let drawn = canvas.draw(view)?;
            if let Some(before) = &mut self.addresses {
                address::print(&mut stdout(), drawn.buffer, before, &addresses)?;
                *before = addresses;
            }
        }
        execute!(stdout(), EndSynchronizedUpdate)
    }

    #[allow(clippy::unused_self)] // Who has the screen may ask.
    pub fn size(&self) -> io::Result<ratatui::layout::Size> {
        let (width, height) = crossterm::terminal::size()?;
        Ok(ratatui::layout::Size { width, height })
    }

    /// Gives the terminal back, runs `outside`, takes it again and draws afresh.
    pub fn lend<T>(&mut self, outside: impl FnOnce() -> T) -> io::Result<T> {
        restore();
        let result = outside();
        enter(self.mouse)?;
        self.refresh()?;
        Ok(result)
    }

    /// Leaves the mouse to the terminal, or takes it back; says whether it is ours now.
    pub fn toggle_mouse(&mut self) -> io::Result<bool> {
        self.mouse = !self.mouse;
        if self.mouse {
            execute!(stdout(), EnableMouseCapture)?;
        } else {
            execute!(stdout(), DisableMouseCapture)?;
        }
        Ok(self.mouse)
    }

    /// Puts a text into the clipboard, by way of the terminal (OSC 52), so that it works over ssh too.
    #[allow(clippy::unused_self)] // Who has the screen may ask.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        let text = BASE64_STANDARD.encode(text);
        execute!(stdout(), Print(format!("\x1b]52;c;{text}\x1b\\")))
    }

    /// Forgets what was drawn, so that the next frame draws every cell: after somebody else had the
    /// terminal, and after a resize, even one that came to the same size in the end.
    pub fn refresh(&mut self) -> io::Result<()> {
        // A new one instead of `clear`, which asks the terminal where its cursor is and waits for the
        // answer, and the answer may be lost among the keys.
        execute!(stdout(), Clear(ClearType::All))?;
        let fresh = Terminal::new(CrosstermBackend::new(stdout()))?;
        if let Some(old) = self.canvas.replace(fresh) {
            let_go(old);
        }
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if let Some(canvas) = self.canvas.take() {
            let_go(canvas);
        }
        restore();
    }
}

fn enter(mouse: bool) -> io::Result<()> {
    // Before it is: a signal in between gives it back.
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode().inspect_err(|_| TAKEN.store(false, Ordering::SeqCst))?;
    execute!(
        stdout(),
        EnterAlternateScreen,
        DisableLineWrap,
        EnableBracketedPaste,
        EnableFocusChange,
        cursor::Hide
    )?;
    if mouse {
        execute!(stdout(), EnableMouseCapture)?;
    }
    Ok(())
}

/// Gives the terminal back; errors are of no use to anyone by then.
pub fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // First what cannot block: whoever holds the output may be waiting for a terminal that stands.
        let _ = disable_raw_mode();
        let _ = execute!(
            stdout(),
            EndSynchronizedUpdate,
            DisableMouseCapture,
            DisableFocusChange,
            DisableBracketedPaste,
            EnableLineWrap,
            LeaveAlternateScreen,
            cursor::Show
        );
        let _ = stdout().flush();
    }
}

/// Gives the terminal back from a thread that is not the loop's, if it takes anything within a moment.
pub fn restore_or_give_up() {
    if let Ok(thread) = std::thread::Builder::new().spawn(restore) {
        ddlab_labs::workbench::run::join_within(thread, Duration::from_millis(250));
    }
}

/// From here on a panic of this thread gives the terminal back before it is reported. A panic of any
/// other thread is logged and reported by whoever runs that thread.
pub fn restore_on_panic() {
    let owner = std::thread::current().id();
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == owner {
            restore();
            report(info);
        } else {
            tracing::error!(panic = %info, "a background thread panicked");
        }
    }));
}
