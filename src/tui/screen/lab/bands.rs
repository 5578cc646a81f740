//! The bands above and below the panes: what this is and how it is; what happened, and what must hold.

use super::LabScreen;
use super::versus::invariants_of_both;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::pen::Pen;
use crate::tui::widget::picture::signs::which_copy;
use crate::tui::widget::picture::units::{Unit, Units};
use ddlab_labs::workbench::frame::{Frame, LogLevel, NodeState};
use ddlab_labs::workbench::replay::Replay;
use ddlab_labs::workbench::role::{Rank, Sign};
use ddlab_text::{clock, counted, speed};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Cells for `> 1000x, reaches 0.41x`: the speed may change, what stands beside it must not.
const SPEED_WIDTH: u16 = 22;
/// Members that are all in use so far have nothing left: that is not well.
const BUSY: f64 = 0.95;
/// What a run is called that repeats one of the list of them.
const SAVED: &str = "saved run";
/// A run that reaches less than this share of what was asked says so.
const REACHED: f64 = 0.9;

impl LabScreen {
    pub(super) fn header(&self, area: Rect, theme: &Theme, buf: &mut Buffer) {
        let symbols = theme.symbols;
        let dim = theme.style(Role::Dim);
        let (now, seeking, pace) = self.frame().map_or_else(Default::default, |frame| {
            (frame.now, frame.seeking, frame.pace)
        });
        let seed = format!("seed {}", self.live.seed());
        let time = clock(now);
        let right = SPEED_WIDTH + time.width() as u16 + 3;
        let seed_width = seed.width() as u16 + 3;
        let title_room = usize::from(area.width.saturating_sub(right + seed_width));
        let state = self.saved_state().or_else(|| self.state());
        let mut pen = Pen::new(area, buf);
        pen.put(
            &theme.clip(self.spec.title, title_room.saturating_sub(1)),
            theme.style(Role::Title),
        );
        if let Some((text, role)) = state {
            // That it is a saved run is said where its end has no room.
            let short = text.starts_with(SAVED).then(|| SAVED.to_owned());
            for text in [Some(text), short].into_iter().flatten() {
                let text = format!(" {} {text}", symbols.none);
                if self.spec.title.width() + text.width() + 2 <= title_room {
                    pen.put(&text, theme.style(role));
                    break;
                }
            }
        }
        pen.to(area.width.saturating_sub(right + seed_width))
            .put_whole(&seed, dim)
            .to(area.width.saturating_sub(right))
            .put_whole(&time, theme.style(Role::Strong))
            .to(area.width.saturating_sub(SPEED_WIDTH));
        if let Some(wanted) = seeking {
            let text = format!("replays to {}", clock(wanted.to));
            pen.put(&text, theme.style(Role::Warning));
            return;
        }
        let (sign, role) = if self.live.is_playing() {
            (symbols.play, Role::Accent)
        } else {
            (symbols.pause, Role::Warning)
        };
        let asked = speed(self.live.speed().value());
        pen.put(sign, theme.style(role))
            .skip(1)
            .put(&asked, theme.style(Role::Text));
        // Only what the run has measured at this very speed is said of it.
        let settled = (pace.asked - self.live.speed().value()).abs() < f64::EPSILON;
        if self.live.is_playing() && pace.playing && settled && pace.reached < REACHED * pace.asked
        {
            let reached = format!(", reaches {}", speed(pace.reached));
            pen.put_whole(&reached, theme.style(Role::Warning));
        } else if !self.live.is_playing() {
            pen.put_whole(" paused", theme.style(Role::Dim));
        }
    }

    /// How the saved run that is repeated stands: until its end, or what was found there.
    fn saved_state(&self) -> Option<(String, Role)> {
        let saved = self.frame()?.saved.as_ref()?;
        Some(match saved.found {
            None => {
                let until = clock(saved.until);
                (format!("{SAVED}, to {until}"), Role::Dim)
            }
            Some(Replay::Same { .. }) => (format!("{SAVED}: its digest was reached"), Role::Good),
            Some(Replay::Differs { at, .. }) => {
                let at = clock(at);
                (format!("{SAVED}: another digest at {at}"), Role::Danger)
            }
        })
    }

