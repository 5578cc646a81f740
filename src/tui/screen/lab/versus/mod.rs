//! Comparing: the run beside the same one with another value of a knob.
//!
//! Here is how the other value is chosen; [`view`] draws two runs side by side.

mod view;

use crate::tui::widget::parts::Parts;
pub(super) use view::{Pairs, invariants_of_both, lines, side_title};
use view::{legend, price};

use super::typing::Typing;
use super::{Cx, LabScreen, Modal};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::pen::Pen;
use crate::tui::widget::picker::{Items, Picker};
use crate::tui::widget::popup;
use crossterm::event::MouseEvent;
use ddlab_labs::workbench::knob::{KnobSpec, KnobValue};
use ddlab_labs::workbench::run::Command;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Border and padding of a popup.
const FRAME: (u16, u16) = (4, 2);
/// Room for a value of each side.
const VALUE_WIDTH: u16 = 20;

/// Which knobs the other run has at another value.
pub(super) struct CompareMenu {
    knobs: &'static [KnobSpec],
    /// As they are in this run.
    own: Vec<KnobValue>,
    /// As they are to be in the other one.
    other: Vec<KnobValue>,
    picker: Picker,
    pub typing: Option<Typing>,
}

impl CompareMenu {
    /// Begins at this knob, one step away from where it stands.
    pub fn new(knobs: &'static [KnobSpec], values: &[KnobValue], focus: usize) -> Self {
        let mut menu = Self {
            knobs,
            own: values.to_vec(),
            other: values.to_vec(),
            picker: Picker::at(focus.min(knobs.len().saturating_sub(1))),
            typing: None,
        };
        menu.turn(1);
        if menu.difference().is_empty() {
            menu.turn(-1);
        }
        menu
    }

    fn turn(&mut self, turns: i32) {
        let at = self.picker.chosen();
        if let (Some(knob), Some(value)) = (self.knobs.get(at), self.other.get_mut(at)) {
            *value = knob.turned(value, turns);
        }
    }

    /// Takes what was typed; false when it is not a value of this knob.
    fn take_typed(&mut self) -> bool {
        let at = self.picker.chosen();
        let (Some(typing), Some(knob)) = (&mut self.typing, self.knobs.get(at)) else {
            return false;
        };
        let Some(value) = typing.value(knob) else {
            return false;
        };
        self.other[at] = value;
        self.typing = None;
        true
    }

    pub fn paste(&mut self, text: &str) {
        if let Some(typing) = &mut self.typing {
            typing.paste(text);
        }
    }

    /// The knobs that are apart, with the value of the other run.
    fn difference(&self) -> Vec<(String, KnobValue)> {
        let pairs = self.own.iter().zip(&self.other);
        self.knobs
            .iter()
            .zip(pairs)
            .filter(|(_, (own, other))| own != other)
            .map(|(knob, (_, other))| (knob.name.to_owned(), other.clone()))
            .collect()
    }

    fn items(&self) -> Items {
        Items::plain(self.knobs.len())
    }

    /// The rows of the knobs, where the popup has them.
    fn list(&self, area: Rect) -> Rect {
        let (width, height) = self.size();
        list_of(popup::inner(width, height, area))
    }

    fn name_width(&self) -> u16 {
        let names = self.knobs.iter().map(|knob| knob.name.width());
        names.max().unwrap_or(0) as u16
    }

    fn size(&self) -> (u16, u16) {
        let width = FRAME.0 + 1 + self.name_width() + 2 + 2 * VALUE_WIDTH + 5;
        (width, self.knobs.len() as u16 + 3 + FRAME.1)
    }

    pub fn mouse(&mut self, mouse: MouseEvent, area: Rect) {
        if self.typing.is_none() {
            let (items, list) = (self.items(), self.list(area));
            self.picker.mouse(mouse, &items, list);
        }
    }

    pub fn draw(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let name_width = self.name_width();
        let (width, height) = self.size();
        let title = "Compare with the same run, but";
        let inner = popup::open(title, width, height, theme, area, buf);
        let values = Self::values_width(name_width, inner.width);
        Pen::new(inner, buf)
            .to(1 + name_width + 2)
            .put("this run", theme.style(Role::Faint))
            .to(1 + name_width + 2 + values + 2)
            .put("the other run", theme.style(Role::Faint));
        let list = list_of(inner);
        for (n, line) in self.picker.in_view(&self.items(), list) {
            self.row(n, &self.knobs[n], name_width, line, theme, buf);
        }
        self.said(theme, inner.last_row(), buf);
    }

