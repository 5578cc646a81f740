//! The settings of practice: the day of the interview, how much a day, how well to remember, and the judge.

use super::plan::Plan;
use super::{Ask, Flow, Step};
use crate::clock::{LocalDay, Moment};
use crate::judge::{self, Question, Verdicts};
use crate::progress::practice::JudgeSet;
use crate::progress::{Event, Stored};
use std::fmt::Write;

pub struct Settings {
    plan: Plan,
    judge: Option<JudgeSet>,
    asks: Asks,
    /// What came of the last change.
    said: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// Which one to change.
    Which,
    Day,
    Limit,
    Retention,
    Judge,
    /// The judge, to see whether it answers as it should.
    Trial,
}

impl Settings {
    /// As the log has them last.
    pub fn new<'a>(log: impl IntoIterator<Item = &'a Stored> + Clone) -> Self {
        Self {
            plan: Plan::of(log.clone()),
            judge: judge::set(log),
            asks: Asks::Which,
            said: None,
        }
    }

    fn list(&self, today: LocalDay) -> String {
        let interview = match self.plan.interview {
            None => "not known; its day caps how far ahead a card may fall due".to_owned(),
            Some(day) => match day.number() - today.number() {
                0 => format!("{day}, today"),
                1 => format!("{day}, tomorrow"),
                days @ 2.. => format!("{day}, in {days} days"),
                _ => format!("{day}, which is over"),
            },
        };
        let judge = match &self.judge {
            None => "off; nothing is sent anywhere".to_owned(),
            Some(set) => format!("`{}` at `{}`", set.model, set.url),
        };
        let mut text = format!(
            "1. **Day of the interview:** {interview}\n2. **Cards a day, at most:** {}\n3. **To be remembered when due:** {:.0} %\n4. **Judge of answers:** {judge}\n",
            self.plan.daily_limit,
            self.plan.retention * 100.0,
        );
        if self.judge.is_some() {
            text.push_str("5. **Try the judge** with an answer whose verdict is known\n");
        }
        if let Some(said) = &self.said {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n{said}\n");
        }
        text
    }

    fn choose(&mut self, typed: &str) -> Result<(), String> {
        self.asks = match typed.trim() {
            "1" => Asks::Day,
            "2" => Asks::Limit,
            "3" => Asks::Retention,
            "4" => Asks::Judge,
            "5" if self.judge.is_some() => Asks::Trial,
            _ if self.judge.is_some() => return Err("press 1 to 5; esc leads back".to_owned()),
            _ => return Err("press 1 to 4; esc leads back".to_owned()),
        };
        self.said = None;
        Ok(())
    }

    /// The plan as it stands, kept.
    fn planned(&mut self) -> Vec<Event> {
        self.asks = Asks::Which;
        self.said = Some("*Saved.*".to_owned());
        vec![self.plan.event()]
    }
}

impl Flow for Settings {
    fn step(&self, now: Moment) -> Step {
        let line = |how: &str| Ask::Line {
            how: how.to_owned(),
        };
        let ask = match self.asks {
            Asks::Which => Ask::Pick {
                how: "The number changes it; esc leads back.".to_owned(),
                goes_on: false,
            },
            Asks::Day => line("Type the day of the interview, 2026-12-06, or none."),
            Asks::Limit => line("Type how many cards a day you want at most."),
            Asks::Retention => line(
                "Type the share of due cards that you want to remember, 80 to 95 %. More costs more reviews.",
            ),
            Asks::Judge => line(
                "Type the address of a server and the model, http://127.0.0.1:11434/v1 llama3.2, or off. The server speaks as OpenAI's, on this machine.",
            ),
            Asks::Trial => Ask::Wait {
                how: "The judge is asked.".to_owned(),
            },
        };
        Step {
            title: "Settings of practice".to_owned(),
            status: String::new(),
            above: String::new(),
            text: self.list(now.day),
            ask,
        }
    }

