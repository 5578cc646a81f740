//! What the lab of a design has beside: its requirements, which are met or missed as it runs, and its file, which is
//! read again whenever it is saved.

use super::LabScreen;
use crate::designs;
use crate::tui::effect::{Effect, Place};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::timeline;
use ddlab_design::cost::{self, Prices};
use ddlab_design::format::Requirement;
use ddlab_design::format::require::Of;
use ddlab_design::system::{self, DesignLab};
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::intervention::{Intervention, TimedIntervention};
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::length::LENGTH_MAX;
use ddlab_labs::workbench::story::{self, Line};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::path::Path;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// How often the file is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Cells of a figure, at least.
const FIGURE_MIN: usize = 8;

pub(super) struct OpenDesign {
    lab: &'static DesignLab,
    /// What is wrong with the file as it is now; the design that runs is the last that was right.
    trouble: Vec<String>,
    /// When its file is looked at next, since the start of the program.
    look_at: Duration,
    /// It has no file, and a copy of it is being edited, whose path comes with the news of it.
    copied: bool,
}

impl OpenDesign {
    /// None for a lab of the book.
    pub fn of(spec: &'static LabSpec) -> Option<Self> {
        let lab = designs::current(spec)?;
        Some(Self {
            lab,
            trouble: Vec::new(),
            look_at: Duration::ZERO,
            copied: false,
        })
    }
}

/// What a design does by itself: its faults. Nothing for a lab of the book.
pub(super) fn script(spec: &'static LabSpec) -> Vec<TimedIntervention> {
    let lab = designs::current(spec);
    lab.map(|lab| system::plan(lab, 0, LENGTH_MAX.into()).script)
        .unwrap_or_default()
}

/// What was done, as the timeline has room for it: of a design with the names of its machines.
pub(super) fn spoken(spec: &'static LabSpec, what: &Intervention) -> String {
    match (designs::current(spec), what) {
        (Some(lab), Intervention::Act(_)) => system::spoken(lab, what),
        _ => timeline::label(what, &spec.knobs),
    }
}

/// What happened in the last minute; what a design does is said with the names of its machines, and what it does by itself
/// is not the learner's.
pub(super) fn story(frame: &Frame, spec: &'static LabSpec) -> Vec<Line> {
    let mut lines = story::lines(frame, spec);
    let Some(lab) = designs::current(spec) else {
        return lines;
    };
    let own = script(spec);
    for timed in &frame.interventions {
        let written = format!("you: {}", timed.what);
        let spoken = system::spoken(lab, &timed.what);
        let said = if own.contains(timed) {
            spoken
        } else {
            format!("you: {spoken}")
        };
        let mut line = lines.iter_mut();
        if let Some(line) = line.find(|line| line.at == timed.at && line.text == written) {
            line.text = said;
        }
    }
    lines
}

impl LabScreen {
    /// No other design has come to its file's name.
    pub(super) fn is_current(&self) -> bool {
        self.design.is_none() || designs::current(self.spec).is_some()
    }

    /// Opens the editor on its file; on a copy of what is part of the program.
    pub(super) fn edit_design(&mut self) -> Vec<Effect> {
        let Some(design) = &mut self.design else {
            return Vec::new();
        };
        if designs::is_file(self.spec.id) {
            return vec![Effect::EditDesign(self.spec.id.to_owned())];
        }
        design.copied = true;
        vec![Effect::NewDesign {
            name: self.spec.id,
            text: design.lab.design().text.clone(),
            edit: true,
        }]
    }

    /// Has the file looked at when it is time, and again in a second.
    pub(super) fn look_at_file(&mut self, uptime: Duration) -> Vec<Effect> {
        let Some(design) = self
            .design
            .as_mut()
            .filter(|design| uptime >= design.look_at)
        else {
            return Vec::new();
        };
        // A timer may be a little early.
        design.look_at = uptime + LOOK_EVERY * 9 / 10;
        vec![
            Effect::ReadDesign(self.spec.id.to_owned()),
            Effect::Tick(LOOK_EVERY),
        ]
    }

    /// The file was read: what it says now takes the place of this run, or what is wrong with it is shown.
    pub(super) fn design_news(&mut self, path: &str, read: Result<(), Vec<String>>) -> Vec<Effect> {
        let is_current = self.is_current();
        let Some(design) = &mut self.design else {
            return Vec::new();
        };
        let is_copy = design.copied && designs::stem(path) == self.spec.id;
        design.copied &= !is_copy;
        if path != self.spec.id && !is_copy {
            return Vec::new();
        }
        match read {
            Ok(()) if is_current && !is_copy => design.trouble.clear(),
            Ok(()) => return vec![Effect::Replace(Place::lab(path))],
            Err(trouble) => {
                // The folder is known; the place in the file and the cure are not.
                let name = Path::new(path)
                    .file_name()
                    .map(|name| name.to_string_lossy());
                let name = name.unwrap_or_default();
                let bare = |line: &String| match line.strip_prefix(path) {
                    Some(rest) => format!("{name}{rest}"),
                    None => line.clone(),
                };
                design.trouble = trouble.iter().map(bare).collect();
            }
        }
        Vec::new()
    }

