//! The words by which one is on call: a line in, lines out; the same in a pipe and on the screen.

use super::action::{self, Action, FORMS};
use super::incident::{Cause, Sort};
use super::night::{LENGTH_S, Night};
use super::shift::{LOOK_EVERY, Refused, Shift, clock};
use super::{SLOS, auction, look, postmortem};
use ddlab_labs::engine::SimTime;
use ddlab_labs::engine::time::parse_span;
use ddlab_text::{given, human_span, suggestion};
use std::time::Duration;

/// The command that shows the log, whose last lines say most.
pub const LOGS: &str = "logs";

/// The words, for help: the form, and what it does.
const HELP: [(&str, &str); 10] = [
    ("pages", "who calls; each objective with its budget"),
    (
        "look [PART [FIGURE]]",
        "all parts, one, or a figure over five minutes",
    ),
    ("logs [WORD]", "the last lines of the log, all or with WORD"),
    (
        "slowest [CLIENT]",
        "the slowest requests, and where time went",
    ),
    (
        "cause PART KIND",
        "what you take for the cause, or `cause unknown`",
    ),
    ("kinds", "the kinds of cause"),
    ("actions", "what you can do"),
    (
        "parameters PART [CALLEE]",
        "what can be set, and what it is set to",
    ),
    ("wait 1m", "lets time pass, up to the next page"),
    ("end", "ends the night; it is written up"),
];
/// Zones, as a cause names them.
const ZONES: [&str; 3] = ["zone-a", "zone-b", "zone-c"];
/// Lines of the log that are shown.
const SHOWN: usize = 20;

pub struct Console {
    pub shift: Shift,
    /// Time that a look takes of the evening. Nothing where the evening goes on by the clock.
    look_takes: Duration,
    /// Up to when alarms were reported.
    reported: SimTime,
    ended: bool,
}

impl Console {
    /// # Errors
    /// When the system stands still.
    pub fn new(night: Night, look_takes: Duration) -> Result<Self, Refused> {
        let shift = Shift::start(night)?;
        Ok(Self {
            reported: shift.now(),
            shift,
            look_takes,
            ended: false,
        })
    }

    /// One asked for the end, or the evening is over.
    pub fn is_over(&self) -> bool {
        self.ended || self.shift.is_over()
    }

    pub fn head(&self) -> Vec<String> {
        let mut lines = vec![
            format!("{} · {}", auction_title(), self.shift.night),
            format!(
                "You are on call for {}, which stand for three days: the windows of the alerts are 144 times as short as in the book.",
                human_span(Duration::from_secs(LENGTH_S))
            ),
        ];
        if !self.look_takes.is_zero() {
            lines.push(format!(
                "A look takes {} of the evening.",
                human_span(self.look_takes)
            ));
        }
        lines.extend(rows(&HELP));
        lines
    }

    /// Obeys a line. What can't be done is said, and nothing happens.
    pub fn obey(&mut self, line: &str) -> Vec<String> {
        let mut lines = self
            .answer(line.trim())
            .unwrap_or_else(|refused| vec![refused.to_string()]);
        lines.extend(self.news());
        lines
    }

    fn answer(&mut self, line: &str) -> Result<Vec<String>, Refused> {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        Ok(match word {
            "" | "help" => rows(&HELP),
            "pages" => self.pages(),
            "look" => match self.look(rest) {
                Ok(_) => {
                    self.takes_a_look(line)?;
                    self.look(rest).unwrap_or_else(|why| vec![why])
                }
                // Nothing was looked at.
                Err(why) => vec![why],
            },
            LOGS => {
                self.takes_a_look(line)?;
                self.logs(rest)
            }
            "slowest" => {
                self.takes_a_look(line)?;
                look::slowest(&self.shift, rest)
            }
            "cause" => self.cause(rest),
            "kinds" => Sort::ALL
                .iter()
                .map(|sort| format!("  {:24} {}", sort.word(), sort.help()))
                .collect(),
            "actions" => actions(),
            "parameters" => self.parameters(rest)?,
            "wait" => self.wait(rest)?,
            "end" => {
                self.ended = true;
                Vec::new()
            }
            _ => {
                let action = Action::parse(line)?;
                let text = action.to_string();
                self.shift.act(action)?;
                vec![format!("{} `{text}` is done", clock(self.shift.now()))]
            }
        })
    }

    /// What is seen is that of the end of a look, as with the expert.
    fn takes_a_look(&mut self, line: &str) -> Result<(), Refused> {
        self.shift.wait(self.look_takes)?;
        self.shift.looked(line);
        Ok(())
    }

    /// Alarms that began or ended since the last line.
    pub fn news(&mut self) -> Vec<String> {
        let since = |at: SimTime| at > self.reported;
        let mut news: Vec<(SimTime, String)> = Vec::new();
        for alarm in &self.shift.alarms {
            let word = alarm.severity.word().to_uppercase();
            if since(alarm.began) {
                news.push((alarm.began, format!("{word}: {}", alarm.text)));
            }
            if let Some(ended) = alarm.ended.filter(|ended| since(*ended)) {
                let name = SLOS[alarm.slo].name;
                news.push((ended, format!("{word} ends: {name}")));
            }
        }
        news.sort_by_key(|(at, _)| *at);
        self.reported = self.shift.now();
        news.into_iter()
            .map(|(at, text)| format!("{} {text}", clock(at)))
            .collect()
    }

