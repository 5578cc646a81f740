//! The numbers drill: a problem, an answer with its range, the way to it.

use super::{Ask, Choice, Flow, Lead, Step};
use crate::clock::Moment;
use crate::progress::Event;
use crate::progress::practice::DrillAnswered;
use ddlab_practice::drill::{self, Closeness, Generator, Problem};
use ddlab_practice::shuffle;
use ddlab_text::counted;
use std::fmt::Write;

pub struct Drill {
    /// What is asked, in order, each with the seed of its problem.
    rounds: Vec<(&'static Generator, u64)>,
    at: usize,
    problem: Problem,
    /// What is shown of the last answer.
    shown: Option<String>,
    tally: Tally,
    /// What was further off than a factor of two, to be drilled again.
    leads: Vec<Lead>,
}

/// How it went so far.
#[derive(Debug, Default)]
struct Tally {
    answered: usize,
    near: usize,
    exact: usize,
    ranges: usize,
    held: usize,
}

impl Drill {
    /// So many problems, or as many of one kind.
    ///
    /// # Errors
    /// A sentence when there is no such kind.
    pub fn new(only: Option<&str>, problems: usize, seed: u64) -> Result<Self, String> {
        let generators: Vec<&Generator> = match only {
            None => drill::all().collect(),
            Some(id) => vec![drill::find(id).ok_or_else(|| {
                let hint =
                    ddlab_text::hint(ddlab_text::nearest(id, drill::all().map(|known| known.id)));
                format!(
                    "there is no drill `{}`{hint}; `ddlab drill list` shows them",
                    ddlab_text::given(id)
                )
            })?],
        };
        let order = shuffle::shuffled(generators.len(), seed);
        let rounds: Vec<(&Generator, u64)> = (0..problems.max(1))
            .map(|n| {
                let generator = generators[order[n % order.len()]];
                (generator, seed.wrapping_add(n as u64))
            })
            .collect();
        let (first, seed) = rounds[0];
        Ok(Self {
            rounds,
            at: 0,
            problem: first.problem(seed),
            shown: None,
            tally: Tally::default(),
            leads: Vec::new(),
        })
    }

    fn is_over(&self) -> bool {
        self.at >= self.rounds.len()
    }

    fn go_on(&mut self) {
        self.shown = None;
        self.at += 1;
        if let Some((generator, seed)) = self.rounds.get(self.at) {
            self.problem = generator.problem(*seed);
        }
    }

    fn prompt(&self) -> String {
        let (generator, _) = self.rounds[self.at];
        format!("**{}**\n\n{}", generator.title, self.problem.prompt)
    }

    /// The verdict, the worked solution, the rule of thumb.
    fn solution(&self, verdict: &str) -> String {
        let (generator, _) = self.rounds[self.at];
        let mut text = format!(
            "**{verdict}** It is {}.\n\n",
            self.problem.show(self.problem.answer)
        );
        for line in &self.problem.worked {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "- {line}");
        }
        let _ = write!(text, "\n*To remember:* {}\n", generator.rule);
        text
    }

    fn summary(&self) -> String {
        let Tally {
            answered,
            near,
            exact,
            ranges,
            held,
        } = self.tally;
        let mut text = format!(
            "**{} answered.** {exact} within a tenth, {near} within a factor of two, {} further off.\n",
            counted(answered, "problem"),
            answered - exact - near
        );
        let skipped = self.rounds.len() - answered;
        if skipped > 0 {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n{} skipped.\n", counted(skipped, "problem"));
        }
        if ranges > 0 {
            let _ = write!(
                text,
                "\nYour ranges held the answer {held} of {} ({:.0} %); 80 % is what they promise.\n",
                counted(ranges, "time"),
                100.0 * held as f64 / ranges as f64
            );
        }
        if !self.leads.is_empty() {
            text.push_str("\n**Again, what was further off**\n\n");
        }
        for (number, lead) in (1..).zip(&self.leads) {
            let title = match lead {
                Lead::Drill { kind: Some(kind) } => drill::find(kind).map(|known| known.title),
                _ => None,
            };
            let what = title.unwrap_or(lead.verb());
            let _ = writeln!(text, "{number}. {what}: `{}`", lead.command());
        }
        text
    }

    /// This kind was further off than a factor of two.
    fn missed(&mut self, generator: &Generator) {
        let kind = Some(generator.id.to_owned());
        let lead = Lead::Drill { kind };
        if !self.leads.contains(&lead) {
            self.leads.push(lead);
        }
    }
}

