//! The progress as a page: Markdown and ASCII, the same on a screen and on a line printer.

use super::{Bin, Predictions, Progress, Share};
use ddlab_practice::calibration;
use ddlab_text::counted;
use std::fmt::Write;

/// Weeks on the map of days.
const WEEKS: i32 = 12;

/// Columns of a share from 0 to 100 %.
const BAR: usize = 41;

impl Progress {
    /// All of it as Markdown, without colour or boxes.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        self.weak_points(&mut text);
        self.memory(&mut text);
        self.confidence(&mut text);
        self.shares(&mut text);
        self.days(&mut text);
        text
    }

    fn days(&self, text: &mut String) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "## Days\n\n```text");
        for weekday in 0..7 {
            // 1970-01-01 was a Thursday.
            let name = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][weekday as usize];
            let _ = write!(text, "{name} ");
            let monday = self.today - (self.today + 3).rem_euclid(7);
            for week in (0..WEEKS).rev() {
                let day = monday - 7 * week + weekday;
                let done = self.days.get(&day).copied().unwrap_or_default();
                let _ = write!(
                    text,
                    " {}",
                    if day > self.today { ' ' } else { shade(done) }
                );
            }
            text.push('\n');
        }
        let active = self.days.len();
        let _ = writeln!(
            text,
            "```\n\n{} with practice; `.` none, `-` to 5, `+` to 20, `#` more.\n",
            counted(active, "day")
        );
    }

    fn falls_due(&self, text: &mut String) {
        text.push_str("## What falls due\n\n");
        if self.due.iter().all(|cards| *cards == 0) {
            let days = counted(self.due.len(), "day");
            // Writing to a string cannot fail.
            let _ = writeln!(text, "Nothing in the next {days}.\n");
            return;
        }
        text.push_str("```text\n");
        for (ahead, cards) in self.due.iter().enumerate() {
            let when = match ahead {
                0 => "today".to_owned(),
                days => format!("+{days}"),
            };
            let _ = writeln!(
                text,
                "{when:>5} {cards:>4} {}",
                "#".repeat((*cards).min(60))
            );
        }
        text.push_str("```\n\n");
    }

    fn memory(&self, text: &mut String) {
        self.falls_due(text);
        match &self.retention {
            Some(retention) => {
                let _ = writeln!(
                    text,
                    "Remembered when due: {} of {} (95 % interval {} to {}); the schedule expected {}.\n",
                    percent(retention.remembered),
                    counted(retention.reviews, "review"),
                    percent(retention.interval.0),
                    percent(retention.interval.1),
                    percent(retention.predicted)
                );
            }
            None => text.push_str("No card has come a second time yet.\n\n"),
        }
        self.readiness(text);
        self.recall(text);
    }

    fn readiness(&self, text: &mut String) {
        let Some(interview) = &self.interview else {
            text.push_str("No interview date yet. The settings of the program set one, or `ddlab review set --interview 2026-12-06`; nothing falls due after it.\n\n");
            return;
        };
        let recall = interview.recall.map_or_else(
            || "there is no card yet".to_owned(),
            |recall| {
                format!(
                    "if you reviewed nothing more you would remember {} of your cards on average",
                    percent(recall)
                )
            },
        );
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "Interview on {}, in {}: {recall}.\n",
            interview.day,
            counted(interview.days_left.max(0) as usize, "day")
        );
    }

    fn recall(&self, text: &mut String) {
        text.push_str("## Recall by chapter\n\n");
        let begun = self.chapters.iter().filter(|chapter| chapter.cards > 0);
        if begun.clone().count() > 0 {
            text.push_str("```text\n");
            for chapter in begun.clone() {
                let recall = chapter.recall.map_or_else(|| "-".to_owned(), percent);
                let title: String = chapter.title.chars().take(36).collect();
                let cards = counted(chapter.cards, "card");
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{title:<37}{recall:>5}  {cards}");
            }
            text.push_str("```\n\n");
        }
        let others = self.chapters.len() - begun.count();
        if others > 0 {
            let others = counted(others, "chapter");
            let _ = writeln!(text, "Without a card yet: {others}.\n");
        }
    }

    fn weak_points(&self, text: &mut String) {
        text.push_str("## Weak points\n\n");
        if self.weak.is_empty() {
            text.push_str("None: nothing was missed.\n\n");
        }
        for (number, weak) in self.weak.iter().enumerate() {
            let times = match weak.missed {
                1 => "once".to_owned(),
                2 => "twice".to_owned(),
                times => format!("{times} times"),
            };
            let _ = writeln!(
                text,
                "{}. {}: missed {times}. `{}`",
                number + 1,
                weak.what.trim_end_matches('.'),
                weak.leads_to.command()
            );
        }
        text.push('\n');
    }

    fn confidence(&self, text: &mut String) {
        let calibration = &self.calibration;
        text.push_str("## Calibration\n\n");
        if calibration.bins.is_empty() {
            let _ = writeln!(
                text,
                "{} with a confidence so far; a degree is shown from {} on.\n",
                counted(calibration.answers, "answer"),
                calibration::BIN_MIN
            );
            return;
        }
        text.push_str("```text\n");
        let _ = writeln!(
            text,
            "  you said  right  {:<w$}  answers",
            "0 %          50 %          100 %",
            w = BAR
        );
        for bin in &calibration.bins {
            let _ = writeln!(
                text,
                "{:>10} {:>6}  {}  {:>7}",
                percent(bin.said),
                percent(bin.right),
                bar(bin),
                bin.count
            );
        }
        text.push_str(
            "```\n\n`o` is the share that was right, `-` its 95 % interval, `|` what you said.\n\n",
        );
        if let (Some(brier), Some(baseline)) = (calibration.brier, calibration.baseline) {
            let _ = writeln!(
                text,
                "Brier score {brier:.3}; always saying your own share of right answers would give {baseline:.3}. Lower is better.\n"
            );
        }
    }

    fn shares(&self, text: &mut String) {
        text.push_str("## Answers, predictions, labs, exercises\n\n");
        let mut table = |shares: &[Share]| {
            for share in shares.iter().filter(|share| share.of > 0) {
                let _ = writeln!(text, "- {}: {} of {}", share.name, share.hits, share.of);
            }
        };
        table(&self.dimensions);
        table(&self.drills);
        let Predictions {
            count: predicted,
            within_factor_two,
            ranges,
            held,
        } = self.predictions;
        let _ = writeln!(
            text,
            "- predictions and drills within a factor of two: {within_factor_two} of {predicted}\n- ranges that held: {held} of {ranges}; 80 % is what they promise\n- medals: {}\n- exercises passed: {}",
            self.medals, self.exercises_passed
        );
    }
}

fn percent(share: f64) -> String {
    ddlab_text::whole_percent(share)
}

const fn shade(done: usize) -> char {
    match done {
        0 => '.',
        1..=5 => '-',
        6..=20 => '+',
        _ => '#',
    }
}

/// A share with its interval on a line from 0 to 100 %.
fn bar(bin: &Bin) -> String {
    let place = |share: f64| (share * (BAR - 1) as f64).round() as usize;
    let mut cells = vec!['.'; BAR];
    cells[place(bin.interval.0)..=place(bin.interval.1)].fill('-');
    cells[place(bin.said)] = '|';
    cells[place(bin.right)] = 'o';
    cells.into_iter().collect()
}
