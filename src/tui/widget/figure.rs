//! A live figure: a small running lab within a page. Its caption, the system as bars, the numbers that
//! it is there for, and the knobs that the reader may turn in place.

use super::parts::Parts;
use super::pen::Pen;
use super::picture::{Picture, painter};
use crate::tui::theme::{Role, Theme};
use ddlab_labs::workbench::figure::FigureSpec;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::knob::{KnobSpec, KnobValue};
use ddlab_labs::workbench::scene::SceneKind;
use ddlab_text::clock;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Padding, Widget};
use unicode_width::UnicodeWidthStr;

/// Border above and below, and the row of knobs.
const OTHER_ROWS: u16 = 3;
/// The widest text of a number: `1 004 ms`.
const VALUE_WIDTH: usize = 9;
const PICTURE_MAX: u16 = 52;

#[derive(Clone, Copy)]
pub struct Figure<'a> {
    pub spec: &'a FigureSpec,
    /// The knobs of the lab, and their values in the same order.
    pub knobs: &'a [KnobSpec],
    pub values: &'a [KnobValue],
    /// None until the first frame is there.
    pub frame: Option<&'a Frame>,
    /// Why it cannot run, if it cannot.
    pub trouble: Option<&'a str>,
    pub focused: bool,
    /// Which of `spec.dials` the arrows turn.
    pub dial: usize,
    pub playing: bool,
    pub theme: &'a Theme,
}

/// Rows that a figure takes on a page, whatever the width: as many as its picture needs, or its numbers.
pub fn height(spec: &FigureSpec, kind: SceneKind) -> u16 {
    OTHER_ROWS + painter(kind).small_rows().max(spec.readouts.len() as u16)
}

/// The frame of a figure; what is left inside.
pub(super) fn frame(role: Role, theme: &Theme, area: Rect, buf: &mut Buffer) -> Rect {
    let block = Block::bordered()
        .border_set(theme.symbols.border)
        .border_style(theme.style(role))
        .padding(Padding::horizontal(1));
    let inner = block.inner(area);
    block.render(area, buf);
    inner
}

/// ` live · caption ` on the frame; the pen stands after it.
pub(super) fn title<'a>(
    state: &str,
    caption: &str,
    theme: &Theme,
    area: Rect,
    buf: &'a mut Buffer,
) -> Pen<'a> {
    let caption = format!("{state} {} {caption}", theme.symbols.none);
    let mut pen = Pen::new(area.before(2), buf);
    let room = usize::from(area.width).saturating_sub(6);
    pen.skip(2).put(
        &format!(" {} ", theme.clip(&caption, room)),
        theme.style(Role::Title),
    );
    pen
}

impl Widget for Figure<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        let theme = self.theme;
        let border = if self.focused {
            Role::Accent
        } else {
            Role::Border
        };
        let inner = frame(border, theme, area, buf);
        self.head(area, buf);
        self.foot(area, buf);
        let Some(picture_height) = inner.height.checked_sub(1).filter(|height| *height > 0) else {
            return;
        };
        let trouble = self
            .trouble
            .or(self.frame.and_then(|frame| frame.fault.as_deref()));
        let upper = inner.upper(picture_height);
        match (trouble, self.frame) {
            (Some(trouble), _) => {
                Pen::new(upper, buf)
                    .put(theme.symbols.cross, theme.style(Role::Danger))
                    .skip(1)
                    .put(
                        &theme.clip(trouble, usize::from(upper.width).saturating_sub(2)),
                        theme.style(Role::Danger),
                    );
            }
            (None, None) => {
                Pen::at(upper, picture_height / 2, buf)
                    .put("starting", theme.style(Role::Dim))
                    .put(theme.symbols.ellipsis, theme.style(Role::Dim));
            }
            (None, Some(frame)) => {
                let numbers = self.numbers_width().min(upper.width);
                let picture = upper.before(numbers + 3).first(PICTURE_MAX);
                let small = Picture {
                    frame,
                    selected: None,
                    messages: false,
                    speed: self.spec.speed,
                    theme,
                };
                small.small(picture, buf);
                self.numbers(frame, upper.last(numbers), buf);
            }
        }
        self.dials(inner.last_row(), buf);
    }
}

