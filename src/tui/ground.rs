//! The ground that a terminal draws on, asked of the terminal itself (OSC 11). It answers on its input, among the
//! keys, or never; so the start waits for a moment only, an answer that comes later is kept from the screens, and keys
//! that come before it are kept for them.

use super::theme::Ground;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use crossterm::execute;
use crossterm::style::Print;
use std::io;
use std::time::{Duration, Instant};

/// How long the start waits for the answer.
const PATIENCE: Duration = Duration::from_millis(50);
/// What is asked. Every terminal answers the second (DA1), so that one that does not know the first is not waited for.
const QUESTION: &str = "\x1b]11;?\x1b\\\x1b[c";
/// What an answer begins with, behind its `ESC ]`.
const COLOUR: &str = "11;rgb";
/// The longest answer, in characters.
const ANSWER_MAX: usize = 40;
/// Of the light that white has: where black and white are equally far away.
const MIDDLE: f64 = 0.18;

/// What came of the question.
#[derive(Debug, PartialEq)]
pub enum Asked {
    Answered(Ground),
    /// It may still come.
    Waiting(Late),
}

/// Asks, and waits a moment; what somebody has pressed meanwhile comes back too. The terminal is in raw mode, and nobody
/// else reads from it.
///
/// # Errors
/// When the terminal takes no question.
pub fn ask() -> io::Result<(Asked, Vec<KeyEvent>)> {
    execute!(io::stdout(), Print(QUESTION))?;
    let mut answer = Vec::new();
    let due = Instant::now() + PATIENCE;
    while !is_whole(&answer) {
        match read_until(due, &mut answer) {
            Ok(true) => {}
            Ok(false) | Err(_) => {
                return Ok((Asked::Waiting(Late::default()), keys_among(&answer)));
            }
        }
    }
    let ground = ground_in(&String::from_utf8_lossy(&answer));
    Ok((Asked::Answered(ground), keys_among(&answer)))
}

/// The keys of one byte that stand among answers. What else the terminal sends, and keys of several bytes, are passed over.
fn keys_among(answer: &[u8]) -> Vec<KeyEvent> {
    let mut keys = Vec::new();
    let mut rest = answer;
    while let [first, after @ ..] = rest {
        rest = match (*first, after.first()) {
            // Up to BEL or `ESC \`.
            (0x1b, Some(b']')) => {
                let end = after.iter().position(|byte| matches!(byte, 0x07 | b'\\'));
                end.map(|end| &after[end + 1..]).unwrap_or_default()
            }
            // Up to the letter that ends it.
            (0x1b, Some(b'[')) => {
                let end = after.iter().skip(1).position(u8::is_ascii_alphabetic);
                end.map(|end| &after[end + 2..]).unwrap_or_default()
            }
            (byte, _) => {
                keys.extend(key_of(byte));
                after
            }
        };
    }
    keys
}

fn key_of(byte: u8) -> Option<KeyEvent> {
    let (code, modifiers) = match byte {
        b'\r' => (KeyCode::Enter, KeyModifiers::NONE),
        b'\t' => (KeyCode::Tab, KeyModifiers::NONE),
        0x1b => (KeyCode::Esc, KeyModifiers::NONE),
        0x7f => (KeyCode::Backspace, KeyModifiers::NONE),
        0x01..=0x1a => {
            let letter = char::from(byte - 1 + b'a');
            (KeyCode::Char(letter), KeyModifiers::CONTROL)
        }
        b' '..=b'~' => (KeyCode::Char(byte.into()), KeyModifiers::NONE),
        _ => return None,
    };
    Some(KeyEvent::new(code, modifiers))
}

/// Reads what comes until then; false when nothing came.
#[cfg(unix)]
fn read_until(due: Instant, answer: &mut Vec<u8>) -> nix::Result<bool> {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use std::os::fd::AsFd;
    let left = due.saturating_duration_since(Instant::now());
    let left = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
    let input = io::stdin();
    let mut watched = [PollFd::new(input.as_fd(), PollFlags::POLLIN)];
    if poll(&mut watched, left)? == 0 {
        return Ok(false);
    }
    let mut bytes = [0; 256];
    let read = nix::unistd::read(input.as_fd(), &mut bytes)?;
    answer.extend_from_slice(&bytes[..read]);
    Ok(read > 0)
}

#[cfg(not(unix))]
fn read_until(_due: Instant, _answer: &mut Vec<u8>) -> io::Result<bool> {
    Ok(false)
}

/// The answer to the second question has come: `ESC [ ? … c`.
fn is_whole(answer: &[u8]) -> bool {
    let start = answer.windows(3).position(|bytes| bytes == b"\x1b[?");
    start.is_some_and(|start| answer[start..].contains(&b'c'))
}

