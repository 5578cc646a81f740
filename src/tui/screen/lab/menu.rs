//! The menu of actions: what one can do to the running system, and to what.

use crate::tui::keymap;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::picker::{Items, Picked, Picker};
use crate::tui::widget::popup;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ddlab_labs::workbench::action::{Action, ActionSpec, ArgumentKind};
use ddlab_labs::workbench::intervention::Intervention;
use ddlab_labs::workbench::lab::LabSpec;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Paragraph, Widget, Wrap};
use unicode_width::UnicodeWidthStr;

/// Border and padding of a popup.
const FRAME: (u16, u16) = (4, 2);
const NAME_GAP: u16 = 2;
const ARGUMENT_WIDTH: u16 = 20;
/// An empty row, and what may be typed.
const HINT_ROWS: u16 = 2;
/// The most that can be typed of an argument.
const TYPED_MAX: usize = 12;

#[derive(Debug, Clone)]
pub struct ActionMenu {
    actions: &'static [ActionSpec],
    picker: Picker,
    /// The number of the node that actions are aimed at.
    node: u32,
    /// An action whose node may be left out is done without one.
    any: bool,
    /// The numbers that there are, in order; at least one.
    nodes: Vec<u32>,
    /// What the nodes are called.
    word: &'static str,
    /// The number of each action that takes one.
    amounts: Vec<f64>,
    /// How long or by how much, of each action that takes it beside a node.
    extents: Vec<String>,
    /// What is typed so far for the action in focus: `2`, `500`, `2:40s`.
    typed: String,
    /// What is wrong with the argument, once it was tried.
    trouble: Option<String>,
}

impl ActionMenu {
    /// Opens at the first action, aimed at the node that was selected or else the first there is.
    pub fn new(
        spec: &'static LabSpec,
        selected: Option<u32>,
        nodes: Vec<u32>,
        word: &'static str,
    ) -> Self {
        let first = nodes.first().copied().unwrap_or(1);
        let amount = |action: &ActionSpec| match action.argument {
            ArgumentKind::Number { default, .. } => f64::from(default),
            _ => 0.0,
        };
        let extent = |action: &ActionSpec| match action.argument {
            ArgumentKind::NodeFor { default } | ArgumentKind::NodeBy { default } => default,
            _ => "",
        };
        let nodes = if nodes.is_empty() { vec![1] } else { nodes };
        Self {
            actions: &spec.actions,
            picker: Picker::default(),
            node: selected
                .filter(|node| nodes.contains(node))
                .unwrap_or(first),
            any: selected.is_none(),
            nodes,
            word,
            amounts: spec.actions.iter().map(amount).collect(),
            extents: spec.actions.iter().map(|a| extent(a).to_owned()).collect(),
            typed: String::new(),
            trouble: None,
        }
    }

    /// The node that the action in focus is aimed at, if it is aimed at one.
    pub fn target(&self) -> Option<u32> {
        match self.kind()? {
            ArgumentKind::NodeOr { .. } if self.any => None,
            kind => kind.aims_at_node().then_some(self.node),
        }
    }

    fn go_to(&mut self, row: usize) {
        self.typed.clear();
        self.trouble = None;
        self.picker = Picker::at(row.min(self.actions.len().saturating_sub(1)));
    }

    /// Moves as a key asks.
    pub fn act(&mut self, action: keymap::Action) {
        let (mut picker, items) = (self.picker, Items::plain(self.actions.len()));
        if picker.act(action, &items, items.count()) {
            self.go_to(picker.chosen());
        }
    }

    /// Another node, or another amount.
    pub fn turn(&mut self, up: bool) {
        self.typed.clear();
        self.trouble = None;
        match self.kind() {
            Some(ArgumentKind::NodeOr { .. }) => self.turn_or_any(up),
            Some(kind) if kind.aims_at_node() => self.node = self.neighbour(up).0,
            Some(ArgumentKind::Number { max, .. }) => {
                let amount = &mut self.amounts[self.picker.chosen()];
                *amount = next_round(*amount, up).min(f64::from(max));
            }
            Some(_) | None => {}
        }
    }

    /// The next node, and whether that went round the end.
    fn neighbour(&self, up: bool) -> (u32, bool) {
        let at = self.nodes.iter().position(|node| *node == self.node);
        let (at, last) = (at.unwrap_or(0), self.nodes.len() - 1);
        match (up, at) {
            (true, at) if at == last => (self.nodes[0], true),
            (true, at) => (self.nodes[at + 1], false),
            (false, 0) => (self.nodes[last], true),
            (false, at) => (self.nodes[at - 1], false),
        }
    }

