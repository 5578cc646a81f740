//! A drawing pad for boxes and arrows in text, since people draw in these interviews. Commands are words, so
//! it works in a pipe as on a screen: `box root`, `arrow root leaf search`, `move root 30 4`, `remove root`.

use ddlab_text::given;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// Columns and rows of the pad.
const SIZE: (usize, usize) = (76, 40);
/// A name on a box is cut here.
const NAME_MAX: usize = 18;
const BOX_HEIGHT: usize = 3;
/// Where boxes are placed unless one says: columns and rows from one to the next.
const STEP: (usize, usize) = (26, 6);

/// What was drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pad {
    boxes: Vec<Placed>,
    arrows: Vec<Arrow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Placed {
    name: String,
    x: usize,
    y: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Arrow {
    from: String,
    to: String,
    label: String,
}

/// Why a command was not followed, and what would be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PadError {
    #[error(
        "`{name}` is not a command of the pad; write box NAME [X Y], move NAME X Y, arrow FROM TO [LABEL], label FROM TO LABEL, remove NAME",
        name = given(.0)
    )]
    Unknown(String),
    #[error("there is no box `{name}`; draw it first: box {name}", name = given(.0))]
    NoBox(String),
    #[error("there is no arrow from `{from}` to `{to}`", from = given(.0), to = given(.1))]
    NoArrow(String, String),
    #[error("`{name}` is drawn already; move it: move {name} X Y", name = given(.0))]
    Drawn(String),
    #[error("`{name}` does not fit on the pad, which has {w} columns and {h} rows", name = given(.0), w = SIZE.0, h = SIZE.1)]
    Outside(String),
}

impl Pad {
    pub const fn is_empty(&self) -> bool {
        self.boxes.is_empty()
    }

    /// Follows a command.
    ///
    /// # Errors
    /// When it is not one, or names what is not drawn; the pad stays as it was.
    pub fn command(&mut self, text: &str) -> Result<(), PadError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words[..] {
            ["box", name] => self.draw(name, self.free_place()),
            ["box", name, x, y] => self.draw(name, place(text, x, y)?),
            ["move", name, x, y] => {
                let at = fitting(name, place(text, x, y)?)?;
                let placed = self.find_mut(name)?;
                (placed.x, placed.y) = at;
                Ok(())
            }
            ["arrow", from, to, ref label @ ..] => {
                let (from, to) = (self.find(from)?.name.clone(), self.find(to)?.name.clone());
                self.arrows
                    .retain(|arrow| arrow.from != from || arrow.to != to);
                self.arrows.push(Arrow {
                    from,
                    to,
                    label: label.join(" "),
                });
                Ok(())
            }
            ["label", from, to, ref label @ ..] => {
                let mut arrows = self.arrows.iter_mut();
                let arrow = arrows
                    .find(|arrow| arrow.from == from && arrow.to == to)
                    .ok_or_else(|| PadError::NoArrow(from.to_owned(), to.to_owned()))?;
                arrow.label = label.join(" ");
                Ok(())
            }
            ["remove", name] => {
                let name = self.find(name)?.name.clone();
                self.boxes.retain(|placed| placed.name != name);
                self.arrows
                    .retain(|arrow| arrow.from != name && arrow.to != name);
                Ok(())
            }
            _ => Err(PadError::Unknown(text.trim().to_owned())),
        }
    }

    fn draw(&mut self, name: &str, at: (usize, usize)) -> Result<(), PadError> {
        if self.find(name).is_ok() {
            return Err(PadError::Drawn(name.to_owned()));
        }
        let (x, y) = fitting(name, at)?;
        self.boxes.push(Placed {
            name: cut(name),
            x,
            y,
        });
        Ok(())
    }

    fn find(&self, name: &str) -> Result<&Placed, PadError> {
        let found = self.boxes.iter().find(|placed| placed.name == cut(name));
        found.ok_or_else(|| PadError::NoBox(name.to_owned()))
    }

    fn find_mut(&mut self, name: &str) -> Result<&mut Placed, PadError> {
        let found = self
            .boxes
            .iter_mut()
            .find(|placed| placed.name == cut(name));
        found.ok_or_else(|| PadError::NoBox(name.to_owned()))
    }

    /// The next place of a grid where no box stands.
    fn free_place(&self) -> (usize, usize) {
        let columns = SIZE.0 / STEP.0 + 1;
        let place = |n: usize| (n % columns * STEP.0, n / columns * STEP.1);
        let is_free = |at: &(usize, usize)| {
            let near = |placed: &Placed| {
                placed.x.abs_diff(at.0) < STEP.0 && placed.y.abs_diff(at.1) < BOX_HEIGHT
            };
            !self.boxes.iter().any(near)
        };
        // A box takes four places of the grid at most.
        let places = 4 * self.boxes.len() + 1;
        (0..places).map(place).find(is_free).unwrap_or_default()
    }

    /// The drawing in ASCII, without blanks at the ends of lines.
    pub fn render(&self) -> String {
        let mut cells = vec![vec![' '; SIZE.0]; SIZE.1];
        for arrow in &self.arrows {
            if let (Ok(from), Ok(to)) = (self.find(&arrow.from), self.find(&arrow.to)) {
                connect(from, to, &mut cells);
            }
        }
        for placed in &self.boxes {
            frame(placed, &mut cells);
        }
        let lines: Vec<String> = cells
            .iter()
            .map(|row| row.iter().collect::<String>().trim_end().to_owned())
            .collect();
        let last = lines.iter().rposition(|line| !line.is_empty());
        let mut text = lines[..last.map_or(0, |last| last + 1)].join("\n");
        for arrow in &self.arrows {
            let label = if arrow.label.is_empty() {
                String::new()
            } else {
                format!(": {}", arrow.label)
            };
            // Writing to a string cannot fail.
            let _ = write!(text, "\n{} -> {}{label}", arrow.from, arrow.to);
        }
        text
    }
}