    /// Cells for a value of each run.
    fn values_width(name_width: u16, width: u16) -> u16 {
        VALUE_WIDTH.min(width.saturating_sub(name_width + 8) / 2)
    }

    fn row(
        &self,
        n: usize,
        knob: &KnobSpec,
        name_width: u16,
        line: Rect,
        theme: &Theme,
        buf: &mut Buffer,
    ) {
        let symbols = theme.symbols;
        let focused = n == self.picker.chosen();
        let apart = self.own[n] != self.other[n];
        let (cursor, name) = if focused {
            (symbols.cursor, Role::Accent)
        } else {
            (" ", if apart { Role::Text } else { Role::Dim })
        };
        let values = Self::values_width(name_width, line.width);
        let cut = |value: &KnobValue| theme.clip(&knob.human(value), values);
        let mut pen = Pen::new(line, buf);
        pen.put(cursor, theme.style(Role::Accent))
            .put(knob.name, theme.style(name))
            .to(1 + name_width + 2)
            .put(&cut(&self.own[n]), theme.style(Role::Dim))
            .to(1 + name_width + 2 + values + 1);
        if !focused && !apart {
            return;
        }
        let arrows = if focused { Role::Accent } else { Role::Faint };
        let figure = if focused {
            Role::Selection
        } else {
            Role::Strong
        };
        pen.put(symbols.left, theme.style(arrows));
        match (&self.typing, focused) {
            (Some(typing), true) => pen.put(typing.text(), theme.style(Role::Selection)),
            _ => pen.put(&cut(&self.other[n]), theme.style(figure)),
        }
        .put(symbols.right, theme.style(arrows));
    }

    /// What the knob in focus does, or what is wrong with what was typed.
    fn said(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let Some(knob) = self.knobs.get(self.picker.chosen()) else {
            return;
        };
        let trouble = self
            .typing
            .as_ref()
            .and_then(|typing| typing.trouble.clone());
        let (text, role) = match (trouble, &self.typing) {
            (Some(trouble), _) => (format!("{} {trouble}", theme.symbols.cross), Role::Danger),
            (None, Some(_)) => (knob.range(), Role::Dim),
            (None, None) => (knob.help.to_owned(), Role::Dim),
        };
        let text = theme.clip(&text, area.width);
        Pen::new(area, buf).put(&text, theme.style(role));
    }
}

/// Below the heads of the columns, above what is said of the knob.
fn list_of(inner: Rect) -> Rect {
    inner.below(1).above(2)
}

impl LabScreen {
    /// Whether two runs stand side by side, as far as frames tell.
    pub(super) fn is_comparing(&self) -> bool {
        self.frame().is_some_and(|frame| frame.other.is_some())
    }

    /// Begins to choose what to compare with; ends a comparison that is on.
    pub(super) fn compare(&mut self) -> Vec<Effect> {
        if self.is_comparing() {
            return self.live.send(Command::EndCompare);
        }
        if self.live.id().is_some() && self.live.trouble().is_none() {
            let menu = CompareMenu::new(&self.spec.knobs, self.values(), self.focus);
            self.modal = Modal::Compare(menu);
        }
        Vec::new()
    }

    pub(super) fn act_in_compare_menu(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        let Modal::Compare(menu) = &mut self.modal else {
            return Vec::new();
        };
        if menu.typing.is_some() {
            match action {
                Action::Open => {
                    menu.take_typed();
                }
                Action::Back => menu.typing = None,
                _ => {}
            }
            return Vec::new();
        }
        match action {
            Action::Larger => menu.turn(1),
            Action::Smaller => menu.turn(-1),
            Action::Edit => {
                menu.typing = menu.other.get(menu.picker.chosen()).map(Typing::of);
            }
            Action::Back => self.modal = Modal::Nothing,
            Action::Open => {
                let apart = menu.difference();
                self.modal = Modal::Nothing;
                if !apart.is_empty() {
                    return self.live.send(Command::Compare(apart));
                }
            }
            action => {
                let (items, list) = (menu.items(), menu.list(cx.area));
                menu.picker.act(action, &items, list.height.into());
            }
        }
        Vec::new()
    }

    /// Draws what sets the two apart, and below it what that comes to.
    pub(super) fn versus(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        if let Some(frame) = self.frame() {
            legend(frame, &self.spec.knobs, cx.theme, area.row(0), buf);
            price(frame, self.spec, cx.theme, area.row(1), buf);
        }
    }
}