    /// To leave the choice to the lab lies between the last node and the first.
    fn turn_or_any(&mut self, up: bool) {
        if self.any {
            let last = self.nodes.len() - 1;
            self.node = self.nodes[if up { 0 } else { last }];
            self.any = false;
        } else {
            let (node, round) = self.neighbour(up);
            self.any = round;
            if !round {
                self.node = node;
            }
        }
    }

    /// A digit is part of the argument, and so is what may follow a node: `2:40s`. The letter of an
    /// action goes to it.
    pub fn type_char(&mut self, c: char) {
        if let Some(at) = self.actions.iter().position(|action| action.key == c) {
            return self.go_to(at);
        }
        let beside = self.takes_extent() && !self.typed.is_empty();
        let fits = c.is_ascii_digit() || (beside && matches!(c, ':' | '.' | 'm' | 's' | 'h'));
        if fits && self.typed.len() < TYPED_MAX {
            self.typed.push(c);
            self.take_typed();
        }
    }

    pub fn erase(&mut self) {
        self.typed.pop();
        self.take_typed();
    }

    fn take_typed(&mut self) {
        self.trouble = None;
        let typed = self.typed.clone();
        let (number, extent) = match typed.split_once(':') {
            Some((number, extent)) => (number, Some(extent)),
            None => (typed.as_str(), None),
        };
        let Ok(number) = number.parse::<u32>() else {
            return;
        };
        match self.kind() {
            Some(kind) if kind.aims_at_node() => {
                self.any = false;
                self.node = self.nearest(number);
                if let Some(extent) = extent.filter(|extent| !extent.is_empty()) {
                    extent.clone_into(&mut self.extents[self.picker.chosen()]);
                }
            }
            Some(ArgumentKind::Number { .. }) => {
                self.amounts[self.picker.chosen()] = f64::from(number);
            }
            Some(_) | None => {}
        }
    }

    /// The node of this number, or the one that comes closest.
    fn nearest(&self, number: u32) -> u32 {
        let nodes = self.nodes.iter().copied();
        nodes
            .min_by_key(|node| node.abs_diff(number))
            .unwrap_or(number)
    }