impl Placed {
    fn width(&self) -> usize {
        self.name.chars().count() + 4
    }

    fn middle(&self) -> (usize, usize) {
        (self.x + self.width() / 2, self.y + 1)
    }
}

fn cut(name: &str) -> String {
    name.chars().take(NAME_MAX).collect()
}

fn place(text: &str, x: &str, y: &str) -> Result<(usize, usize), PadError> {
    let unknown = |_| PadError::Unknown(text.trim().to_owned());
    Ok((x.parse().map_err(unknown)?, y.parse().map_err(unknown)?))
}

fn fitting(name: &str, (x, y): (usize, usize)) -> Result<(usize, usize), PadError> {
    let width = name.chars().count().min(NAME_MAX) + 4;
    let fits = x.saturating_add(width) <= SIZE.0 && y.saturating_add(BOX_HEIGHT) <= SIZE.1;
    fits.then_some((x, y))
        .ok_or_else(|| PadError::Outside(name.to_owned()))
}

fn frame(placed: &Placed, cells: &mut [Vec<char>]) {
    let edge = format!("+{}+", "-".repeat(placed.width() - 2));
    for (down, text) in [edge.clone(), format!("| {} |", placed.name), edge]
        .iter()
        .enumerate()
    {
        for (right, sign) in text.chars().enumerate() {
            cells[placed.y + down][placed.x + right] = sign;
        }
    }
}

/// From the middle of one box along its row, then down or up to the other, with a head before it.
fn connect(from: &Placed, to: &Placed, cells: &mut [Vec<char>]) {
    let (start, end) = (from.middle(), to.middle());
    for cell in &mut cells[start.1][start.0.min(end.0)..=start.0.max(end.0)] {
        *cell = '-';
    }
    if start.1 == end.1 {
        let (at, head) = if start.0 < end.0 {
            (to.x.saturating_sub(1), '>')
        } else {
            ((to.x + to.width()).min(SIZE.0 - 1), '<')
        };
        cells[start.1][at] = head;
        return;
    }
    for row in &mut cells[start.1.min(end.1)..=start.1.max(end.1)] {
        row[end.0] = '|';
    }
    cells[start.1][end.0] = '+';
    let (at, head) = if start.1 < end.1 {
        (to.y.saturating_sub(1), 'v')
    } else {
        ((to.y + BOX_HEIGHT).min(SIZE.1 - 1), '^')
    };
    cells[at][end.0] = head;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drawn(commands: &[&str]) -> Pad {
        let mut pad = Pad::default();
        for command in commands {
            pad.command(command).unwrap();
        }
        pad
    }

    #[test]
    fn boxes_are_placed_moved_connected_and_labelled() {
        let pad = drawn(&[
            "box root",
            "box leaf",
            "box log 0 8",
            "arrow root leaf search",
            "arrow root log",
            "label root log changes",
        ]);
        let expected = "\
+------+                  +------+
| root |----------------->| leaf |
+------+                  +------+
   |
   |
   |
   |
   v
+-----+
| log |
+-----+
root -> leaf: search
root -> log: changes";
        let drawing = pad.render();
        assert_eq!(drawing, expected, "\n{drawing}");
    }

    #[test]
    fn what_cannot_be_drawn_says_what_can() {
        let mut pad = drawn(&["box root"]);
        for (command, error) in [
            ("circle x", "not a command"),
            ("arrow root leaf", "draw it first"),
            ("box root", "drawn already"),
            ("box far 90 0", "does not fit"),
            ("move root 0 x", "not a command"),
            ("label root root x", "no arrow"),
        ] {
            let said = pad.command(command).unwrap_err().to_string();
            assert!(said.contains(error), "{command}: {said}");
        }
        pad.command("remove root").unwrap();
        assert!(pad.is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_followed_or_refused_and_the_pad_is_drawn(
            commands in prop::collection::vec("(box|move|arrow|label|remove) [ab] ?[0-9]{0,2} ?[0-9]{0,2}", 0..20)
        ) {
            let mut pad = Pad::default();
            for command in commands {
                let _ = pad.command(&command);
            }
            for line in pad.render().lines() {
                prop_assert!(line.chars().count() <= SIZE.0);
            }
        }
    }
}
