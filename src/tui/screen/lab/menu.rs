//! The menu of actions: what one can do to the running system, and to what.

use crate::tui::theme::{Role, Theme};
use crate::tui::widget::pen::{Pen, clip};
use crate::tui::widget::popup;
use ddlab_labs::workbench::lab::{ActionSpec, ArgumentKind, LabSpec};
use ddlab_labs::workbench::run::Command;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// Border and padding of a popup.
const FRAME: (u16, u16) = (4, 2);
const NAME_WIDTH: u16 = 10;
const ARGUMENT_WIDTH: u16 = 16;
/// The most that can be typed of a number.
const DIGITS: usize = 6;

#[derive(Debug, Clone)]
pub struct Menu {
    actions: &'static [ActionSpec],
    at: usize,
    /// The number of the node that actions are aimed at, from 1.
    node: u32,
    nodes: u32,
    /// What the nodes are called.
    word: &'static str,
    /// The number of each action that takes one.
    amounts: Vec<f64>,
    /// Digits typed so far for the action in focus.
    typed: String,
}

impl Menu {
    /// Opens at the first action, aimed at a node among `nodes`.
    pub fn new(spec: &'static LabSpec, node: u32, nodes: u32, word: &'static str) -> Self {
        let amounts = spec.actions.iter().map(|action| match action.argument {
            ArgumentKind::Number { default, .. } => f64::from(default),
            _ => 0.0,
        });
        Self {
            actions: &spec.actions,
            at: 0,
            node: node.clamp(1, nodes.max(1)),
            nodes: nodes.max(1),
            word,
            amounts: amounts.collect(),
            typed: String::new(),
        }
    }

    /// The node that the action in focus is aimed at, if it is aimed at one.
    pub fn target(&self) -> Option<u32> {
        self.action()?.argument.aims_at_node().then_some(self.node)
    }

    pub fn move_by(&mut self, rows: isize) {
        self.typed.clear();
        self.at = self
            .at
            .saturating_add_signed(rows)
            .min(self.actions.len().saturating_sub(1));
    }

    /// Another node, or another amount.
    pub fn turn(&mut self, up: bool) {
        self.typed.clear();
        match self.action().map(|action| action.argument) {
            Some(kind) if kind.aims_at_node() => {
                self.node = match (up, self.node) {
                    (true, node) if node >= self.nodes => 1,
                    (true, node) => node + 1,
                    (false, 1) => self.nodes,
                    (false, node) => node - 1,
                };
            }
            Some(ArgumentKind::Number { .. }) => {
                let amount = &mut self.amounts[self.at];
                *amount = next_round(*amount, up);
            }
            Some(_) | None => {}
        }
    }

    /// A digit is part of the argument; the letter of an action goes to it.
    pub fn type_char(&mut self, c: char) {
        if let Some(at) = self.actions.iter().position(|action| action.key == c) {
            self.typed.clear();
            self.at = at;
        } else if c.is_ascii_digit() && self.typed.len() < DIGITS {
            self.typed.push(c);
            self.take_typed();
        }
    }

    pub fn erase(&mut self) {
        self.typed.pop();
        self.take_typed();
    }

    fn take_typed(&mut self) {
        let Ok(number) = self.typed.parse::<u32>() else {
            return;
        };
        match self.action().map(|action| action.argument) {
            Some(kind) if kind.aims_at_node() => self.node = number.clamp(1, self.nodes),
            Some(ArgumentKind::Number { .. }) => self.amounts[self.at] = f64::from(number),
            Some(_) | None => {}
        }
    }