impl Flow for Drill {
    fn step(&self, _now: Moment) -> Step {
        let status = if self.is_over() {
            "done".to_owned()
        } else {
            format!("{} of {}", self.at + 1, self.rounds.len())
        };
        let title = "Numbers drill".to_owned();
        if self.is_over() {
            return Step {
                title,
                status,
                above: String::new(),
                text: self.summary(),
                ask: Ask::Done,
            };
        }
        let (above, text, ask) = match &self.shown {
            None => (
                String::new(),
                self.prompt(),
                Ask::Line {
                    how: how_to(self.problem.unit),
                },
            ),
            Some(shown) => (
                self.prompt(),
                shown.clone(),
                Ask::Choice {
                    how: "enter goes on".to_owned(),
                    of: Choice::GoOn,
                },
            ),
        };
        Step {
            title,
            status,
            above,
            text,
            ask,
        }
    }

    fn reply(&mut self, typed: &str, _now: Moment) -> Result<Vec<Event>, String> {
        if self.is_over() {
            return Ok(Vec::new());
        }
        if self.shown.is_some() {
            self.go_on();
            return Ok(Vec::new());
        }
        if typed.trim().is_empty() {
            self.shown = Some(self.solution("Skipped."));
            return Ok(Vec::new());
        }
        let said = self
            .problem
            .read(typed)
            .map_err(|error| error.to_string())?;
        let score = self.problem.score(&said);
        self.tally.answered += 1;
        match score.closeness() {
            Closeness::Exact => self.tally.exact += 1,
            Closeness::Near => self.tally.near += 1,
            Closeness::Missed => self.missed(self.rounds[self.at].0),
        }
        let mut verdict = score.in_words(said.value, &self.problem);
        if let Some(held) = score.held {
            self.tally.ranges += 1;
            self.tally.held += usize::from(held);
            verdict.push_str(if held {
                " Your range holds it."
            } else {
                " Your range does not hold it."
            });
        }
        self.shown = Some(self.solution(&verdict));
        let (generator, seed) = self.rounds[self.at];
        Ok(vec![Event::DrillAnswered(DrillAnswered {
            generator: generator.id.to_owned(),
            seed,
            said: said.value,
            range: said.range,
            answer: self.problem.answer,
        })])
    }

    fn leads(&self) -> &[Lead] {
        &self.leads
    }
}

fn how_to(unit: &str) -> String {
    let unit = if unit.is_empty() {
        String::new()
    } else {
        format!(", in {unit} unless you say otherwise")
    };
    format!(
        "Type a number{unit}, and the range that holds it four times in five: 1.5k 1k..3k. An empty line shows the answer."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Moment {
        Moment::in_zone(crate::clock::UtcMs(0), &jiff::tz::TimeZone::UTC)
    }

    #[test]
    fn an_answer_is_recorded_and_worked_out_before_the_next_problem() {
        let mut drill = Drill::new(Some("qps"), 2, 7).unwrap();
        assert!(drill.reply("a lot", now()).unwrap_err().contains("number"));
        let answer = format!("{}", drill.problem.answer);
        let events = drill.reply(&answer, now()).unwrap();
        assert!(matches!(&events[..], [Event::DrillAnswered(a)] if a.generator == "qps"));
        let step = drill.step(now());
        assert!(
            step.text.contains("Right") && step.text.contains("To remember"),
            "{}",
            step.text
        );
        drill.reply("", now()).unwrap();
        assert_eq!(drill.step(now()).status, "2 of 2");
        drill.reply("", now()).unwrap();
        drill.reply("", now()).unwrap();
        let end = drill.step(now());
        assert_eq!(end.ask, Ask::Done);
        assert!(end.text.contains("1 problem answered"), "{}", end.text);
        assert!(end.text.contains("1 problem skipped"), "{}", end.text);
    }

    #[test]
    fn what_was_further_off_is_offered_again_at_the_end() {
        let mut drill = Drill::new(Some("qps"), 2, 7).unwrap();
        for typed in ["0.000001", "", "0.000001", ""] {
            drill.reply(typed, now()).unwrap();
        }
        let end = drill.step(now()).text;
        assert!(
            end.contains("1. Requests a second at the peak: `ddlab drill --only qps`"),
            "{end}"
        );
        assert_eq!(drill.leads().len(), 1, "each kind once");
    }

    #[test]
    fn a_kind_that_does_not_exist_names_the_nearest() {
        let Err(error) = Drill::new(Some("erlang"), 1, 0) else {
            panic!("there is no such drill");
        };
        assert!(error.contains("`erlang-c`"), "{error}");
    }
}