impl Figure<'_> {
    fn head(&self, area: Rect, buf: &mut Buffer) {
        let theme = self.theme;
        let live = if self.frame.is_some() && self.playing {
            "live"
        } else {
            "still"
        };
        let mut pen = title(live, &self.spec.caption, theme, area, buf);
        if let Some(frame) = self.frame {
            let sign = if self.playing {
                theme.symbols.play
            } else {
                theme.symbols.pause
            };
            let text = format!(" {sign} {} ", clock(frame.now));
            if text.width() + 3 <= usize::from(pen.room()) {
                pen.to(area.width - 2 - text.width() as u16)
                    .put(&text, theme.style(Role::Dim));
            }
        }
    }

    fn foot(&self, area: Rect, buf: &mut Buffer) {
        if !self.focused || area.height < 2 {
            return;
        }
        let theme = self.theme;
        let mut pen = Pen::new(area.before(2).last_row(), buf);
        pen.skip(2);
        let arrows = if theme.is_ascii() {
            "left right"
        } else {
            "← →"
        };
        let pause = if self.playing { "pause" } else { "run" };
        for (key, word) in [("p", pause), (arrows, "turn"), ("enter", "open the lab")] {
            if key.width() + word.width() + 4 > usize::from(pen.room()) {
                break;
            }
            pen.put(&format!(" {key}"), theme.style(Role::Key))
                .put(&format!(" {word} "), theme.style(Role::Dim));
        }
    }

    fn numbers_width(&self) -> u16 {
        let labels = self
            .spec
            .readouts
            .iter()
            .map(|readout| readout.label.width());
        (labels.max().unwrap_or(0) + VALUE_WIDTH + 1) as u16
    }

    /// The numbers right-aligned, their names after them: `63.2 % of requests met a slow leaf`.
    fn numbers(&self, frame: &Frame, area: Rect, buf: &mut Buffer) {
        for (row, readout) in self.spec.readouts.iter().enumerate() {
            Pen::at(area, row as u16, buf)
                .put_right(
                    &readout.show(frame).replace('–', self.theme.no_number()),
                    VALUE_WIDTH,
                    self.theme.style(Role::Strong),
                )
                .skip(1)
                .put(&readout.label, self.theme.style(Role::Dim));
        }
    }

    fn dials(&self, area: Rect, buf: &mut Buffer) {
        let (theme, symbols) = (self.theme, self.theme.symbols);
        let mut pen = Pen::new(area, buf);
        for (nth, dial) in self.spec.dials.iter().enumerate() {
            let Some(at) = self.knobs.iter().position(|knob| knob.name == *dial) else {
                continue;
            };
            let Some(value) = self.values.get(at) else {
                continue;
            };
            let human = self.knobs[at].human(value);
            if dial.width() + human.width() + 3 > usize::from(pen.room()) {
                break;
            }
            let chosen = self.focused && nth == self.dial;
            let (name, arrows, figure) = if chosen {
                (Role::Accent, Role::Accent, Role::Selection)
            } else {
                (Role::Dim, Role::Faint, Role::Text)
            };
            pen.put(dial, theme.style(name))
                .skip(1)
                .put(symbols.left, theme.style(arrows))
                .put(&human, theme.style(figure))
                .put(symbols.right, theme.style(arrows))
                .skip(3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Holds;
    use crate::tui::theme::{Depth, Ground};
    use crate::tui::widget::{fixture, rows_of};

    fn draw(frame: Option<&Frame>, width: u16, focused: bool, ascii: bool) -> Vec<String> {
        let theme = Theme::new(Ground::Dark, Depth::None, ascii);
        let lab = fixture::spec();
        let values = fixture::values();
        let spec = fixture::figure();
        let area = Rect::new(0, 0, width, height(spec, SceneKind::Network));
        let mut buf = Buffer::empty(area);
        Figure {
            spec,
            knobs: &lab.knobs,
            values: &values,
            frame,
            trouble: None,
            focused,
            dial: 0,
            playing: true,
            theme: &theme,
        }
        .render(area, &mut buf);
        rows_of(&buf)
    }

    #[test]
    fn it_has_its_caption_its_numbers_and_its_knob() {
        let text = draw(Some(&fixture::frame(100, 1)), 92, false, false).join("\n");
        text.holds([
            "live · 1 % of a leaf's answers take 1 s",
            "4.8 % of requests met a slow leaf",
            "312 ms p99",
            "fan_out ‹20›",
            "root ─┬",
            "▶ 00:42.310",
        ]);
    }

    #[test]
    fn keys_are_shown_where_the_focus_is() {
        let frame = fixture::frame(20, 2);
        draw(Some(&frame), 92, true, false)
            .join("")
            .holds(["enter open the lab"]);
        draw(Some(&frame), 92, false, false)
            .join("")
            .lacks(["enter"]);
    }

    #[test]
    fn before_the_first_frame_it_says_that_it_starts() {
        let text = draw(None, 60, false, true).join("\n");
        text.holds(["starting", "still"]);
        assert!(text.is_ascii());
    }

    #[test]
    fn every_width_is_survived() {
        for frame in [
            fixture::frame(2, 1),
            fixture::frame(20, 2),
            fixture::frame(1000, 5),
        ] {
            for width in 0..70 {
                draw(Some(&frame), width, true, false);
            }
        }
    }
}
