//! The evening on the screen: it goes on by the clock, and obeys the lines that are typed.

use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::screen::{Cx, Message};
use crate::tui::widget::field::Field;
use ddlab_design::gameday::console::Console;
use ddlab_design::gameday::night::Night;
use ddlab_design::gameday::shift::Refused;
use ddlab_labs::engine::time::parse_span;
use ddlab_text::{given, speed};
use std::time::Duration;

/// How often the evening goes on.
const TICK: Duration = Duration::from_millis(200);
/// Virtual seconds per second, and the range of it.
const SPEED: f64 = 5.0;
const SPEEDS: std::ops::RangeInclusive<f64> = 1.0..=50.0;
/// Virtual seconds that go by in a tick while one waits for something.
const SKIP: f64 = 10.0;
/// Lines that are kept of what was said.
const LINES_MAX: usize = 1_000;

pub struct OnCall {
    pub console: Console,
    pub typed: Field,
    /// What was typed and answered, oldest first.
    pub said: Vec<String>,
    /// Lines that one has gone back from the last.
    pub back: usize,
    pub playing: bool,
    pub speed: f64,
    /// Virtual seconds that are still waited for.
    skipping: f64,
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
        said.push(format!("Here tab holds the evening and lets it go on, at {SPEED} times the clock; `speed 10` is another pace."));
        Ok(Self {
            console,
            typed: Field::default(),
            said,
            back: 0,
            playing: true,
            speed: SPEED,
            skipping: 0.0,
            owed: 0.0,
            due: Duration::ZERO,
        })
    }

    /// Obeys what is typed; true when that ends the night.
    pub fn obey(&mut self) -> bool {
        let line = self.typed.text().trim().to_owned();
        self.typed.clear();
        self.back = 0;
        self.say(format!("> {line}"));
        let (word, rest) = line.split_once(' ').unwrap_or((line.as_str(), ""));
        match word {
            "speed" => self.set_speed(rest),
            "wait" => match parse_span(if rest.is_empty() { "1m" } else { rest }) {
                Ok(span) => self.skipping = span.as_secs_f64(),
                Err(error) => self.say(error.to_string()),
            },
            _ => {
                for answer in self.console.obey(&line) {
                    self.say(answer);
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
        }
        self.said.push(line);
    }

    pub fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        match action {
            Action::PlayPause => {
                self.playing = !self.playing;
                if self.playing {
                    return self.tick(cx);
                }
                self.skipping = 0.0;
            }
            Action::PageUp => self.back = (self.back + 5).min(self.said.len().saturating_sub(1)),
            Action::PageDown => self.back = self.back.saturating_sub(5),
            _ => {}
        }
        Vec::new()
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
        self.skipping = (self.skipping - whole).max(0.0);
        if let Err(refused) = self.console.shift.wait(Duration::from_secs_f64(whole)) {
            self.playing = false;
            self.say(refused.to_string());
        }
        for news in self.console.news() {
            // Nobody waits past a page.
            self.skipping = 0.0;
            self.say(news);
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