    /// How the system is, in a few words: `leaf 3 slow`, `leaf 3 a down` where another copy is well, `2 slow, 1 down`.
    fn state(&self) -> Option<(String, Role)> {
        const STATES: [(NodeState, &str, Role); 4] = [
            (NodeState::Slow, "slow", Role::Warning),
            (NodeState::Paused, "paused", Role::Warning),
            (NodeState::Cut, "cut off", Role::Danger),
            (NodeState::Down, "down", Role::Danger),
        ];
        let frame = self.frame()?;
        let units = Units::of(frame);
        let worst = |unit: &Unit| {
            unit.worst(frame)
                .map_or(NodeState::Up, |(_, node)| node.state)
        };
        let unwell: Vec<&Unit> = units
            .0
            .iter()
            .filter(|unit| worst(unit) != NodeState::Up)
            .collect();
        let mut parts = Vec::new();
        let mut gravest = Role::Dim;
        for (state, word, role) in STATES {
            let count = unwell.iter().filter(|unit| worst(unit) == state).count();
            if count > 0 {
                parts.push(format!("{count} {word}"));
                gravest = role;
            }
        }
        let text = match unwell.as_slice() {
            [] => {
                let members: Vec<usize> = units.ranked(Rank::Member).collect();
                let role = units.0.get(*members.first()?)?.role;
                let busy = |unit: &usize| units.0[*unit].load(frame) >= BUSY;
                // What whoever asks has in progress is counted where it waits.
                let asked = units.0.iter().filter(|unit| unit.role.sign == Sign::Load);
                let waiting: u32 = asked.map(|unit| unit.queue(frame)).sum();
                let line = format!("{} in line", counted(waiting as usize, "request"));
                let how = match (members.iter().all(busy), waiting) {
                    (true, 0) => "all busy".to_owned(),
                    (true, _) => format!("all busy, {line}"),
                    (false, 0) => "all well".to_owned(),
                    (false, _) => line,
                };
                // Those with names of their own are of different kinds, with some of each.
                let count = if role.is_shown_by_name {
                    members.iter().map(|unit| units.0[*unit].nodes.len()).sum()
                } else {
                    members.len()
                };
                match count {
                    1 => format!("1 {}", role.word),
                    many => format!("{many} {}, {how}", role.plural),
                }
            }
            [unit] => {
                let state = parts.first().and_then(|part| part.split_once(' '));
                let name = match unit.worst(frame) {
                    Some((_, node)) if unit.role.is_shown_by_name => node.name.clone(),
                    _ => format!("{}{}", unit.name(), which_copy(unit, frame)),
                };
                format!("{name} {}", state.map_or("", |(_, word)| word))
            }
            _ => parts.join(", "),
        };
        Some((text, gravest))
    }
}

/// The newest lines, the last at the bottom.
pub(super) fn log(frame: &Frame, area: Rect, theme: &Theme, buf: &mut Buffer) {
    let height = usize::from(area.height);
    let first = frame.log.len().saturating_sub(height);
    // The newest always stands on the last row.
    let above = height.saturating_sub(frame.log.len());
    for (row, line) in (above..).zip(frame.log.iter().skip(first)) {
        let (sign, role) = match line.level {
            LogLevel::Info => (" ", Role::Dim),
            LogLevel::Warn => (theme.symbols.warning, Role::Warning),
            LogLevel::Bad => (theme.symbols.cross, Role::Danger),
        };
        let mut pen = Pen::at(area, row as u16, buf);
        pen.put(&clock(line.at), theme.style(Role::Faint))
            .skip(1)
            .put(sign, theme.style(role))
            .skip(1);
        let text = theme.clip(&line.text, pen.room());
        pen.put(&text, theme.style(role));
    }
}

/// What must hold. A breach comes first, with its moment and its culprit.
pub(super) fn invariants(frame: &Frame, area: Rect, theme: &Theme, buf: &mut Buffer) {
    if let Some(sides) = frame.sides() {
        invariants_of_both(sides, theme, area, buf);
        return;
    }
    let symbols = theme.symbols;
    let broken = frame.invariants.iter().find(|invariant| !invariant.held);
    if let Some(invariant) = broken {
        let at = invariant.first_broken_at.map(clock).unwrap_or_default();
        let text = format!(
            "{} broken at {at}: {} ({})",
            symbols.cross, invariant.name, invariant.detail
        );
        let mut pen = Pen::new(area, buf);
        if text.width() <= usize::from(area.width) {
            pen.put(&text, theme.style(Role::Danger));
            return;
        }
        let whole = "  y tells it whole";
        let room = usize::from(area.width).saturating_sub(whole.width());
        pen.put(&theme.clip(&text, room), theme.style(Role::Danger))
            .put(whole, theme.style(Role::Dim));
        return;
    }
    let needed: usize = frame
        .invariants
        .iter()
        .map(|invariant| invariant.name.width() + 5)
        .sum();
    let mut pen = Pen::new(area, buf);
    if needed > usize::from(area.width) {
        let text = format!("all {} invariants hold", frame.invariants.len());
        pen.put(symbols.tick, theme.style(Role::Good))
            .skip(1)
            .put(&text, theme.style(Role::Dim));
        return;
    }
    for invariant in &frame.invariants {
        pen.put(symbols.tick, theme.style(Role::Good))
            .skip(1)
            .put(invariant.name, theme.style(Role::Dim))
            .skip(3);
    }
}
