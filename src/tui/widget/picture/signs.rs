//! How a node looks: a bar for its load, a sign and a word for its state. The word is there for those
//! who see no colour.

use super::units::Unit;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::pen::Pen;
use ddlab_labs::workbench::frame::{FlightKind, Frame, NodeState, NodeView};
use ddlab_labs::workbench::role::Sign;
use ddlab_text::many;
use unicode_width::UnicodeWidthStr;

/// Work waits from here on, or soon will.
const BUSY: f64 = 0.9;

/// The bar of a node in one cell.
pub fn bar(node: &NodeView, theme: &Theme) -> (&'static str, Role) {
    bar_of(node.state, node.load, theme)
}

fn bar_of(state: NodeState, load: f64, theme: &Theme) -> (&'static str, Role) {
    let symbols = theme.symbols;
    match state {
        NodeState::Down => (symbols.cross, Role::Danger),
        NodeState::Paused => (symbols.pause, Role::Warning),
        NodeState::Up | NodeState::Slow | NodeState::Cut => {
            let level = ((load * 8.0).ceil() as usize).clamp(1, 8);
            (symbols.levels[level], colour(state, load))
        }
    }
}

/// The same for several nodes in one cell: the worst of them.
pub fn heat(state: NodeState, load: f64, theme: &Theme) -> (&'static str, Role) {
    match state {
        NodeState::Cut => ("/", Role::Danger),
        _ => bar_of(state, load, theme),
    }
}

fn colour(state: NodeState, load: f64) -> Role {
    match state {
        NodeState::Cut | NodeState::Down => Role::Danger,
        NodeState::Slow | NodeState::Paused => Role::Warning,
        NodeState::Up if load >= BUSY => Role::Warning,
        NodeState::Up if load < 0.02 => Role::Faint,
        NodeState::Up => Role::Accent,
    }
}

/// The state of a node in a word, unless it is well.
pub fn state(node: &NodeView, theme: &Theme) -> Option<(String, Role)> {
    let symbols = theme.symbols;
    let (sign, word, role) = match node.state {
        NodeState::Up => return None,
        NodeState::Slow => (symbols.warning, "slow", Role::Warning),
        NodeState::Paused => (symbols.pause, "paused", Role::Warning),
        NodeState::Down => (symbols.cross, "down", Role::Danger),
        NodeState::Cut => ("/", "cut", Role::Danger),
    };
    Some((format!("{sign} {word}"), role))
}

/// What is to be said of a unit beside its bars: `! a 20x`, `✗ down`; nothing of one that is well.
pub fn remark(unit: &Unit, frame: &Frame, theme: &Theme) -> Option<(String, Role)> {
    let (_, node) = unit.worst(frame)?;
    let symbols = theme.symbols;
    let (sign, word, role) = match node.state {
        NodeState::Up => return badge(unit.views(frame)).map(|text| (text, Role::Dim)),
        NodeState::Slow => (symbols.warning, "slow", Role::Warning),
        NodeState::Paused => (symbols.pause, "paused", Role::Warning),
        NodeState::Down => (symbols.cross, "down", Role::Danger),
        NodeState::Cut => ("/", "cut", Role::Danger),
    };
    let word = match node.state {
        NodeState::Slow if !node.badge.is_empty() => node.badge.as_str(),
        _ => word,
    };
    let which = which_copy(unit, frame);
    Some((format!("{sign}{which} {word}"), role))
}

/// Which of the copies is worst off, as ` a`: it matters as long as the others are well.
pub fn which_copy(unit: &Unit, frame: &Frame) -> String {
    let nodes = unit.views(frame);
    let Some((replica, node)) = unit.worst(frame) else {
        return String::new();
    };
    let alike = nodes.iter().filter(|other| other.state == node.state);
    if alike.count() < nodes.len() {
        format!(" {}", letter(replica))
    } else {
        String::new()
    }
}

/// What a copy is called among the others.
fn letter(replica: usize) -> char {
    char::from(b'a' + (replica % 26) as u8)
}

/// The word beside nodes that are all well; where only one of several has one, which that is: `a primary`.
fn badge(nodes: &[NodeView]) -> Option<String> {
    let all = nodes.iter().enumerate();
    let mut with = all.filter(|(_, node)| !node.badge.is_empty());
    let (replica, node) = with.next()?;
    Some(if nodes.len() > 1 && with.next().is_none() {
        format!("{} {}", letter(replica), node.badge)
    } else {
        node.badge.clone()
    })
}

