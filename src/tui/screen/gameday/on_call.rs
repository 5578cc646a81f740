//! The evening on the screen: it goes on by the clock, and obeys the lines that are typed.

use super::view;
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::screen::{Cx, Message};
use crate::tui::widget::field::Field;
use ddlab_design::gameday::console::{Console, LOGS};
use ddlab_design::gameday::night::Night;
use ddlab_design::gameday::shift::Refused;
use ddlab_labs::engine::time::parse_span;
use ddlab_text::{given, speed};
use std::time::Duration;

/// How often the evening goes on.
const TICK: Duration = Duration::from_millis(200);
/// Virtual seconds per second at the beginning, the most from a page on, and the range of it.
const SPEED: f64 = 5.0;
const SPEEDS: std::ops::RangeInclusive<f64> = 1.0..=50.0;
/// Virtual seconds that go by in a tick while one waits for something.
const SKIP: f64 = 10.0;
/// Lines that are kept of what was said.
const LINES_MAX: usize = 1_000;

/// Which part of what was said is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// The end of it.
    End,
    /// An answer from its beginning, by the place of what was typed; the end where that has room for it.
    From(usize),
    /// From this row on.
    Row(usize),
}

pub struct OnCall {
    pub console: Console,
    pub typed: Field,
    /// What was typed and answered, oldest first.
    pub said: Vec<String>,
    /// What is seen of it.
    pub seen: Seen,
    /// Lines that were typed, oldest first, and how many one has gone back in them.
    history: Vec<String>,
    recalled: usize,
    pub playing: bool,
    pub speed: f64,
    /// Virtual seconds that are still waited for.
    skipping: f64,
    /// It was held when the wait began, and is held again after it.
    holds_again: bool,
    /// Alarms that have come so far.
    alarms: usize,
    /// Seconds that have gone by and were not run yet.
    owed: f64,
    /// When the next tick is due.
    due: Duration,
}

impl OnCall {
    /// # Errors
    /// When the system stands still.
    pub fn start(night: Night) -> Result<Self, Refused> {
        let console = Console::new(night, Duration::ZERO)?;
        let mut said = console.head();
        said.extend(own_words());
        said.push("The evening is held. Tab lets it begin, and holds it again; while it is held, a look takes no time.".to_owned());
        Ok(Self {
            console,
            typed: Field::default(),
            said,
            seen: Seen::End,
            history: Vec::new(),
            recalled: 0,
            playing: false,
            speed: SPEED,
            skipping: 0.0,
            holds_again: false,
            alarms: 0,
            owed: 0.0,
            due: Duration::ZERO,
        })
    }

    /// Obeys what is typed; true when that ends the night.
    pub fn obey(&mut self) -> bool {
        let line = self.typed.text().trim().to_owned();
        self.typed.clear();
        self.recalled = 0;
        if !line.is_empty() && self.history.last() != Some(&line) {
            self.history.push(line.clone());
        }
        self.say(format!("> {line}"));
        self.seen = if line.starts_with(LOGS) {
            Seen::End
        } else {
            Seen::From(self.said.len() - 1)
        };
        let (word, rest) = line.split_once(' ').unwrap_or((line.as_str(), ""));
        match word {
            "speed" => self.set_speed(rest),
            "wait" => match parse_span(if rest.is_empty() { "1m" } else { rest }) {
                Ok(span) => {
                    self.skipping = span.as_secs_f64();
                    self.holds_again = !self.playing;
                    self.playing = true;
                }
                Err(error) => self.say(error.to_string()),
            },
            _ => {
                for answer in self.console.obey(&line) {
                    self.say(answer);
                }
                if matches!(word, "" | "help") {
                    for row in own_words() {
                        self.say(row);
                    }
                }
            }
        }
        self.console.is_over()
    }

    fn set_speed(&mut self, text: &str) {
        match text.trim().trim_end_matches('x').parse::<f64>() {
            Ok(asked) if SPEEDS.contains(&asked) => self.speed = asked,
            _ => {
                let (least, most) = (SPEEDS.start(), SPEEDS.end());
                let line = format!(
                    "`{}` is not a speed; it goes from {least} to {most}",
                    given(text)
                );
                self.say(line);
            }
        }
    }

    fn say(&mut self, line: String) {
        if self.said.len() == LINES_MAX {
            self.said.remove(0);
            if let Seen::From(place) = &mut self.seen {
                *place = place.saturating_sub(1);
            }
        }
        self.said.push(line);
    }

    pub fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        match action {
            Action::PlayPause => {
                self.playing = !self.playing;
                self.holds_again = false;
                if self.playing {
                    return self.tick(cx);
                }
                self.skipping = 0.0;
            }
            // A wait lets it go on.
            Action::Open if self.playing => return self.tick(cx),
            Action::PageUp | Action::PageDown => {
                let (mut scroll, total, height) = view::seen(self, cx);
                scroll.act(action, total, height);
                self.seen = if scroll.top + height >= total {
                    Seen::End
                } else {
                    Seen::Row(scroll.top)
                };
            }
            Action::Up => self.recall(self.recalled + 1),
            Action::Down => self.recall(self.recalled.saturating_sub(1)),
            _ => {}
        }
        Vec::new()
    }

    /// Takes a line that was typed before into the field: so many back; none of them is an empty one.
    fn recall(&mut self, back: usize) {
        self.recalled = back.min(self.history.len());
        let line = self.history.len() - self.recalled;
        self.typed = Field::of(self.history.get(line).cloned().unwrap_or_default());
    }

    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        match message {
            Message::Shown => return self.tick(cx),
            Message::Type(key) => {
                self.typed.key(key);
            }
            Message::Paste(text) => self.typed.paste(&text),
            Message::Tick if self.playing && cx.uptime >= self.due => {
                self.go_on();
                return self.tick(cx);
            }
            _ => {}
        }
        Vec::new()
    }

    fn tick(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        self.due = cx.uptime + TICK;
        vec![Effect::Tick(TICK)]
    }

    fn go_on(&mut self) {
        self.owed += if self.skipping > 0.0 {
            SKIP.min(self.skipping)
        } else {
            self.speed * TICK.as_secs_f64()
        };
        let whole = self.owed.floor();
        self.owed -= whole;
        let was_waiting = self.skipping > 0.0;
        self.skipping = (self.skipping - whole).max(0.0);
        if let Err(refused) = self.console.shift.wait(Duration::from_secs_f64(whole)) {
            self.playing = false;
            self.say(refused.to_string());
        }
        let alarms = self.console.shift.alarms.len();
        for news in self.console.news() {
            self.say(news);
            self.seen = Seen::End;
        }
        if alarms > self.alarms {
            // Nobody waits past a page, and there must be time to read it.
            self.alarms = alarms;
            self.skipping = 0.0;
            self.speed = self.speed.min(SPEED);
        }
        if was_waiting && self.skipping == 0.0 && self.holds_again {
            self.playing = false;
        }
    }

    /// `5x`, or that it is held.
    pub fn pace(&self) -> String {
        match (self.playing, self.skipping > 0.0) {
            (false, _) => "held".to_owned(),
            (true, true) => "waiting".to_owned(),
            (true, false) => speed(self.speed),
        }
    }
}

/// The words that only the screen knows, as rows of the help.
fn own_words() -> [String; 1] {
    [format!(
        "  {:24} so many times the clock; a page slows it to {SPEED}",
        "speed 10"
    )]
}