    fn action(&self) -> Option<&'static ActionSpec> {
        self.actions.get(self.picker.chosen())
    }

    fn kind(&self) -> Option<ArgumentKind> {
        self.action().map(|action| action.argument)
    }

    fn takes_extent(&self) -> bool {
        matches!(
            self.kind(),
            Some(ArgumentKind::NodeFor { .. } | ArgumentKind::NodeBy { .. })
        )
    }

    fn argument(&self) -> Option<String> {
        match self.kind()? {
            ArgumentKind::None => None,
            ArgumentKind::NodeOr { .. } if self.any => None,
            ArgumentKind::Node | ArgumentKind::NodeOr { .. } => Some(self.node.to_string()),
            ArgumentKind::NodeFor { .. } | ArgumentKind::NodeBy { .. } => Some(format!(
                "{}:{}",
                self.node,
                self.extents[self.picker.chosen()]
            )),
            ArgumentKind::Number { .. } => Some(self.amounts[self.picker.chosen()].to_string()),
        }
    }

    /// The action in focus with its argument. None, and said in the menu, when the argument does not fit.
    pub fn intervention(&mut self) -> Option<Intervention> {
        let (action, argument) = (self.action()?, self.argument());
        match Action::from_parts(action.name, argument.as_deref(), self.actions) {
            Ok(action) => Some(Intervention::Act(action)),
            Err(error) => {
                self.trouble = Some(error.to_string());
                None
            }
        }
    }

    /// The mouse over the menu, and a click beside it.
    pub fn mouse(&mut self, mouse: MouseEvent, area: Rect) -> Click {
        let inner = self.inner(area);
        let pressed = mouse.kind == MouseEventKind::Down(MouseButton::Left);
        if pressed && !inner.contains(Position::new(mouse.column, mouse.row)) {
            return Click::Outside;
        }
        let (mut picker, items) = (self.picker, Items::plain(self.actions.len()));
        match picker.mouse(mouse, &items, inner) {
            Picked::Opened => return Click::Again,
            Picked::Moved => self.go_to(picker.chosen()),
            Picked::Nothing => {}
        }
        Click::Moved
    }

    fn argument_at(&self) -> u16 {
        let names = self.actions.iter().map(|action| action.name.len() as u16);
        2 + 1 + names.max().unwrap_or(0) + NAME_GAP
    }

    fn help_at(&self) -> u16 {
        self.argument_at() + ARGUMENT_WIDTH
    }

    /// What may be typed for the action in focus.
    fn hint(&self) -> String {
        match self.kind() {
            None | Some(ArgumentKind::None) => String::new(),
            Some(ArgumentKind::Node) => format!("arrows or digits choose the {}", self.word),
            Some(ArgumentKind::NodeOr { words }) => {
                format!("arrows or digits choose the {}, or {words}", self.word)
            }
            Some(ArgumentKind::Number { .. }) => "arrows or digits set the number".to_owned(),
            Some(ArgumentKind::NodeFor { default } | ArgumentKind::NodeBy { default }) => {
                format!("type another {} or amount, such as 2:{default}", self.word)
            }
        }
    }

    fn size(&self) -> (u16, u16) {
        let help = self
            .actions
            .iter()
            .map(|action| action.help.len() as u16)
            .max()
            .unwrap_or(0);
        let width = self.help_at() + help + 2 + FRAME.0;
        (width, self.actions.len() as u16 + HINT_ROWS + FRAME.1)
    }

    /// Where the rows stand.
    fn inner(&self, area: Rect) -> Rect {
        let (width, height) = self.size();
        popup::inner(width, height, area)
    }

    pub fn draw(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let (width, height) = self.size();
        let inner = popup::open("Do something to it", width, height, theme, area, buf);
        let symbols = theme.symbols;
        for (row, action) in self.actions.iter().enumerate() {
            let focused = row == self.picker.chosen();
            let (cursor, name) = if focused {
                (symbols.cursor, Role::Selection)
            } else {
                (" ", Role::Text)
            };
            let mut pen = Pen::at(inner, row as u16, buf);
            pen.put(cursor, theme.style(Role::Accent))
                .put(&action.key.to_string(), theme.style(Role::Key))
                .skip(1)
                .put(action.name, theme.style(name))
                .to(self.argument_at());
            let argument = match action.argument {
                ArgumentKind::None => String::new(),
                ArgumentKind::NodeOr { words } if self.any => words.to_owned(),
                ArgumentKind::Node | ArgumentKind::NodeOr { .. } => action.called(self.node),
                ArgumentKind::NodeFor { .. } => {
                    format!("{}, {}", action.called(self.node), self.extents[row])
                }
                ArgumentKind::NodeBy { .. } => {
                    format!("{}, {}x", action.called(self.node), self.extents[row])
                }
                ArgumentKind::Number { unit, .. } => format!("{} {unit}", self.amounts[row]),
            };
            if !argument.is_empty() {
                let (arrows, figure) = if focused {
                    (Role::Accent, Role::Strong)
                } else {
                    (Role::Faint, Role::Dim)
                };
                pen.put(symbols.left, theme.style(arrows))
                    .put(argument.trim_end(), theme.style(figure))
                    .put(symbols.right, theme.style(arrows));
            }
            pen.to(self.help_at());
            let help = theme.clip(action.help, pen.room());
            pen.put(&help, theme.style(Role::Dim));
        }
        self.below(inner, theme, buf);
    }

    /// Below the actions: what the one in focus does, where its row had no room for it; and what may be
    /// typed, or what was wrong with it.
    fn below(&self, inner: Rect, theme: &Theme, buf: &mut Buffer) {
        let symbols = theme.symbols;
        let rows = self.actions.len() as u16;
        if let Some(trouble) = &self.trouble {
            Paragraph::new(format!("{} {trouble}", symbols.cross))
                .style(theme.style(Role::Danger))
                .wrap(Wrap { trim: true })
                .render(inner.below(rows), buf);
            return;
        }
        let mut put = |row: u16, text: &str, role| {
            let text = theme.clip(text, inner.width);
            Pen::at(inner, row, buf).put(&text, theme.style(role));
        };
        let help = self.action().map_or("", |action| action.help);
        if help.width() > usize::from(inner.width.saturating_sub(self.help_at())) {
            put(rows, help, Role::Text);
        }
        put(rows + 1, &self.hint(), Role::Faint);
    }
}

/// What a click on the menu came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Click {
    Outside,
    Moved,
    /// On the row that already had the focus: do it.
    Again,
}

/// The next number of 1, 2, 5, 10, 20, 50…
fn next_round(value: f64, up: bool) -> f64 {
    let decade = 10f64.powf(value.max(1.0).log10().floor());
    let rungs = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0].map(|m| m * decade);
    let next = if up {
        rungs.into_iter().find(|rung| *rung > value * 1.001)
    } else {
        rungs.into_iter().rev().find(|rung| *rung < value * 0.999)
    };
    next.map_or(value, |rung| rung.max(1.0))
}

#[cfg(test)]
mod tests;
