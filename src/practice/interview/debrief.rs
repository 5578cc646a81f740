//! The end of an interview: the rubric beside the own words, the profile, the transcript.

use super::super::Lead;
use super::super::progress::dimension_name;
use super::super::prompt::Point;
use super::{Interview, Judging};
use crate::content::model::Dimension;
use crate::judge;
use crate::progress::Event;
use crate::progress::practice::{MockDone, MockPoint};
use crate::study::sheet;
use ddlab_design::brief;
use ddlab_practice::calibration::wilson;
use ddlab_practice::mock::Phase;
use std::collections::BTreeMap;
use std::fmt::Write;

impl Interview {
    fn points(&self) -> Vec<MockPoint> {
        let ticked = self.state.ticked.clone().unwrap_or_default();
        let level = self.level();
        let point = |(at, point): (usize, &Point)| MockPoint {
            id: point.id.clone(),
            dimension: dimension_name(point.dim).to_owned(),
            must: point.is_must(level),
            met: ticked.has(at),
            statement: point.statement.clone(),
        };
        self.prompt.points.iter().enumerate().map(point).collect()
    }

    /// The rubric beside the own words, to be ticked.
    pub(super) fn debrief(&self) -> String {
        let said = self.said();
        let level = self.level();
        let mut text = format!("**What a strong {} engineer has**\n\n", self.state.level);
        for (number, point) in self.prompt.points.iter().enumerate() {
            let must = if point.is_must(level) { "must" } else { "nice" };
            let hint = match point.words_in(&said) {
                Some(words) => format!("mentioned? {}", sheet::quoted(words)),
                None => "not seen".to_owned(),
            };
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{}. {must}, {}: {} ({hint}) *{}*",
                number + 1,
                dimension_name(point.dim),
                point.statement.trim(),
                point.say.trim()
            );
        }
        if let Judging::Said(said) = &self.judging {
            let _ = write!(text, "\n{}", judge::report(&self.judged_points(), said));
        }
        text.push_str("\n**What I asked, what you said, and what I listened for**\n\n");
        let turns = &self.state.turns;
        for (at, asked) in turns.iter().enumerate() {
            if let Some(listen_for) = &asked.listen_for {
                let answer = turns.get(at + 1).filter(|next| !next.is_interviewer);
                let own = answer.map_or("nothing".to_owned(), |own| sheet::quoted(&own.text));
                let _ = writeln!(text, "- {} You said {own}. *{listen_for}*", asked.text);
            }
        }
        text
    }

    /// How it went, by dimension, and what to study.
    pub(super) fn profile(&self) -> String {
        let points = self.points();
        let mut by_dimension: BTreeMap<Dimension, (usize, usize)> = BTreeMap::new();
        for (point, asked) in points.iter().zip(&self.prompt.points) {
            let (met, of) = by_dimension.entry(asked.dim).or_default();
            *met += usize::from(point.met);
            *of += 1;
        }
        let musts = points.iter().filter(|point| point.must);
        let (met, of) = (
            musts.clone().filter(|point| point.met).count(),
            musts.count(),
        );
        let mut text = format!(
            "**{met} of {of} points that a {} engineer cannot leave out.** This is what you ticked, on one topic; it predicts nothing about a hire.\n\n",
            self.state.level
        );
        for (dimension, (met, of)) in by_dimension {
            let (low, high) = wilson(met, of);
            let _ = writeln!(
                text,
                "- {}: {met} of {of} (with so few points anything from {:.0} to {:.0} %)",
                dimension_name(dimension),
                low * 100.0,
                high * 100.0
            );
        }
        self.study_next(&mut text);
        self.put_together(&mut text);
        if self.state.minutes > 0 {
            text.push_str("\n**Time**\n\n");
            for phase in Phase::ALL {
                let spent = self.spent(phase) / 1_000;
                let planned = phase.seconds(self.state.minutes);
                let _ = writeln!(
                    text,
                    "- {}: {:02}:{:02} of {:02}:{:02}",
                    phase.name(),
                    spent / 60,
                    spent % 60,
                    planned / 60,
                    planned % 60
                );
            }
        }
        let _ = writeln!(
            text,
            "\nThe transcript: `ddlab interview transcript {}`",
            self.state.topic
        );
        text
    }

    /// The points that a candidate of this level cannot leave out, and did.
    fn missed(&self) -> impl Iterator<Item = &Point> {
        let points = self.points().into_iter().zip(&self.prompt.points);
        let missed = points.filter(|(ticked, _)| ticked.must && !ticked.met);
        missed.map(|(_, point)| point)
    }

    /// Where what was missing is taught, each place once; where nothing was, what else the topic offers.
    pub(super) fn to_study(&self) -> Vec<Lead> {
        let mut leads: Vec<Lead> = Vec::new();
        for lead in self.missed().flat_map(|point| &point.leads) {
            if !leads.contains(lead) {
                leads.push(lead.clone());
            }
        }
        if leads.is_empty() {
            leads.clone_from(&self.prompt.study);
        }
        let briefs = brief::after(&self.state.topic).map(|brief| Lead::Design {
            brief: brief.id.clone(),
        });
        leads.extend(briefs);
        leads
    }

    /// The briefs of this topic: what was said can be run.
    fn put_together(&self, text: &mut String) {
        let is_design = |lead: &&Lead| matches!(lead, Lead::Design { .. });
        let mut designs = self.leads.iter().filter(is_design).peekable();
        if designs.peek().is_some() {
            text.push_str("\n**See whether what you said stands**\n\n");
        }
        for lead in designs {
            let at = self.leads.iter().position(|known| known == lead);
            let number = at.map_or(0, |at| at + 1);
            let _ = writeln!(text, "{number}. {}: `{}`", lead.verb(), lead.command());
        }
    }

    /// What was missing, each point with the places that teach it.
    fn study_next(&self, text: &mut String) {
        let mut listed = 0;
        let list = |number: usize, lead: &Lead, text: &mut String| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{number}. {}: `{}`", lead.verb(), lead.command());
        };
        if self.missed().next().is_none() {
            text.push_str("\n**Study next**\n\n");
            let is_design = |lead: &Lead| matches!(lead, Lead::Design { .. });
            let leads = self.leads.iter().enumerate();
            for (at, lead) in leads.filter(|(_, lead)| !is_design(lead)) {
                list(at + 1, lead, text);
            }
            return;
        }
        text.push_str("\n**Study next: what was missing**\n");
        for point in self.missed() {
            let _ = writeln!(text, "\n{}\n", point.statement.trim());
            let mut before = Vec::new();
            for lead in &point.leads {
                let number = self.leads.iter().position(|known| known == lead);
                match number.map(|at| at + 1) {
                    Some(number) if number > listed => {
                        list(number, lead, text);
                        listed = number;
                    }
                    Some(number) => before.push(number.to_string()),
                    None => {}
                }
            }
            if !before.is_empty() {
                let _ = writeln!(text, "\nSee above: {}.", before.join(", "));
            }
        }
    }

    /// The rubric as the judge is asked about it.
    pub(super) fn judged_points(&self) -> Vec<judge::Point> {
        let point = |point: &Point| judge::Point {
            id: point.id.clone(),
            statement: point.statement.clone(),
        };
        self.prompt.points.iter().map(point).collect()
    }

    pub(super) fn spent(&self, phase: Phase) -> u64 {
        self.state.spent_ms.get(&phase).copied().unwrap_or_default()
    }

    /// The conversation as Markdown.
    fn transcript(&self) -> String {
        let mut text = format!("# Mock interview: {}\n", self.prompt.title);
        let mut phase = None;
        for said in &self.state.turns {
            if phase != Some(said.phase) {
                let _ = write!(text, "\n## {}\n", said.phase.name());
                phase = Some(said.phase);
            }
            let who = if said.is_interviewer {
                "Interviewer"
            } else {
                "Candidate"
            };
            let _ = write!(text, "\n**{who}:** {}\n", said.text.trim());
        }
        if !self.state.pad.is_empty() {
            let _ = write!(
                text,
                "\n## Drawing\n\n```text\n{}\n```\n",
                self.state.pad.render()
            );
        }
        text
    }

    pub(super) fn done(&self) -> Event {
        Event::MockDone(MockDone {
            topic: self.state.topic.clone(),
            level: self.state.level.clone(),
            minutes: self.state.minutes,
            points: self.points(),
            transcript: self.transcript(),
        })
    }
}
