//! The words by which one is on call: a line in, lines out; the same in a pipe and on the screen.

use super::action::{self, Action, FORMS};
use super::board::{Figure, IMBALANCE, MACHINES_DOWN, Part};
use super::incident::{Cause, Sort};
use super::night::{LENGTH_S, Night};
use super::shift::{LOOK_EVERY, Refused, Shift, clock};
use super::{SLOS, auction, postmortem};
use ddlab_labs::engine::time::parse_span;
use ddlab_labs::workbench::trace::short;
use ddlab_text::{given, human_span, suggestion};
use std::time::Duration;

const HELP: &str = "`pages` says who calls; `look` shows all parts, `look COMPONENT` one; `logs`, `slowest`; \
    `cause COMPONENT KIND` says what you take for the cause (`kinds` lists them); `actions` lists what you can do; \
    `wait 1m` lets time pass, up to the next page; `end` ends the night.";
/// Zones, as a cause names them.
const ZONES: [&str; 3] = ["zone-a", "zone-b", "zone-c"];
/// What a table of all parts shows of each.
const HEADS: [(&str, &str); 6] = [
    ("requests", "requests_total"),
    ("errors", "error_ratio"),
    ("p99", "latency_ms"),
    ("busy", "utilization"),
    ("waiting", "queue_depth"),
    ("retries", "retries_total"),
];
/// Lines of the log and slow requests that are shown.
const SHOWN: usize = 20;
const SLOWEST: usize = 8;

pub struct Console {
    pub shift: Shift,
    /// Time that a look takes of the evening. Nothing where the evening goes on by the clock.
    look_takes: Duration,
    /// Alarms that were said.
    said: usize,
    ended: bool,
}

