//! What has the keys instead of the lab itself: a value that is typed, the menu, the slowest requests.

use super::brief::BriefPanel;
use super::finder::Finder;
use super::limit::LimitPanel;
use super::menu::ActionMenu;
use super::slowest::Slowest;
use super::theory::TheoryPanel;
use super::typing::Typing;
use super::versus::CompareMenu;
use super::why::Why;
use super::{Cx, LabScreen};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crossterm::event::{KeyCode, KeyEvent};
use ddlab_labs::workbench::action::ArgumentKind;

/// What has the keys instead of the lab itself.
pub(super) enum Modal {
    Nothing,
    Typing(Typing),
    Finder(Finder),
    Menu(ActionMenu),
    Compare(CompareMenu),
    Slowest(Slowest),
    Why(Why),
    Limit(LimitPanel),
    Theory(TheoryPanel),
    Brief(BriefPanel),
}

impl LabScreen {
    pub(super) fn open_menu(&mut self, at: Option<char>) {
        let (nodes, name) = self.targets();
        let mut menu = ActionMenu::new(self.spec, self.selected, nodes, name);
        if let Some(key) = at {
            menu.type_char(key);
        }
        self.selected = menu.target().or(self.selected);
        self.modal = Modal::Menu(menu);
    }

    /// The numbers of the nodes that actions may be aimed at, and what one of them is called.
    pub(super) fn targets(&self) -> (Vec<u32>, &'static str) {
        let there = self.frame().map(|frame| frame.targets.clone());
        let word = self.spec.target().map_or("node", |role| role.word);
        (there.unwrap_or_else(|| vec![1]), word)
    }

    pub(super) fn act_in_menu(&mut self, action: Action) -> Vec<Effect> {
        let Modal::Menu(menu) = &mut self.modal else {
            return Vec::new();
        };
        match action {
            Action::Smaller => menu.turn(false),
            Action::Larger => menu.turn(true),
            Action::Open => return self.do_it(),
            Action::Back => {
                self.modal = Modal::Nothing;
                return Vec::new();
            }
            action => menu.act(action),
        }
        self.selected = menu.target().or(self.selected);
        Vec::new()
    }

    /// Does what the menu stands at, and closes it.
    pub(super) fn do_it(&mut self) -> Vec<Effect> {
        let Modal::Menu(menu) = &mut self.modal else {
            return Vec::new();
        };
        let Some(what) = menu.intervention() else {
            return Vec::new();
        };
        self.modal = Modal::Nothing;
        self.live.intervene(what)
    }

    pub(super) fn act_while_typing(&mut self, action: Action) -> Vec<Effect> {
        let Modal::Typing(typing) = &mut self.modal else {
            return Vec::new();
        };
        match action {
            Action::Open => {
                let value = self
                    .spec
                    .knobs
                    .get(self.focus)
                    .and_then(|knob| typing.value(knob));
                match value {
                    Some(value) => {
                        self.modal = Modal::Nothing;
                        self.set(self.focus, value)
                    }
                    None => Vec::new(),
                }
            }
            Action::Back => {
                self.modal = Modal::Nothing;
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn act_on_slowest(&mut self, action: Action, cx: &Cx<'_>) {
        let Modal::Slowest(slowest) = &mut self.modal else {
            return;
        };
        match action {
            Action::Back | Action::Slowest => self.modal = Modal::Nothing,
            action => slowest.act(action, cx.area),
        }
    }

    /// Keys that no binding knows: text that is typed, or the letter of an action.
    pub(super) fn type_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        let lab_has_the_keys = matches!(self.modal, Modal::Nothing);
        if lab_has_the_keys && (self.type_in_guide(key) || self.actions_are_given()) {
            return Vec::new();
        }
        match (&mut self.modal, key.code) {
            (Modal::Typing(typing), _) => typing.key(key),
            (Modal::Finder(finder), _) => finder.key(key),
            (Modal::Compare(menu), _) => {
                if let Some(typing) = &mut menu.typing {
                    typing.key(key);
                }
            }
            (Modal::Menu(menu), KeyCode::Backspace) => {
                menu.erase();
                self.selected = menu.target().or(self.selected);
            }
            (Modal::Menu(menu), KeyCode::Char(c)) => {
                menu.type_char(c);
                self.selected = menu.target().or(self.selected);
            }
            (Modal::Nothing, KeyCode::Char(c)) => {
                let known = self.spec.actions.iter().find(|action| action.key == c);
                // Aimed at what was selected, or at nothing in particular, it is done at once; else
                // the menu asks at what.
                if let Some(action) = known {
                    let needs_node = action.argument.aims_at_node()
                        && !matches!(action.argument, ArgumentKind::NodeOr { .. });
                    let aimed = self.selected.is_some() || !needs_node;
                    let mut effects = self.apply();
                    self.open_menu(Some(c));
                    if aimed {
                        effects.extend(self.do_it());
                    }
                    return effects;
                }
            }
            _ => {}
        }
        Vec::new()
    }
}