    fn pages(&self) -> Vec<String> {
        let mut lines: Vec<String> = SLOS
            .iter()
            .map(|slo| {
                let burnt = super::alert::Tally::of(slo, &self.shift.board).burnt();
                format!(
                    "{}: {} of the budget burnt; {}",
                    slo.name,
                    ddlab_text::whole_percent(burnt),
                    slo.says
                )
            })
            .collect();
        let firing = self
            .shift
            .alarms
            .iter()
            .filter(|alarm| alarm.ended.is_none());
        let firing: Vec<String> = firing
            .map(|alarm| {
                format!(
                    "{} since {}: {}",
                    alarm.severity.word().to_uppercase(),
                    clock(alarm.began),
                    alarm.text
                )
            })
            .collect();
        if firing.is_empty() {
            lines.push("nobody calls".to_owned());
        }
        lines.extend(firing);
        lines
    }

    fn look(&self, at: &str) -> Result<Vec<String>, String> {
        let (part, figure) = at.split_once(char::is_whitespace).unwrap_or((at, ""));
        match (part, figure.trim()) {
            ("", _) => Ok(look::table(&self.shift)),
            (part, "") => look::part(&self.shift, part),
            (part, figure) => look::figure_over_time(&self.shift, part, figure),
        }
    }

    fn parameters(&self, of: &str) -> Result<Vec<String>, Refused> {
        let (part, callee) = of.split_once(char::is_whitespace).unwrap_or((of, ""));
        if part.is_empty() {
            return Ok(vec![
                "write a component, as in `parameters bids`".to_owned(),
            ]);
        }
        Ok(look::parameters(&self.shift, part, callee.trim())?)
    }

    /// The last lines; of one part where it is named.
    fn logs(&self, of: &str) -> Vec<String> {
        let all = self.shift.log.lines().iter();
        let own: Vec<_> = all
            .filter(|line| of.is_empty() || line.text.contains(of))
            .collect();
        let from = own.len().saturating_sub(SHOWN);
        let lines = own[from..]
            .iter()
            .map(|line| format!("{} {}", clock(line.at), line.text));
        let lines: Vec<String> = lines.collect();
        if lines.is_empty() && !of.is_empty() {
            vec![format!("no line of the log holds `{}`", given(of))]
        } else if lines.is_empty() {
            vec!["the log is empty".to_owned()]
        } else {
            lines
        }
    }

    fn cause(&mut self, text: &str) -> Vec<String> {
        if text == "unknown" {
            self.shift.name(None);
            return vec![format!(
                "{} noted: the cause is unknown",
                clock(self.shift.now())
            )];
        }
        match self.read_cause(text) {
            Ok(cause) => {
                let line = format!("{} noted: the cause is {cause}", clock(self.shift.now()));
                self.shift.name(Some(cause));
                vec![line]
            }
            Err(why) => vec![why],
        }
    }

    fn read_cause(&self, text: &str) -> Result<Cause, String> {
        let (part, word) = text
            .split_once(char::is_whitespace)
            .ok_or("write `cause PART KIND`, or `cause unknown`; `kinds` lists the kinds")?;
        let parts = self.shift.board.parts.iter().map(|part| part.name.as_str());
        let names: Vec<&str> = parts.chain(ZONES).collect();
        if !names.contains(&part) {
            return Err(format!(
                "there is no part `{}`; {}",
                given(part),
                suggestion(part, &names)
            ));
        }
        let word = word.trim();
        let sort = Sort::named(word).ok_or_else(|| {
            let words: Vec<&str> = Sort::ALL.iter().map(|sort| sort.word()).collect();
            format!(
                "there is no kind of cause `{}`; {}",
                given(word),
                suggestion(word, &words)
            )
        })?;
        let part = part.to_owned();
        Ok(Cause { part, sort })
    }

    /// Up to the next alarm.
    fn wait(&mut self, span: &str) -> Result<Vec<String>, Refused> {
        let span = if span.is_empty() { "1m" } else { span };
        let Ok(span) = parse_span(span) else {
            return Ok(vec![format!(
                "`{}` is not a time; write one such as `wait 30s` or `wait 2m`",
                given(span)
            )]);
        };
        let (before, until) = (self.shift.alarms.len(), self.shift.now() + span);
        while self.shift.now() < until && !self.shift.is_over() && self.shift.alarms.len() == before
        {
            self.shift.wait(LOOK_EVERY)?;
        }
        Ok(vec![format!("it is {}", clock(self.shift.now()))])
    }

    /// The evening goes on to its end without anybody, and is written up.
    ///
    /// # Errors
    /// When the system stands still.
    pub fn end(&mut self) -> Result<String, Refused> {
        self.shift.wait(Duration::from_secs(LENGTH_S))?;
        postmortem::of(&self.shift)
    }
}

fn auction_title() -> &'static str {
    &auction().design().title
}

fn rows(forms: &[(&str, &str)]) -> Vec<String> {
    forms
        .iter()
        .map(|(form, what)| format!("  {form:24} {what}"))
        .collect()
}

fn actions() -> Vec<String> {
    let mut lines = rows(&FORMS);
    lines.push(format!(
        "A spare machine serves after {}. `parameters PART` lists what can be set. After each page say first what you take for the cause; `cause unknown` will do.",
        action::start_time()
    ));
    lines
}