    /// Each requirement with its figure up to now, or what is wrong with the file; returns what is left of the area.
    pub(super) fn requirements(
        &self,
        frame: &Frame,
        area: Rect,
        theme: &Theme,
        buf: &mut Buffer,
    ) -> Rect {
        let Some(design) = &self.design else {
            return area;
        };
        let most = (area.height / 3).max(1);
        if !design.trouble.is_empty() {
            return trouble(&design.trouble, area, most, theme, buf);
        }
        let require = &design.lab.design().require;
        let rows = (require.len() as u16).min(most);
        let figure = |requirement| (requirement, self.figure(requirement, frame, design.lab));
        let figures: Vec<(&Requirement, Option<f64>)> = require.iter().map(figure).collect();
        let show = |(requirement, figure): &(&Requirement, Option<f64>)| {
            figure.map_or_else(
                || theme.no_number().to_owned(),
                |figure| requirement.figure.unit.show(figure),
            )
        };
        for (nth, one) in (0..rows).zip(&figures) {
            let (requirement, figure) = *one;
            // The words have what their own figure leaves.
            let shown = show(one);
            let width = shown.width().max(FIGURE_MIN);
            let mut pen = Pen::new(area.row(nth), buf);
            let met = figure.map(|figure| requirement.is_met(figure));
            let (sign, role) = match met {
                Some(true) => (theme.symbols.tick, Role::Good),
                Some(false) => (theme.symbols.cross, Role::Danger),
                None => (" ", Role::Dim),
            };
            let more = require.len().saturating_sub(usize::from(rows));
            let text = if more > 0 && nth + 1 == rows {
                format!("{}, and {more} more", requirement.text)
            } else {
                requirement.text.clone()
            };
            let room = usize::from(area.width).saturating_sub(width + 3);
            let text = if text.width() > room {
                close_set(&text)
            } else {
                text
            };
            pen.put(sign, theme.style(role))
                .skip(1)
                .put(&theme.clip(&text, room), theme.style(Role::Text))
                .to(area.width.saturating_sub(width as u16))
                .put_right(&shown, width, theme.style(role));
        }
        if rows == 0 {
            area
        } else {
            area.below(rows + 1)
        }
    }

    /// What the run measured of it up to now; of the cost, that of the design as its knobs are.
    fn figure(&self, requirement: &Requirement, frame: &Frame, lab: &DesignLab) -> Option<f64> {
        if requirement.figure.of == Of::Design {
            return Some(cost::total(
                &lab.with(self.live.knobs()),
                Prices::standard(),
            ));
        }
        let metric = frame.metric(&requirement.metric)?;
        let figure = metric.value.get(requirement.figure.statistic);
        figure.filter(|figure| figure.is_finite())
    }
}

/// `p99 buyers<=300ms`: where there is no room for all, the bound is worth more than the blanks before it, and its unit
/// stands at the figure.
fn close_set(requirement: &str) -> String {
    let words = requirement.split_whitespace();
    let words = words.filter(|word| !["of", "USD/month"].contains(word));
    let words: Vec<&str> = words.collect();
    ["<=", ">=", "==", "<", ">"]
        .iter()
        .fold(words.join(" "), |text, sign| {
            text.replace(&format!(" {sign} "), sign)
        })
}

/// The file can't be run: where, why, and what to do.
fn trouble(lines: &[String], area: Rect, most: u16, theme: &Theme, buf: &mut Buffer) -> Rect {
    let said = "the file has errors; what runs is as it was before";
    Pen::new(area, buf)
        .put(theme.symbols.cross, theme.style(Role::Danger))
        .skip(1)
        .put(
            &theme.clip(said, area.width.saturating_sub(2)),
            theme.style(Role::Danger),
        );
    let width = usize::from(area.width);
    let wrapped: Vec<String> = lines
        .iter()
        .flat_map(|line| ddlab_text::wrap(line, width))
        .collect();
    let rows = (wrapped.len() as u16).min(most.max(3));
    for (nth, line) in (1..=rows).zip(&wrapped) {
        Pen::new(area.row(nth), buf).put(line, theme.style(Role::Text));
    }
    area.below(rows + 2)
}