    fn reply(&mut self, typed: &str, _now: Moment) -> Result<Vec<Event>, String> {
        let typed = typed.trim();
        if typed.is_empty() && !matches!(self.asks, Asks::Which | Asks::Trial) {
            self.asks = Asks::Which;
            return Ok(Vec::new());
        }
        match self.asks {
            Asks::Which => self.choose(typed).map(|()| Vec::new()),
            Asks::Day => {
                self.plan.set_interview(typed)?;
                Ok(self.planned())
            }
            Asks::Limit => {
                let limit: Option<u16> = typed.parse().ok().filter(|limit| *limit > 0);
                let limit = limit.ok_or_else(|| {
                    format!(
                        "`{typed}` is not a number of cards; type one from 1 to {}",
                        u16::MAX
                    )
                })?;
                self.plan.daily_limit = usize::from(limit);
                Ok(self.planned())
            }
            Asks::Retention => {
                let share = typed.trim_end_matches('%').trim();
                let share: f32 = share
                    .parse()
                    .map_err(|_| format!("`{typed}` is not a share; type 90, or 0.9"))?;
                let share = if share > 1.0 { share / 100.0 } else { share };
                self.plan.retention = Plan::check_retention(share)?;
                Ok(self.planned())
            }
            Asks::Judge => {
                self.judge = judge::typed(typed)?;
                self.asks = Asks::Which;
                self.said = Some(match self.judge {
                    None => "*The judge is off.*".to_owned(),
                    Some(_) => {
                        "*Saved; 5 tries it. `J` asks it at the rubric of an interview question.*"
                            .to_owned()
                    }
                });
                Ok(vec![Event::JudgeSet(self.judge.clone())])
            }
            Asks::Trial => Ok(Vec::new()),
        }
    }

    fn back(&mut self) -> bool {
        std::mem::replace(&mut self.asks, Asks::Which) != Asks::Which
    }

    fn asks_judge(&self) -> Option<Question> {
        let asks = self.asks == Asks::Trial;
        self.judge.clone().filter(|_| asks).map(Question::trial)
    }

    fn judged(&mut self, said: Result<&Verdicts, String>) {
        self.asks = Asks::Which;
        let said = said.map_or_else(|reason| reason, judge::trial_in_words);
        self.said = Some(crate::study::sheet::plain(&said));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UtcMs;
    use crate::testing::Holds;

    fn now() -> Moment {
        Moment {
            at: UtcMs(0),
            day: LocalDay::parse("2026-11-29").unwrap(),
        }
    }

    #[test]
    fn a_setting_is_chosen_typed_and_kept() {
        let mut settings = Settings::new([]);
        settings.reply("1", now()).unwrap();
        let refused = settings.reply("soon", now()).unwrap_err();
        refused.as_str().holds(["`soon` is not a day"]);
        let kept = settings.reply("2026-12-06", now()).unwrap();
        assert!(matches!(&kept[..], [Event::PracticePlanned(plan)]
            if plan.interview.as_deref() == Some("2026-12-06")));
        settings.step(now()).text.holds(["2026-12-06, in 7 days"]);
        settings.reply("3", now()).unwrap();
        assert!(settings.reply("99", now()).is_err());
        settings.reply("85 %", now()).unwrap();
        settings.step(now()).text.holds(["85 %"]);
        assert!(settings.reply("9", now()).is_err());
    }

    #[test]
    fn the_judge_is_set_on_this_machine_tried_and_switched_off() {
        let mut settings = Settings::new([]);
        assert!(settings.reply("5", now()).is_err(), "there is no judge");
        settings.reply("4", now()).unwrap();
        let refused = settings
            .reply("http://example.org/v1 m", now())
            .unwrap_err();
        refused.as_str().holds(["is not this machine"]);
        let kept = settings.reply("http://127.0.0.1:1/v1/ m", now()).unwrap();
        assert!(
            matches!(&kept[..], [Event::JudgeSet(Some(set))] if set.url == "http://127.0.0.1:1/v1")
        );
        assert!(settings.asks_judge().is_none());
        settings.reply("5", now()).unwrap();
        assert!(settings.asks_judge().is_some());
        settings.judged(Err("nobody is there".to_owned()));
        settings.step(now()).text.holds(["nobody is there"]);
        settings.reply("4", now()).unwrap();
        let off = settings.reply("off", now()).unwrap();
        assert!(matches!(off[..], [Event::JudgeSet(None)]));
    }
}
