//! A question answered with the mouse: options are clicked, items are dragged to their place or taken up
//! by one click and put down by the next, a match is clicked left and right.

use super::pick::Pick;
use super::{Quiz, Reply, Sheet, sheet};
use crossterm::event::{MouseButton, MouseEventKind};

/// What the mouse did on a line and in a column of the [`Sheet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gesture {
    Press,
    /// It moved while the button was down.
    Drag,
    Release,
}

impl Gesture {
    /// Of the left button; others mean nothing here.
    pub fn of(kind: MouseEventKind) -> Option<Self> {
        match kind {
            MouseEventKind::Down(MouseButton::Left) => Some(Self::Press),
            MouseEventKind::Drag(MouseButton::Left) => Some(Self::Drag),
            MouseEventKind::Up(MouseButton::Left) => Some(Self::Release),
            _ => None,
        }
    }
}

/// What a line of the sheet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// A choice, an item, the left of a pair.
    Row(usize),
    /// A right to be given to a left, by its place.
    Right(usize),
    /// Where one says how sure one is.
    Sureness,
    /// Where a number is typed.
    Field,
}

impl Quiz {
    pub fn mouse(&mut self, gesture: Gesture, sheet: &Sheet, line: usize, column: usize) -> Reply {
        let target = sheet.target_at(line);
        if self.given.is_some() {
            return Reply::Ignored;
        }
        match gesture {
            Gesture::Press => self.press(target, column),
            Gesture::Drag => self.drag(target),
            Gesture::Release => self.release(),
        }
    }

    fn press(&mut self, target: Option<Target>, column: usize) -> Reply {
        match target {
            Some(Target::Row(row)) => self.press_row(row),
            Some(Target::Right(place)) => {
                if let Some(next) = self.pick.give(self.cursor, place) {
                    self.cursor = next;
                }
            }
            Some(Target::Sureness) => match sheet::sureness_at(column) {
                Some(confidence) if self.confidence == Some(confidence) => self.confidence = None,
                Some(confidence) => self.confidence = Some(confidence),
                None => return Reply::Ignored,
            },
            Some(Target::Field) => {}
            None => return Reply::Ignored,
        }
        self.refusal = None;
        Reply::Changed
    }

    fn press_row(&mut self, row: usize) {
        match &mut self.pick {
            Pick::Order { holding: true, .. } => {
                self.cursor = self.pick.carry(self.cursor, row);
                self.pick.toggle(row);
            }
            Pick::Order { .. } => {
                self.cursor = row;
                self.pick.toggle(row);
                self.dragging = Some(false);
            }
            // The right that is clicked next goes to this left.
            Pick::Match(_) => self.cursor = row,
            _ => {
                self.cursor = row;
                self.pick.toggle(row);
            }
        }
    }

    /// The item that was taken up goes where the mouse goes.
    fn drag(&mut self, target: Option<Target>) -> Reply {
        match (self.dragging, target) {
            (Some(_), Some(Target::Row(row))) if row != self.cursor => {
                self.cursor = self.pick.carry(self.cursor, row);
                self.dragging = Some(true);
                Reply::Changed
            }
            _ => Reply::Ignored,
        }
    }

    /// Where it was dragged to it is put down; one that was only clicked stays taken up for the next click.
    fn release(&mut self) -> Reply {
        if self.dragging.take() == Some(true) {
            self.pick.toggle(self.cursor);
            return Reply::Changed;
        }
        Reply::Ignored
    }
}