/// `11;rgb:ffff/ffff/ffff`, somewhere in the text: one to four hexadecimal digits for each of three.
fn ground_in(answer: &str) -> Ground {
    let colour = || {
        let (_, rest) = answer.split_once(COLOUR)?;
        let (_, rest) = rest.split_once(':')?;
        let mut parts = rest.split(|c: char| !c.is_ascii_hexdigit());
        // No digits are no number, and more than four are too large a one.
        let mut light = |weight: f64| {
            let digits = parts.next()?;
            let share = f64::from(u16::from_str_radix(digits, 16).ok()?);
            let most = 16_f64.powi(i32::try_from(digits.len()).ok()?) - 1.0;
            Some(weight * (share / most).powf(2.2))
        };
        Some(light(0.2126)? + light(0.7152)? + light(0.0722)?)
    };
    match colour() {
        Some(light) if light > MIDDLE => Ground::Light,
        Some(_) => Ground::Dark,
        None => Ground::Unknown,
    }
}

/// An answer that comes after all. Its signs arrive as keys: alt-] for `ESC ]`, then one by one.
#[derive(Debug, Default, PartialEq)]
pub struct Late {
    begun: bool,
    text: String,
}

/// What a key is to a late answer.
#[derive(Debug, PartialEq)]
pub enum Part {
    /// A key that somebody has pressed.
    None,
    /// One of its signs.
    Some,
    /// Its last sign, and what it says.
    Last(Ground),
}

impl Late {
    pub fn take(&mut self, key: KeyEvent) -> Part {
        let with = |modifier| key.modifiers.contains(modifier);
        if !self.begun {
            self.begun = key.code == KeyCode::Char(']') && with(KeyModifiers::ALT);
            return if self.begun { Part::Some } else { Part::None };
        }
        match key.code {
            // `ESC \` or BEL.
            KeyCode::Char('\\') if with(KeyModifiers::ALT) => self.end(),
            KeyCode::Char('g') if with(KeyModifiers::CONTROL) => self.end(),
            KeyCode::Char(c) if self.text.len() < ANSWER_MAX => {
                self.text.push(c);
                Part::Some
            }
            // It was not an answer.
            _ => {
                *self = Self::default();
                Part::None
            }
        }
    }

    fn end(&mut self) -> Part {
        let ground = ground_in(&self.text);
        *self = Self::default();
        Part::Last(ground)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colour_of_the_ground_is_read_in_all_its_forms() {
        for (answer, ground) in [
            ("\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?62;c", Ground::Light),
            ("\x1b]11;rgb:fd/f6/e3\x07\x1b[?1;2c", Ground::Light),
            ("\x1b]11;rgb:1e1e/1e1e/1e1e\x07", Ground::Dark),
            ("\x1b]11;rgba:0000/0000/0000/ffff\x1b\\", Ground::Dark),
            ("\x1b]11;rgb:/0/0\x07", Ground::Unknown),
            ("\x1b]11;rgb:12", Ground::Unknown),
            ("\x1b[?62;c", Ground::Unknown),
            ("11;rgb:é/é/é", Ground::Unknown),
        ] {
            assert_eq!(ground_in(answer), ground, "{answer:?}");
        }
    }

    #[test]
    fn keys_that_were_pressed_before_the_answer_are_kept() {
        let pressed = keys_among(b"q\x03\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\\r\x1b[?62;4c\x1b[A\x1b");
        let control = KeyModifiers::CONTROL;
        assert_eq!(
            pressed,
            [
                key('q', KeyModifiers::NONE),
                key('c', control),
                KeyCode::Enter.into(),
                KeyCode::Esc.into()
            ]
        );
        assert_eq!(keys_among(b"\x1b]11;rgb:12"), []);
        assert_eq!(keys_among("é".as_bytes()), []);
    }

    #[test]
    fn the_second_answer_ends_the_waiting() {
        assert!(is_whole(b"\x1b]11;rgb:0/0/0\x07\x1b[?62;4c"));
        assert!(!is_whole(b"\x1b]11;rgb:cc/cc/cc\x07"));
    }

    fn key(c: char, modifiers: KeyModifiers) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(c), modifiers)
    }

    #[test]
    fn a_late_answer_is_kept_from_the_screens_and_keys_are_not() {
        let mut late = Late::default();
        assert_eq!(late.take(key(']', KeyModifiers::NONE)), Part::None);
        assert_eq!(late.take(key(']', KeyModifiers::ALT)), Part::Some);
        for c in "11;rgb:ffff/ffff/ffff".chars() {
            assert_eq!(late.take(key(c, KeyModifiers::NONE)), Part::Some);
        }
        let last = late.take(key('\\', KeyModifiers::ALT));
        assert_eq!(last, Part::Last(Ground::Light));
        assert_eq!(late.take(key('1', KeyModifiers::NONE)), Part::None);
    }

    #[test]
    fn what_begins_like_an_answer_does_not_swallow_keys_for_ever() {
        let mut late = Late::default();
        late.take(key(']', KeyModifiers::ALT));
        let swallowed = std::iter::repeat_with(|| late.take(key('x', KeyModifiers::NONE)))
            .take_while(|part| *part == Part::Some);
        assert_eq!(swallowed.count(), ANSWER_MAX);
    }
}