impl Console {
    /// # Errors
    /// When the system stands still.
    pub fn new(night: Night, look_takes: Duration) -> Result<Self, Refused> {
        Ok(Self {
            shift: Shift::start(night)?,
            look_takes,
            said: 0,
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
                "You are on call for {}. The objectives:",
                human_span(Duration::from_secs(LENGTH_S))
            ),
        ];
        lines.extend(
            SLOS.iter()
                .map(|slo| format!("  {}: {}", slo.name, slo.says)),
        );
        lines.push("An evening stands for three days: the windows of the alerts are 144 times as short as in the book.".to_owned());
        lines.push(HELP.to_owned());
        if !self.look_takes.is_zero() {
            lines.push(format!(
                "A look takes {} of the evening.",
                human_span(self.look_takes)
            ));
        }
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
            "" | "help" => vec![HELP.to_owned()],
            "pages" => self.pages(),
            "look" => {
                let lines = self.look(rest);
                self.takes_a_look(line)?;
                lines
            }
            "logs" => {
                let lines = self.logs(rest);
                self.takes_a_look(line)?;
                lines
            }
            "slowest" => {
                let lines = self.slowest();
                self.takes_a_look(line)?;
                lines
            }
            "cause" => self.cause(rest),
            "kinds" => Sort::ALL
                .iter()
                .map(|sort| format!("  {:24} {}", sort.word(), sort.help()))
                .collect(),
            "actions" => actions(),
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

    fn takes_a_look(&mut self, line: &str) -> Result<(), Refused> {
        self.shift.looked(line);
        self.shift.wait(self.look_takes)
    }

    /// Alarms that began since the last line.
    pub fn news(&mut self) -> Vec<String> {
        let alarms = &self.shift.alarms[self.said..];
        let lines = alarms.iter().map(|alarm| {
            format!(
                "{} {}: {}",
                clock(alarm.began),
                alarm.severity.word().to_uppercase(),
                alarm.text
            )
        });
        let lines = lines.collect();
        self.said = self.shift.alarms.len();
        lines
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

    fn look(&self, at: &str) -> Vec<String> {
        if at.is_empty() {
            return self.table();
        }
        let Some(part) = self.shift.board.part(at) else {
            let names: Vec<&str> = self
                .shift
                .board
                .parts
                .iter()
                .map(|part| part.name.as_str())
                .collect();
            return vec![format!(
                "there is no part `{}`; {}",
                given(at),
                suggestion(at, &names)
            )];
        };
        let mut lines = vec![format!(
            "{} at {}, and what is usual:",
            part.name,
            clock(self.shift.now())
        )];
        lines.extend(part.figures.iter().filter_map(figure));
        lines.extend(
            calls(&part.name)
                .into_iter()
                .map(|call| format!("  {call}")),
        );
        for machine in &part.machines {
            let is_spare = self
                .shift
                .spares(&part.name)
                .iter()
                .any(|number| machine.name == format!("{} {number}", part.name));
            let state = match (machine.is_up, is_spare) {
                (true, _) => format!(
                    "load {}, {} wait",
                    ddlab_text::whole_percent(machine.load),
                    machine.queue
                ),
                (false, true) => "stands ready".to_owned(),
                (false, false) => "does not answer".to_owned(),
            };
            lines.push(format!("  {}: {state}", machine.name));
        }
        lines
    }

    /// All parts, a line each, with a head.
    pub fn table(&self) -> Vec<String> {
        let head = HEADS.iter().fold(format!("{:12}", ""), |line, (head, _)| {
            line + &format!(" {head:>9}")
        });
        let row = |part: &Part| {
            HEADS
                .iter()
                .fold(format!("{:12}", part.name), |line, (_, name)| {
                    let shown = part
                        .figure(name)
                        .and_then(|figure| Some(figure.show(figure.now()?)));
                    line + &format!(" {:>9}", shown.unwrap_or_else(|| "–".to_owned()))
                })
        };
        std::iter::once(head)
            .chain(self.shift.board.parts.iter().map(row))
            .collect()
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
        if lines.is_empty() {
            vec!["the log is empty".to_owned()]
        } else {
            lines
        }
    }

    fn slowest(&self) -> Vec<String> {
        let traces = self.shift.slowest();
        let mut lines = Vec::new();
        for trace in traces.iter().take(SLOWEST) {
            let took = short(trace.ended.since(trace.started).as_nanos() as u64);
            let who = trace.spans.first().map_or("", |span| span.node.as_str());
            lines.push(format!(
                "{} request {} of {who}: {took}, {}",
                clock(trace.ended),
                trace.request,
                trace.outcome
            ));
            for span in trace.spans.iter().skip(1) {
                let took = span.ended.map_or_else(
                    || "no answer".to_owned(),
                    |ended| short(ended.since(span.started).as_nanos() as u64),
                );
                let spent: Vec<String> = span.spent().collect();
                lines.push(format!("    {}: {took} {}", span.node, spent.join(", ")));
            }
        }
        if lines.is_empty() {
            lines.push("no request yet".to_owned());
        }
        lines
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
            .ok_or("write `cause COMPONENT KIND`, or `cause unknown`; `kinds` lists the kinds")?;
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

fn figure(figure: &Figure) -> Option<String> {
    let now = figure.now()?;
    let usual = figure.usual().unwrap_or_default();
    let quiet = matches!(figure.name.as_str(), MACHINES_DOWN | IMBALANCE) && now <= usual;
    if quiet || (now == 0.0 && usual == 0.0) {
        return None;
    }
    Some(format!(
        "  {:24} {:>9}  {:>9}  {}",
        figure.title(),
        figure.show(now),
        figure.show(usual),
        figure.help
    ))
}

/// Whom it calls, and how.
fn calls(name: &str) -> Vec<String> {
    let design = auction().design();
    let client = design
        .clients
        .iter()
        .find(|client| client.name == name)
        .map(|client| &client.calls);
    let component = design
        .components
        .iter()
        .find(|component| component.name == name)
        .map(|component| &component.calls);
    let edges = client.or(component).into_iter().flatten();
    edges
        .map(|edge| {
            let turned: Vec<String> = edge
                .settings
                .turned()
                .map(|(knob, value)| format!("{} {}", knob.name, knob.human(value)))
                .collect();
            format!(
                "calls {} ({})",
                design.components[edge.to].name,
                turned.join(", ")
            )
        })
        .collect()
}

fn actions() -> Vec<String> {
    let mut lines: Vec<String> = FORMS
        .iter()
        .map(|(form, what)| format!("  {form:24} {what}"))
        .collect();
    lines.push(format!("A spare machine serves after {}. Parameters of a call are named CALLER_CALLEE_PARAMETER, as in `set bids_fraud_timeout=100ms`;", action::start_time()));
    lines.push("they have timeout, retries, retry_budget, breaker, rate_limit, optional, share. A component has slots, shed, connections.".to_owned());
    lines
}