    fn action(&self) -> Option<&'static ActionSpec> {
        self.actions.get(self.at)
    }

    /// What is asked of the run when the action in focus is done.
    pub fn command(&self) -> Option<Command> {
        let action = self.action()?;
        let argument = match action.argument {
            ArgumentKind::None => None,
            ArgumentKind::Node | ArgumentKind::NodeFor { .. } | ArgumentKind::NodeBy { .. } => {
                Some(self.node.to_string())
            }
            ArgumentKind::Number { .. } => Some(self.amounts[self.at].to_string()),
        };
        Some(Command::Act {
            action: action.name.to_owned(),
            argument,
        })
    }

    /// The row of the menu under this place: whether it has the focus, else it gets it.
    pub fn click(&mut self, area: Rect, at: Position) -> Click {
        let inner = self.inner(area);
        if !inner.contains(at) {
            return Click::Outside;
        }
        match usize::from(at.y - inner.y) {
            row if row == self.at => Click::Again,
            row if row < self.actions.len() => {
                self.typed.clear();
                self.at = row;
                Click::Moved
            }
            _ => Click::Moved,
        }
    }

    fn size(&self) -> (u16, u16) {
        let help = self
            .actions
            .iter()
            .map(|action| action.help.len() as u16)
            .max()
            .unwrap_or(0);
        let width = 2 + NAME_WIDTH + ARGUMENT_WIDTH + help + 2 + FRAME.0;
        (width, self.actions.len() as u16 + FRAME.1)
    }

    /// Where the rows stand: the middle, as the popup has it.
    fn inner(&self, area: Rect) -> Rect {
        let (width, height) = self.size();
        let frame = area.centered(
            ratatui::layout::Constraint::Length(width.min(area.width)),
            ratatui::layout::Constraint::Length(height.min(area.height)),
        );
        frame.inner(ratatui::layout::Margin::new(1, 1))
    }

    pub fn draw(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let (width, height) = self.size();
        let inner = popup::open("Do something to it", width, height, theme, area, buf);
        let symbols = theme.symbols;
        for (row, action) in self.actions.iter().enumerate() {
            let focused = row == self.at;
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
                .to(2 + NAME_WIDTH);
            let argument = match action.argument {
                ArgumentKind::None => String::new(),
                ArgumentKind::Node => format!("{} {}", self.word, self.node),
                ArgumentKind::NodeFor { default } | ArgumentKind::NodeBy { default } => {
                    format!("{} {} · {default}", self.word, self.node)
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
            pen.to(2 + NAME_WIDTH + ARGUMENT_WIDTH);
            let help = clip(action.help, pen.room().into(), symbols.ellipsis);
            pen.put(&help, theme.style(Role::Dim));
        }
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
mod tests {
    use super::*;
    use crate::tui::widget::fixture;

    fn act(action: &str, argument: &str) -> Command {
        Command::Act {
            action: action.to_owned(),
            argument: Some(argument.to_owned()),
        }
    }

    fn asked(menu: &Menu) -> Command {
        menu.command().expect("the table has actions")
    }

    #[test]
    fn arrows_and_digits_choose_the_node_and_it_stays_among_those_there_are() {
        let mut menu = Menu::new(fixture::spec(), 20, 20, "leaf");
        assert_eq!(asked(&menu), act("slow", "20"));
        menu.turn(true);
        assert_eq!(asked(&menu), act("slow", "1"), "it goes round");
        menu.type_char('1');
        menu.type_char('3');
        assert_eq!(asked(&menu), act("slow", "13"));
        menu.type_char('7');
        assert_eq!(
            asked(&menu),
            act("slow", "20"),
            "there are no more than twenty"
        );
        menu.erase();
        assert_eq!(asked(&menu), act("slow", "13"));
    }

    #[test]
    fn amounts_turn_in_round_steps() {
        let mut menu = Menu::new(fixture::spec(), 1, 20, "leaf");
        menu.type_char('B');
        assert_eq!(asked(&menu), act("burst", "500"));
        menu.turn(true);
        assert_eq!(asked(&menu), act("burst", "1000"));
        menu.turn(false);
        menu.turn(false);
        assert_eq!(asked(&menu), act("burst", "200"));
        assert_eq!(menu.target(), None);
    }
}