/// The load of a node as a bar of this many cells: filled as far as it is in use, a thin line for the rest.
pub fn long_bar(node: &NodeView, cells: u16, theme: &Theme, pen: &mut Pen<'_>) {
    let symbols = theme.symbols;
    let style = theme.style(bar(node, theme).1);
    let mut left = cells;
    match node.state {
        NodeState::Down => {
            pen.put(symbols.cross, style);
            left -= 1;
        }
        NodeState::Paused => {
            pen.put(symbols.pause, style);
            left -= 1;
        }
        NodeState::Up | NodeState::Slow | NodeState::Cut => {
            // What is at work at all is seen.
            let eighths = (node.load.clamp(0.0, 1.0) * f64::from(cells) * 8.0).ceil() as usize;
            let (whole, part) = (eighths / 8, eighths % 8);
            pen.fill(symbols.eighths[8], whole as u16, style);
            left -= whole as u16;
            if part > 0 {
                pen.put(symbols.eighths[part], style);
                left -= 1;
            }
        }
    }
    pen.fill(symbols.track, left, theme.style(Role::Faint));
}

/// Long bars of the copies, and what [`describe`] says of a unit.
pub fn describe_long(unit: &Unit, cells: u16, frame: &Frame, theme: &Theme, pen: &mut Pen<'_>) {
    for node in unit.views(frame) {
        long_bar(node, cells, theme, pen);
        pen.skip(1);
    }
    say(unit, frame, theme, pen);
}

/// Bars of the copies, remark and queue of a unit. The queue is written whole or not at all.
pub fn describe(unit: &Unit, frame: &Frame, theme: &Theme, pen: &mut Pen<'_>) {
    let queue = unit.queue(frame);
    if unit.role.sign == Sign::InProgress {
        let text = format!("{} in progress", many(queue));
        pen.put(&text, theme.style(Role::Dim));
        if let Some((text, role)) = remark(unit, frame, theme) {
            pen.skip(2).put(&text, theme.style(role));
        }
        return;
    }
    for node in unit.views(frame) {
        let (sign, role) = bar(node, theme);
        pen.put(sign, theme.style(role));
    }
    say(unit, frame, theme, pen);
}

/// The remark and the queue of a unit.
fn say(unit: &Unit, frame: &Frame, theme: &Theme, pen: &mut Pen<'_>) {
    let queue = match unit.queue(frame) {
        0 => String::new(),
        waiting => format!(" q{waiting}"),
    };
    if let Some((text, role)) = remark(unit, frame, theme) {
        let text = format!(" {text}");
        // The words give way to the queue, whose number must be whole.
        let room = usize::from(pen.room()).saturating_sub(queue.width());
        let text = if text.width() > room && role != Role::Dim {
            // Of a state the sign says it all.
            text.chars().take(2).collect()
        } else {
            theme.clip(&text, room)
        };
        pen.put(&text, theme.style(role));
    }
    pen.put_whole(&queue, theme.style(Role::Warning));
}

/// How a message looks. Direction and kind are told by shape, colour only helps.
pub fn message(kind: FlightKind, theme: &Theme) -> (&'static str, Role) {
    let symbols = theme.symbols;
    let ascii = theme.is_ascii();
    match kind {
        FlightKind::Request => (symbols.right, Role::Accent),
        FlightKind::Reply => (symbols.left, Role::Good),
        FlightKind::Hedge => (if ascii { "+" } else { "»" }, Role::Warning),
        FlightKind::Cancel => (symbols.times, Role::Dim),
        FlightKind::Error => (symbols.warning, Role::Danger),
    }
}

/// A node in one cell.
pub fn cell_of_node(node: &NodeView, theme: &Theme) -> (&'static str, Role) {
    bar(node, theme)
}

/// Several units in one cell: the worst state and the greatest load of them.
pub fn cell_of_units(units: &[&Unit], frame: &Frame, theme: &Theme) -> (&'static str, Role) {
    let worst = units.iter().max_by_key(|unit| unit.urgency(frame));
    let state = worst
        .and_then(|unit| unit.worst(frame))
        .map_or(NodeState::Up, |(_, node)| node.state);
    let load = units
        .iter()
        .map(|unit| unit.load(frame))
        .fold(0.0, f64::max);
    heat(state, load, theme)
}
